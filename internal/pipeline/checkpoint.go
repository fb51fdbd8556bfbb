package pipeline

import (
	"context"
	"maps"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
)

// saveEvery is how long answers that cost nothing may wait for a page: that much
// work is done again after a crash. What was paid for is saved before the next call.
const saveEvery = 2 * time.Second

// Checkpoint is what a later run can take over: what the engine answered, by the
// fingerprint of what was asked. A page of a run is the checkpoint of what is new.
type Checkpoint struct {
	Segments map[string]Saved `json:"segments,omitempty"`
	// Usage so far, of this run and those before it.
	Usage engine.Usage `json:"usage,omitzero"`
	// Uncertain is the most that calls may have cost whose use is not known.
	Uncertain money.Euro `json:"uncertain,omitempty"`
}

// Saved is one answer.
type Saved struct {
	Masked  string   `json:"masked,omitempty"`
	Unknown []string `json:"unknown,omitempty"`
	Retries int      `json:"retries,omitempty"`
	// Rating is what a language model found wrong with it, one error a line; "" for
	// unrated.
	Rating string `json:"rating,omitempty"`
	// Remembered says that the answer came from the translation memory.
	Remembered bool `json:"remembered,omitempty"`
	// Refused says why the engine will not translate the segment; there is no answer.
	Refused string `json:"refused,omitempty"`
}

// Add puts a page that was written later on top.
func (c *Checkpoint) Add(page Checkpoint) {
	if c.Segments == nil {
		c.Segments = map[string]Saved{}
	}
	maps.Copy(c.Segments, page.Segments)
	c.Usage, c.Uncertain = page.Usage, page.Uncertain
}

// Checkpoint returns all that is worth keeping if the process ends now.
func (r *Run) Checkpoint() Checkpoint {
	if r.items == nil {
		return r.from
	}
	cp := Checkpoint{Segments: map[string]Saved{}, Usage: r.spent, Uncertain: r.uncertain}
	for key, it := range r.first {
		if saved, ok := it.saved(); ok {
			cp.Segments[key] = saved
		}
	}
	return cp
}

func (it *item) saved() (Saved, bool) {
	switch {
	case it.refused != nil:
		return Saved{Refused: it.refused.Error()}, true
	case it.answer == nil:
		return Saved{}, false
	}
	saved := *it.answer
	saved.Retries = it.corrections // also those that brought nothing better
	return saved, true
}

// restore hands saved answers to the segments they belong to.
func (r *Run) restore() {
	from := r.from.Segments
	r.from = Checkpoint{}
	for _, it := range r.items {
		saved, ok := from[it.key]
		switch {
		case !ok:
		case saved.Refused != "":
			it.refused = engine.Errorf(engine.Rejected, "%s", saved.Refused)
		default:
			it.answer = &saved
			it.corrections = saved.Retries
		}
		r.recount(it)
	}
	for _, it := range r.leaders() {
		r.settle(it) // what was done counts as done at once, after a restart as before it
	}
}

// changed notes that there is something of a segment to save.
func (r *Run) changed(it *item) {
	if r.unsaved == nil {
		r.unsaved = map[string]*item{}
	}
	r.unsaved[it.key] = it
	r.recount(it)
}

// saveDue saves before a call what must not be lost by it: all that was paid for,
// so that no more than one call is ever bought twice.
func (r *Run) saveDue(ctx context.Context) error {
	if !r.job.Paid && (r.tools.Now == nil || r.tools.Now().Sub(r.savedAt) < saveEvery) {
		return nil
	}
	return r.Save(ctx)
}

// Save writes a page of what is not on one yet.
func (r *Run) Save(ctx context.Context) error {
	if r.tools.Keep == nil || len(r.unsaved) == 0 && !r.unbooked {
		return nil
	}
	page := Checkpoint{Segments: make(map[string]Saved, len(r.unsaved)), Usage: r.spent, Uncertain: r.uncertain}
	for key, it := range r.unsaved {
		if saved, ok := it.saved(); ok {
			page.Segments[key] = saved
		}
	}
	if err := r.tools.Keep(ctx, page); err != nil {
		return refusalOr(err, Refusal{End: Waits, Reason: v1alpha1.StorageFailedReason, Message: "store finished segments: " + err.Error()})
	}
	r.unsaved, r.unbooked = nil, false
	r.markSaved()
	return nil
}

func (r *Run) markSaved() {
	if r.tools.Now != nil {
		r.savedAt = r.tools.Now()
	}
}
