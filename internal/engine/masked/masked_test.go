package masked_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/masked"
)

func TestToXMLAndBack(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"prose":                        {"Save it.", "Save it."},
		"tokens":                       {"⟦1⟧Open ⟦12⟧", `<x id="1"/>Open <x id="12"/>`},
		"what XML reserves":            {`a<b & c>"d"`, `a&lt;b &amp; c&gt;"d"`},
		"entities of the source":       {"&amp; &#65; &copy", "&amp;amp; &amp;#65; &amp;copy"},
		"an element of the source":     {`<x id="3"/>`, `&lt;x id="3"/&gt;`},
		"a sign that is no token":      {"⟦a⟧ ⟦", "⟦a⟧ ⟦"},
		"other scripts, and no letter": {"日本⟦1⟧語 🙂", `日本<x id="1"/>語 🙂`},
		"nothing":                      {"", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := masked.ToXML(tc.text)
			if got != tc.want {
				t.Errorf("ToXML() = %q, want %q", got, tc.want)
			}
			if back := masked.FromXML(got); back != tc.text {
				t.Errorf("FromXML() = %q, want %q", back, tc.text)
			}
		})
	}
}

func TestFromXMLAsServicesWriteIt(t *testing.T) {
	cases := map[string]struct{ answer, want string }{
		"with an end tag":           {`Open <x id="1"></x>.`, "Open ⟦1⟧."},
		"with white space in it":    {`<x id="1"> </x>`, "⟦1⟧ "},
		"in capitals, other quotes": {`<X ID='1' />a< x id = 2 >`, "⟦1⟧a⟦2⟧"},
		"a word that moved inside":  {`<x id="1">Open</x> it`, "⟦1⟧Open it"},
		"another element":           {`<b>Open</b> <x id="1"/>`, "<b>Open</b> ⟦1⟧"},
		"numeric entities":          {"a&#39;b&#x26;", "a'b&"},
		"cut in an element":         {`Open <x id="`, `Open <x id="`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := masked.FromXML(tc.answer); got != tc.want {
				t.Errorf("FromXML() = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	open, kept := masked.Open([]engine.Segment{
		{ID: 1, Text: "\n Save \u00a0"}, {ID: 2, Text: "⟦1⟧ 42"}, {ID: 3, Text: ""}, {ID: 4, Text: "\ufeffGo"},
	})
	if diff := cmp.Diff([]engine.Translation{{ID: 2, Text: "⟦1⟧ 42"}, {ID: 3}}, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	var whole []string
	for _, p := range open {
		whole = append(whole, p.Core+"|"+p.Whole(" X\n"))
	}
	if diff := cmp.Diff([]string{"Save|\n X \u00a0", "Go|\ufeffX"}, whole); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
}

func TestRunes(t *testing.T) {
	if got := masked.Runes("⟦12⟧Öl ⟦1⟧日"); got != 4 {
		t.Errorf("Runes() = %d, want 4", got)
	}
}

func FuzzXML(f *testing.F) {
	f.Add("Open ⟦1⟧ & <x id=\"2\"/>")
	f.Fuzz(func(t *testing.T, text string) {
		if back := masked.FromXML(masked.ToXML(text)); back != text {
			t.Errorf("%q came back as %q", text, back)
		}
	})
}
