package placeholder

import "strings"

// Part is a stretch of a masked text: either one token or the text between two.
type Part struct {
	Text string
	// Token says that the part is a token.
	Token bool
}

// SplitTokens cuts a masked text into its tokens and the texts between them, in
// order and without empty parts. Joined they are the text.
func SplitTokens(masked string) []Part {
	var parts []Part
	start := 0
	for at := 0; at < len(masked); {
		next := strings.Index(masked[at:], openSign)
		if next < 0 {
			break
		}
		at += next
		length, _ := token(masked[at:])
		if length == 0 {
			at += len(openSign)
			continue
		}
		if at > start {
			parts = append(parts, Part{Text: masked[start:at]})
		}
		parts = append(parts, Part{Text: masked[at : at+length], Token: true})
		at += length
		start = at
	}
	if start < len(masked) {
		parts = append(parts, Part{Text: masked[start:]})
	}
	return parts
}
