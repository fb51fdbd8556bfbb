package srx

import (
	"regexp/syntax"
	"slices"
	"sort"
	"unicode"
	"unicode/utf8"
)

// runeSet holds the characters a pattern may begin with. It only rules places out
// quickly, so it may hold too many but never too few.
type runeSet struct {
	ascii [utf8.RuneSelf]bool
	// pairs are ranges of the other characters, in ascending order.
	pairs []rune
	// any says that every character is in the set, and the end of a text too.
	any bool
}

// has says whether a character is in the set.
func (s *runeSet) has(r rune) bool {
	switch {
	case s.any:
		return true
	case r < utf8.RuneSelf:
		return s.ascii[r]
	}
	// The first range that does not end before r.
	i := 2 * sort.Search(len(s.pairs)/2, func(i int) bool { return r <= s.pairs[2*i+1] })
	return i < len(s.pairs) && r >= s.pairs[i]
}

// firstOf returns the characters that a pattern may begin with.
func firstOf(re *syntax.Regexp) runeSet {
	var pairs []rune
	if collect(re, &pairs) {
		return runeSet{any: true}
	}
	var set runeSet
	type span struct{ from, to rune }
	var spans []span
	for i := 0; i < len(pairs); i += 2 {
		from, to := pairs[i], pairs[i+1]
		for r := from; r <= min(to, unicode.MaxASCII); r++ {
			set.ascii[r] = true
		}
		if to >= utf8.RuneSelf {
			spans = append(spans, span{max(from, utf8.RuneSelf), to})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return int(a.from - b.from) })
	for _, next := range spans {
		if last := len(set.pairs) - 1; last > 0 && next.from <= set.pairs[last]+1 {
			set.pairs[last] = max(set.pairs[last], next.to)
			continue
		}
		set.pairs = append(set.pairs, next.from, next.to)
	}
	return set
}

// collect adds the ranges that a pattern may begin with, and says whether it may match
// nothing, so that anything may follow.
func collect(re *syntax.Regexp, pairs *[]rune) (open bool) {
	switch re.Op {
	case syntax.OpLiteral:
		*pairs = append(*pairs, folds(re.Rune[0], re.Flags&syntax.FoldCase != 0)...)
		return false
	case syntax.OpCharClass:
		*pairs = append(*pairs, re.Rune...)
		return false
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		*pairs = append(*pairs, 0, unicode.MaxRune)
		return false
	case syntax.OpNoMatch:
		return false
	case syntax.OpConcat:
		closed := slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !collect(sub, pairs) })
		return !closed
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			open = collect(sub, pairs) || open
		}
		return open
	case syntax.OpCapture, syntax.OpPlus:
		return collect(re.Sub[0], pairs)
	case syntax.OpStar, syntax.OpQuest:
		collect(re.Sub[0], pairs)
		return true
	case syntax.OpRepeat:
		return collect(re.Sub[0], pairs) || re.Min == 0
	default: // an anchor, or nothing
		return true
	}
}

// folds returns a character, or all that differ from it in case alone, as ranges.
func folds(first rune, fold bool) []rune {
	all := []rune{first, first}
	if fold {
		for r := unicode.SimpleFold(first); r != first; r = unicode.SimpleFold(r) {
			all = append(all, r, r)
		}
	}
	return all
}
