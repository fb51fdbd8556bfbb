package llm

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

func TestReadAnswer(t *testing.T) {
	one := []engine.Segment{{ID: 1, Text: "Guarde"}}
	two := []engine.Segment{{ID: 4, Text: "Guarde ⟦1⟧"}, {ID: 9, Text: "Salga"}}
	numbered := []engine.Segment{{ID: 1, Text: "El artículo 17"}, {ID: 2, Text: "El artículo 52"}}
	const (
		notJSON   = "the model's answer is not the JSON it was asked for"
		refuses   = "the model refused the text"
		otherID   = "the model's answer names an id that was not sent"
		foreign   = "the model's answer has the placeables of one segment in another"
		prefaced  = "Here is the translation:\nDesa"
		oneAnswer = `{"translations":[{"id":1,"text":"Desa"}]}`
	)
	cases := map[string]struct {
		content  string
		segments []engine.Segment
		target   string
		bare     bool
		want     []string
		// wantFault is the reason; wantRejected its class.
		wantFault    string
		wantRejected bool
	}{
		"as asked":                     {content: oneAnswer, segments: one, want: []string{"Desa"}},
		"an id as a string":            {content: `{"translations":[{"id":"1","text":"Desa"}]}`, segments: one, want: []string{"Desa"}},
		"more fields than asked":       {content: `{"ok":true,"translations":[{"id":1,"text":"Desa","note":"x"}]}`, segments: one, want: []string{"Desa"}},
		"braces in the prose":          {content: "{ok} {} " + oneAnswer + " {done}", segments: one, want: []string{"Desa"}},
		"a fence without a language":   {content: "```\n" + oneAnswer + "\n```", segments: one, want: []string{"Desa"}},
		"white space around a text":    {content: `{"translations":[{"id":1,"text":" Desa\n"}]}`, segments: one, want: []string{"Desa"}},
		"a draft in thoughts":          {content: "<think>" + oneAnswer + "</think>" + oneAnswer, segments: one, want: []string{"Desa"}},
		"thoughts without an end":      {content: "<think>hm", segments: one, wantFault: notJSON},
		"two answers":                  {content: oneAnswer + "\nor\n" + oneAnswer, segments: one, wantFault: notJSON},
		"nothing":                      {content: "", segments: one, wantFault: notJSON},
		"a list":                       {content: `[{"id":1,"text":"Desa"}]`, segments: one, wantFault: notJSON},
		"a text that is a number":      {content: `{"translations":[{"id":1,"text":5}]}`, segments: one, wantFault: notJSON},
		"a text that is null":          {content: `{"translations":[{"id":1,"text":null}]}`, segments: one, wantFault: "the model's answer has an id without a text"},
		"an id that is null":           {content: `{"translations":[{"id":null,"text":"Desa"}]}`, segments: one, wantFault: otherID},
		"an id with a fraction":        {content: `{"translations":[{"id":1.5,"text":"Desa"}]}`, segments: one, wantFault: otherID},
		"no id":                        {content: `{"translations":[{"text":"Desa"}]}`, segments: one, wantFault: otherID},
		"an empty list":                {content: `{"translations":[]}`, segments: one, wantFault: "the model's answer leaves out 1 of 1 segments"},
		"half a surrogate pair":        {content: `{"translations":[{"id":1,"text":"De\ud800sa"}]}`, segments: one, wantFault: "the model's answer holds characters that cannot be read", wantRejected: true},
		"more braces than are tried":   {content: strings.Repeat("{", maxStarts) + oneAnswer, segments: one, wantFault: notJSON},
		"as many braces as are tried":  {content: strings.Repeat("{", maxStarts-1) + oneAnswer, segments: one, want: []string{"Desa"}},
		"prose is no text":             {content: "Desa", segments: one, bare: true, wantFault: notJSON},
		"announced text in plain mode": {content: prefaced, segments: one, bare: true, want: []string{"Desa"}},
		"announced text in JSON mode":  {content: prefaced, segments: one, wantFault: notJSON},
		"announced text and more":      {content: prefaced + "\nAnything else?", segments: one, bare: true, wantFault: notJSON},
		"announced text of a batch":    {content: prefaced, segments: two, bare: true, wantFault: notJSON},
		"an announcement that the source makes too": {
			content: prefaced, segments: []engine.Segment{{ID: 1, Text: "La traducción: Guarde"}}, bare: true, wantFault: notJSON,
		},
		"a preface in the text": {content: `{"translations":[{"id":1,"text":"Traducció: \n\nDesa"}]}`, segments: one, want: []string{"Desa"}},
		"a preface in Spanish":  {content: `{"translations":[{"id":1,"text":"Aquí tienes la traducción:\n\nDesa"}]}`, segments: one, want: []string{"Desa"}},
		"a line of the source that ends in a colon": {
			content: `{"translations":[{"id":1,"text":"Translators:\nAnna"}]}`, segments: []engine.Segment{{ID: 1, Text: "Traductores:\nAnna"}},
			want: []string{"Translators:\nAnna"},
		},
		"a refusal in prose":                    {content: "I’m sorry, but I cannot assist with that.", segments: one, wantFault: refuses, wantRejected: true},
		"a refusal without an excuse":           {content: "I can't help with this request.", segments: one, wantFault: refuses, wantRejected: true},
		"a refusal of a batch may be of a part": {content: "I'm sorry, but I cannot assist with that.", segments: two, wantFault: notJSON},
		"a refusal as the text": {
			content: `{"translations":[{"id":1,"text":"As an AI, I cannot translate this."}]}`, segments: one, wantFault: refuses, wantRejected: true,
		},
		"an apology that is the translation": {
			content: `{"translations":[{"id":1,"text":"I'm sorry, but I can't come."}]}`, segments: one, target: "en-GB", want: []string{"I'm sorry, but I can't come."},
		},
		"an apology that stays as it is": {
			content:  `{"translations":[{"id":1,"text":"I'm sorry, but I can't come."}]}`,
			segments: []engine.Segment{{ID: 1, Text: "I'm sorry, but I can't come."}}, want: []string{"I'm sorry, but I can't come."},
		},
		"a sentence about sorrow": {
			content: `{"translations":[{"id":1,"text":"Sorry seems to be the hardest word"}]}`, segments: one, want: []string{"Sorry seems to be the hardest word"},
		},
		"both": {content: `{"translations":[{"id":4,"text":"Desa ⟦1⟧"},{"id":9,"text":"Surt"}]}`, segments: two, want: []string{"Desa ⟦1⟧", "Surt"}},
		"the placeable of the other": {
			content: `{"translations":[{"id":4,"text":"Desa"},{"id":9,"text":"Surt ⟦1⟧"}]}`, segments: two, wantFault: foreign,
		},
		"a placeable of nobody's is for others to judge": {
			content: `{"translations":[{"id":4,"text":"Desa ⟦1⟧"},{"id":9,"text":"Surt ⟦7⟧"}]}`, segments: two, want: []string{"Desa ⟦1⟧", "Surt ⟦7⟧"},
		},
		"the numbers of the other": {
			content: `{"translations":[{"id":1,"text":"L'article 52"},{"id":2,"text":"L'article 17"}]}`, segments: numbered,
			wantFault: "the model's answer has the numbers of one segment in another",
		},
		"a number in other digits": {
			content: `{"translations":[{"id":1,"text":"L'article disset"},{"id":2,"text":"L'article 5.2"}]}`, segments: numbered,
			want: []string{"L'article disset", "L'article 5.2"},
		},
		"numbers of both, one missing": {
			content: `{"translations":[{"id":1,"text":"De 17 a 52"},{"id":2,"text":"L'article"}]}`, segments: numbered,
			want: []string{"De 17 a 52", "L'article"},
		},
		"another order": {
			content: `{"translations":[{"id":9,"text":"Surt"},{"id":4,"text":"Desa ⟦1⟧"}]}`, segments: two,
			wantFault: "the model's answer names the ids in another order",
		},
		"one twice and one not at all": {
			content: `{"translations":[{"id":4,"text":"Desa ⟦1⟧"},{"id":4,"text":"Surt"}]}`, segments: two,
			wantFault: "the model's answer names an id twice",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			target := tc.target
			if target == "" {
				target = "ca"
			}
			v := verifier{target: target, marks: testMarks}
			verdicts, f := v.read(Completion{Content: tc.content, Bare: tc.bare}, tc.segments)
			var got []string
			for _, v := range verdicts {
				if v.fault != nil {
					f = v.fault
				}
				got = append(got, v.text)
			}
			if tc.wantFault != "" {
				class := engine.Transient
				if tc.wantRejected {
					class = engine.Rejected
				}
				if f == nil || f.reason != tc.wantFault || f.class != class {
					t.Errorf("read() = %q, %v; want fault %q of class %v", got, f, tc.wantFault, class)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got); f != nil || diff != "" {
				t.Errorf("read() = %v (-want +got):\n%s", f, diff)
			}
		})
	}
}
