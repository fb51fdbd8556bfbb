package icu

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxDepth bounds how deep choices may stand in each other. Real messages have three
// levels at most.
const MaxDepth = 16

// Error says where and why a text is no message. It quotes nothing of the text.
type Error struct {
	// At is the byte offset of the fault.
	At     int
	Reason string
}

// Error returns the reason and the place.
func (e *Error) Error() string { return fmt.Sprintf("%s at byte %d", e.Reason, e.At) }

// Parse reads a message. An apostrophe quotes when a brace follows it, or in the arm
// of a plural a number sign, and is itself otherwise; two are one (ICU's mode
// DOUBLE_OPTIONAL, which is its default). The error is an *Error. The time is linear
// in the length of the text.
func Parse(text string) (Message, error) {
	p := parser{text: text}
	m := p.message(0, false)
	if p.err != nil {
		return Message{}, p.err
	}
	return m, nil
}

// parser reads a text once. After an error it reads no further.
type parser struct {
	text string
	at   int
	err  *Error
}

func (p *parser) fail(at int, reason string) {
	if p.err == nil {
		p.err = &Error{At: at, Reason: reason}
	}
	p.at = len(p.text)
}

// message reads up to the brace that ends an arm, or to the end of the text.
func (p *parser) message(depth int, counts bool) Message {
	var m Message
	if depth > MaxDepth {
		p.fail(p.at, "choices are nested too deep")
		return m
	}
	for p.at < len(p.text) {
		start := p.at
		switch c := p.text[p.at]; {
		case c == '}' && depth > 0:
			return m
		case c == '}':
			p.fail(start, "a brace closes that was not opened")
		case c == '{':
			m.Parts = append(m.Parts, p.argument(depth))
		case c == '#' && counts:
			p.at++
			m.Parts = append(m.Parts, Part{Kind: Number, Start: start, End: p.at})
		case c == '\'' && p.quotes(counts):
			m.Parts = append(m.Parts, Part{Kind: Quoted, Text: p.quoted(), Start: start, End: p.at})
		default:
			m.Parts = append(m.Parts, Part{Kind: Text, Text: p.literal(counts), Start: start, End: p.at})
		}
	}
	if depth > 0 {
		p.fail(len(p.text), "an arm is not closed")
	}
	return m
}

// quotes says whether the apostrophe at hand begins a quotation.
func (p *parser) quotes(counts bool) bool {
	if p.at+1 >= len(p.text) {
		return false
	}
	switch p.text[p.at+1] {
	case '{', '}':
		return true
	case '#':
		return counts
	default:
		return false
	}
}

// quoted reads a quotation. One that stays open goes to the end of the text.
func (p *parser) quoted() string {
	p.at++
	var b strings.Builder
	for p.at < len(p.text) {
		end := strings.IndexByte(p.text[p.at:], '\'')
		if end < 0 {
			b.WriteString(p.text[p.at:])
			p.at = len(p.text)
			break
		}
		b.WriteString(p.text[p.at : p.at+end])
		p.at += end + 1
		if !strings.HasPrefix(p.text[p.at:], "'") {
			break
		}
		b.WriteByte('\'')
		p.at++
	}
	return b.String()
}

// literal reads text without a sign of its own.
func (p *parser) literal(counts bool) string {
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		if c == '{' || c == '}' || c == '#' && counts || c == '\'' && p.quotes(counts) {
			break
		}
		b.WriteByte(c)
		p.at++
		if c == '\'' && strings.HasPrefix(p.text[p.at:], "'") {
			p.at++ // two are one
		}
	}
	return b.String()
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n\v\f", p.text[p.at]) >= 0 {
		p.at++
	}
}

// word reads a name, a keyword or a selector.
func (p *parser) word() string {
	start := p.at
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n\v\f{},'#<>|", p.text[p.at]) < 0 {
		p.at++
	}
	return p.text[start:p.at]
}

// take passes over a sign, when it is there.
func (p *parser) take(sign byte) bool {
	if p.at < len(p.text) && p.text[p.at] == sign {
		p.at++
		return true
	}
	return false
}

// argument reads {name}, {name, type}, {name, type, style} or a choice.
func (p *parser) argument(depth int) Part {
	part := Part{Kind: Argument, Start: p.at}
	p.at++
	p.space()
	part.Name = p.word()
	p.space()
	if part.Name == "" {
		p.fail(p.at, "an argument has no name")
		return part
	}
	if p.take('}') {
		part.End = p.at
		return part
	}
	if !p.take(',') {
		p.fail(p.at, "an argument is not closed")
		return part
	}
	p.space()
	format := p.at
	kind := Type(p.word())
	p.space()
	switch {
	case kind == "":
		p.fail(p.at, "an argument has no type")
	case kind == Plural, kind == SelectOrdinal, kind == SelectWord:
		if !p.take(',') {
			p.fail(p.at, "a choice has no cases")
			break
		}
		part.Kind, part.Choice = Select, p.choice(part.Name, kind, depth)
	case p.take(','):
		p.style()
		part.Format = strings.TrimSpace(p.text[format:p.at])
	default:
		part.Format = string(kind)
	}
	if !p.take('}') {
		p.fail(p.at, "an argument is not closed")
	}
	part.End = p.at
	return part
}

// style passes over the style of an argument, up to the brace that ends it.
func (p *parser) style() {
	open := 0
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case '\'':
			if p.quotes(false) {
				p.quoted()
				continue
			}
		case '{':
			open++
		case '}':
			if open == 0 {
				return
			}
			open--
		}
		p.at++
	}
}

// choice reads the cases up to the brace that ends the argument.
func (p *parser) choice(name string, kind Type, depth int) *Choice {
	c := &Choice{Name: name, Type: kind}
	p.space()
	if kind.Counts() && strings.HasPrefix(p.text[p.at:], "offset:") {
		p.at += len("offset:")
		p.space()
		c.Offset = p.number()
	}
	seen := map[string]bool{}
	for {
		p.space()
		if p.at >= len(p.text) || p.text[p.at] == '}' {
			break
		}
		start := p.at
		selector := p.word()
		p.space()
		switch {
		case selector == "" || kind.Counts() && !isPluralSelector(selector):
			p.fail(start, "a case has no valid selector")
		case seen[selector]:
			p.fail(start, "two cases have the same selector")
		case !p.take('{'):
			p.fail(p.at, "a case has no arm")
		}
		seen[selector] = true
		arm := p.message(depth+1, kind.Counts())
		if p.err != nil {
			return c
		}
		p.at++ // the brace that ended the arm
		c.Cases = append(c.Cases, Case{Selector: selector, Arm: arm})
	}
	if !seen[Other] {
		p.fail(p.at, `a choice has no case "other"`)
	}
	return c
}

// number reads an offset.
func (p *parser) number() int {
	start := p.at
	n, err := strconv.Atoi(p.word())
	if err != nil || n < 0 {
		p.fail(start, "an offset is no number")
	}
	return n
}

func isPluralSelector(selector string) bool {
	if digits, ok := strings.CutPrefix(selector, "="); ok {
		_, err := strconv.ParseUint(digits, 10, 32)
		return err == nil
	}
	switch selector {
	case "zero", "one", "two", "few", "many", Other:
		return true
	default:
		return false
	}
}
