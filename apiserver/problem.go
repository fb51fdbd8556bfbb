package apiserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

// Problem is the form of every error: detail is one sentence for a person.
type Problem struct {
	Detail  string          `json:"detail" doc:"What is wrong, in one sentence." example:"Job not found."`
	Code    string          `json:"code,omitempty" doc:"Name of the fault for programs, such as prompt_injection_detected; most have none." example:"prompt_injection_detected"`
	Errors  []convert.Field `json:"errors,omitempty" nullable:"false" doc:"The places in the request that are wrong."`
	JobID   string          `json:"job_id,omitempty" doc:"The job that the error speaks of."`
	BatchID string          `json:"batch_id,omitempty" doc:"The batch that the error speaks of."`
	Status  convert.Status  `json:"status,omitempty" doc:"Status of that job."`

	code       int
	retryAfter time.Duration
	allow      []string
}

// Error returns the sentence.
func (p *Problem) Error() string { return p.Detail }

func problem(code int, format string, args ...any) *Problem {
	return &Problem{code: code, Detail: fmt.Sprintf(format, args...)}
}

func jobNotFound() *Problem { return problem(http.StatusNotFound, "Job not found.") }

// retryLater is how long callers are asked to wait when nothing better is known.
const retryLater = time.Second

// problemOf turns an error into an answer. It is the only place where errors get
// their status. What is not the caller's to know is left out of the answer and
// returned as hidden, to be logged.
func problemOf(err error) (answer *Problem, hidden error) {
	if known, ok := errors.AsType[*Problem](err); ok {
		return known, nil
	}
	if fault, ok := errors.AsType[*convert.Fault](err); ok {
		code := http.StatusUnprocessableEntity
		if fault.Kind == convert.BadBriefing {
			code = http.StatusBadRequest
		}
		return &Problem{code: code, Detail: fault.Detail, Code: fault.Code, Errors: fault.Fields}, nil
	}
	if tooLarge(err) {
		return problem(http.StatusRequestEntityTooLarge, "The request is too large to be stored; send it in parts."), nil
	}
	switch {
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		return refused(err), nil
	case apierrors.IsTooManyRequests(err):
		return overloaded(err), nil
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota"):
		return overQuota(), err
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return problem(http.StatusServiceUnavailable, "The account is being deleted."), nil
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		// What the request was about to use went away, or changed, under its hands.
		return unavailable(), err
	case apierrors.IsTimeout(err), apierrors.IsServerTimeout(err), apierrors.IsServiceUnavailable(err), errors.Is(err, context.DeadlineExceeded):
		return unavailable(), err
	}
	if status := apierrors.APIStatus(nil); !errors.As(err, &status) && !errors.Is(err, context.Canceled) {
		// Not an answer of the API server: it could not be reached.
		return unavailable(), err
	}
	return problem(http.StatusInternalServerError, "Internal error; the request was not carried out."), err
}

func unavailable() *Problem {
	p := problem(http.StatusServiceUnavailable, "The control plane cannot be reached right now; try again.")
	p.retryAfter = retryLater
	return p
}

func overQuota() *Problem {
	p := problem(http.StatusTooManyRequests, "The account has as many jobs as its quota allows; delete some or wait.")
	p.retryAfter = time.Minute
	return p
}

func overloaded(err error) *Problem {
	p := problem(http.StatusTooManyRequests, "The control plane is busy; try again later.")
	p.retryAfter = retryLater
	if seconds, ok := apierrors.SuggestsClientDelay(err); ok {
		p.retryAfter = time.Duration(seconds) * time.Second
	}
	return p
}

// tooLarge finds the answers of etcd and the API server to an object over their
// limit; they share no class.
func tooLarge(err error) bool {
	return apierrors.IsRequestEntityTooLargeError(err) || strings.Contains(err.Error(), "etcdserver: request is too large") ||
		strings.Contains(err.Error(), "trying to send message larger than max")
}

// refused answers what the schema does not admit and convert did not find.
func refused(err error) *Problem {
	out := problem(http.StatusBadRequest, "The request cannot be stored as it is.")
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) || status.Status().Details == nil {
		return out
	}
	for _, cause := range status.Status().Details.Causes {
		out.Errors = append(out.Errors, convert.Field{Location: cause.Field, Message: causeMessage(cause)})
	}
	if len(out.Errors) > 0 {
		out.Detail = "The request cannot be stored as it is: " + out.Errors[0].Location + ": " + out.Errors[0].Message
	}
	return out
}

// causeMessage leaves out the value that the API server quotes, since it may be
// text to be translated: of "Invalid value: \"…\": is too long" the reason stays.
func causeMessage(cause metav1.StatusCause) string {
	kind, rest, found := strings.Cut(cause.Message, " value: ")
	if !found || strings.Contains(kind, " ") {
		return cause.Message
	}
	value, err := strconv.QuotedPrefix(rest)
	if err != nil {
		decoder := json.NewDecoder(strings.NewReader(rest))
		var raw json.RawMessage
		if decoder.Decode(&raw) != nil {
			return "is not valid"
		}
		value = rest[:decoder.InputOffset()]
	}
	reason, found := strings.CutPrefix(rest[len(value):], ": ")
	if !found {
		return "is not valid"
	}
	return reason
}

// write sends the problem. It may be called once, before anything else was sent.
func (p *Problem) write(w http.ResponseWriter) {
	if p.retryAfter > 0 {
		seconds := int64((p.retryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	if len(p.allow) > 0 {
		w.Header().Set("Allow", strings.Join(p.allow, ", "))
	}
	writeJSON(w, p.code, p)
}

// writeJSON sends a value. A value that cannot be marshalled is a bug and becomes
// a 500; a connection that is gone is nobody's problem.
func writeJSON(w http.ResponseWriter, code int, value any) {
	var body strings.Builder
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		code = http.StatusInternalServerError
		body.Reset()
		body.WriteString(`{"detail":"Internal error; the answer could not be written."}` + "\n")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body.String()))
}
