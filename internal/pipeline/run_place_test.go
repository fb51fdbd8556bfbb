package pipeline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// pieces are what a finding points at, in the translation and in the source.
type pieces struct{ Type, Target, Source string }

// Places count code points of the text that is delivered: mended, and with its placeables.
func TestPlacesOfFindings(t *testing.T) {
	cases := map[string]struct {
		source, answer string
		want           []pieces
	}{
		"behind placeables and letters of two bytes": {
			source: "Señor {nombre}, año 250.", answer: "Senyor ⟦1⟧, any ñ 205.",
			want: []pieces{{"number", "205", "250"}},
		},
		"of a text that was mended": {
			source: "Año 250.", answer: "  Ñ  ñ   205. ",
			want: []pieces{{"number", "205", "250"}},
		},
		"of a text that keeps its source": {
			source: "Señor {nombre}, año 250.", answer: "Any 205.",
			want: []pieces{{"placeholder", "", "{nombre}"}, {"number", "", "250"}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(tc.source)
			b.engine.Script = speaks(tc.answer)
			b.engine.Description.Corrects = true
			b.run().Do(t.Context())
			published := b.published[len(b.published)-1]
			cut := func(text string, s *v1alpha1.CharacterSpan) string {
				if s == nil {
					return ""
				}
				return string([]rune(text)[s.Start:s.End])
			}
			var got []pieces
			for _, f := range published.Findings {
				if f.Type == qa.NumberCheck || f.Type == qa.PlaceholderCheck {
					got = append(got, pieces{f.Type, cut(*published.Texts[0], f.Span), cut(tc.source, f.SourceSpan)})
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("pieces (-want +got):\n%s", diff)
			}
		})
	}
}
