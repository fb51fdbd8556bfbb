package fanout

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// SpecHashAnnotation holds the SpecHash that a job was made from. A job whose hash
// differs from its batch's asks for something else than the batch now does.
const SpecHashAnnotation = "translation.dragoman.dev/spec-sha256"

// SpecHash returns a digest of all that a batch says about an item, in hex. It is
// the same for every language.
func SpecHash(batch *v1alpha1.TranslationBatch, item int) string {
	data, err := json.Marshal([]any{batch.Spec.SourceLanguage, batch.Spec.Template, batch.Spec.Items[item].Source, batch.Spec.Items[item].Overrides})
	if err != nil {
		return "" // plain values always marshal
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}
