package qa

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Evidence is what two texts show of belonging together, in numbers that a check can
// weigh. None says much by itself.
type Evidence [evidences]float64

// The places in an Evidence. Differences are of the translation to the source.
const (
	// shorter and longer are the squares of how far the length is from what is to be
	// expected, in standard deviations.
	shorter = iota
	longer
	// endLost and endGained say that one text alone has a mark at the end, endOther
	// that it is another one.
	endLost
	endGained
	endOther
	// startCase says that one text alone begins with a capital.
	startCase
	// bracketsDiffer and quotesDiffer count the pairs that one text has more.
	bracketsDiffer
	quotesDiffer
	// unclosed says that a bracket or a quote is left open that the source closes.
	unclosed
	// fewerSentences and moreSentences, fewerLines and moreLines.
	fewerSentences
	moreSentences
	fewerLines
	moreLines
	// keptMissing, keptExtra and keptSame count the words of code, abbreviations and
	// names that are in the source alone, in the translation alone, and in both.
	keptMissing
	keptExtra
	keptSame
	// sameStems counts the words of the source that the translation has too, or has
	// with another ending.
	sameStems
	// wordsFirst and wordsSecond are what the lexicon says of the two halves of the
	// source, as the logarithm of a likelihood.
	wordsFirst
	wordsSecond
	// openEnd says that the last word is one that something has to follow.
	openEnd
	// oddComma says that one text ends with a comma or a dash.
	oddComma
	evidences
)

const (
	// mostCount bounds a count, so that a long text is judged as a short one is.
	mostCount = 3
	// mostSquare bounds the squares, mostSaid what a lexicon says.
	mostSquare = 25
	mostSaid   = 8
)

// Weigh looks at a segment for evidence.
func Weigh(in Input) Evidence { return in.evidence() }

// WithoutWords returns the evidence as it is in a language without a lexicon.
func (e Evidence) WithoutWords() Evidence {
	e[wordsFirst], e[wordsSecond] = 0, 0
	return e
}

func weigh(in Input) Evidence {
	var e Evidence
	s, t := in.source(), in.target()
	if deviation := deviationOf(in); deviation < 0 {
		e[shorter] = min(deviation*deviation, mostSquare)
	} else {
		e[longer] = min(deviation*deviation, mostSquare)
	}
	e.ends(in)
	if starts, startt := startsUpper(s.prose), startsUpper(t.prose); starts*startt < 0 {
		e[startCase] = 1
	}
	sourceMarks, targetMarks := countMarks(s.prose), countMarks(t.prose)
	e[bracketsDiffer] = count(abs(sourceMarks.brackets() - targetMarks.brackets()))
	e[quotesDiffer] = count(abs(sourceMarks.quotes/2 - targetMarks.quotes/2))
	if targetMarks.open() && !sourceMarks.open() {
		e[unclosed] = 1
	}
	difference := targetMarks.sentences - sourceMarks.sentences
	e[fewerSentences], e[moreSentences] = count(-difference), count(difference)
	difference = targetMarks.lines - sourceMarks.lines
	e[fewerLines], e[moreLines] = count(-difference), count(difference)
	e.kept(s, t)
	first, second := correspond(in)
	e[wordsFirst], e[wordsSecond] = bounded(first), bounded(second)
	return e
}

func count(n int) float64 { return float64(min(max(n, 0), mostCount)) }

func abs(n int) int { return max(n, -n) }

func bounded(said float64) float64 { return min(max(said, -mostSaid), mostSaid) }

// deviationOf is how far the length of the translation is from what is to be
// expected, in standard deviations of its logarithm. Their size is measured on
// translations by people: it falls with the root of the length.
func deviationOf(in Input) float64 {
	const base, root = 0.13, 0.95
	s, t := float64(in.source().length), float64(in.target().length)
	if s == 0 || t == 0 {
		return 0
	}
	expected := s * float64(relativeOf(in.to())) / float64(relativeOf(in.from()))
	letters := s / letterLength
	return math.Log(t/expected) / (base + root/math.Sqrt(letters))
}

func (e *Evidence) ends(in Input) {
	want, got := endingOf(in.Source, in.from()), endingOf(in.Target, in.to())
	switch {
	case want == got, skipsFullStop(in.from(), in.to()):
	case got == noEnding:
		e[endLost] = 1
	case want == noEnding:
		e[endGained] = 1
	default:
		e[endOther] = 1
	}
	if isOpenEnd(in.target(), in.to()) && !isOpenEnd(in.source(), in.from()) {
		e[openEnd] = 1
	}
	if endsLoose(in.Target) != endsLoose(in.Source) {
		e[oddComma] = 1
	}
}

// isOpenEnd says whether the last word is one that something has to follow.
func isOpenEnd(r *reading, language string) bool {
	open := functionWords()[language+" open"]
	text := strings.TrimRightFunc(r.prose, unicode.IsSpace)
	if len(open) == 0 || len(text) == 0 {
		return false
	}
	if isUnspacedLanguage(language) {
		last, _ := utf8.DecodeLastRuneInString(text)
		return open[string(last)]
	}
	if len(r.words) == 0 {
		return false
	}
	// Punctuation behind the word closes it.
	last := r.words[len(r.words)-1]
	return open[last.text] && strings.HasSuffix(strings.ToLower(text), last.text)
}

// endsLoose says whether a text ends with a comma or a dash.
func endsLoose(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(text, unicode.IsSpace))
	return strings.ContainsRune(",;-–—，、；（([", last)
}

// startsUpper is 1 when the first letter is a capital, -1 when it is a small letter,
// and 0 when it is neither, or there is none.
func startsUpper(text string) int {
	for _, r := range text {
		switch {
		case unicode.IsUpper(r):
			return 1
		case unicode.IsLower(r):
			return -1
		case unicode.IsLetter(r):
			return 0
		}
	}
	return 0
}

// marks are counts of what gives a text its structure.
type marks struct {
	opening, closing, quotes, sentences, lines int
}

func (m marks) brackets() int { return max(m.opening, m.closing) }

// open says whether something is left open.
func (m marks) open() bool { return m.opening > m.closing || m.quotes%2 != 0 }

// countMarks counts brackets, quotes, sentences and lines. An apostrophe is no quote.
func countMarks(text string) marks {
	var m marks
	var last rune
	inText := false
	text = strings.TrimSpace(text)
	for i, r := range text {
		switch r {
		case '(', '[', '{', '（', '［', '【', '〔':
			m.opening++
		case ')', ']', '}', '）', '］', '】', '〕':
			m.closing++
		case '"', '“', '”', '„', '«', '»', '「', '」', '『', '』', '＂':
			m.quotes++
		case '\n':
			m.lines++
		case '。', '！', '？':
			if inText {
				m.sentences++
			}
			inText = false
		case '.', '!', '?', '؟', '।':
			next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
			if inText && !unicode.IsUpper(last) && (unicode.IsSpace(next) || i+utf8.RuneLen(r) == len(text)) {
				m.sentences++
				inText = false
			}
		}
		if unicode.IsLetter(r) {
			inText = true
		}
		last = r
	}
	return m
}

// kept compares the words that stay as they are in every language.
func (e *Evidence) kept(s, t *reading) {
	source, target := latinRuns(s.prose), latinRuns(t.prose)
	wanted, there := map[string]bool{}, map[string]bool{}
	for _, w := range source {
		wanted[strings.ToLower(w)] = true
	}
	stems := map[string]bool{}
	for _, w := range target {
		low := strings.ToLower(w)
		there[low] = true
		if stem := stemOf(low); stem != "" {
			stems[stem] = true
		}
	}
	missing, extra, same, alike := 0, 0, 0, 0
	seen := map[string]bool{}
	for _, w := range source {
		low := strings.ToLower(w)
		if seen[low] {
			continue
		}
		seen[low] = true
		switch stem := stemOf(low); {
		case isKept(w) && there[low]:
			same++
		case isKept(w):
			missing++
		case there[low] && len(low) > 2, stem != "" && stems[stem]:
			alike++
		}
	}
	for _, w := range target {
		if low := strings.ToLower(w); isKept(w) && !wanted[low] {
			extra++
		}
	}
	e[keptMissing], e[keptExtra], e[keptSame], e[sameStems] = count(missing), count(extra), count(same), count(alike)
}

// stemOf is the beginning of a long word, in which many languages agree.
func stemOf(word string) string {
	const least, stem = 6, 5
	if len(word) < least {
		return ""
	}
	return word[:stem]
}

// latinRuns returns the runs of ASCII letters, digits and the signs of code. In a
// text of another script they need no spaces around them.
func latinRuns(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return r >= utf8.RuneSelf && !unicode.Is(unicode.Latin, r) || r < utf8.RuneSelf && !isASCIIWord(r)
	})
}

func isASCIIWord(r rune) bool {
	return isASCIIAlnum(r) || strings.ContainsRune("_-/.=+@", r)
}

// isKept says whether a word looks like code, an abbreviation or a name in mixed
// case. A number alone is looked at elsewhere.
func isKept(w string) bool {
	w = strings.TrimRight(w, "._-/=+@")
	letters, upper, code := 0, 0, strings.HasPrefix(w, "-") && len(w) > 1
	for i, r := range w {
		switch {
		case unicode.IsUpper(r):
			letters++
			upper++
			code = code || i > 0 && upper < letters
		case unicode.IsLetter(r):
			letters++
		case r >= '0' && r <= '9', strings.ContainsRune("_/=@+", r), r == '.' && i > 0 && i < len(w)-1:
			code = true
		}
	}
	return letters > 0 && (code || upper == letters && letters > 1)
}
