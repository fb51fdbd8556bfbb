package qa

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// findNumbers returns the numbers of a text. Digits of every script count. A
// separator belongs to a number when a digit stands on both sides of it; a space
// only when it groups thousands.
func findNumbers(text string) []number {
	var found []number
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if _, ok := placeholder.Digit(r); !ok {
			at += size
			continue
		}
		groups, end := readGroups(text, at)
		n := newNumber(groups)
		n.at = Span{Start: at, End: end}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[end:])
		n.loose = isAttached(before, at > 0) || isAttached(after, end < len(text))
		found = append(found, n)
		at = end
	}
	return found
}

// isAttached says whether a rune beside a number makes it part of a word. Letters
// of scripts that set no spaces do not: 「3冊」 is a number and a word.
func isAttached(r rune, there bool) bool {
	return there && (unicode.IsLetter(r) && isSpaced(r) || r == '_')
}

// group is a run of digits and the separator before it.
type group struct {
	separator rune
	digits    string
}

// readGroups reads the groups of digits of one number from byte at on.
func readGroups(text string, at int) (groups []group, end int) {
	separator := rune(0)
	for {
		digits, size := readDigits(text[at:])
		groups = append(groups, group{separator: separator, digits: digits})
		at += size
		next, width := utf8.DecodeRuneInString(text[at:])
		if !isSeparator(next) {
			return groups, at
		}
		following, _ := readDigits(text[at+width:])
		if following == "" || isGap(next) && !groupsThousands(groups, following) {
			return groups, at
		}
		separator = next
		at += width
	}
}

func readDigits(text string) (digits string, size int) {
	var b strings.Builder
	for i, r := range text {
		value, ok := placeholder.Digit(r)
		if !ok {
			return b.String(), i
		}
		b.WriteByte(byte('0' + value)) //nolint:gosec // a digit is 0 to 9
	}
	return b.String(), len(text)
}

func isSeparator(r rune) bool {
	return isGap(r) || strings.ContainsRune(".,:/'’-٫٬：．，", r)
}

// isGap finds the spaces that group thousands in some languages.
func isGap(r rune) bool {
	return r == ' ' || r == '\u00a0' || r == '\u2009' || r == '\u202f'
}

// groupsThousands says whether three digits behind a space go on with a number of
// one to three digits, or with groups after it. "1990 250" are two numbers.
func groupsThousands(groups []group, following string) bool {
	const thousand = 3
	if len(following) != thousand || len(groups[0].digits) > thousand || groups[0].digits[0] == '0' {
		return false
	}
	return !slices.ContainsFunc(groups[1:], func(g group) bool { return !isGap(g.separator) })
}

// newNumber works out what a number may mean.
func newNumber(groups []group) number {
	var n number
	var b strings.Builder
	for _, g := range groups {
		if g.separator != 0 {
			b.WriteRune(g.separator)
		}
		b.WriteString(g.digits)
		n.parts = append(n.parts, plain(g.digits, ""))
	}
	n.text = b.String()
	n.readings = readings(groups)
	return n
}

// readings lists the values of a number: with its last separator as the decimal
// sign, and with every separator as grouping thousands. A date, a time or a version
// has none and is compared by its parts.
func readings(groups []group) []string {
	if len(groups) == 1 {
		return []string{plain(groups[0].digits, "")}
	}
	var values []string
	last := len(groups) - 1
	if isGrouped(groups) {
		values = append(values, plain(join(groups), ""))
	}
	if isDecimalSign(groups[last].separator) && (last == 1 || isGrouped(groups[:last]) && groups[last].separator != groups[1].separator) {
		values = append(values, plain(join(groups[:last]), groups[last].digits))
	}
	return values
}

// isGrouped says whether one kind of separator sets off groups of thousands. India
// writes 12,34,567: groups of two before the last.
func isGrouped(groups []group) bool {
	const thousand, lakh = 3, 2
	for i, g := range groups[1:] {
		isLast := i == len(groups)-2
		fits := len(g.digits) == thousand || len(g.digits) == lakh && !isLast && g.separator == ','
		if !fits || g.separator != groups[1].separator || !isGroupSign(g.separator) {
			return false
		}
	}
	return len(groups) == 1 || len(groups[0].digits) <= thousand
}

func isGroupSign(r rune) bool { return isGap(r) || strings.ContainsRune(".,'’٬．，", r) }

func isDecimalSign(r rune) bool { return strings.ContainsRune(".,٫．，", r) }

func join(groups []group) string {
	var b strings.Builder
	for _, g := range groups {
		b.WriteString(g.digits)
	}
	return b.String()
}
