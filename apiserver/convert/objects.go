package convert

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// defaultParallel is the API's own default of maxParallel.
const defaultParallel = 100

// Job returns the job of a request with one target language, without its name.
func (b Brief) Job(account string, id Identity, langs Languages) *v1alpha1.TranslationJob {
	options := *b.Options.DeepCopy()
	options.Glossary = inlineTerms(b.terms, options.Domain, langs.Targets[0])
	return &v1alpha1.TranslationJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: account, Annotations: id.Annotations()},
		Spec: v1alpha1.TranslationJobSpec{
			JobOptions:     options,
			SourceLanguage: v1alpha1.LanguageTag(langs.Source),
			TargetLanguage: v1alpha1.LanguageTag(langs.Targets[0]),
			Source:         b.source,
		},
	}
}

// Batch is what a request with a list of languages or items makes, beside its
// jobs.
type Batch struct {
	// Object is the batch, without its name.
	Object *v1alpha1.TranslationBatch
	// Inputs are the sources of its items as they were sent.
	Inputs []Input
	// terms that differ from language to language, which the options of a batch
	// cannot hold; nil for none.
	terms []v1alpha1.GlossaryEntry
}

// Batch returns the batch of a request with a list of target languages. The budget
// of the request is for all of them together.
func (b Brief) Batch(account string, id Identity, langs Languages) Batch {
	options := b.Options
	options.MaxCost = ""
	plan := newBatch(account, id, langs, options, b.terms, []v1alpha1.BatchItem{{Source: b.source}})
	plan.Inputs, plan.Object.Spec.MaxCost = []Input{b.Input}, b.Options.MaxCost
	return plan
}

// Large lists what has to be stored before the batch is made.
func (b Batch) Large() []Large {
	sources := make([]*v1alpha1.Source, len(b.Inputs))
	for i := range sources {
		sources[i] = &b.Object.Spec.Items[i].Source
	}
	return large(b.Inputs, sources)
}

func newBatch(account string, id Identity, langs Languages, options v1alpha1.JobOptions, terms []Term, items []v1alpha1.BatchItem) Batch {
	options = *options.DeepCopy()
	var stored []v1alpha1.GlossaryEntry
	if dependsOnLanguage(terms) && len(langs.Targets) > 1 {
		stored = storedEntries(terms, options.Domain, langs.Targets)
	} else {
		options.Glossary = inlineTerms(terms, options.Domain, langs.Targets[0])
	}
	targets := make([]v1alpha1.LanguageTag, len(langs.Targets))
	for i, tag := range langs.Targets {
		targets[i] = v1alpha1.LanguageTag(tag)
	}
	return Batch{
		Object: &v1alpha1.TranslationBatch{
			ObjectMeta: metav1.ObjectMeta{Namespace: account, Annotations: id.Annotations()},
			Spec: v1alpha1.TranslationBatchSpec{
				SourceLanguage:  v1alpha1.LanguageTag(langs.Source),
				TargetLanguages: targets,
				Items:           items,
				Template:        options,
				// The answer names every job, so all of them are made at once.
				MaxParallel: ptr.To(int32(max(defaultParallel, len(items)*len(targets)))), //nolint:gosec // at most 1000 times 20
			},
		},
		terms: stored,
	}
}

// Named gives the batch its name. The jobs look for a glossary of that name when
// the request brought terms that differ from language to language.
func (b Batch) Named(name string) *v1alpha1.TranslationBatch {
	out := b.Object.DeepCopy()
	out.Name = name
	if len(b.terms) > 0 {
		// First in the list: the first entry for a term wins among equals.
		refs := []v1alpha1.GlossaryReference{{Name: v1alpha1.ObjectName(name)}}
		out.Spec.Template.GlossaryRefs = append(refs, out.Spec.Template.GlossaryRefs...)
	}
	return out
}

// Glossary returns the glossary that goes with a created batch, or nil. It is
// deleted with the batch.
func (b Batch) Glossary(created *v1alpha1.TranslationBatch) *v1alpha1.Glossary {
	if len(b.terms) == 0 {
		return nil
	}
	owner := metav1.NewControllerRef(created, v1alpha1.GroupVersion.WithKind("TranslationBatch"))
	scope := v1alpha1.AccountScope
	if created.Spec.Template.GlossaryPriority == v1alpha1.PrivateFirst {
		scope = v1alpha1.PrivateScope
	}
	return &v1alpha1.Glossary{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: created.Namespace, Name: created.Name,
			OwnerReferences: []metav1.OwnerReference{*owner},
		},
		Spec: v1alpha1.GlossarySpec{
			DisplayName:    "Terms of " + created.Name,
			SourceLanguage: created.Spec.SourceLanguage,
			Scope:          scope,
			Entries:        b.terms,
		},
	}
}
