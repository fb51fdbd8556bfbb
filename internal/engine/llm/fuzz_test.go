package llm

import (
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// FuzzRead reads answers of any kind: there is a verdict for each segment or a fault of
// the whole, and no text that is taken holds a mark of the prompt.
func FuzzRead(f *testing.F) {
	segments := []engine.Segment{{ID: 1, Text: "El artículo 17 de ⟦1⟧"}, {ID: 2, Text: "Nada más"}}
	for _, answer := range []string{
		"", "{", `{"translations":[{"id":1,"text":"L'article 17 de ⟦1⟧"},{"id":2,"text":"Res més"}]}`,
		`{"translations":[{"id":2,"text":"x"},{"id":1,"text":"y"}]}`, "<html>", "```json\n{}\n```",
		`{"translations":[{"id":1,"text":"` + testNonce + `"},{"id":2,"text":"` + strings.Repeat("na ", 99) + `"}]}`,
	} {
		f.Add(answer, true)
	}
	f.Fuzz(func(t *testing.T, answer string, bare bool) {
		v := verifier{target: "ca", marks: testMarks}
		for n := 1; n <= len(segments); n++ {
			verdicts, fault := v.read(Completion{Content: answer, Bare: bare}, segments[:n])
			if (fault == nil) != (len(verdicts) == n) {
				t.Fatalf("%d verdicts for %d segments, fault %+v", len(verdicts), n, fault)
			}
			for _, got := range verdicts {
				if (got.fault == nil) != (got.text != "") {
					t.Errorf("the text %q has the fault %+v", got.text, got.fault)
				}
				if strings.Contains(got.text, testMarks.nonce) || strings.Contains(got.text, testMarks.canary) {
					t.Errorf("the text %q has a mark of the prompt", got.text)
				}
			}
		}
	})
}
