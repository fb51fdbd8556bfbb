// Package build makes objects for tests, in a few words: what a test does not say
// is filled in with something that works.
package build

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// JobWrapper builds a TranslationJob.
type JobWrapper struct{ v1alpha1.TranslationJob }

// Job starts a job from Spanish to Catalan.
func Job(name, namespace string) *JobWrapper {
	return &JobWrapper{v1alpha1.TranslationJob{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       v1alpha1.TranslationJobSpec{SourceLanguage: "es", TargetLanguage: "ca"},
	}}
}

// Obj returns the job.
func (j *JobWrapper) Obj() *v1alpha1.TranslationJob { return j.DeepCopy() }

// Text sets the source to one text.
func (j *JobWrapper) Text(text string) *JobWrapper {
	j.Spec.Source = v1alpha1.Source{Text: &text}
	return j
}

// Texts sets the source to a list of texts.
func (j *JobWrapper) Texts(texts ...string) *JobWrapper {
	j.Spec.Source = v1alpha1.Source{}
	for _, text := range texts {
		j.Spec.Source.Texts = append(j.Spec.Source.Texts, v1alpha1.TextItem{Text: text})
	}
	return j
}

// ConfigMap sets the source to a key of a ConfigMap.
func (j *JobWrapper) ConfigMap(name, key string) *JobWrapper {
	j.Spec.Source = v1alpha1.Source{ConfigMapKeyRef: &v1alpha1.ConfigMapKeyReference{Name: v1alpha1.ObjectName(name), Key: key}}
	return j
}

// Languages sets the pair.
func (j *JobWrapper) Languages(source, target string) *JobWrapper {
	j.Spec.SourceLanguage, j.Spec.TargetLanguage = v1alpha1.LanguageTag(source), v1alpha1.LanguageTag(target)
	return j
}

// Provider names the provider of the namespace.
func (j *JobWrapper) Provider(name string) *JobWrapper {
	j.Spec.ProviderRef = &v1alpha1.ProviderReference{Kind: v1alpha1.TranslationProviderKind, Name: v1alpha1.ObjectName(name)}
	return j
}

// With changes the spec in a way that has no word of its own.
func (j *JobWrapper) With(change func(*v1alpha1.TranslationJobSpec)) *JobWrapper {
	change(&j.Spec)
	return j
}

// Scripted starts a provider whose engine the test scripts: one of type OpenAI,
// without a key.
func Scripted(name, namespace string) *v1alpha1.TranslationProvider {
	return &v1alpha1.TranslationProvider{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       v1alpha1.ProviderSpec{Type: v1alpha1.OpenAIProvider, Endpoint: "http://127.0.0.1:1/v1", Model: "scripted"},
	}
}

// Batch starts a batch from Spanish.
func Batch(name, namespace string, languages []v1alpha1.LanguageTag, texts ...string) *v1alpha1.TranslationBatch {
	b := &v1alpha1.TranslationBatch{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       v1alpha1.TranslationBatchSpec{SourceLanguage: "es", TargetLanguages: languages},
	}
	for _, text := range texts {
		b.Spec.Items = append(b.Spec.Items, v1alpha1.BatchItem{Source: v1alpha1.Source{Text: &text}})
	}
	return b
}

// ConfigMap makes a ConfigMap with one key.
func ConfigMap(name, namespace, key, value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Data:       map[string]string{key: value},
	}
}
