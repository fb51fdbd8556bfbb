package placeholder

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// surroundings reads a restored text again. It reports the placeables that are no longer
// themselves where they stand, and those that are there beside their tokens as well.
func (m Masked) surroundings(text string, order []int, placed []Placeable) []Problem {
	found := Find(text)
	return append(m.joined(text, found, order, placed), m.surplus(text, found, placed)...)
}

// joined reports "$NAME" before a letter, or "%s" behind a per cent sign. What is not
// found for its surroundings alone, such as a path behind a letter, is still there.
func (m Masked) joined(text string, found []Placeable, order []int, placed []Placeable) []Problem {
	var problems []Problem
	for i, p := range placed {
		for len(found) > 0 && found[0].End() <= p.Start {
			found = found[1:]
		}
		same := len(found) > 0 && found[0].Start == p.Start && found[0].Text == p.Text
		swallowed := len(found) > 0 && found[0].Start < p.End()
		grown := grows(p, text[p.End():]) && !grows(p, m.Source[m.Placeables[order[i]-1].End():])
		if !same && (swallowed || p.Kind == Field || p.Kind == Option) || grown {
			problems = append(problems, m.problem(Joined, order[i]))
		}
	}
	return problems
}

// grows says whether what stands behind a placeable that has no end of its own would
// become part of it.
func grows(p Placeable, behind string) bool {
	if behind == "" {
		return false
	}
	switch p.Kind {
	case URL, Email, Path:
		return isASCIIAlnum(behind[0]) || behind[0] == '_'
	case Option:
		return isASCIIAlnum(behind[0]) || behind[0] == '_' || behind[0] == '-'
	default:
		return false
	}
}

const (
	// leastSurplus is the length in bytes from which a placeable cannot be a stretch of
	// prose by chance.
	leastSurplus = 4
	// mostSurplus bounds how many placeables are looked for in a whole text. A text with
	// more is no sentence, and the comparison that QA makes has no bound.
	mostSurplus = 100
)

// surplus reports the placeables of a restored text that the engine wrote beside their
// tokens, also as a part of another.
func (m Masked) surplus(text string, found, placed []Placeable) []Problem {
	free := beside(found, placed)
	free = free[:min(len(free), mostSurplus)]
	var problems []Problem
	seen := map[string]bool{}
	for i, p := range m.Placeables {
		if seen[p.Text] {
			continue
		}
		if len(seen) == mostSurplus {
			break
		}
		seen[p.Text] = true
		isThere := func(f Placeable) bool { return f.Kind == p.Kind && strings.Contains(f.Text, p.Text) }
		if count(text, p) > count(m.Source, p) || slices.ContainsFunc(free, isThere) {
			problems = append(problems, m.problem(Duplicated, i+1))
		}
	}
	return problems
}

// count counts a placeable as it is written, where that cannot be a stretch of prose by
// chance: of "-y" the one in "vas-y" is left out, and "%d" is in "50%de".
func count(text string, p Placeable) int {
	switch {
	case p.Kind == Kept && p.Name == "":
		return 0 // words
	case len(p.Text) >= leastSurplus || p.Text[0] == '$' || p.Text[0] == '%' && (isDigit(p.Text[1]) || p.Text[1] == 'L'):
		return strings.Count(text, p.Text)
	case p.Kind != Option:
		return 0
	}
	n := 0
	for at := 0; ; {
		next := strings.Index(text[at:], p.Text)
		if next < 0 {
			return n
		}
		start := at + next
		at = start + len(p.Text)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		if !unicode.IsLetter(before) && !unicode.IsDigit(before) && !grows(p, text[at:]) {
			n++
		}
	}
}

// beside returns the placeables found that no token was replaced by.
func beside(found, placed []Placeable) []Placeable {
	var out []Placeable
	for _, f := range found {
		for len(placed) > 0 && placed[0].End() <= f.Start {
			placed = placed[1:]
		}
		if len(placed) == 0 || placed[0].Start >= f.End() {
			out = append(out, f)
		}
	}
	return out
}
