package deepl

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/masked"
)

// request is the body of /v2/translate.
type request struct {
	Text               []string `json:"text"`
	SourceLang         string   `json:"source_lang"`
	TargetLang         string   `json:"target_lang"`
	Context            string   `json:"context,omitempty"`
	Formality          string   `json:"formality,omitempty"`
	GlossaryID         string   `json:"glossary_id,omitempty"`
	TagHandling        string   `json:"tag_handling,omitempty"`
	IgnoreTags         []string `json:"ignore_tags,omitempty"`
	PreserveFormatting bool     `json:"preserve_formatting"`
	ShowBilled         bool     `json:"show_billed_characters"`
}

// Translate asks DeepL. Placeables go as XML elements that it is told to ignore; the
// tone becomes a formality where it names one; terms become a glossary for the length
// of the call, where DeepL has glossaries for the pair.
//
// A segment without a letter comes back as it is. A call of more than 128 KiB is
// Rejected, for the caller to divide.
func (e *Engine) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	if err := e.client.Usable(ctx); err != nil {
		return engine.Response{}, err
	}
	if req.Creation {
		return engine.Response{}, engine.Errorf(engine.Misconfigured, "deepl translates and cannot write new text")
	}
	if len(req.Segments) == 0 {
		return engine.Response{}, nil
	}
	known, err := e.known(ctx)
	if err != nil {
		return engine.Response{}, err
	}
	source, target, err := known.find(req.Pair)
	if err != nil {
		return engine.Response{}, err
	}
	open, kept := masked.Open(req.Segments)
	if len(open) == 0 {
		return engine.Response{Segments: kept}, nil
	}
	body := newRequest(req, open)
	body.SourceLang, body.TargetLang = source, target
	data, err := encode(body)
	if err != nil {
		return engine.Response{}, err
	}
	if len(data) > maxBytes {
		return engine.Response{}, engine.Errorf(engine.Rejected, "the call has %d bytes and DeepL takes %d", len(data), maxBytes)
	}
	made, err := e.makeGlossary(ctx, source, target, req.Terms)
	if err != nil {
		return engine.Response{}, err
	}
	defer e.dropGlossary(ctx, made)
	body.GlossaryID = made
	response, err := e.ask(ctx, body, open)
	if err == nil {
		response.Segments = append(response.Segments, kept...)
	}
	return response, err
}

// newRequest puts the segments into the form that DeepL takes.
func newRequest(req engine.Request, open []masked.Piece) request {
	body := request{PreserveFormatting: true, ShowBilled: true, Formality: formality(req.Tone)}
	for _, p := range open {
		if masked.HasTokens(p.Core) {
			body.TagHandling, body.IgnoreTags = "xml", []string{masked.Element}
		}
	}
	for _, p := range open {
		text := p.Core
		if body.TagHandling != "" {
			text = masked.ToXML(text)
		}
		body.Text = append(body.Text, text)
	}
	var before []string
	for _, example := range req.Context {
		before = append(before, example.Source)
	}
	body.Context = strings.Join(before, "\n")
	return body
}

// formality reads a tone. DeepL passes over a preference for a language that has no
// such forms, where a demand would be an error.
func formality(tone string) string {
	words := strings.FieldsFunc(strings.ToLower(tone), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, word := range words {
		switch word {
		case "informal", "casual", "colloquial", "friendly", "playful":
			return "prefer_less"
		case "formal", "polite", "official", "professional", "respectful":
			return "prefer_more"
		}
	}
	return ""
}

// ask makes the exchange. The service charges for what it has answered, also when the
// answer cannot be used.
func (e *Engine) ask(ctx context.Context, body request, open []masked.Piece) (engine.Response, error) {
	var response engine.Response
	answer, lost, err := e.do(ctx, http.MethodPost, "translate", nil, body)
	if lost {
		response.Uncertain++
	}
	if err != nil {
		return response, err
	}
	if !answer.OK() {
		return response, e.failure(answer, body.Text...)
	}
	var done struct {
		Translations []translation `json:"translations"`
	}
	if json.Unmarshal(answer.Body, &done) != nil {
		response.Uncertain++
		return response, engine.Errorf(engine.Transient, "the answer of DeepL is not JSON of a translation")
	}
	response.Usage.Characters = billed(done.Translations, open)
	if len(done.Translations) != len(open) {
		return response, engine.Errorf(engine.Transient, "DeepL answered %d texts with %d", len(open), len(done.Translations))
	}
	came := false
	for i, t := range done.Translations {
		text := t.Text
		if body.TagHandling != "" {
			text = masked.FromXML(text)
		}
		out := engine.Translation{ID: open[i].ID, Text: open[i].Whole(text)}
		if strings.TrimSpace(text) == "" {
			out = engine.Translation{ID: open[i].ID, Err: errNothing}
		}
		came = came || out.Err == nil
		response.Segments = append(response.Segments, out)
	}
	if !came {
		response.Segments = nil
		return response, errNothing
	}
	return response, nil
}

// errNothing is the answer to a text that is none.
var errNothing = engine.Errorf(engine.Transient, "DeepL answered nothing to a text")

// translation is one text of an answer.
type translation struct {
	Text   string `json:"text"`
	Billed *int64 `json:"billed_characters"`
}

// billed returns what DeepL charges for: its own count, or where it gives none the
// characters outside of placeables, as its documentation says.
func billed(translations []translation, open []masked.Piece) int64 {
	var said, counted int64
	for _, t := range translations {
		if t.Billed == nil {
			said = -1
			break
		}
		said += max(*t.Billed, 0)
	}
	for _, p := range open {
		counted += int64(masked.Runes(p.Core))
	}
	if said < 0 || len(translations) == 0 {
		return counted
	}
	return said
}
