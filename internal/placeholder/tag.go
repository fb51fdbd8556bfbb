package placeholder

import "strings"

// maxTag bounds, in bytes, the search for the end of a tag.
const maxTag = 8000

// doctype begins the declaration at the head of a page.
const doctype = "<!DOCTYPE "

// tag reads the tag, comment, CDATA section, instruction or declaration at the start of
// rest; its Text is "" when there is none.
func (r *reader) tag(rest string) Placeable {
	if end := endOfLone(rest); end != "" {
		return lone(rest, end)
	}
	kind, at := OpenTag, 1
	if strings.HasPrefix(rest, "</") {
		kind, at = ClosingTag, 2
	}
	end := at + span(rest[at:], ":-_.")
	name := strings.ToLower(rest[at:end])
	n := tagEnd(rest, end)
	if n == 0 || !r.isElement(name, kind, rest[:n]) {
		return Placeable{}
	}
	if kind == OpenTag && (rest[n-2] == '/' || void[localName(name)]) {
		kind = LoneTag
	}
	return Placeable{Kind: kind, Text: rest[:n], Name: name}
}

// endOfLone returns what ends the comment, section, instruction or declaration at the
// start of rest; "" when there is none.
func endOfLone(rest string) string {
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return "-->"
	case strings.HasPrefix(rest, "<![CDATA["):
		return "]]>"
	case strings.HasPrefix(rest, "<%"):
		return "%>"
	case strings.HasPrefix(rest, "<?") && len(rest) > 2 && (isASCIILetter(rest[2]) || rest[2] == '='):
		return "?>"
	case len(rest) > len(doctype) && strings.EqualFold(rest[:len(doctype)], doctype):
		return ">"
	default:
		return ""
	}
}

// isElement says whether a name in angle brackets is that of an element. One that is
// not in the list, or that is a word as well, needs the other tag of its pair in the
// text: a command's help has <file> and <path> for something to fill in. A number is
// one of the components of a React text.
func (r *reader) isElement(name string, kind Kind, tag string) bool {
	bare := strings.EqualFold(tag[1:len(tag)-1], name)
	switch local := localName(name); {
	case elements[local]:
		return kind == ClosingTag || !bare || !wordy[local] || r.closes(name)
	case name == "":
		return false
	case kind == ClosingTag:
		return r.opens(name)
	case strings.HasSuffix(tag, "/>"):
		return isNumber(name)
	default:
		return r.closes(name)
	}
}

func isNumber(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }

// localName cuts the prefix off a name such as "xliff:g".
func localName(name string) string {
	if _, local, prefixed := strings.Cut(name, ":"); prefixed {
		return local
	}
	return name
}

func lone(rest, end string) Placeable {
	n := strings.Index(rest[:min(len(rest), maxTag)], end)
	if n < 0 {
		return Placeable{}
	}
	return Placeable{Kind: LoneTag, Text: rest[:n+len(end)]}
}

// tagSpace is the white space inside of a tag.
const tagSpace = " \t\r\n"

// tagEnd returns the length of a tag whose name ends at byte n, or 0 when what
// follows is no list of attributes, as in "<time in seconds>". A ">" inside quotes
// does not end the tag.
func tagEnd(rest string, n int) int {
	limit := min(len(rest), maxTag)
	for n < limit {
		spaces := len(rest[n:limit]) - len(strings.TrimLeft(rest[n:limit], tagSpace))
		n += spaces
		switch {
		case strings.HasPrefix(rest[n:limit], ">"):
			return n + 1
		case strings.HasPrefix(rest[n:limit], "/>"):
			return n + 2
		case spaces == 0:
			return 0
		}
		length := attribute(rest[n:limit])
		if length == 0 {
			return 0
		}
		n += length
	}
	return 0
}

// attribute measures name="value", name=value or the name of one that needs no
// value, or returns 0. White space may stand around the sign before a quotation mark.
func attribute(rest string) int {
	n := 0
	for n < len(rest) && (isNameByte(rest[n]) || strings.IndexByte(":@#*[]()", rest[n]) >= 0) {
		n++
	}
	value, found := strings.CutPrefix(rest[n:], "=")
	if spaced, ok := strings.CutPrefix(strings.TrimLeft(rest[n:], tagSpace), "="); n > 0 && ok {
		if quoted := strings.TrimLeft(spaced, tagSpace); strings.HasPrefix(quoted, `"`) || strings.HasPrefix(quoted, "'") {
			value, found = quoted, true
		}
	}
	switch {
	case n == 0, !found && !standsAlone(strings.ToLower(rest[:n])):
		return 0
	case !found:
		return n
	}
	length := attributeValue(value)
	if length == 0 {
		return 0
	}
	return len(rest) - len(value) + length
}

// standsAlone says whether an attribute needs no value.
func standsAlone(name string) bool {
	return valueless[name] || strings.HasPrefix(name, "data-") || strings.HasPrefix(name, "v-") || strings.HasPrefix(name, "#")
}

// attributeValue measures a value in quotes or without, or returns 0.
func attributeValue(value string) int {
	if value == "" {
		return 0
	}
	if quote := value[0]; quote == '"' || quote == '\'' {
		end := strings.IndexByte(value[1:], quote)
		if end < 0 {
			return 0
		}
		return end + 2
	}
	end := strings.IndexAny(value, " \t\r\n<>\"'")
	if end <= 0 || value[end] == '<' {
		return 0
	}
	if strings.HasSuffix(value[:end], "/") && value[end] == '>' {
		end-- // <br class=x/>
	}
	return end
}

// set makes a look-up table of names that white space separates.
func set(names string) map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		out[name] = true
	}
	return out
}

// void are the elements that have no end tag in HTML, and those of XLIFF that are
// always empty.
var void = set(`area base br col embed hr img input link meta source track wbr
	x bx ex cp sc ec`)

// elements are the names that make a tag: those of the HTML standard, the few of
// older pages and of SVG that still turn up in texts, and the inline ones of XLIFF
// 1.2 and 2.
var elements = set(`
	a abbr address area article aside audio b base bdi bdo blockquote body br button
	canvas caption cite code col colgroup data datalist dd del details dfn dialog div
	dl dt em embed fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head
	header hgroup hr html i iframe img input ins kbd label legend li link main map
	mark menu meta meter nav noscript object ol optgroup option output p picture pre
	progress q rp rt ruby s samp script search section select slot small source span
	strong style sub summary sup table tbody td template textarea tfoot th thead time
	title tr track u ul var video wbr
	acronym big center font strike tt nobr
	svg path circle rect line polyline polygon ellipse g defs use text tspan
	x bx ex bpt ept ph it mrk pc sc ec cp sm`)

// wordy are the elements whose names are words that people set in angle brackets
// for something to fill in. Without attributes they need their end tag in the text.
var wordy = set(`
	address area article aside audio base button canvas caption col data dialog
	dir footer form frame figure header image input label legend line link main map mark
	menu meter object option output param path picture progress rect search section
	select slot source summary table template text time title track use video`)

// valueless are the attributes of HTML that stand without a value.
var valueless = set(`
	async autofocus autoplay checked controls default defer disabled download hidden
	inert ismap itemscope loop multiple muted nomodule nowrap novalidate open playsinline
	readonly required reversed selected translate`)
