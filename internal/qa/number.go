package qa

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// spelled is the largest number that a translation may write in words: "3 files"
// and "drei Dateien".
const spelled = 12

// numbers compares the numbers of both texts by value, so that 1,234.56 and
// 1.234,56 are the same. A changed number counts once, as missing.
func numbers(in Input) []Finding {
	source, target := findNumbers(in.source().prose), findNumbers(in.target().prose)
	missing, extra := difference(source, target)
	if len(missing)+len(extra) > 0 && (halfDay.MatchString(in.Source) || halfDay.MatchString(in.Target)) {
		missing, extra = forgiveClock(missing, extra)
	}
	// A small number that is missing may be there in words, and one joined to letters
	// need not be there, unless another one is in its place.
	swapped := min(len(missing), len(extra))
	lost, added := max(countWritten(missing), swapped), max(countWritten(extra)+countUnsaid(in, extra), swapped)

	var findings []Finding
	if lost > 0 {
		findings = append(findings, finding(NumberCheck, mistranslation, v1alpha1.MajorSeverity,
			"%s of the source %s missing in the translation", counted(lost, "number"), isOrAre(lost)).
			about(in.source().numberAt(missing, 0)).at(in.target().numberAt(extra, 0)))
	}
	if added > lost {
		findings = append(findings, finding(NumberCheck, mistranslation, v1alpha1.MajorSeverity,
			"the translation has %s that the source has not", counted(added-lost, "number")).
			at(in.target().numberAt(extra, lost)))
	}
	return findings
}

// numberAt is where one of some numbers stands: those first that have to be written in
// digits.
func (r *reading) numberAt(all []number, i int) Span {
	isFree := func(n number) bool { return n.loose || n.isSmall() }
	ordered := append(slices.DeleteFunc(slices.Clone(all), isFree), slices.DeleteFunc(slices.Clone(all), func(n number) bool { return !isFree(n) })...)
	if i >= len(ordered) {
		return Span{}
	}
	return r.span(ordered[i].at)
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// countWritten counts the numbers that have to be written in digits: none within an
// identifier, and no small whole number.
func countWritten(all []number) int {
	count := 0
	for _, n := range all {
		if !n.loose && !n.isSmall() {
			count++
		}
	}
	return count
}

// countUnsaid counts the small numbers that no word of an English source stands for.
// One and two have too many words, and may stand for none: "a file" is 「1つのファイル」.
func countUnsaid(in Input, extra []number) int {
	if in.from() != "en" {
		return 0
	}
	count := 0
	for _, n := range extra {
		value, ok := small(n.parts[0])
		if n.loose || !n.isSmall() || !ok || value < leastSaid {
			continue
		}
		if !slices.ContainsFunc(in.source().words, func(w word) bool { return slices.Contains(said[value-leastSaid], w.text) }) {
			count++
		}
	}
	return count
}

// leastSaid is the first number that said has the words of.
const leastSaid = 3

// said are the English words for the numbers from three on: cardinal, ordinal, and
// the month, which some languages number.
var said = [][]string{
	{"three", "third", "thirds", "triple", "thrice", "march", "mar"},
	{"four", "fourth", "quarter", "quarters", "april", "apr"},
	{"five", "fifth", "may"},
	{"six", "sixth", "june", "jun"},
	{"seven", "seventh", "july", "jul", "week", "weekly", "weeks"},
	{"eight", "eighth", "august", "aug", "byte", "bytes", "octal"},
	{"nine", "ninth", "september", "sep"},
	{"ten", "tenth", "october", "oct", "decimal", "dozens"},
	{"eleven", "eleventh", "november", "nov"},
	{"twelve", "twelfth", "december", "dec", "dozen", "noon"},
}

// difference pairs the numbers of two texts and returns those left over. First
// numbers are paired that share a reading; then a compound one, such as a date or a
// time, with its parts on the other side.
func difference(source, target []number) (missing, extra []number) {
	// The same digits first, so that an ambiguous "1.234" goes to its twin.
	missing, extra = pair(source, target, func(n number) []string { return []string{n.text} })
	missing, extra = pair(missing, extra, func(n number) []string { return n.readings })
	if len(missing)*len(extra) > mostPairs {
		return missing, extra
	}
	takeParts(&missing, &extra)
	takeParts(&extra, &missing)
	return missing, extra
}

// mostPairs bounds the search for parts, which looks at each number of one text for
// each of the other. A text with hundreds of numbers that all differ is wrong anyway.
const mostPairs = 100_000

// pair returns what is left of two lists without the numbers that have a key in
// common, each paired once.
func pair(a, b []number, keys func(number) []string) (restA, restB []number) {
	places := map[string][]int{}
	for i, n := range b {
		for _, key := range keys(n) {
			places[key] = append(places[key], i)
		}
	}
	taken := make([]bool, len(b))
	for _, n := range a {
		if !take(places, keys(n), taken) {
			restA = append(restA, n)
		}
	}
	for i, n := range b {
		if !taken[i] {
			restB = append(restB, n)
		}
	}
	return restA, restB
}

// take marks the first free place of a key as taken.
func take(places map[string][]int, keys []string, taken []bool) bool {
	for _, key := range keys {
		for len(places[key]) > 0 {
			i := places[key][0]
			places[key] = places[key][1:]
			if !taken[i] {
				taken[i] = true
				return true
			}
		}
	}
	return false
}

// takeParts takes the compound numbers out of a whose parts are all left in b, as
// whole numbers or as the parts of one: "12.03.2026" and "3/12/2026".
func takeParts(a, b *[]number) {
	*a = slices.DeleteFunc(*a, func(n number) bool {
		if len(n.parts) < 2 {
			return false
		}
		if at := slices.IndexFunc(*b, func(m number) bool { return sameParts(n.parts, m.parts) }); at >= 0 {
			*b = slices.Delete(*b, at, at+1)
			return true
		}
		rest := slices.Clone(*b)
		for _, part := range n.parts {
			at := slices.IndexFunc(rest, func(m number) bool { return slices.Contains(m.readings, part) })
			if at < 0 {
				return false
			}
			rest = slices.Delete(rest, at, at+1)
		}
		*b = rest
		return true
	})
}

func sameParts(a, b []string) bool {
	return len(a) > 1 && slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// halfDay finds the words that go with an hour up to 12.
var halfDay = regexp.MustCompile(`(?i)(?:\d\s?|\b)[ap]\.?\s?m\b|午前|午後|上午|下午|오전|오후`)

// forgiveClock takes out hours that one text counts to 12 and the other to 24.
func forgiveClock(missing, extra []number) (restMissing, restExtra []number) {
	const half = 12
	return pair(missing, extra, func(n number) []string {
		hour, ok := n.hour()
		if !ok {
			return nil
		}
		return []string{fmt.Sprint(hour%half, n.minutes())}
	})
}

// number is a number of a text.
type number struct {
	// text is its ASCII digits with the separators as they stand.
	text string
	// readings are the values it may have, without needless zeros: "1.234" is
	// 1234 or 1.234.
	readings []string
	// parts are the groups of digits as values of their own.
	parts []string
	// at is where it stands in the prose.
	at Span
	// loose says that letters stand at its side, as in "mp3", "20th" or "500GB". It
	// may stand for a number of the other text and need not be there itself.
	loose bool
}

func (n number) isSmall() bool {
	if len(n.parts) != 1 {
		return false
	}
	value, ok := small(n.parts[0])
	return ok && value <= spelled
}

func (n number) hour() (int, bool) {
	if len(n.parts) == 0 {
		return 0, false
	}
	value, ok := small(n.parts[0])
	const hours = 24
	return value, ok && value <= hours
}

// minutes are the parts behind the hour; a full hour may leave them out.
func (n number) minutes() []string {
	return slices.DeleteFunc(slices.Clone(n.parts[1:]), func(part string) bool { return part == "0" })
}

// small reads a value of at most two digits.
func small(digits string) (int, bool) {
	if digits == "" || len(digits) > 2 {
		return 0, false
	}
	value := 0
	for _, r := range digits {
		if r < '0' || r > '9' {
			return 0, false
		}
		value = value*10 + int(r-'0')
	}
	return value, true
}

// plain writes a value in one way: no leading zeros, no zeros behind the point.
func plain(whole, fraction string) string {
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
		return whole
	}
	return whole + "." + fraction
}
