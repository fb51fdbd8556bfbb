package placeholder

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds in bytes. What is longer is no field but a text.
const (
	maxField = 2000
	// maxMessage is for an ICU argument with its arms.
	maxMessage = 20_000
)

// percent measures the field at the per cent sign at byte i, or returns 0.
func (r *reader) percent(i int) int {
	text, rest := r.text, r.text[i:]
	if len(rest) < 2 || rest[1] == '%' {
		return 0
	}
	switch rest[1] {
	case '{':
		return 1 + delimitedName(rest[1:], '{', '}')
	case '(':
		return pythonField(rest)
	case '<':
		if n := delimitedName(rest[1:], '<', '>'); n > 0 {
			return 1 + n + conversion(rest[1+n:])
		}
		return 0
	}
	if n := variable(text, i); n > 0 {
		return n
	}
	return max(printf(text, i), r.qt(i))
}

// delimitedName measures a name between two delimiters, or returns -1 so that the
// sign before it adds up to nothing.
func delimitedName(rest string, opening, closing byte) int {
	if rest[0] != opening {
		return -1
	}
	n := 1
	for n < len(rest) && isNameByte(rest[n]) {
		n++
	}
	if n == 1 || n == len(rest) || rest[n] != closing {
		return -1
	}
	return n + 1
}

// pythonField measures %(name)s.
func pythonField(rest string) int {
	n := delimitedName(rest[1:], '(', ')')
	if n < 0 {
		return 0
	}
	spec := conversion(rest[1+n:])
	if spec == 0 {
		return 0
	}
	return 1 + n + spec
}

// variable measures %name%, of at least three letters, so that %d%% and %dx%d
// stay two specifiers.
func variable(text string, i int) int {
	rest := text[i:]
	n := 1
	for n < len(rest) && (isASCIIAlnum(rest[n]) || rest[n] == '_') {
		n++
	}
	const shortest = 1 + 3
	if n < shortest || n == len(rest) || rest[n] != '%' || isDigit(rest[1]) {
		return 0
	}
	n++
	if n < len(rest) && (isASCIIAlnum(rest[n]) || rest[n] == '%') || followsDigit(text, i) {
		return 0
	}
	return n
}

// printf measures %[position$][flags][width][.precision][length]conversion. The
// space flag is left out: "50 % de" is prose far more often.
func printf(text string, i int) int {
	rest := text[i:]
	n := 1
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	positional := n > 1 && n < len(rest) && rest[n] == '$'
	if positional {
		n++
	} else {
		n = 1
	}
	spec := conversion(rest[n:])
	if spec == 0 {
		return 0
	}
	n += spec
	if !positional && followsDigit(text, i) && startsWithLetter(rest[n:]) {
		return 0 // "100%ige", "50%des": a number and a word
	}
	return n
}

// conversion measures [flags][width][.precision][length]conversion, or returns 0.
func conversion(rest string) int {
	n := len(rest) - len(strings.TrimLeft(rest, "-+#0'"))
	n += widthAndPrecision(rest[n:])
	for _, length := range []string{"hh", "ll", "h", "l", "q", "j", "z", "t", "L"} {
		if strings.HasPrefix(rest[n:], length) {
			n += len(length)
			break
		}
	}
	if n < len(rest) && strings.IndexByte("diouxXeEfFgGaAcCsSpnvTqwb@", rest[n]) >= 0 {
		return n + 1
	}
	return 0
}

func widthAndPrecision(rest string) int {
	digits := func(n int) int {
		if n < len(rest) && rest[n] == '*' {
			return n + 1
		}
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		return n
	}
	n := digits(0)
	if n < len(rest) && rest[n] == '.' {
		n = digits(n + 1)
	}
	return n
}

func followsDigit(text string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:i])
	return unicode.Is(unicode.Nd, r)
}

func startsWithLetter(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r)
}

// balanced measures the text with balanced braces from the brace at byte i on, or
// returns 0. All braces of the text are paired at the first question, so that a
// text of nothing but braces is read once.
func (r *reader) balanced(i int) int {
	if r.braces == nil {
		r.braces = map[int]int{}
		var open []int
		for at := i; at < len(r.text); at++ {
			switch r.text[at] {
			case '{':
				open = append(open, at)
			case '}':
				if last := len(open) - 1; last >= 0 {
					r.braces[open[last]] = at + 1
					open = open[:last]
				}
			}
		}
	}
	return max(0, r.braces[i]-i)
}

// bracesAt measures {name}, {0}, {}, {0:N2}, {{name}}, {% … %} or a whole ICU argument.
func (r *reader) bracesAt(i int) int {
	rest := r.text[i:]
	if strings.HasPrefix(rest, "{%") {
		return through(rest, "%}")
	}
	n := r.balanced(i)
	if n == 0 || n > maxMessage {
		return 0
	}
	inner := rest[1 : n-1]
	if n > maxField {
		if isICU(inner) {
			return n
		}
		return 0
	}
	if strings.HasPrefix(inner, "{") && strings.HasSuffix(inner, "}") {
		if strings.ContainsAny(inner, "\r\n") {
			return 0
		}
		return n
	}
	if inner == "" || isField(inner) || isICU(inner) {
		return n
	}
	return 0
}

// through measures up to and with an end mark on the same line, or returns 0.
func through(rest, end string) int {
	limit := rest[:min(len(rest), maxField)]
	n := strings.Index(limit, end)
	if n < 0 || strings.ContainsAny(limit[:n], "\r\n") {
		return 0
	}
	return n + len(end)
}

// isField says whether the inside of braces is a name or number, with a format or
// an index: name, user.name, items[0], 0:N2, 0,10, name!r, n, number. Anything else
// with a space in it is prose.
func isField(inner string) bool {
	name := strings.TrimSpace(inner)
	end := 0
	for end < len(name) && (isNameByte(name[end]) || strings.IndexByte("$@#/[]", name[end]) >= 0) {
		end++
	}
	if end == 0 {
		return len(name) > 1 && name[0] == ':' && !strings.ContainsAny(withoutNames(name), " {}\r\n") || isStandIn(name) // {:>10}
	}
	switch tail := name[end:]; {
	case tail == "":
		return true
	case tail[0] == ':' || tail[0] == '!':
		return !strings.ContainsAny(withoutNames(tail), " {}\r\n") // also {x:>{width}}
	case tail[0] == ',':
		return isSimpleFormat(tail[1:])
	default:
		return false
	}
}

// withoutNames takes the fields out that stand in the format of a field.
func withoutNames(format string) string {
	for {
		start := strings.IndexByte(format, '{')
		if start < 0 {
			return format
		}
		n := delimitedName(format[start:], '{', '}')
		if n < 0 {
			return format
		}
		format = format[:start] + format[start+n:]
	}
}

// isStandIn finds {'1'}, which package document writes for text that a message quotes.
func isStandIn(name string) bool {
	digits, quoted := strings.CutPrefix(strings.TrimSuffix(name, "'"), "'")
	return quoted && digits != "" && strings.HasSuffix(name, "'") && strings.Trim(digits, "0123456789") == ""
}

// isSimpleFormat reads what follows the first comma of {0,10:N2}, {n, number} and
// {d, date, short}.
func isSimpleFormat(tail string) bool {
	kind, _, _ := strings.Cut(strings.TrimSpace(tail), ",")
	switch kind = strings.TrimSpace(kind); kind {
	case "number", "date", "time", "spellout", "ordinal", "duration", "list":
		return true
	default:
		return kind != "" && strings.Trim(kind, "-0123456789:NnCcDdFfGgPpXx") == "" && strings.ContainsAny(kind, "0123456789")
	}
}

// isICU finds an argument with cases. Its inner texts are prose; package document
// takes them apart, and here a broken argument stops the program.
func isICU(inner string) bool {
	const longestHead = 200
	name, tail, found := strings.Cut(inner[:min(len(inner), longestHead)], ",")
	if !found || strings.TrimSpace(name) == "" || strings.ContainsAny(strings.TrimSpace(name), " {}") {
		return false
	}
	kind, _, found := strings.Cut(tail, ",")
	if !found {
		return false
	}
	switch strings.TrimSpace(kind) {
	case "plural", "select", "selectordinal", "choice":
		return true
	default:
		return false
	}
}

// block reads {{#name}} and {{/name}}, which come in pairs as tags do.
func block(rest string) Placeable {
	inner, ok := strings.CutPrefix(rest, "{{")
	if !ok || inner == "" {
		return Placeable{}
	}
	kind := OpenTag
	switch inner[0] {
	case '#', '^':
	case '/':
		kind = ClosingTag
	default:
		return Placeable{}
	}
	name := 1
	for name < len(inner) && isNameByte(inner[name]) {
		name++
	}
	n := through(rest, "}}")
	if name == 1 || n == 0 {
		return Placeable{}
	}
	return Placeable{Kind: kind, Text: rest[:n], Name: "{" + strings.ToLower(inner[1:name])}
}
