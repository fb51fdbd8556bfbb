package qa

import (
	"embed"
	"strings"
	"sync"
)

//go:embed data/function_words.txt
var functionWordData embed.FS

// functionWords maps each language to its function words, and "de open" to those that
// no text ends with.
var functionWords = sync.OnceValue(func() map[string]map[string]bool {
	content, err := functionWordData.ReadFile("data/function_words.txt")
	if err != nil {
		panic(err) // the file is embedded
	}
	all := map[string]map[string]bool{}
	var words map[string]bool
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			words = map[string]bool{}
			all[strings.Trim(line, "[]")] = words
		default:
			for word := range strings.FieldsSeq(line) {
				words[word] = true
			}
		}
	}
	return all
})

// languagesOf maps each function word to the languages that have it.
var languagesOf = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for language, words := range functionWords() {
		if strings.Contains(language, " ") {
			continue
		}
		for word := range words {
			all[word] = append(all[word], language)
		}
	}
	return all
})
