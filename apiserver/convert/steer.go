package convert

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Retryable says whether another run of the job may be asked for.
func Retryable(job *v1alpha1.TranslationJob) bool {
	switch StatusOf(job) {
	case StatusNeedsReview, StatusFailed, StatusDead:
		return true
	default:
		return false
	}
}

// RetryValue returns the value of the annotation for a request: the same for a
// repeated Idempotency-Key, and else one that no other request has, since of two
// for one version of the job only one is written.
func RetryValue(job *v1alpha1.TranslationJob, idempotencyKey string, now time.Time) string {
	if idempotencyKey != "" {
		return "key-" + hex.EncodeToString(digest(string(job.UID), idempotencyKey)[:nameBytes])
	}
	return now.UTC().Format("20060102T150405.000Z") + "-" + shortVersion(job.ResourceVersion)
}

// shortVersion keeps a resourceVersion short enough for the annotation.
func shortVersion(version string) string {
	if _, err := strconv.ParseUint(version, 10, 64); err == nil {
		return version
	}
	return hex.EncodeToString(digest(version)[:8])
}

// RetryPatch returns the merge patch that asks for another run. It holds for one
// version of the job alone. A cancellation is withdrawn, or the job would only be
// cancelled again.
func RetryPatch(job *v1alpha1.TranslationJob, value string) []byte {
	patch := map[string]any{"metadata": map[string]any{
		"uid": job.UID, "resourceVersion": job.ResourceVersion,
		"annotations": map[string]any{v1alpha1.RetryAnnotation: value},
	}}
	if job.Spec.Cancel != nil {
		patch["spec"] = map[string]any{"cancel": nil}
	}
	return mustMarshal(patch)
}

// CancelPatch returns the merge patch that cancels a job. It holds for one version
// of the job alone.
func CancelPatch(job *v1alpha1.TranslationJob) []byte { return specPatch(job, "cancel", true) }

// SuspendPatch returns the merge patch that suspends a job or resumes it. It holds
// for one version of the job alone.
func SuspendPatch(job *v1alpha1.TranslationJob, suspend bool) []byte {
	return specPatch(job, "suspend", suspend)
}

func specPatch(job *v1alpha1.TranslationJob, field string, value any) []byte {
	return mustMarshal(map[string]any{
		"metadata": map[string]any{"uid": job.UID, "resourceVersion": job.ResourceVersion},
		"spec":     map[string]any{field: value},
	})
}

func mustMarshal(patch map[string]any) []byte {
	data, err := json.Marshal(patch)
	if err != nil {
		// Strings, booleans and null always marshal.
		panic(err)
	}
	return data
}
