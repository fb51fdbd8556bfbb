package qa

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/qa"
)

func TestRemarksAreReadByContext(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.po")
	content := `msgid ""
msgstr ""

# (pofilter) endpunc: Different punctuation at the end
# (pofilter) numbers: Number missing
#, fuzzy
msgctxt "human-3"
msgid "a 1."
msgstr "b"

# (pofilter) xmltags: XML tags differ
msgctxt "tag-0"
msgid "<b>a</b>"
msgstr "a"
`
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readRemarks(name)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"human-3": {"endpunc", "numbers"}, "tag-0": {"xmltags"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("remarks (-want +got):\n%s", diff)
	}
	if none, err := readRemarks(name + ".none"); err != nil || len(none) > 0 {
		t.Errorf("without a file there are %v, %v", none, err)
	}
}

func TestPOFileQuotesTexts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "in.po")
	pairs := []planting{{fault: "number", faulty: []qa.Input{{Source: "a \"b\"\n", Target: `c\d`}}}}
	if err := writePO(name, "de", pairs); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(name) //nolint:gosec // a file of the test
	if err != nil {
		t.Fatal(err)
	}
	want := `msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Language: de\n"

msgctxt "number-0"
msgid "a \"b\"\n"
msgstr "c\\d"
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestFaultsArePlantedAlikeAtEachRun(t *testing.T) {
	pairs := []qa.Input{
		{Source: "Save %d files of 12 now.", Target: "Jetzt %d von 12 Dateien sichern.", SourceLanguage: "en", TargetLanguage: "de"},
		{Source: "Open the file at once.", Target: "Die Datei sofort öffnen.", SourceLanguage: "en", TargetLanguage: "de"},
	}
	run := func() map[string]int {
		all := map[string]int{}
		for _, p := range plantAll(pairs, dice()) {
			all[p.fault] = len(p.faulty)
		}
		return all
	}
	want := map[string]int{"placeholder": 1, "tag": 2, "number": 1, "untranslated": 2, "preface": 2}
	if diff := cmp.Diff(want, run()); diff != "" {
		t.Errorf("planted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("another run plants other faults:\n%s", diff)
	}
}
