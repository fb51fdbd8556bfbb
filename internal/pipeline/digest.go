package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Digest names all in a spec that decides the translation. What only says when,
// for whom or for how much the work is done is left out.
func Digest(spec v1alpha1.TranslationJobSpec) string {
	spec.Suspend, spec.Cancel, spec.TTLAfterFinished, spec.Delivery = nil, nil, nil, nil
	spec.ProjectName, spec.MaxCost, spec.InjectionPolicy = "", "", ""
	spec.Priority, spec.BackoffLimit, spec.ActiveDeadlineSeconds = nil, nil, nil
	data, err := json.Marshal(spec)
	if err != nil {
		return "" // plain values always marshal
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
