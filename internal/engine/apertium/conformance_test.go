package apertium_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
)

// requireApertium ends a test with what to install, on a machine without it.
func requireApertium(t *testing.T, mode string) {
	t.Helper()
	_, err := exec.LookPath("lt-proc")
	if err == nil {
		_, err = os.Stat(apertium.DefaultModesDir + "/" + mode + ".mode")
	}
	if err != nil {
		t.Fatalf("this test needs Apertium: %s", apertium.InstallHint)
	}
}

// only makes a directory with the named modes of those that are installed, so that
// a probe does not try all the others.
func only(t *testing.T, modes ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, mode := range modes {
		requireApertium(t, mode)
		file := "/" + mode + ".mode"
		if err := os.Symlink(apertium.DefaultModesDir+file, dir+file); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// open makes an engine over the named modes, and closes it with the test.
func open(t *testing.T, modes ...string) *apertium.Engine {
	t.Helper()
	e, err := apertium.New(apertium.Options{ModesDir: only(t, modes...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return e
}

func TestApertiumKeepsTheContract(t *testing.T) {
	cases := map[string]struct {
		mode    string
		pair    engine.Pair
		samples []string
	}{
		"es→pt": {
			mode: "es-pt", pair: engine.Pair{Source: "es", Target: "pt"},
			samples: []string{
				"La calidad de nuestros productos habla por sí misma.",
				"Guarda tu trabajo antes de cerrar la ventana.",
				"El comité publicará su informe el 12 de marzo de 2026.",
			},
		},
		"en→es": {
			mode: "eng-spa", pair: engine.Pair{Source: "en", Target: "es"},
			samples: []string{
				"If you have questions, please contact our support team.",
				"It costs 1,234.56 and the red car is new.",
				"The committee will publish its final report on 12 March 2026.",
			},
		},
		"nb→nn": {
			mode: "nob-nno", pair: engine.Pair{Source: "nb", Target: "nn"},
			samples: []string{"Jeg har tre biler og et stort hus.", "Kvaliteten på produktene våre er god."},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := only(t, tc.mode, "spa-cat")
			enginetest.Run(t, enginetest.Suite{
				NewEngine: func(r enginetest.T) engine.Engine {
					e, err := apertium.New(apertium.Options{ModesDir: dir})
					if err != nil {
						r.Errorf("New() = %v", err)
					}
					return e
				},
				Pair: tc.pair, Samples: tc.samples, NotOffered: engine.Pair{Source: "de", Target: "ja"},
			})
		})
	}
}
