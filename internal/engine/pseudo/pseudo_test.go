package pseudo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/pseudo"
)

func TestPseudoKeepsTheContract(t *testing.T) {
	enginetest.Run(t, enginetest.Suite{
		NewEngine: func(enginetest.T) engine.Engine { return pseudo.New() },
		Pair:      engine.Pair{Source: "en", Target: "de"},
		Samples:   []string{"The house is big.", "Save 3 files before 12:30."},
	})
}

func TestTranslateDisguisesText(t *testing.T) {
	cases := map[string]struct {
		text, want string
	}{
		"letters are accented and the text grows":  {text: "Save 3 files in ⟦1⟧", want: "«[Šàṽë 3 ƒîļëš îñ ⟦1⟧ ~~~~~~]»"},
		"letters that have an accent get a dot":    {text: "é", want: "«[é\u0323 ~]»"},
		"Cyrillic letters get a dot":               {text: "Да", want: "«[Д\u0323а\u0323 ~]»"},
		"other scripts are only bracketed":         {text: "家", want: "«[家 ~]»"},
		"numbers and signs stay":                   {text: "1,234.56 € – 50 %", want: "«[1,234.56 € – 50 % ~~~~~~]»"},
		"white space at the ends stays outside":    {text: "\n\tYes  ", want: "\n\t«[Ýëš ~]»  "},
		"a text of white space stays as it is":     {text: " \n", want: " \n"},
		"an empty text stays empty":                {text: "", want: ""},
		"what only looks like a token is accented": {text: "⟦a⟧", want: "«[⟦à⟧ ~]»"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			resp, err := pseudo.New().Translate(t.Context(), engine.Request{Segments: []engine.Segment{{ID: 4, Text: tc.text}}})
			if err != nil {
				t.Fatal(err)
			}
			want := []engine.Translation{{ID: 4, Text: tc.want}}
			if diff := cmp.Diff(want, resp.Segments); diff != "" {
				t.Errorf("Translate() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPseudoCannotWriteNewText(t *testing.T) {
	_, err := pseudo.New().Translate(t.Context(), engine.Request{Creation: true})
	if err == nil || engine.AsError(err).Class != engine.Misconfigured {
		t.Errorf("Translate() of a creation = %v, want an error of class misconfigured", err)
	}
}

func TestFactoryTakesAnySettings(t *testing.T) {
	e, err := pseudo.Factory(engine.Config{Endpoint: "ignored"})
	if err != nil {
		t.Fatal(err)
	}
	want := engine.Info{Name: "pseudo"}
	if diff := cmp.Diff(want, e.Info()); diff != "" {
		t.Errorf("Info() (-want +got):\n%s", diff)
	}
}
