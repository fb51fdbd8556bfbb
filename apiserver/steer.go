package apiserver

import (
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

// maxSteerTries bounds how often a change of a job may meet another write.
const maxSteerTries = 10

// steer changes the job that the address names. The change looks at the whole job and
// returns a patch that holds for that version alone, nil for nothing to do, or why
// it is refused; when another write comes first it looks again.
func (s *Server) steer(c *call, change func(*v1alpha1.TranslationJob) ([]byte, error)) (*v1alpha1.TranslationJob, error) {
	lean, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	for range maxSteerTries {
		job, err := s.wholeJob(c, lean)
		if err != nil {
			return nil, err
		}
		patch, err := change(job)
		if err != nil || patch == nil {
			return job, err
		}
		err = s.Client.Patch(c, job, client.RawPatch(types.MergePatchType, patch))
		switch {
		case apierrors.IsConflict(err):
			continue
		case apierrors.IsNotFound(err):
			return nil, jobNotFound()
		case err != nil:
			return nil, fmt.Errorf("change a job: %w", err)
		}
		s.jobs.expect(job, s.Clock.Now())
		return job, nil
	}
	return nil, unavailable()
}

func listItem(job *v1alpha1.TranslationJob, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return convert.NewListItem(job), nil
}

// cancelJob answers POST /v1/jobs/{job_id}/cancel. A job that has ended is left
// alone: its spec would be a new one, and it would run again only to be cancelled.
func (s *Server) cancelJob(c *call) (any, error) {
	return listItem(s.steer(c, func(job *v1alpha1.TranslationJob) ([]byte, error) {
		if convert.Ended(job) || ptr.Deref(job.Spec.Cancel, false) {
			return nil, nil
		}
		return convert.CancelPatch(job), nil
	}))
}

// suspendJob answers POST /v1/jobs/{job_id}/suspend and /resume. A batch that is
// under way would undo it for a job of its own.
func (s *Server) suspendJob(c *call, suspend bool) (any, error) {
	return listItem(s.steer(c, func(job *v1alpha1.TranslationJob) ([]byte, error) {
		switch {
		case convert.Ended(job):
			return nil, conflict(job, "The job has ended; its status is %s.", convert.StatusOf(job))
		case ptr.Deref(job.Spec.Suspend, false) == suspend:
			return nil, nil
		case s.ruled(job):
			return nil, conflict(job, "The job belongs to a batch that has not ended, which says for all its jobs whether they run.")
		}
		return convert.SuspendPatch(job, suspend), nil
	}))
}

// retryJob answers POST /v1/jobs/{job_id}/retry.
func (s *Server) retryJob(c *call) (any, error) {
	key, err := s.idempotencyKey(c)
	if err != nil {
		return nil, err
	}
	return listItem(s.steer(c, func(job *v1alpha1.TranslationJob) ([]byte, error) {
		value := convert.RetryValue(job, key, s.Clock.Now())
		switch {
		case job.Annotations[v1alpha1.RetryAnnotation] == value:
			return nil, nil
		case !convert.Retryable(job):
			return nil, conflict(job, "Only a job that failed, is dead or needs review can run again; the status of this one is %s.", convert.StatusOf(job))
		}
		return convert.RetryPatch(job, value), nil
	}))
}

// deleteJob answers DELETE /v1/jobs/{job_id}.
func (s *Server) deleteJob(c *call) (any, error) {
	job, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	if s.ruled(job) {
		return nil, conflict(job, "The job belongs to a batch that has not ended, which would make it again; cancel it, or delete it when the batch has ended.")
	}
	err = s.Client.Delete(c, &v1alpha1.TranslationJob{ObjectMeta: job.ObjectMeta}, client.Preconditions{UID: &job.UID})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return nil, fmt.Errorf("delete a job: %w", err)
	}
	// A conflict: the name is another job's by now, and this one is gone.
	s.jobs.remove(job.UID)
	return nil, nil
}

// ruled says whether the job belongs to a batch that has not ended.
func (s *Server) ruled(job *v1alpha1.TranslationJob) bool {
	batch, known := s.batches.get(job.Namespace, types.UID(convert.BatchUID(job)))
	return known && batch.DeletionTimestamp == nil && !convert.BatchEnded(batch)
}

func conflict(job *v1alpha1.TranslationJob, format string, args ...any) *Problem {
	out := problem(http.StatusConflict, format, args...)
	out.JobID, out.Status = string(job.UID), convert.StatusOf(job)
	return out
}
