package segment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/segment"
)

// behind breaks behind every occurrence of a sign.
type behind string

func (b behind) Breaks(line string) []int {
	var found []int
	for at := 0; ; {
		i := strings.Index(line[at:], string(b))
		if i < 0 {
			return found
		}
		at += i + len(b)
		found = append(found, at)
	}
}

// places breaks at offsets, whatever the line is.
type places []int

func (p places) Breaks(string) []int { return p }

func TestSplitBy(t *testing.T) {
	prose := func(text string) segment.Piece { return segment.Piece{Text: text, Translatable: true} }
	rest := func(text string) segment.Piece { return segment.Piece{Text: text} }
	cases := map[string]struct {
		text    string
		breaker segment.Breaker
		want    []segment.Piece
	}{
		"the breaker alone decides":             {"Mr. Hill. He; left.", behind(";"), []segment.Piece{prose("Mr. Hill. He;"), rest(" "), prose("left.")}},
		"no breaks":                             {"One. Two.", behind(";"), []segment.Piece{prose("One. Two.")}},
		"lines, marks and blocks stay":          {"- One; two\n<p>Three; 4;</p>", behind(";"), []segment.Piece{rest("- "), prose("One;"), rest(" "), prose("two"), rest("\n<p>"), prose("Three;"), rest(" 4;</p>")}},
		"wrapped prose is one line":             {"A long line of prose that an editor wrapped\nin the middle; and so on", behind(";"), []segment.Piece{prose("A long line of prose that an editor wrapped\nin the middle;"), rest(" "), prose("and so on")}},
		"closing tags go with the end":          {"<b>One;</b> two; <i>three</i>", behind(";"), []segment.Piece{prose("<b>One;</b>"), rest(" "), prose("two;"), rest(" "), prose("<i>three</i>")}},
		"opening tags go with the next":         {"One;<b>two</b>", behind(";"), []segment.Piece{prose("One;"), prose("<b>two</b>")}},
		"the breaker sees no tags":              {"One<b>;</b>;two", behind(";;"), []segment.Piece{prose("One<b>;</b>;"), prose("two")}},
		"a tag at both ends of a line":          {"<b>one; two</b>\n<i>three; four</i>", behind(";"), []segment.Piece{prose("<b>one;"), rest(" "), prose("two</b>"), rest("\n"), prose("<i>three;"), rest(" "), prose("four</i>")}},
		"no cut inside a field":                 {"a {name} b", places{3, 4, 7, 8}, []segment.Piece{prose("a {name}"), rest(" "), prose("b")}},
		"no cut inside an address":              {"see https://example.org/x now", places{6, 12, 27}, []segment.Piece{prose("see https://example.org/x n"), prose("ow")}},
		"no cut inside a character":             {"aéb", places{2, 3}, []segment.Piece{prose("aé"), prose("b")}},
		"offsets out of order and out of range": {"one two", places{-1, 0, 4, 2, 4, 7, 99}, []segment.Piece{prose("one"), rest(" "), prose("two")}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, segment.SplitBy(tc.text, "en", tc.breaker)); diff != "" {
				t.Errorf("SplitBy() (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzSplitByLosesNothing(f *testing.F) {
	f.Add("- One; <b>two; {a}</b>\n<p>three\xff;", ";", 3)
	f.Add("<b></b>;;</p><i>;", "", -1)
	f.Fuzz(func(t *testing.T, text, sign string, at int) {
		for _, breaker := range []segment.Breaker{behind(sign + ";"), places{at, at + 1, at + 2}} {
			checkPieces(t, text, segment.SplitBy(text, "en", breaker))
		}
	})
}
