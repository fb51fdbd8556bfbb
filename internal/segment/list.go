package segment

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// bullet is the mark of a list item or a quoted line, with the white space behind
// it. A letter needs a bracket, because "A." may be an initial. The marks of Chinese and
// Japanese have no white space: ・ and 一、.
var bullet = regexp.MustCompile(`^[\s\x{feff}]*(?:(?:[-*+•‣◦▪●○■□✓✔–—→·]|#{1,6}|>+|\[[ xX]\]|\(?\d{1,3}(?:\.\d{1,3})*[.)]|\(?[A-Za-z]\))[\s\x{a0}]+|・\s*|[一二三四五六七八九十]{1,3}、\s*|[（(][一二三四五六七八九十]{1,3}[）)]\s*)`)

// listSign returns the mark that a line begins with, or "". Most lines begin with a
// word and are not looked at closely.
func listSign(line string) string {
	bare := strings.TrimLeft(line, " \t\ufeff\u00a0\u3000")
	switch first, _ := utf8.DecodeRuneInString(bare); {
	case unicode.Is(unicode.Latin, first) && first < utf8.RuneSelf && len(bare) > 1 && bare[1] != ')':
		return ""
	case first >= utf8.RuneSelf && !strings.ContainsRune("•‣◦▪●○■□✓✔–—→·・（一二三四五六七八九十", first) && !unicode.IsSpace(first):
		return ""
	}
	return bullet.FindString(line)
}

// listMark measures the marks that begin a line, or returns 0. A number that is
// the ordinal of a date ("3. Oktober") is none.
func (r *rules) listMark(line string) int {
	total := 0
	for {
		mark := listSign(line[total:])
		sign := strings.TrimSpace(mark)
		if mark == "" || strings.HasSuffix(sign, ".") && r.ordinal[firstWord(line[total+len(mark):])] {
			return total
		}
		total += len(mark)
		if !strings.HasSuffix(sign, ">") {
			return total
		}
	}
}
