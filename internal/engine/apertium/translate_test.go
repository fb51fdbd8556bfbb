package apertium_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
)

func TestTranslateWithInstalledPairs(t *testing.T) {
	e := open(t, "spa-cat", "spa-cat_valencia", "es-pt", "es-pt_BR", "eng-spa", "fra-cat", "nob-nno")
	cases := map[string]struct {
		source, target string
		text, want     string
		wantUnknown    []string
	}{
		"Spanish into Catalan": {
			source: "es", target: "ca", text: "La calidad de nuestros productos habla por sí misma.",
			want: "La qualitat dels nostres productes parla per si mateixa.",
		},
		"Spanish into Portuguese": {
			source: "es", target: "pt", text: "Nuestra nueva línea de productos ya está disponible.",
			want: "Nossa nova linha de produtos já está disponível.",
		},
		"English into Spanish": {
			source: "en", target: "es", text: "The committee will publish its final report on 12 March 2026.",
			want: "El comité publicará su informe final el 12 de marzo de 2026.",
		},
		"French into Catalan": {
			source: "fr", target: "ca", text: "La maison est grande.", want: "La casa és gran.",
		},
		"Bokmål into Nynorsk": {
			source: "nb", target: "nn", text: "Jeg har tre biler.", want: "Eg har tre bilar.",
		},
		"a region that is not offered falls back to its language": {
			source: "es-MX", target: "ca-ES", text: "La casa es grande.", want: "La casa és gran.",
		},
		"a region that is offered is taken": {
			source: "es", target: "pt-BR", text: "Tengo un autobús.", want: "Tenho um ônibus.",
		},
		"a variant that is offered is taken": {
			source: "es", target: "ca-valencia", text: "Yo trabajo con vosotros.", want: "Jo treballe amb vosaltres.",
		},
		"an unknown word is kept and reported": {
			source: "es", target: "pt", text: "La xyzzy y la Plughzor.", want: "A xyzzy e a Plughzor.",
			wantUnknown: []string{"xyzzy", "Plughzor"},
		},
		"marks of the source are not Apertium's": {
			source: "es", target: "pt", text: "2*3, **hola**, #1, C#, *xyzzy.", want: "2*3, **olá**, #1, C#, *xyzzy.",
			wantUnknown: []string{"xyzzy"},
		},
		"signs of the stream format are text": {
			source: "es", target: "pt", text: `[casa] {casa} ^casa$ casa/casa \ @ <casa> ~casa`,
			want: `[casa] {casa} ^casa$ casa/casa \ @ <casa> ~casa`,
		},
		"blanks inside stay as they are": {
			source: "es", target: "pt", text: "La  casa\nazul\tes\u00a0grande.\n\n\nLa casa.", want: "A  casa\nazul\té\u00a0grande.\n\n\nA casa.",
		},
		"white space at the ends stays": {
			source: "en", target: "es", text: "\n  It costs 5.\u00a0\n", want: "\n  Cuesta 5.\u00a0\n",
		},
		"no space is left where a word was dropped": {
			source: "en", target: "es", text: "If you have ⟦1⟧ cars.", want: "Si tienes ⟦1⟧ coches.",
		},
		"tokens keep their place among the words": {
			source: "en", target: "es", text: "⟦1⟧The red⟦2⟧ car of ⟦3⟧.", want: "⟦1⟧El coche⟦2⟧ rojo de ⟦3⟧.",
		},
		"a contraction at the end swallows no word": {
			source: "es", target: "ca", text: "En la casa al", want: "A la casa al",
		},
		"a token beside a word that is looked at twice comes back once": {
			source: "nb", target: "nn", text: "det⟦1⟧ ⟦2⟧spist⟦3⟧*Hansen⟦4⟧ av⟦5⟧ -som", want: "det⟦1⟧ ⟦2⟧ete⟦3⟧*Hansen⟦4⟧ av⟦5⟧ -som",
		},
		"a word that the other language does not say stays and is reported": {
			source: "en", target: "es", text: "Would ⟦1⟧!", want: "Would ⟦1⟧!", wantUnknown: []string{"Would"},
		},
		"a text without letters stays": {
			source: "es", target: "pt", text: " 12,50 € ⟦1⟧ ", want: " 12,50 € ⟦1⟧ ",
		},
		"a NUL stays": {
			source: "es", target: "pt", text: "La casa.\x00El coche.", want: "A casa.\x00O carro.",
		},
		"decomposed accents are read": {
			source: "es", target: "ca", text: "Esta\u0301 aqui\u0301.", want: "És aquí.",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			resp, err := e.Translate(t.Context(), engine.Request{
				Pair:     engine.Pair{Source: tc.source, Target: tc.target},
				Segments: []engine.Segment{{ID: 3, Text: tc.text}},
			})
			if err != nil {
				t.Fatal(err)
			}
			want := []engine.Translation{{ID: 3, Text: tc.want, Unknown: tc.wantUnknown}}
			if diff := cmp.Diff(want, resp.Segments); diff != "" {
				t.Errorf("Translate() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextsThatStagesAreSlowAtComeBackWhole(t *testing.T) {
	e := open(t, "spa-cat", "es-pt")
	cases := map[string]struct{ text, want string }{
		"words without an end of sentence": {text: strings.Repeat("casa ", 10_000), want: strings.Repeat("casa ", 10_000)},
		"one word of 100 kB":               {text: "casa " + strings.Repeat("x", 100_000), want: "casa " + strings.Repeat("x", 100_000)},
		"stops":                            {text: strings.Repeat(".", 10_000) + " La casa.", want: strings.Repeat(".", 10_000) + " La casa."},
		"many sentences":                   {text: strings.Repeat("La casa es grande. ", 1_000), want: strings.Repeat("La casa és gran. ", 1_000)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			resp, err := e.Translate(t.Context(), engine.Request{
				Pair:     engine.Pair{Source: "es", Target: "ca"},
				Segments: []engine.Segment{{ID: 1, Text: tc.text}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := resp.Segments[0].Text; got != tc.want {
				t.Errorf("%d bytes came back as %d bytes, want %d", len(tc.text), len(got), len(tc.want))
			}
		})
	}
}

func TestARegionThatHasNoFallbackIsRefused(t *testing.T) {
	e := open(t, "es-pt_BR")
	_, err := e.Translate(t.Context(), engine.Request{
		Pair:     engine.Pair{Source: "es", Target: "pt-PT"},
		Segments: []engine.Segment{{ID: 1, Text: "La casa."}},
	})
	if err == nil || engine.AsError(err).Class != engine.Misconfigured || err.Error() != "the pair es→pt-PT is not installed" {
		t.Errorf("Translate() = %v, want the pair refused", err)
	}
}

func TestBareGivesThePipelineAlone(t *testing.T) {
	requireApertium(t, "es-pt")
	pair := engine.Pair{Source: "es", Target: "pt"}
	b, err := apertium.OpenBare("", pair)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Push("La casa [azul] de xyzzy.")
	if err != nil || got != `A casa \[azul\] de *xyzzy.` {
		t.Errorf("Push() = %q, %v", got, err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if _, err := apertium.OpenBare(t.TempDir(), pair); err == nil {
		t.Error("OpenBare() of a directory without modes succeeded")
	}
}
