package apiserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
	"github.com/dragoman-dev/dragoman/internal/fanout"
)

// fanWorkers is how many objects a request writes at one time.
const fanWorkers = 16

var (
	// errTaken says that a name belongs to something that is over, such as a part of
	// an earlier batch that is still being deleted. The next name will do.
	errTaken = errors.New("the name belongs to something that is over")
	// errGone says that a name was taken and is free again.
	errGone = errors.New("the name is free again")
)

// makeBatch creates a batch and its jobs. The answer has to name the jobs, so they
// are made here and not left to the batch controller; both make the same ones
// (package fanout), and whoever comes second finds them. When this replica dies
// half-way, the controller makes the rest.
func (s *Server) makeBatch(c *call, id convert.Identity, plan convert.Batch) (*v1alpha1.TranslationBatch, []*v1alpha1.TranslationJob, error) {
	if err := s.refuseDuplicateBatch(c, id); err != nil {
		return nil, nil, err
	}
	if err := s.haveRoom(c, jobsOf(plan.Object)); err != nil {
		return s.replayBatch(c, id, plan, err)
	}
	if err := s.store(c, plan.Large()); err != nil {
		return nil, nil, err
	}
	races := 0
	for attempt := 1; attempt <= maxAttempts && races < maxRaces; {
		batch := plan.Named(id.Name(attempt))
		err := s.Client.Create(c, batch)
		var jobs []*v1alpha1.TranslationJob
		switch {
		case err == nil:
			jobs, err = s.populateNew(c, batch, plan)
		case apierrors.IsAlreadyExists(err):
			batch, jobs, err = s.adopt(c, id, batch.Name, plan)
		default:
			err = fmt.Errorf("create a batch: %w", err)
		}
		switch {
		case errors.Is(err, errTaken):
			attempt++
		case errors.Is(err, errGone):
			races++
		default:
			return batch, jobs, err
		}
	}
	return nil, nil, unavailable()
}

// replayBatch answers a request that there is no room for, when it is one that was
// broken off: the jobs that its Idempotency-Key stands for were let in then.
func (s *Server) replayBatch(c *call, id convert.Identity, plan convert.Batch, refusal error) (*v1alpha1.TranslationBatch, []*v1alpha1.TranslationJob, error) {
	if !id.Keyed {
		return nil, nil, refusal
	}
	batch, jobs, err := s.adopt(c, id, id.Name(1), plan)
	if errors.Is(err, errGone) || errors.Is(err, errTaken) {
		return nil, nil, refusal
	}
	return batch, jobs, err
}

// populateNew fills a batch that was made a moment ago. One that cannot be filled is
// deleted: because the API server refuses a job, or with errTaken because jobs of an
// earlier batch of the name are still there.
func (s *Server) populateNew(c *call, batch *v1alpha1.TranslationBatch, plan convert.Batch) ([]*v1alpha1.TranslationJob, error) {
	s.batches.expect(batch, s.Clock.Now())
	jobs, err := s.populate(c, batch, plan)
	if !errors.Is(err, errTaken) && !apierrors.IsInvalid(err) {
		return jobs, err
	}
	if discardErr := s.discard(c, batch); discardErr != nil {
		return nil, discardErr
	}
	return nil, err
}

// adopt answers with the batch that has the name already, when it was made by the
// same Idempotency-Key. Otherwise it is a duplicate, or errTaken when it ended
// without a result, or errGone when it is not there any more.
func (s *Server) adopt(c *call, id convert.Identity, name string, plan convert.Batch) (*v1alpha1.TranslationBatch, []*v1alpha1.TranslationJob, error) {
	batch, jobs, err := s.earlierBatch(c, name, plan)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil, errGone
	case err != nil:
		return nil, nil, err
	case id.Keyed && batch.DeletionTimestamp == nil:
		if batch.Annotations[v1alpha1.RequestHashAnnotation] != id.Request {
			return nil, nil, keyReused()
		}
		return batch, asNew(jobs), nil
	case convert.BatchRepeatable(batch, jobs):
		return nil, nil, errTaken
	default:
		return nil, nil, duplicateBatch(batch, jobs)
	}
}

func jobsOf(batch *v1alpha1.TranslationBatch) int {
	return len(batch.Spec.Items) * len(batch.Spec.TargetLanguages)
}

// earlierBatch reads the batch that has a name, with its jobs. Jobs that are
// missing, because the request that made it broke off, are made now.
func (s *Server) earlierBatch(c *call, name string, plan convert.Batch) (*v1alpha1.TranslationBatch, []*v1alpha1.TranslationJob, error) {
	batch := &v1alpha1.TranslationBatch{}
	if err := s.Reader.Get(c, client.ObjectKey{Namespace: c.account, Name: name}, batch); err != nil {
		return nil, nil, fmt.Errorf("read an earlier batch: %w", err)
	}
	if batch.DeletionTimestamp != nil {
		return batch, nil, nil
	}
	if convert.BatchEnded(batch) {
		return batch, s.jobs.batch(batch), nil
	}
	s.batches.expect(batch, s.Clock.Now())
	jobs, err := s.populate(c, batch, plan)
	if errors.Is(err, errTaken) {
		// It is another request's to give up.
		err = unavailable()
	}
	return batch, jobs, err
}

// asNew shows jobs as they were when they were made, so that a repeated request
// gets the same answer again.
func asNew(jobs []*v1alpha1.TranslationJob) []*v1alpha1.TranslationJob {
	out := make([]*v1alpha1.TranslationJob, len(jobs))
	for i, job := range jobs {
		fresh := *job
		fresh.Status = v1alpha1.TranslationJobStatus{}
		out[i] = &fresh
	}
	return out
}

func duplicateBatch(batch *v1alpha1.TranslationBatch, jobs []*v1alpha1.TranslationJob) *Problem {
	out := problem(http.StatusConflict, "Duplicate content")
	out.BatchID, out.Status = string(batch.UID), convert.StatusQueued
	if len(jobs) > 0 {
		out.JobID, out.Status = string(jobs[0].UID), convert.StatusOf(jobs[0])
	}
	return out
}

// refuseDuplicateBatch is refuseDuplicate for batches.
func (s *Server) refuseDuplicateBatch(c *call, id convert.Identity) error {
	for _, batch := range s.sameBatches(c.account, id.Content) {
		jobs := s.jobs.batch(batch)
		if id.Names(batch.Name) || convert.BatchRepeatable(batch, jobs) {
			continue
		}
		current := &v1alpha1.TranslationBatch{}
		err := s.Reader.Get(c, client.ObjectKeyFromObject(batch), current)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("read an earlier batch: %w", err)
		}
		if err == nil && current.UID == batch.UID && current.DeletionTimestamp == nil {
			return duplicateBatch(current, jobs)
		}
	}
	return nil
}

// sameBatches returns the batches of an account with a content hash.
func (s *Server) sameBatches(account, content string) []*v1alpha1.TranslationBatch {
	return s.batches.all(func(batch *v1alpha1.TranslationBatch) bool {
		return batch.Namespace == account && batch.Annotations[convert.ContentAnnotation] == content
	})
}

// discard deletes a batch that was made a moment ago and cannot be kept.
func (s *Server) discard(c *call, batch *v1alpha1.TranslationBatch) error {
	uid := batch.UID
	err := s.Client.Delete(c, batch, client.Preconditions{UID: &uid}, client.PropagationPolicy(metav1.DeletePropagationBackground))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete a batch that could not be filled: %w", err)
	}
	s.batches.remove(uid)
	return nil
}

// populate makes the glossary and the jobs of a batch that are not there yet, and
// returns the jobs in the order of items and languages. The error is errTaken
// when something that the batch does not own has one of the names.
func (s *Server) populate(c *call, batch *v1alpha1.TranslationBatch, plan convert.Batch) ([]*v1alpha1.TranslationJob, error) {
	if glossary := plan.Glossary(batch); glossary != nil {
		if err := ensure(c, s, batch.UID, glossary, &v1alpha1.Glossary{}); err != nil {
			return nil, fmt.Errorf("create the glossary of a batch: %w", err)
		}
	}
	known := map[string]*v1alpha1.TranslationJob{}
	for _, job := range s.jobs.batch(batch) {
		known[job.Name] = job
	}
	languages := batch.Spec.TargetLanguages
	jobs := make([]*v1alpha1.TranslationJob, jobsOf(batch))
	err := inParallel(c, len(jobs), func(ctx context.Context, i int) error {
		job := fanout.BuildJob(batch, i/len(languages), string(languages[i%len(languages)]))
		if there, ok := known[job.Name]; ok {
			jobs[i] = there
			return nil
		}
		if err := ensure(ctx, s, batch.UID, job, &v1alpha1.TranslationJob{}); err != nil {
			return fmt.Errorf("create a job of a batch: %w", err)
		}
		jobs[i] = leanJob(job)
		s.jobs.expect(jobs[i], s.Clock.Now())
		return nil
	})
	return jobs, err
}

// ensure creates an object, or reads the one that is there into it. The error is
// errTaken when that one has another owner.
func ensure[T any, P interface {
	client.Object
	*T
}](ctx context.Context, s *Server, owner types.UID, wanted, there P) error {
	err := s.Client.Create(ctx, wanted)
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := s.Reader.Get(ctx, client.ObjectKeyFromObject(wanted), there); err != nil {
		return err
	}
	if holder := metav1.GetControllerOfNoCopy(there); holder == nil || holder.UID != owner {
		return errTaken
	}
	*wanted = *there
	return nil
}

// inParallel calls work for 0 to count-1, a few at a time, and returns the first
// error. After one no more are begun.
func inParallel(ctx context.Context, count int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var group sync.WaitGroup
	for range min(fanWorkers, count) {
		group.Go(func() {
			for i := range next {
				if err := work(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < count && ctx.Err() == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	group.Wait()
	return context.Cause(ctx)
}
