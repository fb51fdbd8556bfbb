package icu

import "strings"

// Quote writes a text so that Parse reads it as literal text and nothing else. It must
// stand whole between two arguments: two quoted texts side by side may read as one.
// In the arm of a plural the number sign is quoted too. An apostrophe is doubled where
// it could quote, and everywhere when double is set, as some formatters want it.
func Quote(text string, inPlural, double bool) string {
	if !strings.ContainsAny(text, "'{}#") {
		return text
	}
	var b strings.Builder
	for at := 0; at < len(text); {
		run := signs(text[at:], inPlural)
		if run == 0 {
			b.WriteByte(text[at])
			at++
			continue
		}
		inner := text[at : at+run]
		doubled := strings.ReplaceAll(inner, "'", "''")
		at += run
		switch {
		case strings.Trim(inner, "'") != "":
			b.WriteString("'" + doubled + "'")
		case !double && run == 1 && at < len(text) && strings.IndexByte("<>|#", text[at]) < 0:
			b.WriteString(inner) // an apostrophe before a letter is itself
		default:
			b.WriteString(doubled)
		}
	}
	return b.String()
}

// signs counts the leading bytes that have a meaning in a message.
func signs(text string, inPlural bool) int {
	n := 0
	for n < len(text) && (text[n] == '\'' || text[n] == '{' || text[n] == '}' || text[n] == '#' && inPlural) {
		n++
	}
	return n
}

// Doubles says whether a message writes an apostrophe twice where one would do.
func Doubles(text string) bool {
	for at := 0; ; {
		next := strings.Index(text[at:], "''")
		if next < 0 {
			return false
		}
		at += next + 2
		if at < len(text) && strings.IndexByte("'{}#", text[at]) < 0 && (at == 2 || strings.IndexByte("'{}#", text[at-3]) < 0) {
			return true
		}
	}
}
