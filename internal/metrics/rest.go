package metrics

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
)

// routes are the addresses of the REST API, literals before parameters where both
// fit. A test holds them against the API's own description.
var routes = []string{
	"/v1/health",
	"/v1/jobs",
	"/v1/jobs/archive-all",
	"/v1/jobs/archive-batch",
	"/v1/jobs/batch-content",
	"/v1/jobs/batch-text",
	"/v1/jobs/batch/{batch_id}",
	"/v1/jobs/{job_id}",
	"/v1/jobs/{job_id}/archive",
	"/v1/jobs/{job_id}/cancel",
	"/v1/jobs/{job_id}/result",
	"/v1/jobs/{job_id}/segments/{segment_id}",
	"/v1/jobs/{job_id}/resume",
	"/v1/jobs/{job_id}/retry",
	"/v1/jobs/{job_id}/suspend",
	"/v1/jobs/{job_id}/unarchive",
	"/docs",
	"/health",
	"/openapi.json",
	"/openapi.yaml",
	"/readyz",
}

var (
	methods = Label{Name: "method", Values: []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPost}}
	codes   = []string{"2xx", "3xx", "4xx", "5xx", callerGone}
)

// callerGone is the code of a request that nobody waited for to the end.
const callerGone = "499"

func routeValues() Label { return Label{Name: routeLabel, Values: routes} }

// Routes returns the addresses that the metrics tell apart.
func Routes() []string { return slices.Clone(routes) }

// Methods returns the methods that the metrics tell apart.
func Methods() []string { return slices.Clone(methods.Values) }

// REST holds the metrics of a REST adapter.
type REST struct {
	requests counter
	duration histogram

	unregister func()
}

// NewREST makes the metrics of an adapter and registers them; nil registers nowhere.
// The error says that the registerer has metrics of these names already.
func NewREST(to prometheus.Registerer) (*REST, error) {
	var s set
	m := &REST{requests: s.counter(&restRequests), duration: s.histogram(&restDuration)}
	var err error
	m.unregister, err = s.register(to)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Close takes the metrics from the registerer.
func (m *REST) Close() { m.unregister() }

// Observed counts the requests that a handler answers, and how long it takes.
func (m *REST) Observed(next http.Handler, c clock.PassiveClock) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, answer := c.Now(), &answer{ResponseWriter: w}
		route, method := routeOf(r.URL.Path), r.Method
		defer func() {
			m.requests.add(1, route, method, answer.class())
			m.duration.observe(c.Since(began).Seconds(), route, method)
		}()
		next.ServeHTTP(answer, r)
	})
}

// routeOf returns the pattern that an address is one of, or "other". Addresses are
// read as the API reads them: cleaned, and with or without /api before /v1.
func routeOf(address string) string {
	clean := path.Clean("/" + address)
	if tail, ok := strings.CutPrefix(clean, "/api"); ok && (tail == "/v1" || strings.HasPrefix(tail, "/v1/")) {
		clean = tail
	}
	parts := strings.Split(clean, "/")
	for _, route := range routes {
		if fits(strings.Split(route, "/"), parts) {
			return route
		}
	}
	return other
}

func fits(pattern, parts []string) bool {
	return slices.EqualFunc(pattern, parts, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

// answer notes the status code that a handler sends.
type answer struct {
	http.ResponseWriter

	code int
}

// WriteHeader begins the answer. Codes below 200 are no answer yet.
func (a *answer) WriteHeader(code int) {
	if a.code == 0 && code >= http.StatusOK {
		a.code = code
	}
	a.ResponseWriter.WriteHeader(code)
}

// Write begins the answer when nothing has.
func (a *answer) Write(data []byte) (int, error) {
	if a.code == 0 {
		a.code = http.StatusOK
	}
	return a.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController find the writer below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// class returns the class of the code. A handler that says nothing has found that
// the caller went away.
func (a *answer) class() string {
	if a.code == 0 {
		return callerGone
	}
	return string(rune('0'+a.code/100)) + "xx"
}
