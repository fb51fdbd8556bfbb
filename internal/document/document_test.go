package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// spanish into English: the languages of a text that has no plural forms in it.
var spanish = document.Languages{Source: "es", Target: "en"}

func TestFromText(t *testing.T) {
	cases := map[string]struct {
		text string
		want []document.Unit
	}{
		"sentences":               {text: "Hola. ¿Qué tal?\n", want: []document.Unit{{ID: 1, Text: "Hola."}, {ID: 2, Text: "¿Qué tal?"}}},
		"paragraphs and a number": {text: "\n1234\n\n\tUno dos\r\n\r\nTres", want: []document.Unit{{ID: 1, Text: "Uno dos"}, {ID: 2, Text: "Tres"}}},
		"nothing":                 {text: ""},
		"nothing to translate":    {text: " \n\t "},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			doc, err := document.FromText(tc.text, spanish)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, doc.Units()); diff != "" {
				t.Errorf("Units() (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzAssemble: a text whose units stay as they are comes back byte for byte, and
// one whose units change comes back changed there alone.
func FuzzAssemble(f *testing.F) {
	for _, seed := range []string{"", "<p title=' Hola &amp; &copy; '>¿Qué <img alt=tal>?\n[a](/b \"c\")", "Va <b translate=no>uno. <i translate=yes>Dos. Tres</i> x</b> y. <p class=notranslate>Dos", "Hola. ¿Qué tal?\n", "\n\n 1. Uno\r\n 2. Dos <br> tres\u2028", "a\x00b", "日本語。文。", "…"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := document.FromText(text, spanish)
		if err != nil {
			return // not UTF-8
		}
		same, marked, want := map[int]string{}, map[int]string{}, text
		for i, u := range doc.Units() {
			if u.ID != i+1 {
				t.Fatalf("unit %d has id %d", i+1, u.ID)
			}
			same[u.ID], marked[u.ID] = u.Text, fmt.Sprintf("\x01%d\x02", u.ID)
		}
		if len(same) == 0 {
			return
		}
		if got := doc.Assemble(same); got.Text == nil || *got.Text != text {
			t.Fatalf("assembled as it was: %q, want %q", *got.Text, text)
		}
		if placeholder.MayHaveAttributes(text) {
			return // a tag that is gone has no place for what stood in it
		}
		got := *doc.Assemble(marked).Text
		for _, u := range doc.Units() {
			before, after, found := strings.Cut(got, marked[u.ID])
			if !found {
				t.Fatalf("unit %d has no place", u.ID)
			}
			got = before + u.Text + after
		}
		if got != want {
			t.Fatalf("around the units stands %q, want %q", got, want)
		}
	})
}

func TestAssemble(t *testing.T) {
	text, err := document.FromText("Uno. Dos.\n\nTres.", spanish)
	if err != nil {
		t.Fatal(err)
	}
	list, err := document.FromTexts([]string{"Uno", "", "Tres"}, spanish)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		doc     document.Document
		targets map[int]string
		want    document.Translation
	}{
		"a text":                       {doc: text, targets: map[int]string{1: "One.", 2: "Two.", 3: "Three."}, want: document.Translation{Text: new("One. Two.\n\nThree.")}},
		"a missing unit keeps its own": {doc: text, targets: map[int]string{3: "Three."}, want: document.Translation{Text: new("Uno. Dos.\n\nThree.")}},
		"an empty answer is an answer": {doc: text, targets: map[int]string{2: ""}, want: document.Translation{Text: new("Uno. \n\nTres.")}},
		"a text without translations":  {doc: text},
		"an id that is not there":      {doc: text, targets: map[int]string{9: "x"}, want: document.Translation{Text: new("Uno. Dos.\n\nTres.")}},
		"a list":                       {doc: list, targets: map[int]string{1: "One", 3: "Three"}, want: document.Translation{Texts: []*string{new("One"), nil, new("Three")}}},
		"a list without translations":  {doc: list, want: document.Translation{Texts: []*string{nil, nil, nil}}},
		"nothing at all":               {},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.doc.Assemble(tc.targets)); diff != "" {
				t.Errorf("Assemble() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextsAreNotCut(t *testing.T) {
	texts := []string{"Uno. Dos.", " ", "tres\ncuatro"}
	doc, err := document.FromTexts(texts, spanish)
	if err != nil {
		t.Fatal(err)
	}
	want := []document.Unit{{ID: 1, Text: "Uno. Dos.", Item: 1}, {ID: 2, Text: " ", Item: 2}, {ID: 3, Text: "tres\ncuatro", Item: 3}}
	if diff := cmp.Diff(want, doc.Units()); diff != "" {
		t.Errorf("Units() (-want +got):\n%s", diff)
	}
}

func TestSourcesMustBeUTF8(t *testing.T) {
	if _, err := document.FromText("a\xff", spanish); err == nil || err.Error() != "the text is not valid UTF-8" {
		t.Errorf("FromText(): %v", err)
	}
	if _, err := document.FromTexts([]string{"a", "\xff"}, spanish); err == nil || err.Error() != "text 2 is not valid UTF-8" {
		t.Errorf("FromTexts(): %v", err)
	}
}

func TestFitsInline(t *testing.T) {
	ofBytes := func(n int) *string { return new(strings.Repeat("a", n)) }
	const limit = document.MaxInlineBytes
	cases := map[string]struct {
		result document.Result
		want   bool
	}{
		"nothing":             {want: true},
		"a text of the limit": {result: document.Result{Translation: document.Translation{Text: ofBytes(limit)}}, want: true},
		"one byte more":       {result: document.Result{Translation: document.Translation{Text: ofBytes(limit + 1)}}},
		"bytes, not letters":  {result: document.Result{Translation: document.Translation{Text: new(strings.Repeat("é", limit/2+1))}}},
		"texts of the limit together, and one without": {
			result: document.Result{Translation: document.Translation{Texts: []*string{ofBytes(limit / 2), nil, ofBytes(limit / 2)}}}, want: true,
		},
		"texts of more":  {result: document.Result{Translation: document.Translation{Texts: []*string{ofBytes(limit / 2), ofBytes(limit/2 + 1)}}}},
		"fifty segments": {result: document.Result{Segments: make([]v1alpha1.SegmentStatus, 50)}, want: true},
		"and one":        {result: document.Result{Segments: make([]v1alpha1.SegmentStatus, 51)}},
		"fifty findings": {result: document.Result{Findings: make([]v1alpha1.Finding, 50)}, want: true},
		"and one more":   {result: document.Result{Findings: make([]v1alpha1.Finding, 51)}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.result.FitsInline(); got != tc.want {
				t.Errorf("FitsInline() = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestResultInAnObject(t *testing.T) {
	findings := []v1alpha1.Finding{{Segment: 1, Type: "number", Severity: v1alpha1.MajorSeverity, Message: "m"}}
	ref := v1alpha1.PayloadReference{Name: "p", Shards: 2}
	const (
		ofHola = "e633f4fc79badea1dc5db970cf397c8248bac47cc3acf9915ba60b5d76b0e88f"
		ofList = "030d72a80b7c5a4fc2b9613a0b276044938947bcd126bcb32c5da5ebe25e8071"
	)
	text := document.Result{Translation: document.Translation{Text: new("Hola")}, Findings: findings, WordCount: 1}
	list := document.Result{Translation: document.Translation{Texts: []*string{new("Hola"), nil}}, WordCount: 1}
	cases := map[string]struct {
		got, want *v1alpha1.Result
	}{
		"a text":              {got: text.Inline(), want: &v1alpha1.Result{Text: new("Hola"), Findings: findings, SHA256: ofHola, WordCount: 1}},
		"a list":              {got: list.Inline(), want: &v1alpha1.Result{Texts: []v1alpha1.ResultItem{{Text: new("Hola")}, {}}, SHA256: ofList, WordCount: 1}},
		"nothing":             {got: document.Result{}.Inline(), want: &v1alpha1.Result{}},
		"a text in a payload": {got: text.Referenced(ref), want: &v1alpha1.Result{PayloadRef: &ref, SHA256: ofHola, WordCount: 1}},
		"a list in a payload": {got: list.Referenced(ref), want: &v1alpha1.Result{PayloadRef: &ref, SHA256: ofList, WordCount: 1}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPayloadsReadAsTheyWereWritten(t *testing.T) {
	want := document.Result{
		Translation: document.Translation{Texts: []*string{new("Hola <b>&\u2028"), nil, new("")}},
		Segments:    []v1alpha1.SegmentStatus{{ID: 1, State: v1alpha1.SegmentCompleted, QAScore: "100.0"}},
		Findings:    []v1alpha1.Finding{{Segment: 1, Type: "number", Severity: v1alpha1.MinorSeverity, Message: "m"}},
		WordCount:   7,
	}
	data, err := want.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := document.UnmarshalResult(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if _, err := document.UnmarshalResult([]byte("{")); err == nil {
		t.Error("a damaged payload is read without an error")
	}
}

func TestSpans(t *testing.T) {
	languages := document.Languages{Source: "en", Target: "pl"}
	text, err := document.FromText("One. Two.\n\nÜ.\n\n{n, plural, one {# file} other {# files}}", languages)
	if err != nil {
		t.Fatal(err)
	}
	targets := map[int]string{1: "Uno más.", 3: "Ü.", 4: "# plik", 5: "# pliki"}
	whole := *text.Assemble(targets).Text
	got := map[int]string{}
	for id, span := range text.Spans(targets) {
		got[id] = whole[span.Start:span.End]
	}
	if diff := cmp.Diff(map[int]string{1: "Uno más.", 3: "Ü."}, got); diff != "" {
		t.Errorf("Spans() of %q (-want +got):\n%s", whole, diff)
	}
	if got := text.Spans(nil); got != nil {
		t.Errorf("Spans() of nothing = %v", got)
	}
	list, err := document.FromTexts([]string{"One"}, languages)
	if err != nil {
		t.Fatal(err)
	}
	if got := list.Spans(map[int]string{1: "Uno"}); got != nil {
		t.Errorf("Spans() of a list = %v", got)
	}
}
