package qa_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

func TestInconsistencies(t *testing.T) {
	const long, other = "The parcel has left the warehouse.", "Your invoice is attached to this message."
	cases := map[string]struct {
		pairs []qa.Pair
		want  map[int][]v1alpha1.Severity
	}{
		"the same source, the same translation": {pairs: []qa.Pair{{"Abrir", "Open"}, {"Abrir", "Open"}}},
		"the same source, another translation":  {pairs: []qa.Pair{{"Abrir", "Open"}, {"Abrir", "Unlock"}}, want: map[int][]v1alpha1.Severity{1: {v1alpha1.MinorSeverity}}},
		"letter case and end punctuation apart": {pairs: []qa.Pair{{"Abrir:", "Open:"}, {"ABRIR", "OPEN"}}},
		"another placeable is another source":   {pairs: []qa.Pair{{"Abrir {a}", "Open {a}"}, {"Abrir {b}", "Open {b}"}}},
		"exchanged or repeated answers": {
			pairs: []qa.Pair{{"El paquete ha salido del almacén.", long}, {"Adjuntamos su factura.", long}},
			want:  map[int][]v1alpha1.Severity{0: {v1alpha1.MajorSeverity}, 1: {v1alpha1.MajorSeverity}},
		},
		"an engine that always says the same": {
			pairs: []qa.Pair{{"El paquete ha salido del almacén.", long}, {"Adjuntamos su factura.", long}, {"Gracias por su visita.", long}},
			want:  map[int][]v1alpha1.Severity{0: {v1alpha1.CriticalSeverity}, 1: {v1alpha1.CriticalSeverity}, 2: {v1alpha1.CriticalSeverity}},
		},
		"two sources, one of them twice": {
			pairs: []qa.Pair{{"El paquete ha salido del almacén.", long}, {"Adjuntamos su factura.", long}, {"Adjuntamos su factura.", long}},
			want:  map[int][]v1alpha1.Severity{0: {v1alpha1.MajorSeverity}, 1: {v1alpha1.MajorSeverity}, 2: {v1alpha1.MajorSeverity}},
		},
		"sources that say nearly the same": {pairs: []qa.Pair{{"El paquete ha salido del almacén.", long}, {"El paquete salió del almacén ya.", long}}},
		"short translations may be shared": {pairs: []qa.Pair{{"Abrir", "Open"}, {"Desbloquear", "Open"}}},
		"nothing to compare":               {pairs: []qa.Pair{{"123", "123"}, {"456", "123"}, {"Uno", ""}, {"Uno", "One"}}},
		"each on its own":                  {pairs: []qa.Pair{{"El paquete ha salido del almacén.", long}, {"Adjuntamos su factura.", other}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := map[int][]v1alpha1.Severity{}
			for i, findings := range qa.Inconsistencies(tc.pairs) {
				for _, f := range findings {
					if f.Check != qa.ConsistencyCheck {
						t.Errorf("a finding of check %q", f.Check)
					}
					got[i] = append(got[i], f.Severity)
				}
			}
			want := tc.want
			if want == nil {
				want = map[int][]v1alpha1.Severity{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Inconsistencies() (-want +got):\n%s", diff)
			}
		})
	}
}

// A million segments are looked over in one pass; each against each would never end.
func TestInconsistenciesOfManySegments(t *testing.T) {
	pairs := make([]qa.Pair, 200_000)
	for i := range pairs {
		pairs[i] = qa.Pair{Source: fmt.Sprintf("fila %d", i/2), Target: fmt.Sprintf("row %d", i/2)}
	}
	if got := qa.Inconsistencies(pairs); len(got) != 0 {
		t.Errorf("%d findings", len(got))
	}
}
