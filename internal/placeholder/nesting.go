package placeholder

import "slices"

// nesting reports the tags that an answer sets in an order that breaks the
// structure of the source: a pair that closes before it opens, two pairs that
// cross, and a tag without a partner in the segment that moved into or out of an
// element. Moving a whole pair, or an empty element, is the engine's good right.
// Tokens that are missing or doubled are reported elsewhere and left out here.
func (m Masked) nesting(order []int) []Problem {
	source := make([]int, 0, len(m.Placeables))
	for number := range m.Placeables {
		source = append(source, number+1)
	}
	source, order = m.tags(source), m.tags(order)
	if m.sameTexts(source, order) {
		return nil
	}
	partner := m.partners(source)
	seen := map[int]int{}
	for _, number := range order {
		seen[number]++
	}
	usable := func(number int) bool {
		return seen[number] == 1 && (partner[number] == 0 || seen[partner[number]] == 1)
	}
	order = slices.DeleteFunc(order, func(number int) bool { return !usable(number) })
	source = slices.DeleteFunc(source, func(number int) bool { return !usable(number) })

	_, wantParents := m.walk(source, partner)
	broken, parents := m.walk(order, partner)
	var last int
	for _, number := range order {
		if partner[number] != 0 {
			continue
		}
		if number < last || parents[number] != wantParents[number] {
			broken = append(broken, number)
		}
		last = max(last, number)
	}
	var problems []Problem
	for _, number := range broken {
		problems = append(problems, m.problem(Nesting, number))
	}
	return problems
}

// tags keeps the tokens of opening and closing tags, and of words that are not translated
// as long as they stand in an element that says so.
func (m Masked) tags(order []int) []int {
	var tags []int
	for _, number := range order {
		p := m.Placeables[number-1]
		if p.Kind == OpenTag || p.Kind == ClosingTag || p.Kind == Kept && p.Name == "" {
			tags = append(tags, number)
		}
	}
	return tags
}

// sameTexts says whether two lists of tokens stand for the same tags in the same
// order, so that swapping two equal ones is no fault.
func (m Masked) sameTexts(a, b []int) bool {
	return slices.EqualFunc(a, b, func(i, j int) bool {
		return m.Placeables[i-1].Text == m.Placeables[j-1].Text
	})
}

// partners maps each tag to the one that closes or opens it in the source.
func (m Masked) partners(source []int) map[int]int {
	partner := map[int]int{}
	var open []int
	for _, number := range source {
		p := m.Placeables[number-1]
		if p.Kind == OpenTag {
			open = append(open, number)
		}
		if p.Kind != ClosingTag {
			continue
		}
		for i := len(open) - 1; i >= 0; i-- {
			if m.Placeables[open[i]-1].Name == p.Name {
				partner[number], partner[open[i]] = open[i], number
				open = open[:i]
				break
			}
		}
	}
	return partner
}

// walk follows the pairs through a list of tags. It returns the tags that are set
// wrongly, and for each tag without a partner the pair it stands in, 0 for none.
func (m Masked) walk(order []int, partner map[int]int) (broken []int, parents map[int]int) {
	parents = map[int]int{}
	var open []int
	closed := map[int]bool{}
	for _, number := range order {
		other := partner[number]
		switch {
		case other == 0:
			if len(open) > 0 {
				parents[number] = open[len(open)-1]
			}
		case m.Placeables[number-1].Kind == OpenTag:
			if !closed[number] {
				open = append(open, number)
			}
		default:
			at := slices.Index(open, other)
			if at < 0 || at != len(open)-1 {
				broken = append(broken, number)
			}
			if at >= 0 {
				open = slices.Delete(open, at, at+1)
			}
			closed[other] = true
		}
	}
	return broken, parents
}
