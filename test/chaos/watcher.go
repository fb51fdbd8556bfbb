package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// pageLabels select the pages of finished segments among the payloads.
var pageLabels = client.MatchingLabels{v1alpha1.PayloadLabel: "true", "translation.dragoman.dev/payload-kind": "page"}

// watcher sees every version of every job, and holds each against the rules. It sees
// the pages of the jobs too, and tells the ledger of them.
type watcher struct {
	client client.WithWatch
	ledger *ledger
	tasks  map[order]*task
	orders map[string]order // by namespace/name

	mu       sync.Mutex
	jobs     map[string]*v1alpha1.TranslationJob // newest, by namespace/name
	versions int
	broken   []string
	changed  time.Time
	// First calls whose job had a plan on record, and those whose job could not be read.
	planned, unchecked int
	// blamed are jobs that counted a lost attempt before anything was bought for them.
	blamed map[string]bool
}

func newWatcher(c client.WithWatch, l *ledger, tasks []*task) *watcher {
	w := &watcher{
		client: c, ledger: l, tasks: map[order]*task{}, orders: map[string]order{},
		jobs: map[string]*v1alpha1.TranslationJob{}, changed: time.Now(), blamed: map[string]bool{},
	}
	for _, t := range tasks {
		w.tasks[t.order], w.orders[t.key()] = t, t.order
	}
	return w
}

// run watches until ctx ends.
func (w *watcher) run(ctx context.Context) {
	everything := client.InNamespace("")
	jobs := &follower{client: w.client, selector: everything, saw: w.sawJob, empty: func() client.ObjectList { return &v1alpha1.TranslationJobList{} }}
	pages := &follower{client: w.client, selector: pageLabels, saw: w.sawPage, empty: func() client.ObjectList { return &corev1.ConfigMapList{} }}
	var both sync.WaitGroup
	both.Go(func() { jobs.run(ctx) })
	both.Go(func() { pages.run(ctx) })
	both.Wait()
}

func (w *watcher) sawJob(object client.Object) {
	job, ok := object.(*v1alpha1.TranslationJob)
	if !ok {
		return
	}
	key := job.Namespace + "/" + job.Name
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.jobs[key]
	if before != nil && before.ResourceVersion == job.ResourceVersion {
		return
	}
	w.jobs[key], w.changed = job, time.Now()
	w.versions++
	if job.Status.LostAttempts > 0 && !w.ledger.known(w.orders[key]) {
		w.blamed[key] = true
	}
	for _, rule := range brokenRules(before, job) {
		w.broken = append(w.broken, fmt.Sprintf("%s (version %s): %s", key, job.ResourceVersion, rule))
	}
}

// sawPage reads which sentences a page has.
func (w *watcher) sawPage(object client.Object) {
	cm, ok := object.(*corev1.ConfigMap)
	owner := metav1.GetControllerOf(object)
	if !ok || owner == nil {
		return
	}
	text, err := unzip(cm.BinaryData)
	if err != nil {
		w.breaks(fmt.Sprintf("%s/%s: a page cannot be read: %v", cm.Namespace, cm.Name, err))
		return
	}
	_, sentences := sentencesIn(text)
	w.ledger.recorded(page{job: cm.Namespace + "/" + owner.Name, created: cm.CreationTimestamp.Time, sentences: sentences})
}

// unzip returns the text of a blob, which is the only value there is.
func unzip(values map[string][]byte) (string, error) {
	for _, packed := range values {
		zipped, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(zipped)
		return string(text), err
	}
	return "", errors.New("it is empty")
}

// checkPlan asks the API server, before the first sale of a job, whether what the job
// may cost at most is on record.
func (w *watcher) checkPlan(ctx context.Context, o order) {
	t := w.tasks[o]
	if t == nil {
		w.breaks(fmt.Sprintf("a call came for order %d into %q, which nobody made", o.Number, o.Language))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var job v1alpha1.TranslationJob
	err := w.client.Get(ctx, client.ObjectKey{Namespace: t.Namespace, Name: t.Name}, &job)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil:
		w.unchecked++
	case job.Status.PlannedMaxCost == "" || job.Status.Attempts == 0:
		w.broken = append(w.broken, fmt.Sprintf("%s: the first call came with plannedMaxCost %q and %d attempts on record",
			t.key(), job.Status.PlannedMaxCost, job.Status.Attempts))
	default:
		w.planned++
	}
}

func (w *watcher) breaks(rule string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, rule)
}

// open returns the jobs that have not ended, with what they say.
func (w *watcher) open() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, t := range w.tasks {
		job := w.jobs[t.key()]
		switch {
		case job == nil:
			out = append(out, t.key()+": not made")
		case !finished(job):
			said := "nothing"
			if c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.FinishedCondition); c != nil {
				said = c.Reason + ": " + c.Message
			}
			out = append(out, fmt.Sprintf("%s: %s, %s", t.key(), job.Status.Phase, said))
		}
	}
	slices.Sort(out)
	return out
}

// ended returns how many jobs have ended, and when anything changed last.
func (w *watcher) ended() (int, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, job := range w.jobs {
		if finished(job) {
			n++
		}
	}
	return n, w.changed
}

// newest returns the last version of a task's job that was seen; nil for none.
func (w *watcher) newest(t *task) *v1alpha1.TranslationJob {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.jobs[t.key()]
}
