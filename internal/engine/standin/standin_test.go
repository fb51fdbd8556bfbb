package standin_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

func TestWhichFaultACallMeets(t *testing.T) {
	big := func(fault string) bool { return fault != "small" }
	lucky := func() float64 { return 0 }
	cases := map[string]struct {
		set  func(*standin.Faults[string])
		want []string // of one call after the other; "-" for none
	}{
		"none": {set: func(*standin.Faults[string]) {}, want: []string{"-", "-"}},
		"the queue goes first, one a call": {
			set: func(f *standin.Faults[string]) {
				f.Always("always")
				f.Next("a", "b")
				f.Next("c")
			},
			want: []string{"a", "b", "c", "always", "always"},
		},
		"one of the queue that does not apply is gone": {
			set:  func(f *standin.Faults[string]) { f.Next("small", "a") },
			want: []string{"-", "a", "-"},
		},
		"the first that applies": {
			set:  func(f *standin.Faults[string]) { f.Always("small", "a", "b") },
			want: []string{"a", "a"},
		},
		"chance goes before what is for every call": {
			set: func(f *standin.Faults[string]) {
				f.Always("always")
				f.Randomly(lucky, 0.5, "a", "b")
			},
			want: []string{"a", "a"},
		},
		"a chance that is never met": {
			set:  func(f *standin.Faults[string]) { f.Randomly(lucky, 0, "a") },
			want: []string{"-"},
		},
		"nothing to choose from": {
			set:  func(f *standin.Faults[string]) { f.Randomly(lucky, 1) },
			want: []string{"-"},
		},
		"the last of those that chance chooses from": {
			set: func(f *standin.Faults[string]) {
				draws := []float64{0, 1}
				f.Randomly(func() float64 {
					draw := draws[0]
					draws = append(draws[1:], draw)
					return draw
				}, 0.5, "a", "b")
			},
			want: []string{"b"},
		},
		"it ends": {
			set: func(f *standin.Faults[string]) {
				f.Always("a")
				f.Always()
			},
			want: []string{"-"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var faults standin.Faults[string]
			tc.set(&faults)
			var got []string
			for range tc.want {
				fault, ok := faults.Pick(big)
				if !ok {
					fault = "-"
				}
				got = append(got, fault)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTurn(t *testing.T) {
	bold := func(tag string) string { return "[" + tag + "]" }
	got := []string{
		standin.Turn("Öl &amp; 42 sí."),
		standin.TurnMarkup("Abre <b>ya</b> hoy", bold),
		standin.TurnMarkup("hoy", bold),
		standin.WithoutTags("Abre <b>ya</b>"),
	}
	want := []string{"lÖ &amp; 42 ís.", "erbA [<b>]ay[</b>] yoh", "yoh", "Abre ya"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}
