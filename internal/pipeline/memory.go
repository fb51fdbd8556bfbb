package pipeline

import (
	"context"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// recall asks the memory for what is still to be translated. What it has is judged
// like any answer, and costs nothing.
func (r *Run) recall(ctx context.Context) error {
	if r.tools.Recall == nil || r.recalled {
		return nil
	}
	pending := r.pending()
	keys := make([]string, 0, len(pending))
	for _, it := range pending {
		keys = append(keys, it.key)
	}
	if len(keys) == 0 {
		r.recalled = true
		return nil
	}
	found, err := r.tools.Recall(ctx, keys)
	if err != nil {
		// Buying again what the memory may have would be the wrong way to go on.
		return refusalOr(err, Refusal{End: Waits, Reason: v1alpha1.StorageFailedReason, Message: "ask the translation memory: " + err.Error()})
	}
	for _, it := range pending {
		if saved, ok := found[it.key]; ok {
			saved.Remembered = true
			// It was accepted once, for the same quality; it is not corrected again.
			it.answer, it.corrections = &saved, maxCorrections
			r.settle(it)
		}
	}
	r.recalled = true
	return nil
}

// remember gives the memory what was bought and is good enough to stand, unless the job
// is not to be trusted as a whole. It does not fail the job: the work is done.
func (r *Run) remember(ctx context.Context) {
	if r.tools.Remember == nil || r.distrust != "" {
		return
	}
	good := map[string]Saved{}
	for _, it := range r.leaders() {
		if it.answer != nil && !it.answer.Remembered && it.best != nil && it.best.acceptable() {
			good[it.key], _ = it.saved()
		}
	}
	if len(good) > 0 {
		r.tools.Remember(ctx, good)
	}
}
