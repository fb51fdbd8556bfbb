package placeholder

import (
	"math"
	"slices"
	"strings"
)

// Region is a stretch of a text, from byte Start to before byte End.
type Region struct{ Start, End int }

// Untranslated returns the stretches of a text, in order, that its markup keeps from
// translation: elements with translate="no", its:translate="no" (ITS 2.0) or the class
// "notranslate", with all that is in them but for elements that say "yes". found are the
// placeables of the text. An element that is never closed goes on to the end. Elements
// that are a placeable of the kind Kept are left out.
func Untranslated(found []Placeable) []Region { return readRegions(found).out }

// readRegions follows the elements of a text. Without an order there is nothing to know.
func readRegions(found []Placeable) regions {
	s := regions{}
	if !slices.ContainsFunc(found, func(p Placeable) bool { return orderOf(p) != inherits }) {
		return s
	}
	for i, p := range found {
		switch {
		case !isElementTag(p):
			s.pass(p)
		case p.Kind == OpenTag:
			s.enter(p, i)
		case p.Kind == ClosingTag:
			s.leave(p, i)
		default: // an empty element
			kept := s.kept(orderOf(p))
			if !kept {
				s.spoil()
			}
			s.turn(p.Start, kept)
			s.turn(p.End(), s.kept(inherits))
		}
	}
	if s.on {
		s.turn(endless, false)
	}
	return s
}

// endless is the end of an element that is never closed.
const endless = math.MaxInt

func isElementTag(p Placeable) bool {
	isTag := p.Kind == OpenTag || p.Kind == ClosingTag || p.Kind == LoneTag
	return isTag && p.Name != "" && p.Text[0] == '<'
}

// order is what an element says of its translation.
type order int

const (
	inherits order = iota
	forbids
	allows
)

// orderOf reads the order of a tag.
func orderOf(p Placeable) order {
	if p.Kind != OpenTag && p.Kind != LoneTag {
		return inherits
	}
	mayOrder := strings.Contains(p.Text, "rans") || strings.Contains(p.Text, "RANS")
	if !mayOrder || !isElementTag(p) {
		return inherits // most tags
	}
	out := inherits
	for _, a := range p.rawAttributes() {
		text := strings.ToLower(p.Text[a.start:a.end])
		switch {
		case a.name == "class" && slices.Contains(strings.Fields(text), "notranslate"):
			return forbids
		case a.name != "translate" && a.name != "its:translate":
		case text == "no":
			out = forbids
		case text == "yes" || text == "":
			out = allows
		}
	}
	return out
}

// unclosed are the elements that HTML lets end where the next of the same name begins.
var unclosed = set(`dd dt li optgroup option p rp rt tbody td tfoot th thead tr`)

// regions follows the elements that are open.
type regions struct {
	open []openElement
	// counts has how many elements of a name are open.
	counts map[string]int
	on     bool
	out    []Region
	// whole maps the index of the start tag to that of the end tag, for each element that
	// is kept with all that is in it and that has all of what begins or ends in it.
	whole map[int]int
}

type openElement struct {
	name string
	kept bool
	// index of its start tag among the placeables.
	index int
	// spoilt says that something in it is translated, or begins or ends elsewhere.
	spoilt bool
	// links are the links and template blocks that are open in it.
	links int
}

// kept says whether an element with an order is kept from translation where it stands.
func (s *regions) kept(o order) bool {
	if o != inherits {
		return o == forbids
	}
	return len(s.open) > 0 && s.open[len(s.open)-1].kept
}

// turn begins or ends a region.
func (s *regions) turn(at int, on bool) {
	if on == s.on {
		return
	}
	s.on = on
	if on {
		s.out = append(s.out, Region{Start: at})
		return
	}
	s.out[len(s.out)-1].End = at
}

// pass follows what is no element: links and template blocks come in pairs too.
func (s *regions) pass(p Placeable) {
	last := len(s.open) - 1
	switch {
	case last < 0:
	case p.Kind == OpenTag:
		s.open[last].links++
	case p.Kind == ClosingTag && s.open[last].links == 0:
		s.spoil()
	case p.Kind == ClosingTag:
		s.open[last].links--
	}
}

// spoil notes that the innermost element is not one piece.
func (s *regions) spoil() {
	if last := len(s.open) - 1; last >= 0 {
		s.open[last].spoilt = true
	}
}

func (s *regions) enter(p Placeable, index int) {
	if last := len(s.open) - 1; last >= 0 && s.open[last].name == p.Name && unclosed[p.Name] {
		s.pop()
	}
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	s.counts[p.Name]++
	e := openElement{name: p.Name, kept: s.kept(orderOf(p)), index: index}
	s.open = append(s.open, e)
	s.turn(p.Start, e.kept)
}

func (s *regions) leave(p Placeable, index int) {
	if s.counts[p.Name] == 0 {
		s.spoil()
		return
	}
	for s.open[len(s.open)-1].name != p.Name {
		if e := s.pop(); !unclosed[e.name] {
			s.spoil()
		}
	}
	if e := s.pop(); e.isWhole() {
		if s.whole == nil {
			s.whole = map[int]int{}
		}
		s.whole[e.index] = index
	}
	s.turn(p.End(), s.kept(inherits))
}

func (e openElement) isWhole() bool { return e.kept && !e.spoilt && e.links == 0 }

// pop leaves the innermost element. What spoils it spoils the one around it.
func (s *regions) pop() openElement {
	last := len(s.open) - 1
	e := s.open[last]
	s.counts[e.name]--
	s.open = s.open[:last]
	if !e.isWhole() {
		s.spoil()
	}
	return e
}
