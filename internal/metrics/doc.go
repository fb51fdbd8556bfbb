// Package metrics says what Dragoman counts and measures.
//
// It owns every metric whose name begins with dragoman_: the table of them, the
// closed sets of their labels, and the page docs/metrics.md, which is made from the
// table. Metrics count kinds of things: a label never holds the name of an object, a
// namespace, a model or the words of an error. A value outside its set is counted as
// "other", so that no mistake of a caller can grow the number of series.
//
// Callers say what happened, in the words of their own interfaces; types here have
// those methods. The package holds no state but the metrics, and imports neither
// controllers nor the adapter, neither the runner nor the payload store.
package metrics
