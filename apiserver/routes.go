package apiserver

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

// routes lists every operation.
func (s *Server) routes() []route {
	return append(s.createRoutes(), append(s.readRoutes(), append(s.changeRoutes(), s.healthRoutes()...)...)...)
}

func idempotencyHeader() *huma.Param {
	return &huma.Param{
		Name: "Idempotency-Key", In: "header",
		Description: "At most 255 characters. The same key with the same body gets the same answer again; with another body it is refused.",
		Schema:      &huma.Schema{Type: huma.TypeString, MaxLength: ptr.To(maxIdempotencyKey)},
	}
}

func (s *Server) createRoutes() []route {
	parameters := []*huma.Param{idempotencyHeader(), queryParameter("dry_run",
		"Check the request and estimate its jobs, and create nothing. The answer is 200.", &huma.Schema{Type: huma.TypeBoolean, Default: false})}
	refusals := []int{http.StatusConflict, http.StatusUnprocessableEntity}
	dry := map[int]any{http.StatusOK: convert.DryRun{}}
	return []route{
		{
			Operation: huma.Operation{
				OperationID: "create-job", Method: http.MethodPost, Path: "/v1/jobs", Tags: []string{"Jobs"}, DefaultStatus: http.StatusAccepted,
				Summary:     "Create a job",
				Description: "With one target language the answer is job_id and status. With a list of languages it is a batch, as of /v1/jobs/batch-text.",
				Parameters:  parameters,
			},
			body: convert.CreateRequest{}, answer: createdUnion{}, also: dry, problems: refusals,
			handle: s.createJob,
		},
		{
			Operation: huma.Operation{
				OperationID: "create-batch-text", Method: http.MethodPost, Path: "/v1/jobs/batch-text", Tags: []string{"Jobs"}, DefaultStatus: http.StatusAccepted,
				Summary:     "Create a job for each of several languages",
				Description: "The same as POST /v1/jobs, but target_lang must be a list.",
				Parameters:  parameters,
			},
			body: convert.CreateRequest{}, answer: convert.BatchCreated{}, also: dry, problems: refusals,
			handle: s.createBatchText,
		},
		{
			Operation: huma.Operation{
				OperationID: "create-batch-content", Method: http.MethodPost, Path: "/v1/jobs/batch-content", Tags: []string{"Batches"}, DefaultStatus: http.StatusAccepted,
				Summary:     "Create a job for each of several items and languages",
				Description: "An item that is wrong is named in errors, and the others go on.",
				Parameters:  parameters,
			},
			body: convert.ContentRequest{}, answer: convert.BatchCreated{}, also: dry, problems: refusals,
			handle: s.createBatchContent,
		},
	}
}

func (s *Server) readRoutes() []route {
	id := pathParameter("job_id", "Id of the job.")
	return []route{
		{
			Operation: huma.Operation{
				OperationID: "list-jobs", Method: http.MethodGet, Path: "/v1/jobs", Tags: []string{"Jobs"},
				Summary: "List jobs, newest first", Parameters: listParameters(),
			},
			answer: jobList{}, problems: []int{http.StatusUnprocessableEntity},
			handle: s.listJobs,
		},
		{
			Operation: huma.Operation{
				OperationID: "get-job", Method: http.MethodGet, Path: "/v1/jobs/{job_id}", Tags: []string{"Jobs"},
				Summary: "Get a job with its segments", Parameters: []*huma.Param{id},
			},
			answer: convert.Detail{}, problems: []int{http.StatusNotFound},
			handle: s.getJob,
		},
		{
			Operation: huma.Operation{
				OperationID: "get-job-result", Method: http.MethodGet, Path: "/v1/jobs/{job_id}/result", Tags: []string{"Jobs"},
				Summary:     "Get the translation of a job that has ended",
				Description: "A job that has not ended answers 409.",
				Parameters: []*huma.Param{id, queryParameter("wait", "Wait for the end of the job for up to this long, at most 60s.",
					&huma.Schema{Type: huma.TypeString, Examples: []any{"30s"}})},
			},
			answer: convert.Result{}, problems: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
			patience: maxWait, handle: s.getResult,
		},
		{
			Operation: huma.Operation{
				OperationID: "get-segment", Method: http.MethodGet, Path: "/v1/jobs/{job_id}/segments/{segment_id}", Tags: []string{"Jobs"},
				Summary:     "Explain how a segment came to its translation",
				Description: "Which engine, model and prompt made it, whether it was remembered, which glossary terms it follows, how often it was corrected, and what QA found.",
				Parameters:  []*huma.Param{id, pathParameter("segment_id", "Number of the segment, from 1.")},
			},
			answer: convert.Explanation{}, problems: []int{http.StatusNotFound},
			handle: s.getSegment,
		},
		{
			Operation: huma.Operation{
				OperationID: "get-batch", Method: http.MethodGet, Path: "/v1/jobs/batch/{batch_id}", Tags: []string{"Batches"},
				Summary: "Get a batch with its jobs", Parameters: []*huma.Param{pathParameter("batch_id", "Id of the batch.")},
			},
			answer: convert.BatchDetail{}, problems: []int{http.StatusNotFound},
			handle: s.getBatch,
		},
	}
}

func (s *Server) changeRoutes() []route {
	id := pathParameter("job_id", "Id of the job.")
	missing := []int{http.StatusNotFound}
	steered := []int{http.StatusNotFound, http.StatusConflict}
	return []route{
		{
			Operation: huma.Operation{
				OperationID: "cancel-job", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/cancel", Tags: []string{"Jobs"},
				Summary:     "Cancel a job",
				Description: "What was finished stays in the result. A job that has ended stays as it is.",
				Parameters:  []*huma.Param{id},
			},
			answer: convert.ListItem{}, problems: missing, handle: s.cancelJob,
		},
		{
			Operation: huma.Operation{
				OperationID: "retry-job", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/retry", Tags: []string{"Jobs"}, DefaultStatus: http.StatusAccepted,
				Summary:     "Run a job again that failed, is dead or needs review",
				Description: "Segments that passed QA are kept. A job of another status answers 409.",
				Parameters:  []*huma.Param{id, idempotencyHeader()},
			},
			answer: convert.ListItem{}, problems: append(steered, http.StatusBadRequest), handle: s.retryJob,
		},
		{
			Operation: huma.Operation{
				OperationID: "suspend-job", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/suspend", Tags: []string{"Jobs"},
				Summary:     "Hold a job",
				Description: "What was finished is kept. A job that has ended, or whose batch has not, answers 409.",
				Parameters:  []*huma.Param{id},
			},
			answer: convert.ListItem{}, problems: steered,
			handle: func(c *call) (any, error) { return s.suspendJob(c, true) },
		},
		{
			Operation: huma.Operation{
				OperationID: "resume-job", Method: http.MethodPost, Path: "/v1/jobs/{job_id}/resume", Tags: []string{"Jobs"},
				Summary: "Let a suspended job go on", Parameters: []*huma.Param{id},
			},
			answer: convert.ListItem{}, problems: steered,
			handle: func(c *call) (any, error) { return s.suspendJob(c, false) },
		},
		{
			Operation: huma.Operation{
				OperationID: "delete-job", Method: http.MethodDelete, Path: "/v1/jobs/{job_id}", Tags: []string{"Jobs"}, DefaultStatus: http.StatusNoContent,
				Summary:     "Delete a job and its result",
				Description: "A job whose batch has not ended answers 409: the batch would make it again.",
				Parameters:  []*huma.Param{id},
			},
			problems: steered, handle: s.deleteJob,
		},
		{
			Operation: huma.Operation{
				OperationID: "archive-job", Method: http.MethodPatch, Path: "/v1/jobs/{job_id}/archive", Tags: []string{"Archive"},
				Summary: "Hide a job from the list", Parameters: []*huma.Param{id},
			},
			answer: convert.ListItem{}, problems: missing,
			handle: func(c *call) (any, error) { return s.setArchived(c, true) },
		},
		{
			Operation: huma.Operation{
				OperationID: "unarchive-job", Method: http.MethodPatch, Path: "/v1/jobs/{job_id}/unarchive", Tags: []string{"Archive"},
				Summary: "Show a job in the list again", Parameters: []*huma.Param{id},
			},
			answer: convert.ListItem{}, problems: missing,
			handle: func(c *call) (any, error) { return s.setArchived(c, false) },
		},
		{
			Operation: huma.Operation{
				OperationID: "archive-all", Method: http.MethodPost, Path: "/v1/jobs/archive-all", Tags: []string{"Archive"},
				Summary: "Hide every job from the list",
			},
			answer: archivedAll{}, handle: s.archiveAll,
		},
		{
			Operation: huma.Operation{
				OperationID: "archive-batch", Method: http.MethodPost, Path: "/v1/jobs/archive-batch", Tags: []string{"Archive"},
				Summary: "Hide some jobs from the list",
			},
			body: convert.ArchiveRequest{}, answer: archivedSome{}, handle: s.archiveSome,
		},
	}
}

func (s *Server) healthRoutes() []route {
	alive := func(*call) (any, error) { return health{Status: "ok"}, nil }
	return []route{
		{
			Operation: huma.Operation{
				OperationID: "health", Method: http.MethodGet, Path: "/health", Tags: []string{"Health"},
				Summary: "Say whether the program runs",
			},
			public: true, answer: health{}, handle: alive,
		},
		{
			Operation: huma.Operation{
				OperationID: "health-v1", Method: http.MethodGet, Path: "/v1/health", Tags: []string{"Health"},
				Summary: "Say whether the program runs",
			},
			public: true, answer: health{}, handle: alive,
		},
		{
			Operation: huma.Operation{
				OperationID: "ready", Method: http.MethodGet, Path: "/readyz", Tags: []string{"Health"},
				Summary: "Say whether the program can serve",
			},
			public: true, answer: health{}, problems: []int{http.StatusServiceUnavailable}, handle: s.isReady,
		},
	}
}

// health answers the probes.
type health struct {
	Status string `json:"status" example:"ok"`
}

func (s *Server) isReady(*call) (any, error) {
	if !s.ready.Load() {
		return nil, problem(http.StatusServiceUnavailable, "The caches are not filled yet.")
	}
	return health{Status: "ok"}, nil
}
