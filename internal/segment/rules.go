package segment

import (
	"embed"
	"strings"
	"sync"

	"github.com/dragoman-dev/dragoman/internal/langtag"
)

//go:embed data/rules.txt data/sentencebreak.txt data/suppressions.txt
var data embed.FS

// rules is what is known of sentence ends in a language. The lists of rules.txt are
// explained there.
type rules struct {
	lang string
	abbreviations
	starter, ordinal, leadsUpTo, lettered map[string]bool
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
		r := of(lang)
		for _, entry := range section.entries {
			r.enter(list, entry)
		}
	}
	for _, section := range sections("data/suppressions.txt", "\n") {
		r := of(section.name)
		for _, entry := range section.entries {
			r.roles[entry] |= roleMaybe
		}
		for _, word := range words[section.name] {
			r.roles[word] &^= roleMaybe
		}
	}
	for _, r := range all {
		r.linkParts()
	}
	return all
})

func newRules(lang string) *rules {
	return &rules{
		lang: lang,
		abbreviations: abbreviations{
			elides: lang == "fr" || lang == "it" || lang == "ca",
			roles:  map[string]role{}, lastParts: map[string]bool{}, inside: map[string][]string{},
		},
		starter: map[string]bool{}, ordinal: map[string]bool{}, leadsUpTo: map[string]bool{}, lettered: map[string]bool{},
	}
}

// enter puts an entry into the list with a name of rules.txt. The data is embedded and
// a test reads all of it, so a wrong name cannot reach a user.
func (r *rules) enter(list, entry string) {
	switch list {
	case "never":
		r.roles[entry] |= roleNever
	case "maybe":
		r.roles[entry] |= roleMaybe
	case "number":
		r.roles[entry] |= roleNumber
	case "starter":
		r.starter[entry] = true
	case "ordinal":
		r.ordinal[strings.TrimSuffix(entry, ".")] = true // a word is looked for
	case "leading":
		r.leadsUpTo[entry] = true
	case "lettered":
		r.lettered[entry] = true
	default:
		panic("data/rules.txt has an unknown list: " + list)
	}
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
