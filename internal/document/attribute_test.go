package document_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// english into Polish: a target with more plural forms than the source.
var english = document.Languages{Source: "en", Target: "pl"}

func TestAttributesBecomeUnits(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string
		// wantText is the text when every attribute is in capitals and the rest as it is.
		wantText string
	}{
		"inside a sentence": {
			text:     `See <a title="Our guide" href="x">here</a>. Go on.`,
			want:     []string{`See <a title="Our guide" href="x">here</a>.`, "Our guide", "Go on."},
			wantText: `See <a title="OUR GUIDE" href="x">here</a>. Go on.`,
		},
		"between sentences": {
			text:     "<p title='A &amp; b'>\nOne.\n</p>\n<img alt=Photo>\n",
			want:     []string{"A & b", "One.", "Photo"},
			wantText: "<p title='A &amp; B'>\nOne.\n</p>\n<img alt=\"PHOTO\">\n",
		},
		"no sentence at all": {
			text: `<meta name="description" content="All of it.">`, want: []string{"All of it."},
			wantText: `<meta name="description" content="ALL OF IT.">`,
		},
		"the title of a link": {
			text: `Read [the guide](/a.md "Our guide").`, want: []string{`Read [the guide](/a.md "Our guide").`, "Our guide"},
			wantText: `Read [the guide](/a.md "OUR GUIDE").`,
		},
		"the text of an image is part of its sentence": {
			text: `![A photo](/a.png "Our house")`, want: []string{`![A photo](/a.png "Our house")`, "Our house"},
			wantText: `![A photo](/a.png "OUR HOUSE")`,
		},
		"nothing to translate": {
			text:     `See <img alt="" title="123"><img alt="https://x.org/a b"><img alt="{name} %s"> here.`,
			want:     []string{`See <img alt="" title="123"><img alt="https://x.org/a b"><img alt="{name} %s"> here.`, "https://x.org/a b"},
			wantText: `See <img alt="" title="123"><img alt="https://x.org/a B"><img alt="{name} %s"> here.`,
		},
		"placeables stay": {
			text: `<img alt="{count} photos &lt;b>of&lt;/b> %s">`, want: []string{"{count} photos <b>of</b> %s"},
			wantText: `<img alt="{count} PHOTOS &lt;b>OF&lt;/b> %s">`,
		},
		"not to be translated": {
			text:     `<div translate="no"><img alt="A">` + "\n" + `<b title="B" translate="yes">c</b></div>` + "\n" + `<i class="notranslate" title="D">e</i> <i title="F">g</i>`,
			want:     []string{`<b title="B" translate="yes">c</b>`, "B", `<i class="notranslate" title="D">e</i> <i title="F">g</i>`, "F"},
			wantText: `<div translate="no"><img alt="A">` + "\n" + `<b title="B" translate="yes">c</b></div>` + "\n" + `<i class="notranslate" title="D">e</i> <i title="F">g</i>`,
		},
		"an empty element that is not": {
			text: `<img translate=no alt="Abc"> <img alt="Abc">`, want: []string{"Abc"},
			wantText: `<img translate=no alt="Abc"> <img alt="ABC">`,
		},
		"the same tag with and without": {
			text:     `<p><img alt="Abc"> one <span translate=no><img alt="Abc"></span> two</p>`,
			want:     []string{`<img alt="Abc"> one <span translate=no><img alt="Abc"></span> two`, "Abc"},
			wantText: `<p><img alt="ABC"> one <span translate=no><img alt="Abc"></span> two</p>`,
		},
		"other vocabularies, with the end elsewhere": {
			text: "<item label=\"A name\">\nOne.\n</item>", want: []string{"A name", "One."},
			wantText: "<item label=\"A NAME\">\nOne.\n</item>",
		},
		"in code and comments": {
			text:     "Write `<img alt=\"abc\">` <!-- <img alt=\"abc\"> --> or <img alt=\"abc\"> now.",
			want:     []string{"Write `<img alt=\"abc\">` <!-- <img alt=\"abc\"> --> or <img alt=\"abc\"> now.", "abc"},
			wantText: "Write `<img alt=\"abc\">` <!-- <img alt=\"abc\"> --> or <img alt=\"ABC\"> now.",
		},
		"a choice": {
			text: `<img alt="{n, plural, one {# file} other {# files}}">`, want: []string{"{#} file", "{#} files", "{#} files", "{#} files"},
			wantText: `<img alt="{n, plural, one {# FILE} few {# FILES} many {# FILES} other {# FILES}}">`,
		},
		"in the arms of a choice": {
			text:     `{n, plural, one {<a title="# file">It</a>} other {<a title="# files">They</a>}} in <b title="A box">here</b>`,
			want:     []string{`<a title="{#} file">It</a> in <b title="A box">here</b>`, `<a title="{#} files">They</a> in <b title="A box">here</b>`, `<a title="{#} files">They</a> in <b title="A box">here</b>`, `<a title="{#} files">They</a> in <b title="A box">here</b>`, "{#} file", "A box", "{#} files", "{#} files", "{#} files"},
			wantText: `{n, plural, one {<a title="# FILE">It</a> in <b title="A BOX">here</b>} few {<a title="# FILES">They</a> in <b title="A BOX">here</b>} many {<a title="# FILES">They</a> in <b title="A BOX">here</b>} other {<a title="# FILES">They</a> in <b title="A BOX">here</b>}}`,
		},
		"arms that are not translated": {
			text:     `{g, select, a {<a class="notranslate" title="Abc">x</a>} other {<a title="Abc">y</a>}}`,
			want:     []string{`<a class="notranslate" title="Abc">x</a>`, `<a title="Abc">y</a>`, "Abc"},
			wantText: `{g, select, a {<a class="notranslate" title="Abc">x</a>} other {<a title="ABC">y</a>}}`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc, err := document.FromText(tc.text, english)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, textsOf(doc)); diff != "" {
				t.Errorf("units (-want +got):\n%s", diff)
			}
			targets := map[int]string{}
			for _, u := range doc.Units() {
				targets[u.ID] = u.Text
				if !strings.ContainsAny(u.Text[:1], "<[!") && !strings.ContainsAny(u.Text[len(u.Text)-1:], ".>)") || u.Text == "All of it." || strings.HasPrefix(u.Text, "{count}") {
					targets[u.ID] = upper(t, u.Text)
				}
			}
			if got := *doc.Assemble(targets).Text; got != tc.wantText {
				t.Errorf("with the attributes in capitals it is\n%s, want\n%s", got, tc.wantText)
			}
		})
	}
}

// upper is an engine that answers in capitals.
func upper(t *testing.T, text string) string {
	t.Helper()
	masked := placeholder.Mask(text)
	out, problems := masked.Restore(strings.ToUpper(masked.Text))
	if len(problems) > 0 {
		t.Fatalf("%q in capitals has problems: %v", text, problems)
	}
	return out
}

// A tag that moved takes its attributes along, and one that an engine lost takes nothing
// else with it.
func TestAttributesFollowTheirTag(t *testing.T) {
	doc, err := document.FromText(`Click <a title="One">here</a> or <a title="Two">there</a>.`, english)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		targets map[int]string
		want    string
	}{
		"moved": {
			targets: map[int]string{1: `<a title="Two">Dort</a> oder <a title="One">hier</a> klicken.`, 2: "Eins", 3: "Zwei"},
			want:    `<a title="Zwei">Dort</a> oder <a title="Eins">hier</a> klicken.`,
		},
		"lost":                        {targets: map[int]string{1: `Klick <a title="Two">dort</a>.`, 2: "Eins", 3: "Zwei"}, want: `Klick <a title="Zwei">dort</a>.`},
		"an attribute alone":          {targets: map[int]string{3: "Zwei"}, want: `Click <a title="One">here</a> or <a title="Zwei">there</a>.`},
		"a sentence alone":            {targets: map[int]string{1: `Hier <a title="One">a</a>.`}, want: `Hier <a title="One">a</a>.`},
		"words that look like a tag":  {targets: map[int]string{1: `a title="One" <a title="One"`, 2: "Eins"}, want: `a title="One" <a title="One"`},
		"a tag that became code":      {targets: map[int]string{1: "`<a title=\"One\">`", 2: "Eins"}, want: "`<a title=\"One\">`"},
		"a translation of a stranger": {targets: map[int]string{1: "x", 9: "y"}, want: "x"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := *doc.Assemble(tc.targets).Text; got != tc.want {
				t.Errorf("assembled\n%s, want\n%s", got, tc.want)
			}
		})
	}
}

func TestAttributesOfLists(t *testing.T) {
	doc, err := document.FromTexts([]string{`<img alt="A photo">`, "Plain", `A <b title="It's">b</b>`, `{n, plural, other {<b title="Box">#</b>}}`}, document.Languages{Source: "en", Target: "ja"})
	if err != nil {
		t.Fatal(err)
	}
	want := []document.Unit{
		{ID: 1, Text: `<img alt="A photo">`, Item: 1}, {ID: 2, Text: "A photo", Item: 1, Attribute: "alt"},
		{ID: 3, Text: "Plain", Item: 2},
		{ID: 4, Text: `A <b title="It's">b</b>`, Item: 3}, {ID: 5, Text: "It's", Item: 3, Attribute: "title"},
		{ID: 6, Text: `<b title="Box">{#}</b>`, Item: 4, Forms: doc.Units()[5].Forms}, {ID: 7, Text: "Box", Item: 4, Attribute: "title"},
	}
	if diff := cmp.Diff(want, doc.Units()); diff != "" {
		t.Errorf("Units() (-want +got):\n%s", diff)
	}
	got := doc.Assemble(map[int]string{2: "写真", 5: `"`, 7: "箱"})
	wantTexts := document.Translation{Texts: []*string{new(`<img alt="写真">`), nil, new(`A <b title="&quot;">b</b>`), new(`{n, plural, other {<b title="箱">#</b>}}`)}}
	if diff := cmp.Diff(wantTexts, got); diff != "" {
		t.Errorf("Assemble() (-want +got):\n%s", diff)
	}
}

func TestSpansOfAttributes(t *testing.T) {
	doc, err := document.FromText("Ü <a title=\"One\">here</a> <img alt=two>.\n\n<p title='Three & four'>\n<img alt=\"{n, plural, other {x}}\">", english)
	if err != nil {
		t.Fatal(err)
	}
	targets := map[int]string{1: `<img alt=two> Ä <a title="One">hier</a>.`, 2: "Größe", 3: "zwei", 4: "Drei & 'vier'"}
	whole := *doc.Assemble(targets).Text
	got := map[int]string{}
	for id, span := range doc.Spans(targets) {
		got[id] = whole[span.Start:span.End]
	}
	want := map[int]string{1: `<img alt="zwei"> Ä <a title="Größe">hier</a>.`, 2: "Größe", 3: "zwei", 4: "Drei & &apos;vier&apos;"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Spans() of %q (-want +got):\n%s", whole, diff)
	}
}

// What was found at a byte of a translation is found in the result.
func TestRewritten(t *testing.T) {
	doc, err := document.FromTexts([]string{`Ü <a title="One">here</a> <img alt=two> and more.`, "Plain {x}."}, english)
	if err != nil {
		t.Fatal(err)
	}
	targets := map[int]string{1: `<img alt=two> Ä <a title="One">hier</a> mehr.`, 2: `Ein "großes" Haus`, 3: "zwei", 4: "X"}
	want := map[int]string{1: *doc.Assemble(targets).Texts[0], 2: "Ein &quot;großes&quot; Haus"}
	got := doc.Rewritten(targets)
	if len(got) != len(want) {
		t.Errorf("%d are rewritten, want those of a sentence and of an attribute with a reference", len(got))
	}
	for id, text := range want {
		if got[id].Text != text {
			t.Errorf("unit %d is rewritten as %q, want %q", id, got[id].Text, text)
		}
		for _, word := range []string{"<img", "Ä", "<a", "hier", "mehr.", "Ein", "großes", "Haus"} {
			from := strings.Index(targets[id], word)
			if from < 0 {
				continue
			}
			if at := got[id].Offset(from); at != strings.Index(text, word) {
				t.Errorf("%q is at byte %d of %s", word, at, text)
			}
		}
		if end := got[id].Offset(len(targets[id])); end != len(text) {
			t.Errorf("the end is at byte %d of %s", end, text)
		}
	}
}

// Choices whose text would make too many units keep their place; one that stands inside
// a tag may not end it.
func TestArmsInsideOfATag(t *testing.T) {
	var many strings.Builder
	for _, name := range []string{"a", "b", "c", "d"} {
		many.WriteString("{" + name + ", select, x {x} y {y} other {z}} ")
	}
	text := `Go <a title="Look at {e, select, x {it} other {them}}">on</a> ` + many.String() + "now."
	doc, err := document.FromText(text, english)
	if err != nil || len(doc.Notes()) > 0 {
		t.Fatal(err, doc.Notes())
	}
	targets, same := map[int]string{}, map[int]string{}
	for _, u := range doc.Units() {
		same[u.ID], targets[u.ID] = u.Text, u.Text
		switch {
		case u.Text == "it":
			targets[u.ID] = `"><script>'`
		case strings.HasPrefix(u.Text, "Look at {"):
			targets[u.ID] = strings.Replace(u.Text, "Look at", `"><b>`, 1)
		}
	}
	if got := *doc.Assemble(same).Text; got != text {
		t.Errorf("assembled as it was:\n%s, want\n%s", got, text)
	}
	want := strings.Replace(text, "Look at {e, select, x {it}", `&quot;&gt;&lt;b&gt; {e, select, x {&quot;&gt;&lt;script&gt;&apos;}`, 1)
	if got := *doc.Assemble(targets).Text; got != want {
		t.Errorf("with a hostile arm:\n%s, want\n%s", got, want)
	}
}

// A reader that looks at everything again for each tag would take minutes here.
func TestLongHostileAttributesAreReadInLinearTime(t *testing.T) {
	for _, unit := range []string{"<img alt=\"A photo\">", "<a title=\"b c\">x</a> ", "<p translate=no title=b>", "<q1 title=b c=d>", "<a title=\"", "[a](/b \"c d\") ", "](\"", "&amp;", "<b title='&'>", "<b translate=no>x. ", "<q translate=no>a <i translate=yes>b. C</i> d</q> ", "<q translate=no>a <i translate=yes>b. C ", "<p class=notranslate>a. B</p> c. "} {
		text := "Go on. " + strings.Repeat(unit, 200_000/len(unit))
		doc, err := document.FromText(text, english)
		if err != nil {
			t.Fatal(err)
		}
		same, targets := map[int]string{}, map[int]string{}
		for _, u := range doc.Units() {
			same[u.ID], targets[u.ID] = u.Text, u.Text+" "
		}
		doc.Assemble(targets)
		if got := *doc.Assemble(same).Text; got != text {
			t.Errorf("many times %q is not the same again", unit)
		}
	}
}

// generated is a document with attributes, and what is known of it.
type generated struct {
	text string
	// values are those of all attributes in order, read; told says which are translated.
	values []string
	told   []bool
}

// generate makes a document.
func generate(dice *rand.Rand) generated {
	var g generated
	var b strings.Builder
	pick := func(of ...string) string { return of[dice.IntN(len(of))] }
	number := 0
	value := func(quote string) (raw, read string) {
		number++
		raw = fmt.Sprintf(pick("Word %d", "a %d & b", "&Uuml;ber &quot;%d&quot; und &lt;x", "it&#39;s %d", "see &#x201c;%d&#8221; > now", "{n%d} files", "  two %d\n lines ", "x &amp;amp; %d"), number)
		if quote == "" {
			raw = fmt.Sprintf("Word-%d", number)
		}
		read = strings.NewReplacer("&Uuml;", "Ü", "&quot;", `"`, "&lt;", "<", "&#39;", "'", "&#x201c;", "“", "&#8221;", "”", "&amp;", "&").Replace(raw)
		return raw, read
	}
	tag := func(name string, kept bool, told ...string) {
		b.WriteString("<" + name)
		for _, attribute := range append(told, "id", "data-text") {
			if dice.IntN(3) == 0 {
				continue
			}
			quote := pick(`"`, `"`, "'", "")
			raw, read := value(quote)
			fmt.Fprintf(&b, pick(" ", "  ", "\n")+"%s=%s%s%s", attribute, quote, raw, quote)
			g.values = append(g.values, read)
			g.told = append(g.told, attribute != "id" && attribute != "data-text" && !kept)
		}
		b.WriteString(">")
	}
	b.WriteString("<div>\n")
	for range 1 + dice.IntN(6) {
		kept := dice.IntN(5) == 0
		if kept {
			b.WriteString(`<section translate="no">`)
			g.values, g.told = append(g.values, "no"), append(g.told, false)
		}
		tag("p", kept, "title", "aria-label")
		for range 1 + dice.IntN(4) {
			b.WriteString(pick("Some words ", "one thing. Another ", "größer &amp; mehr "))
			switch dice.IntN(4) {
			case 0:
				tag("a", kept, "title")
				b.WriteString("there</a>" + pick(" ", ". "))
			case 1:
				tag("img", kept, "alt", "title")
			case 2:
				tag("my-item", kept, "label")
				b.WriteString("that</my-item> ")
			}
		}
		b.WriteString("</p>")
		if kept {
			b.WriteString("</section>")
		}
		b.WriteString("\n")
	}
	b.WriteString("</div>")
	g.text = b.String()
	return g
}

// parsed reads a document with the parser of the standard library: its elements and
// texts, and the values of its attributes in order.
func parsed(text string) (skeleton, values []string, err error) {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return skeleton, values, nil
		}
		if err != nil {
			return nil, nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			line := "<" + token.Name.Local
			for _, a := range token.Attr {
				line += " " + a.Name.Local
				values = append(values, a.Value)
			}
			skeleton = append(skeleton, line)
		case xml.EndElement:
			skeleton = append(skeleton, "</"+token.Name.Local)
		case xml.CharData:
			skeleton = append(skeleton, string(token))
		}
	}
}

// Of documents by the hundred: what does not change comes back byte for byte; an engine
// changes the text of the attributes and nothing else; and whatever it answers is read as
// the text of that attribute.
func TestGeneratedDocuments(t *testing.T) {
	const documents = 1000
	dice := rand.New(rand.NewPCG(20261122, 1)) //nolint:gosec // nothing secret, and the same at each run
	engines := map[string]func(text string) string{
		"capitals": func(text string) string { return upper(t, text) },
		"hostile": func(text string) string {
			return [...]string{
				`"><script>alert(1)</script><a title="`, `'><script>alert(1)</script><a title='`, `" onload="x`, `' onload='x`, "x onload=y", `\`, "&quot;&gt;<b>", "&", "",
				"a>b", "]]>", "<!--", "--><i>", "{{x}}", "`'\"", "/>", "=", "a\tb", "\u2028",
			}[len(text)%19]
		},
	}
	for name, answer := range engines {
		t.Run(name, func(t *testing.T) {
			for range documents {
				g := generate(dice)
				doc, err := document.FromText(g.text, english)
				if err != nil {
					t.Fatal(err)
				}
				isValue := map[string]bool{}
				var want []string
				for i, v := range g.values {
					inner := strings.TrimSpace(v)
					isValue[inner] = isValue[inner] || g.told[i]
					if g.told[i] {
						v = strings.Replace(v, inner, answer(inner), 1)
					}
					want = append(want, v)
				}
				same, targets := map[int]string{}, map[int]string{}
				for _, u := range doc.Units() {
					same[u.ID], targets[u.ID] = u.Text, u.Text
					if isValue[u.Text] {
						targets[u.ID] = answer(u.Text)
					}
				}
				if len(doc.Units()) == 0 && !slices.Contains(g.told, true) {
					continue // all of it is kept
				}
				if got := *doc.Assemble(same).Text; got != g.text {
					t.Fatalf("assembled as it was:\n%s, want\n%s", got, g.text)
				}
				whole := *doc.Assemble(targets).Text
				wantSkeleton, values, err := parsed(g.text)
				if diff := cmp.Diff(g.values, values); diff != "" || err != nil {
					t.Fatalf("the test does not know what it made: %s\n%v\n%s", g.text, err, diff)
				}
				skeleton, got, err := parsed(whole)
				if err != nil {
					t.Fatalf("%v in\n%s, from\n%s", err, whole, g.text)
				}
				if diff := cmp.Diff(wantSkeleton, skeleton); diff != "" {
					t.Fatalf("elements of\n%s, from\n%s (-want +got):\n%s", whole, g.text, diff)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("attributes of\n%s, from\n%s (-want +got):\n%s", whole, g.text, diff)
				}
			}
		})
	}
}
