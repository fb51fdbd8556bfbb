package placeholder

import "strings"

// Bounds of code in bytes.
const (
	maxSpan  = 2000
	maxFence = 20_000
)

// code measures a code span or a fenced block of Markdown: from a run of backticks to
// the next of the same length. Old manuals set `quotes' and “quotes” with backticks;
// those have an apostrophe for an end.
func code(text string, i int) int {
	if i > 0 && text[i-1] == '`' {
		return 0
	}
	rest := text[i:]
	run := len(rest) - len(strings.TrimLeft(rest, "`"))
	const fence = 3
	limit := maxSpan
	if run >= fence {
		limit = maxFence
	}
	limit = min(len(rest), limit)
	for at := run; at < limit; {
		next := strings.IndexByte(rest[at:limit], '`')
		if next < 0 {
			return 0
		}
		at += next
		end := at + len(rest[at:]) - len(strings.TrimLeft(rest[at:], "`"))
		if end-at != run {
			at = end
			continue
		}
		if run < fence && !isSpan(rest[run:at]) {
			return 0
		}
		return end
	}
	return 0
}

// isSpan says whether the inside of backticks is code, and not the text between two
// quotations.
func isSpan(inner string) bool {
	if strings.TrimSpace(inner) != inner || inner == "" || strings.ContainsAny(inner, "\r\n") {
		return false
	}
	return strings.Count(inner, "'")%2 == 0 && !strings.Contains(inner, "''")
}
