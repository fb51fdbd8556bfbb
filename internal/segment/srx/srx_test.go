package srx_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/segment/srx"
)

// file returns a rule file with a header, the rules of one language and a map to it.
func file(header, rules string) string {
	return `<srx xmlns="http://www.lisa.org/srx20" version="2.0"><header ` + header + `/><body><languagerules>` +
		`<languagerule languagerulename="all">` + rules + `</languagerule></languagerules>` +
		`<maprules><languagemap languagepattern=".*" languagerulename="all"/></maprules></body></srx>`
}

// parsed reads a rule file that has no error.
func parsed(t *testing.T, content string) *srx.Rules {
	t.Helper()
	rules, err := srx.Parse(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// pieces cuts a line at the breaks.
func pieces(line string, breaks []int) []string {
	var all []string
	at := 0
	for _, next := range breaks {
		all = append(all, line[at:next])
		at = next
	}
	return append(all, line[at:])
}

func TestSampleFile(t *testing.T) {
	content, err := os.ReadFile("testdata/sample.srx")
	if err != nil {
		t.Fatal(err)
	}
	rules := parsed(t, string(content))
	cases := map[string]struct {
		lang, line string
		want       []string
	}{
		"exceptions of the language come first":      {"en-GB", "Mr. Hill met J. Smith. He left.", []string{"Mr. Hill met J. Smith.", " He left."}},
		"another language has other exceptions":      {"de", "Mr. Hill kam am 12. März, z. B. Um acht. Er ging.", []string{"Mr.", " Hill kam am 12. März, z. B. Um acht.", " Er ging."}},
		"a word boundary before a letter over ASCII": {"de", "Das ist eine Ä. Bar. Das ist eine ÄÄ. Bar.", []string{"Das ist eine Ä. Bar.", " Das ist eine ÄÄ.", " Bar."}},
		"a word boundary behind a pattern":           {"de", "Am 3. Mai. Am 3. Maikäfer.", []string{"Am 3. Mai.", " Am 3.", " Maikäfer."}},
		"no white space between sentences":           {"ja", "そうだ。「はい。」次へ。", []string{"そうだ。", "「はい。」", "次へ。"}},
		"the rules for all, of every language":       {"tlh", "One. Two! Three", []string{"One.", " Two!", " Three"}},
		"the language pattern knows no case":         {"EN", "Mr. Hill.", []string{"Mr. Hill."}},
		"nothing":                                    {"en", "", []string{""}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, pieces(tc.line, rules.For(tc.lang).Breaks(tc.line))); diff != "" {
				t.Errorf("Breaks() (-want +got):\n%s", diff)
			}
		})
	}
}

const (
	stop = `<rule><beforebreak>\.</beforebreak><afterbreak>\s</afterbreak></rule>`
	noDr = `<rule break="no"><beforebreak>\bDr\.</beforebreak><afterbreak>\s</afterbreak></rule>`
)

func TestOrderOfRules(t *testing.T) {
	cases := map[string]struct {
		content, line string
		want          []string
	}{
		"the first rule that matches wins":        {file("", noDr+stop), "Dr. No. Yes", []string{"Dr. No.", " Yes"}},
		"a later exception comes too late":        {file("", stop+noDr), "Dr. No.", []string{"Dr.", " No."}},
		"nothing matches, so nothing breaks":      {file("", noDr), "One. Two", []string{"One. Two"}},
		"no rules at all":                         {file("", ""), "One. Two", []string{"One. Two"}},
		"an empty half matches everywhere":        {file("", `<rule><beforebreak>;</beforebreak></rule>`), "a;b", []string{"a;", "b"}},
		"a pattern sees the start of the line":    {file("", `<rule break="no"><beforebreak>^\d+\.</beforebreak></rule>`+stop), "1. a 1. b", []string{"1. a 1.", " b"}},
		"a pattern sees the end of the line":      {file("", `<rule break="no"><afterbreak>\s+b$</afterbreak></rule>`+stop), "a. b. a. b", []string{"a.", " b.", " a. b"}},
		"every place counts, not the longest run": {file("", `<rule><beforebreak>\.+</beforebreak><afterbreak>\.</afterbreak></rule>`), "a...", []string{"a.", ".", "."}},
		"wide spaces are spaces":                  {file("", stop), "a.\u00a0b.\u3000c", []string{"a.", "\u00a0b.", "\u3000c"}},
		"Unicode escapes and digits":              {file("", `<rule><beforebreak>\u00e9[\d]</beforebreak><afterbreak>[\u0062\s]</afterbreak></rule>`), "é٣b é3 c", []string{"é٣", "b é3", " c"}},
		"case folds where it is asked to":         {file("", `<rule><beforebreak>(?i)END</beforebreak></rule>`), "end eND x", []string{"end", " eND", " x"}},
		"a boundary inside that always holds":     {file("", `<rule><beforebreak>\b[A-ZÄ]\b\.</beforebreak></rule>`), "xÄ. Ä. b", []string{"xÄ. Ä.", " b"}},
		"no boundary":                             {file("", `<rule><beforebreak>\Ba\.</beforebreak></rule>`), "a. äa. x", []string{"a. äa.", " x"}},
		"wrong bytes":                             {file("", stop), "a\xff. \xc3. b", []string{"a\xff.", " \xc3.", " b"}},
		"a quotation of signs":                    {file("", `<rule><beforebreak>\Q.[\E</beforebreak></rule>`), "a.[b", []string{"a.[", "b"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, pieces(tc.line, parsed(t, tc.content).For("en").Breaks(tc.line))); diff != "" {
				t.Errorf("Breaks() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCascade(t *testing.T) {
	body := func(cascade string) string {
		return `<srx version="2.0"><header cascade="` + cascade + `"/><body><languagerules>` +
			`<languagerule languagerulename="titles">` + noDr + `</languagerule>` +
			`<languagerule languagerulename="stops">` + stop + `</languagerule></languagerules><maprules>` +
			`<languagemap languagepattern="EN(-.*)?" languagerulename="titles"/>` +
			`<languagemap languagepattern="..(-.*)?" languagerulename="stops"/></maprules></body></srx>`
	}
	cases := map[string]struct {
		cascade, lang string
		want          []int
	}{
		"with cascade all maps hold":            {"yes", "en-US", []int{7}},
		"with cascade a language has one map":   {"yes", "fr", []int{3, 7}},
		"without cascade the first map holds":   {"no", "en", nil},
		"without cascade another map may hold":  {"no", "fr", []int{3, 7}},
		"a pattern is of the whole tag":         {"yes", "eng", nil},
		"a language without a map has no rules": {"yes", "tlh", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, parsed(t, body(tc.cascade)).For(tc.lang).Breaks("Dr. No. Yes")); diff != "" {
				t.Errorf("Breaks() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWrongFilesAreOneError(t *testing.T) {
	rule := func(before, after string) string {
		return file("", stop+"\n<rule><beforebreak>"+before+"</beforebreak><afterbreak>"+after+"</afterbreak></rule>")
	}
	cases := map[string]struct {
		content string
		want    []string // all in the message
	}{
		"nothing":                       {"", []string{"no srx element"}},
		"no XML":                        {"rules", []string{"no srx element"}},
		"not closed":                    {`<srx version="2.0"><header/>`, []string{"not well-formed"}},
		"another file":                  {`<tmx/>`, []string{"line 1", `"tmx"`}},
		"another version":               {`<srx version="1.0"/>`, []string{"line 1", `"1.0"`}},
		"no header":                     {`<srx version="2.0"/>`, []string{"no header"}},
		"a cascade that is neither":     {file(`cascade="maybe"`, ""), []string{"cascade", `"maybe"`}},
		"a break that is neither":       {file("", `<rule break="true"/>`), []string{`rule 1 of "all"`, "break"}},
		"a rule outside":                {`<srx version="2.0"><header/><rule/></srx>`, []string{"outside"}},
		"two of a name":                 {file("", `</languagerule><languagerule languagerulename="all">`), []string{"two", `"all"`}},
		"a map to nowhere":              {strings.Replace(file("", ""), `".*" languagerulename="all"`, `".*" languagerulename="none"`, 1), []string{`"none"`}},
		"a map that does not compile":   {strings.Replace(file("", ""), `".*"`, `"(en"`, 1), []string{"language map", `"all"`, "missing closing"}},
		"a look-ahead":                  {rule(`\.(?=x)`, ""), []string{"line 2", `rule 2 of "all"`, "beforebreak", "look-around", "other half"}},
		"a look-behind":                 {rule(`(?&lt;!x)\.`, ""), []string{"line 2", `rule 2 of "all"`, "look-around"}},
		"a possessive quantifier":       {rule(`x`, `\s++`), []string{`rule 2 of "all"`, "afterbreak", "possessive"}},
		"a back reference":              {rule(`(x)\1`, ``), []string{`rule 2 of "all"`, `\1`}},
		"brackets that are not closed":  {rule(`[a`, ``), []string{`rule 2 of "all"`, "missing closing"}},
		"a set in brackets":             {rule(`[a[b]]`, ``), []string{`rule 2 of "all"`, "set inside brackets"}},
		"an intersection":               {rule(`[a&amp;&amp;b]`, ``), []string{`rule 2 of "all"`, "set inside brackets"}},
		"no word characters in a set":   {rule(`[\Wa]`, ``), []string{`rule 2 of "all"`, `\\W`}},
		"a boundary nobody can tell":    {rule(`.\b.`, ``), []string{`rule 2 of "all"`, `\b`}},
		"a pattern that is too long":    {rule(strings.Repeat("x", 5000), ``), []string{`rule 2 of "all"`, "4096 bytes"}},
		"a pattern that grows too much": {rule(`((x{100}){100}){100}`, ``), []string{`rule 2 of "all"`}},
		"patterns that grow together":   {file("", strings.Repeat(`<rule><beforebreak>x{900}</beforebreak></rule>`, 300)), []string{`of "all"`, "too large"}},
		"too many rules":                {file("", strings.Repeat(`<rule/>`, srx.MaxRules+1)), []string{fmt.Sprint(srx.MaxRules)}},
		"a file that is too large":      {file("", strings.Repeat(" ", srx.MaxBytes)), []string{fmt.Sprint(srx.MaxBytes)}},
		"another encoding":              {`<?xml version="1.0" encoding="UTF-16"?><srx/>`, []string{"encoding"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := srx.Parse(strings.NewReader(tc.content))
			if err == nil {
				t.Fatal("Parse() returned no error")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Parse() = %q, want %q in it", err, want)
				}
			}
		})
	}
}

func TestLongLinesAreReadInLinearTime(t *testing.T) {
	// A quadratic reader would take minutes here, and the test would time out.
	rules := parsed(t, file("", `<rule break="no"><beforebreak>.*x.*\.</beforebreak><afterbreak>.*y</afterbreak></rule>`+stop))
	for _, unit := range []string{". ", "a. ", ". b", "é. ", "\xff. "} {
		line := strings.Repeat(unit, 5_000)
		if got := len(rules.For("en").Breaks(line)); got == 0 {
			t.Errorf("no breaks in many %q", unit)
		}
	}
}

func FuzzParse(f *testing.F) {
	content, err := os.ReadFile("testdata/sample.srx")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(content), "One. Two! 「三。」四 \xff.")
	f.Add(file("", stop+noDr), "Dr. No. Yes")
	f.Add(file("", `<rule><beforebreak>^(a|\bb)*\B[^c]?$</beforebreak><afterbreak>\z|x{2,}</afterbreak></rule>`), "ab c")
	f.Fuzz(func(t *testing.T, content, line string) {
		rules, err := srx.Parse(strings.NewReader(content))
		if err != nil {
			return
		}
		last := 0
		for _, at := range rules.For("en").Breaks(line) {
			if at <= last || at >= len(line) {
				t.Errorf("break at %d behind one at %d in a line of %d bytes", at, last, len(line))
			}
			last = at
		}
	})
}
