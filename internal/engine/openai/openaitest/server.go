// Package openaitest is an OpenAI-compatible server on the loopback interface, for
// tests and benches of whatever calls a language model. It "translates" by a rule
// that a test can repeat, and commits the faults that real servers commit.
//
// It reads the prompts of package llm as a model does, and nothing else of it. It must not be
// linked into the product.
package openaitest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/llm/llmtest"
	"github.com/dragoman-dev/dragoman/internal/engine/standin"
	"github.com/dragoman-dev/dragoman/internal/money"
)

const (
	// Model that the server lists.
	Model = "test-model"

	// maxCalls bounds the log: a bench makes more calls than a test reads.
	maxCalls = 1000
	// markerLength is the length of the markers around the data.
	markerLength = 32
	// maxBody bounds one request, in bytes.
	maxBody = 8 << 20

	// What the server counts for one exchange, in tokens.
	inputTokensPerCall     = 100
	inputTokensPerSegment  = 10
	outputTokensPerSegment = 7
)

// Server answers chat completions. Its exported fields are set before the first
// call and not changed afterwards; the methods are safe for concurrent use.
type Server struct {
	// URL is the base URL, for a provider's endpoint.
	URL string
	// Key that callers must send; any key passes when it is empty.
	Key string
	// Models listed under /models; nil answers 404 there.
	Models []string
	// Translate is the rule of translation; Reverse by default. It is called from
	// many goroutines.
	Translate func(pair engine.Pair, text string) string
	// Correct answers segments that come back with findings; Translate by default.
	Correct func(pair engine.Pair, s Segment) string
	// Rate says what is wrong with a translation; nothing by default. It is called from
	// many goroutines.
	Rate func(pair engine.Pair, s Segment) string
	// Spoil changes a text of an answer, by the call that it answers; nil for none. It
	// is called from many goroutines.
	Spoil func(call Call, s Segment, text string) string
	// Latency before each answer that is made; 0 answers at once.
	Latency time.Duration
	// RequestsPerMinute that are admitted in any 60 s; 0 for no limit.
	RequestsPerMinute int
	// Prices of what is sold, for Report.
	Prices money.Prices
	// Clock of the limit; the real one by default.
	Clock clock.PassiveClock

	http    *httptest.Server
	closing chan struct{}
	once    sync.Once

	// A call that is to go well between two faults of the queue takes None.
	standin.Faults[Fault]

	mu    sync.Mutex
	calls []Call
	count int
	usage engine.Usage
	// sold counts segments by their text; of them, spoiled those in an answer that
	// cannot be read, and unread those whose caller had gone.
	sold, spoiled, unread map[string]int
	faults                map[string]int
	window                window
}

type (
	// Segment is a segment as the prompt states it.
	Segment = llmtest.Segment
	// Example is an earlier segment with its translation.
	Example = llmtest.Example
)

// Call is one request to /chat/completions.
type Call struct {
	// Pair, Creation and Rating are read from the prompt.
	Pair             engine.Pair
	Creation, Rating bool
	// Model, Format ("json_schema", "json_object" or "") and Temperature (nil when it
	// was not sent) are those of the request.
	Model, Format string
	Temperature   *float64
	// MaxCompletionTokens and MaxTokens limit the answer; 0 when they were not sent.
	MaxCompletionTokens, MaxTokens int64
	// System and User are the two messages; Segments and Context are read from the
	// second one.
	System, User string
	Segments     []Segment
	Context      []Example
	// Unlimited says that the limits above were passed over.
	Unlimited bool
	// Fault that was committed, "" for none; Status that was answered.
	Fault  string
	Status int
}

// New starts a server that ends with the test or bench.
func New(tb standin.Cleaner) *Server {
	s := Start()
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server for a caller that closes it.
func Start() *Server {
	s, handler := newServer()
	s.http = httptest.NewServer(handler)
	s.URL = s.http.URL + "/v1"
	return s
}

// Serve starts a server on an address such as "127.0.0.1:8081", so that programs
// beside this one can use it. The caller closes it.
func Serve(ctx context.Context, addr string) (*Server, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	s, handler := newServer()
	s.http = httptest.NewUnstartedServer(handler)
	if err := s.http.Listener.Close(); err != nil {
		return nil, fmt.Errorf("close the listener of the test server: %w", err)
	}
	s.http.Listener = listener
	s.http.Start()
	s.URL = s.http.URL + "/v1"
	return s, nil
}

func newServer() (*Server, http.Handler) {
	s := &Server{
		Models:    []string{Model},
		Translate: Reverse,
		Clock:     clock.RealClock{},
		closing:   make(chan struct{}),
	}
	s.Reset()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", s.listModels)
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	mux.HandleFunc("GET /report", s.showReport)
	return s, mux
}

// Close ends the server and the calls that hang.
func (s *Server) Close() {
	s.once.Do(func() { close(s.closing) })
	s.http.Close()
}

// Config returns the settings of a provider that asks this server.
func (s *Server) Config() engine.Config {
	return engine.Config{Endpoint: s.URL, Model: Model, APIKey: s.Key, Timeout: time.Minute}
}

// Calls returns the log, oldest first: the first 1000 calls.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Count returns how many calls were made, also those that failed.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Sold returns how many segments a provider would have billed: those of every call
// that the model answered, however bad the answer.
func (s *Server) Sold() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for _, n := range s.sold {
		total += n
	}
	return total
}

// SoldTexts returns how often each text was billed.
func (s *Server) SoldTexts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.sold)
}

// Usage returns the tokens of all that was sold.
func (s *Server) Usage() engine.Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usage
}

// Reset forgets the log and the counts, and keeps the faults.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.count, s.usage, s.window = nil, 0, engine.Usage{}, window{}
	s.sold, s.spoiled, s.unread, s.faults = map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
}

// token is a placeable.
var token = regexp.MustCompile(`⟦[0-9]+⟧`)

// Reverse is the default rule, llmtest.Reverse.
func Reverse(pair engine.Pair, text string) string { return llmtest.Reverse(pair, text) }

// listModels answers GET /models.
func (s *Server) listModels(w http.ResponseWriter, r *http.Request) {
	if !s.admits(w, r) {
		return
	}
	if s.Models == nil {
		writeError(w, http.StatusNotFound, "not_found", "unknown path")
		return
	}
	type model struct {
		ID     string `json:"id"`
		Object string `json:"object"`
	}
	list := struct {
		Object string  `json:"object"`
		Data   []model `json:"data"`
	}{Object: "list", Data: []model{}}
	for _, m := range s.Models {
		list.Data = append(list.Data, model{ID: m, Object: "model"})
	}
	standin.WriteJSON(w, http.StatusOK, list)
}

// admits checks the key. The message quotes the key that was sent, as real servers
// do, so that a caller that shows it is found out.
func (s *Server) admits(w http.ResponseWriter, r *http.Request) bool {
	sent, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if s.Key == "" || (ok && sent == s.Key) {
		return true
	}
	writeError(w, http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided: "+sent)
	return false
}

// chat answers POST /chat/completions.
func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "request_too_large", "request too large")
		return
	}
	call, err := readCall(body)
	if err != nil {
		s.log(call, nil, http.StatusBadRequest)
		writeError(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return
	}
	x := &exchange{server: s, call: call, key: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	if s.Key != "" && x.key != s.Key {
		s.log(call, nil, http.StatusUnauthorized)
		s.admits(w, r)
		return
	}
	if wait, ok := s.admit(); !ok {
		refusal := tooMany(wait)
		s.log(call, &refusal, refusal.status)
		refusal.commit(w, r, x)
		return
	}
	fault := s.pick(x)
	call.Unlimited = fault != nil && fault.deaf
	x.call = call
	x.answer = s.translate(call)
	x.limit()
	if fault == nil || fault.status == http.StatusOK && !fault.free {
		s.linger(r.Context())
	}
	commit, status := func(w http.ResponseWriter, _ *http.Request, x *exchange) { x.write(w) }, http.StatusOK
	if fault != nil {
		commit, status = fault.commit, fault.status
	}
	s.log(call, fault, status)
	// Also when the answer ends in a panic, as some faults do.
	defer func() { s.noticeGone(r.Context(), call, fault, status) }()
	commit(w, r, x)
}

// pick chooses the fault of a call; nil for none.
func (s *Server) pick(x *exchange) *Fault {
	fault, ok := s.Pick(func(f Fault) bool { return f.commit != nil && (f.applies == nil || f.applies(x)) })
	if !ok {
		return nil
	}
	return &fault
}

// translate applies the rules to the segments of a call.
func (s *Server) translate(call Call) []answerItem {
	items := make([]answerItem, 0, len(call.Segments))
	for _, seg := range call.Segments {
		text := ""
		switch {
		case call.Rating && s.Rate != nil:
			text = s.Rate(call.Pair, seg)
		case call.Rating:
			text = "none"
		case seg.Previous != "" && s.Correct != nil:
			text = s.Correct(call.Pair, seg)
		default:
			text = s.Translate(call.Pair, seg.Text)
		}
		if s.Spoil != nil {
			text = s.Spoil(call, seg, text)
		}
		items = append(items, answerItem{ID: seg.ID, Text: text})
	}
	return items
}
