package metrics_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/metrics"
)

const page = "../../docs/metrics.md"

func TestThePageIsMadeFromTheTable(t *testing.T) {
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(metrics.Document(), string(got)); diff != "" {
		t.Errorf("docs/metrics.md is out of date; run make generate (-want +got):\n%s", diff)
	}
}

func TestEveryMetricKeepsTheRules(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	value := regexp.MustCompile(`^[A-Za-z0-9_/{}.-]{1,40}$`)
	seen := map[string]bool{}
	for _, d := range metrics.Definitions() {
		t.Run(d.Name, func(t *testing.T) {
			if seen[d.Name] {
				t.Error("there are two of the name")
			}
			seen[d.Name] = true
			if !strings.HasPrefix(d.Name, "dragoman_") {
				t.Error("the name does not begin with dragoman_")
			}
			if d.Help == "" || strings.HasSuffix(d.Help, ".") || strings.ContainsAny(d.Help, "|\n") {
				t.Errorf("the help is not one sentence without a full stop: %q", d.Help)
			}
			if counts := strings.HasSuffix(d.Name, "_total"); counts != (d.Type == metrics.Counter) {
				t.Error("a counter, and nothing else, ends in _total")
			}
			if measures := strings.HasSuffix(d.Name, "_seconds"); measures != (d.Type == metrics.Histogram) {
				t.Error("a histogram here measures seconds, and says so at its end")
			}
			if !slices.IsSorted(d.Buckets) || (d.Type == metrics.Histogram) != (len(d.Buckets) > 0) {
				t.Error("a histogram, and nothing else, has buckets in order")
			}
			for _, l := range d.Labels {
				if len(l.Values) == 0 || len(l.Values) > 40 {
					t.Errorf("label %s has %d values; a set has few", l.Name, len(l.Values))
				}
				for _, v := range l.Values {
					if !value.MatchString(v) || v == "other" {
						t.Errorf("label %s cannot have the value %q", l.Name, v)
					}
				}
			}
			if !strings.Contains(string(text), "`"+d.Name+"`") {
				t.Error("the page does not tell of it")
			}
		})
	}
}

// Prometheus' own linter reads what a scrape would.
func TestNamesAreAsPrometheusWantsThem(t *testing.T) {
	registry := prometheus.NewRegistry()
	everything(t, registry)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// everything makes both kinds of metrics and has something happen to each.
func everything(t *testing.T, registry *prometheus.Registry) {
	t.Helper()
	m, err := metrics.NewManager(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, happen := range happenings {
		happen.call(m)
	}
	rest, err := metrics.NewREST(registry)
	if err != nil {
		t.Fatal(err)
	}
	serve(rest, "GET", "/v1/jobs", 200)
}

// happenings are one call of each method, and what a scrape shows after it.
var happenings = map[string]struct {
	call func(*metrics.Manager)
	want map[string]float64
}{
	"a job ends": {
		call: func(m *metrics.Manager) { m.JobFinished("NeedsReview") },
		want: map[string]float64{`dragoman_jobs_finished_total{reason="NeedsReview"}`: 1},
	},
	"an attempt is lost": {
		call: func(m *metrics.Manager) { m.AttemptEnded(metrics.AttemptLost) },
		want: map[string]float64{`dragoman_attempts_total{result="lost"}`: 1},
	},
	"a step ends": {
		call: func(m *metrics.Manager) { m.StepEnded("QA", 250*time.Millisecond) },
		want: map[string]float64{
			`dragoman_step_duration_seconds_count{step="QA"}`: 1,
			`dragoman_step_duration_seconds_sum{step="QA"}`:   0.25,
		},
	},
	"an attempt waited": {
		call: func(m *metrics.Manager) { m.WorkWaited("openai", time.Minute) },
		want: map[string]float64{
			`dragoman_job_queue_wait_seconds_count{engine="openai"}`: 1,
			`dragoman_job_queue_wait_seconds_sum{engine="openai"}`:   60,
		},
	},
	"a call waited": {
		call: func(m *metrics.Manager) { m.CallWaited("openai", 2*time.Second) },
		want: map[string]float64{
			`dragoman_call_wait_seconds_count{engine="openai"}`: 1,
			`dragoman_call_wait_seconds_sum{engine="openai"}`:   2,
		},
	},
	"a gate pauses": {
		call: func(m *metrics.Manager) { m.GatePaused(metrics.PausedByCircuit) },
		want: map[string]float64{`dragoman_gate_pauses_total{reason="circuit"}`: 1},
	},
	"an engine is called": {
		call: func(m *metrics.Manager) {
			m.EngineCalled("openai", metrics.CallRejected, time.Second, engine.Usage{InputTokens: 30, OutputTokens: 20, Characters: 10})
		},
		want: map[string]float64{
			`dragoman_engine_calls_total{engine="openai",result="rejected"}`: 1,
			`dragoman_engine_call_duration_seconds_count{engine="openai"}`:   1,
			`dragoman_engine_call_duration_seconds_sum{engine="openai"}`:     1,
			`dragoman_tokens_total{direction="input",engine="openai"}`:       30,
			`dragoman_tokens_total{direction="output",engine="openai"}`:      20,
			`dragoman_characters_total{engine="openai"}`:                     10,
		},
	},
	"an engine that counts nothing is called": {
		call: func(m *metrics.Manager) {
			m.EngineCalled("apertium", metrics.CallAnswered, 0, engine.Usage{})
			m.CallsUncertain("apertium", 0)
			m.Spent("apertium", 0)
		},
		want: map[string]float64{
			`dragoman_engine_calls_total{engine="apertium",result="answered"}`: 1,
			`dragoman_engine_call_duration_seconds_count{engine="apertium"}`:   1,
		},
	},
	"an answer breaks off": {
		call: func(m *metrics.Manager) { m.CallsUncertain("openai", 2) },
		want: map[string]float64{`dragoman_uncertain_requests_total{engine="openai"}`: 2},
	},
	"money is spent": {
		call: func(m *metrics.Manager) { m.Spent("openai", 1_250_000) },
		want: map[string]float64{`dragoman_cost_euros_total{engine="openai"}`: 1.25},
	},
	"segments end": {
		call: func(m *metrics.Manager) { m.SegmentsEnded(metrics.SegmentFromMemory, 7) },
		want: map[string]float64{`dragoman_segments_total{outcome="from_memory"}`: 7},
	},
	"the memory is asked": {
		call: func(m *metrics.Manager) { m.MemoryLookedUp(3, 4) },
		want: map[string]float64{
			`dragoman_memory_lookups_total{result="hit"}`:  3,
			`dragoman_memory_lookups_total{result="miss"}`: 4,
		},
	},
	"a budget refuses": {
		call: func(m *metrics.Manager) { m.BudgetRefused(metrics.NamespaceBudget) },
		want: map[string]float64{`dragoman_budget_refusals_total{scope="namespace"}`: 1},
	},
	"a status is written": {
		call: func(m *metrics.Manager) { m.StatusWritten("TranslationBatch") },
		want: map[string]float64{`dragoman_status_writes_total{kind="TranslationBatch"}`: 1},
	},
	"a payload is written": {
		call: func(m *metrics.Manager) { m.Wrote(metrics.PagePayload, 100) },
		want: map[string]float64{`dragoman_store_written_bytes_total{kind="page"}`: 100},
	},
	"a payload is read": {
		call: func(m *metrics.Manager) { m.Read(metrics.MemoryPayload, 50) },
		want: map[string]float64{`dragoman_store_read_bytes_total{kind="memory"}`: 50},
	},
	"the store fails": {
		call: func(m *metrics.Manager) { m.Failed("list") },
		want: map[string]float64{`dragoman_store_failures_total{operation="list"}`: 1},
	},
	"work waits": {
		call: func(m *metrics.Manager) {
			m.ShowQueue(func() []metrics.Waiting {
				return []metrics.Waiting{
					{Engine: "openai", Reason: metrics.AwaitsRateLimit, Count: 2},
					{Engine: "openai", Reason: metrics.AwaitsRateLimit, Count: 3},
					{Engine: "apertium", Reason: metrics.AwaitsWorker, Count: 1},
				}
			})
		},
		want: map[string]float64{
			`dragoman_queued_work{engine="openai",reason="rate_limit"}`: 5,
			`dragoman_queued_work{engine="apertium",reason="worker"}`:   1,
		},
	},
	"a caller hands in what is in no set": {
		call: func(m *metrics.Manager) {
			m.JobFinished("job-17 of shop")
			m.EngineCalled("my own", "exploded", 0, engine.Usage{})
			m.ShowQueue(func() []metrics.Waiting {
				return []metrics.Waiting{{Engine: "my own", Reason: "moon", Count: 1}, {Engine: "another", Reason: "sun", Count: 1}}
			})
		},
		want: map[string]float64{
			`dragoman_jobs_finished_total{reason="other"}`:                1,
			`dragoman_engine_calls_total{engine="other",result="other"}`:  1,
			`dragoman_engine_call_duration_seconds_count{engine="other"}`: 1,
			`dragoman_queued_work{engine="other",reason="other"}`:         2,
		},
	},
	"a caller counts backwards": {
		call: func(m *metrics.Manager) { m.SegmentsEnded(metrics.SegmentDone, -1) },
		want: map[string]float64{},
	},
}

func TestWhatHappensIsCounted(t *testing.T) {
	for name, tc := range happenings {
		t.Run(name, func(t *testing.T) {
			registry := prometheus.NewRegistry()
			m, err := metrics.NewManager(registry)
			if err != nil {
				t.Fatal(err)
			}
			tc.call(m)
			if diff := cmp.Diff(tc.want, changed(t, registry)); diff != "" {
				t.Errorf("a scrape shows (-want +got):\n%s", diff)
			}
		})
	}
}

// A counter that appears with its first event cannot be alerted on at that event.
func TestSmallSetsBeginAtZero(t *testing.T) {
	registry := prometheus.NewRegistry()
	if _, err := metrics.NewManager(registry); err != nil {
		t.Fatal(err)
	}
	got := shown(t, registry)
	for _, series := range []string{
		`dragoman_jobs{phase="Queued"}`, `dragoman_jobs_finished_total{reason="Dead"}`,
		`dragoman_gate_pauses_total{reason="rate_limit"}`, `dragoman_store_failures_total{operation="create"}`,
	} {
		if value, ok := got[series]; !ok || value != 0 {
			t.Errorf("%s is %v (there: %t), want 0", series, value, ok)
		}
	}
}

func TestNopCountsForNobody(t *testing.T) {
	m := metrics.NopManager()
	for _, happen := range happenings {
		happen.call(m)
	}
	m.Close()
}

func TestARegistererIsUsedByOneAfterTheOther(t *testing.T) {
	registry := prometheus.NewRegistry()
	first, err := metrics.NewManager(registry)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := metrics.NewManager(registry); err == nil || !strings.Contains(err.Error(), "register metrics: ") {
		t.Errorf("a second manager at the same time: %v, want a refusal", err)
	}
	first.JobFinished("Dead")
	first.Close()
	if got := shown(t, registry); len(got) > 0 {
		t.Errorf("metrics of a closed manager: %v", got)
	}
	if _, err := metrics.NewManager(registry); err != nil {
		t.Errorf("a manager after the first: %v", err)
	}
}

// changed returns what a scrape shows, without what is zero.
func changed(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	series := shown(t, registry)
	maps.DeleteFunc(series, func(_ string, value float64) bool { return value == 0 })
	return series
}

// shown returns what a scrape shows, without buckets.
func shown(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := labelsOf(m)
			switch f.GetType() {
			case dto.MetricType_HISTOGRAM:
				out[f.GetName()+"_count"+labels] = float64(m.GetHistogram().GetSampleCount())
				out[f.GetName()+"_sum"+labels] = m.GetHistogram().GetSampleSum()
			default:
				out[f.GetName()+labels] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return out
}

func labelsOf(m *dto.Metric) string {
	var pairs []string
	for _, l := range m.GetLabel() {
		pairs = append(pairs, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	return "{" + strings.Join(pairs, ",") + "}"
}
