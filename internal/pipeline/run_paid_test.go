package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// notebook keeps the pages of a run as a store does.
type notebook struct {
	pages []pipeline.Checkpoint
	err   error
}

func (n *notebook) keep(_ context.Context, page pipeline.Checkpoint) error {
	if n.err != nil {
		return n.err
	}
	n.pages = append(n.pages, page)
	return nil
}

// all is what a later run finds.
func (n *notebook) all() pipeline.Checkpoint {
	var out pipeline.Checkpoint
	for _, page := range n.pages {
		out.Add(page)
	}
	return out
}

// paidBench is a bench whose engine costs a euro for a million characters and takes
// one segment a call, and that keeps pages.
func paidBench(texts ...string) (*bench, *notebook) {
	b, kept := newBench(texts...), &notebook{}
	b.engine.Description.MaxSegments = 1
	b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		out := scripted.Translation(req)
		for _, s := range req.Segments {
			out.Usage.Characters += int64(len(s.Text))
		}
		return out, nil
	}
	b.job.Paid, b.job.Prices = true, money.Prices{PerMillionCharacters: 1_000_000}
	b.tools.Keep = kept.keep
	return b, kept
}

// buy goes on with a run whose plan is announced.
func buy(t *testing.T, run *pipeline.Run) pipeline.Outcome {
	t.Helper()
	if got := run.Do(t.Context()); got.End != pipeline.Planned {
		t.Fatalf("Do() ended %d %q: %s; want a plan first", got.End, got.Reason, got.Message)
	}
	run.Announce()
	return run.Do(t.Context())
}

func TestAPaidRunPlansBeforeItBuys(t *testing.T) {
	b, _ := paidBench(five...)
	run := b.run()
	for range 2 { // it waits for the announcement
		if got := run.Do(t.Context()); got.End != pipeline.Planned || b.engine.Calls() != 0 {
			t.Fatalf("Do() ended %d after %d calls; want a plan and no call", got.End, b.engine.Calls())
		}
	}
	if r := run.Report(); r.PlannedMax == 0 || r.Progress.Total != 5 {
		t.Errorf("the plan says %+v", r)
	}
	run.Announce()
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
		t.Errorf("Do() ended %q: %s", got.Reason, got.Message)
	}
}

// Before each call but the first, all that was bought is on a page; the last answers
// need none, because the end of the job tells of them.
func TestEveryAnswerIsSavedBeforeTheNextCall(t *testing.T) {
	b, kept := paidBench(five...)
	inner := b.engine.Script
	b.engine.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
		if saved := len(kept.all().Segments); saved != call-1 {
			t.Errorf("call %d is made while %d segments are on pages", call, saved)
		}
		return inner(ctx, call, req)
	}
	if got := buy(t, b.run()); got.Reason != v1alpha1.CompletedReason {
		t.Fatalf("Do() ended %q: %s", got.Reason, got.Message)
	}
	if len(kept.pages) != 3 {
		t.Errorf("%d pages for 4 calls, want 3", len(kept.pages))
	}
}

// Whenever the process ends, the next run buys again at most the one call whose
// answer was on its way, and counts it.
func TestAKilledRunBuysOneCallAgainAtMost(t *testing.T) {
	for killed := 1; killed <= 4; killed++ {
		t.Run(fmt.Sprintf("in call %d", killed), func(t *testing.T) {
			b, kept := paidBench(five...)
			inner := b.engine.Script
			var atKill pipeline.Checkpoint
			b.engine.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
				if call == killed {
					atKill = kept.all()
				}
				return inner(ctx, call, req)
			}
			first := b.run()
			buy(t, first)
			b.job.Lost, b.job.Announced = true, first.Report().PlannedMax
			next := pipeline.New(b.job, b.tools, atKill)
			if got := buy(t, next); got.Reason != v1alpha1.CompletedReason {
				t.Fatalf("Do() ended %q: %s", got.Reason, got.Message)
			}
			if again := b.engine.Calls() - 4; again != 5-killed {
				t.Errorf("the next run made %d calls, want %d", again, 5-killed)
			}
			if a, b := first.Report().PlannedMax, next.Report().PlannedMax; a != b {
				t.Errorf("planned %d, and after the loss %d", a, b)
			}
		})
	}
}

func TestAStoreThatFailsStopsTheBuying(t *testing.T) {
	b, kept := paidBench(five...)
	kept.err = errors.New("disk full")
	run := b.run()
	want := pipeline.Outcome{End: pipeline.Waits, Reason: v1alpha1.StorageFailedReason, Message: "store finished segments: disk full"}
	got := buy(t, run)
	if diff := cmp.Diff(want, got); diff != "" || b.engine.Calls() != 1 {
		t.Errorf("after %d calls Do() (-want +got):\n%s", b.engine.Calls(), diff)
	}
	kept.err = nil
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason || b.engine.Calls() != 4 {
		t.Errorf("with room again Do() ended %q after %d calls: %s", got.Reason, b.engine.Calls(), got.Message)
	}
}

func TestARunThatAnotherProcessTookOver(t *testing.T) {
	b, kept := paidBench(five...)
	kept.err = &pipeline.Refusal{End: pipeline.TakenOver, Message: "another manager goes on"}
	if got := buy(t, b.run()); got.End != pipeline.TakenOver || b.engine.Calls() != 1 {
		t.Errorf("Do() ended %d after %d calls: %s", got.End, b.engine.Calls(), got.Message)
	}
}

// What costs nothing is saved by the clock alone.
func TestPagesOfAFreeRun(t *testing.T) {
	b, kept := paidBench(five...)
	b.job.Paid, b.job.Prices = false, money.Prices{}
	clock := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	b.tools.Now = func() time.Time { return clock }
	inner := b.engine.Script
	b.engine.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
		clock = clock.Add(1500 * time.Millisecond)
		return inner(ctx, call, req)
	}
	if got := b.run().Do(t.Context()); got.Reason != v1alpha1.CompletedReason {
		t.Fatalf("Do() ended %q: %s", got.Reason, got.Message)
	}
	if len(kept.pages) != 1 || len(kept.pages[0].Segments) != 2 {
		t.Errorf("%d pages in six seconds; want one, of the first three seconds", len(kept.pages))
	}
}

func TestTheMemoryIsAskedFirst(t *testing.T) {
	b, _ := paidBench(five...)
	remembered := map[string]pipeline.Saved{}
	b.tools.Remember = func(_ context.Context, good map[string]pipeline.Saved) { maps.Copy(remembered, good) }
	b.tools.Recall = func(_ context.Context, keys []string) (map[string]pipeline.Saved, error) {
		found := map[string]pipeline.Saved{}
		for _, key := range keys {
			if saved, ok := remembered[key]; ok {
				found[key] = saved
			}
		}
		return found, nil
	}
	first := b.run()
	buy(t, first)
	if r := first.Report(); len(remembered) != 4 || r.Progress.FromMemory != 0 {
		t.Fatalf("%d segments remembered, %d from memory", len(remembered), r.Progress.FromMemory)
	}
	again := b.run()
	if got := buy(t, again); got.Reason != v1alpha1.CompletedReason || b.engine.Calls() != 4 {
		t.Errorf("the second run ended %q after %d calls", got.Reason, b.engine.Calls())
	}
	want := v1alpha1.Progress{Total: 5, Done: 5, FromMemory: 5}
	if r := again.Report(); r.Progress != want || r.BilledWords != 0 || r.Cost != 0 || r.Words == 0 {
		t.Errorf("the second run reports %+v", r)
	}
	b.job.Texts = append(slices.Clone(five), "Una frase nueva.")
	edited := b.run()
	buy(t, edited)
	if b.engine.Calls() != 5 {
		t.Errorf("%d calls for one new segment", b.engine.Calls()-4)
	}
	b.tools.Recall = func(context.Context, []string) (map[string]pipeline.Saved, error) { return nil, errors.New("no route") }
	if got := b.run().Do(t.Context()); got.End != pipeline.Waits || got.Reason != v1alpha1.StorageFailedReason || b.engine.Calls() != 5 {
		t.Errorf("without its memory the run ended %d %q: %s", got.End, got.Reason, got.Message)
	}
}

// A refused segment is not asked for again by the next run.
func TestARefusalIsSaved(t *testing.T) {
	b, kept := paidBench("Hola amigo.", "Tengo un gato.")
	inner := b.engine.Script
	b.engine.Script = func(ctx context.Context, call int, req engine.Request) (engine.Response, error) {
		if req.Segments[0].Text == "Hola amigo." {
			return engine.Response{}, engine.Errorf(engine.Rejected, "content filter")
		}
		return inner(ctx, call, req)
	}
	if got := buy(t, b.run()); got.Reason != v1alpha1.NeedsReviewReason {
		t.Fatalf("Do() ended %q: %s", got.Reason, got.Message)
	}
	next := pipeline.New(b.job, b.tools, kept.all())
	if got := buy(t, next); got.Reason != v1alpha1.NeedsReviewReason || b.engine.Calls() != 2 {
		t.Errorf("the next run ended %q after %d calls", got.Reason, b.engine.Calls())
	}
	b.job.Retry = true
	b.engine.Script = inner
	retried := pipeline.New(b.job, b.tools, kept.all())
	if got := buy(t, retried); got.Reason != v1alpha1.CompletedReason || b.engine.Calls() != 3 {
		t.Errorf("the retry ended %q after %d calls in all: %s", got.Reason, b.engine.Calls(), got.Message)
	}
}

func TestDelivery(t *testing.T) {
	b, _ := paidBench("Hola amigo.")
	var delivered []document.Result
	full := errors.New("forbidden")
	b.tools.Deliver = func(_ context.Context, r document.Result) error {
		delivered = append(delivered, r)
		return full
	}
	run := b.run()
	if got := buy(t, run); got.End != pipeline.Waits || got.Reason != v1alpha1.DeliveryFailedReason || got.Message != "deliver the result: forbidden" {
		t.Errorf("Do() ended %d %q: %s", got.End, got.Reason, got.Message)
	}
	full = nil
	if got := run.Do(t.Context()); got.Reason != v1alpha1.CompletedReason || len(delivered) != 2 || b.engine.Calls() != 1 {
		t.Errorf("the next try ended %q after %d deliveries and %d calls", got.Reason, len(delivered), b.engine.Calls())
	}
	if text := delivered[1].Texts[0]; text == nil || *text == "" {
		t.Error("an empty text was delivered")
	}
	b, _ = paidBench("Hola amigo.")
	b.engine.Script = func(context.Context, int, engine.Request) (engine.Response, error) {
		return engine.Response{}, engine.Errorf(engine.Rejected, "content filter")
	}
	b.tools.Deliver = func(context.Context, document.Result) error { t.Error("a failed job was delivered"); return nil }
	buy(t, b.run())
}

func TestAJobThatEndsInAnotherProcessKeepsItsPlan(t *testing.T) {
	b, kept := paidBench(five...)
	first := b.run()
	buy(t, first)
	plan := first.Report().PlannedMax
	b.job.Lost, b.job.Announced = true, plan
	for name, from := range map[string]pipeline.Checkpoint{"with pages": kept.all(), "without": {}} {
		next := pipeline.New(b.job, b.tools, from)
		if err := next.Conclude(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := next.Report().PlannedMax; plan == 0 || got != plan {
			t.Errorf("%s: the plan is %s, announced was %s", name, got.Decimal(), plan.Decimal())
		}
	}
}
