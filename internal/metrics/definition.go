package metrics

import (
	"fmt"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Type of a metric.
type Type string

// The types in use.
const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// other stands for every value that a label's set does not have.
const other = "other"

// Label is a dimension of a metric.
type Label struct {
	Name string
	// Values are all that the label can have, beside "other".
	Values []string
}

// Definition is one metric.
type Definition struct {
	Name string
	Type Type
	// Help is one sentence, without a full stop. The page and /metrics show it.
	Help   string
	Labels []Label
	// Buckets are the upper bounds of a histogram.
	Buckets []float64
}

// closed replaces the values that are outside their sets. It changes its argument.
func (d *Definition) closed(values []string) []string {
	for i, label := range d.Labels {
		if i < len(values) && !slices.Contains(label.Values, values[i]) {
			values[i] = other
		}
	}
	return values
}

// labels returns the names of the labels.
func (d *Definition) labels() []string {
	names := make([]string, len(d.Labels))
	for i, label := range d.Labels {
		names[i] = label.Name
	}
	return names
}

// desc describes the metric to a registry.
func (d *Definition) desc() *prometheus.Desc {
	return prometheus.NewDesc(d.Name, d.Help, d.labels(), nil)
}

// begin calls a function for every combination of the labels' values. What counts
// from zero on can be alerted on at the first event; a series that appears with it
// cannot.
func (d *Definition) begin(with func(values ...string)) {
	combinations := [][]string{nil}
	for _, label := range d.Labels {
		if label.Name == engineLabel || label.Name == routeLabel {
			return // most of them are never used in an installation
		}
		var longer [][]string
		for _, c := range combinations {
			for _, value := range label.Values {
				longer = append(longer, append(slices.Clip(c), value))
			}
		}
		combinations = longer
	}
	for _, values := range combinations {
		with(values...)
	}
}

// counter is a metric that only grows.
type counter struct {
	def *Definition
	vec *prometheus.CounterVec
}

// add counts an amount. What is negative is not counted, since a counter cannot
// take it.
func (c counter) add(amount float64, values ...string) {
	if amount >= 0 {
		c.vec.WithLabelValues(c.def.closed(values)...).Add(amount)
	}
}

// gauge is a metric that goes up and down.
type gauge struct {
	def *Definition
	vec *prometheus.GaugeVec
}

func (g gauge) add(amount float64, values ...string) {
	g.vec.WithLabelValues(g.def.closed(values)...).Add(amount)
}

// histogram is a metric of sizes, in its buckets.
type histogram struct {
	def *Definition
	vec *prometheus.HistogramVec
}

func (h histogram) observe(size float64, values ...string) {
	h.vec.WithLabelValues(h.def.closed(values)...).Observe(size)
}

// set makes metrics and registers them together.
type set struct {
	collectors []prometheus.Collector
}

func (s *set) counter(def *Definition) counter {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: def.Name, Help: def.Help}, def.labels()) //nolint:promlinter // it cannot read a table; a test lints what is served
	def.begin(func(values ...string) { vec.WithLabelValues(values...) })
	s.collectors = append(s.collectors, vec)
	return counter{def: def, vec: vec}
}

func (s *set) gauge(def *Definition) gauge {
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: def.Name, Help: def.Help}, def.labels()) //nolint:promlinter // it cannot read a table; a test lints what is served
	def.begin(func(values ...string) { vec.WithLabelValues(values...) })
	s.collectors = append(s.collectors, vec)
	return gauge{def: def, vec: vec}
}

func (s *set) histogram(def *Definition) histogram {
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: def.Name, Help: def.Help, Buckets: def.Buckets}, def.labels()) //nolint:promlinter // it cannot read a table; a test lints what is served
	s.collectors = append(s.collectors, vec)
	return histogram{def: def, vec: vec}
}

// register registers all or nothing. Without a registerer nothing is registered, and
// the metrics work all the same.
func (s *set) register(to prometheus.Registerer) (unregister func(), err error) {
	if to == nil {
		return func() {}, nil
	}
	done := 0
	unregister = func() {
		for _, c := range s.collectors[:done] {
			to.Unregister(c)
		}
	}
	for _, c := range s.collectors {
		if err := to.Register(c); err != nil {
			unregister()
			return nil, fmt.Errorf("register metrics: %w", err)
		}
		done++
	}
	return unregister, nil
}
