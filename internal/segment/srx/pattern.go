package srx

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// rule is a rule of the file, as patterns of RE2.
type rule struct {
	breaks bool
	// before matches the text in front of a place read backwards, because RE2 can only
	// be held to where a match begins; after matches the text behind it.
	before, after string
	// last and first are the characters that may stand on both sides of the place.
	last, first runeSet

	instructions int
}

func newRule(breaks bool, before, after string) (rule, error) {
	b, err := parse(before)
	if err != nil {
		return rule{}, fmt.Errorf("beforebreak: %w", err)
	}
	a, err := parse(after)
	if err != nil {
		return rule{}, fmt.Errorf("afterbreak: %w", err)
	}
	endOfBefore, startOfAfter := sideOf(b, false), sideOf(a, true)
	if err := resolve(b, outside, startOfAfter); err != nil {
		return rule{}, fmt.Errorf("beforebreak: %w", err)
	}
	if err := resolve(a, endOfBefore, outside); err != nil {
		return rule{}, fmt.Errorf("afterbreak: %w", err)
	}
	reverse(b)
	r := rule{breaks: breaks, before: written(b), after: written(a), last: firstOf(b), first: firstOf(a)}
	for _, pattern := range []string{r.before, r.after} {
		n, err := size(pattern)
		if err != nil {
			return rule{}, err
		}
		r.instructions += n
	}
	return r, nil
}

func written(re *syntax.Regexp) string {
	var out strings.Builder
	write(&out, re)
	return out.String()
}

// size returns the number of instructions that a pattern compiles to.
func size(pattern string) (int, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, explain(err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0, err
	}
	return len(program.Inst), nil
}

// anchored compiles alternatives that match where a text begins.
func anchored(patterns []string) (*regexp.Regexp, error) {
	return regexp.Compile(`\A(?:` + strings.Join(patterns, "|") + `)`)
}

// parse reads a pattern of SRX.
func parse(pattern string) (*syntax.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("the pattern has more than %d bytes", maxPattern)
	}
	translated, err := translate(pattern)
	if err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		return nil, explain(err)
	}
	return parsed, nil
}

// explain says of what RE2 does not know what to do about it.
func explain(err error) error {
	e, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return err
	}
	switch {
	case isLookAround(e.Expr):
		return fmt.Errorf("look-around %q is not known; write what is looked for into the other half of the rule", e.Expr)
	case e.Code == syntax.ErrInvalidRepeatOp:
		return fmt.Errorf("the quantifier %q is not known; possessive ones are not needed here", e.Expr)
	default:
		return err
	}
}

func isLookAround(op string) bool {
	return slices.ContainsFunc([]string{"(?=", "(?!", "(?<=", "(?<!"}, func(sign string) bool { return strings.HasPrefix(op, sign) })
}

const (
	spaces    = `\t\n\x0b\f\r\x85\p{Z}`
	notSpaces = `\x00-\x08\x0e-\x1f\x21-\x84\x86-\x9f\xa1-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}` +
		`\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}`
	words = `\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}`
)

// escapes are the classes that ICU, whose patterns SRX has, knows for all of Unicode
// and RE2 for ASCII alone, by what they are inside brackets.
var escapes = map[byte]string{
	's': spaces, 'S': notSpaces, 'w': words, 'd': `\p{Nd}`, 'D': `\P{Nd}`, 'h': `\t\p{Zs}`,
}

// translate turns a pattern of ICU into one of RE2 that means the same.
func translate(pattern string) (string, error) {
	var out strings.Builder
	inside := false // of brackets
	for rest := pattern; rest != ""; {
		var n int
		var text string
		var err error
		switch {
		case strings.HasPrefix(rest, `\Q`):
			n = quoted(rest)
			text = rest[:n]
		case rest[0] == '\\' && len(rest) > 1:
			n, text, err = escape(rest, inside)
		case inside:
			n, err = member(rest)
			text = rest[:n]
			inside = text != "]"
		case rest[0] == '[':
			inside = true
			n = len(rest) - len(strings.TrimPrefix(strings.TrimPrefix(rest[1:], "^"), "]")) // "[]a]" has a bracket
			text = rest[:n]
		default:
			n, text = 1, rest[:1]
		}
		if err != nil {
			return "", err
		}
		out.WriteString(text)
		rest = rest[n:]
	}
	return out.String(), nil
}

// quoted measures a quotation \Q…\E, which may go to the end.
func quoted(text string) int {
	if end := strings.Index(text, `\E`); end >= 0 {
		return end + len(`\E`)
	}
	return len(text)
}

// member measures what stands inside brackets. RE2 would take the sets in brackets of
// ICU for members without a word.
func member(text string) (int, error) {
	switch {
	case strings.HasPrefix(text, "[:"):
		end := strings.Index(text, ":]")
		if end < 0 {
			return 0, fmt.Errorf("%q has no end", "[:")
		}
		return end + len(":]"), nil
	case text[0] == '[', strings.HasPrefix(text, "&&"), strings.HasPrefix(text, "--"):
		return 0, fmt.Errorf("a set inside brackets, as %q begins, is not known; write its members out", text[:1])
	default:
		return 1, nil
	}
}

// escape translates the escape that a text begins with and returns its length.
func escape(text string, inside bool) (n int, translated string, err error) {
	const short, long = 4, 8 // hexadecimal digits of \u and \U
	c := text[1]
	if set, ok := escapes[c]; ok {
		if !inside {
			set = "[" + set + "]"
		}
		return 2, set, nil
	}
	switch {
	case c == 'W' && inside:
		return 0, "", fmt.Errorf("%q inside brackets is not known", `\W`)
	case c == 'W':
		return 2, "[^" + words + "]", nil
	case c == 'u' && len(text) >= 2+short:
		return 2 + short, `\x{` + text[2:2+short] + `}`, nil
	case c == 'U' && len(text) >= 2+long:
		return 2 + long, `\x{` + strings.TrimLeft(text[2:2+long], "0") + `}`, nil
	case c == 'Z' || c == 'G':
		return 0, "", fmt.Errorf("%q is not known; use %q", text[:2], "$")
	case c >= 0x80: // ICU takes any escaped sign for itself
		return 1, "", nil
	default:
		return 2, text[:2], nil
	}
}

// reverse turns a pattern into that of the same texts read backwards.
func reverse(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		slices.Reverse(re.Rune)
	case syntax.OpConcat:
		slices.Reverse(re.Sub)
	case syntax.OpBeginText:
		re.Op = syntax.OpEndText
	case syntax.OpEndText:
		re.Op = syntax.OpBeginText
	case syntax.OpBeginLine:
		re.Op = syntax.OpEndLine
	case syntax.OpEndLine:
		re.Op = syntax.OpBeginLine
	}
	for _, sub := range re.Sub {
		reverse(sub)
	}
}
