package placeholder_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

func TestFindKept(t *testing.T) {
	cases := map[string]struct {
		text string
		// want are the placeables; those that are kept stand between bars.
		want []string
	}{
		"nothing said":                    {`<b class="translate">x</b>`, []string{`<b class="translate">`, "</b>"}},
		"an element":                      {`a <b translate="no">x <i>y</i> {n}</b> b`, []string{`|<b translate="no">x <i>y</i> {n}</b>|`}},
		"a class":                         {`<CODE class="x notranslate">X</CODE>`, []string{`|<CODE class="x notranslate">X</CODE>|`}},
		"one of XLIFF":                    {`<xlf:mrk its:translate="no">x</xlf:mrk>`, []string{`|<xlf:mrk its:translate="no">x</xlf:mrk>|`}},
		"without words":                   {`<i class="icon notranslate"></i>`, []string{`|<i class="icon notranslate"></i>|`}},
		"an element that ends sentences":  {`<p translate=no> x <b>y</b>. </p>`, []string{"<p translate=no>", "|x <b>y</b>.|", "</p>"}},
		"one that is not known":           {`<name translate=no>x</name>`, []string{"<name translate=no>", "|x|", "</name>"}},
		"an empty element":                {`x <img translate=no> y`, []string{"<img translate=no>"}},
		"never closed":                    {`a <b translate=no> x <i>y</i> {n} z`, []string{"<b translate=no>", "|x|", "|<i>y</i>|", "{n}", "|z|"}},
		"closed by what is outside":       {`<i>a <b translate=no>x</i> b</b>`, []string{"<i>", "<b translate=no>", "|x|", "</i>", "</b>"}},
		"closed by the next":              {`<li translate=no>x<li>y`, []string{"<li translate=no>", "|x|", "<li>"}},
		"items without ends in it":        {`<ul translate=no><li>x<li>y</ul>`, []string{"<ul translate=no>", "|<li>x<li>y|", "</ul>"}},
		"yes inside of it":                {`<q translate=no>a <i>b</i> <b translate=yes>c</b> d</q>`, []string{"<q translate=no>", "|a|", "|<i>b</i>|", "<b translate=yes>", "</b>", "|d|", "</q>"}},
		"no inside of yes inside of it":   {`<q translate=no><b translate=yes>c <i translate=no>d</i></b></q>`, []string{"<q translate=no>", "<b translate=yes>", "|<i translate=no>d</i>|", "</b>", "</q>"}},
		"an empty one with yes inside":    {`<q translate=no>a <img translate=yes alt="b c"></q>`, []string{"<q translate=no>", "|a|", `<img translate=yes alt="b c">`, "</q>"}},
		"a start without an end in it":    {`<b translate=no>x <i>y</b> z</i>`, []string{"<b translate=no>", "|x|", "<i>", "|y|", "</b>", "</i>"}},
		"an end without a start in it":    {`<b translate=no>x </i>y</b>`, []string{"<b translate=no>", "|x|", "</i>", "|y|", "</b>"}},
		"a link in it":                    {`<b translate=no>[x](/y)</b>`, []string{"|<b translate=no>[x](/y)</b>|"}},
		"an end of a link in it":          {`[a <b translate=no>x](/y)</b>`, []string{"[", "<b translate=no>", "|x|", "](/y)", "</b>"}},
		"a start of a template in it":     {`<b translate=no>{{#if x}}a</b>{{/if}}`, []string{"<b translate=no>", "{{#if x}}", "|a|", "</b>", "{{/if}}"}},
		"two of them":                     {`<b translate=no>x</b> and <b translate=no>y</b>`, []string{"|<b translate=no>x</b>|", "|<b translate=no>y</b>|"}},
		"in code":                         {"`<b translate=no>x</b>` y", []string{"`<b translate=no>x</b>`"}},
		"an end of nothing after it":      {`<b translate=no>x</b></b> y`, []string{"|<b translate=no>x</b>|", "</b>"}},
		"white space alone between tags":  {"<div translate=no>\n<p translate=yes>x</p>\n</div>", []string{"<div translate=no>", "<p translate=yes>", "</p>", "</div>"}},
		"a token sign of the text itself": {`<b translate=no>⟦1⟧</b>`, []string{"|<b translate=no>⟦1⟧</b>|"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			at := 0
			for _, p := range placeholder.Find(tc.text) {
				if p.Start < at || tc.text[p.Start:p.End()] != p.Text {
					t.Fatalf("%q does not stand at byte %d", p.Text, p.Start)
				}
				at = p.End()
				if p.Kind == placeholder.Kept {
					p.Text = "|" + p.Text + "|"
				}
				got = append(got, p.Text)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Find(%q) (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestRestoreKept(t *testing.T) {
	const (
		name  = `Buy <b translate="no">Red Bull</b> now`
		split = `<q translate=no>one <i translate=yes>two</i> six</q> go`
		label = " (words that are not translated) "
	)
	cases := map[string]restoring{
		"moved":                          {source: name, answer: "⟦1⟧ jetzt kaufen", want: `<b translate="no">Red Bull</b> jetzt kaufen`},
		"moved into an element":          {source: "<i>a</i> " + name, answer: "⟦1⟧A ⟦3⟧⟦2⟧ kaufen", want: `<i>A <b translate="no">Red Bull</b></i> kaufen`},
		"written out":                    {source: name, answer: `Kauf <b translate="no">Red Bull</b> jetzt`, want: `Kauf <b translate="no">Red Bull</b> jetzt`},
		"the name besides":               {source: name, answer: "⟦1⟧ jetzt kaufen, Red Bull!", want: `<b translate="no">Red Bull</b> jetzt kaufen, Red Bull!`},
		"a word of it besides":           {source: split, answer: "⟦1⟧⟦2⟧ ⟦3⟧zwei⟦4⟧ ⟦5⟧⟦6⟧ los, six", want: `<q translate=no>one <i translate=yes>zwei</i> six</q> los, six`},
		"lost":                           {source: name, answer: "jetzt kaufen", want: "jetzt kaufen", wantProblems: []string{"placeable ⟦1⟧" + label + "is missing"}},
		"doubled":                        {source: name, answer: "⟦1⟧ und ⟦1⟧", want: `<b translate="no">Red Bull</b> und <b translate="no">Red Bull</b>`, wantProblems: []string{"placeable ⟦1⟧" + label + "is there more than once"}},
		"doubled as it is written":       {source: name, answer: `⟦1⟧ und <b translate="no">Red Bull</b>`, want: `<b translate="no">Red Bull</b> und <b translate="no">Red Bull</b>`, wantProblems: []string{"placeable ⟦1⟧" + label + "is there more than once"}},
		"translated":                     {source: name, answer: `Kauf <b translate="no">Roter Stier</b>`, want: `Kauf <b translate="no">Roter Stier</b>`, wantProblems: []string{"placeable ⟦1⟧" + label + "is missing"}},
		"put in code":                    {source: name, answer: "`⟦1⟧` kaufen", want: "`<b translate=\"no\">Red Bull</b>` kaufen", wantProblems: []string{"placeable ⟦1⟧" + label + "runs into the text beside it"}},
		"words moved out":                {source: split, answer: "⟦1⟧ ⟦3⟧zwei⟦4⟧ ⟦5⟧⟦6⟧ los ⟦2⟧", want: `<q translate=no> <i translate=yes>zwei</i> six</q> los one`, wantProblems: []string{"placeable ⟦2⟧" + label + "is not nested as in the source"}},
		"words moved to what may change": {source: split, answer: "⟦1⟧ ⟦3⟧zwei ⟦2⟧⟦4⟧ ⟦5⟧⟦6⟧ los", want: `<q translate=no> <i translate=yes>zwei one</i> six</q> los`, wantProblems: []string{"placeable ⟦2⟧" + label + "is not nested as in the source"}},
		"a word beside them":             {source: split, answer: "⟦1⟧⟦2⟧ und ⟦3⟧zwei⟦4⟧ ⟦5⟧⟦6⟧ los", want: `<q translate=no>one und <i translate=yes>zwei</i> six</q> los`, wantProblems: []string{"placeable ⟦2⟧" + label + "runs into the text beside it"}},
		"an element moved out of the one that keeps it": {
			source: "<q translate=no><i>one</i> <b translate=yes>two</b></q> go", answer: "⟦1⟧ ⟦3⟧zwei⟦4⟧⟦5⟧ ⟦2⟧ los", want: "<q translate=no> <b translate=yes>zwei</b></q> <i>one</i> los",
			wantProblems: []string{"placeable ⟦2⟧" + label + "runs into the text beside it"},
		},
		"specifiers in another order": {
			source: "<kbd translate=no>%s</kbd> of %d", answer: "⟦2⟧ von ⟦1⟧", want: "%d von <kbd translate=no>%s</kbd>",
			wantProblems: []string{"placeable ⟦1⟧" + label + "has no number and must keep its place in the order"},
		},
		"which are no date": {
			source: "<kbd translate=no>%b</kbd> %e, %Y", answer: "⟦2⟧. ⟦1⟧ %Y", want: "%e. <kbd translate=no>%b</kbd> %Y",
			wantProblems: []string{"placeable ⟦1⟧" + label + "has no number and must keep its place in the order"},
		},
	}
	for name, tc := range cases {
		t.Run(name, tc.try)
	}
}

func TestWithoutKept(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"nothing kept": {`a <b>c</b> {n}`, `a <b>c</b> {n}`},
		"an element":   {`a <b translate=no>c</b> d`, "a \ufffc d"},
		"words":        {`<p translate=no>a</p> b`, "<p translate=no>\ufffc</p> b"},
		"empty":        {},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := placeholder.WithoutKept(tc.text); got != tc.want {
				t.Errorf("WithoutKept(%q) = %q, want %q", tc.text, got, tc.want)
			}
		})
	}
}

// A reader that looks at everything in an element again for each element in it would
// take minutes here.
func TestDeepElementsThatAreKeptAreReadInLinearTime(t *testing.T) {
	const times = 20_000
	for _, unit := range []string{"<b translate=no>x", "<b translate=no>%s</b> ", "<li translate=no>x ", "<b translate=no><i>x</b>", "<b translate=no>[x", "<b translate=no><i translate=yes>x"} {
		text := strings.Repeat(unit, times)
		masked := placeholder.Mask(text)
		if got, problems := masked.Restore(masked.Text); got != text || len(problems) > 0 {
			t.Errorf("many times %q is not the same again", unit)
		}
		closed := "<b translate=no>" + text + strings.Repeat("</b>", times)
		masked = placeholder.Mask(closed)
		if got, _ := masked.Restore(masked.Text); got != closed {
			t.Errorf("many times %q in an element is not the same again", unit)
		}
	}
}
