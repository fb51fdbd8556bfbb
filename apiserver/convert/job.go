package convert

import (
	"encoding/json"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Created answers a request with one target language. It has these two keys and no
// others: clients tell a batch by the presence of batch_id.
type Created struct {
	JobID  string `json:"job_id" doc:"Id of the job." example:"550e8400-e29b-41d4-a716-446655440000"`
	Status Status `json:"status" doc:"Status of the job." example:"queued"`
}

// BatchCreated answers a request with a list.
type BatchCreated struct {
	BatchID   string       `json:"batch_id" doc:"Id of the batch."`
	Jobs      []BatchedJob `json:"jobs" nullable:"false" doc:"One job an item and language, in the order of the request."`
	TotalJobs int          `json:"total_jobs"`
	Errors    []ItemError  `json:"errors,omitempty" nullable:"false" doc:"Items of batch-content that were left out."`
}

// BatchedJob is a job in BatchCreated.
type BatchedJob struct {
	JobID          string          `json:"job_id"`
	TargetLang     string          `json:"target_lang"`
	TargetLanguage string          `json:"target_language" doc:"The same as target_lang."`
	Status         Status          `json:"status"`
	Index          *int            `json:"index,omitempty" doc:"Place of the item in a batch-content request, from 0."`
	Metadata       json.RawMessage `json:"metadata,omitempty" doc:"Metadata of the item in a batch-content request; null for none."`
}

// ListItem is a job in a list.
type ListItem struct {
	JobID       string   `json:"job_id"`
	BatchID     *string  `json:"batch_id" doc:"Id of the batch; null for a single job."`
	Status      Status   `json:"status"`
	Mode        string   `json:"mode" enum:"translation,creation"`
	SourceLang  string   `json:"source_lang"`
	TargetLang  string   `json:"target_lang"`
	Quality     string   `json:"quality" enum:"standard,premium"`
	ProjectName *string  `json:"project_name"`
	WordCount   *int32   `json:"word_count" doc:"Words of the source; null until they are counted."`
	BilledWords *int32   `json:"billed_words" doc:"Source words of the segments that were translated, times 1 (standard) or 1.5 (premium), rounded half up; null until they are counted."`
	QAScore     *float64 `json:"qa_score" doc:"0 to 100; null until there is one."`
	IsFileJob   bool     `json:"is_file_job"`
	Archived    bool     `json:"archived"`
	CreatedAt   string   `json:"created_at" format:"date-time"`
	CompletedAt *string  `json:"completed_at" format:"date-time"`
}

// NewListItem returns a job as it stands in a list.
func NewListItem(job *v1alpha1.TranslationJob) ListItem {
	item := ListItem{
		JobID:       string(job.UID),
		BatchID:     batchID(job),
		Status:      StatusOf(job),
		Mode:        modeWord(job.Spec.Mode),
		SourceLang:  string(job.Spec.SourceLanguage),
		TargetLang:  string(job.Spec.TargetLanguage),
		Quality:     qualityWord(job.Spec.Quality),
		WordCount:   job.Status.WordCount,
		BilledWords: job.Status.BilledWords,
		QAScore:     number(job.Status.QAScore),
		IsFileJob:   job.Spec.Source.File != nil,
		Archived:    Archived(job),
		CreatedAt:   timestamp(job.CreationTimestamp.Time),
	}
	if job.Spec.ProjectName != "" {
		item.ProjectName = &job.Spec.ProjectName
	}
	if Ended(job) {
		item.CompletedAt = optionalTime(job.Status.CompletedAt)
	}
	return item
}

// Archived says whether the list hides the job by default.
func Archived(job *v1alpha1.TranslationJob) bool { return job.Labels[v1alpha1.ArchivedLabel] == "true" }

// BatchUID returns the id of the batch that owns the job, or "".
func BatchUID(job *v1alpha1.TranslationJob) string {
	if owner := batchOwner(job); owner != nil {
		return string(owner.UID)
	}
	return ""
}

// BatchName returns the name of the batch that owns the job, or "".
func BatchName(job *v1alpha1.TranslationJob) string {
	if owner := batchOwner(job); owner != nil {
		return owner.Name
	}
	return ""
}

func batchOwner(job *v1alpha1.TranslationJob) *metav1.OwnerReference {
	owner := metav1.GetControllerOfNoCopy(job)
	if owner == nil || owner.Kind != "TranslationBatch" {
		return nil
	}
	return owner
}

func batchID(job *v1alpha1.TranslationJob) *string {
	if uid := BatchUID(job); uid != "" {
		return &uid
	}
	return nil
}

func modeWord(mode v1alpha1.Mode) string {
	if mode == v1alpha1.CreationMode {
		return "creation"
	}
	return "translation"
}

func qualityWord(quality v1alpha1.Quality) string {
	if quality == v1alpha1.PremiumQuality {
		return "premium"
	}
	return "standard"
}

// Detail is a job with everything but its texts.
type Detail struct {
	ListItem

	CurrentStep         *string    `json:"current_step" doc:"Step of the pipeline: supervisor, source_review, translator, qa or finalizing; null when the job is queued or has ended."`
	SourceReviewEnabled bool       `json:"source_review_enabled"`
	CostEUR             *float64   `json:"cost_eur" doc:"Cost so far in euro; 0 for engines without prices."`
	PlannedMaxCostEUR   *float64   `json:"planned_max_cost_eur" doc:"The most the job can cost, in euro, announced before the first call; null until then."`
	MaxCostEUR          *float64   `json:"max_cost_eur" doc:"The most the job may cost, in euro; null for no bound of its own."`
	Queue               *Queue     `json:"queue,omitempty" doc:"Why the job has not begun, and its place in line; only there while it waits."`
	TokenUsage          TokenUsage `json:"token_usage"`
	Segments            []Segment  `json:"segments" nullable:"false" doc:"What became of each segment. A job with more than 50 segments shows them when it has ended."`
	Progress            Progress   `json:"progress"`
	Judge               *Judge     `json:"judge,omitempty" doc:"Who rated the translations, and how many; only for jobs that asked for it."`
	SelfTest            []Caught   `json:"self_test,omitempty" doc:"What the checks caught of planted errors, by kind of error; only for jobs that asked for it."`
	Provider            *Provider  `json:"provider" doc:"The engine that does or did the work; null until one is chosen."`
	StartedAt           *string    `json:"started_at" format:"date-time"`
	Error               *JobError  `json:"error" doc:"Why the job failed; null for one that did not."`
}

// TransformSchema says that some values may be null, which a reference alone cannot
// say.
func (Detail) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	return orNull(schema, "provider", "error")
}

// orNull says that properties may be null as well.
func orNull(schema *huma.Schema, names ...string) *huma.Schema {
	for _, name := range names {
		value := schema.Properties[name]
		schema.Properties[name] = &huma.Schema{
			Description: value.Description,
			AnyOf:       []*huma.Schema{{Ref: value.Ref}, {Type: "null"}},
		}
	}
	return schema
}

// TokenUsage counts what a language model read and wrote, in two spellings.
type TokenUsage struct {
	Input        int64 `json:"input"`
	Output       int64 `json:"output"`
	InputTokens  int64 `json:"input_tokens" doc:"The same as input."`
	OutputTokens int64 `json:"output_tokens" doc:"The same as output."`
}

// Segment is what became of one segment.
type Segment struct {
	ID         int32    `json:"id" doc:"Counts from 1."`
	Status     string   `json:"status" enum:"pending,processing,completed,blocked,needs_review,failed"`
	QAScore    *float64 `json:"qa_score"`
	RetryCount int32    `json:"retry_count" doc:"Corrections that QA asked for."`
	Error      *string  `json:"error"`
}

// Progress counts segments: total = done + blocked + failed + pending.
type Progress struct {
	Total      int32 `json:"total"`
	Done       int32 `json:"done"`
	FromMemory int32 `json:"from_memory" doc:"Those of done that were not bought from the engine."`
	Blocked    int32 `json:"blocked"`
	Failed     int32 `json:"failed"`
	Pending    int32 `json:"pending"`
}

// Judge is a language model that rated translations.
type Judge struct {
	Model         string `json:"model"`
	PromptVersion string `json:"prompt_version" example:"rate/1"`
	Segments      int32  `json:"segments" doc:"Translations that were rated."`
}

// Caught is how many of the planted errors of a kind the checks found.
type Caught struct {
	Fault   string `json:"fault" example:"number"`
	Planted int32  `json:"planted"`
	Caught  int32  `json:"caught"`
}

// Provider names an engine.
type Provider struct {
	Name  string  `json:"name"`
	Kind  string  `json:"kind" enum:"TranslationProvider,ClusterTranslationProvider"`
	Type  string  `json:"type" example:"Apertium"`
	Model *string `json:"model"`
}

// NewDetail returns a job with everything but its texts. The segments are those of
// a payload when the job's status does not hold them.
func NewDetail(job *v1alpha1.TranslationJob, stored []v1alpha1.SegmentStatus) Detail {
	status := job.Status
	segments := status.Segments
	if len(segments) == 0 {
		segments = stored
	}
	detail := Detail{
		ListItem:            NewListItem(job),
		CurrentStep:         stepOf(job),
		SourceReviewEnabled: effectiveReview(job.Spec.JobOptions) == v1alpha1.SourceReviewAlways,
		CostEUR:             costOf(job),
		PlannedMaxCostEUR:   number(status.PlannedMaxCost),
		MaxCostEUR:          number(job.Spec.MaxCost),
		Segments:            make([]Segment, 0, len(segments)),
		StartedAt:           optionalTime(status.StartedAt),
		Error:               errorOf(job),
		Progress:            progress(status.Progress),
	}
	if usage := status.TokenUsage; usage != nil {
		detail.TokenUsage = TokenUsage{Input: usage.Input, Output: usage.Output, InputTokens: usage.Input, OutputTokens: usage.Output}
	}
	if by := status.Judge; by != nil {
		detail.Judge = &Judge{Model: by.Model, PromptVersion: by.Prompt, Segments: by.Segments}
	}
	for _, c := range status.SelfTest {
		detail.SelfTest = append(detail.SelfTest, Caught{Fault: c.Fault, Planted: c.Planted, Caught: c.Caught})
	}
	for _, segment := range segments {
		detail.Segments = append(detail.Segments, newSegment(segment))
	}
	if status.Provider != nil {
		detail.Provider = newProvider(status.Provider)
	}
	return detail
}

func newProvider(used *v1alpha1.ProviderStatusReference) *Provider {
	out := &Provider{Name: string(used.Name), Kind: string(used.Kind), Type: string(used.Type)}
	if used.Model != "" {
		out.Model = &used.Model
	}
	return out
}

// HoldsSegments says whether the status has the segments, or has none to show.
func HoldsSegments(job *v1alpha1.TranslationJob) bool {
	return len(job.Status.Segments) > 0 || job.Status.Progress == nil || job.Status.Progress.Total == 0
}

// costOf returns the cost; 0 for a job that ended without any.
func costOf(job *v1alpha1.TranslationJob) *float64 {
	cost := number(job.Status.Cost)
	if cost == nil && Ended(job) {
		cost = new(float64)
	}
	return cost
}

func newSegment(segment v1alpha1.SegmentStatus) Segment {
	out := Segment{
		ID:         segment.ID,
		Status:     snake(string(segment.State)),
		QAScore:    number(segment.QAScore),
		RetryCount: segment.RetryCount,
	}
	if segment.Error != "" {
		out.Error = &segment.Error
	}
	return out
}

func progress(p *v1alpha1.Progress) Progress {
	if p == nil {
		return Progress{}
	}
	return Progress{Total: p.Total, Done: p.Done, FromMemory: p.FromMemory, Blocked: p.Blocked, Failed: p.Failed, Pending: p.Pending}
}

// NewBatchCreated returns the answer for a created batch. The jobs are in the order
// of items and languages; a job that is not there yet has no place.
func NewBatchCreated(batch *v1alpha1.TranslationBatch, jobs []*v1alpha1.TranslationJob) BatchCreated {
	out := BatchCreated{BatchID: string(batch.UID), Jobs: make([]BatchedJob, 0, len(jobs)), TotalJobs: len(jobs)}
	for _, job := range jobs {
		out.Jobs = append(out.Jobs, BatchedJob{
			JobID:          string(job.UID),
			TargetLang:     string(job.Spec.TargetLanguage),
			TargetLanguage: string(job.Spec.TargetLanguage),
			Status:         StatusOf(job),
		})
	}
	return out
}

// WithContent adds what a batch-content request said of each item. The items are those
// that the jobs were made for, by their places in the batch.
func (c BatchCreated) WithContent(brief ContentBrief, items []int) BatchCreated {
	c.Jobs = slices.Clone(c.Jobs)
	for i := range c.Jobs {
		c.Jobs[i].Index, c.Jobs[i].Metadata = brief.said(items[i])
	}
	c.Errors = brief.Errors
	return c
}

// said returns the place of an item in the request, and its metadata.
func (b ContentBrief) said(item int) (*int, json.RawMessage) {
	if item < 0 || item >= len(b.Items) {
		return nil, nil
	}
	if metadata := b.Items[item].Metadata; metadata != nil {
		return &b.Places[item], metadata.Raw
	}
	return &b.Places[item], json.RawMessage("null")
}
