package main

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

// seen is what the ledger has of a call, beside its times.
type seen struct {
	Order     order
	Sentences []int
	SentBack  int
	Fate      fate
	Gone      bool
}

func TestTill(t *testing.T) {
	tests := map[string]struct {
		fault    openaitest.Fault
		previous string
		// leaves says that the caller goes away once its call has come.
		leaves bool
		want   seen
	}{
		"an answer":               {want: seen{Fate: answered}},
		"a correction":            {previous: "Padidi", want: seen{Fate: answered}},
		"429":                     {fault: openaitest.Status429(time.Second), want: seen{Fate: free}},
		"5xx":                     {fault: openaitest.Status5xx(503), want: seen{Fate: free}},
		"an answer that is cut":   {fault: openaitest.CutBody(), want: seen{Fate: spoiled}},
		"an answer without end":   {fault: openaitest.MalformedJSON(), want: seen{Fate: spoiled}},
		"swapped ids":             {fault: openaitest.SwappedIDs(), want: seen{Fate: spoiled}},
		"a caller without time":   {leaves: true, want: seen{Fate: answered, Gone: true}},
		"no answer and no caller": {fault: openaitest.Hang(), leaves: true, want: seen{Fate: free, Gone: true}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a call that hangs takes seconds
			model := openaitest.New(t)
			model.Translate = func(_ engine.Pair, text string) string { return translated(text) }
			model.Next(tc.fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var first []order
			l := &ledger{}
			till, err := newTill(l, model.URL, 1, func(_ context.Context, o order) {
				first = append(first, o)
				if tc.leaves {
					cancel()
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			front := httptest.NewServer(till.handler())
			e, err := openai.Factory(openai.Options{})(engine.Config{Endpoint: front.URL + "/v1", Model: openaitest.Model, Timeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			req := engine.Request{Pair: engine.Pair{Source: "es", Target: "ca"}, MaxOutputTokens: 100, Segments: []engine.Segment{{ID: 3, Text: sentence(42, 7)}}}
			tc.want.Order, tc.want.Sentences = order{Number: 42, Language: "ca"}, []int{7}
			if tc.previous != "" {
				req.Segments[0].Correction = &engine.Correction{Previous: tc.previous, Findings: []string{"too short"}, Round: 1}
				tc.want.Sentences, tc.want.SentBack = nil, 1
			}
			_, err = e.Translate(ctx, req)
			if arrives := tc.want.Fate == answered && !tc.want.Gone; (err == nil) != arrives {
				t.Errorf("Translate: %v", err)
			}
			front.Close() // when all calls are settled
			c := l.calls[0]
			if diff := cmp.Diff(tc.want, seen{c.order, c.sentences, c.sentBack, c.fate, c.gone}); diff != "" {
				t.Errorf("the ledger (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]order{{42, "ca"}}, first); diff != "" {
				t.Errorf("first calls (-want +got):\n%s", diff)
			}
			if l.sold() != model.Sold() {
				t.Errorf("the ledger has %d segments sold, the provider %d", l.sold(), model.Sold())
			}
		})
	}
}
