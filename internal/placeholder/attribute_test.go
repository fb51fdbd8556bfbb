package placeholder_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// attributesOf returns the texts for people in the tags of a text, as name=text.
func attributesOf(text string) []string {
	var out []string
	for _, p := range placeholder.Find(text) {
		for _, a := range p.Attributes() {
			out = append(out, a.Name+"="+a.Text)
		}
	}
	return out
}

func TestAttributes(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string
	}{
		"everywhere":                          {`<p title="A b" aria-label="C d" aria-description="E f">`, []string{"title=A b", "aria-label=C d", "aria-description=E f"}},
		"what no person reads":                {`<a href="c d" class="e f" id="g" data-x="h i" lang="en" style="j: k" download="l m">x</a>`, nil},
		"alt of images":                       {`<img alt="A"><area alt="B"/><input type=image alt="C"><p alt="D">`, []string{"alt=A", "alt=B", "alt=C"}},
		"words on buttons":                    {`<input type="submit" value="Go"><input value=Back type=RESET><input type=button value="Do">`, []string{"value=Go", "value=Back", "value=Do"}},
		"values of fields":                    {`<input type="text" value="Go"><input value="Go"><li value="Go"><button value="go">x</button>`, nil},
		"placeholder":                         {`<input placeholder="Name"><textarea placeholder="Text"></textarea><p placeholder="x">`, []string{"placeholder=Name", "placeholder=Text"}},
		"label":                               {`<optgroup label="A"><option label="B"></option></optgroup><track label="C"><p label="D">`, []string{"label=A", "label=B", "label=C"}},
		"tables":                              {`<table summary="A"><th abbr="B"><td abbr="C"></td></th></table><p summary="D"><a abbr="E">x</a>`, []string{"summary=A", "abbr=B", "abbr=C"}},
		"metadata that people read":           {`<meta name="Description" content="A b"><meta content="c" name="keywords"><meta property="og:title" content="D">`, []string{"content=A b", "content=c", "content=D"}},
		"metadata that they do not":           {`<meta name="viewport" content="A b"><meta content="c"><meta property="og:type" content="article"><p name=description content="x">`, nil},
		"elements of other vocabularies":      {`<w-item label="A" alt="B" summary="C" placeholder="D" title="E" value="F">x</w-item>`, []string{"label=A", "alt=B", "summary=C", "placeholder=D", "title=E"}},
		"a component named like an element":   {`<Button label="Save"/> <BUTTON label="No">x</BUTTON>`, []string{"label=Save"}},
		"a prefix":                            {`<svg:a title="A">x</svg:a>`, []string{"title=A"}},
		"names in capitals":                   {`<IMG ALT="A" Title='B'>`, []string{"alt=A", "title=B"}},
		"bound by a program":                  {`<a :title="x y" v-bind:title="x y" [title]="x y" th:title="x y">x</a>`, nil},
		"code that makes the value":           {`<a title={label}>x</a><img alt="<?php echo $x; ?>"><img alt={a.b}>`, nil},
		"names of files and things":           {`<img alt="logo.png" title="user_name"><p title="#top"><p title="a\b"><p title="me@home">`, nil},
		"words that look like names":          {`<img alt="Loading…"><p title="Search..."><p title="Yes/No"><p title="写真.1">`, []string{"alt=Loading…", "title=Search...", "title=Yes/No", "title=写真.1"}},
		"nothing":                             {`<img alt=""><img alt="  "><img alt=" &nbsp; "><img alt>`, nil},
		"white space around":                  {"<img alt=' A\tb\n'>", []string{"alt=A\tb"}},
		"white space around the sign":         {"<img alt = \"A\" title\n=\n'B' id=x>", []string{"alt=A", "title=B"}},
		"no quotation marks":                  {`<img alt=Photo src=a.png><br title=A/>`, []string{"alt=Photo", "title=A"}},
		"signs of a tag inside":               {`<a title='x > y'>z</a>`, []string{"title=x > y"}},
		"the first of two":                    {`<img alt="A" alt="B">`, []string{"alt=A"}},
		"references":                          {`<img alt="&Uuml;ber &quot;A &amp; B&quot; &lt;b&gt; it&#39;s &#x1F600;">`, []string{`alt=Über "A & B" <b> it's 😀`}},
		"references without a semicolon":      {`<img alt="&copy 2024 &copyx &copy=1 &copyx; &Alpha x & y &">`, []string{"alt=© 2024 &copyx &copy=1 &copyx; &Alpha x & y &"}},
		"references to nothing":               {`<img alt="&; &#; &nothing; &amp;lt;">`, []string{"alt=&; &#; &nothing; &lt;"}},
		"closing tags and comments have none": {`</a><!-- <img alt="A"> --><![CDATA[<img alt="A">]]>{{#if title="A"}}{{/if}}`, nil},
		"code":                                {"`<img alt=\"A\">`", nil},
		"title of a link":                     {`[a](/b "C d") ![e](f.png 'G "h"') [i](j.k)`, []string{"title=C d", `title=G "h"`}},
		"escapes in the title of a link":      {`[a](/b "C \"d\" &amp; \e")`, []string{`title=C "d" & \e`}},
		"no address":                          {`[a] (see "c d") [b](c "d")`, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, attributesOf(tc.text)); diff != "" {
				t.Errorf("attributes of %s (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

// encoded writes a text as the first attribute of a text and returns the whole.
func encoded(t *testing.T, text, translation string) string {
	t.Helper()
	for _, p := range placeholder.Find(text) {
		for _, a := range p.Attributes() {
			written, quote := a.Encode(translation)
			return text[:p.Start+a.Start] + quote + written + quote + text[p.Start+a.End:]
		}
	}
	t.Fatalf("%s has no attribute", text)
	return ""
}

func TestEncode(t *testing.T) {
	cases := map[string]struct{ text, translation, want string }{
		"plain":                         {`<img alt="A">`, "Ä b", `<img alt="Ä b">`},
		"white space around stays":      {`<img alt=" &nbsp;A ">`, "B", `<img alt=" &nbsp;B ">`},
		"quotation marks":               {`<img alt="A">`, `"'`, `<img alt="&quot;'">`},
		"apostrophes":                   {`<img alt='A'>`, `"'`, `<img alt='"&apos;'>`},
		"quotation marks are put":       {`<img alt=A src=b>`, `B c`, `<img alt="B c" src=b>`},
		"a tag":                         {`<img alt="A">`, `"><script>x</script>`, `<img alt="&quot;&gt;&lt;script&gt;x&lt;/script&gt;">`},
		"references of the source":      {`<img alt="&Uuml; &#62; &rsquo;">`, "Ü ü > ’ ’", `<img alt="&Uuml; ü &#62; &rsquo; &rsquo;">`},
		"a reference gets its end":      {`<img alt="&copy 2024">`, "©x", `<img alt="&copy;x">`},
		"an ampersand":                  {`<img alt="A">`, "B & C &amp;", `<img alt="B &amp; C &amp;amp;">`},
		"an ampersand as in the source": {`<img alt="A & B">`, "C & D&E &", `<img alt="C & D&amp;E &">`},
		"an angle bracket as there":     {`<img alt="A > B">`, "C > D <", `<img alt="C > D &lt;">`},
		"the signs of a template":       {`<a title="{{ a && b }} items">x</a>`, "Posten {{ a && b }}&", `<a title="Posten {{ a && b }}&">x</a>`},
		"a tag of the source":           {`<a title="&lt;b>A&lt;/b>">x</a>`, "<b>B</b><i>", `<a title="&lt;b>B&lt;/b>&lt;i>">x</a>`},
		"line breaks":                   {`<img alt="A">`, "B\nC\r\nD\rE", `<img alt="B C D E">`},
		"line breaks of the source":     {"<img alt=\"A\nB\">", "C\nD", "<img alt=\"C\nD\">"},
		"the title of a link":           {`[a](/b "C")`, `D "e" 'f' & <g> > \`, `[a](/b "D &quot;e&quot; 'f' & &lt;g&gt; &gt; \\")`},
		"escapes as in the source":      {`[a](/b "C \"d\"")`, `E "f" \"`, `[a](/b "E \"f\" \\\"")`},
		"brackets in pairs":             {`[a](/b "C")`, "D (e)", `[a](/b "D (e)")`},
		"brackets without partner":      {`[a](/b "C")`, ":) (", `[a](/b ":&rpar; &lpar;")`},
		"code and tables":               {`[a](/b "C")`, "`D` | e", "[a](/b \"&grave;D&grave; &verbar; e\")"},
		"a path at the end of a title":  {`[a](/b "C:\Users\x\ is it")`, `Ist es C:\Users\x\`, `[a](/b "Ist es C:\\Users\\x\\")`},
		"empty":                         {`<img alt=A>`, "", `<img alt="">`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := encoded(t, tc.text, tc.translation); got != tc.want {
				t.Errorf("%s with %q is\n%s, want\n%s", tc.text, tc.translation, got, tc.want)
			}
		})
	}
}

// FuzzEncode: the value holds the translation, byte for byte, the tag is the same tag
// with the same other attributes, and the text of the source gives the source.
func FuzzEncode(f *testing.F) {
	for _, value := range []string{"A", "&quot;A&quot;", "{{a && b}} c", "&copy 2024", "a > b", "C:\\x\\ y"} {
		for _, translation := range []string{`"><script>`, "' onload='x", "&quot;", "\\", ")", "`", "{{a && b}}", "a\nb"} {
			f.Add(value, translation)
		}
	}
	f.Add("\v1", "0")
	f.Fuzz(func(t *testing.T, value, translation string) {
		const longest = 200 // what is longer may be too long for a tag
		if len(translation) > longest || !utf8.ValidString(translation) || !utf8.ValidString(value) {
			return
		}
		for _, shape := range []string{`<img id="1" alt="%" src="z.png">`, `<img id='1' alt='%' src='z.png'/>`, `<img id=1 alt=% src=z.png>`, `[x](/y "%")`} {
			text := strings.Replace(shape, "%", value, 1)
			found := placeholder.Find(text)
			at := 0
			for at < len(found) && len(found[at].Attributes()) == 0 {
				at++
			}
			if at == len(found) || found[at].End() != len(text) {
				continue // no such tag
			}
			before := found[at].Attributes()
			if len(before) != 1 {
				continue
			}
			same, quote := before[0].Encode(before[0].Text)
			if whole := found[at].Text[:before[0].Start] + quote + same + quote + found[at].Text[before[0].End:]; whole != found[at].Text {
				t.Fatalf("the text of %s gives %s", found[at].Text, whole)
			}
			written, quote := before[0].Encode(translation)
			tag := found[at].Text[:before[0].Start] + quote + written + quote + found[at].Text[before[0].End:]
			again := placeholder.Find(text[:found[at].Start] + tag)
			if len(again) == 0 || again[len(again)-1].Text != tag {
				t.Fatalf("%s with %q is no tag: %s", text, translation, tag)
			}
			if mark := shape[strings.Index(shape, "%")-1 : strings.Index(shape, "%")]; mark != "=" && strings.Contains(strings.ReplaceAll(written, `\`+mark, ""), mark) {
				t.Fatalf("%s with %q ends early: %s", text, translation, tag)
			}
			if strings.ContainsAny(written, "<") && !strings.Contains(value, "<") {
				t.Fatalf("%s with %q has a tag inside: %s", text, translation, tag)
			}
			want := strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(translation)
			if strings.ContainsAny(before[0].Text, "\r\n") || strings.TrimSpace(want) != want {
				continue
			}
			if got := again[len(again)-1].Attributes(); len(got) == 1 && got[0].Text != want {
				t.Fatalf("%s with %q reads %q", text, translation, got[0].Text)
			}
		}
	})
}

func TestUntranslated(t *testing.T) {
	cases := map[string]struct {
		text string
		// want are the titles outside of what is not translated.
		want string
	}{
		"nothing said":              {`<p title=a><b title=b></b></p>`, "a b"},
		"the element itself":        {`<p title=a translate="no"><b title=b></b></p><p title=c>`, "c"},
		"a class":                   {`<p title=a class="x notranslate y"><img title=b></p><p title=c class="notranslated">`, "c"},
		"an empty element":          {`<img title=a translate=no><img title=b>`, "b"},
		"yes inside of no":          {`<p title=a translate=no><b title=b translate=yes><i title=c></i></b><img title=d translate><img title=e translate=""><i title=f></i></p>`, "b c e"},
		"the class outweighs":       {`<p title=a translate=yes class=notranslate>`, ""},
		"ITS":                       {`<p title=a its:translate='no'>`, ""},
		"capitals":                  {`<P TITLE=a TRANSLATE=NO></P><p title=b>`, "b"},
		"a word that is none":       {`<p title=a translate=never>`, "a"},
		"never closed":              {`<p title=a><div translate=no title=b><p title=c>`, "a"},
		"closed by what is outside": {`<div><b translate=no title=a></div><b title=b>`, "b"},
		"closed by the next":        {`<ul><li translate=no title=a><li title=b></ul>`, "b"},
		"an end without beginning":  {`<p translate=no title=a></b><i title=b></i></p><i title=c></i>`, "c"},
		"other attributes":          {`<p title=a data-transfer="no">`, "a"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			found := placeholder.Find(tc.text)
			kept := placeholder.Untranslated(found)
			var got []string
			for _, p := range found {
				inside := false
				for _, r := range kept {
					inside = inside || r.Start <= p.Start && p.End() <= r.End
				}
				for _, a := range p.Attributes() {
					if !inside {
						got = append(got, a.Text)
					}
				}
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("of %s is translated (-want +got):\n%s", tc.text, diff)
			}
			for i, r := range kept {
				if r.Start >= r.End || i > 0 && kept[i-1].End > r.Start {
					t.Errorf("regions are not in order: %v", kept)
				}
			}
		})
	}
}
