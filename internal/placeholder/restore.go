package placeholder

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// ProblemKind says what happened to a token.
type ProblemKind int

const (
	// Missing tokens are not in the answer.
	Missing ProblemKind = iota + 1
	// Duplicated tokens are in the answer more than once.
	Duplicated
	// Unknown tokens are in the answer and stand for nothing.
	Unknown
	// Nesting is wrong: a tag closes before it opens, or two pairs cross.
	Nesting
)

// String returns what happened, to follow "placeable ⟦1⟧".
func (k ProblemKind) String() string {
	switch k {
	case Missing:
		return "is missing"
	case Duplicated:
		return "is there more than once"
	case Unknown:
		return "stands for nothing in the source"
	case Nesting:
		return "is not nested as in the source"
	default:
		return "is wrong"
	}
}

// Problem is a fault in how an answer uses its tokens.
type Problem struct {
	Kind ProblemKind
	// Token number; 0 for a sign that is part of no token.
	Token int
	// Of is the kind of placeable the token stands for; 0 when it stands for none.
	Of Kind
	// Placeable names what the token stands for, without prose; "" when unknown.
	Placeable string
}

// String describes the problem in a sentence fit for users, logs and a request
// for correction: it quotes no prose and no address.
func (p Problem) String() string {
	switch {
	case p.Token == 0:
		return "a token sign " + p.Kind.String()
	case p.Placeable == "":
		return fmt.Sprintf("placeable %s %v", Token(p.Token), p.Kind)
	default:
		return fmt.Sprintf("placeable %s (%s) %v", Token(p.Token), p.Placeable, p.Kind)
	}
}

// Restore puts the placeables back into the answer of an engine and reports every
// token that is missing, doubled, unknown or wrongly nested, in the order of the
// tokens. Spelling is repaired where only one reading is possible: white space
// and foreign digits inside a token, other brackets around a number that is
// missing. With problems the text is the best that can be made of the answer:
// unknown tokens stay in it as they are.
func (m Masked) Restore(target string) (string, []Problem) {
	target = m.repair(target)
	var (
		b        strings.Builder
		order    []int
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
			b.WriteString(m.Placeables[number-1].Text)
			order = append(order, number)
		} else {
			b.WriteString(target[at : at+n])
			problems = append(problems, Problem{Kind: Unknown, Token: number})
		}
		at += n
	}
	b.WriteString(target[at:])
	problems = append(problems, m.counts(order)...)
	problems = append(problems, m.nesting(order)...)
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Token - b.Token })
	return b.String(), problems
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
	return Problem{Kind: kind, Token: number, Of: p.Kind, Placeable: p.Label()}
}

// token reads ⟦ digits ⟧ at the start of a text and returns its length and number.
// White space around the digits and decimal digits of any script are taken.
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
	digits := strings.TrimFunc(inner[:end], unicode.IsSpace)
	number, ok = parseDigits(digits)
	if !ok {
		return 0, 0
	}
	return len(openSign) + end + len(closeSign), number
}

// longestToken bounds, in bytes, the search for the end of a token.
const longestToken = 100

// maxToken is larger than the number of placeables in any text a job may have.
const maxToken = 10_000_000
