package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	toolscache "k8s.io/client-go/tools/cache"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/cache/informertest"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/pseudo"
	"github.com/dragoman-dev/dragoman/internal/metrics"
)

func TestJobsAreCountedByPhase(t *testing.T) {
	job := func(phase v1alpha1.Phase) *v1alpha1.TranslationJob {
		return &v1alpha1.TranslationJob{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "menu"},
			Status:     v1alpha1.TranslationJobStatus{Phase: phase},
		}
	}
	type events = interface {
		Add(metav1.Object)
		Update(was, is metav1.Object)
		Delete(metav1.Object)
	}
	cases := map[string]struct {
		happen func(events)
		want   map[string]float64
	}{
		"one that nobody has seen": {
			happen: func(e events) { e.Add(job("")) },
			want:   map[string]float64{`dragoman_jobs{phase="Queued"}`: 1},
		},
		"one that moves on": {
			happen: func(e events) {
				e.Add(job(""))
				e.Update(job(""), job(v1alpha1.ProcessingPhase))
				e.Update(job(v1alpha1.ProcessingPhase), job(v1alpha1.CompletedPhase))
			},
			want: map[string]float64{`dragoman_jobs{phase="Completed"}`: 1},
		},
		"one of two is deleted": {
			happen: func(e events) {
				e.Add(job(v1alpha1.DeadPhase))
				e.Add(job(v1alpha1.DeadPhase))
				e.Delete(job(v1alpha1.DeadPhase))
			},
			want: map[string]float64{`dragoman_jobs{phase="Dead"}`: 1},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			scheme := runtime.NewScheme()
			if err := v1alpha1.AddToScheme(scheme); err != nil {
				t.Fatal(err)
			}
			registry, informers := prometheus.NewRegistry(), &informertest.FakeInformers{Scheme: scheme}
			m, err := metrics.NewManager(registry)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.CountJobs(t.Context(), informers); err != nil {
				t.Fatal(err)
			}
			informer, err := informers.FakeInformerFor(t.Context(), &v1alpha1.TranslationJob{})
			if err != nil {
				t.Fatal(err)
			}
			tc.happen(informer)
			if diff := cmp.Diff(tc.want, changed(t, registry)); diff != "" {
				t.Errorf("a scrape shows (-want +got):\n%s", diff)
			}
		})
	}
}

// A watch that was broken says of a deletion only what it knew last.
func TestADeletionThatWasMissedIsCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := metrics.NewManager(registry)
	if err != nil {
		t.Fatal(err)
	}
	job := &v1alpha1.TranslationJob{}
	metrics.JobEvents(m).OnAdd(job, true)
	metrics.JobEvents(m).OnDelete(toolscache.DeletedFinalStateUnknown{Key: "shop/menu", Obj: job})
	if diff := cmp.Diff(map[string]float64{}, changed(t, registry)); diff != "" {
		t.Errorf("a scrape shows (-want +got):\n%s", diff)
	}
}

func TestCallsOfAnEngineAreObserved(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		ctx  context.Context
		err  error
		want string
	}{
		"an answer":                         {ctx: t.Context(), want: metrics.CallAnswered},
		"a request to wait":                 {ctx: t.Context(), err: engine.Errorf(engine.RateLimited, "wait"), want: metrics.CallRateLimited},
		"a failure that may pass":           {ctx: t.Context(), err: engine.Errorf(engine.Transient, "busy"), want: metrics.CallTransient},
		"a failure without a class":         {ctx: t.Context(), err: errors.New("bug"), want: metrics.CallTransient},
		"a text that is refused":            {ctx: t.Context(), err: engine.Errorf(engine.Rejected, "no"), want: metrics.CallRejected},
		"a key that is refused":             {ctx: t.Context(), err: engine.Errorf(engine.Misconfigured, "key"), want: metrics.CallMisconfigured},
		"a caller that gave up":             {ctx: cancelled, err: context.Canceled, want: metrics.CallCancelled},
		"an answer to a caller that left":   {ctx: cancelled, want: metrics.CallAnswered},
		"a deadline, which the engine held": {ctx: t.Context(), err: context.DeadlineExceeded, want: metrics.CallTransient},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			registry := prometheus.NewRegistry()
			m, err := metrics.NewManager(registry)
			if err != nil {
				t.Fatal(err)
			}
			now := clocktesting.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
			inner := &slow{clock: now, err: tc.err}
			made, err := m.Observed(inner.factory, now)(engine.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := made.Translate(tc.ctx, engine.Request{}); !errors.Is(err, tc.err) {
				t.Errorf("Translate() = %v, want the engine's own answer", err)
			}
			want := map[string]float64{
				`dragoman_engine_calls_total{engine="openai",result="` + tc.want + `"}`: 1,
				`dragoman_engine_call_duration_seconds_count{engine="openai"}`:          1,
				`dragoman_engine_call_duration_seconds_sum{engine="openai"}`:            3,
				`dragoman_tokens_total{direction="input",engine="openai"}`:              5,
				`dragoman_uncertain_requests_total{engine="openai"}`:                    1,
			}
			if diff := cmp.Diff(want, changed(t, registry)); diff != "" {
				t.Errorf("a scrape shows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEngineThatCannotBeMadeIsNotObserved(t *testing.T) {
	want := errors.New("no such model")
	broken := func(engine.Config) (engine.Engine, error) { return nil, want }
	made, err := metrics.NopManager().Observed(broken, clocktesting.NewFakeClock(time.Time{}))(engine.Config{})
	if made != nil || !errors.Is(err, want) {
		t.Errorf("the factory made %v, %v; want the error of the inner one", made, err)
	}
}

// slow is an engine whose calls take three seconds.
type slow struct {
	pseudo.Engine

	clock *clocktesting.FakeClock
	err   error
}

func (s *slow) factory(engine.Config) (engine.Engine, error) { return s, nil }

func (s *slow) Info() engine.Info { return engine.Info{Name: "openai"} }

func (s *slow) Translate(context.Context, engine.Request) (engine.Response, error) {
	s.clock.Step(3 * time.Second)
	return engine.Response{Usage: engine.Usage{InputTokens: 5}, Uncertain: 1}, s.err
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	cases := map[string]struct {
		method, path string
		code         int
		want         string
	}{
		"a list":                         {"GET", "/v1/jobs", 200, `{code="2xx",method="GET",route="/v1/jobs"}`},
		"an address that clients invent": {"GET", "/api/v1//jobs/", 200, `{code="2xx",method="GET",route="/v1/jobs"}`},
		"a job that is not there":        {"GET", "/v1/jobs/6b0c", 404, `{code="4xx",method="GET",route="/v1/jobs/{job_id}"}`},
		"a literal before a parameter":   {"POST", "/v1/jobs/batch-text", 202, `{code="2xx",method="POST",route="/v1/jobs/batch-text"}`},
		"a result that breaks":           {"GET", "/v1/jobs/6b0c/result", 500, `{code="5xx",method="GET",route="/v1/jobs/{job_id}/result"}`},
		"an answer without a code":       {"GET", "/health", 0, `{code="2xx",method="GET",route="/health"}`},
		"a caller that went away":        {"GET", "/health", -1, `{code="499",method="GET",route="/health"}`},
		"an address that is not there":   {"GET", "/wp-login.php", 404, `{code="4xx",method="GET",route="other"}`},
		"an id that is empty":            {"GET", "/v1/jobs/batch/", 404, `{code="4xx",method="GET",route="/v1/jobs/{job_id}"}`},
		"a method of somebody's own":     {"BREW", "/v1/jobs", 405, `{code="4xx",method="other",route="/v1/jobs"}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			registry := prometheus.NewRegistry()
			m, err := metrics.NewREST(registry)
			if err != nil {
				t.Fatal(err)
			}
			serve(m, tc.method, tc.path, tc.code)
			counted := changed(t, registry)
			if got := counted["dragoman_rest_requests_total"+tc.want]; got != 1 {
				t.Errorf("counted %v, want one of %s", counted, tc.want)
			}
			m.Close()
			if got := shown(t, registry); len(got) > 0 {
				t.Errorf("metrics of a closed adapter: %v", got)
			}
		})
	}
}

func TestRequestsAreTimed(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := metrics.NewREST(registry)
	if err != nil {
		t.Fatal(err)
	}
	serve(m, "GET", "/v1/jobs", 200)
	if got := changed(t, registry)[`dragoman_rest_request_duration_seconds_sum{method="GET",route="/v1/jobs"}`]; got != 2 {
		t.Errorf("a request of two seconds was noted as %v", got)
	}
}

// serve has a handler answer a request with a code, after two seconds: 0 writes
// without a code, and -1 says nothing at all.
func serve(m *metrics.REST, method, path string, code int) {
	now := clocktesting.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		now.Step(2 * time.Second)
		switch {
		case code > 0:
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(code)
			_, _ = w.Write([]byte("{}"))
		case code == 0:
			_, _ = w.Write([]byte("{}"))
		}
	})
	m.Observed(handler, now).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(context.Background(), method, path, http.NoBody))
}
