package qa

import (
	"slices"
	"strings"
	"testing"
)

func TestEachLineOfTheLexiconIsRead(t *testing.T) {
	content, err := wordData.ReadFile("data/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines, words := 0, 0
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "[") {
			continue
		}
		lines++
		word, c, ok := parseCorrespondence(line)
		if !ok || c.hit <= 0 || c.miss <= 0 || slices.Contains(c.stems, "") || word != strings.ToLower(word) {
			t.Errorf("line %q is wrong", line)
		}
	}
	for _, language := range []string{"de", "es", "fr", "it", "ja", "pl", "pt", "ru", "zh"} {
		if len(lexicons()[language]) < 100 {
			t.Errorf("the lexicon of %s has %d words", language, len(lexicons()[language]))
		}
		words += len(lexicons()[language])
	}
	if lines != words {
		t.Errorf("of %d lines %d were read", lines, words)
	}
}

func TestHasStem(t *testing.T) {
	cases := map[string]struct {
		text, language, stem string
		want                 bool
	}{
		"a word":                  {"Die Datei ist offen", "de", "datei", true},
		"the beginning of a word": {"Dateien", "de", "datei", true},
		"within a word":           {"Textdatei", "de", "datei", false},
		"behind one within":       {"Textdatei, Datei", "de", "datei", true},
		"characters":              {"打开文件。", "zh", "文件", true},
		"across punctuation":      {"文，件", "zh", "文件", false},
		"nothing":                 {"", "de", "datei", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := hasStem(SearchText(tc.text, tc.language), tc.stem, !isUnspacedLanguage(tc.language)); got != tc.want {
				t.Errorf("hasStem() = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestFunctionWordsAreLowerCaseAndOfKnownLanguages(t *testing.T) {
	if len(functionWords()) < 20 {
		t.Errorf("there are lists for %d languages", len(functionWords()))
	}
	for name, words := range functionWords() {
		for word := range words {
			if word != strings.ToLower(word) {
				t.Errorf("%q of %s is not in lower case", word, name)
			}
		}
	}
}
