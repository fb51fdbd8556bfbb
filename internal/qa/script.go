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
	// leastProse, in tenths of a letter, before the script of a text says anything:
	// below, names and product terms decide.
	leastProse = 200
	// leastShare, in per cent, of the text in the right script. The rest are names.
	leastShare = 50
)

// wrongScript finds a translation in a script that its language is not written in.
// Words that stand in the source too do not count, for many are names and codes; what
// was left untranslated is another check's.
func wrongScript(in Input) []Finding {
	if share, ok := scriptShare(in.target().prose, in.TargetLanguage, nil); !ok || share >= leastShare {
		return nil // nearly all
	}
	if share, ok := scriptShare(in.target().prose, in.TargetLanguage, wordsIn(in.source())); ok && share < leastShare {
		return []Finding{finding(WrongScriptCheck, mistranslation, v1alpha1.CriticalSeverity,
			"only %d%% of the text is in the script that the target language is written in", share).
			at(in.target().foreignScript(in.TargetLanguage, wordsIn(in.source())))}
	}
	return nil
}

// foreignScript is the longest run of words that are in another script than a language,
// without those that do not count.
func (r *reading) foreignScript(lang string, without map[string]bool) Span {
	tables := scripts[langtag.Script(lang)]
	isForeign := func(w word) bool {
		return !isCode(w.text) && strings.ContainsFunc(w.text, func(r rune) bool {
			return unicode.IsLetter(r) && !unicode.In(r, tables...) && !unicode.Is(unicode.Common, r)
		})
	}
	var best Span
	for from := 0; from < len(r.words); from++ {
		to := from
		for to < len(r.words) && isForeign(r.words[to]) && !without[r.wordSpan(to, to).of(r.text)] {
			to++
		}
		if to == from {
			continue
		}
		if s := r.wordSpan(from, to-1); s.End-s.Start > best.End-best.Start {
			best = s
		}
		from = to
	}
	return best
}

// wordsIn returns the words of a text.
func wordsIn(r *reading) map[string]bool {
	found := map[string]bool{}
	for _, word := range splitWords(r.prose) {
		found[word] = true
	}
	return found
}

// scriptShare returns the part of a text, in per cent, that is in the script of a
// language. It is unknown for short texts and for rare scripts. The text is without its
// placeables.
func scriptShare(text, lang string, without map[string]bool) (percent int, known bool) {
	tables, ok := scripts[langtag.Script(lang)]
	if !ok {
		return 0, false
	}
	all, right := 0, 0
	for field := range strings.FieldsSeq(text) {
		if isCode(field) {
			continue
		}
		for _, word := range splitWords(field) {
			if without[word] {
				continue
			}
			for _, r := range word {
				weight := length(string(r))
				all += weight
				if unicode.In(r, tables...) || unicode.Is(unicode.Common, r) {
					right += weight
				}
			}
		}
	}
	if all < leastProse {
		return 0, false
	}
	return right * 100 / all, true
}

// isCode says whether a word looks like an option, a path or an identifier rather
// than prose.
func isCode(word string) bool {
	if strings.HasPrefix(word, "-") || strings.ContainsAny(word, "_/\\=@#$<>{}[]|") {
		return true
	}
	inner := strings.Trim(word, ".,;:!?()\"'«»“”„")
	return strings.ContainsAny(inner, ".:") || strings.ContainsFunc(inner, unicode.IsDigit)
}
