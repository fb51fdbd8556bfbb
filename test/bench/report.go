package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// report holds the rounds of each figure.
type report struct {
	plan
	ceiling, operator, rest, apertium, pipe []round
}

const (
	jobs       = "translation.dragoman.dev/translationjobs"
	configMaps = "/configmaps"
	coreEvents = "/events"
	events     = "events.k8s.io/events"
)

// print writes the rows.
func (r *report) print(w io.Writer) error {
	var err error
	row := func(name, format string, value any) {
		if err == nil {
			_, err = fmt.Fprintf(w, "%s: "+format+"\n", name, value)
		}
	}
	row("go_version", "%s", runtime.Version())
	row("cores", "%d", runtime.GOMAXPROCS(0))
	row("rounds", "%d", r.Rounds)
	row("jobs_per_round", "%d", r.Jobs)
	row("writers", "%d", r.Writers)
	ceiling := rate(r.ceiling)
	row("ceiling_pairs_per_s", "%.1f", ceiling)
	row("ceiling_client_cpu_ms_per_pair", "%.2f", median(r.ceiling, ownMillis))
	row("ceiling_server_cpu_ms_per_pair", "%.2f", median(r.ceiling, serverMillis))
	if len(r.operator) > 0 {
		row("operator_jobs_per_s", "%.1f", rate(r.operator))
		row("operator_ratio", "%.2f", rate(r.operator)/ceiling)
		row("writes_per_small_job", "%.2f", median(r.operator, writesOf(jobs)))
		row("event_writes_per_small_job", "%.2f", median(r.operator, writesOf(coreEvents, events)))
		row("configmap_writes_per_small_job", "%.2f", median(r.operator, writesOf(configMaps)))
		row("reads_per_small_job", "%.2f", median(r.operator, readsOf(jobs)))
		row("reconciles_per_small_job", "%.2f", median(r.operator, reconcilesOf))
		row("operator_process_cpu_ms_per_job", "%.2f", median(r.operator, ownMillis))
		row("operator_server_cpu_ms_per_job", "%.2f", median(r.operator, serverMillis))
	}
	if len(r.rest) > 0 {
		row("rest_jobs_per_s", "%.1f", rate(r.rest))
		row("rest_ratio", "%.2f", rate(r.rest)/ceiling)
		row("rest_callers", "%d", r.Callers)
		row("rest_reads_per_job", "%.2f", median(r.rest, readsOf(jobs)))
		row("rest_process_cpu_ms_per_job", "%.2f", median(r.rest, ownMillis))
		row("rest_server_cpu_ms_per_job", "%.2f", median(r.rest, serverMillis))
	}
	if len(r.apertium) > 0 {
		row("apertium_jobs_per_s", "%.1f", rate(r.apertium))
		row("apertium_pipe_sentences_per_s", "%.1f", rate(r.pipe))
		row("apertium_ratio", "%.3f", rate(r.apertium)/rate(r.pipe))
		row("apertium_jobs_per_round", "%d", r.ApertiumJobs)
		row("apertium_sentences_per_round", "%d", r.Sentences)
	}
	return err
}

func rate(rounds []round) float64 { return median(rounds, round.rate) }

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

// median of a number over the rounds; of an even count the lower of the middle two.
func median(rounds []round, of func(round) float64) float64 {
	values := make([]float64, len(rounds))
	for i, r := range rounds {
		values[i] = of(r)
	}
	slices.SortFunc(values, cmp.Compare[float64])
	return values[(len(values)-1)/2]
}
