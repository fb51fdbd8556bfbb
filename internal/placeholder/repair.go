package placeholder

import (
	"regexp"
	"strings"
)

// lookalike finds a number in the kinds of bracket that engines write in place of
// the token signs: ⟦1], [[1]], 〚1〛, ⟪1⟫, 【1】.
var lookalike = regexp.MustCompile(`(⟦|〚|⟪|【|\[\[|\[)\s*(\p{Nd}+)\s*(⟧|〛|⟫|】|\]\]|\])`)

// repair rewrites look-alikes as tokens where that is unambiguous: the token of
// that number is missing, the number stands in odd brackets once, and the source
// does not have it in these brackets. A number in plain brackets is left alone,
// because it may be a footnote.
func (m Masked) repair(target string) string {
	if len(m.Placeables) == 0 {
		return target
	}
	found := lookalike.FindAllStringSubmatchIndex(target, -1)
	present, odd := map[int]bool{}, map[int]int{}
	for _, at := range found {
		number, _ := parseDigits(target[at[4]:at[5]])
		if isToken(target, at) {
			present[number] = true
		} else if !isPlain(target, at) {
			odd[number]++
		}
	}
	if len(odd) == 0 {
		return target
	}
	var b strings.Builder
	end := 0
	for _, at := range found {
		number, _ := parseDigits(target[at[4]:at[5]])
		whole := target[at[0]:at[1]]
		known := number >= 1 && number <= len(m.Placeables)
		if !known || present[number] || odd[number] != 1 || isPlain(target, at) || strings.Contains(m.Text, whole) {
			continue
		}
		b.WriteString(target[end:at[0]])
		b.WriteString(Token(number))
		end = at[1]
	}
	b.WriteString(target[end:])
	return b.String()
}

func isToken(target string, at []int) bool {
	return target[at[2]:at[3]] == openSign && target[at[6]:at[7]] == closeSign
}

func isPlain(target string, at []int) bool {
	return target[at[2]:at[3]] == "[" && target[at[6]:at[7]] == "]"
}
