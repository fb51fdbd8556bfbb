// Package openaitest is an OpenAI-compatible server on the loopback interface, for
// tests and benches of whatever calls a language model. It "translates" by a rule
// that a test can repeat, and commits the faults that real servers commit.
//
// It reads the prompt of package openai, and nothing else of it. It must not be
// linked into the product.
package openaitest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/engine"
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

	http    *httptest.Server
	closing chan struct{}
	once    sync.Once

	mu     sync.Mutex
	queue  []Fault
	always []Fault
	random func() []Fault
	calls  []Call
	count  int
	sold   map[string]int
	usage  engine.Usage
}

// Segment is a segment as the prompt states it.
type Segment struct {
	ID       int      `json:"id"`
	Text     string   `json:"text"`
	Previous string   `json:"previous"`
	Findings []string `json:"findings"`
}

// Call is one request to /chat/completions.
type Call struct {
	// Pair and Creation are read from the prompt.
	Pair     engine.Pair
	Creation bool
	// Model, Format ("json_schema", "json_object" or "") and Temperature (nil when it
	// was not sent) are those of the request.
	Model, Format string
	Temperature   *float64
	// System and User are the two messages; Segments and Context are read from the
	// second one.
	System, User string
	Segments     []Segment
	Context      []Example
	// Fault that was committed, "" for none; Status that was answered.
	Fault  string
	Status int
}

// Example is an earlier segment with its translation.
type Example struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

// Cleaner is the part of testing.TB that New needs.
type Cleaner interface {
	Cleanup(func())
}

// New starts a server that ends with the test or bench.
func New(tb Cleaner) *Server {
	s := Start()
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server for a caller that closes it.
func Start() *Server {
	s := &Server{
		Models:    []string{Model},
		Translate: Reverse,
		closing:   make(chan struct{}),
		sold:      map[string]int{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", s.listModels)
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	s.http = httptest.NewServer(mux)
	s.URL = s.http.URL + "/v1"
	return s
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

// Next puts faults in a queue; each call takes one. A call that is to go well
// between two faults takes None.
func (s *Server) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, faults...)
}

// Always makes every call commit the first of the faults that applies to it, once
// the queue is empty. Without faults it ends.
func (s *Server) Always(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = slices.Clone(faults)
}

// Randomly makes calls commit one of the faults with a probability from 0 to 1,
// once the queue is empty. The source of chance is not called concurrently; it
// returns numbers from 0 up to 1, as rand.Rand's Float64 does.
func (s *Server) Randomly(chance func() float64, probability float64, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	faults = slices.Clone(faults)
	s.random = func() []Fault {
		if len(faults) == 0 || chance() >= probability {
			return nil
		}
		return []Fault{faults[min(int(chance()*float64(len(faults))), len(faults)-1)]}
	}
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
	s.calls, s.count, s.sold, s.usage = nil, 0, map[string]int{}, engine.Usage{}
}

// token is a placeable.
var token = regexp.MustCompile(`⟦[0-9]+⟧`)

// Reverse is the default rule: the target tag and a colon, then the text with the
// letters of each word reversed. Digits, punctuation, white space and placeables
// stay where they are. "Save ⟦1⟧ now" into ca is "ca: evaS ⟦1⟧ won".
func Reverse(pair engine.Pair, text string) string {
	runes := []rune(text)
	for i := 0; i < len(runes); {
		if !unicode.IsLetter(runes[i]) {
			i++
			continue
		}
		j := i
		for j < len(runes) && (unicode.IsLetter(runes[j]) || unicode.IsMark(runes[j])) {
			j++
		}
		slices.Reverse(runes[i:j])
		i = j
	}
	return pair.Target + ": " + string(runes)
}

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
	writeJSON(w, http.StatusOK, list)
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
	fault := s.pick(x)
	x.answer = s.translate(call)
	status := http.StatusOK
	switch {
	case s.Key != "" && x.key != s.Key:
		fault, status = nil, http.StatusUnauthorized
	case fault != nil:
		status = fault.status
	}
	s.log(call, fault, status)
	switch {
	case status == http.StatusUnauthorized && fault == nil:
		s.admits(w, r)
	case fault == nil:
		x.write(w)
	default:
		fault.commit(w, r, x)
	}
}

// pick chooses the fault of a call; nil for none.
func (s *Server) pick(x *exchange) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	faults := s.always
	if len(s.queue) > 0 {
		faults = s.queue[:1:1]
		s.queue = s.queue[1:]
	} else if s.random != nil {
		faults = append(s.random(), faults...)
	}
	for _, f := range faults {
		if f.commit != nil && (f.applies == nil || f.applies(x)) {
			return &f
		}
	}
	return nil
}

// log records a call and counts what was sold.
func (s *Server) log(call Call, fault *Fault, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Status = status
	if fault != nil {
		call.Fault = fault.Name
	}
	s.count++
	if len(s.calls) < maxCalls {
		s.calls = append(s.calls, call)
	}
	if status != http.StatusOK || (fault != nil && fault.free) {
		return
	}
	for _, seg := range call.Segments {
		s.sold[seg.Text]++
	}
	s.usage = s.usage.Add(usageOf(call))
}

// usageOf counts a call that was answered.
func usageOf(call Call) engine.Usage {
	n := int64(len(call.Segments))
	return engine.Usage{InputTokens: inputTokensPerCall + n*inputTokensPerSegment, OutputTokens: n * outputTokensPerSegment}
}

// translate applies the rules to the segments of a call.
func (s *Server) translate(call Call) []answerItem {
	items := make([]answerItem, 0, len(call.Segments))
	for _, seg := range call.Segments {
		text := ""
		if seg.Previous != "" && s.Correct != nil {
			text = s.Correct(call.Pair, seg)
		} else {
			text = s.Translate(call.Pair, seg.Text)
		}
		items = append(items, answerItem{ID: seg.ID, Text: text})
	}
	return items
}

var (
	// translation and creation are the first lines of the prompt. A tag stands in
	// brackets behind the name of its language.
	translation = regexp.MustCompile(`^You are a professional translator\. Translate from (.+?) into (.+)\.\n`)
	creation    = regexp.MustCompile(`^You are a professional writer\. Write new text in (.+?)\. Each segment is a brief(?:, written in (.+?))?:`)
	tag         = regexp.MustCompile(`^.*\(([A-Za-z0-9-]+)\)$`)
	frame       = regexp.MustCompile(`(?s)^<<([0-9a-f]{32})\n(.*)\n([0-9a-f]{32})>>$`)
)

// readCall takes a request apart. An error means that the prompt has not the form
// that the server knows.
func readCall(body []byte) (Call, error) {
	var req struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Temperature    *float64 `json:"temperature"`
		ResponseFormat struct {
			Type string `json:"type"`
		} `json:"response_format"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return Call{}, fmt.Errorf("the body is not JSON: %w", err)
	}
	call := Call{Model: req.Model, Format: req.ResponseFormat.Type, Temperature: req.Temperature}
	if len(req.Messages) != 2 || req.Messages[0].Role != "system" || req.Messages[1].Role != "user" {
		return call, fmt.Errorf("want a system and a user message, got %d messages", len(req.Messages))
	}
	call.System, call.User = req.Messages[0].Content, req.Messages[1].Content
	if m := translation.FindStringSubmatch(call.System); m != nil {
		call.Pair = engine.Pair{Source: tagOf(m[1]), Target: tagOf(m[2])}
	} else if m := creation.FindStringSubmatch(call.System); m != nil {
		call.Creation = true
		call.Pair = engine.Pair{Source: tagOf(m[2]), Target: tagOf(m[1])}
	} else {
		return call, fmt.Errorf("the system message states no task")
	}
	m := frame.FindStringSubmatch(call.User)
	if m == nil || m[1] != m[3] {
		return call, fmt.Errorf("the user message has no markers")
	}
	var data struct {
		Segments []Segment `json:"segments"`
		Context  []Example `json:"context"`
	}
	if err := json.Unmarshal([]byte(m[2]), &data); err != nil {
		return call, fmt.Errorf("the data of the user message is not JSON: %w", err)
	}
	call.Segments, call.Context = data.Segments, data.Context
	return call, nil
}

// tagOf returns the tag in "Catalan (ca)", and a name without one as it is.
func tagOf(name string) string {
	if m := tag.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return name
}
