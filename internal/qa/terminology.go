package qa

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// terminology reports the glossary terms that the translation does not follow. A
// term counts as used in an inflected form too: a word may differ in its last
// letters. Glossary terms may be named in a message, for the caller wrote them.
func terminology(in Input) []Finding {
	if len(in.Terms) == 0 {
		return nil
	}
	target := in.target().prose
	var findings []Finding
	for _, term := range in.Terms {
		switch {
		case follows(target, term):
		case term.Keep:
			findings = append(findings, finding(TerminologyCheck, terminologyCategory, v1alpha1.MajorSeverity,
				"the term %q has to stay as it is", term.Source).about(in.source().term(term.Source)))
		default:
			findings = append(findings, finding(TerminologyCheck, terminologyCategory, v1alpha1.MajorSeverity,
				"the glossary asks for %q as the translation of %q", term.Target, term.Source).about(in.source().term(term.Source)))
		}
		for _, forbidden := range term.Forbidden {
			if hasForbidden(target, forbidden, term.Target) {
				findings = append(findings, finding(TerminologyCheck, terminologyCategory, v1alpha1.MajorSeverity,
					"the glossary forbids %q as the translation of %q", forbidden, term.Source).
					at(in.target().outside(forbidden, term.Target)).about(in.source().term(term.Source)))
			}
		}
	}
	return findings
}

// follows says whether a text has a term as the glossary asks, whatever else it has.
func follows(target string, term engine.Term) bool {
	if term.Keep {
		return hasExact(target, term.Source)
	}
	return term.Target == "" || hasAnyForm(target, term)
}

// Missed returns the terms of the source, as the glossary spells them, that the
// translation does not follow: their own form is not there, or a forbidden one is.
func Missed(in Input) []string {
	if len(in.Terms) == 0 {
		return nil
	}
	target := in.target().prose
	var missed []string
	for _, term := range in.Terms {
		forbidden := func(word string) bool { return hasForbidden(target, word, term.Target) }
		if !follows(target, term) || slices.ContainsFunc(term.Forbidden, forbidden) {
			missed = append(missed, term.Source)
		}
	}
	return missed
}

// hasAnyForm says whether a term or one of its accepted variants stands in a text.
func hasAnyForm(text string, term engine.Term) bool {
	return hasInflected(text, term.Target) ||
		slices.ContainsFunc(term.Variants, func(variant string) bool { return hasInflected(text, variant) })
}

// hasForbidden says whether a forbidden term stands in a text outside the wanted
// one: "cart" is forbidden, "shopping cart" is wanted.
func hasForbidden(text, forbidden, wanted string) bool {
	text, forbidden, wanted = normal(text), normal(forbidden), normal(wanted)
	if wanted != "" && strings.Contains(wanted, forbidden) {
		text = strings.ReplaceAll(text, wanted, " ")
	}
	return hasWords(text, forbidden)
}

// outside is where hasForbidden finds a term.
func (r *reading) outside(forbidden, wanted string) Span {
	f := fold(r.prose, true)
	forbidden, wanted = normal(forbidden), normal(wanted)
	if wanted != "" && strings.Contains(wanted, forbidden) {
		f.text = strings.ReplaceAll(f.text, wanted, strings.Repeat(" ", len(wanted)))
	}
	return r.span(f.words(forbidden))
}

// hasExact finds a term in its own letter case as whole words.
func hasExact(text, term string) bool {
	return hasWords(strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(term), " "))
}

// normal folds letter case and white space.
func normal(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(text)), " ")
}

// hasWords finds a term that neither begins nor ends within a word.
func hasWords(text, term string) bool { return wordsAt(text, term) != Span{} }

// wordsAt is where hasWords finds a term first.
func wordsAt(text, term string) Span {
	if term == "" {
		return Span{}
	}
	for from := 0; ; {
		at := strings.Index(text[from:], term)
		if at < 0 {
			return Span{}
		}
		start, end := from+at, from+at+len(term)
		if isBoundary(text, start) && isBoundary(text, end) {
			return Span{Start: start, End: end}
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = start + size
	}
}

func isBoundary(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	return at == 0 || at == len(text) || !isWordRune(before) || !isWordRune(after) || !isSpaced(before) || !isSpaced(after)
}

// isSpaced says whether a rune is of a script that sets spaces between words.
func isSpaced(r rune) bool {
	return !langtag.IsUnspaced(r)
}

// hasInflected finds the words of a term side by side, each with its beginning as
// in the term. Languages with cases or compounds change the end of a word, and
// often join it to others, so that a match may begin within a word of the text
// when the term's word is long.
func hasInflected(text, term string) bool {
	text, term = normal(text), normal(term)
	if strings.ContainsFunc(term, func(r rune) bool { return isWordRune(r) && !isSpaced(r) }) {
		return strings.Contains(strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(term, " ", ""))
	}
	wanted, words := splitWords(term), splitWords(text)
	if len(wanted) == 0 {
		return true
	}
	for i := 0; i+len(wanted) <= len(words); i++ {
		matches := true
		for j, w := range wanted {
			matches = matches && isForm(words[i+j], w)
		}
		if matches {
			return true
		}
	}
	return false
}

func splitWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return !isWordRune(r) && (r < utf8.RuneSelf || !unicode.Is(unicode.M, r))
	})
}

// isForm says whether a word may be a form of a term's word.
func isForm(word, of string) bool {
	const (
		stem     = 4 // letters that stay in every form; shorter words keep all
		ending   = 2 // letters that an inflection may take off
		addition = 4 // letters that it may put on
		compound = 6 // letters from which on the word is found within a compound
		tail     = 5 // letters from which on it is found at the end of one
	)
	n := utf8.RuneCountInString(of)
	if n >= compound && strings.Contains(word, of) || n >= tail && strings.HasSuffix(word, of) {
		return true
	}
	kept := string([]rune(of)[:max(n-ending, min(n, stem))])
	return strings.HasPrefix(word, kept) && utf8.RuneCountInString(word) <= n+addition
}
