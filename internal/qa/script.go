package qa

import (
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// scripts are the Unicode scripts that each ISO 15924 code stands for in running
// text. Scripts that are not here are not checked.
var scripts = map[string][]*unicode.RangeTable{
	"Latn": {unicode.Latin},
	"Cyrl": {unicode.Cyrillic},
	"Grek": {unicode.Greek},
	"Arab": {unicode.Arabic},
	"Hebr": {unicode.Hebrew},
	"Deva": {unicode.Devanagari},
	"Thai": {unicode.Thai},
	"Armn": {unicode.Armenian},
	"Geor": {unicode.Georgian},
	"Beng": {unicode.Bengali},
	"Taml": {unicode.Tamil},
	"Hans": {unicode.Han},
	"Hant": {unicode.Han},
	"Jpan": {unicode.Han, unicode.Hiragana, unicode.Katakana},
	"Kore": {unicode.Hangul, unicode.Han},
}

const (
	// leastLetters of prose before its script says anything: below, names and
	// product terms decide.
	leastLetters = 20
	// leastShare, in per cent, of letters in the right script. The rest are names.
	leastShare = 50
)

// wrongScript finds a translation in a script that its language is not written in.
func wrongScript(in Input) []Finding {
	if share, ok := scriptShare(in.Target, in.TargetLanguage); ok && share < leastShare {
		return []Finding{finding(WrongScriptCheck, mistranslation, v1alpha1.CriticalSeverity,
			"only %d%% of the letters are of the script that the target language is written in", share)}
	}
	return nil
}

// scriptShare returns the part of a text's letters, in per cent, that are of the
// script of a language. It is unknown for short texts and for rare scripts.
func scriptShare(text, lang string) (percent int, known bool) {
	tables, ok := scripts[langtag.Script(lang)]
	if !ok {
		return 0, false
	}
	letters, right := 0, 0
	for word := range strings.FieldsSeq(prose(text)) {
		if isCode(word) {
			continue
		}
		for _, r := range word {
			if !unicode.IsLetter(r) {
				continue
			}
			letters++
			if unicode.In(r, tables...) || unicode.Is(unicode.Common, r) {
				right++
			}
		}
	}
	if letters < leastLetters {
		return 0, false
	}
	return right * 100 / letters, true
}

// isCode says whether a word looks like an option, a path or an identifier rather
// than prose.
func isCode(word string) bool {
	if strings.HasPrefix(word, "-") || strings.ContainsAny(word, "_/\\=@#$<>{}[]") {
		return true
	}
	inner := strings.Trim(word, ".,;:!?()\"'«»“”„")
	return strings.ContainsAny(inner, ".:") || strings.ContainsFunc(inner, unicode.IsDigit)
}
