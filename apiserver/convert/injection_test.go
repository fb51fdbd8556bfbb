package convert

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

func TestOrders(t *testing.T) {
	many := make([]pipeline.Suspect, 30)
	for i := range many {
		many[i] = pipeline.Suspect{Segment: i + 1, Item: i + 1, Rules: "override", Clear: true}
	}
	cases := map[string]struct {
		suspects   []pipeline.Suspect
		wantDetail string
		wantFields []Field
	}{
		"nothing was found": {},
		"only a doubt":      {suspects: []pipeline.Suspect{{Segment: 1, Rules: "role_play"}}},
		"a sentence of a text": {
			suspects:   []pipeline.Suspect{{Segment: 1, Rules: "role_play"}, {Segment: 3, Rules: "override, output_order", Clear: true}},
			wantDetail: "segment 3 reads as an order to a language model (override, output_order)",
			wantFields: []Field{{Location: "body.text", Message: "segment 3 reads as an order to a language model (override, output_order)"}},
		},
		"a text of a list": {
			suspects:   []pipeline.Suspect{{Segment: 4, Item: 2, Rules: "exfiltration", Clear: true}},
			wantDetail: "segment 4 reads as",
			wantFields: []Field{{Location: "body.texts[1]", Message: "segment 4 reads as an order to a language model (exfiltration)"}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := Orders(tc.suspects)
			if tc.wantDetail == "" {
				if err != nil {
					t.Fatalf("Orders() = %v, want none", err)
				}
				return
			}
			fault, ok := errors.AsType[*Fault](err)
			if !ok || fault.Kind != BadBriefing || fault.Code != PromptInjection || !strings.Contains(fault.Detail, tc.wantDetail) {
				t.Errorf("Orders() = %+v, want a fault of the briefing that says %q", err, tc.wantDetail)
			}
			if diff := cmp.Diff(tc.wantFields, fault.Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
	if fault, _ := errors.AsType[*Fault](Orders(many)); len(fault.Fields) != maxNamedOrders {
		t.Errorf("a refusal names %d of 30 segments, want %d", len(fault.Fields), maxNamedOrders)
	}
}

func TestSieve(t *testing.T) {
	cases := map[string]struct {
		texts      []string
		wantPlaces []int
		wantErrors []int
		wantErr    bool
	}{
		"a bad one among good ones":               {texts: []string{"uno", "bad", "tres"}, wantPlaces: []int{0, 2}, wantErrors: []int{1}},
		"beside one that was left out before":     {texts: []string{"bad", " ", "tres"}, wantPlaces: []int{2}, wantErrors: []int{0, 1}},
		"all are bad":                             {texts: []string{"bad", "bad"}, wantErrors: []int{0, 1}, wantErr: true},
		"all are good":                            {texts: []string{"uno"}, wantPlaces: []int{0}},
		"an error that is not the item's is told": {texts: []string{"broken"}, wantPlaces: []int{0}, wantErr: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			request := ContentRequest{Mode: "translation", SourceLang: "es", TargetLang: Targets{Tags: []string{"ca"}}}
			for _, text := range tc.texts {
				request.Items = append(request.Items, ContentItem{Text: &text})
			}
			brief, err := ReadContent(request)
			if err != nil {
				t.Fatal(err)
			}
			err = brief.Sieve(func(input Input) error {
				switch text, _ := input.Texts(); text {
				case "bad":
					return &Fault{Kind: BadBriefing, Code: PromptInjection, Detail: "no"}
				case "broken":
					return fmt.Errorf("no connection")
				}
				return nil
			})
			if (err != nil) != tc.wantErr {
				t.Fatalf("Sieve() error = %v, want one: %t", err, tc.wantErr)
			}
			if fault, ok := errors.AsType[*Fault](err); ok && fault.Code != PromptInjection {
				t.Errorf("code = %q, want that of the items", fault.Code)
			}
			var places []int
			for i := range brief.Items {
				places = append(places, brief.Places[i])
				if got, _ := brief.Inputs[i].Texts(); got != tc.texts[brief.Places[i]] || *brief.Items[i].Source.Text != got {
					t.Errorf("item %d is %q, want %q", i, got, tc.texts[brief.Places[i]])
				}
			}
			var left []int
			for _, e := range brief.Errors {
				left = append(left, e.Index)
			}
			if diff := cmp.Diff([][]int{tc.wantPlaces, tc.wantErrors}, [][]int{places, left}); diff != "" {
				t.Errorf("places kept and left out (-want +got):\n%s", diff)
			}
		})
	}
}
