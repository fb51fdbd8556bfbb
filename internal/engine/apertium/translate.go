package apertium

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// window is how many messages of one call are under way at once: enough to keep
// every stage of a pipeline busy, and few enough that another call gets its turn
// soon.
const window = 64

// errCallTimeout ends a call that took longer than the provider allows.
var errCallTimeout = errors.New("the call took too long")

// errNoText is the answer of a stage that failed in silence.
var errNoText = engine.Errorf(engine.Transient, "the pipeline answered nothing to a text")

// Translate translates the segments of a call through one pipeline. ⟦n⟧ tokens,
// white space at the ends, newlines and blanks of more than one space stay as they
// are. Terms, context and corrections are not used: the pair knows one answer to a
// text.
//
// The error is Misconfigured for a pair that is not installed or does not work,
// and Transient when the pipeline broke; the next call starts it again. A single
// segment that was answered with nothing carries a Transient error. A few words that
// mean nothing by themselves ("Would") stay as they are and are reported as unknown.
func (e *Engine) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	end, err := e.begin()
	if err != nil {
		return engine.Response{}, err
	}
	defer end()
	if err := ctx.Err(); err != nil {
		return engine.Response{}, err
	}
	if req.Creation {
		return engine.Response{}, engine.Errorf(engine.Misconfigured, "apertium translates and cannot write new text")
	}
	if len(req.Segments) == 0 {
		return engine.Response{}, nil
	}
	if e.opts.CallTimeout > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, e.opts.CallTimeout, errCallTimeout)
		defer cancel()
		ctx = limited
	}
	resp, err := e.translate(ctx, req)
	if err != nil && errors.Is(context.Cause(ctx), errCallTimeout) {
		return engine.Response{}, engine.Errorf(engine.Transient, "%w: more than %s", errCallTimeout, e.opts.CallTimeout)
	}
	return resp, err
}

func (e *Engine) translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	m, err := e.modeFor(ctx, req.Pair)
	if err != nil {
		return engine.Response{}, err
	}
	l, err := e.fleet.lease(m)
	if err != nil {
		return engine.Response{}, err
	}
	defer l.release()
	segments, err := translateAll(ctx, l.pipeline, req.Segments)
	if err != nil {
		return engine.Response{}, err
	}
	failed := slices.IndexFunc(segments, func(t engine.Translation) bool { return t.Err != nil })
	if failed >= 0 && !slices.ContainsFunc(segments, func(t engine.Translation) bool { return t.Err == nil }) {
		return engine.Response{}, segments[failed].Err
	}
	return engine.Response{Segments: segments}, nil
}

// translateAll sends the parts of every segment in order and puts the answers
// together.
func translateAll(ctx context.Context, l *pipeline, segments []engine.Segment) ([]engine.Translation, error) {
	jobs := make([][]part, len(segments))
	var texts []string
	for i, s := range segments {
		jobs[i] = split(s.Text)
		texts = appendTexts(texts, jobs[i])
	}
	answers, err := ask(ctx, l, texts)
	if err != nil {
		return nil, err
	}
	for i, a := range answers {
		if !slices.Equal(a.blanks, blanks(texts[i])) {
			if answers[i], err = askInPieces(ctx, l, texts[i]); err != nil {
				return nil, err
			}
		}
	}
	translations := make([]engine.Translation, len(segments))
	for i, s := range segments {
		var whole answer
		whole, answers = assemble(jobs[i], answers)
		translations[i] = engine.Translation{ID: s.ID, Text: whole.text, Unknown: whole.unknown}
		if whole.text == "" && s.Text != "" {
			translations[i] = engine.Translation{ID: s.ID, Err: errNoText}
		}
	}
	return translations, nil
}

func appendTexts(texts []string, parts []part) []string {
	for _, p := range parts {
		if p.translate {
			texts = append(texts, p.text)
		}
	}
	return texts
}

// askInPieces translates what stands between the superblanks of a text piece by
// piece, for a text that came back with some of them lost or doubled: stages that
// look for several words at once do that now and then. The pieces lack each
// other's context.
func askInPieces(ctx context.Context, l *pipeline, text string) (answer, error) {
	parts := splitAtBlanks(text)
	answers, err := ask(ctx, l, appendTexts(nil, parts))
	if err != nil {
		return answer{}, err
	}
	whole, _ := assemble(parts, answers)
	return whole, nil
}

// ask sends texts through a pipeline, a window of them at a time, and returns
// their answers in order.
func ask(ctx context.Context, l *pipeline, texts []string) ([]answer, error) {
	sent := make([]*message, 0, len(texts))
	answers := make([]answer, 0, len(texts))
	for len(answers) < len(texts) {
		for len(sent) < len(texts) && len(sent)-len(answers) < window {
			sent = append(sent, l.send(texts[len(sent)]))
		}
		select {
		case result := <-sent[len(answers)].done:
			if result.err != nil {
				l.drop(sent)
				return nil, result.err
			}
			answers = append(answers, result.answer)
		case <-ctx.Done():
			l.drop(sent)
			return nil, ctx.Err()
		}
	}
	return answers, nil
}

// fewWords is how many words may come to nothing. Rules drop pronouns and auxiliary
// verbs that the other language does not say; a text of these alone has no answer,
// and none longer than this is known. Longer ones have met a fault.
const fewWords = 3

// assemble puts the parts of a text together, and returns the answers that belong
// to the next texts. It has no text when a part was answered with nothing.
func assemble(parts []part, answers []answer) (whole answer, rest []answer) {
	var out strings.Builder
	complete := true
	for _, p := range parts {
		if !p.translate {
			out.WriteString(p.text)
			continue
		}
		a := answers[0]
		answers = answers[1:]
		if cameToNothing(p.text, a.text) {
			if words := wordsOf(p.text); len(words) <= fewWords {
				a = answer{text: p.text, unknown: words}
			} else {
				complete = false
			}
		}
		out.WriteString(a.text)
		for _, word := range a.unknown {
			if !slices.Contains(whole.unknown, word) {
				whole.unknown = append(whole.unknown, word)
			}
		}
	}
	if !complete {
		return answer{}, answers
	}
	whole.text = out.String()
	return whole, answers
}

// cameToNothing says whether an answer to a text with words is what is left when
// the words are taken out. "%" is an answer to "per cent".
func cameToNothing(text, answer string) bool {
	return !hasLetters(answer) && strings.Trim(answer, text) == ""
}

// wordsOf lists the words of a text that have a letter.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !isWordRune(r) && !isInner(r) })
	for i, word := range words {
		words[i] = strings.TrimFunc(word, isInner)
	}
	return slices.DeleteFunc(words, func(word string) bool { return !hasLetters(word) })
}
