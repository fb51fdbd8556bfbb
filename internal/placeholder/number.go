package placeholder

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// MaskNumber is Mask for a text about a number that the program will put in: the
// placeable that stands for it, one of some texts, is written as the digits of a sample
// in place of a token. An engine then writes the words around it in the form that the
// number takes: five files, «5 plików». Restore finds the sample in the answer. Where
// that could fail, because the text has other digits or the number twice, a token
// stands as for every placeable.
func MaskNumber(text string, sample int, texts ...string) Masked {
	m := Mask(text)
	number := 0
	for i, p := range m.Placeables {
		if !slices.Contains(texts, p.Text) {
			continue
		}
		if number != 0 {
			return m
		}
		number = i + 1
	}
	if number == 0 || isBeside(text, m.Placeables[number-1]) || hasDigits(m.Text) {
		return m
	}
	m.Number, m.Digits = number, strconv.Itoa(sample)
	m.write()
	return m
}

// hasDigits says whether a digit stands outside the tokens of a masked text.
func hasDigits(masked string) bool {
	return slices.ContainsFunc(SplitTokens(masked), func(part Part) bool {
		return !part.Token && strings.ContainsFunc(part.Text, unicode.IsDigit)
	})
}

// isBeside says whether a sign of a number stands next to a placeable, with which its
// digits would be read as one number.
func isBeside(text string, p Placeable) bool {
	return strings.HasSuffix(text[:p.Start], "-") || strings.HasSuffix(text[:p.Start], ".") || strings.HasPrefix(text[p.End():], "%")
}

// repairNumber puts the token in for the sample, which must stand in the answer once:
// in the digits of any script, and with signs between groups of three.
func (m Masked) repairNumber(target string, missing map[int]bool) string {
	if m.Number == 0 || !missing[m.Number] {
		return target
	}
	start, end := 0, 0
	for _, at := range numbers(target) {
		if digitsOf(target[at[0]:at[1]]) != m.Digits {
			continue
		}
		if end > 0 {
			return target
		}
		start, end = at[0], at[1]
	}
	if end == 0 {
		return target
	}
	delete(missing, m.Number)
	return target[:start] + Token(m.Number) + target[end:]
}

// numbers returns the extents of the numbers of a text, outside its tokens.
func numbers(target string) [][2]int {
	var out [][2]int
	at := 0
	for _, part := range SplitTokens(target) {
		if !part.Token {
			for _, extent := range numbersOf(part.Text) {
				out = append(out, [2]int{at + extent[0], at + extent[1]})
			}
		}
		at += len(part.Text)
	}
	return out
}

// numbersOf returns the runs of digits, with one sign that groups digits between two.
func numbersOf(text string) [][2]int {
	var out [][2]int
	start, end := -1, 0
	for i, r := range text {
		_, isDigit := Digit(r)
		switch {
		case isDigit && start < 0:
			start, end = i, i+len(string(r))
		case isDigit:
			end = i + len(string(r))
		case start >= 0 && (i > end || !strings.ContainsRune(".,'’٬  \u00a0\u202f", r)):
			out = append(out, [2]int{start, end})
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, [2]int{start, end})
	}
	return out
}

// digitsOf writes the digits of a number in ASCII, without the signs between them.
func digitsOf(number string) string {
	var b strings.Builder
	for _, r := range number {
		if value, ok := Digit(r); ok {
			b.WriteByte(byte('0' + value))
		}
	}
	return b.String()
}
