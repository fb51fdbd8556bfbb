// Package deepltest is a DeepL API on the loopback interface, for tests. It
// "translates" by turning words around, keeps glossaries and a quota, and commits the
// faults that the real one commits. It must not be linked into the product.
package deepltest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

// maxBody and maxTexts are DeepL's own bounds of a request.
const (
	maxBody  = 128 << 10
	maxTexts = 50
)

// Fault is what a translation does in place of an answer.
type Fault func(w http.ResponseWriter, r *http.Request, call Call)

// Call is a translation that was asked for.
type Call struct {
	Text        []string `json:"text"`
	SourceLang  string   `json:"source_lang"`
	TargetLang  string   `json:"target_lang"`
	Context     string   `json:"context"`
	Formality   string   `json:"formality"`
	GlossaryID  string   `json:"glossary_id"`
	TagHandling string   `json:"tag_handling"`
	IgnoreTags  []string `json:"ignore_tags"`
	// Entries of the glossary at the time.
	Entries string `json:"-"`
}

// Glossary that an account has.
type Glossary struct {
	ID      string    `json:"glossary_id"`
	Name    string    `json:"name"`
	Source  string    `json:"source_lang"`
	Target  string    `json:"target_lang"`
	Created time.Time `json:"creation_time"`
	Entries string    `json:"-"`
}

// Server answers as version 2 of the API does. Its exported fields are set before the
// first call.
type Server struct {
	// URL for a provider's endpoint.
	URL string
	// Key that callers must send.
	Key string
	// Used and Limit are the quota; no quota when Limit is 0.
	Used, Limit int64
	// RefuseGlossaries answers their creation with this status and message.
	RefuseGlossaries int
	GlossaryMessage  string
	// Clock of the glossaries; the real one by default.
	Clock clock.PassiveClock

	standin.Faults[Fault]
	standin.Log[Call]

	mu         sync.Mutex
	glossaries []Glossary
	made       int
}

// New starts a server that ends with the test.
func New(tb standin.Cleaner) *Server {
	s := &Server{Key: "0c5f3a9e-secret:fx", Clock: clock.RealClock{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/usage", s.usage)
	mux.HandleFunc("GET /v2/languages", s.languages)
	mux.HandleFunc("POST /v2/translate", s.translate)
	mux.HandleFunc("GET /v2/glossaries", s.listGlossaries)
	mux.HandleFunc("POST /v2/glossaries", s.makeGlossary)
	mux.HandleFunc("DELETE /v2/glossaries/{id}", s.deleteGlossary)
	s.URL = standin.Serve(tb, s.authorized(mux))
	return s
}

// Config returns the settings of a provider that asks this server.
func (s *Server) Config() engine.Config {
	return engine.Config{Endpoint: s.URL, APIKey: s.Key, Timeout: time.Minute}
}

// Glossaries returns what the account has.
func (s *Server) Glossaries() []Glossary {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.glossaries)
}

// Keep puts a glossary into the account.
func (s *Server) Keep(g Glossary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.glossaries = append(s.glossaries, g)
}

// Status answers with an error as the API words it.
func Status(status int, message string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ Call) { fail(w, status, message) }
}

// RetryAfter answers a status with the seconds to wait.
func RetryAfter(status, seconds int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ Call) {
		w.Header().Set("Retry-After", fmt.Sprint(seconds))
		fail(w, status, "Too many requests")
	}
}

// Body answers 200 with this body.
func Body(body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ Call) {
		_, _ = w.Write([]byte(body)) // the caller may have gone
	}
}

// Drop ends the connection without an answer.
func Drop() Fault {
	return func(http.ResponseWriter, *http.Request, Call) { panic(http.ErrAbortHandler) }
}

// Quote answers 400 with the text in the message.
func Quote() Fault {
	return func(w http.ResponseWriter, _ *http.Request, c Call) {
		fail(w, http.StatusBadRequest, "Bad request: "+strings.Join(c.Text, " "))
	}
}

// Uncounted answers well and without billed characters.
func Uncounted() Fault {
	return func(w http.ResponseWriter, _ *http.Request, c Call) {
		standin.WriteJSON(w, http.StatusOK, map[string]any{"translations": translations(c, false)})
	}
}

// Short leaves out the last text.
func Short() Fault {
	return func(w http.ResponseWriter, _ *http.Request, c Call) {
		c.Text = c.Text[:len(c.Text)-1]
		standin.WriteJSON(w, http.StatusOK, map[string]any{"translations": translations(c, true)})
	}
}

func (s *Server) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "DeepL-Auth-Key "+s.Key {
			fail(w, http.StatusForbidden, "Forbidden")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) usage(w http.ResponseWriter, _ *http.Request) {
	out := map[string]int64{"character_count": s.Used}
	if s.Limit > 0 {
		out["character_limit"] = s.Limit
	}
	standin.WriteJSON(w, http.StatusOK, out)
}

func (s *Server) languages(w http.ResponseWriter, r *http.Request) {
	codes := []string{"DE", "EN", "ES", "NB", "PT", "ZH"}
	if r.URL.Query().Get("type") == "target" {
		codes = []string{"DE", "EN-GB", "EN-US", "ES", "ES-419", "NB", "PT-BR", "PT-PT", "ZH", "ZH-HANS", "ZH-HANT"}
	}
	var out []map[string]any
	for _, code := range codes {
		out = append(out, map[string]any{"language": code, "name": code, "supports_formality": code == "DE"})
	}
	standin.WriteJSON(w, http.StatusOK, out)
}

func (s *Server) translate(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	var c Call
	if err != nil || json.Unmarshal(data, &c) != nil {
		fail(w, http.StatusBadRequest, "Bad request")
		return
	}
	s.mu.Lock()
	at := slices.IndexFunc(s.glossaries, func(g Glossary) bool { return g.ID == c.GlossaryID })
	if at >= 0 {
		c.Entries = s.glossaries[at].Entries
	}
	s.mu.Unlock()
	s.Record(c)
	fault, _ := s.Pick(standin.Any)
	switch {
	case fault != nil:
		fault(w, r, c)
	case len(data) > maxBody:
		fail(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case len(c.Text) > maxTexts:
		fail(w, http.StatusBadRequest, "Too many texts")
	case c.GlossaryID != "" && at < 0:
		fail(w, http.StatusNotFound, "Glossary not found")
	default:
		standin.WriteJSON(w, http.StatusOK, map[string]any{"translations": translations(c, true)})
	}
}

func translations(c Call, billed bool) []map[string]any {
	out := []map[string]any{}
	for _, text := range c.Text {
		t := map[string]any{"detected_source_language": c.SourceLang, "text": render(c, text)}
		if billed {
			t["billed_characters"] = utf8.RuneCountInString(standin.WithoutTags(text))
		}
		out = append(out, t)
	}
	return out
}

// render puts the glossary to use and turns the other words around; elements stay.
func render(c Call, text string) string {
	for line := range strings.Lines(c.Entries) {
		source, target, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		text = strings.ReplaceAll(text, source, standin.Turn(target)) // it is turned back below
	}
	if c.TagHandling != "xml" {
		return standin.Turn(text)
	}
	return standin.TurnMarkup(text, func(tag string) string { return tag })
}

func (s *Server) listGlossaries(w http.ResponseWriter, _ *http.Request) {
	standin.WriteJSON(w, http.StatusOK, map[string]any{"glossaries": s.Glossaries()})
}

func (s *Server) makeGlossary(w http.ResponseWriter, r *http.Request) {
	var g struct {
		Glossary
		Entries string `json:"entries"`
		Format  string `json:"entries_format"`
	}
	if json.NewDecoder(r.Body).Decode(&g) != nil || g.Format != "tsv" || g.Entries == "" {
		fail(w, http.StatusBadRequest, "Bad request")
		return
	}
	if s.RefuseGlossaries != 0 {
		fail(w, s.RefuseGlossaries, s.GlossaryMessage)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	g.ID, g.Created = fmt.Sprintf("glossary-%d", s.made), s.Clock.Now()
	g.Glossary.Entries = g.Entries
	s.glossaries = append(s.glossaries, g.Glossary)
	standin.WriteJSON(w, http.StatusCreated, g.Glossary)
}

func (s *Server) deleteGlossary(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.glossaries = slices.DeleteFunc(s.glossaries, func(g Glossary) bool { return g.ID == r.PathValue("id") })
	w.WriteHeader(http.StatusNoContent)
}

func fail(w http.ResponseWriter, status int, message string) {
	standin.WriteJSON(w, status, map[string]string{"message": message})
}
