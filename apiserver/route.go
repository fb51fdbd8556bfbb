package apiserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// route is one operation: what it looks like, and who answers it.
type route struct {
	huma.Operation

	// public says that no key is needed.
	public bool
	// body is a value of the request's type, nil when none is read. answer is one of
	// the type of the answer.
	body, answer any
	// also holds a value of each other type of answer, by its status.
	also map[int]any
	// problems are the statuses of errors that the route answers by itself.
	problems []int
	// patience is how much longer than others the route may take.
	patience time.Duration
	handle   func(*call) (any, error)
}

// call is one request on its way through a route.
type call struct {
	context.Context

	request *http.Request
	// account is the namespace of the caller; empty on public routes.
	account string
	body    []byte
}

// assemble puts the routes behind the checks that all of them share:
//
//	panic ─▶ address ─▶ key ─▶ rate ─▶ body ─▶ handler
func (s *Server) assemble() (http.Handler, error) {
	mux := &router{}
	config := s.apiConfig()
	api := humago.New(mux, config)
	for _, r := range s.routes() {
		describe(api.OpenAPI(), &r)
		api.Adapter().Handle(&r.Operation, func(ctx huma.Context) {
			request, w := humago.Unwrap(ctx)
			s.serve(r, w, request)
		})
	}
	s.description = api.OpenAPI()
	if err := s.addDocs(mux, s.description); err != nil {
		return nil, err
	}
	return s.recovering(mux), nil
}

// serve answers one request.
func (s *Server) serve(r route, w http.ResponseWriter, request *http.Request) {
	ctx, cancel := context.WithTimeout(request.Context(), s.Limits.CallTimeout+r.patience)
	defer cancel()
	c := &call{Context: ctx, request: request}
	answer, err := s.answer(r, c, w)
	if err == nil {
		writeAnswer(w, r.DefaultStatus, answer)
		return
	}
	if errors.Is(request.Context().Err(), context.Canceled) {
		// The caller has gone; there is nobody to tell.
		return
	}
	refusal, hidden := problemOf(err)
	if hidden != nil {
		s.Log.Error(hidden, "Could not carry out a request", "route", r.OperationID, "account", c.account)
	}
	refusal.write(w)
}

// coded is an answer with a status of its own.
type coded interface{ Code() int }

// writeAnswer sends the answer of a route. Nothing is sent for a status without
// content.
func writeAnswer(w http.ResponseWriter, code int, answer any) {
	if own, ok := answer.(coded); ok {
		code = own.Code()
	}
	if code == http.StatusNoContent {
		w.WriteHeader(code)
		return
	}
	writeJSON(w, code, answer)
}

func (s *Server) answer(r route, c *call, w http.ResponseWriter) (any, error) {
	if !r.public {
		if err := s.admit(c); err != nil {
			return nil, err
		}
	}
	if r.body != nil {
		leave, refusal := s.gates.enter(c.account, c.request.ContentLength)
		if refusal != nil {
			return nil, refusal
		}
		defer leave()
		if err := s.readBody(c, w); err != nil {
			return nil, err
		}
	}
	return r.handle(c)
}

// admit checks the key and the request rate.
func (s *Server) admit(c *call) error {
	if !s.ready.Load() {
		return unavailable()
	}
	account, err := s.keys.Account(c, c.request.Header.Get("X-API-Key"))
	if errors.Is(err, tenancy.ErrUnknownKey) {
		return problem(http.StatusUnauthorized, "The API key is missing or not valid; send it in the header X-API-Key.")
	}
	if err != nil {
		return err
	}
	c.account = account
	if refusal := s.gates.pass(account, s.Clock.Now()); refusal != nil {
		return refusal
	}
	return nil
}

// readBody reads a JSON body into the call.
func (s *Server) readBody(c *call, w http.ResponseWriter) error {
	if err := checkMediaType(c.request.Header.Get("Content-Type")); err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, c.request.Body, s.Limits.BodyBytes))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem(http.StatusRequestEntityTooLarge, "The body is too large; %d bytes are allowed.", s.Limits.BodyBytes)
	}
	if err != nil {
		return problem(http.StatusBadRequest, "The body could not be read to its end.")
	}
	c.body = body
	return nil
}

// checkMediaType admits JSON in UTF-8, and no statement at all.
func checkMediaType(header string) error {
	if header == "" {
		return nil
	}
	kind, parameters, err := mime.ParseMediaType(header)
	if err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return problem(http.StatusUnsupportedMediaType, "The body must be JSON; send the header Content-Type: application/json.")
	}
	if charset := parameters["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return problem(http.StatusUnsupportedMediaType, "The body must be JSON in UTF-8.")
	}
	return nil
}

// recovering answers a panic with 500 in place of a broken connection.
func (s *Server) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		watched := &headerWatch{ResponseWriter: w}
		defer func() {
			crash := recover()
			if crash == nil {
				return
			}
			s.Log.Error(fmt.Errorf("panic: %v", crash), "Crashed in a request", "method", r.Method, "stack", string(debug.Stack()))
			if !watched.sent {
				problem(http.StatusInternalServerError, "Internal error; the request was not carried out.").write(w)
			}
		}()
		next.ServeHTTP(watched, r)
	})
}

// headerWatch notes whether an answer has begun.
type headerWatch struct {
	http.ResponseWriter

	sent bool
}

// WriteHeader begins the answer.
func (w *headerWatch) WriteHeader(code int) {
	w.sent = true
	w.ResponseWriter.WriteHeader(code)
}

// Write begins the answer when nothing has.
func (w *headerWatch) Write(data []byte) (int, error) {
	w.sent = true
	return w.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController find the writer below.
func (w *headerWatch) Unwrap() http.ResponseWriter { return w.ResponseWriter }
