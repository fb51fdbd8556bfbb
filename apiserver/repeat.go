package apiserver

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

// carriedOut is what an Idempotency-Key has made before: a job, or a batch with its jobs.
type carriedOut struct {
	job   *v1alpha1.TranslationJob
	batch *v1alpha1.TranslationBatch
	jobs  []*v1alpha1.TranslationJob
}

// answer is the answer that the first request got; nil for nothing made.
func (m *carriedOut) answer() any {
	switch {
	case m == nil:
		return nil
	case m.job != nil:
		return convert.Created{JobID: string(m.job.UID), Status: convert.StatusQueued}
	default:
		return convert.NewBatchCreated(m.batch, m.jobs)
	}
}

// contentAnswer is the answer to a request with items, which also says what each job is
// of and what was left out.
func (m *carriedOut) contentAnswer(sent convert.ContentBrief) any {
	if m == nil || m.batch == nil {
		return m.answer()
	}
	created := convert.NewBatchCreated(m.batch, m.jobs)
	brief, ok := itemsOf(m.batch, sent)
	if !ok {
		return created
	}
	items := make([]int, len(m.jobs))
	for i, job := range m.jobs {
		items[i] = itemOf(job)
	}
	return created.WithContent(brief, items)
}

// madeBefore returns what the Idempotency-Key of a request has made; nil for nothing.
// The request is then answered as before, whatever it would come to now: since then a
// provider may have gone, a glossary may have been deleted, or the content may have been
// sent again without the key. A batch that is not whole is nil as well: whoever goes on
// makes the rest of it.
func (s *Server) madeBefore(c *call, key string) (*carriedOut, error) {
	if key == "" {
		return nil, nil
	}
	id := convert.Identify(c.account, key, c.body, convert.Content{})
	job, err := s.readJob(c, id.Name(1))
	switch {
	case client.IgnoreNotFound(err) != nil:
		return nil, fmt.Errorf("look for an earlier use of a key: %w", err)
	case err == nil && job.DeletionTimestamp == nil:
		return s.sameRequest(job, id)
	}
	batch := &v1alpha1.TranslationBatch{}
	err = s.Reader.Get(c, client.ObjectKey{Namespace: c.account, Name: id.Name(1)}, batch)
	switch {
	case apierrors.IsNotFound(err), err == nil && batch.DeletionTimestamp != nil:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for an earlier use of a key: %w", err)
	case batch.Annotations[v1alpha1.RequestHashAnnotation] != id.Request:
		return nil, keyReused()
	}
	s.batches.expect(batch, s.Clock.Now())
	jobs := s.jobs.batch(batch)
	if !convert.BatchEnded(batch) && len(jobs) < jobsOf(batch) {
		return nil, nil
	}
	return &carriedOut{batch: batch, jobs: asNew(jobs)}, nil
}

// sameRequest returns the job that an Idempotency-Key has made, or refuses the request
// when it is another one.
func (s *Server) sameRequest(earlier *v1alpha1.TranslationJob, id convert.Identity) (*carriedOut, error) {
	if earlier.Annotations[v1alpha1.RequestHashAnnotation] != id.Request {
		return nil, keyReused()
	}
	s.jobs.expect(earlier, s.Clock.Now())
	return &carriedOut{job: earlier}, nil
}

// itemsOf returns the part of a request that a batch was made of: all of its items, or
// those that do not read as orders. Which it was, the providers of that time decided;
// a request that comes again may meet others.
func itemsOf(batch *v1alpha1.TranslationBatch, sent convert.ContentBrief) (convert.ContentBrief, bool) {
	if len(batch.Spec.Items) == len(sent.Items) {
		return sent, true
	}
	err := sent.Sieve(orders(sent.Options, string(batch.Spec.SourceLanguage), string(batch.Spec.TargetLanguages[0])))
	return sent, err == nil && len(batch.Spec.Items) == len(sent.Items)
}
