package runner_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/runner"
)

// The tests run in a bubble of package synctest: its clock stands still until
// every goroutine waits, so that what has happened by then is all that will.

// errand is work that lasts until the test lets it go or its context ends.
type errand struct {
	name string
	yard *yard
	// bug makes it panic when it is let go.
	bug bool
	let chan struct{}
}

// Do implements runner.Work.
func (e *errand) Do(ctx context.Context, _ *runner.Turn) {
	e.yard.note("start " + e.name)
	select {
	case <-e.let:
		if e.bug {
			panic("a text that nobody may read")
		}
		e.yard.note("end " + e.name)
	case <-ctx.Done():
		e.yard.note("stopped " + e.name)
	}
}

// Crashed implements runner.Work.
func (e *errand) Crashed() { e.yard.note("crashed " + e.name) }

// yard is a runner, and a record of what happens in it.
type yard struct {
	*runner.Runner[*errand]
	t *testing.T

	mu     sync.Mutex
	record []string
}

func newYard(t *testing.T, workers int) *yard {
	y := &yard{t: t}
	y.Runner = runner.New[*errand](runner.Options{
		Workers: workers,
		Notify:  func(k runner.Key) { y.note("notify " + k.Namespace + "/" + k.Name) },
		Panicked: func(k runner.Key, stack []byte) {
			if !strings.Contains(string(stack), "errand") || strings.Contains(string(stack), "nobody may read") {
				t.Errorf("the stack of %s:\n%s", k.Name, stack)
			}
			y.note("panicked " + k.Name)
		},
		Clock: clock.RealClock{},
	})
	return y
}

func (y *yard) note(line string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.record = append(y.record, line)
}

// begin starts the runner, and ends it with the test.
func (y *yard) begin() {
	ctx, cancel := context.WithCancel(y.t.Context())
	ended := make(chan error)
	go func() { ended <- y.Start(ctx) }()
	y.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			y.t.Errorf("Start() = %v", err)
		}
	})
	synctest.Wait()
}

func (y *yard) submit(t runner.Ticket) *errand {
	e := &errand{name: t.Key.Name, yard: y, let: make(chan struct{})}
	y.Submit(t, e)
	synctest.Wait() // one after the other, so that the record is the same every time
	return e
}

// finish lets work end, and waits until all that follows has happened.
func finish(errands ...*errand) {
	for _, e := range errands {
		close(e.let)
		synctest.Wait()
	}
}

// elapse lets time pass in the bubble, where it takes none.
func elapse(d time.Duration) { <-time.After(d) }

// since returns what has happened since the last call.
func (y *yard) since() []string {
	synctest.Wait()
	y.mu.Lock()
	defer y.mu.Unlock()
	out := y.record
	y.record = nil
	return out
}

func (y *yard) expect(what string, want ...string) {
	y.t.Helper()
	if diff := cmp.Diff(want, y.since()); diff != "" {
		y.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func ticket(namespace, name, gate string) runner.Ticket {
	return runner.Ticket{Key: runner.Key{Namespace: namespace, Name: name}, Gate: gate}
}

// inBubble runs a story with a runner of its own.
func inBubble(t *testing.T, workers int, story func(*yard)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { story(newYard(t, workers)) })
}

// order starts a runner with one worker and returns the order in which work starts.
func order(t *testing.T, tickets ...runner.Ticket) []string {
	t.Helper()
	var got []string
	inBubble(t, 1, func(y *yard) {
		errands := map[string]*errand{}
		for _, ticket := range tickets {
			errands[ticket.Key.Name] = y.submit(ticket)
		}
		y.begin()
		for range tickets {
			for _, line := range y.since() {
				if name, ok := strings.CutPrefix(line, "start "); ok {
					got = append(got, name)
				}
			}
			finish(errands[got[len(got)-1]])
		}
	})
	return got
}

func TestOrder(t *testing.T) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	made := func(t runner.Ticket, priority int32, day time.Time) runner.Ticket {
		t.Priority, t.Created = priority, day
		return t
	}
	cases := map[string]struct {
		tickets []runner.Ticket
		want    []string
	}{
		"older first": {
			tickets: []runner.Ticket{made(ticket("n", "b", "g"), 0, day.Add(1)), made(ticket("n", "a", "g"), 0, day.Add(2)), made(ticket("n", "c", "g"), 0, day)},
			want:    []string{"c", "b", "a"},
		},
		"higher priority before age": {
			tickets: []runner.Ticket{made(ticket("n", "low", "g"), -1, day), made(ticket("n", "old", "g"), 0, day), made(ticket("n", "high", "g"), 7, day.Add(1))},
			want:    []string{"high", "old", "low"},
		},
		"of the same age by name": {
			tickets: []runner.Ticket{ticket("n", "b", "g"), ticket("n", "c", "g"), ticket("n", "a", "g")},
			want:    []string{"a", "b", "c"},
		},
		"namespaces take turns, whatever their priority": {
			tickets: []runner.Ticket{
				made(ticket("big", "b1", "g"), 9, day), made(ticket("big", "b2", "g"), 9, day), made(ticket("big", "b3", "g"), 9, day),
				made(ticket("small", "s1", "g"), 0, day.Add(5)), made(ticket("other", "o1", "g"), 0, day.Add(9)),
			},
			want: []string{"b1", "s1", "o1", "b2", "b3"},
		},
		"gates take turns": {
			tickets: []runner.Ticket{ticket("n", "a1", "g"), ticket("n", "a2", "g"), ticket("n", "a3", "g"), ticket("n", "z1", "h"), ticket("n", "z2", "h")},
			want:    []string{"a1", "z1", "a2", "z2", "a3"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, order(t, tc.tickets...)); diff != "" {
				t.Errorf("order of starts (-want +got):\n%s", diff)
			}
		})
	}
}

// A namespace that comes while another has a thousand jobs waiting is delayed by
// one of them.
func TestANewcomerWaitsForOneJobAtMost(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		y.begin()
		first := y.submit(ticket("big", "b0000", "g"))
		for i := range 1000 {
			y.submit(ticket("big", fmt.Sprintf("b%04d", i+1), "g"))
		}
		y.submit(ticket("new", "n", "g"))
		y.expect("at first", "start b0000")
		finish(first)
		y.expect("after the first", "end b0000", "notify big/b0000", "start n")
		y.Stop(runner.Key{Namespace: "new", Name: "n"})
		y.expect("after the newcomer", "stopped n", "notify new/n", "start b0001")
	})
}

func TestLimits(t *testing.T) {
	cases := map[string]struct {
		workers int
		limits  map[string]int
		tickets []runner.Ticket
		want    []string
	}{
		"the workers": {
			workers: 2, tickets: []runner.Ticket{ticket("n", "a", "g"), ticket("n", "b", "g"), ticket("n", "c", "g")},
			want: []string{"start a", "start b"},
		},
		"a gate": {
			workers: 9, limits: map[string]int{"g": 1}, tickets: []runner.Ticket{ticket("n", "a", "g"), ticket("n", "b", "g"), ticket("n", "c", "h")},
			want: []string{"start a", "start c"},
		},
		"a gate of which nothing was said": {
			workers: 9, tickets: []runner.Ticket{ticket("n", "a", "g"), ticket("n", "b", "g"), ticket("n", "c", "g"), ticket("n", "d", "g"), ticket("n", "e", "g")},
			want: []string{"start a", "start b", "start c", "start d"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			inBubble(t, tc.workers, func(y *yard) {
				y.begin()
				for gate, limit := range tc.limits {
					y.Limit(gate, runner.Limits{Concurrency: limit})
				}
				for _, ticket := range tc.tickets {
					y.submit(ticket)
				}
				y.expect("started", tc.want...)
			})
		})
	}
}

func TestARaisedLimitLetsWorkIn(t *testing.T) {
	inBubble(t, 9, func(y *yard) {
		y.begin()
		y.Limit("g", runner.Limits{Concurrency: 1})
		a := y.submit(ticket("n", "a", "g"))
		y.submit(ticket("n", "b", "g"))
		c := y.submit(ticket("n", "c", "g"))
		y.expect("with a limit of one", "start a")
		y.Limit("g", runner.Limits{Concurrency: 2})
		y.expect("with a limit of two", "start b")
		y.Limit("g", runner.Limits{Concurrency: 1})
		finish(a)
		y.expect("lowered again, with one still running", "end a", "notify n/a")
		y.Stop(c.key())
		y.expect("a queued one is stopped", "notify n/c")
	})
}

func (e *errand) key() runner.Key { return runner.Key{Namespace: "n", Name: e.name} }

func TestPause(t *testing.T) {
	inBubble(t, 9, func(y *yard) {
		y.begin()
		began := time.Now()
		a := y.submit(ticket("n", "a", "g"))
		y.Pause("g", began.Add(10*time.Second))
		y.submit(ticket("n", "b", "g"))
		y.submit(ticket("n", "c", "h"))
		y.expect("what runs goes on, and another gate is open", "start a", "start c")
		finish(a)
		y.expect("an end opens nothing", "end a", "notify n/a")
		y.Pause("g", began.Add(5*time.Second)) // earlier: ignored
		elapse(10*time.Second - 1)
		y.expect("a moment before the end")
		y.Pause("g", began.Add(15*time.Second)) // later: it goes on
		elapse(1)
		y.expect("at the end that was put off")
		view, _ := y.Look(runner.Key{Namespace: "n", Name: "b"})
		if diff := cmp.Diff(runner.Wait{Reason: runner.Paused, Until: began.Add(15 * time.Second)}, view.Wait); diff != "" {
			t.Errorf("what waiting work says (-want +got):\n%s", diff)
		}
		elapse(5 * time.Second)
		y.expect("at the end", "start b")
	})
}

func TestStop(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		y.begin()
		running, queued := y.submit(ticket("n", "running", "g")), y.submit(ticket("n", "queued", "g"))
		y.submit(ticket("n", "next", "g"))
		y.expect("at first", "start running")
		y.Stop(queued.key())
		y.expect("queued work ends before its turn", "notify n/queued")
		y.state(queued, runner.Ended)
		y.Stop(running.key())
		y.expect("running work is told", "stopped running", "notify n/running", "start next")
		y.state(running, runner.Ended)
		y.Stop(running.key())
		y.Stop(runner.Key{Namespace: "n", Name: "unknown"})
		y.expect("nothing is left to stop")
	})
}

// state holds what the runner knows of work.
func (y *yard) state(e *errand, want runner.State) {
	y.t.Helper()
	view, ok := y.Look(e.key())
	if !ok || view.State != want || view.Work != e {
		y.t.Errorf("Look(%s) = state %d, the same work %v, there %v; want state %d", e.name, view.State, view.Work == e, ok, want)
	}
}

func TestForget(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		y.begin()
		running, queued := y.submit(ticket("n", "running", "g")), y.submit(ticket("n", "queued", "g"))
		ended := y.submit(ticket("n", "ended", "g"))
		y.expect("at first", "start running")
		y.Stop(ended.key())
		y.expect("queued work is stopped", "notify n/ended")
		for _, e := range []*errand{queued, ended, running} {
			y.Forget(e.key())
			if _, ok := y.Look(e.key()); ok {
				t.Errorf("%s is still there", e.name)
			}
		}
		y.expect("running work is stopped, and nobody is told", "stopped running")
		y.Forget(running.key())
		y.submit(ticket("n", "next", "g"))
		y.expect("the worker is free, and what was forgotten is not started", "start next")
	})
}

func TestSubmit(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		y.begin()
		first := y.submit(ticket("n", "job", "g"))
		y.expect("at first", "start job")
		y.submit(ticket("n", "job", "g"))
		y.state(first, runner.Running)
		waiting := y.submit(ticket("n", "waiting", "g"))
		y.submit(ticket("n", "waiting", "g"))
		y.state(waiting, runner.Queued)
		finish(first)
		y.expect("twice submitted is once done", "end job", "notify n/job", "start waiting")
		again := y.submit(ticket("n", "job", "g"))
		y.state(again, runner.Queued)
		finish(waiting)
		y.expect("ended work is replaced", "end waiting", "notify n/waiting", "start job")
		finish(again)
		y.expect("and done again", "end job", "notify n/job")
	})
}

func TestLookSaysSinceWhen(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		began := time.Now()
		e := y.submit(ticket("n", "job", "g"))
		since := func(want time.Duration) {
			t.Helper()
			if view, _ := y.Look(e.key()); view.Since.Sub(began) != want {
				t.Errorf("state %d since %s, want %s", view.State, view.Since.Sub(began), want)
			}
		}
		elapse(time.Second)
		since(0)
		y.begin()
		since(time.Second)
		elapse(time.Second)
		finish(e)
		since(2 * time.Second)
		if _, ok := y.Look(runner.Key{Namespace: "n", Name: "unknown"}); ok {
			t.Error("unknown work is there")
		}
	})
}

func TestAPanicIsOneJobsOwn(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		y.begin()
		bad, good := y.submit(ticket("n", "bad", "g")), y.submit(ticket("n", "good", "g"))
		bad.bug = true
		finish(bad)
		y.expect("the next goes on", "start bad", "panicked bad", "crashed bad", "notify n/bad", "start good")
		y.state(bad, runner.Ended)
		finish(good)
		y.expect("to its end", "end good", "notify n/good")
	})
}

func TestTheEndOfTheRunner(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		ctx, cancel := context.WithCancel(y.t.Context())
		ended := false
		go func() {
			if err := y.Start(ctx); err != nil {
				t.Errorf("Start() = %v", err)
			}
			ended = true
		}()
		synctest.Wait()
		slow := &slowErrand{leave: make(chan struct{})}
		other := runner.New[*slowErrand](runner.Options{Workers: 1, Notify: func(runner.Key) {}, Clock: clock.RealClock{}})
		otherEnded := false
		go func() {
			if err := other.Start(ctx); err != nil {
				t.Errorf("Start() = %v", err)
			}
			otherEnded = true
		}()
		synctest.Wait()
		other.Submit(ticket("n", "slow", "g"), slow)
		y.submit(ticket("n", "a", "g"))
		waiting := y.submit(ticket("n", "b", "g"))
		y.expect("at first", "start a")
		cancel()
		y.expect("what runs is stopped, and nothing starts", "stopped a", "notify n/a")
		if !ended || otherEnded {
			t.Errorf("ended: %v; while work is still leaving: %v", ended, otherEnded)
		}
		y.state(waiting, runner.Queued)
		y.submit(ticket("n", "late", "g"))
		y.expect("nor later")
		close(slow.leave)
		synctest.Wait()
		if !otherEnded {
			t.Error("the runner does not end with its work")
		}
	})
}

// slowErrand takes its time to leave.
type slowErrand struct{ leave chan struct{} }

// Do implements runner.Work.
func (s *slowErrand) Do(ctx context.Context, _ *runner.Turn) {
	<-ctx.Done()
	<-s.leave
}

// Crashed implements runner.Work.
func (s *slowErrand) Crashed() {}

func TestStopInTheMiddleOfTheRow(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		first := y.submit(ticket("n", "a", "g"))
		second := y.submit(ticket("n", "b", "g"))
		third := y.submit(ticket("n", "c", "g"))
		y.Stop(third.key())
		y.expect("the last of the row", "notify n/c")
		y.begin()
		finish(first, second)
		y.expect("the others are done", "start a", "end a", "notify n/a", "start b", "end b", "notify n/b")
	})
}

func TestAll(t *testing.T) {
	inBubble(t, 1, func(y *yard) {
		y.begin()
		running, queued, ended := y.submit(ticket("n", "a", "g")), y.submit(ticket("n", "b", "g")), y.submit(ticket("n", "c", "g"))
		y.Stop(ended.key())
		y.Forget(y.submit(ticket("n", "d", "g")).key())
		want := map[*errand]bool{running: true, queued: true, ended: true}
		got := map[*errand]bool{}
		for _, e := range y.All() {
			got[e] = true
		}
		if diff := cmp.Diff(len(want), len(got)); diff != "" {
			t.Errorf("pieces of work (-want +got):\n%s", diff)
		}
		for e := range want {
			if !got[e] {
				t.Errorf("%s is missing", e.name)
			}
		}
	})
}
