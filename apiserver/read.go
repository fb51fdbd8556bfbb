package apiserver

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/danielgtaylor/huma/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/explain"
)

// maxWait bounds how long a caller may wait for the end of a job.
const maxWait = 60 * time.Second

// jobList is a page of jobs.
type jobList struct {
	Data       []convert.ListItem `json:"data" nullable:"false"`
	Pagination pagination         `json:"pagination"`
}

type pagination struct {
	Cursor  *string `json:"cursor" doc:"Where the next page begins; null on the last page. Hand it back as it is."`
	HasMore bool    `json:"has_more"`
}

func listParameters() []*huma.Param {
	words := func(values ...any) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Enum: values} }
	text := &huma.Schema{Type: huma.TypeString}
	statuses := make([]any, 0, len(convert.Statuses()))
	for _, word := range convert.Statuses() {
		statuses = append(statuses, string(word))
	}
	return []*huma.Param{
		queryParameter("limit", "Jobs a page.", &huma.Schema{Type: huma.TypeInteger, Minimum: ptr.To(1.0), Maximum: ptr.To(100.0), Default: 20}),
		queryParameter("cursor", "The cursor of the page before.", text),
		queryParameter("status", "Only jobs of this status.", words(statuses...)),
		queryParameter("project_name", "Only jobs of this project, by its exact name.", text),
		queryParameter("mode", "Only jobs of this mode.", words("translation", "creation")),
		queryParameter("source_lang", "Only jobs from this language.", text),
		queryParameter("target_lang", "Only jobs into this language.", text),
		queryParameter("batch_id", "Only jobs of this batch.", text),
		queryParameter("archived", "Archived jobs alone (true), the others (false), or both (all).", &huma.Schema{
			Type: huma.TypeString, Enum: []any{"true", "false", "all"}, Default: "false",
		}),
	}
}

// listJobs answers GET /v1/jobs.
func (s *Server) listJobs(c *call) (any, error) {
	query, err := convert.ReadQuery(c.request.URL.Query())
	if err != nil {
		return nil, err
	}
	var after *position
	if query.Cursor != "" {
		at, ok := decodeCursor(query.Cursor)
		if !ok {
			return nil, convert.BadCursor()
		}
		after = &at
	}
	jobs, next := s.jobs.page(c.account, after, query.Limit, query.Matches)
	out := jobList{Data: make([]convert.ListItem, 0, len(jobs))}
	for _, job := range jobs {
		out.Data = append(out.Data, convert.NewListItem(job))
	}
	if next != nil {
		out.Pagination = pagination{Cursor: ptr.To(encodeCursor(*next)), HasMore: true}
	}
	return out, nil
}

// uidForm is what ids look like. Others are unknown without a look.
var uidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// findJob returns the job that the address names, without its texts. An id that is
// not known is waited for, a moment: another replica may just have made the job.
func (s *Server) findJob(c *call) (*v1alpha1.TranslationJob, error) {
	id := c.request.PathValue("job_id")
	job, ok := find(c, s.jobs.shelf, c.account, id, s.Limits.LookupWait)
	if !ok || job.DeletionTimestamp != nil {
		return nil, jobNotFound()
	}
	return job, nil
}

func find[T client.Object](ctx context.Context, shelf *shelf[T], account, id string, wait time.Duration) (T, bool) {
	if !uidForm.MatchString(id) {
		var none T
		return none, false
	}
	if object, ok := shelf.get(account, types.UID(id)); ok {
		return object, true
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	object, _, ok := shelf.await(ctx, account, types.UID(id), func(T) bool { return true })
	return object, ok
}

// getJob answers GET /v1/jobs/{job_id}.
func (s *Server) getJob(c *call) (any, error) {
	job, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	var stored []v1alpha1.SegmentStatus
	if convert.Ended(job) {
		// Of jobs that have ended little is kept here.
		if job, err = s.wholeJob(c, job); err != nil {
			return nil, err
		}
	}
	if convert.Ended(job) && !convert.HoldsSegments(job) {
		result, err := s.storedResult(c, job)
		if err != nil {
			return nil, err
		}
		if result != nil {
			stored = result.Segments
		}
	}
	detail := convert.NewDetail(job, stored)
	if convert.Unbegun(job) {
		detail.Queue = ptr.To(convert.NewQueue(job, s.jobs.place(job)))
	}
	return detail, nil
}

// getSegment answers GET /v1/jobs/{job_id}/segments/{segment_id}.
func (s *Server) getSegment(c *call) (any, error) {
	job, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	if convert.Ended(job) {
		if job, err = s.wholeJob(c, job); err != nil {
			return nil, err
		}
	}
	stored, err := s.storedResult(c, job)
	if err != nil {
		return nil, err
	}
	id, isNumber := convert.ReadSegmentID(c.request.PathValue("segment_id"))
	explanation, known := explain.Segment(job, stored, id)
	switch {
	case isNumber && known:
		return convert.NewExplanation(job, explanation), nil
	case convert.Ended(job):
		return nil, problem(http.StatusNotFound, "Segment not found; the segments of the job count from 1 to %d.", convert.CountSegments(job))
	default:
		return nil, problem(http.StatusNotFound, "Segment not found; a job shows its segments once it is at work, and one of more than 50 when it has ended.")
	}
}

// wholeJob reads a job with its texts and result.
func (s *Server) wholeJob(c *call, lean *v1alpha1.TranslationJob) (*v1alpha1.TranslationJob, error) {
	whole, err := s.readJob(c, lean.Name)
	if apierrors.IsNotFound(err) || err == nil && whole.UID != lean.UID {
		return nil, jobNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read a job: %w", err)
	}
	return whole, nil
}

// storedResult reads the result of a job that is in a payload; nil when it is in
// the object.
func (s *Server) storedResult(c *call, job *v1alpha1.TranslationJob) (*document.Result, error) {
	if job.Status.Result == nil || job.Status.Result.PayloadRef == nil {
		return nil, nil
	}
	data, err := s.Payloads.Open(c, job.Namespace, *job.Status.Result.PayloadRef)
	if err != nil {
		return nil, fmt.Errorf("read the result of a job: %w", err)
	}
	result, err := document.UnmarshalResult(data)
	if err != nil {
		return nil, fmt.Errorf("read the result of a job: %w", err)
	}
	return &result, nil
}

// getResult answers GET /v1/jobs/{job_id}/result.
func (s *Server) getResult(c *call) (any, error) {
	wait, err := convert.ReadWait(c.request.URL.Query().Get("wait"), maxWait)
	if err != nil {
		return nil, err
	}
	job, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	if wait > 0 && !convert.Ended(job) {
		if job, err = s.awaitEnd(c, job, wait); err != nil {
			return nil, err
		}
	}
	if !convert.Ended(job) {
		return nil, notEnded(job)
	}
	if job, err = s.wholeJob(c, job); err != nil {
		return nil, err
	}
	if !convert.Ended(job) {
		return nil, notEnded(job)
	}
	stored, err := s.storedResult(c, job)
	if err != nil {
		return nil, err
	}
	metadata, err := s.itemMetadata(c, job)
	if err != nil {
		return nil, err
	}
	sent, err := s.sentTexts(c, job)
	if err != nil {
		return nil, err
	}
	return convert.NewResult(job, sent, stored, metadata), nil
}

// sentTexts returns the texts of a job with their metadata; nil for a job of one
// text.
func (s *Server) sentTexts(c *call, job *v1alpha1.TranslationJob) ([]v1alpha1.TextItem, error) {
	var data []byte
	if source := job.Spec.Source; convert.ListInPayload(source) {
		var err error
		if data, err = s.Payloads.Open(c, job.Namespace, source.Payload.Ref); err != nil {
			return nil, fmt.Errorf("read the source of a job: %w", err)
		}
	}
	return convert.SourceTexts(job.Spec.Source, data)
}

func (s *Server) awaitEnd(c *call, job *v1alpha1.TranslationJob, wait time.Duration) (*v1alpha1.TranslationJob, error) {
	ctx, cancel := context.WithTimeout(c, wait)
	defer cancel()
	latest, known, _ := s.jobs.await(ctx, c.account, job.UID, convert.Ended)
	if !known {
		return nil, jobNotFound()
	}
	return latest, nil
}

func notEnded(job *v1alpha1.TranslationJob) *Problem {
	out := problem(http.StatusConflict, "The job has not ended yet; its status is %s.", convert.StatusOf(job))
	out.JobID, out.Status = string(job.UID), convert.StatusOf(job)
	return out
}

// itemMetadata returns what a batch-content request said of the item a job was made
// for; nil for nothing. It stands in the batch alone, which is not read when it is
// known to have none.
func (s *Server) itemMetadata(c *call, job *v1alpha1.TranslationJob) (*v1alpha1.Metadata, error) {
	uid, item := types.UID(convert.BatchUID(job)), itemOf(job)
	if uid == "" || item < 0 {
		return nil, nil
	}
	if lean, known := s.batches.get(c.account, uid); known && (item >= len(lean.Spec.Items) || lean.Spec.Items[item].Metadata == nil) {
		return nil, nil
	}
	batch := &v1alpha1.TranslationBatch{}
	err := s.Reader.Get(c, client.ObjectKey{Namespace: c.account, Name: convert.BatchName(job)}, batch)
	switch {
	case apierrors.IsNotFound(err), err == nil && (batch.UID != uid || item >= len(batch.Spec.Items)):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the batch of a job: %w", err)
	}
	return batch.Spec.Items[item].Metadata, nil
}

// getBatch answers GET /v1/jobs/batch/{batch_id}.
func (s *Server) getBatch(c *call) (any, error) {
	batch, ok := find(c, s.batches, c.account, c.request.PathValue("batch_id"), s.Limits.LookupWait)
	if !ok || batch.DeletionTimestamp != nil {
		return nil, problem(http.StatusNotFound, "Batch not found.")
	}
	return convert.NewBatchDetail(batch, s.jobs.batch(batch)), nil
}
