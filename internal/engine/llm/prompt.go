package llm

import (
	"bytes"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/template"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// PromptVersion names the wording of the prompts below prompts/, each with a number of
// its own that changes with every change that may change answers, so that a job can say
// what it was asked with. It is what engines report as Info.Prompt.
const PromptVersion = "translate/3 correct/2 create/3 rate/2"

// files are the prompts. The system message holds the task and nothing of the text. It
// is the same for all calls of a job but for its end, the glossary and the mark:
// providers bill a repeated beginning at less.
//
//go:embed prompts/*.tmpl
var files embed.FS

var templates = template.Must(template.ParseFS(files, "prompts/*.tmpl"))

// markBytes is the length of a random mark. No text can hold a mark that is drawn
// after the text was written.
const markBytes = 16

// Limits of what the client adds to a task, in runes, and of the entries of a
// glossary. The first are those of the API, so they hold also where nobody has
// checked; a call has room for so many terms and no more.
const (
	maxLabel        = 100
	maxInstructions = 2000
	maxStyle        = 8000
	maxTerms        = 300
)

// marks are drawn for each exchange.
type marks struct {
	// nonce stands around the data, and canary in the system message: a text that holds
	// one of them repeats the prompt.
	nonce, canary string
}

// newMarks draws marks.
func newMarks(random io.Reader) (marks, error) {
	var raw [2 * markBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return marks{}, fmt.Errorf("draw the marks of a prompt: %w", err)
	}
	return marks{nonce: hex.EncodeToString(raw[:markBytes]), canary: hex.EncodeToString(raw[markBytes:])}, nil
}

// task is what the templates are filled with. Every word of the client is a JSON
// string, so that none can end its line and pass for ours.
type task struct {
	Creation, Rating, HasContext, HasForms, Correcting, HasBriefing bool

	Source, Target, Canary                               string
	Domain, Tone, TextType, Instructions, StyleReference string
	MaxChars, MaxWords                                   int
	Terms                                                []string
}

// promptSegment is a segment as the model sees it.
type promptSegment struct {
	ID          int      `json:"id"`
	Text        string   `json:"text"`
	Forms       []string `json:"forms,omitempty"`
	Translation string   `json:"translation,omitempty"`
	Previous    string   `json:"previous,omitempty"`
	Findings    []string `json:"findings,omitempty"`
}

// promptExample is a context segment as the model sees it.
type promptExample struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

// promptTerm is a glossary entry as the model sees it.
type promptTerm struct {
	Source    string   `json:"source"`
	Target    string   `json:"target,omitempty"`
	Keep      bool     `json:"keep,omitempty"`
	Forbidden []string `json:"forbidden,omitempty"`
}

// capped returns a request whose words of the client are no longer than they may be.
func capped(req engine.Request) engine.Request {
	req.Domain, req.Tone, req.TextType = clip(req.Domain, maxLabel), clip(req.Tone, maxLabel), clip(req.TextType, maxLabel)
	req.Instructions, req.StyleReference = clip(req.Instructions, maxInstructions), clip(req.StyleReference, maxStyle)
	req.Terms = req.Terms[:min(len(req.Terms), maxTerms)]
	return req
}

// clip cuts a text to so many runes.
func clip(text string, runes int) string {
	for i := range text {
		if runes == 0 {
			return text[:i]
		}
		runes--
	}
	return text
}

// promptFor writes the messages for some segments of a request.
func promptFor(req engine.Request, segments []engine.Segment, own marks) (Ask, error) {
	user, err := userMessage(req, segments, own.nonce)
	if err != nil {
		return Ask{}, err
	}
	system, err := systemMessage(req, segments, own.canary)
	if err != nil {
		return Ask{}, err
	}
	return Ask{System: system, User: user}, nil
}

// systemMessage states the task.
func systemMessage(req engine.Request, segments []engine.Segment, canary string) (string, error) {
	t := task{
		Creation: req.Creation, Rating: req.Rating, HasContext: len(req.Context) > 0, HasForms: haveForms(segments), Correcting: corrects(segments),
		Source: languageName(req.Pair.Source), Target: languageName(req.Pair.Target), Canary: canary,
		MaxChars: req.MaxChars, MaxWords: req.MaxWords,
	}
	for _, f := range []struct {
		into *string
		from string
	}{
		{&t.Domain, req.Domain},
		{&t.Tone, req.Tone},
		{&t.TextType, req.TextType},
		{&t.Instructions, req.Instructions},
		{&t.StyleReference, req.StyleReference},
	} {
		if f.from == "" {
			continue
		}
		quoted, err := quote(f.from)
		if err != nil {
			return "", err
		}
		*f.into, t.HasBriefing = quoted, true
	}
	for _, term := range req.Terms {
		line, err := quote(promptTerm{Source: term.Source, Target: term.Target, Keep: term.Keep, Forbidden: term.Forbidden})
		if err != nil {
			return "", err
		}
		t.Terms = append(t.Terms, line)
	}
	t.HasBriefing = t.HasBriefing || len(t.Terms) > 0 || t.MaxChars > 0 || t.MaxWords > 0
	name := "translate.tmpl"
	switch {
	case req.Rating:
		name = "rate.tmpl"
	case req.Creation:
		name = "create.tmpl"
	}
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, t); err != nil {
		return "", fmt.Errorf("write a prompt: %w", err)
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// userMessage carries the data between the markers.
func userMessage(req engine.Request, segments []engine.Segment, nonce string) (string, error) {
	data := struct {
		Segments []promptSegment `json:"segments"`
		Context  []promptExample `json:"context,omitempty"`
	}{}
	for _, s := range segments {
		p := promptSegment{ID: s.ID, Text: s.Text, Forms: formNames(s.Forms), Translation: s.Target}
		if s.Correction != nil {
			p.Previous, p.Findings = s.Correction.Previous, s.Correction.Findings
		}
		data.Segments = append(data.Segments, p)
	}
	for _, x := range req.Context {
		data.Context = append(data.Context, promptExample{Source: x.Source, Target: x.Target})
	}
	body, err := quote(data)
	if err != nil {
		return "", err
	}
	return "<<" + nonce + "\n" + body + "\n" + nonce + ">>", nil
}

// corrects says whether a segment is asked for again.
func corrects(segments []engine.Segment) bool {
	for _, s := range segments {
		if s.Correction != nil {
			return true
		}
	}
	return false
}

// temperature rises with the rounds of correction, 0, 0.15, 0.3 and no further: the
// first answer is the likeliest one, and asked again the model has to leave it.
func temperature(segments []engine.Segment) float64 {
	round := 0
	for _, s := range segments {
		if s.Correction != nil {
			round = max(round, s.Correction.Round)
		}
	}
	return []float64{0, 0.15, 0.3}[min(max(round, 0), 2)]
}

// languageName returns "Brazilian Portuguese (pt-BR)"; the tag alone when it has
// no name, and "" when the language is not known.
func languageName(tag string) string {
	if tag == "" || tag == "und" {
		return ""
	}
	parsed, err := language.Parse(tag)
	if err != nil {
		return strconv.Quote(tag)
	}
	if name := display.English.Tags().Name(parsed); name != "" {
		return name + " (" + tag + ")"
	}
	return tag
}

// templateTokens are written with a JSON escape, which changes nothing of what they
// say. Servers that turn a chat into one text (vLLM, llama.cpp) may otherwise read
// such a token in the middle of the data as the end of the message.
var templateTokens = strings.NewReplacer(
	"<|", `\u003c|`, "|>", `|\u003e`, "<｜", `\u003c｜`, "<s>", `\u003cs>`, "</s>", `\u003c/s>`,
	"<start_of_turn>", `\u003cstart_of_turn>`, "<end_of_turn>", `\u003cend_of_turn>`,
	"[INST]", `\u005bINST]`, "[/INST]", `\u005b/INST]`,
)

// quote writes data of the client as JSON.
func quote(v any) (string, error) {
	s, err := encode(v)
	return templateTokens.Replace(s), err
}

// encode writes JSON as a model reads it best: on one line, with < > & as they are.
func encode(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("encode a prompt: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
