package apiserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

func TestProblemOf(t *testing.T) {
	jobs := schema.GroupResource{Group: "translation.dragoman.dev", Resource: "translationjobs"}
	kind := schema.GroupKind{Group: "translation.dragoman.dev", Kind: "TranslationJob"}
	invalid := apierrors.NewInvalid(kind, "x", field.ErrorList{
		field.Invalid(field.NewPath("spec", "tone"), "a secret: text", "is too loud"),
	})
	tooBig := &apierrors.StatusError{ErrStatus: metav1.Status{Code: 500, Message: "etcdserver: request is too large"}}
	full := apierrors.NewForbidden(jobs, "x", errors.New("exceeded quota: jobs, requested: 1, used: 5, limited: 5"))
	busy := apierrors.NewTooManyRequests("busy", 7)
	cases := map[string]struct {
		err        error
		wantCode   int
		wantDetail string
		wantRetry  time.Duration
		wantHidden bool
	}{
		"a problem is itself":                     {err: fmt.Errorf("x: %w", jobNotFound()), wantCode: 404, wantDetail: "Job not found."},
		"a wrong briefing":                        {err: &convert.Fault{Kind: convert.BadBriefing, Detail: "d"}, wantCode: 400, wantDetail: "d"},
		"wrong languages":                         {err: &convert.Fault{Kind: convert.BadLanguages, Detail: "d"}, wantCode: 422, wantDetail: "d"},
		"a wrong query":                           {err: &convert.Fault{Kind: convert.BadQuery, Detail: "d"}, wantCode: 422, wantDetail: "d"},
		"what the schema refuses, without values": {err: fmt.Errorf("create: %w", invalid), wantCode: 400, wantDetail: "The request cannot be stored as it is: spec.tone: is too loud"},
		"what etcd finds too large":               {err: tooBig, wantCode: 413, wantDetail: "The request is too large to be stored; send it in parts."},
		"a full quota":                            {err: full, wantCode: 429, wantDetail: "The account has as many jobs as its quota allows; delete some or wait.", wantRetry: time.Minute, wantHidden: true},
		"a busy API server":                       {err: busy, wantCode: 429, wantDetail: "The control plane is busy; try again later.", wantRetry: 7 * time.Second},
		"an API server that is not there":         {err: errors.New("dial tcp: connection refused"), wantCode: 503, wantDetail: "The control plane cannot be reached right now; try again.", wantRetry: time.Second, wantHidden: true},
		"one that takes too long":                 {err: context.DeadlineExceeded, wantCode: 503, wantDetail: "The control plane cannot be reached right now; try again.", wantRetry: time.Second, wantHidden: true},
		"a right that is missing":                 {err: apierrors.NewForbidden(jobs, "x", errors.New("no")), wantCode: 500, wantDetail: "Internal error; the request was not carried out.", wantHidden: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, hidden := problemOf(tc.err)
			if got.code != tc.wantCode || got.Detail != tc.wantDetail || got.retryAfter != tc.wantRetry || (hidden != nil) != tc.wantHidden {
				t.Errorf("problemOf() = %d %q after %s, hidden %v", got.code, got.Detail, got.retryAfter, hidden)
			}
		})
	}
}

func TestRefusedNeverQuotesAValue(t *testing.T) {
	cases := map[string]struct {
		message string
		want    string
	}{
		"a value and a reason":          {message: `Invalid value: "Hola: mundo": must be shorter`, want: "must be shorter"},
		"an object and a reason":        {message: `Invalid value: {"text":"Hola"}: set exactly one`, want: "set exactly one"},
		"a value with quotes":           {message: `Invalid value: "di \"hola\": ya": too long: may not be more than 5 bytes`, want: "too long: may not be more than 5 bytes"},
		"a reason alone":                {message: "Required value", want: "Required value"},
		"a value that is not supported": {message: `Unsupported value: "Hola": supported values: "a", "b"`, want: `supported values: "a", "b"`},
		"a value without any reason":    {message: `Invalid value: "Hola"`, want: "is not valid"},
		"a length that is exceeded":     {message: "Too long: may not be more than 5 bytes", want: "Too long: may not be more than 5 bytes"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, causeMessage(metav1.StatusCause{Message: tc.message})); diff != "" {
				t.Errorf("causeMessage() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRouter(t *testing.T) {
	mux := &router{}
	for _, pattern := range []string{
		"GET /v1/jobs", "POST /v1/jobs", "GET /v1/jobs/{job_id}", "GET /v1/jobs/{job_id}/result",
		"GET /v1/jobs/batch/{batch_id}", "POST /v1/jobs/archive-all", "POST /v1/jobs/{job_id}/cancel",
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, pattern, " ", r.PathValue("job_id"), r.PathValue("batch_id"))
		})
	}
	cases := map[string]struct {
		method, path string
		want         string
		wantCode     int
		wantAllow    string
	}{
		"a literal":                             {method: "GET", path: "/v1/jobs", want: "GET /v1/jobs ", wantCode: 200},
		"the same under /api":                   {method: "POST", path: "/api/v1/jobs", want: "POST /v1/jobs ", wantCode: 200},
		"an id":                                 {method: "GET", path: "/v1/jobs/42", want: "GET /v1/jobs/{job_id} 42", wantCode: 200},
		"an id that is a word of another route": {method: "GET", path: "/v1/jobs/archive-all", want: "GET /v1/jobs/{job_id} archive-all", wantCode: 200},
		"that word itself":                      {method: "POST", path: "/v1/jobs/archive-all", want: "POST /v1/jobs/archive-all ", wantCode: 200},
		"the earlier literal wins":              {method: "GET", path: "/v1/jobs/batch/result", want: "GET /v1/jobs/batch/{batch_id} result", wantCode: 200},
		"another method of both":                {method: "POST", path: "/v1/jobs/batch/cancel", want: "POST /v1/jobs/{job_id}/cancel batch", wantCode: 200},
		"slashes too many":                      {method: "GET", path: "//v1///jobs/42//result/", want: "GET /v1/jobs/{job_id}/result 42", wantCode: 200},
		"dots":                                  {method: "GET", path: "/v1/x/../jobs", want: "GET /v1/jobs ", wantCode: 200},
		"a prefix that only looks like one":     {method: "GET", path: "/apiv1/jobs", wantCode: 404},
		"nothing":                               {method: "GET", path: "/v1/jobs/1/2/3", wantCode: 404},
		"a method that is not possible":         {method: "PUT", path: "/v1/jobs", wantCode: 405, wantAllow: "GET, POST"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), tc.method, "http://localhost/", nil)
			r.URL.Path = tc.path
			mux.ServeHTTP(w, r)
			if w.Code != tc.wantCode || tc.wantCode == 200 && w.Body.String() != tc.want || w.Header().Get("Allow") != tc.wantAllow {
				t.Errorf("%s %s answers %d %q, Allow %q", tc.method, tc.path, w.Code, w.Body, w.Header().Get("Allow"))
			}
			if tc.wantCode != 200 && !strings.HasPrefix(w.Body.String(), `{"detail":"`) {
				t.Errorf("%s %s answers %q, want a detail", tc.method, tc.path, w.Body)
			}
		})
	}
}

func TestGates(t *testing.T) {
	g := newGates(Limits{RequestsPerSecond: 2, Burst: 3})
	now := noon
	pass := func(account string, times int) (passed int, wait time.Duration) {
		for range times {
			if refusal := g.pass(account, now); refusal == nil {
				passed++
			} else {
				wait = refusal.retryAfter
			}
		}
		return passed, wait
	}
	if passed, wait := pass("demo", 10); passed != 3 || wait != 500*time.Millisecond {
		t.Errorf("%d requests passed, then to wait %s; want 3 and 500ms", passed, wait)
	}
	if passed, _ := pass("other", 1); passed != 1 {
		t.Error("another account was held up")
	}
	now = now.Add(time.Second)
	if passed, _ := pass("demo", 10); passed != 2 {
		t.Errorf("%d requests passed a second later, want 2", passed)
	}
}
