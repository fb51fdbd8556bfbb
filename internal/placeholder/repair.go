package placeholder

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// repair mends an answer where it has only one reading. Each step takes only tokens
// that are missing, or that stand twice side by side.
func (m Masked) repair(target string) string {
	if len(m.Placeables) == 0 {
		return target
	}
	target = m.repairSigns(target)
	missing := m.missing(target)
	if len(missing) > 0 {
		target = m.repairNumber(target, missing)
		target = m.repairUnmasked(target, missing)
		target = m.repairEnds(target, missing)
	}
	return repairDoubles(target)
}

// missing returns the numbers of the tokens that an answer has not.
func (m Masked) missing(target string) map[int]bool {
	missing := map[int]bool{}
	for number := range m.Placeables {
		missing[number+1] = true
	}
	for _, part := range SplitTokens(target) {
		if part.Token {
			_, number := token(part.Text)
			delete(missing, number)
		}
	}
	return missing
}

// lookalike finds a number in the kinds of bracket that engines write in place of
// the token signs: ⟦1], [[1]], 〚1〛, ⟪1⟫, 【1】, and ⟧1⟦ in a text from right to left.
var lookalike = regexp.MustCompile(`(⟦|⟧|〚|⟪|【|〖|〔|［|⟨|\[\[|\[)[\s\p{Cf}]*(\p{Nd}+)[\s\p{Cf}]*(⟧|⟦|〛|⟫|】|〗|〕|］|⟩|\]\]|\])`)

// repairSigns rewrites look-alikes as tokens where that is unambiguous: the token of
// that number is missing, the number stands in odd brackets once, and the source
// does not have it in these brackets. A number in plain brackets is left alone,
// because it may be a footnote.
func (m Masked) repairSigns(target string) string {
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
		if !known || present[number] || odd[number] != 1 || isToken(target, at) || isPlain(target, at) || strings.Contains(m.Text, whole) {
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

// repairUnmasked finds placeables that the engine wrote out in place of their tokens:
// as many of one text as there are tokens missing for it.
func (m Masked) repairUnmasked(target string, missing map[int]bool) string {
	wanted := map[string][]int{}
	for number, p := range m.Placeables {
		if missing[number+1] && p.Kind != Literal {
			wanted[p.Text] = append(wanted[p.Text], number+1)
		}
	}
	if len(wanted) == 0 {
		return target
	}
	count := map[string]int{}
	found := Find(target)
	for _, p := range found {
		count[p.Text]++
	}
	found = slices.DeleteFunc(found, func(p Placeable) bool { return count[p.Text] != len(wanted[p.Text]) })
	var b strings.Builder
	end := 0
	for _, p := range found {
		number := wanted[p.Text][0]
		wanted[p.Text] = wanted[p.Text][1:]
		b.WriteString(target[end:p.Start])
		b.WriteString(Token(number))
		end = p.End()
		delete(missing, number)
	}
	b.WriteString(target[end:])
	return b.String()
}

// mostEnds bounds how many tags are put back at an end: each takes a look at the whole
// text, and an answer that lost more than these has other troubles.
const mostEnds = 8

// repairEnds puts a tag back that was lost at an end of the answer: a closing tag
// behind which the source has nothing but signs, which the answer ends with as well,
// and an opening tag likewise. Its partner must be there.
func (m Masked) repairEnds(target string, missing map[int]bool) string {
	var tags []int
	for number := range m.Placeables {
		tags = append(tags, number+1)
	}
	tags = m.tags(tags)
	partner := m.partners(tags)
	lost := func(number int, kind Kind) bool {
		return missing[number] && partner[number] != 0 && !missing[partner[number]] && m.Placeables[number-1].Kind == kind
	}
	tries := 0
	for _, number := range slices.Backward(tags) {
		if tries < mostEnds && lost(number, ClosingTag) {
			tries++
			target = m.closeAtEnd(target, number, partner[number], missing)
		}
	}
	tries = 0
	for _, number := range tags {
		if tries < mostEnds && lost(number, OpenTag) {
			tries++
			target = m.openAtStart(target, number, partner[number], missing)
		}
	}
	return target
}

func (m Masked) closeAtEnd(target string, number, partner int, missing map[int]bool) string {
	_, tail, _ := strings.Cut(m.Text, Token(number))
	bare := strings.TrimRightFunc(target, unicode.IsSpace)
	tail = strings.TrimRightFunc(tail, unicode.IsSpace)
	body, ok := strings.CutSuffix(bare, tail)
	if !ok || !isBare(tail) || !strings.Contains(body, Token(partner)) {
		return target
	}
	delete(missing, number)
	return body + Token(number) + tail + target[len(bare):]
}

func (m Masked) openAtStart(target string, number, partner int, missing map[int]bool) string {
	head, _, _ := strings.Cut(m.Text, Token(number))
	bare := strings.TrimLeftFunc(target, unicode.IsSpace)
	head = strings.TrimLeftFunc(head, unicode.IsSpace)
	body, ok := strings.CutPrefix(bare, head)
	if !ok || !isBare(head) || !strings.Contains(body, Token(partner)) {
		return target
	}
	delete(missing, number)
	return target[:len(target)-len(bare)] + head + Token(number) + body
}

// isBare says whether a stretch of a masked text has no letter and no digit outside its
// tokens.
func isBare(stretch string) bool {
	for _, part := range SplitTokens(stretch) {
		if !part.Token && strings.ContainsFunc(part.Text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			return false
		}
	}
	return true
}

// repairDoubles drops a token that stands twice with nothing or white space between: an
// engine that stutters.
func repairDoubles(target string) string {
	parts := SplitTokens(target)
	var b strings.Builder
	last := 0 // number of the token before, when only white space has followed
	var space string
	for _, part := range parts {
		if !part.Token {
			if last != 0 && strings.TrimSpace(part.Text) == "" {
				space = part.Text
				continue
			}
			b.WriteString(space + part.Text)
			last, space = 0, ""
			continue
		}
		_, number := token(part.Text)
		if number == last && number != 0 {
			space = ""
			continue
		}
		b.WriteString(space + part.Text)
		last, space = number, ""
	}
	b.WriteString(space)
	return b.String()
}
