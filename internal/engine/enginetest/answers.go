package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

func answersNothingToNothing(t T, s Suite, e engine.Engine) {
	resp, err := e.Translate(t.Context(), engine.Request{Pair: s.Pair})
	if err != nil || len(resp.Segments) != 0 {
		t.Errorf("Translate() of no segment = %d segments, error %v, want none", len(resp.Segments), err)
	}
}

func keepsIDs(t T, s Suite, e engine.Engine) {
	ids := []int{907, 3, 41, 1 << 30, 0, 12, 42, 40}
	segments := make([]engine.Segment, len(ids))
	for i, id := range ids {
		segments[i] = engine.Segment{ID: id, Text: s.Samples[i%len(s.Samples)] + token(id+1)}
	}
	got, ok := translate(t, s, e, segments)
	if !ok {
		return
	}
	for _, translation := range got {
		if translation.Err != nil || !strings.Contains(translation.Text, token(translation.ID+1)) {
			t.Errorf("segment %d carries the answer to another one", translation.ID)
		}
	}
}

func keepsIDsOfPartialCalls(t T, s Suite, e engine.Engine) {
	var segments []engine.Segment
	for i, sample := range s.Samples {
		segments = append(segments, engine.Segment{ID: 7 * (i + 1), Text: sample + token(i+1)})
	}
	resp, err := e.Translate(t.Context(), engine.Request{Pair: s.Pair, Segments: segments, Partial: true})
	if err != nil {
		wellFormed(t, s, err)
		t.Errorf("Translate() of a partial call: %v", err)
		return
	}
	exactlyOnce(t, segments, resp.Segments)
	for _, translation := range resp.Segments {
		switch {
		case translation.Err == nil && !strings.Contains(translation.Text, token(translation.ID/7)):
			t.Errorf("segment %d carries the answer to another one", translation.ID)
		case translation.Err != nil && translation.Err.Class != engine.Transient:
			t.Errorf("segment %d failed with class %s, want %s, as it is asked for again", translation.ID, translation.Err.Class, engine.Transient)
		}
	}
}

func answersEveryText(t T, s Suite, e engine.Engine) {
	sources := append([]string{"42", "3.50 €", "—", token(1)}, s.Samples...)
	answers, ok := texts(t, s, e, sources)
	if !ok {
		return
	}
	for i, answer := range answers {
		if strings.TrimSpace(answer) == "" {
			t.Errorf("text %d of %d characters was answered with nothing", i, len(sources[i]))
		}
	}
}

func keepsPlaceables(t T, s Suite, e engine.Engine) {
	var sources []string
	for i, sample := range s.Samples {
		head, tail, _ := strings.Cut(sample, " ")
		sources = append(sources,
			token(1)+sample+token(2),
			token(1)+" "+sample+" "+token(2),
			head+" "+token(1)+" "+tail,
			head+" "+token(12)+tail+token(1)+token(2),
			strings.ReplaceAll(sample, " ", fmt.Sprintf(" %s ", token(i+3))),
		)
		sources = append(sources, inPlaceOfWords(sample)...)
	}
	answers, ok := texts(t, s, e, sources)
	if !ok {
		return
	}
	for i, answer := range answers {
		want, got := tokensIn(sources[i]), tokensIn(answer)
		for name, n := range want {
			if got[name] != n {
				t.Errorf("text %d: %s came back %d times, want %d", i, name, got[name], n)
			}
			delete(got, name)
		}
		for name := range got {
			t.Errorf("text %d: %s came back and was never sent", i, name)
		}
	}
}

// inPlaceOfWords returns a sentence with a token in the place of each of its words in
// turn, as one stands for a name.
func inPlaceOfWords(sample string) []string {
	var out []string
	words := strings.Fields(sample)
	for i, word := range words {
		with := slices.Clone(words)
		letters := strings.TrimRight(word, ".,;:!?")
		with[i] = token(1) + word[len(letters):]
		out = append(out, strings.Join(with, " "))
	}
	return out
}

func keepsOuterSpace(t T, s Suite, e engine.Engine) {
	edges := []struct{ before, after string }{
		{"  ", ""}, {"", " \n"}, {"\n\n\t", "\t"}, {"\u00a0", "\u00a0 "}, {"\r\n", "\r\n\r\n"},
	}
	sources := make([]string, len(edges))
	for i, edge := range edges {
		sources[i] = edge.before + s.Samples[i%len(s.Samples)] + edge.after
	}
	answers, ok := texts(t, s, e, sources)
	if !ok {
		return
	}
	for i, answer := range answers {
		core := strings.TrimSpace(answer)
		if start := strings.Index(answer, core); answer[:start] != edges[i].before || answer[start+len(core):] != edges[i].after {
			t.Errorf("text %d: ends are %q and %q, want %q and %q",
				i, answer[:start], answer[start+len(core):], edges[i].before, edges[i].after)
		}
	}
}

// longText is how many sentences a long segment has, and manySegments how many
// segments a large call.
const (
	longText     = 200
	manySegments = 500
)

func translatesLongText(t T, s Suite, e engine.Engine) {
	limit := e.Info().MaxRunes
	var text strings.Builder
	sentences, runes := 0, 0
	for sentences < longText {
		sentence := fmt.Sprintf("%s %s ", s.Samples[sentences%len(s.Samples)], token(sentences+1))
		runes += utf8.RuneCountInString(sentence)
		if limit > 0 && runes > limit {
			break
		}
		text.WriteString(sentence)
		sentences++
	}
	source := strings.TrimSpace(text.String())
	if answers, ok := texts(t, s, e, []string{source}); ok {
		complete(t, 1, source, answers[0], sentences)
	}
}

// complete reports tokens that are missing from 1 to n, and an answer of less than
// a third of its source.
func complete(t T, segment int, source, answer string, n int) {
	t.Helper()
	got := tokensIn(answer)
	missing := 0
	for i := range n {
		if got[token(i+1)] != 1 {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("segment %d: %d of %d sentences did not come back once", segment, missing, n)
	}
	if long, short := utf8.RuneCountInString(source), utf8.RuneCountInString(answer); 3*short < long {
		t.Errorf("segment %d: the answer to %d characters has %d", segment, long, short)
	}
}

func translatesManySegments(t T, s Suite, e engine.Engine) {
	sources := make([]string, manySegments)
	for i := range sources {
		sources[i] = s.Samples[i%len(s.Samples)] + " " + token(i+1)
	}
	answers, ok := texts(t, s, e, sources)
	if !ok {
		return
	}
	for i, answer := range answers {
		if got := tokensIn(answer); len(got) != 1 || got[token(i+1)] != 1 {
			t.Errorf("segment %d carries the answer to another one, or a part of its own", i+1)
		}
		if 3*utf8.RuneCountInString(answer) < utf8.RuneCountInString(sources[i]) {
			t.Errorf("segment %d was cut short", i+1)
		}
	}
}

func answersConcurrently(t T, s Suite, e engine.Engine) {
	const callers, calls = 16, 5
	var asking sync.WaitGroup
	for caller := range callers {
		asking.Go(func() {
			for call := range calls {
				own := token(100*caller + call + 1)
				answers, ok := texts(t, s, e, []string{s.Samples[call%len(s.Samples)] + " " + own, own + " " + s.Samples[0]})
				if !ok {
					return
				}
				for _, answer := range answers {
					if got := tokensIn(answer); len(got) != 1 || got[own] != 1 {
						t.Errorf("caller %d got the answer to another one", caller)
					}
				}
			}
		})
	}
	asking.Wait()
}

func token(n int) string { return fmt.Sprintf("⟦%d⟧", n) }

// tokensIn counts the ⟦n⟧ of a text.
func tokensIn(text string) map[string]int {
	found := make(map[string]int)
	for {
		_, after, ok := strings.Cut(text, "⟦")
		if !ok {
			return found
		}
		digits, rest, ok := strings.Cut(after, "⟧")
		if ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			found["⟦"+digits+"⟧"]++
			after = rest
		}
		text = after
	}
}
