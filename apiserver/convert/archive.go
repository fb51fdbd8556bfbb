package convert

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// maxArchived bounds the ids in one request.
const maxArchived = 1000

// ArchiveRequest is the body of POST /v1/jobs/archive-batch.
type ArchiveRequest struct {
	JobIDs []string `json:"job_ids,omitempty" required:"true" nullable:"false" minItems:"1" maxItems:"1000" doc:"Ids of the jobs to hide."`
}

// ReadArchive checks the request. The error is a *Fault of kind BadBriefing.
func ReadArchive(body []byte) (ArchiveRequest, error) {
	var request ArchiveRequest
	if err := Decode(body, &request); err != nil {
		return request, err
	}
	if len(request.JobIDs) == 0 {
		return request, briefing("job_ids", "is missing or empty; send 1 to %d ids", maxArchived)
	}
	if len(request.JobIDs) > maxArchived {
		return request, briefing("job_ids", "has %d entries; %d are allowed", len(request.JobIDs), maxArchived)
	}
	return request, nil
}

// ArchivePatch returns the merge patch that hides a job from the list, or shows it
// again. It touches a label alone, so the job's generation stays. It holds for the
// job with this uid alone.
func ArchivePatch(uid types.UID, archived bool) []byte {
	var value any
	if archived {
		value = "true"
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid":    uid,
		"labels": map[string]any{v1alpha1.ArchivedLabel: value},
	}})
	if err != nil {
		// Strings and null always marshal.
		panic(err)
	}
	return patch
}
