package placeables

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Syntax makes placeables of one kind.
type Syntax struct {
	Name string
	// piece makes the n-th placeable of a text.
	piece func(dice *rand.Rand, n int) piece
}

// piece is a placeable as its maker knows it.
type piece struct {
	// text of the placeable, or of its start when end is not empty.
	text string
	// end closes what text opens; there is prose between the two.
	end string
	// next says that a program gives it the next value of a list, so that its order
	// counts.
	next bool
	// grows are the signs that would become part of it behind it.
	grows string
}

// What would become part of a placeable without an end of its own.
const (
	digits    = "0123456789"
	wordSigns = digits + "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Syntaxes returns the syntaxes apart from ICU messages, which are no placeables but
// hold some.
func Syntaxes() []Syntax {
	return []Syntax{
		{"printf", func(d *rand.Rand, _ int) piece {
			return piece{text: pick(d, "%s", "%d", "%5.2f", "%-10s", "%lld", "%x", "%@", "%05d", "%+d"), next: true}
		}},
		{"printf_positional", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf("%%%d$%s", n, pick(d, "s", "d", "5.2f", "@", "ld"))}
		}},
		{"qt", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf("%%%s%d", pick(d, "", "", "L"), n), grows: digits}
		}},
		{"braces", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "{name%d}", "{%d}", "{user.x%d}", "{items[%d]}", "{%d:N2}", "{v%d, number}", "{ v%d }"), n)}
		}},
		{"empty_braces", func(d *rand.Rand, _ int) piece { return piece{text: pick(d, "{}", "{:>10}", "{:.2f}"), next: true} }},
		{"double_braces", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "{{name%d}}", "{{ user.x%d | upper }}", "{{v%d, number}}", "{{{raw%d}}}"), n)}
		}},
		{"dollar_braces", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "${NAME%d}", "${user.x%d}", "${a%d:-b c}"), n)}
		}},
		{"ruby", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "%%{name%d}", "%%<count%d>d", "%%<x%d>.2f"), n)}
		}},
		{"python", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "%%(name%d)s", "%%(n%d)5.2f", "{x%d!r:>10}", "{y%d:>{width}}"), n)}
		}},
		{"shell", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "$NAME_%d", "$user_name%d", "$HOME%d"), n), grows: wordSigns}
		}},
		{"dollar_numbers", func(_ *rand.Rand, n int) piece { return piece{text: fmt.Sprintf("$%d", n), grows: digits} }},
		{"laravel", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, ":name%d", ":Attribute_%d", ":MAX%d"), n), grows: wordSigns}
		}},
		{"i18next", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "$t(menu.file%d)", `$t(key%d, {"count": 3})`, "{{count%d, number}}"), n)}
		}},
		{"components", func(d *rand.Rand, n int) piece {
			if d.IntN(3) == 0 {
				return piece{text: fmt.Sprintf("<%d/>", n)}
			}
			return piece{text: fmt.Sprintf("<%d>", n), end: fmt.Sprintf("</%d>", n)}
		}},
		{"tags", func(d *rand.Rand, n int) piece {
			if d.IntN(3) == 0 {
				return piece{text: fmt.Sprintf(pick(d, `<br id="%d">`, `<img src="a%d.png" alt="a > b"/>`, `<x id="%d"/>`, "<!-- note %d -->"), n)}
			}
			name := pick(d, "b", "i", "a", "span", "g", "my-tag")
			return piece{text: fmt.Sprintf(`<%s id="%d">`, name, n), end: "</" + name + ">"}
		}},
		{"entities", func(d *rand.Rand, n int) piece {
			return piece{text: pick(d, "&nbsp;", "&amp;", "&lt;", "&copy;", fmt.Sprintf("&#%d;", 8592+n))}
		}},
		{"markdown_links", func(d *rand.Rand, n int) piece {
			return piece{text: pick(d, "[", "!["), end: fmt.Sprintf(pick(d, "](https://example.org/a%d)", `](docs/x%d.md "Title")`, "](#part%d)"), n)}
		}},
		{"code", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "`apt install x%d`", "``a ` b%d``", "```\nls -l\nrm x%d\n```"), n)}
		}},
		{"urls", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "https://example.org/a%d?b=c", "http://x%d.example.org", "www.example%d.org", "mailto:x%d@example.org"), n), grows: wordSigns}
		}},
		{"emails", func(_ *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf("a.b+c%d@mail.example.org", n), grows: wordSigns}
		}},
		{"paths", func(d *rand.Rand, n int) piece {
			return piece{text: fmt.Sprintf(pick(d, "/usr/lib/x%d", "~/x%d.conf", "../up%d", `C:\Program Files\App%d\a.exe`, `\\server\share%d`), n), grows: wordSigns}
		}},
		{"options", func(d *rand.Rand, n int) piece {
			return piece{text: pick(d, fmt.Sprintf("--long-name%d", n), "-"+string(rune('a'+n))), grows: wordSigns}
		}},
		{"mixed", nil},
	}
}

func pick(dice *rand.Rand, from ...string) string { return from[dice.IntN(len(from))] }

// words of the texts; none is part of a placeable.
var words = strings.Fields(`save your work then close this window before you leave open
	several documents could not read settings because network was gone please try again`)

// text is a source with the placeables in it.
type text struct {
	source string
	pieces []piece
}

// text makes a source of one to five placeables.
func (s Syntax) text(dice *rand.Rand) text {
	const most = 5
	for {
		var t text
		for n := range 1 + dice.IntN(most) {
			one := s
			if s.piece == nil { // of all syntaxes
				all := Syntaxes()
				one = all[dice.IntN(len(all)-1)]
			}
			if one.Name == "dollar_numbers" && s.piece == nil {
				continue // they count from one on
			}
			t.pieces = append(t.pieces, one.piece(dice, n+1))
		}
		if t.areApart() && len(t.pieces) > 0 {
			var b strings.Builder
			b.WriteString(prose(dice))
			write(dice, &b, t.pieces)
			t.source = b.String()
			return t
		}
	}
}

// areApart says whether no placeable is part of another, so that each can be counted.
func (t text) areApart() bool {
	all := t.marks()
	for i, a := range all {
		for j, b := range all {
			if i != j && a != b && strings.Contains(b, a) && a != "[" {
				return false
			}
		}
	}
	return true
}

// marks lists all placeables.
func (t text) marks() []string {
	var out []string
	for _, p := range t.pieces {
		out = append(out, p.text)
		if p.end != "" {
			out = append(out, p.end)
		}
	}
	return out
}

// write writes pieces with prose between, one pair maybe inside another.
func write(dice *rand.Rand, b *strings.Builder, pieces []piece) {
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		opening, closing := around(dice)
		b.WriteString(" " + opening + p.text)
		if p.end != "" {
			if dice.IntN(2) == 0 {
				b.WriteString(prose(dice))
			} else {
				b.WriteString(pick(dice, words...))
			}
			if dice.IntN(2) == 0 && i+1 < len(pieces) && p.text != "[" && p.text != "![" {
				write(dice, b, pieces[i+1:])
				i = len(pieces)
			}
			b.WriteString(p.end)
		}
		b.WriteString(closing)
		if dice.IntN(3) > 0 {
			b.WriteString(" " + prose(dice))
		}
	}
}

func around(dice *rand.Rand) (opening, closing string) {
	both := [][2]string{{"", ""}, {"", ""}, {"", ""}, {"(", ")"}, {"\"", "\""}, {"", ","}, {"", "."}, {"", "!"}}
	pair := both[dice.IntN(len(both))]
	return pair[0], pair[1]
}

func prose(dice *rand.Rand) string {
	var out []string
	for range 1 + dice.IntN(4) {
		out = append(out, pick(dice, words...))
	}
	return strings.Join(out, " ")
}
