package convert

import (
	"math"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// BatchStatus is a word of the REST API for how far a batch is.
type BatchStatus string

// The words for batches.
const (
	BatchQueued              BatchStatus = "queued"
	BatchProcessing          BatchStatus = "processing"
	BatchCompleted           BatchStatus = "completed"
	BatchCompletedWithErrors BatchStatus = "completed_with_errors"
	BatchFailed              BatchStatus = "failed"
)

// BatchDetail is a batch with its jobs.
type BatchDetail struct {
	BatchID     string         `json:"batch_id"`
	Status      BatchStatus    `json:"status" enum:"queued,processing,completed,completed_with_errors,failed"`
	TotalJobs   int            `json:"total_jobs"`
	Counts      map[Status]int `json:"counts" doc:"Number of jobs by status; every status has an entry."`
	Progress    Progress       `json:"progress" doc:"Segments of all jobs."`
	QAScore     *float64       `json:"qa_score" doc:"Mean score of the jobs that have one, weighted by words."`
	WordCount   int64          `json:"word_count"`
	BilledWords int64          `json:"billed_words"`
	CostEUR     float64        `json:"cost_eur"`
	CreatedAt   string         `json:"created_at" format:"date-time"`
	CompletedAt *string        `json:"completed_at" format:"date-time"`
	Jobs        []ListItem     `json:"jobs" nullable:"false"`
}

// NewBatchDetail sums up a batch over its jobs, which stand in the order of items
// and languages. Jobs that are still to be made count as queued; once the batch has
// ended without them they count as failed.
func NewBatchDetail(batch *v1alpha1.TranslationBatch, jobs []*v1alpha1.TranslationJob) BatchDetail {
	total := len(batch.Spec.Items) * len(batch.Spec.TargetLanguages)
	out := BatchDetail{
		BatchID:   string(batch.UID),
		TotalJobs: total,
		Counts:    map[Status]int{},
		CreatedAt: timestamp(batch.CreationTimestamp.Time),
		Jobs:      make([]ListItem, 0, len(jobs)),
	}
	for _, word := range Statuses() {
		out.Counts[word] = 0
	}
	var sums totals
	for _, job := range jobs {
		item := NewListItem(job)
		out.Jobs = append(out.Jobs, item)
		out.Counts[item.Status]++
		sums.add(job)
	}
	missing := max(0, total-len(jobs))
	if BatchEnded(batch) {
		out.Counts[StatusFailed] += missing
	} else {
		out.Counts[StatusQueued] += missing
	}
	out.Progress, out.WordCount, out.BilledWords = sums.progress, sums.words, sums.billed
	out.CostEUR = float64(sums.microEUR) / 1e6
	out.QAScore = sums.score()
	out.Status = batchStatus(out.Counts, total)
	if out.Counts[StatusQueued]+out.Counts[StatusProcessing] == 0 && !sums.lastEnd.IsZero() {
		end := timestamp(sums.lastEnd)
		out.CompletedAt = &end
	}
	return out
}

// BatchEnded says whether the batch has ended, whatever the outcome.
func BatchEnded(batch *v1alpha1.TranslationBatch) bool {
	return batch.Status.ObservedGeneration == batch.Generation &&
		trueCondition(batch.Status.Conditions, v1alpha1.FinishedCondition) != nil
}

// BatchRepeatable says whether the batch ended without anything to show for it, so
// that the same request may be made again. The jobs are all that exist.
func BatchRepeatable(batch *v1alpha1.TranslationBatch, jobs []*v1alpha1.TranslationJob) bool {
	return batch.DeletionTimestamp != nil || NewBatchDetail(batch, jobs).Status == BatchFailed
}

func batchStatus(counts map[Status]int, total int) BatchStatus {
	open := counts[StatusQueued] + counts[StatusProcessing]
	switch {
	case open == total:
		if counts[StatusProcessing] > 0 {
			return BatchProcessing
		}
		return BatchQueued
	case open > 0:
		return BatchProcessing
	case counts[StatusCompleted] == total:
		return BatchCompleted
	case counts[StatusFailed]+counts[StatusDead] == total:
		return BatchFailed
	default:
		return BatchCompletedWithErrors
	}
}

// totals sums what jobs have in numbers.
type totals struct {
	progress      Progress
	words, billed int64
	// microEUR is money in millionths of a euro, the API's finest unit: a sum of
	// floating-point numbers would drift.
	microEUR int64
	// scored sums score times words, over scoredWords.
	scored, scoredWords float64
	lastEnd             time.Time
}

func (t *totals) add(job *v1alpha1.TranslationJob) {
	p := progress(job.Status.Progress)
	t.progress.Total += p.Total
	t.progress.Done += p.Done
	t.progress.FromMemory += p.FromMemory
	t.progress.Blocked += p.Blocked
	t.progress.Failed += p.Failed
	t.progress.Pending += p.Pending
	words := valueOf(job.Status.WordCount)
	t.words += int64(words)
	t.billed += int64(valueOf(job.Status.BilledWords))
	if cost := number(job.Status.Cost); cost != nil {
		t.microEUR += int64(math.Round(*cost * 1e6))
	}
	if score := number(job.Status.QAScore); score != nil {
		weight := float64(max(1, words))
		t.scored += *score * weight
		t.scoredWords += weight
	}
	if end := job.Status.CompletedAt; end != nil && end.After(t.lastEnd) {
		t.lastEnd = end.Time
	}
}

// score returns the weighted mean with one decimal, rounded half up; nil for none.
func (t *totals) score() *float64 {
	if t.scoredWords == 0 {
		return nil
	}
	mean := math.Floor(t.scored/t.scoredWords*10+0.5) / 10
	return &mean
}
