package apertium

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

func TestPairOf(t *testing.T) {
	cases := map[string]struct {
		name string
		want engine.Pair
	}{
		"three-letter codes become tags":             {name: "eng-spa", want: engine.Pair{Source: "en", Target: "es"}},
		"Bokmål and Nynorsk":                         {name: "nob-nno", want: engine.Pair{Source: "nb", Target: "nn"}},
		"two-letter codes stay":                      {name: "fr-es", want: engine.Pair{Source: "fr", Target: "es"}},
		"a region":                                   {name: "es-pt_BR", want: engine.Pair{Source: "es", Target: "pt-BR"}},
		"a region behind a three-letter code":        {name: "spa-eng_US", want: engine.Pair{Source: "es", Target: "en-US"}},
		"Valencian is a variant of Catalan":          {name: "spa-cat_valencia", want: engine.Pair{Source: "es", Target: "ca-valencia"}},
		"Aranese is a variant of Occitan":            {name: "spa-oci@aran", want: engine.Pair{Source: "es", Target: "oc-aranes"}},
		"a language with a three-letter code only":   {name: "ast-spa", want: engine.Pair{Source: "ast", Target: "es"}},
		"Serbo-Croatian is tagged by its standard":   {name: "slv-hbs_HR", want: engine.Pair{Source: "sl", Target: "hr"}},
		"Malay is tagged by its macrolanguage":       {name: "ind-zlm", want: engine.Pair{Source: "id", Target: "ms"}},
		"a spelling without a tag is left out":       {name: "spa-cat_iec2017"},
		"two variants are left out":                  {name: "spa-cat_valencia_uni"},
		"a written form of one language is left out": {name: "nno-nno_e"},
		"a language into itself is left out":         {name: "spa-es"},
		"a step of a translation is left out":        {name: "spa-cat-tagger"},
		"another method is left out":                 {name: "eco-es-fr"},
		"an analysis of one language is left out":    {name: "spa-morph"},
		"one code is left out":                       {name: "spa"},
		"a code that names no language is left out":  {name: "spa-xqx"},
		"an empty name is left out":                  {name: ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := pairOf(tc.name)
			if wantOK := tc.want != (engine.Pair{}); ok != wantOK || ok && got != tc.want {
				t.Errorf("pairOf(%q) = %v, %v, want %v, %v", tc.name, got, ok, tc.want, wantOK)
			}
		})
	}
}

func TestCatalogueListsTranslationsAlone(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"spa-cat.mode":  "a | b $1",
		"es-ca.mode":    "old $1",
		"eng-lex.mode":  "a | b",
		"fra-cat.mode":  "a > $1",
		"spa-cat.other": "a $1",
	} {
		writeFile(t, filepath.Join(dir, name), text, 0o644)
	}
	c := &catalogue{dir: dir}
	pairs, modes, err := c.list()
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Pair{{Source: "es", Target: "ca"}, {Source: "fr", Target: "ca"}}
	if diff := cmp.Diff(want, pairs); diff != "" {
		t.Errorf("list() pairs (-want +got):\n%s", diff)
	}
	if got := modes[want[0]].name; got != "spa-cat" {
		t.Errorf("es→ca is served by %q, want the newer spa-cat", got)
	}
	if modes[want[1]].fault == nil {
		t.Error("a mode file that cannot be read has no fault")
	}
}

func TestCatalogueFindsPackagesThatComeAndGo(t *testing.T) {
	parent := t.TempDir()
	c := &catalogue{dir: filepath.Join(parent, "modes")}
	count := func() int {
		t.Helper()
		pairs, _, err := c.list()
		if err != nil {
			t.Fatal(err)
		}
		return len(pairs)
	}
	if got := count(); got != 0 {
		t.Errorf("a directory that is not there lists %d pairs", got)
	}
	if err := os.Mkdir(c.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(c.dir, "spa-cat.mode")
	writeFile(t, file, "a $1", 0o644)
	if got := count(); got != 1 {
		t.Errorf("after a package came: %d pairs, want 1", got)
	}
	if err := os.RemoveAll(c.dir); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != 0 {
		t.Errorf("after all packages went: %d pairs, want 0", got)
	}
}

func writeFile(t *testing.T, path, text string, perm os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), perm); err != nil {
		t.Fatal(err)
	}
}
