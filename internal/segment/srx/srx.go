// Package srx reads rule files of SRX 2.0, the Segmentation Rules eXchange of LISA and
// GALA, and finds sentence ends by them.
//
// It owns the file format and the order in which its rules hold; what a line, a
// placeable or a list mark is belongs to package segment, which takes a Breaker of
// this package. It is pure: it imports the standard library only.
//
// # What is different from other readers
//
// Patterns are of RE2, which takes time linear in the text and knows no look-around,
// no back references and no possessive quantifiers. Most published rules need none, for
// what they look around for stands in the other half of the rule. A rule that needs one
// is an error that names it. \s, \d, \w and \b know all of Unicode, as SRX has it.
//
// The format handles of the header are not followed: package segment keeps an opening
// tag with the sentence behind it and a closing tag with the sentence before it, which
// is what the format handles say by default.
package srx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// Limits of a file. The largest published ones have 0.5 MB and some 3,000 rules.
const (
	// MaxBytes is the largest file that is read.
	MaxBytes = 4 << 20
	// MaxRules is the largest number of rules of a file.
	MaxRules = 20_000
	// maxPattern is the longest pattern, in bytes.
	maxPattern = 4 << 10
	// maxInstructions bounds what all patterns compile to: it bounds the memory, about
	// 40 bytes each, and the time that a hostile file can take at one place of a text.
	maxInstructions = 200_000
)

// Rules is a rule file. It is immutable and safe for use by many goroutines.
type Rules struct {
	cascade bool
	byName  map[string][]rule
	maps    []languageMap
}

// languageMap says which rules hold for the languages that match a pattern.
type languageMap struct {
	pattern *regexp.Regexp
	name    string
}

// Parse reads a rule file: XML in UTF-8. A file that is not well-formed, that is no SRX
// 2.0, that has a pattern RE2 does not know or that is larger than the limits is one
// error, which names the line and, where there is one, the rule.
func Parse(r io.Reader) (*Rules, error) {
	bounded := &io.LimitedReader{R: r, N: MaxBytes + 1}
	p := parser{
		decoder: xml.NewDecoder(bounded),
		rules:   &Rules{byName: map[string][]rule{}},
	}
	err := p.file()
	switch {
	case bounded.N <= 0:
		return nil, fmt.Errorf("the file has more than %d bytes", MaxBytes)
	case err != nil:
		return nil, err
	}
	return p.rules, nil
}

// parser holds what is known while a file is read.
type parser struct {
	decoder *xml.Decoder
	rules   *Rules
	// current is the name of the language rule that is being read.
	current string
	// root and header say that these were seen.
	root, header        bool
	count, instructions int
}

func (p *parser) file() error {
	for {
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) {
			return p.whole()
		}
		if err != nil {
			return fmt.Errorf("not well-formed: %w", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		line, _ := p.decoder.InputPos()
		if err := p.element(start); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// whole looks at the file once it is read.
func (p *parser) whole() error {
	switch {
	case !p.root:
		return errors.New("no srx element")
	case !p.header:
		return errors.New("no header element")
	}
	for _, m := range p.rules.maps {
		if _, ok := p.rules.byName[m.name]; !ok {
			return fmt.Errorf("a language map names %q, which is no language rule of the file", m.name)
		}
	}
	return nil
}

func (p *parser) element(start xml.StartElement) error {
	if !p.root && start.Name.Local != "srx" {
		return fmt.Errorf("the file begins with the element %q, not with srx", start.Name.Local)
	}
	switch start.Name.Local {
	case "srx":
		p.root = true
		if version := attribute(start, "version"); version != "2.0" {
			return fmt.Errorf("version %q of SRX is not known; 2.0 is", version)
		}
	case "header":
		p.header = true
		cascade, err := yesNo("cascade", attribute(start, "cascade"), false)
		p.rules.cascade = cascade
		return err
	case "languagerule":
		return p.languageRule(attribute(start, "languagerulename"))
	case "rule":
		return p.rule(start)
	case "languagemap":
		return p.languageMap(attribute(start, "languagepattern"), attribute(start, "languagerulename"))
	}
	return nil
}

func (p *parser) languageRule(name string) error {
	if name == "" {
		return errors.New("a language rule has no name")
	}
	if _, ok := p.rules.byName[name]; ok {
		return fmt.Errorf("there are two language rules %q", name)
	}
	p.current = name
	p.rules.byName[name] = nil
	return nil
}

func (p *parser) rule(start xml.StartElement) error {
	number := len(p.rules.byName[p.current]) + 1
	place := fmt.Sprintf("rule %d of %q", number, p.current)
	var in struct {
		Before string `xml:"beforebreak"`
		After  string `xml:"afterbreak"`
	}
	if err := p.decoder.DecodeElement(&in, &start); err != nil {
		return fmt.Errorf("%s: not well-formed: %w", place, err)
	}
	if p.current == "" {
		return errors.New("a rule stands outside a language rule")
	}
	if p.count++; p.count > MaxRules {
		return fmt.Errorf("%s: the file has more than %d rules", place, MaxRules)
	}
	breaks, err := yesNo("break", attribute(start, "break"), true)
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	made, err := newRule(breaks, in.Before, in.After)
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	if p.instructions += made.instructions; p.instructions > maxInstructions {
		return fmt.Errorf("%s: the patterns up to here are too large to be kept", place)
	}
	p.rules.byName[p.current] = append(p.rules.byName[p.current], made)
	return nil
}

func (p *parser) languageMap(pattern, name string) error {
	if len(pattern) > maxPattern {
		return fmt.Errorf("the pattern of a language map has more than %d bytes", maxPattern)
	}
	if p.count++; p.count > MaxRules {
		return fmt.Errorf("the file has more than %d rules", MaxRules)
	}
	// Tags know no case (RFC 5646), and a pattern is of the whole tag.
	compiled, err := regexp.Compile(`(?i)\A(?:` + pattern + `)\z`)
	if err != nil {
		return fmt.Errorf("the pattern of a language map of %q: %w", name, err)
	}
	p.rules.maps = append(p.rules.maps, languageMap{pattern: compiled, name: name})
	return nil
}

func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// yesNo reads an attribute that is yes or no, with a value for its absence.
func yesNo(name, value string, absent bool) (bool, error) {
	switch value {
	case "":
		return absent, nil
	case "yes":
		return true, nil
	case "no":
		return false, nil
	default:
		return false, fmt.Errorf("%s is %q, not yes or no", name, value)
	}
}
