package corpus

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadKeepsEachPairOnce(t *testing.T) {
	dir := t.TempDir()
	german := catalogue(binary.LittleEndian, [2]string{"", "charset=UTF-8\n"},
		[2]string{"OK", "OK"}, [2]string{"Open", "Öffnen"}, [2]string{"Save", "Sichern"})
	for _, name := range []string{"a/de/LC_MESSAGES/a.mo", "b/de/LC_MESSAGES/b.mo", "b/xx/LC_MESSAGES/b.mo", "b/de/b.mo"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, german, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := append(c.Pairs("de", Tune), c.Pairs("de", Report)...)
	if len(all) != 2 {
		t.Errorf("there are %d pairs, want 2: %v", len(all), all)
	}
	if diff := cmp.Diff([]string{"de"}, c.Languages()); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Öffnen", "Sichern"}, c.Strings("de")); diff != "" {
		t.Errorf("German texts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Open", "Save"}, c.Strings("en")); diff != "" {
		t.Errorf("English texts (-want +got):\n%s", diff)
	}
}

func TestAFolderWithoutCatalogues(t *testing.T) {
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("an empty folder is a corpus")
	}
}
