package langtag_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

func TestCanonical(t *testing.T) {
	cases := map[string]struct{ tag, want string }{
		"a plain language stays":                    {"de", "de"},
		"an underscore becomes a hyphen":            {"de_DE", "de-DE"},
		"letter case is put right":                  {"ZH-hant-tw", "zh-Hant-TW"},
		"a withdrawn code becomes the one in use":   {"iw", "he"},
		"a three-letter code becomes a two-letter":  {"eng", "en"},
		"the bibliographic code works too":          {"ger", "de"},
		"Bokmål by its three-letter code":           {"nob", "nb"},
		"Moldavian is Romanian of Moldova":          {"mo", "ro-MD"},
		"Serbo-Croatian is Serbian in Latin script": {"sh", "sr-Latn"},
		"Mandarin is Chinese":                       {"cmn-Hant", "zh-Hant"},
		"the common slip UK is Great Britain":       {"en-UK", "en-GB"},
		"an extension is kept":                      {"de-u-co-phonebk", "de-u-co-phonebk"},
		"white space around it does not matter":     {" de ", "de"},
		"a language without a two-letter code":      {"arg", "an"},
		"a language with a three-letter code only":  {"ast", "ast"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := langtag.Canonical(tc.tag)
			if err != nil || got != tc.want {
				t.Errorf("Canonical(%q) = %q, %v; want %q", tc.tag, got, err, tc.want)
			}
		})
	}
}

func TestCanonicalRefuses(t *testing.T) {
	cases := map[string]struct {
		tag      string
		wantKind langtag.Kind
		wantText []string
	}{
		"a code that nobody assigned":      {"xx", langtag.Unknown, []string{`"xx"`, "names no known language", `"de"`}},
		"an unknown region":                {"de-QX-QQ", langtag.IllFormed, []string{"well-formed"}},
		"an unknown script":                {"de-Qqqq", langtag.Unknown, []string{"Qqqq", `"de"`}},
		"the name of a language":           {"english", langtag.IllFormed, []string{`"english"`, `such as "en"`}},
		"the name in its own language":     {"Español", langtag.IllFormed, []string{`such as "es"`}},
		"a locale of the C library":        {"pt_BR.UTF-8", langtag.IllFormed, []string{`such as "pt-BR"`}},
		"nothing":                          {"", langtag.IllFormed, []string{"is empty", `"de"`}},
		"one letter":                       {"a", langtag.IllFormed, []string{`"a"`}},
		"two hyphens in a row":             {"en--us", langtag.IllFormed, []string{`"en--us"`}},
		"undetermined":                     {"und", langtag.Unknown, []string{`"und"`}},
		"the root of all locales":          {"root", langtag.Unknown, []string{`"root"`}},
		"several languages":                {"mul", langtag.Unknown, []string{`"mul"`}},
		"no language":                      {"zxx", langtag.Unknown, []string{`"zxx"`}},
		"a private tag":                    {"x-klingon", langtag.Unknown, []string{`"x-klingon"`}},
		"a private language":               {"qaa", langtag.Unknown, []string{`"qaa"`}},
		"a very long one is cut in a text": {strings.Repeat("a", 500), langtag.IllFormed, []string{strings.Repeat("a", 34) + "…"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := langtag.Canonical(tc.tag)
			tagErr, ok := errors.AsType[*langtag.Error](err)
			if !ok || got != "" {
				t.Fatalf("Canonical(%q) = %q, %v; want an *Error", tc.tag, got, err)
			}
			if tagErr.Kind != tc.wantKind {
				t.Errorf("kind = %v, want %v (%v)", tagErr.Kind, tc.wantKind, err)
			}
			for _, want := range tc.wantText {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("message %q does not hold %q", err, want)
				}
			}
			if len(err.Error()) > 200 {
				t.Errorf("message is %d bytes long: %q", len(err.Error()), err)
			}
		})
	}
}

func TestExamplesAreCanonical(t *testing.T) {
	for _, name := range []string{"english", "deutsch", "中文", "bokmål", "nynorsk", "galego", "nonsense!"} {
		_, err := langtag.Canonical(name)
		tagErr, ok := errors.AsType[*langtag.Error](err)
		if !ok {
			t.Fatalf("Canonical(%q) gave %v, want an *Error", name, err)
		}
		if got, err := langtag.Canonical(tagErr.Example); err != nil || got != tagErr.Example {
			t.Errorf("the example for %q is %q, which reads %q, %v", name, tagErr.Example, got, err)
		}
	}
}

func TestSame(t *testing.T) {
	cases := map[string]struct {
		a, b string
		want bool
	}{
		"two spellings of one tag":           {"de_de", "de-DE", true},
		"a withdrawn and a current code":     {"iw", "he", true},
		"two regions are two languages":      {"pt-BR", "pt-PT", false},
		"a region is more than none":         {"en", "en-US", false},
		"two ill-formed ones, spelled alike": {"Englisch_x", "englisch-X", true},
		"two ill-formed ones":                {"english", "deutsch!", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := langtag.Same(tc.a, tc.b); got != tc.want {
				t.Errorf("Same(%q, %q) = %v, want %v", tc.a, tc.b, got, tc.want)
			}
		})
	}
}

func TestBaseScriptAndISO3(t *testing.T) {
	cases := map[string]struct{ tag, wantBase, wantScript, wantISO3 string }{
		"a language":                {"de", "de", "Latn", "deu"},
		"with a region":             {"pt-BR", "pt", "Latn", "por"},
		"with a script":             {"zh-Hant-TW", "zh", "Hant", "zho"},
		"the script of a region":    {"zh-TW", "zh", "Hant", "zho"},
		"Norwegian reads as Bokmål": {"no", "no", "Latn", "nob"},
		"Bokmål":                    {"nb", "nb", "Latn", "nob"},
		"Cyrillic by custom":        {"sr", "sr", "Cyrl", "srp"},
		"an ill-formed one":         {"Englisch_GB", "englisch", "", ""},
		"an unknown one":            {"xx-YY", "xx", "", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := [3]string{langtag.Base(tc.tag), langtag.Script(tc.tag), langtag.ISO3(tc.tag)}
			want := [3]string{tc.wantBase, tc.wantScript, tc.wantISO3}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("base, script and ISO 639-3 of %q (-want +got):\n%s", tc.tag, diff)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	pairs := func(tags ...string) []engine.Pair {
		var out []engine.Pair
		for i := 0; i < len(tags); i += 2 {
			out = append(out, engine.Pair{Source: tags[i], Target: tags[i+1]})
		}
		return out
	}
	cases := map[string]struct {
		want    engine.Pair
		offered []engine.Pair
		found   engine.Pair
		none    bool
	}{
		"the exact pair wins over a wider one": {
			want: engine.Pair{Source: "es", Target: "pt-BR"}, offered: pairs("es", "pt", "es", "pt-BR"),
			found: engine.Pair{Source: "es", Target: "pt-BR"},
		},
		"a region falls back to the language": {
			want: engine.Pair{Source: "es-MX", Target: "ca-ES"}, offered: pairs("en", "ca", "es", "ca"),
			found: engine.Pair{Source: "es", Target: "ca"},
		},
		"a region falls back to the language with its script": {
			want: engine.Pair{Source: "en", Target: "zh-TW"}, offered: pairs("en", "zh", "en", "zh-Hant"),
			found: engine.Pair{Source: "en", Target: "zh-Hant"},
		},
		"the target is kept exact before the source": {
			want: engine.Pair{Source: "en-GB", Target: "pt-BR"}, offered: pairs("en-GB", "pt", "en", "pt-BR"),
			found: engine.Pair{Source: "en", Target: "pt-BR"},
		},
		"the engine's own spelling is handed back": {
			want: engine.Pair{Source: "he", Target: "de-DE"}, offered: pairs("iw", "de_DE"),
			found: engine.Pair{Source: "iw", Target: "de_DE"},
		},
		"Norwegian is served by Bokmål": {
			want: engine.Pair{Source: "no", Target: "da"}, offered: pairs("nb", "da"),
			found: engine.Pair{Source: "nb", Target: "da"},
		},
		"another region is no substitute":       {want: engine.Pair{Source: "es", Target: "pt-PT"}, offered: pairs("es", "pt-BR"), none: true},
		"a region does not stand for the whole": {want: engine.Pair{Source: "es", Target: "pt"}, offered: pairs("es", "pt-BR"), none: true},
		"another script is no substitute":       {want: engine.Pair{Source: "en", Target: "zh-TW"}, offered: pairs("en", "zh"), none: true},
		"Serbian in Latin script is not Cyrillic": {
			want: engine.Pair{Source: "en", Target: "sr-Latn"}, offered: pairs("en", "sr"), none: true,
		},
		"a related language is no substitute": {want: engine.Pair{Source: "da", Target: "de"}, offered: pairs("nb", "de"), none: true},
		"the other direction is another pair": {want: engine.Pair{Source: "ca", Target: "es"}, offered: pairs("es", "ca"), none: true},
		"nothing on offer":                    {want: engine.Pair{Source: "ca", Target: "es"}, none: true},
		"an ill-formed wish":                  {want: engine.Pair{Source: "spanish", Target: "ca"}, offered: pairs("es", "ca"), none: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := langtag.Resolve(tc.want, tc.offered)
			if ok == tc.none {
				t.Fatalf("Resolve(%v) = %v, %v; want found = %v", tc.want, got, ok, !tc.none)
			}
			if diff := cmp.Diff(tc.found, got); diff != "" {
				t.Errorf("Resolve(%v) (-want +got):\n%s", tc.want, diff)
			}
		})
	}
}
