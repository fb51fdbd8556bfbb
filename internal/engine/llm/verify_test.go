package llm

import (
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

func TestATextThatIsNoTranslation(t *testing.T) {
	const (
		leak    = "the model's answer repeats the prompt"
		webPage = "the model's answer has a web page in the place of a text"
		form    = "the model's answer has parts of its own form in a text"
		loop    = "the model's answer repeats itself without end"
		long    = "the model's answer is many times as long as the text"
		chat    = "the model's answer speaks about itself beside the text"
		both    = "the model's answer has the text beside its translation"
		own     = "Write nothing that is not translation: no preface, no notes, no quotation marks of your own."
	)
	cases := map[string]struct {
		source, text string
		creation     bool
		want         string // "" where the text is fine
	}{
		"a sentence":                        {source: "Guarde su trabajo.", text: "Desi la seva feina."},
		"the mark of the system message":    {source: "Hola", text: "Mark: " + testMarks.canary, want: leak},
		"the mark around the data":          {source: "Hola", text: testMarks.nonce, want: leak},
		"a rule of the prompt":              {source: "Hola", text: "4. " + own, want: leak},
		"a rule in other punctuation":       {source: "Hola", text: strings.ToUpper(strings.ReplaceAll(own, ",", " –")), want: leak},
		"six words of a rule":               {source: "Hola", text: "no preface, no notes, no quotation"},
		"a source that quotes the rule":     {source: "Er schrieb: «" + own + "»", text: "He wrote: " + own},
		"a page":                            {source: "Hola", text: "<!DOCTYPE html><title>502</title>", want: webPage},
		"a page that the source speaks of":  {source: "Use <html lang>", text: "Useu <html lang>"},
		"an answer in an answer":            {source: "Hola", text: `{"translations":[{"id":1,"text":"Hola"}]}`, want: form},
		"an item":                           {source: "Hola", text: `{"id": 1, "text": "Hola"}`, want: form},
		"a token of a chat":                 {source: "Hola", text: "Hola<|im_end|>", want: form},
		"a sentence for ever":               {source: "Guarde su trabajo.", text: strings.Repeat("Desi la seva feina. ", 20), want: loop},
		"a sentence for ever, then cut":     {source: "Guarde su trabajo.", text: strings.Repeat("Desi la seva feina. ", 20) + "Desi la", want: loop},
		"a loop after a good beginning":     {source: "Guarde su trabajo.", text: "Desi la seva feina abans, " + strings.Repeat("i després ", 9), want: loop},
		"a long sentence four times":        {source: "x", text: strings.Repeat("Aquesta frase és força més llarga que vuit paraules juntes i no s'acaba mai. ", 4), want: loop},
		"a laugh":                           {source: "Ja ja ja ja ja", text: "Ha ha ha ha ha"},
		"a rule of dashes":                  {source: "x", text: "Hola\n" + strings.Repeat("-", 80)},
		"a refrain that the source has too": {source: strings.Repeat("Corre, niño, corre hoy. ", 6), text: strings.Repeat("Corre, nen, corre avui. ", 6)},
		"an announcement on the line":       {source: "Guarde su trabajo.", text: "Here is the translation into Catalan: Desi la seva feina.", want: chat},
		"an announcement after a word":      {source: "Guarde su trabajo.", text: "Sure! Here's the Catalan translation: Desi la seva feina.", want: chat},
		"an announcement in Spanish":        {source: "Guarde su trabajo.", text: "Aquí tienes la traducción solicitada: Desi la seva feina.", want: chat},
		"one that the source makes":         {source: "翻訳はこちらです: 保存", text: "Here is the translation: save"},
		"an offer at the end":               {source: "Guarde su trabajo.", text: "Desi la seva feina. Let me know if you need anything else!", want: chat},
		"an offer that stays in English":    {source: "Diga: «Let me know if you agree»", text: "Digui: «Let me know if you agree»"},
		"the source beside it":              {source: "Guarde su trabajo ahora mismo.", text: "Guarde su trabajo ahora mismo. Desi la seva feina ara mateix.", want: both},
		"the source alone":                  {source: "Guarde su trabajo ahora mismo.", text: "Guarde su trabajo ahora mismo."},
		"a command in a sentence":           {source: "git push", text: "git push, i llestos del tot"},
		"ten times the length":              {source: "Guarde.", text: varied(300), want: long},
		"a button that became a phrase":     {source: "OK", text: "D'acord, continua amb el pas següent"},
		"a brief that became a page":        {source: "A tea shop.", text: varied(300), creation: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			v := verifier{target: "ca", creation: tc.creation, marks: testMarks}
			got, f := v.text(tc.text, engine.Segment{ID: 1, Text: tc.source})
			if tc.want == "" {
				if f != nil || got != strings.TrimSpace(tc.text) {
					t.Errorf("text() = %q, %+v", got, f)
				}
				return
			}
			if f == nil || f.reason != tc.want {
				t.Errorf("text() = %q, %+v; want %s", got, f, tc.want)
			}
		})
	}
}

// varied is a text of so many words that does not repeat itself.
func varied(words int) string {
	var b strings.Builder
	for i := range words {
		b.WriteString(strings.Repeat(string(rune('a'+i%26)), 1+i/26) + " ")
	}
	return b.String()
}

func TestTheErrorOfATextDependsOnWhoAsksAgain(t *testing.T) {
	cases := map[string]struct {
		fault    *fault
		segments int
		partial  bool
		want     engine.Class
	}{
		"a spoiled text among others":              {fault: spoiled("x"), segments: 2, want: engine.Transient},
		"a spoiled text alone":                     {fault: spoiled("x"), segments: 1, want: engine.Rejected},
		"a spoiled text alone that is asked again": {fault: spoiled("x"), segments: 1, partial: true, want: engine.Transient},
		"a refusal among others":                   {fault: refused("x"), segments: 2, partial: true, want: engine.Transient},
		"a refusal alone is the last word":         {fault: refused("x"), segments: 1, partial: true, want: engine.Rejected},
		"an unusable text alone":                   {fault: unusable("x"), segments: 1, want: engine.Transient},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.fault.asked(tc.segments, tc.partial).Class; got != tc.want {
				t.Errorf("class = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestWordsOfTheClientAreCapped(t *testing.T) {
	long := strings.Repeat("é", 9000)
	req := capped(engine.Request{Domain: long, Tone: long, TextType: long, Instructions: long, StyleReference: long, Terms: make([]engine.Term, 400)})
	for name, tc := range map[string]struct {
		got  string
		want int
	}{
		"domain":       {req.Domain, 100},
		"tone":         {req.Tone, 100},
		"text type":    {req.TextType, 100},
		"instructions": {req.Instructions, 2000},
		"style":        {req.StyleReference, 8000},
	} {
		t.Run(name, func(t *testing.T) {
			if n := len([]rune(tc.got)); n != tc.want || strings.ToValidUTF8(tc.got, "") != tc.got {
				t.Errorf("%d runes, want %d", n, tc.want)
			}
		})
	}
	if len(req.Terms) != 300 {
		t.Errorf("%d terms, want 300", len(req.Terms))
	}
	if short := capped(engine.Request{Tone: "formal"}); short.Tone != "formal" {
		t.Errorf("a short tone became %q", short.Tone)
	}
}

// A rating is errors in lines, or none; nothing else passes for one.
func TestRatings(t *testing.T) {
	for text, wantFault := range map[string]bool{
		"none": false, "None.": false, "major accuracy/mistranslation": false,
		"minor fluency/grammar\ncritical accuracy/omission": false, "Major: accuracy/mistranslation": false, " minor style/awkward ": false,
		"The translation is good.": true, "major": true, "none, but mind the tone": true, "awful accuracy/omission": true,
		"major accuracy/omission: \"the end\"": true, strings.Repeat("minor fluency/grammar\n", 300): true, "": true, "<html>": true,
	} {
		v := verifier{target: "en", rating: true, marks: testMarks}
		got, f := v.text(text, engine.Segment{ID: 1, Text: "Guarde.", Target: "Save."})
		if (f != nil) != wantFault || f == nil && got != strings.TrimSpace(text) {
			t.Errorf("text(%.60q) = %q, fault %+v", text, got, f)
		}
	}
}
