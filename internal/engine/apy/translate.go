package apy

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
	"github.com/dragoman-dev/dragoman/internal/engine/masked"
)

// errCut says that an answer lacks its end, however short the text was.
var errCut = engine.Errorf(engine.Transient, "the service cut its answer off")

// Translate asks the service, in requests of at most 1,000 characters, and checks that
// the end of each came back. Terms, context, tone and corrections are not used.
//
// The error is Misconfigured for a pair that is not there or does not work. A pair that
// answers nothing to a text is taken to be broken until the next probe.
func (e *Engine) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	if err := e.client.Usable(ctx); err != nil {
		return engine.Response{}, err
	}
	if req.Creation {
		return engine.Response{}, engine.Errorf(engine.Misconfigured, "apertium translates and cannot write new text")
	}
	if len(req.Segments) == 0 {
		return engine.Response{}, nil
	}
	known, err := e.known(ctx)
	if err != nil {
		return engine.Response{}, err
	}
	pair, err := known.find(req.Pair)
	if err != nil {
		return engine.Response{}, err
	}
	if e.isBroken(pair) {
		return engine.Response{}, engine.Errorf(engine.Misconfigured, "the pair %s is listed and does not work", req.Pair)
	}
	s := &sender{engine: e, langpair: known.names[pair]}
	return s.call(ctx, pair, req.Segments)
}

// call translates the segments of a call one after the other.
func (s *sender) call(ctx context.Context, pair engine.Pair, segments []engine.Segment) (engine.Response, error) {
	open, kept := masked.Open(segments)
	response := engine.Response{Segments: kept}
	came := len(kept) > 0
	var first error
	for _, p := range open {
		t, err := s.segment(ctx, pair, p)
		if err != nil && first == nil {
			first = err
		}
		came = came || err == nil
		response.Segments = append(response.Segments, t)
		if err != nil && ctx.Err() != nil {
			break
		}
	}
	response.Usage, response.Uncertain = s.usage, s.uncertain
	if first != nil && (!came || ctx.Err() != nil) {
		response.Segments = nil
		return response, first
	}
	return response, nil
}

// sender makes the exchanges of one call.
type sender struct {
	engine    *Engine
	langpair  string
	usage     engine.Usage
	uncertain int
	// stopped is the error after which nothing more is asked: it holds for the service.
	stopped error
}

// segment translates one segment. The translation carries the error too.
func (s *sender) segment(ctx context.Context, pair engine.Pair, p masked.Piece) (engine.Translation, error) {
	if s.stopped != nil {
		return engine.Translation{ID: p.ID, Err: engine.AsError(s.stopped)}, s.stopped
	}
	got, err := s.text(ctx, pair, p.Core)
	if err != nil {
		s.stopped = err
		return engine.Translation{ID: p.ID, Err: engine.AsError(err)}, err
	}
	got.ID, got.Text = p.ID, p.Whole(got.Text)
	return got, nil
}

// text translates a text in as many requests as its length takes.
func (s *sender) text(ctx context.Context, pair engine.Pair, text string) (engine.Translation, error) {
	var whole engine.Translation
	for text != "" {
		at := cut(text, maxQuery)
		before, core, after := masked.Edges(text[:at])
		text = text[at:]
		whole.Text += before
		if masked.HasLetters(core) {
			got, err := s.send(ctx, core)
			if err != nil {
				return engine.Translation{}, err
			}
			if got, err = s.checked(pair, core, got); err != nil {
				return engine.Translation{}, err
			}
			core = got.Text
			for _, word := range got.Unknown {
				if !slices.Contains(whole.Unknown, word) {
					whole.Unknown = append(whole.Unknown, word)
				}
			}
		}
		whole.Text += core + after
	}
	return whole, nil
}

// checked finds an answer that is none. A few words that mean nothing by themselves stay
// as they are; more of them were lost by programs that crash.
func (s *sender) checked(pair engine.Pair, text string, got engine.Translation) (engine.Translation, error) {
	nothing, few := apertium.CameToNothing(text, got.Text)
	switch {
	case !nothing:
		return got, nil
	case few != nil:
		return engine.Translation{Text: text, Unknown: few}, nil
	default:
		s.engine.mark(pair, true)
		return got, engine.Errorf(engine.Transient, "the pair %s answered nothing to a text; its programs may crash", pair)
	}
}

// send makes one request. A text whose answer lacks its end is sent again in halves.
func (s *sender) send(ctx context.Context, text string) (engine.Translation, error) {
	q := newQuery(text)
	answer, err := s.exchange(ctx, q.text)
	if err != nil {
		return engine.Translation{}, err
	}
	s.usage.Characters += int64(utf8.RuneCountInString(text)) // plans are made from the segments
	got, complete := q.read(answer)
	if complete || strings.TrimSpace(answer) == "" {
		return got, nil
	}
	at := cut(text, (utf8.RuneCountInString(q.text)+len(masked.Tag(sentinel)))/2)
	if at == len(text) || utf8.RuneCountInString(text) < shortText {
		return engine.Translation{}, errCut
	}
	var whole engine.Translation
	for _, half := range []string{text[:at], text[at:]} {
		before, core, after := masked.Edges(half)
		got, err := s.send(ctx, core)
		if err != nil {
			return engine.Translation{}, err
		}
		whole.Text += before + got.Text + after
		whole.Unknown = append(whole.Unknown, got.Unknown...)
	}
	return whole, nil
}

// shortText is the length, in characters, below which halves are of no use.
const shortText = 100

// exchange makes one request and returns the answer as it came.
func (s *sender) exchange(ctx context.Context, q string) (string, error) {
	form := url.Values{"q": {q}, "langpair": {s.langpair}, "format": {"html"}, "markUnknown": {"yes"}}
	answer, lost, err := s.engine.client.Do(ctx, httpcall.Request{
		Method: http.MethodPost, Path: "translate",
		ContentType: "application/x-www-form-urlencoded", Body: []byte(form.Encode()),
	})
	if lost {
		s.uncertain++
	}
	if err != nil {
		return "", err
	}
	if !answer.OK() {
		return "", failure(answer, q)
	}
	var done struct {
		Data struct {
			Text *string `json:"translatedText"`
		} `json:"responseData"`
	}
	if json.Unmarshal(answer.Body, &done) != nil || done.Data.Text == nil {
		return "", engine.Errorf(engine.Transient, "the service's answer is not JSON of a translation")
	}
	return *done.Data.Text, nil
}
