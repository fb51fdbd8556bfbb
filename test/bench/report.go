package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"time"
)

// report holds the rounds of each figure.
type report struct {
	plan
	// jobBytes is the size of a job as it is sent.
	jobBytes                                                     int
	ceiling, small, operator, rest, apertium, pipe, paid, budget []round
}

func newReport(p plan) (*report, error) {
	sent, err := json.Marshal(job("namespace", 0))
	return &report{plan: p, jobBytes: len(sent)}, err
}

// Resources, as the API server's request counter names them.
const (
	batches    = "translation.dragoman.dev/translationbatches"
	jobs       = "translation.dragoman.dev/translationjobs"
	configMaps = "/configmaps"
	coreEvents = "/events"
	events     = "events.k8s.io/events"
)

// rows are written one by one; the first error stays.
type rows struct {
	to  io.Writer
	err error
}

func (w *rows) add(name, format string, value any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.to, "%s: "+format+"\n", name, value)
	}
}

// conditions of the run.
func (r *report) conditions(w *rows) {
	w.add("go_version", "%s", runtime.Version())
	w.add("cores", "%d", runtime.GOMAXPROCS(0))
	w.add("rounds", "%d", r.Rounds)
	w.add("jobs_per_round", "%d", r.Jobs)
	w.add("job_bytes", "%d", r.jobBytes)
	w.add("writers", "%d", r.Writers)
}

// print writes the rows of the rounds.
func (r *report) print(w *rows) {
	w.add("ceiling_pairs_per_s", "%.1f", rate(r.ceiling))
	w.add("ceiling_client_cpu_ms_per_pair", "%.2f", median(r.ceiling, ownMillis))
	w.add("ceiling_server_cpu_ms_per_pair", "%.2f", median(r.ceiling, serverMillis))
	if len(r.operator) > 0 {
		r.printOperator(w)
	}
	if len(r.paid) > 0 {
		r.printPaid(w)
	}
	if len(r.budget) > 0 {
		r.printBudget(w)
	}
	if len(r.small) > 0 {
		w.add("ceiling_small_status_pairs_per_s", "%.1f", rate(r.small))
		w.add("ceiling_small_status_server_cpu_ms_per_pair", "%.2f", median(r.small, serverMillis))
		w.add("operator_ratio_to_small_status", "%.2f", ratio(r.operator, r.small))
		w.add("operator_cpu_ratio_to_small_status", "%.2f", cpuRatio(r.operator, r.small))
	}
	if len(r.rest) > 0 {
		r.printREST(w)
	}
	if len(r.apertium) > 0 {
		w.add("apertium_jobs_per_s", "%.1f", rate(r.apertium))
		w.add("apertium_pipe_sentences_per_s", "%.1f", rate(r.pipe))
		w.add("apertium_ratio", "%.3f", ratio(r.apertium, r.pipe))
		w.add("apertium_jobs_per_round", "%d", r.ApertiumJobs)
		w.add("apertium_sentences_per_round", "%d", r.Sentences)
	}
}

func (r *report) printOperator(w *rows) {
	w.add("operator_jobs_per_s", "%.1f", rate(r.operator))
	w.add("operator_ratio", "%.2f", ratio(r.operator, r.ceiling))
	w.add("operator_cpu_ratio", "%.2f", cpuRatio(r.operator, r.ceiling))
	w.add("writes_per_small_job", "%.2f", median(r.operator, writesOf(jobs)))
	w.add("event_writes_per_small_job", "%.2f", median(r.operator, writesOf(coreEvents, events)))
	w.add("configmap_writes_per_small_job", "%.2f", median(r.operator, writesOf(configMaps)))
	w.add("reads_per_small_job", "%.2f", median(r.operator, readsOf(jobs)))
	w.add("reconciles_per_small_job", "%.2f", median(r.operator, reconcilesOf))
	w.add("operator_process_cpu_ms_per_job", "%.2f", median(r.operator, ownMillis))
	w.add("operator_server_cpu_ms_per_job", "%.2f", median(r.operator, serverMillis))
}

func (r *report) printREST(w *rows) {
	w.add("rest_jobs_per_s", "%.1f", rate(r.rest))
	w.add("rest_ratio", "%.2f", ratio(r.rest, r.ceiling))
	w.add("rest_cpu_ratio", "%.2f", cpuRatio(r.rest, r.ceiling))
	w.add("rest_callers", "%d", r.Callers)
	w.add("rest_writes_per_job", "%.2f", median(r.rest, writesOf(jobs)))
	w.add("rest_reads_per_job", "%.2f", median(r.rest, readsOf(jobs)))
	w.add("rest_process_cpu_ms_per_job", "%.2f", median(r.rest, ownMillis))
	w.add("rest_server_cpu_ms_per_job", "%.2f", median(r.rest, serverMillis))
}

func rate(rounds []round) float64 { return median(rounds, round.rate) }

// ratio is the median of the ratios round by round: what slows the machine down for
// a while meets both sides of one.
func ratio(rounds, against []round) float64 { return ratioOf(rounds, against, round.rate) }

// cpuRatio is the ratio that the CPU time of a job alone would give. Unlike the
// rates it stays the same on a machine that others use too.
func cpuRatio(rounds, against []round) float64 {
	return ratioOf(against, rounds, func(r round) float64 { return ownMillis(r) + serverMillis(r) })
}

func ratioOf(rounds, against []round, of func(round) float64) float64 {
	values := make([]float64, len(rounds))
	for i, r := range rounds {
		values[i] = of(r) / of(against[i])
	}
	return middle(values)
}

func writesOf(resources ...string) func(round) float64 {
	return func(r round) float64 {
		var n float64
		for _, resource := range resources {
			n += r.after.writes(r.before, resource)
		}
		return r.per(n)
	}
}

func readsOf(resource string) func(round) float64 {
	return func(r round) float64 { return r.per(r.after.reads(r.before, resource)) }
}

func reconcilesOf(r round) float64 { return r.per(r.after.reconciles - r.before.reconciles) }

func ownMillis(r round) float64    { return r.per(millis(r.after.own - r.before.own)) }
func serverMillis(r round) float64 { return r.per(millis(r.after.server - r.before.server)) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// median of a number over the rounds.
func median(rounds []round, of func(round) float64) float64 {
	values := make([]float64, len(rounds))
	for i, r := range rounds {
		values[i] = of(r)
	}
	return middle(values)
}

// middle returns the median; of an even count the lower of the middle two.
func middle(values []float64) float64 {
	slices.SortFunc(values, cmp.Compare[float64])
	return values[(len(values)-1)/2]
}

// share returns the value that so many of them, from 0 to 1, do not exceed.
func share(values []time.Duration, part float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(int(math.Ceil(part*float64(len(sorted))))-1, 0)]
}
