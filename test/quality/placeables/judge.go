package placeables

import (
	"fmt"
	"sort"
	"strings"
)

// lost says what is wrong with the placeables of a result; "" when nothing is.
func (t text) lost(result string) string {
	want := map[string]int{}
	for _, mark := range t.marks() {
		want[mark]++
	}
	found := t.find(result)
	got := map[string]int{}
	for _, f := range found {
		got[f.text]++
	}
	for mark, n := range want {
		if isBracket(mark) && got[mark] > n {
			continue // brackets of prose
		}
		if got[mark] != n {
			return fmt.Sprintf("%q is there %d times and not %d", mark, got[mark], n)
		}
	}
	if strings.ContainsAny(result, "⟦⟧") {
		return "a token is left"
	}
	if loss := t.disordered(found); loss != "" {
		return loss
	}
	for _, f := range found {
		if loss := t.misread(result, f); loss != "" {
			return loss
		}
	}
	return ""
}

// isBracket says whether a mark is the start of a link, which means nothing without its
// end.
func isBracket(mark string) bool { return mark == "[" || mark == "![" }

// mark is a placeable in a result.
type mark struct {
	text  string
	start int
}

// find looks for the strings of the placeables, the longest first.
func (t text) find(result string) []mark {
	all := t.marks()
	sort.Slice(all, func(i, j int) bool { return len(all[i]) > len(all[j]) })
	var out []mark
	for at := 0; at < len(result); {
		next := at + 1
		for _, m := range all {
			if strings.HasPrefix(result[at:], m) && !isPartOfWord(result, m, at) {
				out = append(out, mark{text: m, start: at})
				next = at + len(m)
				break
			}
		}
		at = next
	}
	return out
}

// isPartOfWord says whether a short option is a stretch of a word.
func isPartOfWord(result, m string, at int) bool {
	const short = len("-x")
	if len(m) != short || m[0] != '-' {
		return false
	}
	before, after := result[:at], result[at+short:]
	return before != "" && strings.IndexByte(wordSigns, before[len(before)-1]) >= 0 ||
		after != "" && strings.IndexByte(wordSigns+"-", after[0]) >= 0
}

// disordered checks the values of a list, and that what is opened last is closed first.
func (t text) disordered(found []mark) string {
	next := map[string]bool{}
	var want []string
	opens, closes := map[string]string{}, map[string]bool{}
	for _, p := range t.pieces {
		if p.next {
			next[p.text] = true
			want = append(want, p.text)
		}
		if p.end != "" {
			closes[p.end] = true
			opens[p.text] = p.end
		}
	}
	var got, open []string
	for _, f := range found {
		if next[f.text] {
			got = append(got, f.text)
		}
		switch {
		case closes[f.text]:
			for len(open) > 0 && isBracket(open[len(open)-1]) && !t.closes(open[len(open)-1], f.text) {
				open = open[:len(open)-1]
			}
			if len(open) == 0 || !t.closes(open[len(open)-1], f.text) {
				return fmt.Sprintf("%q closes what is not open", f.text)
			}
			open = open[:len(open)-1]
		case opens[f.text] != "":
			open = append(open, f.text)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		return fmt.Sprintf("the order is %q", got)
	}
	return ""
}

// closes says whether an end belongs to a start. Two links begin alike.
func (t text) closes(start, end string) bool {
	for _, p := range t.pieces {
		if p.text == start && p.end == end {
			return true
		}
	}
	return false
}

// misread finds what a program would read otherwise: a placeable that has grown, and a
// per cent sign or a brace that joins it.
func (t text) misread(result string, f mark) string {
	before, after := result[:f.start], result[f.start+len(f.text):]
	for _, p := range t.pieces {
		if p.text == f.text && after != "" && strings.IndexByte(p.grows, after[0]) >= 0 {
			return fmt.Sprintf("%q has grown", f.text)
		}
	}
	if strings.HasPrefix(f.text, "%") && strings.HasSuffix(before, "%") && !strings.HasSuffix(before, "%%") {
		return fmt.Sprintf("%q is escaped", f.text)
	}
	return ""
}
