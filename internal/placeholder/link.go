package placeholder

import "strings"

// linkName is the Name of the two ends of a link.
const linkName = "["

// maxLink bounds, in bytes, the text of a link and its address.
const maxLink = 2000

// link reads an end of a Markdown link or image: "[" or "![" before its text, "](url)"
// or "](url "title")" behind it. They come in pairs as tags do.
func (r *reader) link(i int) Placeable {
	if r.links == nil {
		r.links = linksOf(r.text)
	}
	end := r.links[i]
	switch {
	case end == 0:
		return Placeable{}
	case r.text[i] == ']':
		return Placeable{Kind: ClosingTag, Text: r.text[i:end], Name: linkName}
	default:
		return Placeable{Kind: OpenTag, Text: r.text[i:end], Name: linkName}
	}
}

// linksOf pairs the brackets of a text and keeps those that are links.
func linksOf(text string) map[int]int {
	links := map[int]int{}
	var open []int
	for at := range len(text) {
		switch text[at] {
		case '[':
			open = append(open, at)
		case '\n':
			if strings.HasPrefix(text[at+1:], "\n") {
				open = nil // a paragraph ends
			}
		case ']':
			last := len(open) - 1
			if last < 0 {
				continue
			}
			start := open[last]
			open = open[:last]
			address := linkAddress(text[at+1:])
			if address == 0 || at-start > maxLink || at == start+1 {
				continue
			}
			links[at] = at + 1 + address
			links[start] = start + 1
			if start > 0 && text[start-1] == '!' {
				links[start-1] = start + 1
			}
		}
	}
	return links
}

// linkAddress measures (url) or (url "title"), or returns 0. What stands in brackets
// behind brackets may be a remark; an address has no space, and a slash, a full stop, a
// number sign or a field.
func linkAddress(rest string) int {
	if !strings.HasPrefix(rest, "(") {
		return 0
	}
	limit := rest[:min(len(rest), maxLink)]
	open := 0
	for n := range len(limit) {
		switch limit[n] {
		case '\r', '\n':
			return 0
		case '(':
			open++
		case ')':
			if open--; open > 0 {
				continue
			}
			url, title, titled := strings.Cut(limit[1:n], " ")
			title = strings.TrimSpace(title)
			isTitle := len(title) > 1 && (title[0] == '"' || title[0] == '\'') && title[len(title)-1] == title[0]
			if titled && !isTitle || !strings.ContainsAny(url, "/.#{%$") {
				return 0
			}
			return n + 1
		}
	}
	return 0
}
