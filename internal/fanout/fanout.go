// Package fanout says what the jobs of a TranslationBatch look like: their names
// and their content.
//
// It owns the naming, so that whoever makes a job of a batch, the batch
// controller or the REST adapter, makes the same one and neither makes a second.
// It is pure: it imports the API and apimachinery, and never a client.
package fanout

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// maxNameLength is the longest label value, and so the longest name that can
	// stand in one. Object names may be longer; ours are kept this short because
	// people select on them.
	maxNameLength = 63
	// digestLength is the number of hex digits that tell shortened names apart:
	// 40 bits, for at most 20 000 jobs a batch.
	digestLength = 10
)

// JobName returns the name of the job of an item and a language: readable
// (batch, zero-based item, language in lower case), at most 63 characters, and
// the same every time. A batch name that is too long or has dots is shortened
// and told apart by a digest.
func JobName(batchName string, item int, lang string) string {
	suffix := "-" + strconv.Itoa(item) + "-" + strings.ToLower(lang)
	return fit(batchName, suffix)
}

// BatchLabelValue returns the value of BatchLabel on the jobs of a batch: the
// batch's name, shortened when it does not fit in a label.
func BatchLabelValue(batchName string) string {
	if len(batchName) <= maxNameLength {
		return batchName
	}
	return fit(batchName, "")
}

// fit joins a name and a suffix into at most maxNameLength characters that are
// valid in names and in labels.
func fit(name, suffix string) string {
	if len(name)+len(suffix) <= maxNameLength && !strings.Contains(name, ".") {
		return name + suffix
	}
	sum := sha256.Sum256([]byte(name))
	digest := "-" + hex.EncodeToString(sum[:])[:digestLength]
	// A language tag has at most 35 characters and an item four digits, so at
	// least ten characters of the name stay.
	head := strings.ReplaceAll(name, ".", "-")
	head = head[:min(len(head), max(1, maxNameLength-len(digest)-len(suffix)))]
	return strings.TrimRight(head, "-") + digest + suffix
}

// BuildJob returns the job of an item (zero-based) and a language, ready to be
// created. It has the batch as its controller, the template's options with the
// item's overrides, and none of the batch's own labels or annotations. The item
// must exist.
func BuildJob(batch *v1alpha1.TranslationBatch, item int, lang string) *v1alpha1.TranslationJob {
	source := batch.Spec.Items[item]
	owner := metav1.NewControllerRef(batch, v1alpha1.GroupVersion.WithKind("TranslationBatch"))
	return &v1alpha1.TranslationJob{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: batch.Namespace,
			Name:      JobName(batch.Name, item, lang),
			Labels:    map[string]string{v1alpha1.BatchLabel: BatchLabelValue(batch.Name)},
			Annotations: map[string]string{
				v1alpha1.BatchItemAnnotation: strconv.Itoa(item),
				SpecHashAnnotation:           SpecHash(batch, item),
			},
			OwnerReferences: []metav1.OwnerReference{*owner},
		},
		Spec: v1alpha1.TranslationJobSpec{
			JobOptions:     options(batch.Spec.Template, source.Overrides),
			SourceLanguage: batch.Spec.SourceLanguage,
			TargetLanguage: v1alpha1.LanguageTag(lang),
			Source:         *source.Source.DeepCopy(),
		},
	}
}

// options returns a copy of the template in which every field that the item
// sets is the item's.
func options(template v1alpha1.JobOptions, overrides *v1alpha1.ItemOverrides) v1alpha1.JobOptions {
	out := *template.DeepCopy()
	if overrides == nil {
		return out
	}
	for _, field := range []struct {
		to   *string
		from string
	}{
		{&out.Domain, overrides.Domain},
		{&out.Tone, overrides.Tone},
		{&out.Instructions, overrides.Instructions},
		{&out.TextType, overrides.TextType},
	} {
		if field.from != "" {
			*field.to = field.from
		}
	}
	if len(overrides.Constraints) > 0 {
		out.Constraints = overrides.DeepCopy().Constraints
	}
	return out
}
