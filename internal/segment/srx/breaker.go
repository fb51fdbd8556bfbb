package srx

import (
	"regexp"
	"unicode/utf8"
)

// lookBack and lookAhead bound, in bytes, what a pattern may match on both sides of a
// place. Without a bound ".*" would make the time quadratic in the length of a line.
const (
	lookBack  = 512
	lookAhead = 512
)

// maxGroup is the most rules that are compiled into one pattern.
const maxGroup = 200

// Breaker finds sentence ends in one language. It is immutable and safe for use by many
// goroutines.
type Breaker struct {
	groups []group
	// afters are the patterns of what stands behind a place; many rules share one.
	afters []*regexp.Regexp
	// edges are the characters beside the places at which a rule may break.
	edges []edge
	// asciiEnds are the ASCII characters before such places: most letters are none.
	asciiEnds [utf8.RuneSelf]bool
}

// group is rules that stand in a row, break alike and have the same pattern behind.
type group struct {
	breaks bool
	after  int // in afters
	before *regexp.Regexp
}

// edge is what may stand on both sides of a place.
type edge struct{ last, first runeSet }

// For returns the breaker of a language, given as a BCP 47 tag. With cascade the rules
// of every language map that matches hold, in the order of the maps; without it those of
// the first. A language without a map has no rules, so that nothing breaks.
func (r *Rules) For(lang string) *Breaker {
	var rules []rule
	for _, m := range r.maps {
		if !m.pattern.MatchString(lang) {
			continue
		}
		rules = append(rules, r.byName[m.name]...)
		if !r.cascade {
			break
		}
	}
	return newBreaker(rules)
}

func newBreaker(rules []rule) *Breaker {
	b := &Breaker{}
	afters := map[string]int{}
	for start := 0; start < len(rules); {
		first := rules[start]
		var befores []string
		end := start
		for end < len(rules) && end-start < maxGroup && rules[end].breaks == first.breaks && rules[end].after == first.after {
			befores = append(befores, rules[end].before)
			if first.breaks {
				b.edges = append(b.edges, edge{last: rules[end].last, first: rules[end].first})
			}
			end++
		}
		start = end
		after, ok := afters[first.after]
		if !ok {
			after = len(b.afters)
			afters[first.after] = after
			b.afters = append(b.afters, mustAnchor(first.after))
		}
		together, err := anchored(befores)
		if err == nil {
			b.groups = append(b.groups, group{breaks: first.breaks, after: after, before: together})
			continue
		}
		// RE2 bounds the size of one pattern; each alone was within it.
		for _, before := range befores {
			b.groups = append(b.groups, group{breaks: first.breaks, after: after, before: mustAnchor(before)})
		}
	}
	for i := range b.asciiEnds {
		for j := range b.edges {
			b.asciiEnds[i] = b.asciiEnds[i] || b.edges[j].last.has(rune(i)) //nolint:gosec // below 128
		}
	}
	return b
}

// mustAnchor compiles a pattern that Parse has compiled before.
func mustAnchor(pattern string) *regexp.Regexp {
	compiled, err := anchored([]string{pattern})
	if err != nil {
		panic(err)
	}
	return compiled
}

// Breaks returns, in ascending order, the byte offsets of a line at which a sentence
// ends and the next begins: those where the first rule that matches, in the order of the
// file, is one that breaks. Patterns see at most 512 bytes on each side, so the time is
// linear in the line.
func (b *Breaker) Breaks(line string) []int {
	if len(b.edges) == 0 {
		return nil
	}
	var found []int
	m := matcher{breaker: b, line: line}
	last := rune(0)
	for i, r := range line {
		if i > 0 && b.mayBreak(last, r) && m.breaksAt(i) {
			found = append(found, i)
		}
		last = r
	}
	return found
}

func (b *Breaker) mayBreak(last, first rune) bool {
	if last < utf8.RuneSelf && !b.asciiEnds[last] {
		return false
	}
	for i := range b.edges {
		if b.edges[i].last.has(last) && b.edges[i].first.has(first) {
			return true
		}
	}
	return false
}

// matcher finds the rule for the places of one line.
type matcher struct {
	breaker *Breaker
	line    string
	// reversed is the line from its end to its start, once somebody asks.
	reversed string
	// matched is what the patterns behind a place have said.
	matched []answer
}

type answer int8

const (
	unasked answer = iota
	yes
	no
)

// breaksAt says whether the first rule that matches at a place breaks.
func (m *matcher) breaksAt(at int) bool {
	if m.reversed == "" {
		m.reversed = reversed(m.line)
		m.matched = make([]answer, len(m.breaker.afters))
	}
	clear(m.matched)
	behind := m.line[at:min(at+lookAhead, len(m.line))]
	from := len(m.line) - at
	front := m.reversed[from:min(from+lookBack, len(m.reversed))]
	for _, g := range m.breaker.groups {
		if m.matched[g.after] == unasked {
			m.matched[g.after] = no
			if m.breaker.afters[g.after].MatchString(behind) {
				m.matched[g.after] = yes
			}
		}
		if m.matched[g.after] == yes && g.before.MatchString(front) {
			return g.breaks
		}
	}
	return false
}

// reversed returns the characters of a text from the last to the first, as many bytes.
// A byte that is no UTF-8 becomes a control character: backwards it might begin one.
func reversed(text string) string {
	const substitute = 0x1a
	out := make([]byte, len(text))
	at := len(text)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		at -= size
		if r == utf8.RuneError && size == 1 {
			out[at] = substitute
		} else {
			copy(out[at:], text[i:i+size])
		}
		i += size
	}
	return string(out)
}
