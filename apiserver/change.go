package apiserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

// archivedAll answers POST /v1/jobs/archive-all.
type archivedAll struct {
	ArchivedCount int `json:"archived_count" doc:"Jobs that were visible before."`
}

// archivedSome answers POST /v1/jobs/archive-batch.
type archivedSome struct {
	ArchivedCount int      `json:"archived_count" doc:"Jobs that were visible before."`
	NotFound      []string `json:"not_found" nullable:"false" doc:"Ids that the account has no job of."`
}

// setArchived answers PATCH /v1/jobs/{job_id}/archive and /unarchive.
func (s *Server) setArchived(c *call, archived bool) (any, error) {
	job, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	if convert.Archived(job) != archived {
		if job, err = s.patchArchived(c, job, archived); err != nil {
			return nil, err
		}
	}
	return convert.NewListItem(job), nil
}

func (s *Server) patchArchived(ctx context.Context, lean *v1alpha1.TranslationJob, archived bool) (*v1alpha1.TranslationJob, error) {
	job := &v1alpha1.TranslationJob{}
	job.Namespace, job.Name = lean.Namespace, lean.Name
	patch := client.RawPatch(types.MergePatchType, convert.ArchivePatch(lean.UID, archived))
	err := s.Client.Patch(ctx, job, patch)
	if apierrors.IsNotFound(err) || isOther(err) {
		return nil, jobNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("label a job: %w", err)
	}
	s.jobs.expect(job, s.Clock.Now())
	return leanJob(job), nil
}

// isOther says that the name is another job's by now. The API server takes the uid in a
// patch for a change of a field that never changes.
func isOther(err error) bool {
	status := apierrors.APIStatus(nil)
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	return slices.ContainsFunc(status.Status().Details.Causes, func(cause metav1.StatusCause) bool { return cause.Field == "metadata.uid" })
}

// archiveAll answers POST /v1/jobs/archive-all.
func (s *Server) archiveAll(c *call) (any, error) {
	visible := s.jobs.all(func(job *v1alpha1.TranslationJob) bool { return job.Namespace == c.account && !convert.Archived(job) })
	count, err := s.archive(c, visible)
	return archivedAll{ArchivedCount: count}, err
}

// archiveSome answers POST /v1/jobs/archive-batch.
func (s *Server) archiveSome(c *call) (any, error) {
	request, err := convert.ReadArchive(c.body)
	if err != nil {
		return nil, err
	}
	out := archivedSome{NotFound: []string{}}
	var visible []*v1alpha1.TranslationJob
	seen := map[string]bool{}
	for _, id := range request.JobIDs {
		job, known := s.jobs.get(c.account, types.UID(id))
		again := seen[id]
		seen[id] = true
		switch {
		case again:
		case !known:
			out.NotFound = append(out.NotFound, id)
		case !convert.Archived(job):
			visible = append(visible, job)
		}
	}
	out.ArchivedCount, err = s.archive(c, visible)
	return out, err
}

// archive labels jobs and returns how many it labelled. Jobs that are deleted
// meanwhile do not count.
func (s *Server) archive(c *call, jobs []*v1alpha1.TranslationJob) (int, error) {
	var mu sync.Mutex
	count := 0
	err := inParallel(c, len(jobs), func(ctx context.Context, i int) error {
		_, err := s.patchArchived(ctx, jobs[i], true)
		if refusal, ok := errors.AsType[*Problem](err); ok && refusal.code == http.StatusNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		count++
		return nil
	})
	return count, err
}
