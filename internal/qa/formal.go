package qa

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	xlanguage "golang.org/x/text/language"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// unpaired finds brackets and quotes that the translation opens or closes alone,
// where those of the source are all in pairs.
func unpaired(in Input) []Finding {
	source, target := in.source().prose, in.target().prose
	at := strings.IndexFunc(target, isBracket)
	if at >= 0 && lone(source) < 0 {
		if alone := lone(target); alone >= 0 {
			return []Finding{finding(PunctuationCheck, punctuationCategory, v1alpha1.MinorSeverity,
				"the translation has a bracket without its partner").at(in.target().span(runeAt(target, alone)))}
		}
	}
	if strings.Count(target, `"`)%2 != 0 && strings.Count(source, `"`)%2 == 0 {
		return []Finding{finding(PunctuationCheck, punctuationCategory, v1alpha1.MinorSeverity,
			"the translation has a quotation mark without its partner").at(in.target().span(runeAt(target, strings.LastIndexByte(target, '"'))))}
	}
	return nil
}

// partner returns the bracket that a closing one belongs to; 0 for those that open.
func partner(closing rune) rune {
	switch closing {
	case ')':
		return '('
	case ']':
		return '['
	case '）':
		return '（'
	case '」':
		return '「'
	case '』':
		return '『'
	case '】':
		return '【'
	case '»':
		return '«'
	}
	return 0
}

func isBracket(r rune) bool { return strings.ContainsRune("()[]（）「」『』【】", r) }

// lone returns the place of the first bracket without a partner, or -1. "a)" of a
// list is none.
func lone(text string) int {
	type mark struct {
		sign rune
		at   int
	}
	var open []mark
	for i, r := range text {
		switch {
		case !isBracket(r):
		case partner(r) == 0:
			open = append(open, mark{r, i})
		case len(open) > 0 && open[len(open)-1].sign == partner(r):
			open = open[:len(open)-1]
		case isListSign(text[:i]):
		default:
			return i
		}
	}
	if len(open) > 0 {
		return open[0].at
	}
	return -1
}

// isListSign says whether a bracket behind a text closes a number or letter of a
// list, as in "1)" and "a)".
func isListSign(before string) bool {
	trimmed := strings.TrimRightFunc(before, unicode.IsDigit)
	if trimmed == before {
		_, size := utf8.DecodeLastRuneInString(before)
		trimmed = before[:len(before)-size]
	}
	last, _ := utf8.DecodeLastRuneInString(trimmed)
	return trimmed == "" || unicode.IsSpace(last)
}

// frenchSpacing finds marks of French that lack the space in front of them. Canada
// sets most of them without.
func frenchSpacing(in Input) []Finding {
	if in.to() != "fr" || isCanadian(in.TargetLanguage) {
		return nil
	}
	text := in.target().prose
	var last rune
	for i, r := range text {
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		ends := i+utf8.RuneLen(r) == len(text) || unicode.IsSpace(next)
		bare := strings.ContainsRune("?!;:", r) && ends && unicode.IsLetter(last) || r == '»' && unicode.IsLetter(last) || last == '«' && unicode.IsLetter(r)
		if bare {
			return []Finding{finding(SpacingCheck, spacingCategory, v1alpha1.MinorSeverity,
				"French sets a no-break space in front of ? ! ; : and inside « »").at(in.target().span(bareMark(text, i, last)))}
		}
		last = r
	}
	return nil
}

// bareMark is the mark that lacks its space: at a place, or before it.
func bareMark(text string, at int, before rune) Span {
	if before == '«' {
		return Span{Start: at - utf8.RuneLen(before), End: at}
	}
	return runeAt(text, at)
}

func isCanadian(tag string) bool {
	t, err := xlanguage.Parse(tag)
	if err != nil {
		return false
	}
	region, confidence := t.Region()
	return confidence == xlanguage.Exact && region.String() == "CA"
}

// lineBreaks finds paragraphs that were joined or split, by their blank lines, and line
// breaks and tabs that one text alone has. How many line breaks there are is up to the
// length of the words.
func lineBreaks(in Input) []Finding {
	source, target := strings.TrimSpace(in.Source), strings.TrimSpace(in.Target)
	var what, sign string
	switch {
	case strings.Count(source, "\n\n") != strings.Count(target, "\n\n"):
		what, sign = "the translation has other paragraphs than the source", "\n\n"
	case strings.Contains(source, "\n") != strings.Contains(target, "\n"):
		what, sign = "one of the texts has line breaks, the other has none", "\n"
	case strings.Contains(source, "\t") != strings.Contains(target, "\t"):
		what, sign = "one of the texts has tabs, the other has none", "\t"
	default:
		return nil
	}
	f := finding(SpacingCheck, spacingCategory, v1alpha1.MinorSeverity, "%s", what)
	if strings.Count(source, sign) > strings.Count(target, sign) {
		return []Finding{f.about(inside(in.Source, sign))}
	}
	return []Finding{f.at(inside(in.Target, sign))}
}

// inside is the first place of a sign between the white space at the ends of a text.
func inside(text, sign string) Span {
	within := whole(text)
	s := first(within.of(text), sign)
	return Span{Start: within.Start + s.Start, End: within.Start + s.End}
}

// foreignQuotes finds the quotation mark “ at the beginning of a word in languages that
// begin a quotation with „. Straight quotes are used in all of them.
func foreignQuotes(in Input) []Finding {
	switch in.to() {
	case "de", "cs", "sk", "sl", "hr", "bg", "lt", "is", "pl", "hu", "ro":
	default:
		return nil
	}
	const high = "“"
	text := in.Target
	for at, from := 0, 0; ; from = at + len(high) {
		next := strings.Index(text[from:], high)
		if next < 0 || strings.Contains(in.Source, "„") {
			return nil
		}
		at = from + next
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(high):])
		if (at == 0 || unicode.IsSpace(before) || before == '(') && isWordRune(after) {
			return []Finding{finding(PunctuationCheck, punctuationCategory, v1alpha1.MinorSeverity,
				"the language begins a quotation with another mark").at(runeAt(text, at))}
		}
	}
}

// identifiers finds names of code and of products that are in the source alone: words
// with capitals inside or with digits and letters, such as GnuPG and UTF-8. Fields and
// addresses are looked at elsewhere.
func identifiers(in Input) []Finding {
	const most = 100 // each is looked up in all of the translation
	lost, name := 0, ""
	var there string
	seen := map[string]bool{}
	for _, w := range latinRuns(in.source().prose) {
		w = strings.Trim(w, "._-/=+@")
		if !isCamel(w) || seen[w] || len(seen) == most {
			continue
		}
		seen[w] = true
		if there == "" {
			there = strings.ToLower(in.target().text)
		}
		if !strings.Contains(there, strings.ToLower(w)) {
			if lost++; lost == 1 {
				name = w
			}
		}
	}
	if lost == 0 {
		return nil
	}
	return []Finding{finding(IdentifierCheck, omissionCategory, v1alpha1.MinorSeverity,
		"%s of the source with capitals or digits inside %s missing in the translation", counted(lost, "name"), isOrAre(lost)).about(in.source().name(name))}
}

// name finds a name of code, which need have no spaces around it in other scripts.
func (r *reading) name(name string) Span {
	isPart := func(text string, decode func(string) (rune, int)) bool {
		c, _ := decode(text)
		return c < utf8.RuneSelf && isASCIIAlnum(c)
	}
	for at := 0; ; {
		s := first(r.prose[at:], name)
		if s == (Span{}) {
			return s
		}
		s = Span{Start: at + s.Start, End: at + s.End}
		if !isPart(r.prose[:s.Start], utf8.DecodeLastRuneInString) && !isPart(r.prose[s.End:], utf8.DecodeRuneInString) {
			return r.span(s)
		}
		at = s.End
	}
}

// isCamel finds a small letter before a capital, and a letter beside a digit in a word
// that has a capital. "PCs" and "WORD1" are words of a language.
func isCamel(w string) bool {
	var last rune
	camel, digit, lower := false, false, false
	for _, r := range w {
		camel = camel || unicode.IsUpper(r) && unicode.IsLower(last)
		digit = digit || r >= '0' && r <= '9'
		lower = lower || unicode.IsLower(r)
		last = r
	}
	return camel && (lower || digit)
}

// invisible finds signs that nobody sees and that the source does not have: spaces of
// no width, and signs of direction that are not closed or that turn letters round. Such
// signs are critical: what is read is not what is written, also in the text behind.
func invisible(in Input) []Finding {
	if isASCII(in.Target) {
		return nil
	}
	if n := openDirections(in.Target); n != 0 && openDirections(in.Source) == 0 {
		return []Finding{finding(CharactersCheck, encodingCategory, v1alpha1.CriticalSeverity,
			"the translation changes the direction of text and does not change it back").at(firstDirection(in.Target))}
	}
	if at := strings.IndexFunc(in.Target, overrides); at >= 0 && !strings.ContainsFunc(in.Source, overrides) {
		return []Finding{finding(CharactersCheck, encodingCategory, v1alpha1.CriticalSeverity,
			"the translation forces the direction of letters, and the source does not").at(runeAt(in.Target, at))}
	}
	const softHyphen, kashida = '\u00ad', '\u0640'
	for i, r := range in.Target {
		if (r == softHyphen || r == kashida) && !strings.ContainsRune(in.Source, r) {
			return []Finding{unseen(i, r)}
		}
	}
	for i, r := range hidden(in.Target, in.to()) {
		if !strings.ContainsRune(in.Source, r) {
			return []Finding{unseen(i, r)}
		}
	}
	return nil
}

func unseen(at int, r rune) Finding {
	return finding(CharactersCheck, encodingCategory, v1alpha1.MinorSeverity,
		"the translation has a character that nobody sees and the source has not").at(Span{Start: at, End: at + utf8.RuneLen(r)})
}

// hidden yields the characters without width that no language needs: spaces of no
// width, but in languages that set them between words, byte order marks within the
// text, and tag characters outside the flags of regions such as that of Scotland.
func hidden(text, language string) iter.Seq2[int, rune] {
	const flag = '\U0001F3F4'
	joins := joinsLetters(language)
	return func(yield func(int, rune) bool) {
		inFlag := false
		for i, r := range text {
			isTag := r >= 0xe0000 && r <= 0xe007f
			inFlag = r == flag || inFlag && isTag
			odd := r == '\u200b' && !joins || r == '\u2060' || r == '\ufeff' && i > 0 || isTag && !inFlag
			if odd && !yield(i, r) {
				return
			}
		}
	}
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// joinsLetters says whether a language uses the space of no width between words.
func joinsLetters(language string) bool {
	switch language {
	case "th", "lo", "km", "my":
		return true
	default:
		return false
	}
}

// firstDirection is the first sign that openDirections counts.
func firstDirection(text string) Span {
	at := strings.IndexFunc(text, turnsDirection)
	if at < 0 {
		return Span{}
	}
	return runeAt(text, at)
}

func turnsDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// overrides says whether a sign forces the direction of the letters behind it, which no
// writing needs: languages from right to left are set by marks and isolates.
func overrides(r rune) bool { return r == '\u202d' || r == '\u202e' }

// openDirections counts the embeddings, overrides and isolates that are not closed,
// or closed without being open.
func openDirections(text string) int {
	embedded, isolated := 0, 0
	for _, r := range text {
		switch r {
		case '\u202a', '\u202b', '\u202d', '\u202e':
			embedded++
		case '\u202c':
			embedded--
		case '\u2066', '\u2067', '\u2068':
			isolated++
		case '\u2069':
			isolated--
		}
	}
	return abs(embedded) + abs(isolated)
}

// width finds Latin letters in the width of East Asian print, and Katakana in half of
// it, that the source does not have. Digits are often set so.
func width(in Input) []Finding {
	if isASCII(in.Target) {
		return nil
	}
	isOdd := func(r rune) bool {
		return r >= 'Ａ' && r <= 'Ｚ' || r >= 'ａ' && r <= 'ｚ' || r >= 'ｦ' && r <= 'ﾟ'
	}
	at := strings.IndexFunc(in.Target, isOdd)
	if at < 0 || strings.ContainsFunc(in.Source, isOdd) {
		return nil
	}
	odd := in.Target[at:]
	if end := strings.IndexFunc(odd, func(r rune) bool { return !isOdd(r) }); end > 0 {
		odd = odd[:end]
	}
	what := "full-width letters"
	if r, _ := utf8.DecodeRuneInString(odd); r >= 'ｦ' {
		what = "half-width Katakana"
	}
	return []Finding{finding(CharactersCheck, encodingCategory, v1alpha1.MinorSeverity,
		"the translation has %s", what).at(Span{Start: at, End: at + len(odd)})}
}
