package placeholder_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

func texts(found []placeholder.Placeable) []string {
	var out []string
	for _, p := range found {
		out = append(out, p.Text)
	}
	return out
}

func TestFind(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string
	}{
		// printf
		"a string and a number":              {"%s has %d files", []string{"%s", "%d"}},
		"positional":                         {"%1$s of %2$d", []string{"%1$s", "%2$d"}},
		"positional with width":              {"%2$-10.3f", []string{"%2$-10.3f"}},
		"width, precision and length":        {"%5.2f %-10s %05d %+d %ld %lld %zu %hhd %*d %.*f %x", []string{"%5.2f", "%-10s", "%05d", "%+d", "%ld", "%lld", "%zu", "%hhd", "%*d", "%.*f", "%x"}},
		"an object of Apple":                 {"%@ and %1$@", []string{"%@", "%1$@"}},
		"an escaped per cent sign is text":   {"100%% and 5%%s", nil},
		"a specifier before an escape":       {"%d%% done", []string{"%d"}},
		"three per cent signs":               {"%%%s", []string{"%s"}},
		"a unit joined to a specifier":       {"%dMB at %dpx", []string{"%d", "%d"}},
		"per cent and a word":                {"50 % discount, 100% sure, 5% de descuento", nil},
		"per cent joined to a word":          {"100%ige Sicherheit, 50%des", nil},
		"a number before a specifier":        {"Windows 10%s", []string{"%s"}},
		"a bare per cent sign":               {"100%", nil},
		"sizes side by side":                 {"%dx%d or %ldx%ld", []string{"%d", "%d", "%ld", "%ld"}},
		"a Thai sentence around a specifier": {"มี%dไฟล์", []string{"%d"}},
		"Python names":                       {"%(name)s has %(count)d, %(x)5.2f", []string{"%(name)s", "%(count)d", "%(x)5.2f"}},
		"a Python name without conversion":   {"50%(rounded) more", nil},
		"Ruby names":                         {"%{name} has %<count>d", []string{"%{name}", "%<count>d"}},
		"a variable between per cent signs":  {"%count% items", []string{"%count%"}},
		"two rates are no variable":          {"between 5%and10% or so", nil},
		"two specifiers are no variable":     {"%d%s%", []string{"%d", "%s"}},
		"a rest of a specifier at the end":   {"%+5.", nil},
		"positional without conversion":      {"%1$", nil},
		// braces
		"named, numbered and empty":       {"{name} {0} {} {user.name} {items[0]}", []string{"{name}", "{0}", "{}", "{user.name}", "{items[0]}"}},
		"with a format":                   {"{0:N2} {0,10} {0,-5:F2} {name!r} {:>10} {n, number} {d, date, short}", []string{"{0:N2}", "{0,10}", "{0,-5:F2}", "{name!r}", "{:>10}", "{n, number}", "{d, date, short}"}},
		"with spaces inside":              {"{ name }", []string{"{ name }"}},
		"two braces":                      {"{{name}} {{ user.name | upper }} {{{raw}}}", []string{"{{name}}", "{{ user.name | upper }}", "{{{raw}}}"}},
		"blocks":                          {"{{#if a}}x{{/if}} {% for x in y %}", []string{"{{#if a}}", "{{/if}}", "{% for x in y %}"}},
		"prose in braces":                 {"{see the note} {one, two} {Anmerkung: sehr gut}", nil},
		"a lone brace":                    {"a { b } c } d {", []string{"{ b }"}},
		"a list of names in braces":       {"{a, b}", nil},
		"shell and template variables":    {"${HOME} ${user.name} ${a:-b}", []string{"${HOME}", "${user.name}", "${a:-b}"}},
		"money":                           {"$5 or $1.50 or US$ or $USD 3 or ${", nil},
		"a whole ICU argument":            {"You have {n, plural, one {# item} other {{n} items}} now", []string{"{n, plural, one {# item} other {{n} items}}"}},
		"an ICU choice":                   {"{g, select, male {He} other {They}} came", []string{"{g, select, male {He} other {They}}"}},
		"an ICU argument that stays open": {"{n, plural, one {# item", nil},
		// tags
		"a pair":                            {"<b>bold</b>", []string{"<b>", "</b>"}},
		"with attributes":                   {`<a href="x" title='a > b'>y</a>`, []string{`<a href="x" title='a > b'>`, "</a>"}},
		"a placeable in an attribute":       {`<a href="{url}">y</a>`, []string{`<a href="{url}">`, "</a>"}},
		"empty elements":                    {"a<br>b<br/>c<hr />", []string{"<br>", "<br/>", "<hr />"}},
		"upper case":                        {"<B>x</B>", []string{"<B>", "</B>"}},
		"XLIFF":                             {`<x id="1"/><g id="2">a</g><ph id="3"/><pc id="4">b</pc><mrk mtype="term">c</mrk>`, []string{`<x id="1"/>`, `<g id="2">`, "</g>", `<ph id="3"/>`, `<pc id="4">`, "</pc>", `<mrk mtype="term">`, "</mrk>"}},
		"with a prefix":                     {`<xliff:g id="n">a</xliff:g>`, []string{`<xliff:g id="n">`, "</xliff:g>"}},
		"over two lines":                    {"<a\nhref=x>y</a>", []string{"<a\nhref=x>", "</a>"}},
		"help of a command":                 {"cp <file> <directory> [<options>]", nil},
		"less and greater":                  {"a < b and c > d, x<y, <3", nil},
		"an open tag":                       {"a <b and so on", nil},
		"words that are no attributes":      {"<code d'erreur invalide>, <time in seconds>, <b don't>", nil},
		"attributes without a value":        {"<input disabled><p data-x><a @click='f()' v-else>", []string{"<input disabled>", "<p data-x>", "<a @click='f()' v-else>"}},
		"attributes without quotes":         {"<img src=a/b.png alt=x/><a href=https://x.org>", []string{"<img src=a/b.png alt=x/>", "<a href=https://x.org>"}},
		"an element that is also a word":    {"cp <path> <object>", nil},
		"such an element with its end tag":  {"<label>Name</LABEL> <path>", []string{"<label>", "</LABEL>"}},
		"such an element with an attribute": {`<path d="M0"> <source src=x>`, []string{`<path d="M0">`, "<source src=x>"}},
		"a quote that stays open":           {`<a href="x>y</a>`, []string{"</a>"}},
		"comments and CDATA":                {"a<!-- note > -->b<![CDATA[x > y]]>c", []string{"<!-- note > -->", "<![CDATA[x > y]]>"}},
		"instructions and declarations":     {"<?xml version='1.0'?><!doctype html><?php echo $x > 1; ?><?= $y ?>a <?> b <!DOCTYPES> <?x", []string{"<?xml version='1.0'?>", "<!doctype html>", "<?php echo $x > 1; ?>", "<?= $y ?>"}},
		"spaces around the sign":            {`<a href = "x" title= 'y'>a</a> <b a = c>`, []string{`<a href = "x" title= 'y'>`, "</a>"}},
		"a custom element is in no list":    {"<my-tag>x</my-tag> <my-word>", []string{"<my-tag>", "</my-tag>"}},
		// addresses
		"a URL":                          {"see https://example.org/a?b=c#d now", []string{"https://example.org/a?b=c#d"}},
		"a URL at the end of a sentence": {"See https://example.org/a. Then (http://x.org/b) and http://x.org/c_(d)!", []string{"https://example.org/a", "http://x.org/b", "http://x.org/c_(d)"}},
		"a URL with a field":             {"https://x.org/{id}/%s?a=${b}", []string{"https://x.org/{id}/%s?a=${b}"}},
		"a URL before Chinese":           {"访问https://example.org/a。谢谢", []string{"https://example.org/a"}},
		"a URL joined to Chinese":        {"打开https://example.org/a页面", []string{"https://example.org/a"}},
		"a URL in Markdown":              {"[text](https://x.org/a) and <https://x.org/b>", []string{"[", "](https://x.org/a)", "https://x.org/b"}},
		"other schemes":                  {"ftp://x.org/a mailto:a@x.org www.x.org", []string{"ftp://x.org/a", "mailto:a@x.org", "www.x.org"}},
		"a bare scheme":                  {"https:// is a scheme, www. is not", nil},
		"an e-mail address":              {"Write to a.b+c@mail.example.org.", []string{"a.b+c@mail.example.org"}},
		"no e-mail addresses":            {"a@b, @name, a@, x @ y.org, a@b..org", nil},
		"an address in capitals":         {"HTTPS://EXAMPLE.ORG/A and A@EXAMPLE.ORG", []string{"HTTPS://EXAMPLE.ORG/A", "A@EXAMPLE.ORG"}},
		"a field joined to a domain":     {"%s@example.org", []string{"%s"}},
		// token signs
		"a token of the text":                    {"a ⟦1⟧ b", []string{"⟦1⟧"}},
		"a token with spaces and foreign digits": {"⟦ 1 ⟧ ⟦１⟧ ⟦٣⟧", []string{"⟦ 1 ⟧", "⟦１⟧", "⟦٣⟧"}},
		"single signs":                           {"⟦a⟧ ⟧", []string{"⟦", "⟧", "⟧"}},
		// none
		"plain text":  {"Save your work, then close the window.", nil},
		"nothing":     {"", nil},
		"wrong bytes": {"\xff%\xfe{\x80}", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, texts(placeholder.Find(tc.text))); diff != "" {
				t.Errorf("Find(%q) (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestMask(t *testing.T) {
	got := placeholder.Mask(`Hi {name}, <a href="x">click</a> ⟦7⟧ or mail a@b.org`)
	want := "Hi ⟦1⟧, ⟦2⟧click⟦3⟧ ⟦4⟧ or mail ⟦5⟧"
	if got.Text != want {
		t.Errorf("Mask() = %q, want %q", got.Text, want)
	}
	kinds := []placeholder.Kind{placeholder.Field, placeholder.OpenTag, placeholder.ClosingTag, placeholder.Literal, placeholder.Email}
	for i, p := range got.Placeables {
		if p.Kind != kinds[i] {
			t.Errorf("placeable %d %q is of kind %d, want %d", i+1, p.Text, p.Kind, kinds[i])
		}
	}
}

func TestHasText(t *testing.T) {
	cases := map[string]struct {
		text string
		want bool
	}{
		"words":                    {"Hello {name}", true},
		"placeables alone":         {"{name} %s <b></b> https://x.org", false},
		"numbers and signs":        {"12.50 €", false},
		"nothing":                  {"", false},
		"a letter of any script":   {"{a}字", true},
		"a token of the text":      {"⟦1⟧", false},
		"letters of a token sign":  {"⟦a⟧", true},
		"an unknown tag is a word": {"<file>", true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := placeholder.Mask(tc.text).HasText(); got != tc.want {
				t.Errorf("Mask(%q).HasText() = %v, want %v", tc.text, got, tc.want)
			}
		})
	}
}

func TestLabelsQuoteNoProse(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"a field is code":          {"{name}", "{name}"},
		"an ICU argument is not":   {"{n, plural, other {secret words}}", "a template field"},
		"a long field":             {"${" + strings.Repeat("secret", 20) + "}", "a template field"},
		"a tag by its element":     {`<a title="secret">`, "<a>"},
		"a closing tag":            {"</A>", "</a>"},
		"an empty element":         {`<img alt="secret">`, "<img/>"},
		"a comment":                {"<!-- secret -->", "a comment"},
		"a block":                  {"{{#if secret}}", "a template block"},
		"a URL":                    {"https://secret.example", "a URL"},
		"an e-mail address":        {"secret@example.org", "an e-mail address"},
		"a token sign of the text": {"⟦1⟧", "a token sign"},
		"an element that is kept":  {"<b translate=no>secret</b>", "words that are not translated"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			found := placeholder.Find(tc.text)
			if len(found) != 1 || found[0].Label() != tc.want {
				t.Errorf("labels of %q = %v, want one %q", tc.text, found, tc.want)
			}
		})
	}
}

func TestSplitTokens(t *testing.T) {
	cases := map[string]struct {
		masked string
		want   []placeholder.Part
	}{
		"text and tokens": {"a ⟦1⟧⟦2⟧ b", []placeholder.Part{{Text: "a "}, {Text: "⟦1⟧", Token: true}, {Text: "⟦2⟧", Token: true}, {Text: " b"}}},
		"a lone sign":     {"a ⟦b⟧ ⟦", []placeholder.Part{{Text: "a ⟦b⟧ ⟦"}}},
		"a token alone":   {"⟦12⟧", []placeholder.Part{{Text: "⟦12⟧", Token: true}}},
		"nothing":         {"", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, placeholder.SplitTokens(tc.masked)); diff != "" {
				t.Errorf("SplitTokens(%q) (-want +got):\n%s", tc.masked, diff)
			}
		})
	}
}

func TestDigitKnowsEveryDecimalDigit(t *testing.T) {
	for value, digits := range map[int]string{0: "0٠०๐０𝟎𝟘", 3: "3٣३๓３𝟑𝟛", 9: "9٩९๙９𝟗𝟡"} {
		for _, r := range digits {
			if got, ok := placeholder.Digit(r); !ok || got != value {
				t.Errorf("Digit(%q) = %d, %v; want %d", r, got, ok, value)
			}
		}
	}
	for _, r := range "aⅢ²½一" {
		if got, ok := placeholder.Digit(r); ok {
			t.Errorf("Digit(%q) = %d, want none", r, got)
		}
	}
}
