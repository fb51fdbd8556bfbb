package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/money"
)

func TestPlanned(t *testing.T) {
	first, err := planned(options{Jobs: 100, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	again, err := planned(options{Jobs: 100, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again, cmp.AllowUnexported(task{})); diff != "" {
		t.Errorf("the same seed (-first +again):\n%s", diff)
	}
	orders, names := map[order]bool{}, map[string]bool{}
	for _, t := range first.Tasks {
		orders[t.order], names[t.key()] = true, true
	}
	if len(orders) != 100 || len(names) != 100 {
		t.Errorf("%d orders and %d names of 100 jobs", len(orders), len(names))
	}
	if len(first.Budgets) != len(first.Batches)+1 {
		t.Fatalf("%d budgets, want one for each batch and one for a namespace", len(first.Budgets))
	}
	for _, b := range first.Budgets {
		var most money.Euro
		for _, task := range b.Tasks {
			e, err := estimate(task)
			if err != nil {
				t.Fatal(err)
			}
			most += e
		}
		if b.Max <= 0 || b.Max >= most {
			t.Errorf("%s has %s for jobs that may cost %s", b.Name, b.Max.Decimal(), most.Decimal())
		}
	}
}

func TestSentencesAreFoundInTheirTranslation(t *testing.T) {
	text := translated(sentence(12, 3) + " " + sentence(12, 45))
	number, sentences := sentencesIn(text)
	if number != 12 || !cmp.Equal(sentences, []int{3, 45}) {
		t.Errorf("in %q: %d, %v", text, number, sentences)
	}
}
