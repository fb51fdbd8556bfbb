package segment

import (
	"embed"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/langtag"
)

//go:embed data/suppressions.txt data/rules.txt
var data embed.FS

// rules is what is known of sentence ends in a language. The lists of rules.txt are
// explained there.
type rules struct {
	// inside maps the part of an abbreviation before a space to the parts behind it:
	// "v." to "Chr.".
	inside map[string][]string

	lang                                              string
	never, maybe, number, starter, ordinal, leadsUpTo map[string]bool
}

// byLanguage holds the rules of the languages that have any.
var byLanguage = sync.OnceValue(func() map[string]*rules {
	all := map[string]*rules{}
	of := func(lang string) *rules {
		if all[lang] == nil {
			all[lang] = newRules(lang)
		}
		return all[lang]
	}
	words := map[string][]string{}
	for _, section := range sections("data/rules.txt", ",") {
		lang, list, _ := strings.Cut(section.name, " ")
		if list == "word" {
			words[lang] = section.entries
			continue
		}
		into := of(lang).list(list)
		for _, entry := range section.entries {
			into[entry] = true
		}
	}
	for _, section := range sections("data/suppressions.txt", "\n") {
		r := of(section.name)
		for _, entry := range section.entries {
			r.maybe[entry] = true
		}
		for _, word := range words[section.name] {
			delete(r.maybe, word)
		}
	}
	for _, r := range all {
		r.linkParts()
	}
	return all
})

func newRules(lang string) *rules {
	return &rules{
		lang: lang, inside: map[string][]string{}, never: map[string]bool{}, maybe: map[string]bool{}, number: map[string]bool{},
		starter: map[string]bool{}, ordinal: map[string]bool{}, leadsUpTo: map[string]bool{},
	}
}

// linkParts fills inside.
func (r *rules) linkParts() {
	for _, list := range []map[string]bool{r.never, r.maybe, r.number} {
		for _, entry := range slices.Sorted(maps.Keys(list)) {
			for i, sign := range entry {
				if sign == ' ' {
					r.inside[entry[:i]] = append(r.inside[entry[:i]], entry[i+1:])
				}
			}
		}
	}
}

// isInside says whether an abbreviation goes on from one text to the next.
func (r *rules) isInside(prev, next string) bool {
	next = strings.ReplaceAll(next[:min(len(next), longestAbbreviation)], "\u00a0", " ")
	return endsWith(prev, func(head string) bool {
		return slices.ContainsFunc(r.inside[head], func(tail string) bool {
			rest, ok := strings.CutPrefix(next, tail)
			after, _ := utf8.DecodeRuneInString(rest)
			return ok && !isLetterOrDigit(after)
		})
	})
}

// list returns the list with a name of rules.txt. The data is embedded and a test
// reads all of it, so a wrong name cannot reach a user.
func (r *rules) list(name string) map[string]bool {
	lists := map[string]map[string]bool{
		"never": r.never, "maybe": r.maybe, "number": r.number,
		"starter": r.starter, "ordinal": r.ordinal, "leading": r.leadsUpTo,
	}
	into, ok := lists[name]
	if !ok {
		panic("data/rules.txt has an unknown list: " + name)
	}
	return into
}

// rulesFor returns the rules of a language. Written standards that share theirs
// with another language take those.
func rulesFor(tag string) *rules {
	lang := langtag.Base(tag)
	switch lang {
	case "nn", "no":
		lang = "nb"
	}
	if r := byLanguage()[lang]; r != nil {
		return r
	}
	return newRules(lang)
}

// section is a part of a data file: "[name]" and the entries below it.
type section struct {
	name    string
	entries []string
}

// sections reads a data file whose entries end with a separator. Lines that begin
// with "#" are comments.
func sections(file, separator string) []section {
	content, err := data.ReadFile(file)
	if err != nil {
		panic(err) // the file is embedded
	}
	var all []section
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			all = append(all, section{name: strings.Trim(line, "[]")})
		default:
			last := &all[len(all)-1]
			for entry := range strings.SplitSeq(line, separator) {
				if entry = strings.TrimSpace(entry); entry != "" {
					last.entries = append(last.entries, entry)
				}
			}
		}
	}
	return all
}

// longestAbbreviation bounds, in bytes, how far back an abbreviation may begin.
const longestAbbreviation = 32

// endsWithAny says whether a text ends with an entry of a list. An entry in lower
// case also stands at the start of a sentence with a capital.
func endsWithAny(text string, list map[string]bool) bool {
	return endsWith(text, func(word string) bool { return list[word] || list[lowerFirst(word)] })
}

// endsWith says whether a test holds for one of the whole words, alone or with
// those before it, that a text ends with.
func endsWith(text string, test func(words string) bool) bool {
	floor := max(len(text)-longestAbbreviation, 0)
	for at := len(text); at > floor; {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '§' || at > 0 && isWord(before) {
			continue
		}
		if test(strings.ReplaceAll(text[at:], "\u00a0", " ")) {
			return true
		}
	}
	return false
}

// isWord says whether a rune belongs to the word or abbreviation it stands in.
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd) || r == '.' || r == '\'' || r == '’' || r == '-'
}

func lowerFirst(word string) string {
	r, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToLower(r)) + word[size:]
}

// bullet is the mark of a list item or a quoted line, with the white space behind
// it. A letter needs a bracket, because "A." may be an initial.
var bullet = regexp.MustCompile(`^[\s\x{feff}]*(?:[-*+•‣◦▪●○■□✓✔–—→·]|#{1,6}|>+|\[[ xX]\]|\(?\d{1,3}(?:\.\d{1,3})*[.)]|\(?[A-Za-z]\))[\s\x{a0}]+`)

// listMark measures the marks that begin a line, or returns 0. A number that is
// the ordinal of a date ("3. Oktober") is none.
func (r *rules) listMark(line string) int {
	total := 0
	for {
		mark := bullet.FindString(line[total:])
		sign := strings.TrimSpace(mark)
		if mark == "" || strings.HasSuffix(sign, ".") && r.ordinal[firstWord(line[total+len(mark):])] {
			return total
		}
		total += len(mark)
		if !strings.HasSuffix(sign, ">") {
			return total
		}
	}
}

// longestWord bounds, in bytes, the words that are compared with a list.
const longestWord = 64

// firstWord returns the first letters of a text, and an apostrophe that follows
// them ("L'"). Punctuation before them is passed over.
func firstWord(text string) string {
	text = text[:min(len(text), longestWord)]
	text = strings.TrimLeftFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M) })
	if end < 0 {
		return text
	}
	if strings.HasPrefix(text[end:], "'") || strings.HasPrefix(text[end:], "’") {
		return text[:end] + "'"
	}
	return text[:end]
}
