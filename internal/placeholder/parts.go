package placeholder

import "regexp"

// tokenPattern finds the tokens that Mask puts in.
var tokenPattern = regexp.MustCompile(`⟦\d+⟧`)

// Part is a stretch of a masked text: a token, or the text between two.
type Part struct {
	Text  string
	Token bool
}

// SplitTokens cuts a masked text at its tokens. The parts, joined, are the text.
func SplitTokens(masked string) []Part {
	var parts []Part
	at := 0
	for _, found := range tokenPattern.FindAllStringIndex(masked, -1) {
		if found[0] > at {
			parts = append(parts, Part{Text: masked[at:found[0]]})
		}
		parts = append(parts, Part{Text: masked[found[0]:found[1]], Token: true})
		at = found[1]
	}
	if at < len(masked) {
		parts = append(parts, Part{Text: masked[at:]})
	}
	return parts
}
