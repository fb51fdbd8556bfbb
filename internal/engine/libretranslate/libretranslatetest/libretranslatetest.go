// Package libretranslatetest is a LibreTranslate server on the loopback interface, for
// tests. It "translates" by turning words around, and commits the faults that real
// servers commit. It must not be linked into the product.
package libretranslatetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

// Fault is what a call does in place of an answer. It returns whether it answered.
type Fault func(w http.ResponseWriter, r *http.Request, q []string) bool

// Server answers as LibreTranslate 1.6 does. Its exported fields are set before the
// first call.
type Server struct {
	// URL for a provider's endpoint.
	URL string
	// Key that callers must send; none is asked for when it is empty.
	Key string
	// Languages with their targets; nil targets leave the field out, as old servers do.
	Languages map[string][]string
	// CharLimit of a request; 0 for none. Settings says that the server tells it.
	CharLimit int
	Settings  bool

	standin.Faults[Fault]
	standin.Log[Call]
}

// Call is a translation that was asked for.
type Call struct {
	Q                      []string
	Source, Target, Format string
}

// New starts a server that ends with the test.
func New(tb standin.Cleaner) *Server {
	s := &Server{
		Languages: map[string][]string{
			"en": {"de", "es", "pt", "pt-BR", "zh-Hans", "zh-Hant", "nb"},
			"es": {"en", "de"},
			"de": {"en", "es"},
		},
		Settings: true,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /languages", s.languages)
	mux.HandleFunc("GET /frontend/settings", s.settings)
	mux.HandleFunc("POST /translate", s.translate)
	s.URL = standin.Serve(tb, mux)
	return s
}

// Config returns the settings of a provider that asks this server.
func (s *Server) Config() engine.Config {
	return engine.Config{Endpoint: s.URL, APIKey: s.Key, Timeout: time.Minute}
}

// Status answers with an error as the server words it.
func Status(status int, message string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []string) bool {
		fail(w, status, message)
		return true
	}
}

// RetryAfter answers 429 with the seconds to wait.
func RetryAfter(seconds int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []string) bool {
		w.Header().Set("Retry-After", fmt.Sprint(seconds))
		fail(w, http.StatusTooManyRequests, "Slowdown: 80 per 1 minute")
		return true
	}
}

// Body answers 200 with this body.
func Body(body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []string) bool {
		_, _ = w.Write([]byte(body)) // the caller may have gone
		return true
	}
}

// Drop ends the connection without an answer.
func Drop() Fault {
	return func(http.ResponseWriter, *http.Request, []string) bool { panic(http.ErrAbortHandler) }
}

// Quote answers 400 with the text in the message.
func Quote() Fault {
	return func(w http.ResponseWriter, _ *http.Request, q []string) bool {
		fail(w, http.StatusBadRequest, "cannot translate: "+strings.Join(q, " "))
		return true
	}
}

// Redirect answers with another address.
func Redirect(to string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ []string) bool {
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		return true
	}
}

// Short leaves out the last text.
func Short() Fault {
	return func(w http.ResponseWriter, _ *http.Request, q []string) bool {
		standin.WriteJSON(w, http.StatusOK, map[string]any{"translatedText": q[:len(q)-1]})
		return true
	}
}

func (s *Server) languages(w http.ResponseWriter, _ *http.Request) {
	var out []map[string]any
	for code, targets := range s.Languages {
		entry := map[string]any{"code": code, "name": code}
		if targets != nil {
			entry["targets"] = targets
		}
		out = append(out, entry)
	}
	standin.WriteJSON(w, http.StatusOK, out)
}

func (s *Server) settings(w http.ResponseWriter, _ *http.Request) {
	if !s.Settings {
		http.NotFound(w, nil)
		return
	}
	limit := s.CharLimit
	if limit == 0 {
		limit = -1
	}
	standin.WriteJSON(w, http.StatusOK, map[string]any{"charLimit": limit, "keyRequired": s.Key != "", "apiKeys": s.Key != ""})
}

func (s *Server) translate(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Q                      []string
		Source, Target, Format string
		Key                    string `json:"api_key"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		fail(w, http.StatusBadRequest, "Invalid JSON format")
		return
	}
	s.Record(Call{Q: req.Q, Source: req.Source, Target: req.Target, Format: req.Format})
	if fault, ok := s.Pick(standin.Any); ok && fault(w, r, req.Q) {
		return
	}
	size := utf8.RuneCountInString(strings.Join(req.Q, ""))
	switch {
	case s.Key != "" && req.Key != s.Key:
		fail(w, http.StatusForbidden, "Invalid API key")
	case len(req.Q) == 0 || slices.Contains(req.Q, ""):
		fail(w, http.StatusBadRequest, "Invalid request: missing q parameter")
	case s.CharLimit > 0 && size > s.CharLimit:
		fail(w, http.StatusBadRequest, fmt.Sprintf("Invalid request: request (%d) exceeds text limit (%d)", size, s.CharLimit))
	case !s.has(req.Source, req.Target):
		fail(w, http.StatusBadRequest, fmt.Sprintf("%s is not supported", req.Target))
	default:
		out := make([]string, len(req.Q))
		for i, q := range req.Q {
			out[i] = render(req.Format, q)
		}
		standin.WriteJSON(w, http.StatusOK, map[string]any{"translatedText": out})
	}
}

// has says whether there is a model for a pair.
func (s *Server) has(source, target string) bool {
	targets := s.Languages[source]
	return targets == nil || slices.Contains(targets, target)
}

// render turns the words of a text around. In HTML the elements stay, and are written
// as the parser of the real server writes them: <x id="1"></x>.
func render(format, q string) string {
	if format != "html" {
		return standin.Turn(q)
	}
	return standin.TurnMarkup(q, func(tag string) string {
		if name, ok := strings.CutSuffix(tag, "/>"); ok {
			return name + "></x>"
		}
		return tag
	})
}

func fail(w http.ResponseWriter, status int, message string) {
	standin.WriteJSON(w, status, map[string]string{"error": message})
}
