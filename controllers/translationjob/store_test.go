package translationjob

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/metrics"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

func newStore() payload.Store {
	c := fake.NewClientBuilder().Build()
	return payload.New(payload.ConfigMaps{Client: c, Reader: c}, clocktesting.NewFakePassiveClock(beginning))
}

// keptPages reads what the pages of a job hold together.
func keptPages(t *testing.T, store payload.Store, job *v1alpha1.TranslationJob) pipeline.Checkpoint {
	t.Helper()
	_, found, err := store.OpenPages(t.Context(), job, false)
	if err != nil {
		t.Fatal(err)
	}
	var out pipeline.Checkpoint
	for _, data := range found {
		var page pipeline.Checkpoint
		if err := json.Unmarshal(data, &page); err != nil {
			t.Fatal(err)
		}
		out.Add(page)
	}
	return out
}

func TestAStoppedAttemptIsSaved(t *testing.T) {
	cases := map[string]struct {
		finish bool // a segment before it is stopped
		want   int
	}{
		"with a finished segment": {finish: true, want: 1},
		"with nothing to save":    {},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			a := tried(func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
				if tc.finish && call == 1 {
					return scripted.Translation(req), nil
				}
				cancel()
				return engine.Response{}, ctx.Err()
			})
			a.provider.Engine.(*scripted.Engine).Description.MaxSegments = 1
			a.job.UID = "uid"
			a.next(to(1, false))
			a.Do(ctx, nil)
			if got := a.view(pipeline.AttemptOver, beginning).Outcome.End; got != pipeline.Stopped {
				t.Errorf("the attempt ended %d", got)
			}
			if got := len(keptPages(t, a.pages.store, a.job).Segments); got != tc.want {
				t.Errorf("%d segments are saved, want %d", got, tc.want)
			}
		})
	}
}

// A process that was taken over must not go on.
func TestAnAttemptThatWasTakenOver(t *testing.T) {
	a := tried(nil)
	a.job.UID = "uid"
	page := pipeline.Checkpoint{Segments: map[string]pipeline.Saved{"key": {Masked: "text"}}}
	if err := a.pages.keep(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	other := &pages{store: a.pages.store, job: a.owner}
	if found, err := other.takeOver(t.Context()); err != nil || len(found) != 1 {
		t.Fatalf("takeOver() = %d pages, %v", len(found), err)
	}
	err := a.pages.keep(t.Context(), page)
	if refusal, ok := errors.AsType[*pipeline.Refusal](err); !ok || refusal.End != pipeline.TakenOver {
		t.Errorf("the first process wrote on: %v", err)
	}
	if err := other.keep(t.Context(), page); err != nil {
		t.Errorf("the second could not write: %v", err)
	}
	if err := other.drop(t.Context()); err != nil || len(keptPages(t, other.store, a.job).Segments) > 0 {
		t.Errorf("after drop() something is left: %v", err)
	}
}

func TestWhereAResultIsPublished(t *testing.T) {
	cases := map[string]struct {
		text       string
		wantInline bool
	}{
		"a small one in the object": {text: "Hola.", wantInline: true},
		"a large one in a payload":  {text: strings.Repeat("Hola. ", document.MaxInlineBytes)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r, job := &Reconciler{store: newStore()}, build.Job("job", "ns").Obj()
			job.UID = "uid"
			want := document.Result{Translation: document.Translation{Text: &tc.text}, WordCount: 1}
			got, err := r.publish(t.Context(), job, want)
			if err != nil {
				t.Fatal(err)
			}
			if got.SHA256 != want.SHA256() || (got.Text != nil) != tc.wantInline || (got.PayloadRef == nil) != tc.wantInline {
				t.Fatalf("published as %+v", got)
			}
			if tc.wantInline {
				return
			}
			data, err := r.store.Open(t.Context(), "ns", *got.PayloadRef)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := document.UnmarshalResult(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, opened); diff != "" {
				t.Errorf("opened (-want +got):\n%s", diff)
			}
		})
	}
}

// prepared is what a pass has seen of a job of two texts, by a run of its own kind.
func prepared(e engine.Engine) (*v1alpha1.TranslationJob, observation) {
	job := build.Job("job", "ns").Texts("Hola amigo.", "Tengo un gato.").Obj()
	job.UID = "uid"
	return job, observation{
		Observation: pipeline.Observation{Digest: "work"},
		inputs: &inputs{
			job: job, provider: pipeline.Provider{Engine: e},
			work: pipeline.Job{SourceLanguage: "es", TargetLanguage: "ca", Texts: []string{"Hola amigo.", "Tengo un gato."}},
		},
	}
}

func TestPrepare(t *testing.T) {
	half := func() *pipeline.Run { // a run that has finished one of the two
		e := scripted.New()
		e.Description.MaxSegments = 1
		e.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
			if call == 2 {
				return engine.Response{}, engine.Errorf(engine.Transient, "no answer")
			}
			return scripted.Translation(req), nil
		}
		_, seen := prepared(e)
		run := pipeline.New(seen.inputs.work, pipeline.Tools{Engine: e}, pipeline.Checkpoint{})
		run.Do(t.Context())
		return run
	}
	cases := map[string]struct {
		stored   string // a page
		worked   bool   // somebody has worked on the job before
		replaced bool   // an attempt at an older spec is there
		want     int    // segments taken over
	}{
		"a new job":                              {},
		"another process kept something":         {stored: "half", worked: true, want: 1},
		"another process kept nothing":           {worked: true},
		"what it kept is damaged":                {stored: "{", worked: true},
		"an attempt at an older spec is at hand": {replaced: true, want: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			clock := clocktesting.NewFakeClock(beginning)
			r := &Reconciler{opts: Options{Clock: clock, Metrics: metrics.NopManager()}, store: newStore()}
			job, seen := prepared(scripted.New())
			if tc.worked {
				seen.Status.Progress = &v1alpha1.Progress{Total: 2}
			}
			if tc.stored != "" {
				data := []byte(tc.stored)
				if tc.stored == "half" {
					var err error
					if data, err = json.Marshal(half().Checkpoint()); err != nil {
						t.Fatal(err)
					}
				}
				open, _, err := r.store.OpenPages(t.Context(), job, false)
				if err != nil {
					t.Fatal(err)
				}
				if err := open.Append(t.Context(), data); err != nil {
					t.Fatal(err)
				}
			}
			if tc.replaced {
				seen.attempt = &attempt{digest: "older", run: half(), pages: &pages{}, clock: clock}
			}
			a, err := r.prepare(t.Context(), job, seen)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(a.run.Checkpoint().Segments); got != tc.want {
				t.Errorf("%d segments are taken over, want %d", got, tc.want)
			}
			if a.uid != "uid" || a.digest != "work" || a.owner() != job {
				t.Errorf("the attempt is at %q for %q", a.digest, a.uid)
			}
		})
	}
}

// What the status and the spec say reaches the run.
func TestTheWorkOfAPreparedAttempt(t *testing.T) {
	job, seen := prepared(scripted.New())
	job.Status.Cost = "0.25"
	seen.inputs.provider.Reference.Name = "engine"
	seen.Paid, seen.Generation = true, 1
	seen.Status = v1alpha1.TranslationJobStatus{
		Provider:           &v1alpha1.ProviderStatusReference{Name: "engine"},
		ObservedGeneration: 1, WorkDigest: "work", Attempts: 2, LostAttempts: 1, PlannedMaxCost: "1.5", StartedAt: timeOf(beginning),
	}
	got := workOf(job, seen)
	if !got.Paid || !got.Lost || got.Retry || got.Announced != 1_500_000 || got.Cost != 250_000 {
		t.Errorf("workOf() = %+v", got)
	}
	for _, lost := range []bool{true, false} { // the attempt in the runner has not counted the loss, or has
		seen.attempt = &attempt{run: pipeline.New(pipeline.Job{Lost: lost}, pipeline.Tools{}, pipeline.Checkpoint{})}
		if got := workOf(job, seen); got.Lost != lost {
			t.Errorf("workOf() after an attempt that misses a lost call, %v: %v", lost, got.Lost)
		}
	}
	seen.attempt = nil
	seen.inputs.provider.Reference.Model = "another"
	if got := workOf(job, seen); got.Announced != 0 {
		t.Errorf("workOf() of another model keeps the plan of the one before: %+v", got)
	}
	seen.inputs.provider.Reference.Model = ""
	seen.Status.CompletedAt, seen.Retry = timeOf(beginning), "now"
	seen.Status.Conditions = []metav1.Condition{{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.FailedReason}}
	if got := workOf(job, seen); got.Lost || !got.Retry || got.Announced != 0 || got.Cost != 250_000 {
		t.Errorf("workOf() a retry = %+v", got)
	}
}

func TestPrepareKeepsTheAttemptThatIsThere(t *testing.T) {
	r := &Reconciler{}
	job, seen := prepared(scripted.New())
	seen.inputs, seen.attempt = nil, &attempt{}
	if got, err := r.prepare(t.Context(), job, seen); err != nil || got != seen.attempt {
		t.Errorf("prepare() = another attempt, %v", err)
	}
}
