package segment

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// role is what an abbreviation does to the full stop at its end; roles add up.
type role uint8

const (
	// roleNever, roleMaybe and roleNumber are lists of rules.txt.
	roleNever role = 1 << iota
	roleMaybe
	roleNumber
	// roleHead is of the part of an abbreviation before a space: "v." of "v. Chr.".
	roleHead
)

// abbreviations are those of a language.
type abbreviations struct {
	roles map[string]role
	// inside maps the part of an abbreviation before a space to the parts behind it:
	// "v." to "Chr.".
	inside map[string][]string
	// lastParts are what stands behind the last space of an abbreviation or of its head.
	// Behind any other word no more words are looked at.
	lastParts map[string]bool
	// elides says that an article may stand before an abbreviation: "l'art. 5".
	elides bool
}

// linkParts fills what is known of the parts of the abbreviations.
func (a *abbreviations) linkParts() {
	for _, entry := range slices.Sorted(maps.Keys(a.roles)) {
		for i, sign := range entry {
			if sign != ' ' {
				continue
			}
			head := entry[:i]
			a.inside[head] = append(a.inside[head], entry[i+1:])
			a.roles[head] |= roleHead
			a.addLastPart(head)
			a.addLastPart(entry)
		}
	}
}

func (a *abbreviations) addLastPart(entry string) {
	if i := strings.LastIndexByte(entry, ' '); i >= 0 {
		a.lastParts[entry[i+1:]] = true
	}
}

// longestAbbreviation bounds, in bytes, how far back an abbreviation may begin.
const longestAbbreviation = 32

// rolesOf returns the roles of the abbreviations that a text ends with: one word, or
// several. An entry in lower case also stands at the start of a sentence with a capital.
func (a *abbreviations) rolesOf(text string) role {
	var found role
	a.endings(text, func(words string) {
		roles := a.roles[words]
		if first, _ := utf8.DecodeRuneInString(words); unicode.IsUpper(first) {
			roles |= a.roles[lowerFirst(words)] &^ roleHead
		}
		found |= roles
	})
	return found
}

// isInside says whether an abbreviation goes on from one text to the next.
func (a *abbreviations) isInside(prev, next string) bool {
	next = strings.ReplaceAll(next[:min(len(next), longestAbbreviation)], "\u00a0", " ")
	found := false
	a.endings(prev, func(head string) {
		found = found || slices.ContainsFunc(a.inside[head], func(tail string) bool {
			rest, ok := strings.CutPrefix(next, tail)
			after, _ := utf8.DecodeRuneInString(rest)
			return ok && !isLetterOrDigit(after)
		})
	})
	return found
}

// endings calls a function with the whole words that a text ends with: the last, and
// where an abbreviation has several, that with those before it.
func (a *abbreviations) endings(text string, call func(words string)) {
	floor := max(len(text)-longestAbbreviation, 0)
	several := false // words are in the text from at on, or may be
	for at := len(text); at > floor; {
		first, size := utf8.DecodeLastRuneInString(text[:at])
		if unicode.IsSpace(first) {
			if several = several || a.lastParts[text[at:]]; !several {
				return
			}
		}
		at -= size
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		elided := a.elides && (before == '\'' || before == '’')
		if at > 0 && isWord(before) && !elided || !isLetterOrDigit(first) && first != '§' {
			continue
		}
		call(withSpaces(text[at:]))
	}
}

// withSpaces returns a text with plain spaces in place of those that do not break.
func withSpaces(text string) string {
	if !strings.Contains(text, "\u00a0") {
		return text
	}
	return strings.ReplaceAll(text, "\u00a0", " ")
}

// isWord says whether a rune belongs to the word or abbreviation it stands in.
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '\'' || r == '-'
	}
	return r == '’' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

func lowerFirst(word string) string {
	r, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToLower(r)) + word[size:]
}
