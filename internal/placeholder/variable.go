package placeholder

import "strings"

// dollar measures ${NAME}, with anything but a line break inside, $t(key), $NAME,
// $name and $1.
func (r *reader) dollar(i int) int {
	rest := r.text[i:]
	if strings.HasPrefix(rest, "${") {
		return r.dollarBraces(i)
	}
	if i > r.last && (isASCIIAlnum(r.text[i-1]) || r.text[i-1] == '$') {
		return 0 // "US$name"
	}
	if n := call(rest); n > 0 {
		return n
	}
	n := 1 + span(rest[1:], "_")
	switch {
	case n == 1:
		return 0
	case isDigit(rest[1]):
		if (n == 2 || !isDigit(rest[2])) && r.countsDollars() {
			return len("$1") // a word may follow at once
		}
		return 0
	case isCurrency(rest[1:n]):
		return 0
	default:
		return n
	}
}

// dollarBraces measures ${NAME}.
func (r *reader) dollarBraces(i int) int {
	n := r.balanced(i + 1)
	if n <= len("{}") || n > maxField || strings.ContainsAny(r.text[i:i+1+n], "\r\n") {
		return 0
	}
	return 1 + n
}

// isCurrency finds the letters that dollars are told apart by.
func isCurrency(name string) bool {
	switch name {
	case "US", "USD", "CA", "CAD", "CAN", "AU", "AUD", "A", "C", "NZ", "NZD", "HK", "HKD", "SG", "SGD", "MX", "MXN", "NT", "TWD":
		return true
	default:
		return false
	}
}

// countsDollars says whether the numbers behind the dollar signs of the text are those
// of variables: $1, or $1 and $2, and so on without a gap. Prices are not so.
func (r *reader) countsDollars() bool {
	if r.counted != 0 {
		return r.counted == yes
	}
	r.counted = no
	var seen uint
	for at := 0; at < len(r.text); at++ {
		if r.text[at] != '$' {
			continue
		}
		tail := r.text[at+1:]
		digits := len(tail) - len(strings.TrimLeft(tail, "0123456789"))
		if digits == 0 {
			continue
		}
		behind := tail[digits:]
		isAmount := len(behind) > 1 && (behind[0] == '.' || behind[0] == ',') && isDigit(behind[1])
		if digits > 1 || tail[0] == '0' || isAmount {
			return false
		}
		seen |= 1 << (tail[0] - '1')
	}
	if seen != 0 && seen&(seen+1) == 0 {
		r.counted = yes
	}
	return r.counted == yes
}

// call measures i18next's $t(key) and $t(key, {…}).
func call(rest string) int {
	if !strings.HasPrefix(rest, "$t(") {
		return 0
	}
	const longest = 500
	open := 0
	for n := range min(len(rest), longest) {
		switch rest[n] {
		case '\r', '\n':
			return 0
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return n + 1
			}
		}
	}
	return 0
}

// colon measures :name and :emoji:. A word in front, as in "a:b", or a second colon
// makes it something else; of one letter it is a smiley.
func colon(text string, i int) int {
	rest := text[i:]
	n := 1 + span(rest[1:], "_")
	if n <= len(":n") || !isASCIILetter(rest[1]) || !startsVariable(text, i) {
		return 0
	}
	if strings.HasPrefix(rest[n:], ":") {
		if strings.HasPrefix(rest[n+1:], ":") {
			return 0
		}
		return n + 1
	}
	if goesOn(rest[n:]) {
		return 0 // a word with an accent
	}
	return n
}

func startsVariable(text string, i int) bool {
	if i > 0 && text[i-1] == ':' {
		return false
	}
	return startsCode(text, i) || text[i-1] == '/' || text[i-1] == '-' || text[i-1] == '#'
}

// qt measures %1 to %99 and %L1 to %L99 of Qt, behind the per cent sign.
func (r *reader) qt(i int) int {
	text, rest := r.text, r.text[i+1:]
	at := 0
	if strings.HasPrefix(rest, "L") {
		at = 1
	}
	n := at
	for n < len(rest) && n < at+2 && isDigit(rest[n]) {
		n++
	}
	if n == at || i > r.last && followsDigit(text, i) {
		return 0
	}
	if tail := rest[n:]; tail != "" && (isDigit(tail[0]) || tail[0] == '$' || tail[0] == '.') && !isSentenceEnd(tail) {
		return 0
	}
	return 1 + n
}

// isSentenceEnd says whether a full stop is not the beginning of a precision.
func isSentenceEnd(tail string) bool {
	return tail[0] == '.' && (len(tail) == 1 || !isDigit(tail[1]) && tail[1] != '*')
}
