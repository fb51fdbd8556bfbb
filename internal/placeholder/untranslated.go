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
// placeables of the text. An element that is never closed goes on to the end.
func Untranslated(found []Placeable) []Region {
	if !slices.ContainsFunc(found, func(p Placeable) bool { return orderOf(p) != inherits }) {
		return nil
	}
	var s regions
	for _, p := range found {
		switch {
		case !isElementTag(p):
		case p.Kind == OpenTag:
			s.enter(p)
		case p.Kind == ClosingTag:
			s.leave(p)
		default: // an empty element
			s.turn(p.Start, s.kept(orderOf(p)))
			s.turn(p.End(), s.kept(inherits))
		}
	}
	if s.on {
		s.turn(endless, false)
	}
	return s.out
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
	mayOrder := strings.Contains(p.Text, "rans") || strings.Contains(p.Text, "RANS")
	if !mayOrder || !isElementTag(p) || p.Kind == ClosingTag {
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
}

type openElement struct {
	name string
	kept bool
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

func (s *regions) enter(p Placeable) {
	if last := len(s.open) - 1; last >= 0 && s.open[last].name == p.Name && unclosed[p.Name] {
		s.pop()
	}
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	s.counts[p.Name]++
	e := openElement{name: p.Name, kept: s.kept(orderOf(p))}
	s.open = append(s.open, e)
	s.turn(p.Start, e.kept)
}

func (s *regions) leave(p Placeable) {
	if s.counts[p.Name] == 0 {
		return
	}
	for s.open[len(s.open)-1].name != p.Name {
		s.pop()
	}
	s.pop()
	s.turn(p.End(), s.kept(inherits))
}

func (s *regions) pop() {
	last := len(s.open) - 1
	s.counts[s.open[last].name]--
	s.open = s.open[:last]
}
