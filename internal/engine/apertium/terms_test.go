package apertium_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// TestTermsThatStayAreCarriedAlong: words that Apertium would translate stand as tokens,
// and the sentences around them are translated as a whole.
func TestTermsThatStayAreCarriedAlong(t *testing.T) {
	terms := glossary.FromInline([]v1alpha1.InlineTerm{
		{Source: "Ventana", Handling: v1alpha1.KeepTerm, Case: v1alpha1.CaseSensitive},
		{Source: "Mesa de Trabajo", Handling: v1alpha1.KeepTerm, Case: v1alpha1.CaseInsensitive},
	})
	cases := map[string]struct {
		text, without, with string
	}{
		"a term":                {"Abre Ventana en el ordenador.", "Abre Janela no computador.", "Abre Ventana no computador."},
		"its letter case":       {"Cierra la ventana.", "Fecha a janela.", "Fecha a janela."},
		"of several words":      {"Guarda todo en tu mesa de trabajo nueva.", "Guarda tudo em tua mesa de trabalho nova.", "Guarda tudo em tua mesa de trabajo nova."},
		"at the ends":           {"Ventana tiene una Mesa de Trabajo", "Janela tem uma Mesa de Trabalho", "Ventana tem uma Mesa de Trabajo"},
		"behind a contraction":  {"Vuelve a la Mesa de Trabajo.", "Volta à Mesa de Trabalho.", "Volta à Mesa de Trabajo."},
		"beside other tokens":   {"<b>Ventana</b> abre {name}.", "<b>Janela</b> abre {name}.", "<b>Ventana</b> abre {name}."},
		"and nothing of others": {"La ventana de la mesa.", "A janela da mesa.", "A janela da mesa."},
	}
	e := open(t, "es-pt")
	translated := func(t *testing.T, text string, terms []glossary.Entry) string {
		t.Helper()
		var result document.Result
		job := pipeline.Job{
			Pair:           engine.Pair{Source: "es", Target: "pt"},
			SourceLanguage: "es", TargetLanguage: "pt", Text: text, Terms: terms,
		}
		outcome := pipeline.New(job, pipeline.Tools{
			Engine: e, Checks: qa.Default(), Entered: func(context.Context, v1alpha1.Step) {},
			Publish: func(_ context.Context, r document.Result) (*v1alpha1.Result, error) {
				result = r
				return r.Inline(), nil
			},
		}, pipeline.Checkpoint{}).Do(t.Context())
		if outcome.End != pipeline.Finished || result.Text == nil {
			t.Fatalf("the job ended as %+v", outcome)
		}
		return *result.Text
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := []string{translated(t, tc.text, nil), translated(t, tc.text, terms)}
			if diff := cmp.Diff([]string{tc.without, tc.with}, got); diff != "" {
				t.Errorf("without and with terms (-want +got):\n%s", diff)
			}
		})
	}
}
