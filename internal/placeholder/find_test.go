package placeholder_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

func TestFindVariables(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string
	}{
		"Qt":                                    {"%1 of %2 in %L1, %n files at %10.", []string{"%1", "%2", "%L1", "%n", "%10"}},
		"a rate is no number of Qt":             {"50%1 or 5 % 1 or %123", nil},
		"shell and PHP":                         {"$HOME, $user_name's $x", []string{"$HOME", "$user_name", "$x"}},
		"numbered from one on":                  {"$2 of $1.", []string{"$2", "$1"}},
		"a price":                               {"It costs $5, $1,000 or $12.", nil},
		"a price beside a numbered variable":    {"$1 costs $5", nil},
		"a currency":                            {"US$5, AU$name, $CAD 5, $$", nil},
		"Laravel":                               {"Hi :name, the :attribute must be (:min).", []string{":name", ":attribute", ":min"}},
		"an emoji by its name":                  {"Well done :tada: you", []string{":tada:"}},
		"colons of prose":                       {"Note: a:b, 10:30, std::cout, :-) :p :D, Frage :über", nil},
		"i18next":                               {`See $t(menu.file, {"count": 3}) and {{count, number}}`, []string{`$t(menu.file, {"count": 3})`, "{{count, number}}"}},
		"a call that stays open":                {"$t(menu", []string{"$t"}},
		"Python with a format in a format":      {"{0!r:>10} {name:>{width}} {x:%H:%M}", []string{"{0!r:>10}", "{name:>{width}}", "{x:%H:%M}"}},
		"a choice of Java":                      {"{0,choice,0#none|1#one}", []string{"{0,choice,0#none|1#one}"}},
		"an ICU argument of many bytes":         {"{n, plural, other {" + strings.Repeat("x", 5000) + "}}", []string{"{n, plural, other {" + strings.Repeat("x", 5000) + "}}"}},
		"an ICU argument of too many":           {"{n, plural, other {" + strings.Repeat("x", 30000) + "}}", nil},
		"a stand-in for quoted text":            {"a {'12'} b {'x'} {''}", []string{"{'12'}"}},
		"components of React":                   {"<0>Hi</0> <1/> <2 /> x <3> y", []string{"<0>", "</0>", "<1/>", "<2 />"}},
		"ERB":                                   {"Hi <%= user.name %>!", []string{"<%= user.name %>"}},
		"end tags of nothing":                   {"</word> </0>", nil},
		"less and greater than numbers":         {"3 <5> 2, 1</2", nil},
		"entities":                              {"a&nbsp;b &amp; c &#8211; &#x2014; &lt;x&gt;", []string{"&nbsp;", "&amp;", "&#8211;", "&#x2014;", "&lt;", "&gt;"}},
		"entities of letters and quotes":        {"caf&eacute; &quot;x&quot; don&#39;t &ldquo;y&rdquo;", nil},
		"ampersands of prose":                   {"AT&T; R&D, Q&A; &unknownthing; &;", nil},
		"right to left, with controls":          {"\u2067مرحبا {name}\u2069، لديك \u200e%d\u200e رسالة في $HOME", []string{"{name}", "%d", "$HOME"}},
		"joined emoji and combining marks":      {"👩\u200d👩\u200d👧{n}👍🏽 e\u0301%s\u0301", []string{"{n}", "%s"}},
		"a zero-width space inside is no field": {"{na\u200bme} $\u200bNAME", nil},
		"particles of Korean":                   {":name을 $NAME이 --all은 -x를 {n}개", []string{":name", "$NAME", "--all", "-x", "{n}"}},
		"a field that a program may not break":  {"100%% of %{count}", []string{"%{count}"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, texts(placeholder.Find(tc.text))); diff != "" {
				t.Errorf("Find(%q) (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestFindCodeAndPaths(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string
	}{
		"a code span":                        {"Run `apt update` or ``a ` b``.", []string{"`apt update`", "``a ` b``"}},
		"a fence":                            {"Do:\n```sh\nls -l\n\nrm x\n```\nDone", []string{"```sh\nls -l\n\nrm x\n```"}},
		"quotes of old manuals":              {"can't open `%s' or `%s'; ``foo'' and ``bar''/``baz''", []string{"%s", "%s"}},
		"backticks of nothing":               {"a ` b ` c, `d\ne`, ``, `", nil},
		"a link":                             {"See [the [old] page](docs/x.md#a \"Title\") and ![a cat](cat.png).", []string{"[", "](docs/x.md#a \"Title\")", "![", "](cat.png)"}},
		"a link with placeables in its text": {"[{n} of `x`](https://x.org/(a))", []string{"[", "{n}", "`x`", "](https://x.org/(a))"}},
		"brackets of prose":                  {"word [a] (b), [c](see below), [d](word), [](x.md), a](b.c)", nil},
		"paths":                              {"Edit /etc/fstab, /tmp or ~/x.conf; ./run ../y (/usr/lib/%s/a).", []string{"/etc/fstab", "/tmp", "~/x.conf", "./run", "../y", "/usr/lib/%s/a"}},
		"a path with an umlaut":              {"in /home/jürgen/x und C:\\Müller\\y", []string{"/home/jürgen/x", `C:\Müller\y`}},
		"a path before Korean":               {"/etc/fstab을 엽니다", []string{"/etc/fstab"}},
		"a path before Chinese":              {"编辑/etc/fstab文件", []string{"/etc/fstab"}},
		"paths of Windows":                   {`Open C:\Program Files (x86)\App\a.exe and D:\x on \\server\share\b.`, []string{`C:\Program Files (x86)\App\a.exe`, `D:\x`, `\\server\share\b`}},
		"slashes of prose":                   {"and/or, 1/2, km/h, he/she/they, /word, / x, ..., 12/24/2026", nil},
		"options":                            {"Use --no-color[=WHEN], --file=NAME, -x, (-v) or -a/-b|-c.", []string{"--no-color", "--file", "-x", "-v", "-a", "-b", "-c"}},
		"dashes of prose":                    {"well-known, a - b, word--word, -- x, file(-s), -5, -ing, Datei(-en), -ä", nil},
		"an option in quotes":                {"die Option «-x» und „--foo“", []string{"-x", "--foo"}},
		"a URL before Korean":                {"https://x.org/a에서", []string{"https://x.org/a"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, texts(placeholder.Find(tc.text))); diff != "" {
				t.Errorf("Find(%q) (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	cases := map[string]struct {
		text      string
		want      placeholder.Kind
		wantLabel string
	}{
		"an entity":      {"&nbsp;", placeholder.Entity, "&nbsp;"},
		"a code span":    {"`secret words`", placeholder.Code, "a piece of code"},
		"a path":         {"/home/secret/x", placeholder.Path, "a path"},
		"an option":      {"--long", placeholder.Option, "--long"},
		"a variable":     {"$NAME", placeholder.Field, "$NAME"},
		"a component":    {"<1/>", placeholder.LoneTag, "<1/>"},
		"a server's tag": {"<% secret %>", placeholder.LoneTag, "a comment"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			found := placeholder.Find(tc.text)
			if len(found) != 1 || found[0].Kind != tc.want || found[0].Label() != tc.wantLabel {
				t.Errorf("Find(%q) = %+v, want one of kind %d labelled %q", tc.text, found, tc.want, tc.wantLabel)
			}
		})
	}
	link := placeholder.Find("[a](b/c)")
	if len(link) != 2 || link[0].Kind != placeholder.OpenTag || link[1].Kind != placeholder.ClosingTag || link[0].Name != link[1].Name {
		t.Errorf("the ends of a link are %+v, want a pair of tags", link)
	}
}

func TestMaskNumber(t *testing.T) {
	cases := map[string]struct {
		text       string
		sample     int
		want       string
		wantNumber int
	}{
		"the sign of a plural":          {"You have {#} files in {dir}.", 5, "You have 5 files in ⟦2⟧.", 1},
		"the argument":                  {"{dir} has {n} files", 5, "⟦1⟧ has 5 files", 2},
		"a text without the number":     {"One file in {dir}", 1, "One file in ⟦1⟧", 0},
		"a text with it twice":          {"{#} of {n}", 5, "⟦1⟧ of ⟦2⟧", 0},
		"a text with other digits":      {"{#} of 10", 5, "⟦1⟧ of 10", 0},
		"digits inside placeables":      {"{#} of %1$s", 5, "5 of ⟦2⟧", 1},
		"a sign that would belong":      {"-{#} degrees", 5, "-⟦1⟧ degrees", 0},
		"a text that has no placeables": {"Files", 5, "Files", 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := placeholder.MaskNumber(tc.text, tc.sample, "{#}", "{n}")
			if got.Text != tc.want || got.Number != tc.wantNumber {
				t.Errorf("MaskNumber(%q) = %q with number %d, want %q with %d", tc.text, got.Text, got.Number, tc.want, tc.wantNumber)
			}
			if back, problems := got.Restore(got.Text); back != tc.text || len(problems) > 0 {
				t.Errorf("restored as it was: %q with %v", back, problems)
			}
		})
	}
}

func TestRestoreNumber(t *testing.T) {
	cases := map[string]struct {
		sample       int
		answer, want string
		wantProblems []string
	}{
		"moved":                       {5, "W ⟦1⟧ jest 5 plików.", "W {dir} jest {#} plików.", nil},
		"at the end":                  {5, "⟦1⟧: 5.", "{dir}: {#}.", nil},
		"in digits of the language":   {11, "⟦1⟧ ١١ ملفًا", "{dir} {#} ملفًا", nil},
		"with signs between":          {1000000, "⟦1⟧: 1.000.000 de archivos", "{dir}: {#} de archivos", nil},
		"with narrow spaces between":  {1000000, "⟦1⟧: 1\u202f000\u202f000 de fichiers", "{dir}: {#} de fichiers", nil},
		"as a token all the same":     {5, "⟦1⟧ ⟦2⟧ x", "{dir} {#} x", nil},
		"in words":                    {5, "⟦1⟧ pięć plików", "{dir} pięć plików", []string{"placeable ⟦2⟧ (the number 5) is missing"}},
		"twice":                       {5, "⟦1⟧ 5 z 5", "{dir} 5 z 5", []string{"placeable ⟦2⟧ (the number 5) is missing"}},
		"as part of another":          {5, "⟦1⟧ 5,5", "{dir} 5,5", []string{"placeable ⟦2⟧ (the number 5) is missing"}},
		"another one":                 {5, "⟦1⟧ 6", "{dir} 6", []string{"placeable ⟦2⟧ (the number 5) is missing"}},
		"behind an option's sign":     {5, "⟦1⟧ -5 x", "{dir} -{#} x", nil},
		"beside a token that is lost": {5, "5 x", "{#} x", []string{"placeable ⟦1⟧ (a template field) is missing"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			masked := placeholder.MaskNumber("{ dir } has {#} files", tc.sample, "{#}")
			got, problems := masked.Restore(tc.answer)
			if want := strings.ReplaceAll(tc.want, "{dir}", "{ dir }"); got != want {
				t.Errorf("Restore(%q) = %q, want %q", tc.answer, got, want)
			}
			var messages []string
			for _, p := range problems {
				messages = append(messages, p.String())
			}
			if diff := cmp.Diff(tc.wantProblems, messages); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRestoreNumberAtTheEnd: the digits are longer or shorter than what they stand for.
func TestRestoreNumberAtTheEnd(t *testing.T) {
	for _, sample := range []int{5, 1_000_000} {
		masked := placeholder.MaskNumber("{#} in https://x.org/a", sample, "{#}")
		if got, problems := masked.Restore("⟦2⟧: ⟦1⟧"); got != "https://x.org/a: {#}" || len(problems) > 0 {
			t.Errorf("Restore() = %q with %v", got, problems)
		}
	}
}

func FuzzMaskNumber(f *testing.F) {
	for _, seed := range seeds {
		f.Add("{#} in "+seed, uint(5), seed)
	}
	f.Fuzz(func(t *testing.T, text string, sample uint, answer string) {
		masked := placeholder.MaskNumber(text, int(sample%10_000_000), "{#}", "{n}")
		if got, problems := masked.Restore(masked.Text); got != text || len(problems) > 0 {
			t.Errorf("MaskNumber and Restore of %q gave %q with %v", text, got, problems)
		}
		if _, problems := masked.Restore(answer); masked.Number > 0 && !strings.ContainsAny(answer, "0123456789⟦{") && len(problems) == 0 && !strings.ContainsFunc(answer, isForeignDigit) {
			t.Errorf("the number of %q is not in %q, and nothing is reported", text, answer)
		}
	})
}

func isForeignDigit(r rune) bool {
	_, ok := placeholder.Digit(r)
	return ok
}
