package translationbatch

import (
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestNotebookRemembersRefusalsOfTheBatchAsItIs(t *testing.T) {
	var n notebook
	b := batch()
	b.UID, b.Generation = "first", 1
	n.refuse(b, n.refusals(b)) // opens the page
	n.refuse(b, []refusal{{item: 1, language: "ca"}})
	n.refuse(b, []refusal{{item: 1, language: "pt"}})
	if got := len(n.refusals(b)); got != 2 {
		t.Fatalf("%d refusals are remembered, want 2", got)
	}
	edited := b.DeepCopy()
	edited.Generation = 2
	if got := len(n.refusals(edited)); got != 0 {
		t.Errorf("a changed batch remembers %d refusals, want none", got)
	}
	n.refuse(edited, []refusal{{item: 0, language: "ca"}})
	anew := edited.DeepCopy()
	anew.UID = "second"
	if got := len(n.refusals(anew)); got != 0 {
		t.Errorf("a batch made anew remembers %d refusals, want none", got)
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
