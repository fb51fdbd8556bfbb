package apiserver

import (
	"strconv"
	"time"
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

// kept is how a shelf keeps an object: as it is, or in less memory.
type kept[T client.Object] interface {
	// object returns the object. It is shared and must not be changed.
	object() T
	// id, home and version are what is asked most often.
	id() types.UID
	home() string
	version() string
}

// whole keeps an object as it is.
type whole[T client.Object] struct{ it T }

func (w whole[T]) object() T       { return w.it }
func (w whole[T]) id() types.UID   { return w.it.GetUID() }
func (w whole[T]) home() string    { return w.it.GetNamespace() }
func (w whole[T]) version() string { return w.it.GetResourceVersion() }

// compactJob is a job that has ended, with what lists and batches show of it. A
// TranslationJob alone has 960 bytes, and its strings as much again; finished jobs
// are by far the most, and whoever wants to know more of one asks for it by its id.
type compactJob struct {
	name, uid, resourceVersion string
	common                     unique.Handle[commonPart]
	// score and cost as they stand in the status.
	score              unique.Handle[v1alpha1.Decimal]
	cost               v1alpha1.Decimal
	content            string
	created, completed int64 // Unix seconds; 0 for none
	generation         int64
	item               int32 // place in its batch, -1 for none
	words, billed      int32 // -1 for none
	progress           v1alpha1.Progress
}

// commonPart is what many jobs have in common. It is kept once for all of them.
type commonPart struct {
	namespace, project  string
	source, target      v1alpha1.LanguageTag
	mode                v1alpha1.Mode
	quality             v1alpha1.Quality
	file, archived      bool
	reason              string
	phase               v1alpha1.Phase
	batchName, batchUID string
	measured            bool // progress is known
}

// keepJob returns a job as it is kept: without texts, and in less memory when it has
// ended.
func keepJob(job *v1alpha1.TranslationJob) kept[*v1alpha1.TranslationJob] {
	_, retried := job.Annotations[v1alpha1.RetryAnnotation]
	if !convert.Ended(job) || retried || job.DeletionTimestamp != nil {
		return whole[*v1alpha1.TranslationJob]{it: leanJob(job)}
	}
	return compact(job)
}

// compact keeps what is shown of a job that has ended.
func compact(job *v1alpha1.TranslationJob) *compactJob {
	common := commonPart{
		namespace: job.Namespace, project: job.Spec.ProjectName,
		source: job.Spec.SourceLanguage, target: job.Spec.TargetLanguage,
		mode: job.Spec.Mode, quality: job.Spec.Quality,
		file: job.Spec.Source.File != nil, archived: convert.Archived(job),
		reason: convert.EndReason(job), phase: job.Status.Phase,
		batchName: convert.BatchName(job), batchUID: convert.BatchUID(job),
		measured: job.Status.Progress != nil,
	}
	out := &compactJob{
		name: job.Name, uid: string(job.UID), resourceVersion: job.ResourceVersion,
		common: unique.Make(common), score: unique.Make(job.Status.QAScore), cost: job.Status.Cost,
		content: job.Annotations[convert.ContentAnnotation],
		created: job.CreationTimestamp.Unix(), generation: job.Generation,
		item:  int32(itemOf(job)), //nolint:gosec // at most 1000
		words: orNone(job.Status.WordCount), billed: orNone(job.Status.BilledWords),
	}
	if end := job.Status.CompletedAt; end != nil {
		out.completed = end.Unix()
	}
	if job.Status.Progress != nil {
		out.progress = *job.Status.Progress
	}
	return out
}

func orNone(count *int32) int32 {
	if count == nil {
		return -1
	}
	return *count
}

func countOf(value int32) *int32 {
	if value < 0 {
		return nil
	}
	return &value
}

// GetObjectMeta lets an informer keep the job: it asks for names alone.
func (c *compactJob) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{
		Namespace: c.home(), Name: c.name, UID: c.id(), ResourceVersion: c.resourceVersion, Generation: c.generation,
		CreationTimestamp: metav1.NewTime(time.Unix(c.created, 0)),
	}
}

func (c *compactJob) id() types.UID   { return types.UID(c.uid) }
func (c *compactJob) home() string    { return c.common.Value().namespace }
func (c *compactJob) version() string { return c.resourceVersion }

// object returns the job with what is known of it.
func (c *compactJob) object() *v1alpha1.TranslationJob {
	common := c.common.Value()
	job := &v1alpha1.TranslationJob{}
	c.GetObjectMeta().(*metav1.ObjectMeta).DeepCopyInto(&job.ObjectMeta)
	if common.archived {
		job.Labels = map[string]string{v1alpha1.ArchivedLabel: "true"}
	}
	job.Annotations = c.annotations()
	if common.batchUID != "" {
		job.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: "TranslationBatch",
			Name: common.batchName, UID: types.UID(common.batchUID), Controller: new(true),
		}}
	}
	job.Spec.ProjectName, job.Spec.Mode, job.Spec.Quality = common.project, common.mode, common.quality
	job.Spec.SourceLanguage, job.Spec.TargetLanguage = common.source, common.target
	if common.file {
		job.Spec.Source.File = &v1alpha1.FileSource{}
	}
	job.Status = v1alpha1.TranslationJobStatus{
		ObservedGeneration: c.generation, Phase: common.phase,
		Conditions: []metav1.Condition{{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: common.reason, ObservedGeneration: c.generation}},
		QAScore:    c.score.Value(), Cost: c.cost, WordCount: countOf(c.words), BilledWords: countOf(c.billed),
	}
	if common.measured {
		job.Status.Progress = new(c.progress)
	}
	if c.completed != 0 {
		job.Status.CompletedAt = new(metav1.NewTime(time.Unix(c.completed, 0)))
	}
	return job
}

func (c *compactJob) annotations() map[string]string {
	if c.content == "" && c.item < 0 {
		return nil
	}
	out := map[string]string{}
	if c.content != "" {
		out[convert.ContentAnnotation] = c.content
	}
	if c.item >= 0 {
		out[v1alpha1.BatchItemAnnotation] = strconv.Itoa(int(c.item))
	}
	return out
}
