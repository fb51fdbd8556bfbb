// Package langtag owns what the project knows about language tags: their
// canonical form, whether two of them are the same, and which of the pairs an
// engine offers serves a wanted pair.
//
// It is pure: it imports no Kubernetes, no engine implementation and no I/O.
package langtag

import (
	"fmt"
	"strings"

	"golang.org/x/text/language"
)

// Kind says what is wrong with a tag.
type Kind int

const (
	// IllFormed tags do not follow the grammar of BCP 47, such as "english".
	IllFormed Kind = iota + 1
	// Unknown tags follow the grammar and name no language, such as "xx".
	Unknown
)

// String returns the kind in words.
func (k Kind) String() string {
	switch k {
	case IllFormed:
		return "ill-formed"
	case Unknown:
		return "unknown"
	default:
		return "invalid"
	}
}

// maxNamed bounds, in runes, how much of a bad tag a message repeats. The
// longest useful tags are within the 35 characters the API allows.
const maxNamed = 35

// Error says why a tag cannot be used. Its message is shown to users.
type Error struct {
	Kind Kind
	// Tag as it was given, cut to 35 characters.
	Tag string
	// Example of a tag to use in its place.
	Example string
	// subtag that is not known, when it is not the whole tag.
	subtag string
}

// Error returns what is wrong and an example of what is right.
func (e *Error) Error() string {
	switch {
	case e.Tag == "":
		return fmt.Sprintf("language tag is empty; write a BCP-47 tag such as %q", e.Example)
	case e.Kind == IllFormed:
		return fmt.Sprintf("language tag %q is not well-formed; write a BCP-47 tag such as %q", e.Tag, e.Example)
	case e.subtag != "":
		return fmt.Sprintf("language tag %q has the unknown part %q; write a tag such as %q", e.Tag, e.subtag, e.Example)
	default:
		return fmt.Sprintf("language tag %q names no known language; write a tag such as %q", e.Tag, e.Example)
	}
}

// Canonical returns the canonical form of a BCP-47 tag: underscores become
// hyphens, letter case is put right, three-letter and withdrawn codes become the
// ones in use ("de_DE" is "de-DE", "iw" is "he", "eng" is "en"). The error is an
// *Error.
func Canonical(tag string) (string, error) {
	t, err := parse(tag)
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

func parse(tag string) (language.Tag, error) {
	given := strings.TrimSpace(tag)
	t, err := language.Parse(given)
	if err != nil {
		return language.Und, parseError(given, err)
	}
	base, _, _ := t.Raw()
	if named, ok := individual[base.String()]; ok {
		if t, err = language.Compose(t, named); err != nil {
			return language.Und, parseError(given, err)
		}
	}
	if namesNoLanguage(t) {
		return language.Und, &Error{Kind: Unknown, Tag: cut(given), Example: "de"}
	}
	return t, nil
}

// individual maps codes of one language that BCP 47 prefers to write as its
// macrolanguage; the parser leaves them as they are.
var individual = map[string]language.Base{"cmn": language.MustParseBase("zh")}

// namesNoLanguage finds the codes that exist and stand for no one language:
// undetermined, several, none, not coded, and private use.
func namesNoLanguage(t language.Tag) bool {
	base, _, _ := t.Raw()
	switch base.String() {
	case "und", "mul", "zxx", "mis":
		return true
	default:
		return base.IsPrivateUse() || t.IsRoot()
	}
}

func parseError(given string, err error) *Error {
	e := &Error{Kind: IllFormed, Tag: cut(given), Example: example(given)}
	value, ok := err.(language.ValueError) //nolint:errorlint // the parser returns the value itself, never wrapped
	if !ok {
		return e
	}
	e.Kind = Unknown
	if sub := value.Subtag(); !strings.EqualFold(sub, given) {
		e.subtag = sub
	}
	return e
}

// example guesses what was meant, for people who write "English" or
// "en_US.UTF-8"; without a guess it is "de".
func example(given string) string {
	lower := strings.ToLower(given)
	if tag, ok := names[lower]; ok {
		return tag
	}
	if head, _, found := strings.Cut(lower, "."); found {
		if t, err := language.Parse(head); err == nil && !namesNoLanguage(t) {
			return t.String()
		}
	}
	return "de"
}

func cut(tag string) string {
	runes := []rune(tag)
	if len(runes) <= maxNamed {
		return tag
	}
	return string(runes[:maxNamed-1]) + "…"
}

// Same says whether two tags have one canonical form. Tags that cannot be parsed
// are compared without regard to case and to "_" against "-".
func Same(a, b string) bool {
	return fold(a) == fold(b)
}

func fold(tag string) string {
	if t, err := parse(tag); err == nil {
		return t.String()
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(tag), "_", "-"))
}

// Base returns the language alone: "de" of "de-AT", "zh" of "zh-Hant-TW". Of a tag
// that cannot be parsed it returns the first part, in lower case.
func Base(tag string) string {
	if t, err := parse(tag); err == nil {
		base, _, _ := t.Raw()
		return base.String()
	}
	head, _, _ := strings.Cut(fold(tag), "-")
	return head
}

// Script returns the ISO 15924 code of the script the language is written in,
// inferred where the tag does not say: "Latn" for "de", "Hant" for "zh-TW". It is
// "" when the tag cannot be parsed.
func Script(tag string) string {
	t, err := parse(tag)
	if err != nil {
		return ""
	}
	script, _ := t.Script()
	return script.String()
}

// ISO3 returns the ISO 639-3 code of the language, as Apertium names it: "deu" for
// "de-AT". Norwegian without a written standard counts as Bokmål ("nob"), as it
// does in CLDR. It is "" when the tag cannot be parsed.
func ISO3(tag string) string {
	t, err := parse(tag)
	if err != nil {
		return ""
	}
	base, _, _ := t.Raw()
	if base.String() == "no" {
		return "nob"
	}
	return base.ISO3()
}
