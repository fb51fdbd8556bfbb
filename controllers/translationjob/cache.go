package translationjob

import (
	"maps"
	"slices"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/fanout"
)

// keepBytes bounds the source text that the cache keeps of an unfinished job. A
// short text costs less to keep than to read again; ten thousand of them waiting
// take 40 MiB.
const keepBytes = 4 << 10

// Bounds of what settled jobs share, for each pool: about 1 MiB at the very most.
const (
	poolEntries = 1024
	poolBytes   = 1 << 10
)

// Strip is the cache's transform for TranslationJobs. Of a job that has ended for the
// spec it has, it leaves what the controllers read of such jobs; most jobs are of that
// kind. Of other jobs it drops the texts, which are read on demand. A text that is
// dropped there leaves an empty value behind, which no valid job has.
//
// What it leaves may be shared with other objects of the cache, which nobody may
// change. What it dropped must never be written: see base and whole.
func Strip(in any) (any, error) {
	job, ok := in.(*v1alpha1.TranslationJob)
	if !ok {
		return in, nil
	}
	if settled(job) {
		settledJobs.cut(job)
		return job, nil
	}
	job.ManagedFields = nil
	if job.Status.Result != nil {
		job.Status.Result.Text, job.Status.Result.Texts = nil, nil
		job.Status.Result.Findings = nil
	}
	if sourceBytes(job) <= keepBytes {
		return job, nil
	}
	if job.Spec.Source.Text != nil {
		job.Spec.Source.Text = new("")
	}
	if job.Spec.Source.Texts != nil {
		job.Spec.Source.Texts = []v1alpha1.TextItem{}
	}
	if job.Spec.StyleReference != "" || job.Spec.Glossary != nil {
		job.Spec.StyleReference = ""
		job.Spec.Glossary = []v1alpha1.InlineTerm{} // stands for both
	}
	return job, nil
}

// stripped says whether Strip has taken anything of the spec.
func stripped(job *v1alpha1.TranslationJob) bool {
	s := job.Spec.Source
	return settled(job) || s.Text != nil && *s.Text == "" || s.Texts != nil && len(s.Texts) == 0 ||
		job.Spec.Glossary != nil && len(job.Spec.Glossary) == 0
}

// settled says whether the job has ended for the spec it has.
func settled(job *v1alpha1.TranslationJob) bool {
	return job.Status.CompletedAt != nil && job.Status.ObservedGeneration == job.Generation
}

func sourceBytes(job *v1alpha1.TranslationJob) int {
	n := len(job.Spec.StyleReference)
	if job.Spec.Source.Text != nil {
		n += len(*job.Spec.Source.Text)
	}
	for _, item := range job.Spec.Source.Texts {
		n += len(item.Text)
		if item.Metadata != nil {
			n += len(item.Metadata.Raw)
		}
	}
	return n
}

// settledJobs is what settled jobs share. It decides nothing and its size is bounded,
// so that all caches of a process may use the same.
var settledJobs stripper

// stripper cuts settled jobs. Ten thousand of them differ in their names, times and
// digests; nearly all the rest is the same in many, and kept once.
type stripper struct {
	texts      pool[string, string]
	numbers    pool[int32, *int32]
	flags      pool[bool, *bool]
	progress   pool[v1alpha1.Progress, *v1alpha1.Progress]
	conditions pool[[2]metav1.Condition, []metav1.Condition]
	maps       pool[string, map[string]string]
	owners     pool[owner, []metav1.OwnerReference]
	ttls       pool[ttl, *v1alpha1.OutcomeTTL]
	payloads   pool[v1alpha1.ObjectName, *v1alpha1.PayloadSource]
	results    pool[bool, *v1alpha1.Result]
}

// cut replaces each part by one that is made anew or shared. It changes no part in
// place: the job may have been cut before, and its parts be shared by now.
func (s *stripper) cut(job *v1alpha1.TranslationJob) {
	job.Kind, job.APIVersion = s.text(job.Kind), s.text(job.APIVersion)
	job.ObjectMeta = s.meta(&job.ObjectMeta)
	job.Spec = s.spec(&job.Spec)
	job.Status = s.status(&job.Status)
}

func (s *stripper) meta(m *metav1.ObjectMeta) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:                       m.Name,
		Namespace:                  s.text(m.Namespace),
		UID:                        m.UID,
		ResourceVersion:            m.ResourceVersion,
		Generation:                 m.Generation,
		CreationTimestamp:          m.CreationTimestamp,
		DeletionTimestamp:          m.DeletionTimestamp,
		DeletionGracePeriodSeconds: m.DeletionGracePeriodSeconds,
		Labels:                     s.stringMap(m.Labels),
		Annotations:                s.stringMap(readAnnotations(m.Annotations)),
		OwnerReferences:            s.ownerReferences(m.OwnerReferences),
		Finalizers:                 m.Finalizers,
	}
}

// spec leaves what decides about retention and batches, and what a pass reads of a job
// that shall run again before it reads the whole one.
func (s *stripper) spec(from *v1alpha1.TranslationJobSpec) v1alpha1.TranslationJobSpec {
	var to v1alpha1.TranslationJobSpec
	to.TargetLanguage = v1alpha1.LanguageTag(s.text(string(from.TargetLanguage)))
	to.Suspend, to.Cancel = shared(&s.flags, from.Suspend), shared(&s.flags, from.Cancel)
	to.Priority = shared(&s.numbers, from.Priority)
	to.BackoffLimit = shared(&s.numbers, from.BackoffLimit)
	to.ActiveDeadlineSeconds = shared(&s.numbers, from.ActiveDeadlineSeconds)
	to.TTLAfterFinished = s.ttl(from.TTLAfterFinished)
	if p := from.Source.Payload; p != nil {
		to.Source.Payload = s.payloads.share(p.Ref.Name, func() *v1alpha1.PayloadSource {
			return &v1alpha1.PayloadSource{Ref: v1alpha1.PayloadReference{Name: p.Ref.Name}}
		})
	}
	return to
}

func (s *stripper) status(from *v1alpha1.TranslationJobStatus) v1alpha1.TranslationJobStatus {
	return v1alpha1.TranslationJobStatus{
		Conditions:         s.ends(from.Conditions),
		ObservedGeneration: from.ObservedGeneration,
		WorkDigest:         from.WorkDigest,
		Phase:              v1alpha1.Phase(s.text(string(from.Phase))),
		Progress:           shared(&s.progress, from.Progress),
		Result:             s.result(from.Result),
		QAScore:            v1alpha1.Decimal(s.text(string(from.QAScore))),
		WordCount:          shared(&s.numbers, from.WordCount),
		BilledWords:        shared(&s.numbers, from.BilledWords),
		Cost:               v1alpha1.Decimal(s.text(string(from.Cost))),
		Attempts:           from.Attempts,
		FailedAttempts:     from.FailedAttempts,
		LostAttempts:       from.LostAttempts,
		LastHandledRetry:   from.LastHandledRetry,
		CompletedAt:        from.CompletedAt,
	}
}

// ends leaves the conditions Finished and Ready, without their times.
func (s *stripper) ends(conditions []metav1.Condition) []metav1.Condition {
	var kept [2]metav1.Condition
	n := 0
	for _, kind := range []string{v1alpha1.FinishedCondition, v1alpha1.ReadyCondition} {
		c := meta.FindStatusCondition(conditions, kind)
		if c == nil {
			continue
		}
		kept[n] = *c
		kept[n].LastTransitionTime = metav1.Time{}
		if kind == v1alpha1.ReadyCondition {
			kept[n].Message = "" // that of Finished
		}
		n++
	}
	if n == 0 {
		return nil
	}
	return s.conditions.share(kept, func() []metav1.Condition { return slices.Clone(kept[:n]) })
}

// result says that there is one, and where a large one is.
func (s *stripper) result(r *v1alpha1.Result) *v1alpha1.Result {
	if r == nil {
		return nil
	}
	if r.PayloadRef != nil {
		return &v1alpha1.Result{PayloadRef: r.PayloadRef}
	}
	return s.results.share(true, func() *v1alpha1.Result { return &v1alpha1.Result{} })
}

// readAnnotations returns those that a controller reads. What kubectl leaves there
// may be as large as the job.
func readAnnotations(all map[string]string) map[string]string {
	kept := map[string]string{}
	for _, key := range []string{v1alpha1.RetryAnnotation, v1alpha1.BatchItemAnnotation, fanout.SpecHashAnnotation} {
		if value, ok := all[key]; ok {
			kept[key] = value
		}
	}
	return kept
}

func (s *stripper) text(text string) string {
	if len(text) > poolBytes {
		return text
	}
	return s.texts.share(text, func() string { return text })
}

func (s *stripper) stringMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	var key []byte
	for _, k := range slices.Sorted(maps.Keys(m)) {
		key = strconv.AppendQuote(strconv.AppendQuote(key, k), m[k])
	}
	if len(key) > poolBytes {
		return m
	}
	return s.maps.share(string(key), func() map[string]string { return m })
}

// owner is an owner reference that can be compared.
type owner struct {
	ref               metav1.OwnerReference // without its pointers
	controller, block flag
}

// flag is a *bool that can be compared.
type flag struct{ set, value bool }

func flagOf(b *bool) flag { return flag{set: b != nil, value: isTrue(b)} }

func (s *stripper) ownerReferences(refs []metav1.OwnerReference) []metav1.OwnerReference {
	if len(refs) != 1 {
		return refs
	}
	key := owner{ref: refs[0], controller: flagOf(refs[0].Controller), block: flagOf(refs[0].BlockOwnerDeletion)}
	key.ref.Controller, key.ref.BlockOwnerDeletion = nil, nil
	return s.owners.share(key, func() []metav1.OwnerReference { return slices.Clone(refs) })
}

// ttl is an OutcomeTTL that can be compared; -1 is none.
type ttl struct{ completed, needsReview, failed int32 }

func (s *stripper) ttl(t *v1alpha1.OutcomeTTL) *v1alpha1.OutcomeTTL {
	if t == nil {
		return nil
	}
	seconds := func(n *int32) int32 {
		if n == nil {
			return -1
		}
		return *n
	}
	key := ttl{completed: seconds(t.Completed), needsReview: seconds(t.NeedsReview), failed: seconds(t.Failed)}
	return s.ttls.share(key, func() *v1alpha1.OutcomeTTL { return t })
}

// shared returns the pointer that all equal values have in common; nil for nil.
func shared[T comparable](p *pool[T, *T], value *T) *T {
	if value == nil {
		return nil
	}
	return p.share(*value, func() *T { return value })
}

// pool keeps one value of each key, for a bounded number of keys. Package unique
// would forget a value that is held by no Handle.
type pool[K comparable, V any] struct {
	mu     sync.Mutex
	values map[K]V
}

// share returns the value of a key, made when it is not there. A full pool begins
// anew: what it gave away stays as good as it was.
func (p *pool[K, V]) share(key K, value func() V) V {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, ok := p.values[key]; ok {
		return found
	}
	if p.values == nil || len(p.values) >= poolEntries {
		p.values = make(map[K]V)
	}
	made := value()
	p.values[key] = made
	return made
}
