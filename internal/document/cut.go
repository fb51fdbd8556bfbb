package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/icu"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// Form says what number a text of a message is for.
type Form struct {
	// Category is the plural category in the target language, such as "few", or one
	// number, such as "=1".
	Category string
	// Ordinal says that it is one of ordinal numbers: 1st, 2nd.
	Ordinal bool
	// Sample is a number that takes the form, when Sampled is true.
	Sample  int
	Sampled bool
	// Texts are the placeables that stand for the number in the text of the unit.
	Texts []string
}

// key tells choices apart: two with the same key choose alike.
type key struct {
	name   string
	kind   icu.Type
	offset int
}

func keyOf(c *icu.Choice) key { return key{name: c.Name, kind: c.Type, offset: c.Offset} }

// bit is a part of a message. Unlike a part of package icu it can be moved to another
// place in the message: it knows which choice its number sign belongs to.
type bit struct {
	icu.Part
	raw   string
	owner *icu.Choice
}

// made is a choice that was made on the way to an arm.
type made struct {
	key      key
	selector string
	// known are all selectors of the choice; for another number or word it is Other.
	known []string
}

// cutter cuts one message into nodes.
type cutter struct {
	// text of the message, and the language it is translated into.
	text, target string
	// split cuts a text into sentences; nil for a text that is one.
	split func(string) []segment.Piece
	// units and bytes are how many units there may still be, and how long they may be.
	units, bytes int

	// whole says that the text around a choice becomes part of each of its arms, so that
	// every unit is a sentence, and left how many units there may be in this way.
	whole bool
	left  int
}

// bits makes a message movable. owner is the choice it is an arm of.
func (c *cutter) bits(m icu.Message, owner *icu.Choice) []bit {
	var out []bit
	for _, p := range m.Parts {
		out = append(out, bit{Part: p, raw: c.text[p.Start:p.End], owner: owner})
	}
	return out
}

// cut makes a node of bits, in the arm that some choices lead to, the innermost last.
// ok is false when there would be too many units, or when the text around a choice
// cannot be moved into it.
func (c *cutter) cut(bits []bit, path []made) (n *node, ok bool) {
	bits = c.resolve(bits, path)
	first := slices.IndexFunc(bits, func(b bit) bool { return b.Kind == icu.Select })
	if first < 0 || !c.whole {
		return c.leaf(bits, path)
	}
	return c.choose(bits, bits[first].Choice, path)
}

// choose makes a node of a choice: each of its arms with all bits around it.
func (c *cutter) choose(bits []bit, choice *icu.Choice, path []made) (*node, bool) {
	if len(path) >= icu.MaxDepth {
		return nil, false
	}
	selectors := c.selectors(bits, choice)
	n := &node{head: headOf(choice)}
	known := sourceSelectors(bits, keyOf(choice))
	for _, selector := range selectors {
		way := append(slices.Clone(path), made{key: keyOf(choice), selector: selector, known: known})
		inner, ok := c.cut(bits, way)
		if !ok {
			return nil, false
		}
		n.arms = append(n.arms, arm{selector: selector, node: inner})
	}
	return n, true
}

// headOf writes a choice up to its first case.
func headOf(choice *icu.Choice) string {
	out := choice.Name + ", " + string(choice.Type) + ","
	if choice.Offset > 0 {
		out += " offset:" + strconv.Itoa(choice.Offset)
	}
	return out
}

// sourceSelectors lists the selectors of all choices among some bits that choose alike.
func sourceSelectors(bits []bit, key key) []string {
	var out []string
	for _, b := range bits {
		if b.Kind != icu.Select || keyOf(b.Choice) != key {
			continue
		}
		for _, one := range b.Choice.Cases {
			if !slices.Contains(out, one.Selector) {
				out = append(out, one.Selector)
			}
		}
	}
	return out
}

// selectors lists the cases that a choice has in the target language: the words or the
// single numbers of the source, and the categories of the language. A language that
// CLDR has no rules for keeps the categories of the source.
func (c *cutter) selectors(bits []bit, choice *icu.Choice) []string {
	all := sourceSelectors(bits, keyOf(choice))
	categories := icu.Categories(c.target, choice.Type)
	if !choice.Type.Counts() || categories == nil {
		return all
	}
	exact := slices.DeleteFunc(all, func(selector string) bool { return !icu.IsExact(selector) })
	return append(exact, categories...)
}

// resolve puts in the arms of choices that were made already.
func (c *cutter) resolve(bits []bit, path []made) []bit {
	if len(path) == 0 {
		return bits
	}
	var out []bit
	for _, b := range bits {
		arm, ok := icu.Message{}, false
		if b.Kind == icu.Select {
			arm, ok = pick(b.Choice, path)
		}
		if !ok {
			out = append(out, b)
			continue
		}
		out = append(out, c.resolve(c.bits(arm, b.Choice), path)...)
	}
	return out
}

// pick returns the arm of a choice when the choices made leave one alone.
func pick(choice *icu.Choice, path []made) (icu.Message, bool) {
	for _, m := range slices.Backward(path) {
		if m.key != keyOf(choice) {
			continue
		}
		unknown := func(one icu.Case) bool {
			decides := icu.IsExact(one.Selector) || !choice.Type.Counts()
			return decides && !slices.Contains(m.known, one.Selector)
		}
		switch {
		case icu.IsExact(m.selector):
			return choice.Pick(m.selector), choice.Has(m.selector)
		case !choice.Type.Counts() && m.selector != icu.Other:
			return choice.Pick(m.selector), true
		default:
			return choice.Pick(m.selector), !slices.ContainsFunc(choice.Cases, unknown)
		}
	}
	return icu.Message{}, false
}

// leaf makes a unit. Choices among the bits, when they are not to be moved around,
// stand in its text as codes.
func (c *cutter) leaf(bits []bit, path []made) (*node, bool) {
	if c.left--; c.left < 0 {
		return nil, false
	}
	n := &node{}
	var parent made
	if len(path) > 0 {
		parent = path[len(path)-1]
		n.counts = parent.key.kind.Counts()
	}
	var text strings.Builder
	for _, b := range bits {
		written, ok := c.write(n, b, parent, path)
		if !ok {
			return nil, false
		}
		text.WriteString(written)
	}
	all := text.String()
	if c.bytes -= len(all); c.bytes < 0 {
		return nil, false
	}
	inner := strings.TrimLeftFunc(all, unicode.IsSpace)
	n.lead = all[:len(all)-len(inner)]
	n.text = strings.TrimRightFunc(inner, unicode.IsSpace)
	n.trail = inner[len(n.text):]
	for _, m := range slices.Backward(path) {
		if m.key.kind.Counts() {
			n.forms = append(n.forms, c.form(m, m.key == parent.key))
		}
	}
	return n, true
}

// write returns what stands in the text of a unit for a bit.
func (c *cutter) write(n *node, b bit, parent made, path []made) (text string, ok bool) {
	switch b.Kind {
	case icu.Text:
		return b.Text, true
	case icu.Quoted:
		if !strings.ContainsAny(b.Text, "{}") {
			return b.Text, true
		}
		return n.code(code{text: fmt.Sprintf("{'%d'}", len(n.codes)+1), literal: b.Text}), true
	case icu.Number:
		switch {
		case keyOf(b.owner) == parent.key:
			return n.code(code{text: "{#}", raw: "#"}), true
		case b.owner.Offset > 0:
			return "", false // only its own arm knows the rest
		default:
			whole := "{" + b.owner.Name + ", number}"
			return n.code(code{text: whole, raw: whole}), true
		}
	case icu.Select:
		choice, ok := c.inPlace(b, path)
		return n.code(code{text: fmt.Sprintf("{choice, select, other {%d}}", len(n.codes)+1), choice: choice}), ok
	default:
		return n.code(code{text: argument(b, len(n.codes)+1), raw: b.raw}), true
	}
}

// inPlace makes a node of a choice without what stands around it.
func (c *cutter) inPlace(b bit, path []made) (*node, bool) {
	n := &node{head: headOf(b.Choice)}
	for _, selector := range c.selectors([]bit{b}, b.Choice) {
		way := append(slices.Clone(path), made{key: keyOf(b.Choice), selector: selector})
		inner, ok := c.leaf(c.bits(b.Choice.Pick(selector), b.Choice), way)
		if !ok {
			return nil, false
		}
		n.arms = append(n.arms, arm{selector: selector, node: inner})
	}
	return n, true
}

// argument writes an argument as package placeholder finds it: without spaces at the
// ends, or by its number when its name is none that is known there.
func argument(b bit, number int) string {
	whole := "{" + b.Name + "}"
	if b.Format != "" {
		whole = "{" + b.Name + ", " + b.Format + "}"
	}
	if found := placeholder.Find(whole); len(found) == 1 && found[0].Text == whole {
		return whole
	}
	return fmt.Sprintf("{argument%d}", number)
}

// code enters a code, once, and returns its text.
func (n *node) code(c code) string {
	if !slices.ContainsFunc(n.codes, func(known code) bool { return known.text == c.text }) {
		n.codes = append(n.codes, c)
	}
	return c.text
}

// form describes a choice of a number.
func (c *cutter) form(m made, innermost bool) Form {
	f := Form{Category: m.selector, Ordinal: m.key.kind == icu.SelectOrdinal}
	if digits, ok := strings.CutPrefix(m.selector, "="); ok {
		n, err := strconv.Atoi(digits)
		f.Sample, f.Sampled = n-m.key.offset, err == nil && n >= m.key.offset
	} else {
		f.Sample, f.Sampled = icu.SampleOf(c.target, m.key.kind, m.selector)
	}
	if innermost {
		f.Texts = append(f.Texts, "{#}")
	}
	if m.key.offset == 0 {
		f.Texts = append(f.Texts, "{"+m.key.name+"}", "{"+m.key.name+", number}")
	}
	return f
}
