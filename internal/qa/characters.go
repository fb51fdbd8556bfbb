package qa

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// characters finds signs of a broken encoding that the source does not have, and words
// with letters of two scripts that look alike.
func characters(in Input) []Finding {
	var findings []Finding
	if countBroken(in.Target) > countBroken(in.Source) {
		findings = append(findings, finding(CharactersCheck, encodingCategory, v1alpha1.MajorSeverity,
			"the translation has control characters or letters of a wrong encoding").at(firstBroken(in.Target)))
	}
	if n, where := mixedWords(in.Target); n > 0 {
		if before, _ := mixedWords(in.Source); n > before {
			findings = append(findings, finding(CharactersCheck, encodingCategory, v1alpha1.MinorSeverity,
				"the translation has %s with letters of two scripts", counted(n, "word")).at(where))
		}
	}
	return findings
}

// mojibake is UTF-8 that was read as Latin-1 or Windows-1252: "Ã¼" for "ü", "â€œ"
// for a quote.
var mojibake = regexp.MustCompile(`Ã[\x{80}-\x{bf}„…†‡‰Š‹Œ‘’“”•–—™š›œžŸ]|â€[œ\x{9d}™˜“”¢¦]|Â[\x{a0}-\x{bf}]`)

// countBroken counts control characters, replacement signs, private characters,
// invalid bytes and mojibake.
func countBroken(text string) int {
	count := 0
	if strings.ContainsAny(text, "ÃâÂ") {
		count = len(mojibake.FindAllStringIndex(text, -1))
	}
	for _, r := range text {
		if isBroken(r) {
			count++
		}
	}
	return count
}

func isBroken(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\n\r", r) || unicode.Is(unicode.Co, r)
}

// firstBroken is the first place that countBroken counts.
func firstBroken(text string) Span {
	s := matched(mojibake.FindStringIndex(text))
	if at := strings.IndexFunc(text, isBroken); at >= 0 && (s == (Span{}) || at < s.Start) {
		s = runeAt(text, at)
	}
	return s
}
