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
	if got := n.read(b, now).plan; len(got.names) != 1 || len(got.hashes) != 1 {
		t.Errorf("the plan of a changed batch has %d items", len(got.names))
	}
}

func TestNotebookForgets(t *testing.T) {
	var n notebook
	key := client.ObjectKey{Namespace: "shop", Name: "notes"}
	at := time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)
	n.wrote(key, at)
	if got := n.written(key); !got.Equal(at) {
		t.Errorf("written() = %v, want %v", got, at)
	}
	n.forget(key)
	if got := n.written(key); !got.IsZero() {
		t.Errorf("written() after forget = %v, want never", got)
	}
}
