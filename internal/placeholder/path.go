package placeholder

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// roots are the folders at the top of a Unix system: of these a path may consist alone.
var roots = set(`bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv
	sys tmp usr var`)

// path measures /usr/lib/x, ~/x, ./x, ../x or \\server\share. A lone /word is prose,
// unless it is one of the roots.
func path(text string, i int) int {
	rest := text[i:]
	if !startsCode(text, i) {
		return 0
	}
	at := 0
	switch {
	case strings.HasPrefix(rest, `\\`):
		return sharePath(rest)
	case strings.HasPrefix(rest, "../"):
		at = 2
	case strings.HasPrefix(rest, "./"), strings.HasPrefix(rest, "~/"):
		at = 1
	case rest[0] != '/':
		return 0
	}
	if at+1 >= len(rest) || !isASCIILetter(rest[at+1]) && rest[at+1] != '_' && (rest[at+1] != '.' || at == 0) {
		return 0
	}
	n := at + len(trimURL(rest[at:at+letters(rest[at:], "/._-+@%~#{}$*")]))
	if at > 0 {
		return n
	}
	first, further, _ := strings.Cut(rest[1:n], "/")
	if further == "" && !roots[first] {
		return 0
	}
	return n
}

// letters counts the leading bytes of letters and digits and further ASCII bytes. A
// letter of an unspaced script, or of Korean, is the text behind.
func letters(s, further string) int {
	n := 0
	for n < len(s) {
		n += span(s[n:], further)
		r, size := utf8.DecodeRuneInString(s[n:])
		if r < utf8.RuneSelf || r == utf8.RuneError || !isURLRune(r, size) {
			break
		}
		n += size
	}
	return n
}

// drivePath measures C:\folder\file. A space belongs to it when a backslash follows
// within three words, as in "C:\Program Files (x86)\x".
func drivePath(rest string) int {
	if len(rest) < len(`C:\x`) || !isASCIILetter(rest[0]) || rest[1] != ':' || rest[2] != '\\' {
		return 0
	}
	return backslashes(rest, len(`C:\`))
}

// sharePath measures \\server\share\file.
func sharePath(rest string) int {
	n := len(`\\`)
	name := span(rest[n:], "._-$")
	const shortest = 2
	if name < shortest || !strings.HasPrefix(rest[n+name:], `\`) {
		return 0
	}
	return backslashes(rest, n+name+1)
}

// backslashes measures the rest of a path from byte n on, where its first name begins.
func backslashes(rest string, n int) int {
	const further = `\._-+@%~#{}$()`
	length := letters(rest[n:], further)
	if length == 0 {
		return 0
	}
	n += length
	const words = 3
	for tail, word := n, 0; word < words && strings.HasPrefix(rest[tail:], " "); word++ {
		length := span(rest[tail+1:], "._-()")
		tail += 1 + length
		if length > 0 && strings.HasPrefix(rest[tail:], `\`) {
			tail += letters(rest[tail:], further)
			n, word = tail, -1
		}
	}
	return len(trimURL(rest[:n]))
}

// option measures the option of a command, --long or -x, without its value: the value
// in a help text is a word to translate. Endings such as "(-s)" and "-en" are none.
func (r *reader) option(i int) int {
	text, rest := r.text, r.text[i:]
	joined := i > 0 && (text[i-1] == '/' || text[i-1] == '|') // -a/-b
	switch {
	case joined && r.last != i-1:
		return 0
	case !joined && (!startsCode(text, i) || followsBracketedWord(text, i)):
		return 0
	}
	return optionName(rest)
}

// optionName measures -x or --long at the start of rest, or returns 0.
func optionName(rest string) int {
	dashes := 1
	if strings.HasPrefix(rest, "--") {
		dashes = 2
	}
	name := span(rest[dashes:], "-_")
	if name == 0 || !isASCIILetter(rest[dashes]) || goesOn(rest[dashes+name:]) {
		return 0
	}
	name = len(strings.TrimRight(rest[dashes:dashes+name], "-_"))
	if dashes == 1 && name > 1 || dashes == 2 && name == 1 {
		return 0
	}
	return dashes + name
}

// goesOn says whether a word of a spaced script goes on with a letter that is not ASCII.
// Particles of Korean follow without a space.
func goesOn(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r) && !isUnspaced(r) && !unicode.Is(unicode.Hangul, r)
}

// followsBracketedWord finds the ending in "file(-s)".
func followsBracketedWord(text string, i int) bool {
	if i < 2 || text[i-1] != '(' && text[i-1] != '[' {
		return false
	}
	before := text[i-2]
	return before != ' ' && before != '\t' && before != '\n' && before != '[' && before != '('
}
