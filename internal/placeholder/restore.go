package placeholder

import (
	"slices"
	"strings"
	"unicode"
)

// Restore puts the placeables back into the answer of an engine and reports every
// token that is missing, doubled, unknown, wrongly nested or out of an order that
// counts, and every placeable that would be read otherwise where it stands, in the
// order of the tokens. What has only one reading is repaired first (repair.go). With
// problems the text is the best that can be made of the answer: unknown tokens stay in
// it as they are.
func (m Masked) Restore(target string) (string, []Problem) {
	target = m.repair(target)
	var (
		b        strings.Builder
		order    []int
		placed   []Placeable
		problems []Problem
		at       int
	)
	for at < len(target) {
		next := strings.IndexAny(target[at:], openSign+closeSign)
		if next < 0 {
			break
		}
		b.WriteString(target[at : at+next])
		at += next
		n, number := token(target[at:])
		if n == 0 {
			n = len(openSign)
		}
		if number >= 1 && number <= len(m.Placeables) {
			p := m.Placeables[number-1]
			placed = append(placed, Placeable{Kind: p.Kind, Text: p.Text, Start: b.Len()})
			order = append(order, number)
			b.WriteString(p.Text)
		} else {
			b.WriteString(target[at : at+n])
			problems = append(problems, Problem{Kind: Unknown, Token: number})
		}
		at += n
	}
	b.WriteString(target[at:])
	text := b.String()
	problems = append(problems, m.counts(order)...)
	problems = append(problems, m.nesting(order)...)
	problems = append(problems, m.sequence(order)...)
	if len(problems) == 0 && len(placed) > 0 {
		problems = m.surroundings(text, order, placed)
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Token - b.Token })
	return text, problems
}

// sequence reports the specifiers without a number that changed places with others
// such: a program gives them its values one after the other.
func (m Masked) sequence(order []int) []Problem {
	if m.isDate() {
		return nil
	}
	var problems []Problem
	seen := map[int]bool{}
	last := 0
	for _, number := range order {
		if seen[number] || !takesNext(m.Placeables[number-1]) {
			continue
		}
		seen[number] = true
		if number < last {
			problems = append(problems, m.problem(Order, number))
		}
		last = max(last, number)
	}
	return problems
}

// isDate says whether the specifiers are those of a date, "%b %e, %Y", which look like
// printf's and may stand in any order.
func (m Masked) isDate() bool {
	const letters = "aAbBcCdDeFgGpSTuxX"
	isKept := func(p Placeable) bool { return p.Kind == Kept && takesNext(p) }
	if slices.ContainsFunc(m.Placeables, isKept) {
		return false
	}
	sure := strings.Contains(m.Text, "%Y") || strings.Contains(m.Text, "%B") || strings.Contains(m.Text, "%m")
	for _, p := range m.Placeables {
		if !takesNext(p) {
			continue
		}
		last := p.Text[len(p.Text)-1]
		if strings.IndexByte(letters, last) < 0 {
			return false
		}
		sure = sure || last == 'b'
	}
	return sure
}

// takesNext says whether a placeable stands for the next value of a list: %s and %5.2f
// do, %1$s, %1, %n, %% and %(name)s do not; {} and {:>10} do, {0} and {name} do not. Words
// that are not translated do with such a one in them.
func takesNext(p Placeable) bool {
	if p.Kind == Kept {
		return strings.ContainsAny(p.Text, "%{") && slices.ContainsFunc(read(p.Text), takesNext)
	}
	if p.Kind != Field || len(p.Text) < 2 {
		return false
	}
	inner := p.Text[1:]
	if p.Text[0] == '{' {
		return inner == "}" || inner[0] == ':'
	}
	return p.Text[0] == '%' && inner != "n" && conversion(inner) == len(inner)
}

// counts reports the tokens that are not there exactly once.
func (m Masked) counts(order []int) []Problem {
	seen := make([]int, len(m.Placeables)+1)
	for _, number := range order {
		seen[number]++
	}
	var problems []Problem
	for number := 1; number < len(seen); number++ {
		switch {
		case seen[number] == 0:
			problems = append(problems, m.problem(Missing, number))
		case seen[number] > 1:
			problems = append(problems, m.problem(Duplicated, number))
		}
	}
	return problems
}

func (m Masked) problem(kind ProblemKind, number int) Problem {
	p := m.Placeables[number-1]
	label := p.Label()
	if number == m.Number {
		label = "the number " + m.Digits
	}
	return Problem{Kind: kind, Token: number, Of: p.Kind, Placeable: label}
}

// token reads ⟦ digits ⟧ at the start of a text and returns its length and number.
// White space and controls of direction around the digits and decimal digits of any script are taken.
// The length is 0 when there is no token; the number is 0 when it is out of range.
func token(rest string) (length, number int) {
	inner, ok := strings.CutPrefix(rest, openSign)
	if !ok {
		return 0, 0
	}
	end := strings.Index(inner[:min(len(inner), longestToken)], closeSign)
	if end < 0 {
		return 0, 0
	}
	digits := strings.TrimFunc(inner[:end], isUnseen)
	number, ok = parseDigits(digits)
	if !ok {
		return 0, 0
	}
	return len(openSign) + end + len(closeSign), number
}

// isUnseen finds white space, and characters without a shape: engines set controls of
// direction around a number in a text that runs from right to left.
func isUnseen(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

// longestToken bounds, in bytes, the search for the end of a token.
const longestToken = 100

// maxToken is larger than the number of placeables in any text a job may have.
const maxToken = 10_000_000
