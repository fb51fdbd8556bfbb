package pipeline_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// requests runs a bench and returns what its engine was asked.
func requests(t *testing.T, b *bench) []engine.Request {
	t.Helper()
	var asked []engine.Request
	b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		asked = append(asked, req)
		return scripted.Translation(req), nil
	}
	b.tools.Checks = nil
	b.run().Do(t.Context())
	return asked
}

func TestWhatTheEngineIsAsked(t *testing.T) {
	b := newBench("Hola amigo.", "Un <b>gato</b> negro.", "Hola amigo, otra vez.")
	b.job.Pair = engine.Pair{Source: "es", Target: "ca-valencia"}
	b.job.Options = v1alpha1.JobOptions{
		Domain: "pets", Tone: "formal", TextType: "ui", Instructions: "be brief", StyleReference: "as before",
		Constraints: []v1alpha1.Constraint{
			{Type: v1alpha1.MaxCharsConstraint, Value: new(int32(80))},
			{Type: v1alpha1.MaxCharsConstraint, Value: new(int32(60))},
			{Type: v1alpha1.MaxCharsConstraint, Value: new(int32(70))},
			{Type: v1alpha1.MaxWordsConstraint, Value: new(int32(9))},
			{Type: v1alpha1.ForbiddenConstraint, Terms: []string{"moix"}},
		},
	}
	b.job.Terms = glossary.FromInline([]v1alpha1.InlineTerm{{Source: "amigo", Target: "company"}, {Source: "perro", Target: "gos"}})
	want := []engine.Request{{
		Pair: b.job.Pair,
		Segments: []engine.Segment{
			{ID: 1, Text: "Hola amigo."}, {ID: 2, Text: "Un ⟦1⟧gato⟦2⟧ negro."}, {ID: 3, Text: "Hola amigo, otra vez."},
		},
		Terms:  []engine.Term{{Source: "amigo", Target: "company"}},
		Domain: "pets", Tone: "formal", TextType: "ui", Instructions: "be brief", StyleReference: "as before",
		MaxChars: 60, MaxWords: 9,
	}}
	if diff := cmp.Diff(want, requests(t, b)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestCallsHaveTheSizeTheEngineTakes(t *testing.T) {
	texts := []string{"aa bb", "cc dd", "ee ff gg hh", "ii jj", "kk ll"} // 5, 5, 11, 5, 5 runes
	cases := map[string]struct {
		segments, runes int
		want            [][]int
	}{
		"no bound":                            {want: [][]int{{1, 2, 3, 4, 5}}},
		"two segments":                        {segments: 2, want: [][]int{{1, 2}, {3, 4}, {5}}},
		"ten runes, and one segment has more": {runes: 10, want: [][]int{{1, 2}, {3}, {4, 5}}},
		"sixteen runes":                       {runes: 16, want: [][]int{{1, 2}, {3, 4}, {5}}},
		"both bounds":                         {segments: 1, runes: 100, want: [][]int{{1}, {2}, {3}, {4}, {5}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(texts...)
			b.engine.Description.MaxSegments, b.engine.Description.MaxRunes = tc.segments, tc.runes
			var got [][]int
			for _, req := range requests(t, b) {
				var ids []int
				for _, s := range req.Segments {
					ids = append(ids, s.ID)
				}
				got = append(got, ids)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("segments of each call (-want +got):\n%s", diff)
			}
		})
	}
}

func TestContextOfACall(t *testing.T) {
	example := func(text string) engine.Example { return engine.Example{Source: text, Target: scripted.Text(text)} }
	texts := []string{"uno", "dos", "tres", "cuatro", "cinco"}
	cases := map[string]struct {
		corrects bool
		want     [][]engine.Example
	}{
		"an engine that cannot use it": {want: [][]engine.Example{nil, nil, nil, nil, nil}},
		"three segments and no more": {corrects: true, want: [][]engine.Example{
			nil,
			{example("uno")},
			{example("uno"), example("dos")},
			{example("uno"), example("dos"), example("tres")},
			{example("dos"), example("tres"), example("cuatro")},
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(texts...)
			b.engine.Description.Corrects, b.engine.Description.MaxSegments = tc.corrects, 1
			var got [][]engine.Example
			for _, req := range requests(t, b) {
				got = append(got, req.Context)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("context of each call (-want +got):\n%s", diff)
			}
		})
	}
}
