package libretranslate

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
	"github.com/dragoman-dev/dragoman/internal/engine/masked"
)

// The two forms of text that the server takes.
const (
	plainText = "text"
	markup    = "html"
)

// Translate asks the server: once for the segments without placeables, as text, and
// once for those with, as HTML, whose elements the server leaves alone. Terms, context,
// tone and corrections are not used: the protocol has no place for them.
//
// A segment without a letter comes back as it is. One that is longer than the server
// takes is Rejected.
func (e *Engine) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	if err := e.client.Usable(ctx); err != nil {
		return engine.Response{}, err
	}
	if req.Creation {
		return engine.Response{}, engine.Errorf(engine.Misconfigured, "libretranslate translates and cannot write new text")
	}
	if len(req.Segments) == 0 {
		return engine.Response{}, nil
	}
	known, err := e.known(ctx)
	if err != nil {
		return engine.Response{}, err
	}
	languages, misfit := known.find(req.Pair)
	if misfit != nil {
		return engine.Response{}, misfit
	}
	c := &call{engine: e, codes: languages, limit: known.charLimit}
	open, kept := masked.Open(req.Segments)
	c.response.Segments = kept
	c.came = len(kept) > 0
	c.translate(ctx, open)
	if c.came || c.first == nil {
		return c.response, nil
	}
	c.response.Segments = nil
	return c.response, c.first
}

// call is one Translate under way.
type call struct {
	engine   *Engine
	codes    codes
	limit    int
	response engine.Response
	// came says that some segment has its answer, and first is the first error.
	came  bool
	first error
}

// text is a piece in the form that is sent.
type text struct {
	masked.Piece
	query string
	runes int
}

// translate makes the exchanges. After an error that holds for the service nothing
// more is asked.
func (c *call) translate(ctx context.Context, open []masked.Piece) {
	var plain, marked []text
	for _, p := range open {
		t := text{Piece: p, query: p.Core}
		into := &plain
		if masked.HasTokens(p.Core) {
			t.query, into = masked.ToXML(p.Core), &marked
		}
		t.runes = utf8.RuneCountInString(t.query)
		*into = append(*into, t)
	}
	for _, group := range []struct {
		format string
		texts  []text
	}{{plainText, plain}, {markup, marked}} {
		for _, chunk := range c.chunks(group.texts) {
			answers, err := c.exchange(ctx, group.format, chunk)
			c.file(group.format, chunk, answers, err)
		}
	}
}

// chunks parts texts by the server's limit. A text over it is answered for here.
func (c *call) chunks(texts []text) [][]text {
	if c.limit == 0 {
		if len(texts) == 0 {
			return nil
		}
		return [][]text{texts}
	}
	var out [][]text
	size := 0
	for _, t := range texts {
		if t.runes > c.limit {
			err := engine.Errorf(engine.Rejected, "the text has %d characters and the server takes %d", t.runes, c.limit)
			c.fail([]text{t}, err)
			c.came = true // the service did its part
			continue
		}
		if len(out) == 0 || size+t.runes > c.limit {
			out, size = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], t)
		size += t.runes
	}
	return out
}

// file puts the answers of an exchange into the response.
func (c *call) file(format string, chunk []text, answers []string, err error) {
	if err != nil {
		if c.first == nil {
			c.first = err
		}
		c.fail(chunk, engine.AsError(err))
		return
	}
	c.came = true
	for i, t := range chunk {
		answer := answers[i]
		if format == markup {
			answer = masked.FromXML(answer)
		}
		if strings.TrimSpace(answer) == "" {
			c.fail(chunk[i:i+1], engine.Errorf(engine.Transient, "the server answered nothing to a text"))
			continue
		}
		c.response.Segments = append(c.response.Segments, engine.Translation{ID: t.ID, Text: t.Whole(answer)})
	}
}

func (c *call) fail(texts []text, err *engine.Error) {
	for _, t := range texts {
		c.response.Segments = append(c.response.Segments, engine.Translation{ID: t.ID, Err: err})
	}
}

// request is the body of a translation.
type request struct {
	Q      []string `json:"q"`
	Source string   `json:"source"`
	Target string   `json:"target"`
	Format string   `json:"format"`
	Key    string   `json:"api_key,omitempty"`
}

// exchange makes one request, and returns an answer for each of its texts.
func (c *call) exchange(ctx context.Context, format string, texts []text) ([]string, error) {
	if c.first != nil {
		return nil, c.first
	}
	r := request{Source: c.codes.source, Target: c.codes.target, Format: format, Key: c.engine.key}
	sent := int64(0)
	for _, t := range texts {
		r.Q = append(r.Q, t.query)
		// Plans are made from the segments, and so is the count.
		sent += int64(utf8.RuneCountInString(t.Core))
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, engine.Errorf(engine.Transient, "encode the request: %w", err)
	}
	answer, lost, err := c.engine.client.Do(ctx, httpcall.Request{
		Method: http.MethodPost, Path: "translate", ContentType: "application/json", Body: body,
	})
	if lost {
		c.response.Uncertain++
	}
	if err != nil {
		return nil, err
	}
	if !answer.OK() {
		return nil, c.engine.failure(answer, r.Q...)
	}
	var done struct {
		TranslatedText []string `json:"translatedText"`
	}
	if json.Unmarshal(answer.Body, &done) != nil {
		c.response.Uncertain++
		return nil, engine.Errorf(engine.Transient, "the server's answer is not JSON of a translation")
	}
	c.response.Usage.Characters += sent
	if len(done.TranslatedText) != len(texts) {
		return nil, engine.Errorf(engine.Transient, "the server answered %d texts with %d", len(texts), len(done.TranslatedText))
	}
	return done.TranslatedText, nil
}

// failure classes an error of the server. Its statuses say little: a pair that it does
// not have, a text that is too long and a missing key are all 400, and who was too fast
// too often gets 403.
func (e *Engine) failure(a httpcall.Answer, texts ...string) *engine.Error {
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(a.Body, &said) != nil {
		said.Error = "" // a proxy's page; the status says enough
	}
	detail := httpcall.Shown(said.Error, e.key, texts...)
	about := strings.ToLower(said.Error)
	switch {
	case a.Status == http.StatusForbidden && strings.Contains(about, "request limit"):
		return engine.Errorf(engine.RateLimited, "the server limits the rate of calls (403)")
	case a.Status != http.StatusBadRequest:
		return httpcall.Failure(a, detail)
	case strings.Contains(about, "exceeds text limit"):
		return engine.Errorf(engine.Rejected, "the text is longer than the server takes (400)")
	case strings.Contains(about, "api key"):
		return engine.Errorf(engine.Misconfigured, "the server refused the API key (400)")
	default:
		return httpcall.Failure(a, detail)
	}
}
