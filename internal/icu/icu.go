// Package icu owns ICU MessageFormat: it reads the messages in which a program
// chooses between texts by a number or a word, writes them again, and knows which
// plural forms each language has (CLDR).
//
//	You have {n, plural, =0 {no files} one {# file} other {# files}}.
//
// It is pure: it imports the standard library only and reads nothing but its
// embedded data. How a message is cut into units and translated is the business of
// package document.
package icu

import "strings"

// Kind says what a part of a message is.
type Kind int

const (
	// Text is literal text.
	Text Kind = iota + 1
	// Quoted is literal text that stands in apostrophes because it holds braces, or a
	// number sign in the arm of a plural.
	Quoted
	// Number is the sign "#" in the arm of a plural.
	Number
	// Argument is a value that is put in: {name}, {n, number, percent}.
	Argument
	// Select is an argument with a text for each of its cases.
	Select
)

// Type of a choice.
type Type string

// The types of choice, as they are written.
const (
	Plural        Type = "plural"
	SelectOrdinal Type = "selectordinal"
	SelectWord    Type = "select"
)

// Counts says whether the type chooses by a number.
func (t Type) Counts() bool { return t == Plural || t == SelectOrdinal }

// Other is the case that every choice has.
const Other = "other"

// Message is a text of parts. The parts cover it without a gap.
type Message struct {
	Parts []Part
}

// Part is a stretch of a message, from byte Start to before byte End of the text that
// was parsed.
type Part struct {
	Kind       Kind
	Start, End int
	// Text without its quotes, for Text and Quoted; "" otherwise.
	Text string
	// Name of the argument and what follows it, without the spaces around: "n",
	// "number, percent"; for Argument alone.
	Name, Format string
	// Choice of a part of kind Select; nil otherwise.
	Choice *Choice
}

// Choice is an argument with cases.
type Choice struct {
	Name string
	Type Type
	// Offset is taken off the number before its category is looked up and before "#"
	// is written; 0 for none.
	Offset int
	// Cases in the order of the message; one of them is Other.
	Cases []Case
}

// Case is one text of a choice, its arm.
type Case struct {
	// Selector is a plural category, a number such as "=0", or a word.
	Selector string
	Arm      Message
}

// Pick returns the arm with a selector, or else the one of Other.
func (c *Choice) Pick(selector string) Message {
	var other Message
	for _, one := range c.Cases {
		switch one.Selector {
		case selector:
			return one.Arm
		case Other:
			other = one.Arm
		}
	}
	return other
}

// Has says whether the choice has a case of its own for a selector.
func (c *Choice) Has(selector string) bool {
	for _, one := range c.Cases {
		if one.Selector == selector {
			return true
		}
	}
	return false
}

// IsExact says whether a selector stands for one number, as "=0" does.
func IsExact(selector string) bool { return strings.HasPrefix(selector, "=") }

// Exact returns the selectors of single numbers, in the order of the message.
func (c *Choice) Exact() []string {
	var out []string
	for _, one := range c.Cases {
		if IsExact(one.Selector) {
			out = append(out, one.Selector)
		}
	}
	return out
}

// HasChoice says whether a part of the message is a choice.
func (m Message) HasChoice() bool {
	for _, p := range m.Parts {
		if p.Kind == Select {
			return true
		}
	}
	return false
}
