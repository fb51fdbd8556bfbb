package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// hostile is an engine that breaks every promise it can.
type hostile struct {
	dice   *rand.Rand
	cancel context.CancelFunc
}

func (h *hostile) class() engine.Class { return engine.Class(h.dice.IntN(5)) } // one of them is no class

// translate is one call. Most go through: a run in which nothing does shows little.
func (h *hostile) translate(ctx context.Context, _ int, req engine.Request) (engine.Response, error) {
	out := scripted.Translation(req)
	out.Usage.InputTokens = int64(h.dice.IntN(100))
	for i := range out.Segments {
		h.spoil(&out.Segments[i], req.Segments[i].Text)
	}
	switch h.dice.IntN(24) {
	case 0:
		return out, engine.Errorf(h.class(), "the call failed")
	case 1:
		return engine.Response{}, errors.New("broken pipe")
	case 2:
		out.Segments = out.Segments[1:]
	case 3:
		out.Segments = append(out.Segments, out.Segments[h.dice.IntN(len(out.Segments))])
	case 4:
		out.Segments[0].ID = h.dice.IntN(40) - 20
	case 5:
		out.Segments = nil
	case 6:
		panic("the engine has a bug")
	case 7:
		h.cancel()
		return engine.Response{}, ctx.Err()
	case 8:
		h.cancel() // and answers all the same
	}
	return out, nil
}

func (h *hostile) spoil(t *engine.Translation, source string) {
	switch h.dice.IntN(12) {
	case 0:
		t.Text = ""
	case 1:
		t.Text, t.Err = "", engine.Errorf(h.class(), "not this one")
	case 2:
		t.Text = strings.Replace(t.Text, "⟦1⟧", "", 1)
	case 3:
		t.Text += "⟦1⟧"
	case 4:
		t.Text = "⟦" + t.Text + "⟧ \xff"
	case 5:
		t.Text = source
	case 6:
		t.Text, t.Unknown = strings.Repeat("x ", 200), []string{"x"}
	}
}

func accounted(p v1alpha1.Progress) error {
	if p.Total != p.Done+p.Blocked+p.Failed+p.Pending || min(p.Done, p.Blocked, p.Failed, p.Pending) < 0 {
		return fmt.Errorf("the counts do not sum up: %+v", p)
	}
	return nil
}

// honest holds a report, and the outcome it stands beside, to what must always be
// true of them.
func honest(r pipeline.Report, out pipeline.Outcome, segments int) error {
	if err := accounted(r.Progress); err != nil {
		return err
	}
	if r.Progress.Total != 0 && (int(r.Progress.Total) != segments || len(r.Segments) != segments) {
		return fmt.Errorf("%d segments are counted and %d listed, of %d", r.Progress.Total, len(r.Segments), segments)
	}
	if out.End == pipeline.Finished && r.Progress.Pending != 0 {
		return fmt.Errorf("ended %q with %d segments pending", out.Reason, r.Progress.Pending)
	}
	if out.Reason == v1alpha1.CompletedReason {
		for _, s := range r.Segments {
			if s.State != v1alpha1.SegmentCompleted {
				return fmt.Errorf("Completed, and segment %d is %s", s.ID, s.State)
			}
		}
	}
	if (out.End == 0) != (out.Message == "") || out.End == pipeline.Fatal && out.Reason == "" {
		return fmt.Errorf("an outcome without its words: %+v", out)
	}
	return nil
}

// textsAreWhole says that every published text has the placeables of its source:
// what cannot be put back is never delivered.
func textsAreWhole(sources []string, r document.Result) error {
	for i, text := range r.Texts {
		if text == nil {
			continue
		}
		for _, p := range placeholder.Mask(sources[i]).Placeables {
			if *text != "" && !strings.Contains(*text, p.Text) {
				return fmt.Errorf("text %d was published without a placeable of its source", i+1)
			}
		}
	}
	return nil
}

var phrases = []string{
	"Hola amigo.", "Tengo <b>un gato</b> negro.", "Visite https://example.com hoy.", "Hay %d casas.", "1234", "Hola amigo.", "{name}, buenos dias.",
}

// storm runs one job through a hostile engine until it ends, or for the given
// number of tries, now and then in a new process.
func storm(t *testing.T, seed uint64) {
	h := &hostile{dice: rand.New(rand.NewPCG(seed, 1))}
	var sources []string
	for range 1 + h.dice.IntN(12) {
		sources = append(sources, phrases[h.dice.IntN(len(phrases))])
	}
	b := newBench(sources...)
	b.engine.Description.Corrects = h.dice.IntN(2) == 0
	b.engine.Description.MaxSegments = h.dice.IntN(4)
	b.engine.Script = h.translate
	var run *pipeline.Run
	check := func(out pipeline.Outcome) {
		t.Helper()
		if err := honest(run.Report(), out, len(sources)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	b.tools.Entered = func(context.Context, v1alpha1.Step) { check(pipeline.Outcome{}) }
	run = b.run()
	const tries = 30
	for range tries {
		out := h.try(t, run)
		check(out)
		if out.End == pipeline.Finished || out.End == pipeline.Fatal {
			break
		}
		if h.dice.IntN(4) == 0 {
			run = pipeline.New(b.job, b.tools, run.Checkpoint())
		}
	}
	if err := run.Conclude(t.Context()); err != nil {
		t.Fatalf("seed %d: conclude: %v", seed, err)
	}
	check(pipeline.Outcome{})
	for _, r := range b.published {
		if err := textsAreWhole(sources, r); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// try is one call of Do, as the runner makes it: a panic is caught.
func (h *hostile) try(t *testing.T, run *pipeline.Run) (out pipeline.Outcome) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.cancel = cancel
	defer func() {
		if recover() != nil {
			out = pipeline.Outcome{}
		}
	}()
	return run.Do(ctx)
}

func TestHostileEngines(t *testing.T) {
	for seed := range uint64(400) {
		storm(t, seed)
	}
}

func FuzzHostileEngines(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(storm)
}
