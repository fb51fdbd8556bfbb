package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
)

// Result is what a job that has ended delivers.
type Result struct {
	JobID          string          `json:"job_id"`
	Status         Status          `json:"status"`
	Translation    Translation     `json:"translation" doc:"A string for text; a list of strings for texts; a list of objects with text and metadata when any of texts had metadata. What has no translation is null."`
	TranslatedText Translation     `json:"translated_text" doc:"The same as translation."`
	QAScore        *float64        `json:"qa_score"`
	WordCount      WordCount       `json:"word_count"`
	BilledWords    int32           `json:"billed_words"`
	DeliveryNotes  []DeliveryNote  `json:"delivery_notes" nullable:"false" doc:"What QA and the source review found."`
	Warning        *string         `json:"warning" doc:"Why the translation should not be used unseen; null when there is no reason."`
	ItemMetadata   json.RawMessage `json:"item_metadata,omitempty" doc:"Metadata of the item; only for jobs of batch-content whose item had any."`
}

// WordCount counts words by Unicode word boundaries, and Chinese, Japanese, Korean
// and Thai by character.
type WordCount struct {
	Source int32 `json:"source"`
	Target int32 `json:"target"`
}

// DeliveryNote is a finding.
type DeliveryNote struct {
	Type      string `json:"type" doc:"Kind of finding." example:"number"`
	SegmentID int32  `json:"segment_id"`
	Message   string `json:"message"`
}

// TransformSchema lists the types.
func (DeliveryNote) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	return withNoteTypes(schema)
}

// Translation is a text, a list of texts, or a list of texts with metadata.
type Translation struct {
	text  *string
	texts []translatedItem
	// list and metadata say which of the three it is.
	list, metadata bool
}

type translatedItem struct {
	Text     *string         `json:"text"`
	Metadata json.RawMessage `json:"metadata"`
}

// MarshalJSON writes the one of the three that it is.
func (t Translation) MarshalJSON() ([]byte, error) {
	switch {
	case !t.list:
		return plainJSON(t.text)
	case t.metadata:
		return plainJSON(t.texts)
	}
	texts := make([]*string, len(t.texts))
	for i, item := range t.texts {
		texts[i] = item.Text
	}
	return plainJSON(texts)
}

// plainJSON writes a value with its markup as it is: json.Marshal would write
// <b> as \u003cb\u003e.
func plainJSON(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Schema describes the union.
func (Translation) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: huma.TypeString, Nullable: true}
	item := &huma.Schema{
		Type:       huma.TypeObject,
		Properties: map[string]*huma.Schema{"text": text, "metadata": {Description: "Metadata of the text as it was sent; null for none."}},
		Required:   []string{"text", "metadata"},
	}
	// An empty list would be both of the lists, so it is any of the three, not one.
	return &huma.Schema{AnyOf: []*huma.Schema{text, {Type: huma.TypeArray, Items: text}, {Type: huma.TypeArray, Items: item}}}
}

// NewResult returns the result of a job that has ended. The job must be whole, with
// its result; sent are its texts, as SourceTexts returns them, and stored is the
// content of its payload when it has one. Item metadata comes from the batch.
func NewResult(job *v1alpha1.TranslationJob, sent []v1alpha1.TextItem, stored *document.Result, itemMetadata *v1alpha1.Metadata) Result {
	whole := gather(job, stored)
	translation := newTranslation(sent, whole.Translation)
	out := Result{
		JobID:          string(job.UID),
		Status:         StatusOf(job),
		Translation:    translation,
		TranslatedText: translation,
		QAScore:        number(job.Status.QAScore),
		WordCount:      WordCount{Source: valueOf(job.Status.WordCount), Target: whole.WordCount},
		BilledWords:    valueOf(job.Status.BilledWords),
		DeliveryNotes:  make([]DeliveryNote, 0, len(whole.Findings)),
		Warning:        warningOf(job),
	}
	for _, finding := range whole.Findings {
		out.DeliveryNotes = append(out.DeliveryNotes, DeliveryNote{Type: finding.Type, SegmentID: finding.Segment, Message: finding.Message})
	}
	if itemMetadata != nil {
		out.ItemMetadata = itemMetadata.Raw
	}
	return out
}

// gather makes one value of a result that is in the object or in a payload.
func gather(job *v1alpha1.TranslationJob, stored *document.Result) document.Result {
	if stored != nil {
		return *stored
	}
	inline := job.Status.Result
	if inline == nil {
		return document.Result{}
	}
	out := document.Result{Findings: inline.Findings, WordCount: inline.WordCount}
	out.Text = inline.Text
	for _, item := range inline.Texts {
		out.Texts = append(out.Texts, item.Text)
	}
	return out
}

// newTranslation gives the translation the shape of the source: a list has as many
// entries as were sent, whatever was finished. Nil is a source that is no list.
func newTranslation(sent []v1alpha1.TextItem, done document.Translation) Translation {
	if sent == nil {
		return Translation{text: done.Text}
	}
	out := Translation{list: true, texts: make([]translatedItem, len(sent))}
	out.metadata = slices.ContainsFunc(sent, func(item v1alpha1.TextItem) bool { return item.Metadata != nil })
	for i, item := range sent {
		if i < len(done.Texts) {
			out.texts[i].Text = done.Texts[i]
		}
		if item.Metadata != nil {
			out.texts[i].Metadata = item.Metadata.Raw
		}
	}
	return out
}

func valueOf(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}

// warningOf says in one sentence why the result should not be used unseen.
func warningOf(job *v1alpha1.TranslationJob) *string {
	finished := finishedCondition(job)
	if finished == nil {
		return nil
	}
	var opening string
	switch finished.Reason {
	case v1alpha1.CompletedReason:
		return nil
	case v1alpha1.CompletedWithBlocksReason:
		opening = "Part of the text is not translated"
	case v1alpha1.NeedsReviewReason:
		opening = "The best candidate is delivered and a person should see it"
	case v1alpha1.DeadReason:
		opening = "The job was given up" + finishedShare(job)
	case v1alpha1.CancelledReason:
		opening = "The job was cancelled" + finishedShare(job)
	default:
		opening = "The job failed" + finishedShare(job)
	}
	sentence := opening + "."
	if finished.Message != "" {
		sentence = opening + ": " + strings.TrimRight(finished.Message, ".") + "."
	}
	return &sentence
}

// finishedShare says how much of a job that did not succeed is there.
func finishedShare(job *v1alpha1.TranslationJob) string {
	p := job.Status.Progress
	if p == nil || p.Total == 0 {
		return ", nothing was translated"
	}
	return fmt.Sprintf(", %d of %d segments are translated", p.Done, p.Total)
}
