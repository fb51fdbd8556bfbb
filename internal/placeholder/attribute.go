package placeholder

import (
	"strings"
	"unicode"
)

// Attribute is a text for people inside a tag, or the title of a Markdown link.
type Attribute struct {
	// Name in lower case; "title" for that of a link.
	Name string
	// Text as people read it: with the characters that references stand for, and
	// without the white space at its ends that stands in quotation marks. It is not empty,
	// but may hold nothing besides placeables.
	Text string
	// Start and End are the bytes of the placeable that the text stands in, inside the
	// quotation marks where there are any.
	Start, End int

	value value
}

// Attributes returns the texts for people inside a placeable, in their order. Which
// attributes those are is said by the list of the HTML standard (section "The translate
// attribute", translatable attributes), WAI-ARIA and common use: see peopleRead. Values
// that hold no word, or look like the name of a file or a thing, are left out. Whether
// the markup around them forbids a translation is said by Untranslated.
func (p Placeable) Attributes() []Attribute {
	switch {
	case p.Kind == ClosingTag && p.Name == linkName:
		return linkTitle(p.Text)
	case p.Kind != OpenTag && p.Kind != LoneTag, p.Name == "", p.Text[0] != '<':
		return nil
	}
	raw := p.rawAttributes()
	values := map[string]string{} // what decides on other attributes
	for _, a := range raw {
		if _, known := values[a.name]; !known {
			values[a.name] = strings.ToLower(p.Text[a.start:a.end])
		}
	}
	var out []Attribute
	seen := map[string]bool{}
	for _, a := range raw {
		if seen[a.name] || !p.peopleRead(a.name, values) {
			continue
		}
		seen[a.name] = true // a browser takes the first of two
		if found, ok := newAttribute(a.name, p.Text, a.start, a.end, value{quote: a.quote}); ok {
			out = append(out, found)
		}
	}
	return out
}

// rawAttribute is an attribute as it is written: its value from one byte of the tag to
// another, inside the quotation marks; 0 for none.
type rawAttribute struct {
	name       string
	start, end int
	quote      byte
}

// rawAttributes reads the attributes of a tag that have a value.
func (p Placeable) rawAttributes() []rawAttribute {
	var out []rawAttribute
	n := 1 + span(p.Text[1:], ":-_.")
	for n < len(p.Text) {
		n += len(p.Text[n:]) - len(strings.TrimLeft(p.Text[n:], tagSpace))
		length := attribute(p.Text[n:])
		if length == 0 {
			break // the end of the tag
		}
		name, whole, valued := strings.Cut(p.Text[n:n+length], "=")
		n += length
		if !valued {
			continue
		}
		name, whole = strings.TrimRight(name, tagSpace), strings.TrimLeft(whole, tagSpace)
		a := rawAttribute{name: strings.ToLower(name), start: n - len(whole), end: n}
		if whole[0] == '"' || whole[0] == '\'' {
			a.quote = whole[0]
			a.start++
			a.end--
		}
		out = append(out, a)
	}
	return out
}

// The attributes that people read. "alt" and "label" name what is seen or heard, so they
// count for the elements of other vocabularies too, which are not in the list of HTML.
var (
	everywhere = set(`title aria-label aria-description aria-placeholder aria-roledescription aria-valuetext`)
	ofElement  = map[string]map[string]bool{
		"abbr":        set(`th td`),
		"alt":         set(`area img input`),
		"label":       set(`optgroup option track`),
		"placeholder": set(`input textarea`),
		"summary":     set(`table`),
	}
	ofOthers = set(`alt label placeholder summary`)
	// buttons are the types of input whose value is the word on a button.
	buttons = set(`button reset submit`)
	// descriptions are the names of metadata that people read.
	descriptions = set(`description keywords og:title og:description og:image:alt
		twitter:title twitter:description twitter:image:alt`)
)

// peopleRead says whether people read an attribute of an element. values are those of
// all its attributes, in lower case.
func (p Placeable) peopleRead(name string, values map[string]string) bool {
	local := localName(p.Name)
	switch {
	case everywhere[name], ofElement[name][local]:
		return true
	case name == "content":
		return local == "meta" && (descriptions[values["name"]] || descriptions[values["property"]])
	case name == "value":
		return local == "input" && buttons[values["type"]]
	default:
		return ofOthers[name] && (!elements[local] || p.isComponent()) && !isNumber(p.Name)
	}
}

// isComponent says whether a tag is that of a component of a program, which is named
// like an element but with one capital letter: <Button label="Save">.
func (p Placeable) isComponent() bool {
	name := p.Text[1 : 1+len(p.Name)]
	return name[0] >= 'A' && name[0] <= 'Z' && name != strings.ToUpper(name)
}

// linkTitle returns the title of ](url "title").
func linkTitle(text string) []Attribute {
	at := strings.IndexByte(text, ' ')
	if at < 0 {
		return nil
	}
	for text[at] == ' ' {
		at++
	}
	end := strings.LastIndexByte(text, text[at])
	if text[at] != '"' && text[at] != '\'' || end <= at {
		return nil
	}
	if a, ok := newAttribute("title", text, at+1, end, value{quote: text[at], markdown: true}); ok {
		return []Attribute{a}
	}
	return nil
}

// newAttribute makes an attribute of the value between two bytes of a placeable. ok is
// false for one without a text to translate.
func newAttribute(name, tag string, start, end int, v value) (a Attribute, ok bool) {
	whole := tag[start:end]
	if strings.Contains(whole, "<?") || v.quote == 0 && strings.HasPrefix(whole, "{") {
		return Attribute{}, false // code that makes the value
	}
	text, at := v.decode(whole)
	inner, lead := text, 0
	if v.quote != 0 { // else the marks would come between the white space and the text
		inner = strings.TrimLeftFunc(text, unicode.IsSpace)
		lead = len(text) - len(inner)
		inner = strings.TrimRightFunc(inner, unicode.IsSpace)
	}
	if inner == "" || isName(inner) {
		return Attribute{}, false
	}
	a = Attribute{Name: name, Text: inner, Start: start + at[lead], End: start + at[lead+len(inner)], value: v}
	a.value.raw = tag[a.Start:a.End]
	a.value.learn(inner, at[lead:lead+len(inner)+1])
	return a, true
}

// isName says whether a text is the name of a file or a thing and no word: "logo.png",
// "user_name", "#top".
func isName(text string) bool {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x80 }) {
		return false
	}
	inner := strings.Trim(text, ".")
	return strings.ContainsAny(inner, `_.\=#@`)
}

// TagLength measures the tag or the end of a link that a text begins with, by its form
// alone, or returns 0. It knows a tag that Find does not take for one, because the text
// around it has no end tag of that name.
func TagLength(text string) int {
	switch {
	case strings.HasPrefix(text, "<"):
		if end := 1 + span(text[1:], ":-_."); end > 1 {
			return tagEnd(text, end)
		}
	case strings.HasPrefix(text, "]("):
		return 1 + linkAddress(text[1:])
	}
	return 0
}

// MayHaveAttributes says whether a text is worth a search for attributes: without the
// sign of a value, or that of a title, there is none.
func MayHaveAttributes(text string) bool {
	return strings.Contains(text, "<") && strings.Contains(text, "=") || strings.Contains(text, "](")
}
