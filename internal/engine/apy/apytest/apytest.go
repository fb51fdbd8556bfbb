// Package apytest is an Apertium APY on the loopback interface, for tests. It
// "translates" by turning words around, marks the words it does not know, cuts long
// texts short without a word, and commits the faults that real ones commit. It must not
// be linked into the product.
package apytest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

// Fault is what a translation does in place of an answer: it is given the answer that
// would have been right.
type Fault func(w http.ResponseWriter, c Call, right string)

// Server answers as apertium-apy 0.11 does. Its exported fields are set before the
// first call.
type Server struct {
	// URL for a provider's endpoint.
	URL string
	// Pairs in the codes of Apertium: "spa|cat".
	Pairs []string
	// Marks are put before words: "*" for unknown ones, "@" and "#" for others.
	Marks map[string]string
	// Room is how many characters of a request are read; the rest is lost. 1,000 are
	// what a busy service reads at one time.
	Room int

	standin.Faults[Fault]
	standin.Log[Call]

	mu     sync.Mutex
	broken map[string]bool
}

// Call is a translation that was asked for.
type Call struct {
	Query, Langpair, Format string
}

// New starts a server that ends with the test.
func New(tb standin.Cleaner) *Server {
	s := &Server{
		Pairs:  []string{"spa|cat", "eng|spa", "es|pt_BR", "oci_aran|cat", "nob|nno"},
		Room:   1000,
		broken: map[string]bool{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /listPairs", s.list)
	mux.HandleFunc("POST /translate", s.translate)
	s.URL = standin.Serve(tb, mux)
	return s
}

// Config returns the settings of a provider that asks this server.
func (s *Server) Config() engine.Config { return engine.Config{Endpoint: s.URL, Timeout: time.Minute} }

// Break makes a pair answer nothing, as one whose programs crash, or mends it.
func (s *Server) Break(langpair string, broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[langpair] = broken
}

// Status answers with an error as the service words it.
func Status(status int, explanation string) Fault {
	return func(w http.ResponseWriter, _ Call, _ string) { fail(w, status, explanation) }
}

// Body answers 200 with this body.
func Body(body string) Fault {
	return func(w http.ResponseWriter, _ Call, _ string) { _, _ = w.Write([]byte(body)) } // the caller may have gone
}

// Drop ends the connection without an answer.
func Drop() Fault {
	return func(http.ResponseWriter, Call, string) { panic(http.ErrAbortHandler) }
}

// Cut leaves out the second half of the answer.
func Cut() Fault {
	return func(w http.ResponseWriter, _ Call, right string) {
		runes := []rune(right)
		answer(w, string(runes[:len(runes)/2]))
	}
}

// Quote answers 400 with the text in the explanation.
func Quote() Fault {
	return func(w http.ResponseWriter, c Call, _ string) { fail(w, http.StatusBadRequest, "cannot read "+c.Query) }
}

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	pairs := []map[string]string{}
	for _, pair := range s.Pairs {
		source, target, _ := strings.Cut(pair, "|")
		pairs = append(pairs, map[string]string{"sourceLanguage": source, "targetLanguage": target})
	}
	standin.WriteJSON(w, http.StatusOK, map[string]any{"responseData": pairs, "responseDetails": nil, "responseStatus": 200})
}

func (s *Server) translate(w http.ResponseWriter, r *http.Request) {
	// The real service strips the text.
	c := Call{Query: strings.TrimSpace(r.PostFormValue("q")), Langpair: r.PostFormValue("langpair"), Format: r.PostFormValue("format")}
	s.Record(c)
	fault, _ := s.Pick(standin.Any)
	s.mu.Lock()
	broken := s.broken[c.Langpair]
	s.mu.Unlock()
	if utf8.RuneCountInString(c.Query) > s.Room {
		c.Query = string([]rune(c.Query)[:s.Room])
	}
	right := s.render(c.Query)
	switch {
	case fault != nil:
		fault(w, c, right)
	case !slices.Contains(s.Pairs, c.Langpair):
		fail(w, http.StatusBadRequest, "That pair is not installed")
	case broken:
		answer(w, "")
	default:
		answer(w, right)
	}
}

var item = regexp.MustCompile(`<[^>]*>|&[a-z]+;|\p{L}+`)

// render turns each word around, and leaves elements and entities as they are.
func (s *Server) render(q string) string {
	return item.ReplaceAllStringFunc(strings.ReplaceAll(q, "\x00", ""), func(w string) string {
		if w[0] == '<' || w[0] == '&' {
			return w
		}
		if mark := s.Marks[w]; mark != "" {
			return mark + w
		}
		return standin.Backwards(w)
	})
}

func answer(w http.ResponseWriter, text string) {
	standin.WriteJSON(w, http.StatusOK, map[string]any{
		"responseData": map[string]string{"translatedText": text}, "responseDetails": nil, "responseStatus": 200,
	})
}

func fail(w http.ResponseWriter, status int, explanation string) {
	standin.WriteJSON(w, status, map[string]any{"status": "error", "code": status, "message": http.StatusText(status), "explanation": explanation})
}
