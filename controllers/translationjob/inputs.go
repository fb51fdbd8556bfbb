package translationjob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/langtag"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// maxSourceBytes bounds a source by reference, a little below the 1 MiB that a
// ConfigMap can hold.
const maxSourceBytes = 1_000_000

// inputs are what an attempt works on.
type inputs struct {
	// job with all of its spec, also what the cache leaves out.
	job      *v1alpha1.TranslationJob
	work     pipeline.Job
	provider pipeline.Provider
	// givenUp are the providers that earlier attempts of the run failed with.
	givenUp []v1alpha1.PassedOverProvider
}

// gather reads everything that a job refers to. A blocker says what is not as it
// must be; the first one found is enough. Providers that were given up are not used.
func (r *Reconciler) gather(ctx context.Context, cached *v1alpha1.TranslationJob, givenUp []v1alpha1.PassedOverProvider) (*inputs, *pipeline.Blocker, error) {
	job, err := r.whole(ctx, cached)
	if err != nil {
		return nil, nil, err
	}
	in := &inputs{job: job, givenUp: givenUp, work: pipeline.Job{Options: job.Spec.JobOptions}}
	for _, step := range []func(context.Context, *inputs) (*pipeline.Blocker, error){
		readLanguages, r.readProvider, r.readGlossaries, r.readRules, r.readSource,
	} {
		if blocker, err := step(ctx, in); blocker != nil || err != nil {
			return nil, blocker, err
		}
	}
	return in, nil, nil
}

// whole returns the job with the texts that the cache drops.
func (r *Reconciler) whole(ctx context.Context, cached *v1alpha1.TranslationJob) (*v1alpha1.TranslationJob, error) {
	if !stripped(cached) {
		return cached, nil
	}
	job := &v1alpha1.TranslationJob{}
	if err := r.live.Get(ctx, client.ObjectKeyFromObject(cached), job); err != nil {
		return nil, fmt.Errorf("read the whole job: %w", err)
	}
	if job.UID != cached.UID || job.Generation != cached.Generation {
		return nil, apierrors.NewConflict(v1alpha1.GroupVersion.WithResource("translationjobs").GroupResource(), cached.Name,
			errBehind)
	}
	return job, nil
}

func readLanguages(_ context.Context, in *inputs) (*pipeline.Blocker, error) {
	for _, l := range []struct {
		field string
		tag   v1alpha1.LanguageTag
		to    *string
	}{
		{"sourceLanguage", in.job.Spec.SourceLanguage, &in.work.SourceLanguage},
		{"targetLanguage", in.job.Spec.TargetLanguage, &in.work.TargetLanguage},
	} {
		tag, err := langtag.Canonical(string(l.tag))
		if err != nil {
			return &pipeline.Blocker{Reason: v1alpha1.UnsupportedReason, Message: fmt.Sprintf("%s: %v", l.field, err), Terminal: true}, nil
		}
		*l.to = tag
	}
	return nil, nil
}

func (r *Reconciler) readProvider(ctx context.Context, in *inputs) (*pipeline.Blocker, error) {
	chosen, blocker, err := r.engines.Choose(ctx, pipeline.Wish{
		Namespace: in.job.Namespace, Named: in.job.Spec.ProviderRef,
		Pair:    engine.Pair{Source: in.work.SourceLanguage, Target: in.work.TargetLanguage},
		GivenUp: in.givenUp, Unavailable: r.runner.Broken,
	})
	if blocker != nil || err != nil {
		return blocker, err
	}
	in.provider, in.work.Pair, in.work.Prices = chosen, chosen.Pair, chosen.Prices
	return nil, nil
}

func (r *Reconciler) readGlossaries(ctx context.Context, in *inputs) (*pipeline.Blocker, error) {
	spec := in.job.Spec
	lists := [][]glossary.Entry{glossary.FromInline(spec.Glossary)}
	for _, ref := range spec.GlossaryRefs {
		var g v1alpha1.Glossary
		err := r.client.Get(ctx, client.ObjectKey{Namespace: in.job.Namespace, Name: string(ref.Name)}, &g)
		if apierrors.IsNotFound(err) {
			return &pipeline.Blocker{
				Reason:  v1alpha1.GlossaryNotFoundReason,
				Message: fmt.Sprintf("Glossary %q is not in namespace %q; the job goes on when it is", ref.Name, in.job.Namespace),
			}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read Glossary %q: %w", ref.Name, err)
		}
		lists = append(lists, glossary.FromGlossary(g.Spec, in.work.TargetLanguage, spec.Domain))
	}
	in.work.Terms = glossary.Merge(spec.GlossaryPriority, lists...)
	return nil, nil
}

func (r *Reconciler) readSource(ctx context.Context, in *inputs) (*pipeline.Blocker, error) {
	source := in.job.Spec.Source
	switch {
	case source.Text != nil:
		in.work.Text = *source.Text
	case source.Texts != nil:
		for _, item := range source.Texts {
			in.work.Texts = append(in.work.Texts, item.Text)
		}
	case source.ConfigMapKeyRef != nil:
		return r.readConfigMap(ctx, in, *source.ConfigMapKeyRef)
	case source.File != nil:
		return r.readConfigMap(ctx, in, source.File.ConfigMapKeyRef)
	case source.Payload != nil && source.Payload.Ref.Bytes > payload.MaxInput:
		return &pipeline.Blocker{
			Reason:   v1alpha1.SourceTooLargeReason,
			Message:  fmt.Sprintf("payload %q has %d bytes; the limit is %d", source.Payload.Ref.Name, source.Payload.Ref.Bytes, payload.MaxInput),
			Terminal: true,
		}, nil
	}
	return nil, nil
}

// readPayload reads a source from the payload store when an attempt begins.
func (r *Reconciler) readPayload(ctx context.Context, job *v1alpha1.TranslationJob) (string, []string, error) {
	source := job.Spec.Source.Payload
	data, err := r.store.Open(ctx, job.Namespace, source.Ref)
	if errors.Is(err, payload.ErrNotFound) {
		return "", nil, &pipeline.Refusal{
			End: pipeline.Waits, Reason: v1alpha1.SourceNotFoundReason,
			Message: fmt.Sprintf("payload %q is not in the payload store; the job goes on when it is", source.Ref.Name),
		}
	}
	if err != nil {
		return "", nil, err
	}
	if source.Form != v1alpha1.TextsForm {
		return string(data), nil, nil
	}
	var items []v1alpha1.TextItem
	if err := json.Unmarshal(data, &items); err != nil {
		return "", nil, &pipeline.Refusal{
			End: pipeline.Fatal, Reason: v1alpha1.SourceInvalidReason,
			Message: fmt.Sprintf("payload %q is not a JSON list of texts", source.Ref.Name),
		}
	}
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = item.Text
	}
	return "", texts, nil
}

// readConfigMap reads a source by reference.
func (r *Reconciler) readConfigMap(ctx context.Context, in *inputs, ref v1alpha1.ConfigMapKeyReference) (*pipeline.Blocker, error) {
	text, blocker, err := r.configMapText(ctx, in.job.Namespace, ref, v1alpha1.SourceNotFoundReason)
	in.work.Text = text
	return blocker, err
}

// configMapText reads a text of a ConfigMap, past the cache: the cache holds only the
// names of ConfigMaps.
func (r *Reconciler) configMapText(ctx context.Context, namespace string, ref v1alpha1.ConfigMapKeyReference, absent string) (string, *pipeline.Blocker, error) {
	var cm corev1.ConfigMap
	err := r.live.Get(ctx, client.ObjectKey{Namespace: namespace, Name: string(ref.Name)}, &cm)
	if apierrors.IsNotFound(err) {
		return "", &pipeline.Blocker{
			Reason:  absent,
			Message: fmt.Sprintf("ConfigMap %q is not in namespace %q; the job goes on when it is", ref.Name, namespace),
		}, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("read ConfigMap %q: %w", ref.Name, err)
	}
	text, ok := cm.Data[ref.Key]
	if binary, isBinary := cm.BinaryData[ref.Key]; !ok && isBinary {
		text, ok = string(binary), true
	}
	switch {
	case !ok:
		return "", &pipeline.Blocker{
			Reason:  absent,
			Message: fmt.Sprintf("ConfigMap %q has no key %q; the job goes on when it has", ref.Name, ref.Key),
		}, nil
	case len(text) > maxSourceBytes:
		return "", &pipeline.Blocker{
			Reason:   v1alpha1.SourceTooLargeReason,
			Message:  fmt.Sprintf("key %q of ConfigMap %q has %d bytes; the limit is %d", ref.Key, ref.Name, len(text), maxSourceBytes),
			Terminal: true,
		}, nil
	case !utf8.ValidString(text):
		return "", &pipeline.Blocker{
			Reason:   v1alpha1.SourceInvalidReason,
			Message:  fmt.Sprintf("key %q of ConfigMap %q is not UTF-8 text", ref.Key, ref.Name),
			Terminal: true,
		}, nil
	}
	return text, nil, nil
}
