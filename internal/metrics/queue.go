package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Waiting is work that waits for the same thing.
type Waiting struct {
	// Engine is the name in engine.Info.
	Engine string
	// Reason is AwaitsWorker, AwaitsConcurrency, and so on.
	Reason string
	Count  int
}

// queue shows work that waits, when it is asked to. To count at each change would
// cost the runner more than it costs to look now and then.
type queue struct {
	def    *Definition
	about  *prometheus.Desc
	source atomic.Pointer[func() []Waiting]
}

func newQueue(def *Definition) *queue { return &queue{def: def, about: def.desc()} }

func (q *queue) show(waiting func() []Waiting) { q.source.Store(&waiting) }

// Describe implements prometheus.Collector.
func (q *queue) Describe(to chan<- *prometheus.Desc) { to <- q.about }

// Collect implements prometheus.Collector. Without a source there is nothing to say.
func (q *queue) Collect(to chan<- prometheus.Metric) {
	source := q.source.Load()
	if source == nil {
		return
	}
	sums := map[[2]string]int{}
	for _, w := range (*source)() {
		values := q.def.closed([]string{w.Engine, w.Reason})
		sums[[2]string(values)] += w.Count
	}
	for values, count := range sums {
		to <- prometheus.MustNewConstMetric(q.about, prometheus.GaugeValue, float64(count), values[0], values[1]) //nolint:promlinter // it cannot read a table; a test lints what is served
	}
}
