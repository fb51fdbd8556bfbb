package qa

import (
	"embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/langtag"
)

//go:embed data/words.txt
var wordData embed.FS

// correspondence is how a frequent English word shows in translations.
type correspondence struct {
	// hit is how much it speaks for a translation of the source to have one of the
	// stems, miss how much it speaks against it to have none: logarithms of how much
	// more often that is so in a translation than in another text.
	hit, miss float64
	// stems are beginnings of words, or characters in languages without spaces.
	stems []string
}

// lexicons maps each language to its correspondences, by the English word.
var lexicons = sync.OnceValue(func() map[string]map[string]correspondence {
	content, err := wordData.ReadFile("data/words.txt")
	if err != nil {
		panic(err) // the file is embedded
	}
	all := map[string]map[string]correspondence{}
	var words map[string]correspondence
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			words = map[string]correspondence{}
			all[strings.Trim(line, "[]")] = words
			continue
		}
		if word, c, ok := parseCorrespondence(line); ok && words != nil {
			words[word] = c
		}
	}
	return all
})

// parseCorrespondence reads "file 22 18 datei": the word, hit and miss in tenths,
// and the stems.
func parseCorrespondence(line string) (word string, c correspondence, ok bool) {
	const least, tenth = 4, 10.0
	fields := strings.Fields(line)
	if len(fields) < least || strings.HasPrefix(line, "#") {
		return "", correspondence{}, false
	}
	hit, err := strconv.Atoi(fields[1])
	if err != nil {
		return "", correspondence{}, false
	}
	miss, err := strconv.Atoi(fields[2])
	if err != nil {
		return "", correspondence{}, false
	}
	return fields[0], correspondence{hit: float64(hit) / tenth, miss: float64(miss) / tenth, stems: fields[3:]}, true
}

// lexiconOf returns what is known of translations between the languages of a segment;
// nothing for most.
func lexiconOf(in Input) map[string]correspondence {
	if in.from() != "en" || in.to() == "zh" && langtag.Script(in.TargetLanguage) != "Hans" {
		return nil
	}
	return lexicons()[in.to()]
}

// SearchText makes a text that the stems of a lexicon are looked up in: in lower
// case, a space before each word and nothing else between them; without spaces in
// languages that set none.
func SearchText(text, language string) string {
	words := splitWords(strings.ToLower(text))
	if isUnspacedLanguage(language) {
		return strings.Join(words, "\x00")
	}
	return " " + strings.Join(words, " ")
}

// hasStem looks a stem up in a search text.
func hasStem(text, stem string, spaced bool) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], stem)
		if at < 0 {
			return false
		}
		at += from
		if !spaced || text[at-1] == ' ' {
			return true
		}
		from = at + 1
	}
}

func isUnspacedLanguage(language string) bool {
	return slices.Contains([]string{"ja", "zh", "th", "lo", "km", "my", "yue"}, language)
}

// SourceWords returns the words of an English text that a lexicon may have.
func SourceWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
}

// correspond sums what the words of the source say for a translation and against it,
// apart for the first and the second half of the source.
func correspond(in Input) (first, second float64) {
	lexicon := lexiconOf(in)
	if lexicon == nil {
		return 0, 0
	}
	text := SearchText(in.target().prose, in.to())
	spaced := !isUnspacedLanguage(in.to())
	words := SourceWords(in.source().prose)
	seen := map[string]bool{}
	for i, w := range words {
		c, known := lexicon[w]
		if !known || seen[w] {
			continue
		}
		seen[w] = true
		says := -c.miss
		if slices.ContainsFunc(c.stems, func(stem string) bool { return hasStem(text, stem, spaced) }) {
			says = c.hit
		}
		if 2*i < len(words) {
			first += says
		} else {
			second += says
		}
	}
	return first, second
}
