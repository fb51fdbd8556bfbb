package placeables

import (
	"fmt"
	"slices"
	"strings"
)

// token is a value or a choice in a message, as the judge's own reader sees it: a small
// one that shares nothing with package icu.
type token struct {
	// name of the value: that of an argument, and for a number sign that of its number.
	// A quoted brace counts as a value too: it must not be lost, nor become code.
	name, kind string
	cases      []messageCase
}

// has says whether a choice has a case of its own.
func (t token) has(selector string) bool {
	return slices.ContainsFunc(t.cases, func(c messageCase) bool { return c.selector == selector })
}

// quotedBrace is the name of a brace in quotes.
const quotedBrace = "'{'"

type messageCase struct {
	selector string
	tokens   []token
}

// read reads a message.
func read(text string) ([]token, error) {
	tokens, rest, err := readUntil(text, "")
	if err == nil && rest != "" {
		err = fmt.Errorf("a brace too many")
	}
	return tokens, err
}

// readUntil reads up to the brace that ends an arm. number is the name of the plural it
// is an arm of.
func readUntil(text, number string) (tokens []token, rest string, err error) {
	for text != "" {
		switch {
		case text[0] == '}':
			return tokens, text, nil
		case strings.HasPrefix(text, "''"):
			text = text[2:]
		case text[0] == '\'' && len(text) > 1 && strings.IndexByte(quotable(number), text[1]) >= 0:
			var quoted string
			quoted, text = readQuoted(text[1:])
			for range strings.Count(quoted, "{") {
				tokens = append(tokens, token{name: quotedBrace})
			}
		case text[0] == '#' && number != "":
			tokens = append(tokens, token{name: number + ":number"})
			text = text[1:]
		case text[0] == '{':
			var t token
			if t, text, err = readArgument(text[1:]); err != nil {
				return nil, "", err
			}
			tokens = append(tokens, t)
		default:
			text = text[1:]
		}
	}
	return tokens, "", nil
}

// quotable are the signs before which an apostrophe quotes.
func quotable(number string) string {
	if number == "" {
		return "{}"
	}
	return "{}#"
}

// readQuoted reads up to the apostrophe that ends a quotation.
func readQuoted(text string) (quoted, rest string) {
	for text != "" {
		if strings.HasPrefix(text, "''") {
			quoted, text = quoted+"'", text[2:]
			continue
		}
		if text[0] == '\'' {
			return quoted, text[1:]
		}
		quoted, text = quoted+text[:1], text[1:]
	}
	return quoted, ""
}

func readArgument(text string) (t token, rest string, err error) {
	end := strings.IndexAny(text, ",}")
	if end < 0 {
		return t, "", fmt.Errorf("an argument is open")
	}
	t.name = strings.TrimSpace(text[:end])
	if text[end] == '}' {
		return t, text[end+1:], nil
	}
	text = text[end+1:]
	end = strings.IndexAny(text, ",}")
	if end < 0 {
		return t, "", fmt.Errorf("an argument is open")
	}
	t.kind = strings.TrimSpace(text[:end])
	if text[end] == '}' {
		t.name += ":" + t.kind
		return t, text[end+1:], nil
	}
	text = text[end+1:]
	number := t.name
	if t.kind == "select" {
		number = ""
	}
	for {
		text = strings.TrimLeft(text, " \n")
		if text == "" {
			return t, "", fmt.Errorf("a choice is open")
		}
		if text[0] == '}' {
			return t, text[1:], nil
		}
		selector, after, found := strings.Cut(text, "{")
		if !found {
			return t, "", fmt.Errorf("a case has no arm")
		}
		c := messageCase{selector: strings.TrimSpace(selector)}
		if c.tokens, text, err = readUntil(after, number); err != nil {
			return t, "", err
		}
		if text == "" {
			return t, "", fmt.Errorf("an arm is open")
		}
		text = text[1:]
		t.cases = append(t.cases, c)
	}
}
