package apertium

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// once makes a script that does something when a file is beside it, takes the file
// away, and copies its input at all other times.
func once(does string) string {
	return `if [ -e "$0.now" ]; then rm "$0.now"; ` + does + "; fi; exec cat"
}

func TestAPipelineThatBreaksFailsTheCallAndIsStartedAgain(t *testing.T) {
	cases := map[string]struct {
		does, wantMessage string
	}{
		"a stage is killed when a text comes": {
			does: "head -c 1 >/dev/null; kill -9 $$", wantMessage: "stage odd ended: signal: killed",
		},
		"a stage gives up with an error": {
			does: "head -c 1 >/dev/null; exit 3", wantMessage: "stage odd ended: exit status 3",
		},
		"a stage ends at once": {
			does: "exit 4", wantMessage: "stage odd ended: exit status 4",
		},
		"a stage ends and calls it a success": {
			does: "exit 0", wantMessage: "a stage ended before its input did",
		},
		"a stage dies in the middle of its answer": {
			does: "head -c 4; kill -9 $$", wantMessage: "stage odd ended: signal: killed",
		},
		"a stage takes the text and answers nothing": {
			does: "exec sleep 1000", wantMessage: "no answer for",
		},
		"a stage swallows the NUL": {
			does: `exec tr -d '\000'`, wantMessage: "no answer for",
		},
		"a stage closes its output and lives on": {
			does: "exec >&-; exec sleep 1000", wantMessage: "a stage ended before its input did",
		},
		"a stage answers with an empty message": {
			does: `exec sed -uz 's/.*//'`, wantMessage: "an answer belongs to another text",
		},
		"a stage answers another text": {
			does: `exec sed -uz 's/\[[0-9]*\]$/[77]/'`, wantMessage: "an answer belongs to another text",
		},
		"a stage answers what nobody asked": {
			does: `printf 'x\000'; exec cat`, wantMessage: "an answer",
		},
		"a stage answers a text with nothing": {
			does: `exec sed -uz 's/^[^[]*//'`, wantMessage: "the pipeline answered nothing to a text",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.stage("odd", once(tc.does))
			r.mode("es-pt", "copy", "odd", "copy")
			// Long enough for the start of three scripts on a busy machine.
			e := r.engine(Options{StallTimeout: 2 * time.Second})
			// The probe finds the pair good and stops its pipeline.
			if _, err := e.Probe(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.signal("odd.now")

			got, err := say(t, e, "La casa roja es grande.")
			wantError(t, err, engine.Transient, tc.wantMessage)
			if got != "" || strings.Contains(err.Error(), "casa") {
				t.Errorf("Translate() = %q with error %q, want no text in either", got, err)
			}
			if strings.Contains(tc.wantMessage, "nothing") {
				return // the pipeline itself is sound and goes on
			}
			mustSay(t, e, "La casa azul.")
		})
	}
}

func TestOneSegmentAnsweredWithNothingFailsAlone(t *testing.T) {
	r := newRig(t)
	r.stage("odd", `exec sed -uz 's/^mudo//; s/ y sin nada que decir//'`)
	r.mode("es-pt", "odd")
	e := r.engine(Options{})

	resp, err := e.Translate(t.Context(), engine.Request{Pair: esPT, Segments: []engine.Segment{
		{ID: 5, Text: "La casa."}, {ID: 9, Text: "mudo ⟦1⟧ y sin nada que decir."},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Segments[0]; got.ID != 5 || got.Text != "La casa." || got.Err != nil {
		t.Errorf("the sound segment = %+v", got)
	}
	if got := resp.Segments[1]; got.ID != 9 || got.Text != "" || got.Err == nil || got.Err.Class != engine.Transient {
		t.Errorf("the silent segment = %+v, want a transient error and no text", got)
	}
}

func TestWhatAStageLosesOrDoublesIsTranslatedInPieces(t *testing.T) {
	cases := map[string]string{
		"a token is doubled":     `s/\[⟦2⟧\]/&&/`,
		"a token is lost":        `s/\[⟦2⟧\]//`,
		"a mark is lost":         `s/\[\*\]//`,
		"a newline is doubled":   `s/\[\n\]/&&/`,
		"two tokens become one":  `s/\[⟦2⟧\]/[⟦3⟧]/`,
		"a token is not the one": `s/\[⟦2⟧\]/[⟦9⟧]/`,
	}
	for name, script := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.stage("odd", "exec sed -uz '"+script+"'")
			r.mode("es-pt", "odd")
			mustSay(t, r.engine(Options{}), "⟦1⟧La casa⟦2⟧ *azul\nes ⟦3⟧ grande.")
		})
	}
}

func TestEveryCallThatWaitsLearnsOfTheEndOfAStage(t *testing.T) {
	const callers = 16
	r := newRig(t)
	r.stage("odd", once(`until [ -e "$0.open" ]; do sleep 0.01; done; kill -9 $$`))
	r.mode("es-pt", "copy", "odd")
	e := r.engine(Options{})
	if _, err := e.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.signal("odd.now")

	failures := make(chan error, callers)
	for range callers {
		go func() {
			_, err := say(t, e, "La casa.")
			failures <- err
		}()
	}
	eventually(t, "every text to be written", func() bool { return owed(e, esPT) == callers })
	r.signal("odd.open")
	for range callers {
		wantError(t, <-failures, engine.Transient, "stage odd ended: signal: killed")
	}
	mustSay(t, e, "La casa.")
}

func TestStartsThatComeToNothingAreBounded(t *testing.T) {
	r := newRig(t)
	r.stage("odd", `[ -e "$0.now" ] || exec cat; echo start >> "$0.starts"; head -c 1 >/dev/null; exit 1`)
	r.mode("es-pt", "odd")
	e := r.engine(Options{})
	mustSay(t, e, "La casa.")
	e.fleet.stopUnused(esPT)
	r.signal("odd.now")

	for range freeRestarts {
		_, err := say(t, e, "La casa.")
		wantError(t, err, engine.Transient, "stage odd ended: exit status 1")
	}
	_, err := say(t, e, "La casa.")
	wantError(t, err, engine.Transient, "the pipeline of es→pt broke 3 times in a row; it is started again in 1s")
	if got := engine.AsError(err).After; got != time.Second {
		t.Errorf("the error asks to wait for %s, want 1s", got)
	}
	if got := r.lines("odd.starts"); got != freeRestarts {
		t.Errorf("the stage was started %d times, want %d", got, freeRestarts)
	}
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		r.clock.advance(wait)
		_, err = say(t, e, "La casa.")
		wantError(t, err, engine.Transient, "stage odd ended")
		_, err = say(t, e, "La casa.")
		if got := engine.AsError(err).After; got != 2*wait {
			t.Errorf("after a wait of %s the error asks for %s, want %s", wait, got, 2*wait)
		}
	}
}

func TestABreakLongAgoIsForgotten(t *testing.T) {
	r := newRig(t)
	r.stage("odd", once("exit 1"))
	r.mode("es-pt", "odd")
	e := r.engine(Options{})
	mustSay(t, e, "La casa.")
	for range 3 * freeRestarts {
		e.fleet.stopUnused(esPT)
		r.signal("odd.now")
		_, err := say(t, e, "La casa.")
		wantError(t, err, engine.Transient, "stage odd ended: exit status 1")
		r.clock.advance(forgetting + time.Second)
		mustSay(t, e, "La casa.")
	}
}

func TestTheProbeTellsBrokenPairsFromSoundOnes(t *testing.T) {
	r := newRig(t)
	r.stage("crash", "head -c 1 >/dev/null; kill -11 $$")
	r.stage("silent", `exec sed -uz 's/^[^[]*//'`)
	r.stage("lemmas", `exec sed -uz 's/\(^\| \)\([A-Za-z]\)/\1#\2/g'`)
	r.stage("unknown", `exec sed -uz 's/\(^\| \)\([A-Za-z]\)/\1*\2/g'`)
	r.mode("es-pt", "copy")
	r.mode("ca-pt", "copy", "crash", "copy")
	r.mode("en-pt", "silent")
	r.mode("fr-pt", "lemmas")
	r.mode("it-pt", "unknown")
	r.mode("gl-pt", "not-installed")
	writeFile(t, r.dir+"/ro-pt.mode", "lt-proc $1 > file", 0o644)
	e := r.engine(Options{})

	offer, err := e.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from := func(languages ...string) (pairs []engine.Pair) {
		for _, l := range languages {
			pairs = append(pairs, engine.Pair{Source: l, Target: "pt"})
		}
		return pairs
	}
	want := engine.Offer{Pairs: from("es", "it"), Broken: from("ca", "en", "fr", "gl", "ro")}
	if diff := cmp.Diff(want, offer); diff != "" {
		t.Errorf("Probe() (-want +got):\n%s", diff)
	}
	for _, pair := range want.Pairs {
		if e.fleet.runs(pair) {
			t.Errorf("the probe left the pipeline of %s running", pair)
		}
	}
	_, err = e.Translate(t.Context(), engine.Request{
		Pair: engine.Pair{Source: "fr", Target: "pt"}, Segments: []engine.Segment{{ID: 1, Text: "La maison"}},
	})
	wantError(t, err, engine.Misconfigured, "the pair fr→pt is installed and does not work")
}

func TestAPairIsTriedOnce(t *testing.T) {
	r := newRig(t)
	r.stage("count", `echo start >> "$0.starts"; exec cat`)
	r.stage("broken", `echo start >> "$0.starts"; exit 1`)
	r.mode("es-pt", "count")
	r.mode("fr-pt", "broken")
	e := r.engine(Options{})
	probe := func() {
		t.Helper()
		if _, err := e.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	probe()
	probe()
	if sound, broken := r.lines("count.starts"), r.lines("broken.starts"); sound != 1 || broken != 1 {
		t.Errorf("two probes started the sound pair %d times and the broken one %d times, want once each", sound, broken)
	}
	r.clock.advance(tryBrokenAgain)
	probe()
	if sound, broken := r.lines("count.starts"), r.lines("broken.starts"); sound != 1 || broken != 2 {
		t.Errorf("after a while the sound pair was started %d times and the broken one %d times, want 1 and 2", sound, broken)
	}
}

func TestEnginesOfOneFactoryKnowWhatTheOthersFoundOut(t *testing.T) {
	r := newRig(t)
	r.stage("count", `echo start >> "$0.starts"; exec cat`)
	r.mode("es-pt", "count")
	factory := Factory(Options{ModesDir: r.dir, Clock: r.clock})
	for range 2 {
		e, err := factory(engine.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if offer, err := e.Probe(t.Context()); err != nil || len(offer.Pairs) != 1 {
			t.Errorf("Probe() = %+v, %v, want one pair", offer, err)
		}
		if err := e.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	if got := r.lines("count.starts"); got != 1 {
		t.Errorf("two engines started the pair %d times, want once", got)
	}
}

func TestAProbeDoesNotStopWhatIsInUse(t *testing.T) {
	r := newRig(t)
	r.stage("count", `echo start >> "$0.starts"; exec cat`)
	r.mode("es-pt", "count")
	e := r.engine(Options{})
	mustSay(t, e, "La casa.")
	if _, err := e.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustSay(t, e, "La casa.")
	if got := r.lines("count.starts"); got != 1 {
		t.Errorf("the pipeline was started %d times, want once", got)
	}
}

func TestApertiumThatIsNotInstalledSaysWhatToDo(t *testing.T) {
	cases := map[string]struct {
		prepare     func(*rig)
		lookPath    func(string) (string, error)
		wantMessage string
	}{
		"no mode file": {
			prepare: func(*rig) {}, wantMessage: "apertium is not installed: no language pair in ",
		},
		"mode files without programs": {
			prepare:     func(r *rig) { r.mode("es-pt", "copy") },
			lookPath:    func(string) (string, error) { return "", exec.ErrNotFound },
			wantMessage: "copy is not installed: ",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			tc.prepare(r)
			e := r.engine(Options{LookPath: tc.lookPath})
			_, err := e.Probe(t.Context())
			wantError(t, err, engine.Misconfigured, tc.wantMessage)
			_, err = say(t, e, "La casa.")
			wantError(t, err, engine.Misconfigured, tc.wantMessage)
			wantError(t, err, engine.Misconfigured, "run: apt-get install -y --no-install-recommends apertium apertium-spa-cat ")
		})
	}
}

func TestAProgramThatIsInstalledLaterIsFound(t *testing.T) {
	r := newRig(t)
	r.mode("es-pt", "copy")
	installed := false
	e := r.engine(Options{LookPath: func(name string) (string, error) {
		if !installed {
			return "", exec.ErrNotFound
		}
		return name, nil
	}})
	_, err := say(t, e, "La casa.")
	wantError(t, err, engine.Misconfigured, "is not installed")
	installed = true
	mustSay(t, e, "La casa.")
}

func TestACallThatIsGivenUpLeavesThePipelineInStep(t *testing.T) {
	r := newRig(t)
	// It answers nothing until it is told to.
	r.stage("gate", `if [ -e "$0.now" ]; then until [ -e "$0.open" ]; do sleep 0.01; done; fi; exec cat`)
	r.mode("es-pt", "gate")
	e := r.engine(Options{})
	mustSay(t, e, "La casa.")
	e.fleet.stopUnused(esPT)
	r.signal("gate.now")

	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error, 1)
	go func() {
		_, err := e.Translate(ctx, engine.Request{Pair: esPT, Segments: []engine.Segment{
			{ID: 1, Text: "uno"}, {ID: 2, Text: "dos"},
		}})
		given <- err
	}()
	eventually(t, "the text to be written", func() bool { return owed(e, esPT) == 2 })
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("Translate() = %v, want context.Canceled", err)
	}
	r.signal("gate.open")
	mustSay(t, e, "tres")
	mustSay(t, e, "cuatro")
}

func TestTextsOfACallThatIsGivenUpAreNotWrittenWhenThereIsTime(t *testing.T) {
	r := newRig(t)
	r.stage("gate", once(`until [ -e "$0.open" ]; do sleep 0.01; done`))
	r.mode("es-pt", "gate")
	e := r.engine(Options{})
	if _, err := e.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.signal("gate.now")
	segments := make([]engine.Segment, window)
	for i := range segments {
		// A window of them is more than a pipe holds.
		segments[i] = engine.Segment{ID: i, Text: strings.Repeat("La casa. ", 1000)}
	}
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error, 1)
	go func() {
		_, err := e.Translate(ctx, engine.Request{Pair: esPT, Segments: segments})
		given <- err
	}()
	eventually(t, "the pipe to fill", func() bool { return owed(e, esPT) > 4 })
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("Translate() = %v, want context.Canceled", err)
	}
	r.signal("gate.open")
	mustSay(t, e, "La casa.")
	e.fleet.slots[esPT].pipeline.stop()
	if got := e.fleet.slots[esPT].pipeline.answered; got >= window {
		t.Errorf("%d texts were answered, want only those that were under way", got)
	}
}

// owed counts the answers a pipeline owes; 0 when it does not run.
func owed(e *Engine, pair engine.Pair) int {
	e.fleet.mu.Lock()
	s := e.fleet.slots[pair]
	e.fleet.mu.Unlock()
	if s == nil {
		return 0
	}
	s.mu.Lock()
	l := s.pipeline
	s.mu.Unlock()
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.owed)
}

func TestACallHasATimeLimit(t *testing.T) {
	r := newRig(t)
	r.stage("odd", once("exec sleep 1000"))
	r.mode("es-pt", "odd")
	made, err := Factory(Options{ModesDir: r.dir, Clock: r.clock})(engine.Config{Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	e := made.(*Engine)
	t.Cleanup(func() { _ = e.Close() })
	if _, err := e.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.signal("odd.now")
	_, err = say(t, e, "La casa.")
	wantError(t, err, engine.Transient, "the call took too long: more than 200ms")
}

func TestApertiumCannotWriteNewText(t *testing.T) {
	e := newRig(t).engine(Options{})
	_, err := e.Translate(t.Context(), engine.Request{Pair: esPT, Creation: true})
	wantError(t, err, engine.Misconfigured, "cannot write new text")
}

func TestOptionsMakeSense(t *testing.T) {
	_, err := New(Options{IdleAfter: -time.Second})
	wantError(t, err, engine.Misconfigured, "negative")
}
