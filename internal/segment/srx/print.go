package srx

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// write writes a pattern down again. syntax.Regexp has a String of its own, but that
// looks for the case folds of every character of a class: milliseconds for each \w.
// Captures and laziness are left out: only whether a pattern matches is asked.
func write(out *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		flag := ""
		if re.Flags&syntax.FoldCase != 0 {
			flag = "i"
		}
		fmt.Fprintf(out, "(?%s:%s)", flag, regexp.QuoteMeta(string(re.Rune)))
	case syntax.OpCharClass:
		out.WriteString(class(re.Rune))
	case syntax.OpCapture:
		write(out, re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			write(out, sub)
		}
	case syntax.OpAlternate:
		for i, sub := range re.Sub {
			out.WriteString([]string{"(?:", "|"}[min(i, 1)])
			write(out, sub)
		}
		out.WriteString(")")
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		out.WriteString("(?:")
		write(out, re.Sub[0])
		out.WriteString(")" + times(re))
	default:
		out.WriteString(anchors[re.Op])
	}
}

// anchors are the patterns without parts.
var anchors = map[syntax.Op]string{
	syntax.OpNoMatch: `[^\x00-\x{10FFFF}]`, syntax.OpEmptyMatch: `(?:)`,
	syntax.OpAnyChar: `(?s:.)`, syntax.OpAnyCharNotNL: `(?-s:.)`,
	syntax.OpBeginLine: `(?m:^)`, syntax.OpEndLine: `(?m:$)`,
	syntax.OpBeginText: `\A`, syntax.OpEndText: `\z`,
}

func times(re *syntax.Regexp) string {
	switch {
	case re.Op == syntax.OpStar:
		return "*"
	case re.Op == syntax.OpPlus:
		return "+"
	case re.Op == syntax.OpQuest:
		return "?"
	case re.Max < 0:
		return fmt.Sprintf("{%d,}", re.Min)
	default:
		return fmt.Sprintf("{%d,%d}", re.Min, re.Max)
	}
}

// class writes a set of characters, by a short name where it has one: the sets of \w
// and \p{L} have hundreds of ranges.
func class(pairs []rune) string {
	for _, known := range named() {
		if slices.Equal(known.pairs, pairs) {
			return known.name
		}
	}
	if len(pairs) == 0 {
		return anchors[syntax.OpNoMatch]
	}
	var out strings.Builder
	out.WriteByte('[')
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(&out, `\x{%x}-\x{%x}`, pairs[i], pairs[i+1])
	}
	out.WriteByte(']')
	return out.String()
}

// namedClass is a set that is written by its name.
type namedClass struct {
	name  string
	pairs []rune
}

var named = sync.OnceValue(func() []namedClass {
	var all []namedClass
	for _, set := range []string{words, spaces, `\p{L}`, `\p{Lu}`, `\p{Ll}`, `\p{Lo}`, `\p{N}`, `\p{Nd}`, `\p{P}`, `\p{Z}`} {
		for _, name := range []string{"[" + set + "]", "[^" + set + "]"} {
			parsed, err := syntax.Parse(name, syntax.Perl)
			if err != nil {
				panic(err) // the sets are constants
			}
			all = append(all, namedClass{name: name, pairs: parsed.Rune})
		}
	}
	return all
})
