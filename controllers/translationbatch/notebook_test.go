package translationbatch

import (
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

func TestNotebookRemembersRefusalsOfTheBatchAsItIs(t *testing.T) {
	var n notebook
	b := batch()
	b.UID, b.Generation = "first", 1
	n.read(b, time.Time{}) // opens the page
	n.refuse(b, []refusal{{item: 1, language: "ca"}})
	n.refuse(b, []refusal{{item: 1, language: "pt"}})
	if got := len(n.read(b, time.Time{}).refused); got != 2 {
		t.Fatalf("%d refusals are remembered, want 2", got)
	}
	edited := b.DeepCopy()
	edited.Generation = 2
	if got := len(n.read(edited, time.Time{}).refused); got != 0 {
		t.Errorf("a changed batch remembers %d refusals, want none", got)
	}
	n.refuse(edited, []refusal{{item: 0, language: "ca"}})
	anew := edited.DeepCopy()
	anew.UID = "second"
	if got := len(n.read(anew, time.Time{}).refused); got != 0 {
		t.Errorf("a batch made anew remembers %d refusals, want none", got)
	}
}

func TestNotebookRemembersWhatWasMade(t *testing.T) {
	var n notebook
	b, now := batch(), time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)
	one, two := missing{item: 0, language: "ca"}, missing{item: 1, language: "ca"}
	n.read(b, now)
	n.make(b, []missing{one, two}, now)
	n.shown(b, []missing{two})
	edited := b.DeepCopy()
	edited.Generation++
	for _, b := range []*v1alpha1.TranslationBatch{b, edited} {
		if made := n.read(b, now.Add(showWithin)).made; !made[one] || made[two] {
			t.Errorf("in generation %d it remembers %v", b.Generation, made)
		}
	}
	if made := n.read(edited, now.Add(showWithin+1)).made; len(made) != 0 {
		t.Errorf("what never showed is remembered: %v", made)
	}
	n.make(edited, []missing{one}, now)
	anew := edited.DeepCopy()
	anew.UID = "second"
	if made := n.read(anew, now).made; len(made) != 0 {
		t.Errorf("a batch made anew remembers %v", made)
	}
}

// The plan is made anew with the batch.
func TestNotebookPlans(t *testing.T) {
	var n notebook
	b := batch()
	first := n.read(b, now).plan
	if again := n.read(b, now).plan; again != first {
		t.Error("the plan is made twice")
	}
	b.Generation++
	b.Spec.Items = b.Spec.Items[:1]
	if got := n.read(b, now).plan; got.jobs != len(b.Spec.TargetLanguages) || len(got.places) != got.jobs || len(got.hashes) != 1 {
		t.Errorf("the plan of a changed batch has %d jobs, %d places and %d items", got.jobs, len(got.places), len(got.hashes))
	}
}

func TestNotebookForgets(t *testing.T) {
	var n notebook
	key := client.ObjectKey{Namespace: "shop", Name: "notes"}
	n.wrote(key, time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC), 0)
	n.counted(key, time.Second)
	n.forget(key)
	if got := n.reportAt(key); !got.IsZero() {
		t.Errorf("reportAt() after forget = %v, want at once", got)
	}
	if got := n.gatherFor(key); got != gatherAtLeast {
		t.Errorf("gatherFor() after forget = %v, want %v", got, gatherAtLeast)
	}
}

func TestALargeBatchIsLookedAtLessOften(t *testing.T) {
	key := client.ObjectKey{Namespace: "shop", Name: "notes"}
	at := time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)
	cases := map[string]struct{ took, wantGather, wantReport time.Duration }{
		"it costs nothing":   {took: 0, wantGather: 20 * time.Millisecond, wantReport: time.Second},
		"a small one":        {took: time.Millisecond, wantGather: 20 * time.Millisecond, wantReport: time.Second},
		"one of some weight": {took: 5 * time.Millisecond, wantGather: 100 * time.Millisecond, wantReport: time.Second},
		"a large one":        {took: 150 * time.Millisecond, wantGather: time.Second, wantReport: 7500 * time.Millisecond},
		"it takes for ever":  {took: time.Minute, wantGather: time.Second, wantReport: 10 * time.Second},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var n notebook
			if got := n.gatherFor(key); got != gatherAtLeast || len(n.pages) != 0 {
				t.Errorf("an unknown batch is gathered for %v, and has %d pages", got, len(n.pages))
			}
			n.wrote(key, at, tc.took)
			n.counted(key, tc.took)
			if got := n.gatherFor(key); got != tc.wantGather {
				t.Errorf("gatherFor() = %v, want %v", got, tc.wantGather)
			}
			if got := n.reportAt(key).Sub(at); got != tc.wantReport {
				t.Errorf("reportAt() is %v later, want %v", got, tc.wantReport)
			}
		})
	}
}
