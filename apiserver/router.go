package apiserver

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

// router finds the handler of a request.
//
// http.ServeMux will not do. It refuses /v1/jobs/batch/{batch_id} beside
// /v1/jobs/{job_id}/result, since neither is more specific; it answers 404 and 405
// in plain text; and it redirects paths that are not clean, which turns a POST
// into a GET. Here the pattern with the earlier literal wins, and paths are
// cleaned in place.
type router struct {
	entries []entry
}

// entry is a pattern of one method.
type entry struct {
	method   string
	segments []string
	handle   http.HandlerFunc
}

// HandleFunc adds a handler for a pattern such as "GET /v1/jobs/{job_id}". It is
// what humago asks of a mux.
func (m *router) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	method, target, _ := strings.Cut(pattern, " ")
	m.entries = append(m.entries, entry{method: method, segments: segments(target), handle: handle})
	slices.SortStableFunc(m.entries, func(a, b entry) int { return strings.Compare(a.rank(), b.rank()) })
}

// rank sorts literals before wildcards, segment by segment.
func (e entry) rank() string {
	rank := make([]byte, len(e.segments))
	for i, segment := range e.segments {
		rank[i] = 'a'
		if wildcard(segment) {
			rank[i] = 'b'
		}
	}
	return string(rank)
}

func wildcard(segment string) bool { return strings.HasPrefix(segment, "{") }

func segments(target string) []string { return strings.Split(strings.Trim(target, "/"), "/") }

// ServeHTTP calls the handler, or answers 404 or 405. HEAD is served as GET.
func (m *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	parts := segments(canonicalPath(r.URL.Path))
	var allow []string
	for _, e := range m.entries {
		if !e.matches(parts) {
			continue
		}
		if e.method != method {
			allow = append(allow, e.method)
			continue
		}
		for i, segment := range e.segments {
			if wildcard(segment) {
				r.SetPathValue(strings.Trim(segment, "{}"), parts[i])
			}
		}
		e.handle(w, r)
		return
	}
	if len(allow) == 0 {
		problem(http.StatusNotFound, "There is nothing at this address; see /docs for what there is.").write(w)
		return
	}
	slices.Sort(allow)
	refusal := problem(http.StatusMethodNotAllowed, "%s is not possible here; use %s.", r.Method, strings.Join(slices.Compact(allow), " or "))
	refusal.allow = slices.Compact(allow)
	refusal.write(w)
}

func (e entry) matches(parts []string) bool {
	if len(parts) != len(e.segments) {
		return false
	}
	for i, segment := range e.segments {
		if segment != parts[i] && (!wildcard(segment) || parts[i] == "") {
			return false
		}
	}
	return true
}

// canonicalPath drops what does not tell one address from another: doubled and
// trailing slashes, and the /api before /v1, under which some clients look.
func canonicalPath(target string) string {
	clean := path.Clean("/" + target)
	if tail, ok := strings.CutPrefix(clean, "/api"); ok && (tail == "/v1" || strings.HasPrefix(tail, "/v1/")) {
		return tail
	}
	return clean
}
