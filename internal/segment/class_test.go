package segment

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/test/quality/segmentation/golden"
)

var update = flag.Bool("update", false, "write data/sentencebreak.txt anew")

// bare returns the sentence starts that uax29 finds, but the first.
func bare(text string) []int {
	var found []int
	at := 0
	for it := sentences.FromString(text); it.Next(); {
		if at += len(it.Value()); at < len(text) {
			found = append(found, at)
		}
	}
	return found
}

func own(text string) []int {
	return slices.Collect(uax29().boundaries(text, always))
}

// probe finds the class of a character by how uax29 cuts texts with it.
func probe(r rune) class {
	s := string(r)
	n := len(s)
	cuts := func(before, after string, at int) bool {
		return slices.Contains(bare(before+s+after), len(before)+at)
	}
	switch {
	case cuts("5", "5", n) && cuts("5", " 5", n+1):
		return classSTerm
	case cuts("5", "5", n):
		return classParaSep
	case cuts("5", " 5", n+1):
		return classATerm
	case len(bare("?"+s+"5")) == 0:
		return classSContinue
	case cuts("?", "5", n) && cuts("? ", "5", 0):
		return classClose
	case cuts("?", "5", n) && cuts("?", ")5", n):
		return classSp
	case cuts("?", "5", n):
		return classIgnored
	case !cuts("5. ", "5", 0):
		return classLower
	case !cuts("5.", "5", 0):
		return classNumeric
	case !cuts("a.", "5", 0):
		return classUpper
	case cuts("5. ", "a", 0):
		return classOLetter
	default:
		return classOther
	}
}

const tableHead = `# The property Sentence_Break of UAX #29 for Unicode 17.0, by value: characters and ranges
# of them in hexadecimal. ParaSep are Sep, CR and LF; Ignored are Extend and Format.
# Read off the behaviour of github.com/clipperhouse/uax29/v2, which is generated from
# SentenceBreakProperty.txt; write it anew with: go test ./internal/segment -update
# Copyright (c) 1991-2025 Unicode, Inc. Licence: Unicode-3.0, see LICENSE.unicode.
`

// write makes data/sentencebreak.txt of the classes that uax29 has.
func write(t *testing.T) {
	t.Helper()
	ranges := map[class][]string{}
	start, current := rune(0), probe(0)
	for r := rune(1); r <= unicode.MaxRune+1; r++ {
		as := classOther
		if r <= unicode.MaxRune && utf8.ValidRune(r) {
			as = probe(r)
		}
		if as == current && r <= unicode.MaxRune {
			continue
		}
		if start == r-1 {
			ranges[current] = append(ranges[current], fmt.Sprintf("%x", start))
		} else {
			ranges[current] = append(ranges[current], fmt.Sprintf("%x-%x", start, r-1))
		}
		start, current = r, as
	}
	var out strings.Builder
	out.WriteString(tableHead)
	for name, as := range sortedClasses() {
		fmt.Fprintf(&out, "[%s]\n", name)
		for line := range slices.Chunk(ranges[as], 12) {
			out.WriteString(strings.Join(line, " ") + "\n")
		}
	}
	if err := os.WriteFile("data/sentencebreak.txt", []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func sortedClasses() func(yield func(string, class) bool) {
	return func(yield func(string, class) bool) {
		var names []string
		for name := range classNames {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if !yield(name, classNames[name]) {
				return
			}
		}
	}
}

func TestClassesAreThoseOfUAX29(t *testing.T) {
	if *update {
		write(t)
		return // the file is embedded when the next run is built
	}
	// Beyond the first two planes are only large ranges.
	const end = 0x20000
	wrong := 0
	for r := rune(0); r < unicode.MaxRune && wrong < 10; r++ {
		if r >= end && r%0x35 != 0 || !utf8.ValidRune(r) {
			continue
		}
		if got, want := uax29().pages[r>>8][r&0xff], probe(r); got != want {
			t.Errorf("%U has the class %d, and uax29 says %d", r, got, want)
			wrong++
		}
	}
}

// alphabet has characters of every class, most of them near the rules.
var alphabet = strings.Split(`.|.|!|?|…|。|！|.|)|(|"|'|“|”|«|»|「|」| | |`+"\u00a0|\u200b|\u00ad|\u0301|\n|\r|\r\n|\u2028"+
	`|,|—|:|a|b|A|B|ß|ж|Ж|中|の|カ|ا|א|1|२|€|_|-|[|]|।|؟|۔|`+"\xff|\xe3|\xe3\x80|\u200d|😀", "|")

func TestBoundariesAreThoseOfUAX29(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		var b strings.Builder
		for range 1 + random.IntN(14) {
			b.WriteString(alphabet[random.IntN(len(alphabet))])
		}
		text := b.String() + "AAAA" // uax29 reads a rune cut off at the end in its own way
		if diff := cmp.Diff(bare(text), own(text)); diff != "" {
			t.Fatalf("boundaries of %q (-uax29 +own):\n%s", text, diff)
		}
	}
}

func TestBoundariesOfRealTextsAreThoseOfUAX29(t *testing.T) {
	cases, err := golden.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if diff := cmp.Diff(bare(c.Text), own(c.Text)); diff != "" {
			t.Errorf("boundaries of %q (-uax29 +own):\n%s", c.Text, diff)
		}
	}
}

func FuzzBoundariesAreThoseOfUAX29(f *testing.F) {
	f.Add("One. Two! „Drei?“ z. B. Vier… 12. März\r\n- {a} <b>x</b>\u2028\u00a0")
	f.Add("これは。「です。」と\u200b\u00ad. ¿Qué? « Non ! » Oui.")
	f.Fuzz(func(t *testing.T, text string) {
		text += "AAAA"
		if diff := cmp.Diff(bare(text), own(text)); diff != "" {
			t.Errorf("boundaries of %q (-uax29 +own):\n%s", text, diff)
		}
	})
}
