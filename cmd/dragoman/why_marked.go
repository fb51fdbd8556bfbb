package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// marked shows a stretch of a text between arrows, with some of the text around it; ""
// for no stretch, and for one that is not of this text.
func marked(text *string, span *v1alpha1.CharacterSpan) string {
	const around = 30 // code points on each side
	if text == nil || span == nil {
		return ""
	}
	runes := []rune(*text)
	start, end := int(span.Start), int(span.End)
	if start < 0 || start >= end || end > len(runes) {
		return ""
	}
	from, to := max(start-around, 0), min(end+around, len(runes))
	before, after := "", ""
	if from > 0 {
		before = "…"
	}
	if to < len(runes) {
		after = "…"
	}
	return before + seen(runes[from:start]) + "→" + seen(runes[start:end]) + "←" + seen(runes[end:to]) + after
}

// seen writes what nobody sees by its number, so that it neither hides nor turns the text
// of a terminal around.
func seen(runes []rune) string {
	var b strings.Builder
	for _, r := range runes {
		if unicode.IsGraphic(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "U+%04X", r)
		}
	}
	return b.String()
}
