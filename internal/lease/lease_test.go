package lease_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/internal/lease"
)

// lock is one that is kept in memory.
type lock struct {
	record resourcelock.LeaderElectionRecord
	fails  error
	// during is called while a write is on its way.
	during func()
}

func (l *lock) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return &l.record, nil, l.fails
}

func (l *lock) Create(ctx context.Context, r resourcelock.LeaderElectionRecord) error {
	return l.Update(ctx, r)
}

func (l *lock) Update(_ context.Context, r resourcelock.LeaderElectionRecord) error {
	if l.during != nil {
		l.during()
	}
	if l.fails == nil {
		l.record = r
	}
	return l.fails
}

func (*lock) RecordEvent(string) {}
func (*lock) Identity() string   { return "me" }
func (*lock) Describe() string   { return "a lock" }

func TestAGuardKnowsWhetherItsLockIsHeld(t *testing.T) {
	const lasts = 15 * time.Second
	type world struct {
		*lease.Guard
		lock  *lock
		clock *clocktesting.FakePassiveClock
	}
	by := func(holder string) resourcelock.LeaderElectionRecord {
		return resourcelock.LeaderElectionRecord{HolderIdentity: holder}
	}
	took := func(t *testing.T, w world) {
		if err := w.Create(t.Context(), by("me")); err != nil {
			t.Fatal(err)
		}
	}
	later := func(w world, d time.Duration) { w.clock.SetTime(w.clock.Now().Add(d)) }
	cases := map[string]struct {
		do        func(*testing.T, world)
		wantHolds bool
		wantLost  int
	}{
		"it was just taken":  {do: took, wantHolds: true},
		"its last moment":    {do: func(t *testing.T, w world) { took(t, w); later(w, lasts) }, wantHolds: true},
		"it was not renewed": {do: func(t *testing.T, w world) { took(t, w); later(w, lasts+1) }, wantLost: 1},
		"it was never taken": {do: func(*testing.T, world) {}},
		"it was renewed": {do: func(t *testing.T, w world) {
			took(t, w)
			later(w, 10*time.Second)
			if err := w.Update(t.Context(), by("me")); err != nil {
				t.Fatal(err)
			}
			later(w, 10*time.Second)
		}, wantHolds: true},
		"the renewal failed": {do: func(t *testing.T, w world) {
			took(t, w)
			later(w, 10*time.Second)
			w.lock.fails = errors.New("no route")
			if err := w.Update(t.Context(), by("me")); !errors.Is(err, w.lock.fails) {
				t.Errorf("the error is %v", err)
			}
			later(w, 10*time.Second)
		}, wantLost: 1},
		"it counts from when the renewal was asked for": {do: func(t *testing.T, w world) {
			w.lock.during = func() { later(w, 10*time.Second) }
			took(t, w)
			later(w, 6*time.Second)
		}, wantLost: 1},
		"somebody else has it": {do: func(t *testing.T, w world) {
			took(t, w)
			w.lock.record = by("another")
			if _, _, err := w.Get(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, wantLost: 1},
		"it cannot be read": {do: func(t *testing.T, w world) {
			took(t, w)
			w.lock.record, w.lock.fails = by("another"), errors.New("no route")
			if _, _, err := w.Get(t.Context()); !errors.Is(err, w.lock.fails) {
				t.Errorf("the error is %v", err)
			}
		}, wantHolds: true},
		"it was let go": {do: func(t *testing.T, w world) {
			took(t, w)
			if err := w.Update(t.Context(), by("")); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			lost := 0
			w := world{lock: &lock{}, clock: clocktesting.NewFakePassiveClock(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))}
			w.Guard = lease.Watch(w.lock, lasts, w.clock, func() { lost++ })
			tc.do(t, w)
			for range 2 {
				if got := w.Holds(); got != tc.wantHolds {
					t.Errorf("Holds() = %v, want %v", got, tc.wantHolds)
				}
			}
			if lost != tc.wantLost {
				t.Errorf("lost was called %d times, want %d", lost, tc.wantLost)
			}
		})
	}
}

// A process that waits for its turn reads over and over who has the lock.
func TestWhoHasNotLedYetLosesNothing(t *testing.T) {
	l := &lock{record: resourcelock.LeaderElectionRecord{HolderIdentity: "another"}}
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))
	g := lease.Watch(l, time.Second, clock, func() { t.Error("lost was called") })
	if _, _, err := g.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.Update(t.Context(), resourcelock.LeaderElectionRecord{HolderIdentity: "me"}); err != nil {
		t.Fatal(err)
	}
	if !g.Holds() {
		t.Error("the lock is held now")
	}
}
