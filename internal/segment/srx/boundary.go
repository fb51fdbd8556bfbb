package srx

import (
	"errors"
	"regexp/syntax"
	"sort"
	"sync"
)

// side is what stands on one side of a place in a pattern.
type side int

const (
	// unknown is a letter in one text and none in another.
	unknown side = iota
	word
	notWord
	// outside is the end of the pattern, where more of the text follows or none.
	outside
	// nothing is of a part that matches no character.
	nothing
)

// errBoundary is of a \b that cannot be told without look-around.
var errBoundary = errors.New(`\b between characters that may be letters or not is not known; name the characters`)

// resolve replaces each \b of a pattern, because that of RE2 takes only ASCII for
// letters. Inside a pattern the characters on both sides decide; at its outer end a
// character more is matched, or the end of the text. left and right are what stands
// beside the pattern.
func resolve(re *syntax.Regexp, left, right side) error {
	switch re.Op {
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		made, err := atBoundary(re.Op == syntax.OpWordBoundary, left, right)
		if err != nil {
			return err
		}
		*re = *made
	case syntax.OpConcat:
		// The sides are those of the pattern as it was written: a \b that was replaced
		// by a character more would change them.
		sides := make([][2]side, len(re.Sub))
		for i := range re.Sub {
			sides[i] = [2]side{joined(re.Sub[:i], left, false), joined(re.Sub[i+1:], right, true)}
		}
		for i, sub := range re.Sub {
			if err := resolve(sub, sides[i][0], sides[i][1]); err != nil {
				return err
			}
		}
	case syntax.OpCapture, syntax.OpAlternate:
		for _, sub := range re.Sub {
			if err := resolve(sub, left, right); err != nil {
				return err
			}
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return resolve(re.Sub[0], unknown, unknown)
	}
	return nil
}

// atBoundary returns the pattern that holds where a word begins or ends, or with
// want=false where none does.
func atBoundary(want bool, left, right side) (*syntax.Regexp, error) {
	known := func(s side) bool { return s == word || s == notWord }
	switch {
	case known(left) && known(right):
		if (left != right) == want {
			return &syntax.Regexp{Op: syntax.OpEmptyMatch}, nil
		}
		return &syntax.Regexp{Op: syntax.OpNoMatch}, nil
	case left == outside && known(right):
		return syntax.Parse(beside(want, right, `\A`), syntax.Perl)
	case known(left) && right == outside:
		return syntax.Parse(beside(want, left, `\z`), syntax.Perl)
	default:
		return nil, errBoundary
	}
}

// beside returns the pattern of what stands outside beside a known side. The end of the
// text counts as no word.
func beside(want bool, known side, end string) string {
	if (known == word) == want {
		return `(?:` + end + `|[^` + words + `])`
	}
	return `[` + words + `]`
}

// joined returns the side of parts in a row, seen from their start or their end; beyond
// them lies what stands beside the pattern.
func joined(parts []*syntax.Regexp, beyond side, start bool) side {
	all := nothing
	for i := range parts {
		part := parts[i]
		if !start {
			part = parts[len(parts)-1-i]
		}
		s := sideOf(part, start)
		optional := canBeEmpty(part)
		all = both(all, s)
		if !optional {
			return all
		}
	}
	return both(all, beyond)
}

func both(a, b side) side {
	switch {
	case a == nothing:
		return b
	case b == nothing, a == b:
		return a
	default:
		return unknown
	}
}

// sideOf says what a pattern begins or ends with, when it matches any character.
func sideOf(re *syntax.Regexp, start bool) side {
	switch re.Op {
	case syntax.OpLiteral:
		r := re.Rune[0]
		if !start {
			r = re.Rune[len(re.Rune)-1]
		}
		return sideOfRunes([]rune{r, r})
	case syntax.OpCharClass:
		return sideOfRunes(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return unknown
	case syntax.OpConcat:
		return joined(re.Sub, nothing, start)
	case syntax.OpAlternate:
		all := nothing
		for _, sub := range re.Sub {
			all = both(all, sideOf(sub, start))
		}
		return all
	case syntax.OpCapture, syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return sideOf(re.Sub[0], start)
	default:
		return nothing
	}
}

// canBeEmpty says whether a pattern matches without a character.
func canBeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !canBeEmpty(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if canBeEmpty(sub) {
				return true
			}
		}
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return canBeEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || canBeEmpty(re.Sub[0])
	default:
		return true
	}
}

// sideOfRunes says whether ranges of characters, as pairs, are all of words or none.
func sideOfRunes(pairs []rune) side {
	known := wordPairs()
	seen := nothing
	for i := 0; i+1 < len(pairs); i += 2 {
		from, to := pairs[i], pairs[i+1]
		// The first range of word characters that does not end before this one begins.
		at := 2 * sort.Search(len(known)/2, func(i int) bool { return from <= known[2*i+1] })
		s := unknown
		switch {
		case at == len(known) || known[at] > to:
			s = notWord
		case known[at] <= from && to <= known[at+1]:
			s = word
		}
		if seen = both(seen, s); seen == unknown {
			return unknown
		}
	}
	return seen
}

// wordPairs are the ranges of the class words, in order and none beside another.
var wordPairs = sync.OnceValue(func() []rune {
	class, err := syntax.Parse("["+words+"]", syntax.Perl)
	if err != nil {
		panic(err) // the class is a constant
	}
	return class.Rune
})
