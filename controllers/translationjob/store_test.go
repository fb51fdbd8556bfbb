package translationjob

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

func newStore() payload.Store {
	c := fake.NewClientBuilder().Build()
	return payload.Store{Client: c, Reader: c}
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
			a, _ := tried(func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
				if tc.finish && call == 1 {
					return scripted.Translation(req), nil
				}
				cancel()
				return engine.Response{}, ctx.Err()
			})
			a.provider.Engine.(*scripted.Engine).Description.MaxSegments = 1
			a.store = newStore()
			a.job.UID = "uid"
			a.next(1, false)
			a.Do(ctx, nil)
			if got := a.view(pipeline.AttemptOver, beginning).Outcome.End; got != pipeline.Stopped || a.saved() != (tc.want > 0) {
				t.Errorf("ended %d, saved %v", got, a.saved())
			}
			data, err := a.store.LoadCheckpoint(t.Context(), a.job)
			if err != nil {
				t.Fatal(err)
			}
			var cp pipeline.Checkpoint
			if tc.want > 0 {
				if err := json.Unmarshal(data, &cp); err != nil {
					t.Fatal(err)
				}
			}
			if len(cp.Segments) != tc.want {
				t.Errorf("%d segments are saved, want %d", len(cp.Segments), tc.want)
			}
		})
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
			a := &attempt{store: newStore(), job: build.Job("job", "ns").Obj()}
			want := document.Result{Translation: document.Translation{Text: &tc.text}, WordCount: 1}
			got, err := a.publish(t.Context(), want)
			if err != nil {
				t.Fatal(err)
			}
			if got.SHA256 != want.SHA256() || (got.Text != nil) != tc.wantInline || (got.PayloadRef == nil) != tc.wantInline {
				t.Fatalf("published as %+v", got)
			}
			if tc.wantInline {
				return
			}
			data, err := a.store.Open(t.Context(), "ns", *got.PayloadRef)
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
		stored   string // a checkpoint
		kept     bool
		replaced bool // an attempt at an older spec is there
		want     int  // segments taken over
	}{
		"a new job":                              {},
		"another process kept something":         {stored: "half", kept: true, want: 1},
		"it kept something, but not of this":     {stored: "half"},
		"another process kept nothing":           {kept: true},
		"what it kept is damaged":                {stored: "{", kept: true},
		"an attempt at an older spec is at hand": {replaced: true, want: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := &Reconciler{opts: Options{Clock: nil}, store: newStore()}
			job, seen := prepared(scripted.New())
			seen.Kept = tc.kept
			if tc.stored != "" {
				data := []byte(tc.stored)
				if tc.stored == "half" {
					var err error
					if data, err = json.Marshal(half().Checkpoint()); err != nil {
						t.Fatal(err)
					}
				}
				if err := r.store.SaveCheckpoint(t.Context(), job, data); err != nil {
					t.Fatal(err)
				}
			}
			if tc.replaced {
				seen.attempt = &attempt{digest: "older", run: half(), clock: clocktesting.NewFakePassiveClock(beginning)}
			}
			a, err := r.prepare(t.Context(), job, seen)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(a.run.Checkpoint().Segments); got != tc.want {
				t.Errorf("%d segments are taken over, want %d", got, tc.want)
			}
			if a.uid != "uid" || a.digest != "work" || a.owner() != job || a.saved() != tc.kept {
				t.Errorf("the attempt is at %q for %q, saved %v", a.digest, a.uid, a.saved())
			}
		})
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
