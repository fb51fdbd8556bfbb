// Package memorytest holds every translation memory to the same promises, and has a
// payload store that fails on demand.
//
// It knows what all memories have in common and nothing of one of them. It must not
// be linked into the product.
package memorytest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/internal/memory"
)

// Memory is what the suite asks of one.
type Memory interface {
	Get(ctx context.Context, namespace string, keys []string) (map[string]memory.Entry, error)
	Put(ctx context.Context, namespace string, entries []memory.Entry) error
	Close() error
}

// Expiry that memories under test are opened with.
const Expiry = 24 * time.Hour

// Bench is a store with memories on it.
type Bench struct {
	// Clock of every memory of the bench.
	Clock *clocktesting.FakeClock
	// Open opens a memory on the store, as a process that starts does.
	Open func(t *testing.T) Memory
	// Flush brings what was put into the store.
	Flush func(t *testing.T, m Memory)
	// Lag is how long another process may not see what was flushed.
	Lag time.Duration
	// Break lets the store fail; Mend lets it work again.
	Break, Mend func(t *testing.T)
}

// start of the clocks.
var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// NewClock returns a clock that stands still.
func NewClock() *clocktesting.FakeClock { return clocktesting.NewFakeClock(start) }

// Key returns the key of a text.
func Key(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Entries returns machine output for the numbers from first up to before last.
func Entries(first, last int, made time.Time) []memory.Entry {
	var out []memory.Entry
	for i := first; i < last; i++ {
		out = append(out, memory.Entry{
			Key: Key(fmt.Sprint("sentence ", i)), Origin: memory.Machine, Created: made,
			Masked: fmt.Sprintf("Pressione ⟦%d⟧ para guardar o documento número %d antes de sair.", i%7, i),
		})
	}
	return out
}

// Keys of entries.
func Keys(entries []memory.Entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Key
	}
	return out
}

// ByKey is the answer of a Get that finds the entries.
func ByKey(entries ...memory.Entry) map[string]memory.Entry {
	out := map[string]memory.Entry{}
	for _, e := range entries {
		out[e.Key] = e
	}
	return out
}

// Want fails the test when a memory does not answer as wanted.
func Want(t *testing.T, m Memory, namespace string, keys []string, want map[string]memory.Entry) {
	t.Helper()
	got, err := m.Get(t.Context(), namespace, keys)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("remembered in %q (-want +got):\n%s", namespace, diff)
	}
}

func put(t *testing.T, m Memory, namespace string, entries ...memory.Entry) {
	t.Helper()
	if err := m.Put(t.Context(), namespace, entries); err != nil {
		t.Fatalf("put: %v", err)
	}
}

// Run holds a memory to the promises. Each of them is tried on a new bench.
func Run(t *testing.T, open func(t *testing.T) Bench) {
	for name, promise := range map[string]func(*testing.T, Bench){
		"what is put can be got at once":                             gotAtOnce,
		"what is unknown is a miss, and a key that is none an error": missesAndMalformed,
		"the invalid are left out and the others taken":              invalidLeftOut,
		"human edits outrank machine output":                         humanOverMachine,
		"entries expire":                                             expire,
		"an expired human edit gives way":                            expiredGivesWay,
		"namespaces are apart":                                       namespacesApart,
		"thousands of keys in one call":                              thousands,
		"many put and get at one time":                               concurrent,
		"a new process sees what was flushed":                        restart,
		"two processes see each other":                               twoProcesses,
		"ranks hold between processes":                               ranksBetweenProcesses,
		"a store that fails comes back":                              storeFails,
		"a closed memory says so":                                    closed,
	} {
		t.Run(name, func(t *testing.T) { promise(t, open(t)) })
	}
}

func entry(text string, origin memory.Origin, made time.Time) memory.Entry {
	return memory.Entry{Key: Key("the one"), Masked: text, Origin: origin, Created: made}
}

func gotAtOnce(t *testing.T, b Bench) {
	m := b.Open(t)
	now := b.Clock.Now()
	full := memory.Entry{
		Key: Key("a"), Masked: "Olá ⟦1⟧\n\t\"mundo\" \\ 'x' 你好 \U0001F600", Unknown: []string{"foo", "bär"},
		Origin: memory.Human, Created: now.Add(-time.Minute),
	}
	noTime := memory.Entry{Key: Key("b"), Masked: "sem data", Origin: memory.Machine}
	tomorrow := memory.Entry{Key: Key("c"), Masked: "de amanhã", Origin: memory.Machine, Created: now.Add(48 * time.Hour)}
	precise := memory.Entry{
		Key: Key("d"), Masked: "x", Origin: memory.Machine,
		Created: now.Add(-time.Hour + 1234567*time.Nanosecond).In(time.FixedZone("", 3600)),
	}
	put(t, m, "ns", full, noTime, tomorrow, precise)
	noTime.Created, tomorrow.Created = now, now
	precise.Created = precise.Created.UTC().Truncate(time.Millisecond)
	want := ByKey(full, noTime, tomorrow, precise)
	keys := []string{full.Key, noTime.Key, tomorrow.Key, precise.Key, full.Key}
	Want(t, m, "ns", keys, want)
	b.Flush(t, m)
	Want(t, m, "ns", keys, want)
}

func missesAndMalformed(t *testing.T, b Bench) {
	m := b.Open(t)
	Want(t, m, "ns", nil, map[string]memory.Entry{})
	Want(t, m, "ns", []string{Key("nobody")}, map[string]memory.Entry{})
	for _, malformed := range []string{"", "abc", Key("x")[1:] + "G", Key("x") + "00"} {
		if _, err := m.Get(t.Context(), "ns", []string{malformed}); !errors.Is(err, memory.ErrInvalid) {
			t.Errorf("get of the key %q: got %v, want ErrInvalid", malformed, err)
		}
	}
}

func invalidLeftOut(t *testing.T, b Bench) {
	m := b.Open(t)
	good := Entries(0, 2, b.Clock.Now())
	bad := good[0]
	bad.Masked = "secret text\x00"
	bad.Key = Key("bad")
	err := m.Put(t.Context(), "ns", []memory.Entry{good[0], bad, good[1]})
	if !errors.Is(err, memory.ErrInvalid) {
		t.Fatalf("put: got %v, want ErrInvalid", err)
	}
	Want(t, m, "ns", []string{good[0].Key, bad.Key, good[1].Key}, ByKey(good...))
}

// humanOverMachine puts two entries under one key, at once, in turn, and with a
// flush between.
func humanOverMachine(t *testing.T, b Bench) {
	m := b.Open(t)
	now := b.Clock.Now()
	early, late := now.Add(-time.Hour), now.Add(-time.Minute)
	tests := map[string]struct{ first, second, want memory.Entry }{
		"a later machine replaces a machine": {entry("a", memory.Machine, early), entry("b", memory.Machine, late), entry("b", memory.Machine, late)},
		"an earlier machine does not":        {entry("a", memory.Machine, late), entry("b", memory.Machine, early), entry("a", memory.Machine, late)},
		"of one time, the one put last":      {entry("a", memory.Machine, late), entry("b", memory.Machine, late), entry("b", memory.Machine, late)},
		"a human replaces a machine":         {entry("a", memory.Machine, late), entry("b", memory.Human, early), entry("b", memory.Human, early)},
		"a machine never replaces a human":   {entry("a", memory.Human, early), entry("b", memory.Machine, late), entry("a", memory.Human, early)},
		"a later human replaces a human":     {entry("a", memory.Human, early), entry("b", memory.Human, late), entry("b", memory.Human, late)},
	}
	for name, tc := range tests {
		for _, way := range []string{"together", "in turn", "flushed between"} {
			t.Run(name+", "+way, func(t *testing.T) {
				namespace := Key(name + way)[:20]
				if way == "together" {
					put(t, m, namespace, tc.first, tc.second)
				} else {
					put(t, m, namespace, tc.first)
					if way == "flushed between" {
						b.Flush(t, m)
					}
					put(t, m, namespace, tc.second)
				}
				Want(t, m, namespace, []string{tc.want.Key}, ByKey(tc.want))
				b.Flush(t, m)
				Want(t, m, namespace, []string{tc.want.Key}, ByKey(tc.want))
			})
		}
	}
}

func expire(t *testing.T, b Bench) {
	m := b.Open(t)
	now := b.Clock.Now()
	old := entry("a", memory.Human, now.Add(-time.Hour))
	young := memory.Entry{Key: Key("young"), Masked: "b", Origin: memory.Machine, Created: now}
	dead := memory.Entry{Key: Key("dead"), Masked: "c", Origin: memory.Machine, Created: now.Add(-Expiry)}
	put(t, m, "ns", old, young, dead)
	keys := []string{old.Key, young.Key, dead.Key}
	Want(t, m, "ns", keys, ByKey(old, young))
	b.Clock.Step(Expiry - time.Hour - time.Millisecond)
	Want(t, m, "ns", keys, ByKey(old, young))
	b.Flush(t, m)
	b.Clock.Step(time.Millisecond)
	Want(t, m, "ns", keys, ByKey(young))
	b.Clock.Step(time.Hour)
	Want(t, m, "ns", keys, map[string]memory.Entry{})
	Want(t, b.Open(t), "ns", keys, map[string]memory.Entry{})
}

func expiredGivesWay(t *testing.T, b Bench) {
	m := b.Open(t)
	put(t, m, "flushed", entry("a", memory.Human, b.Clock.Now()))
	b.Flush(t, m)
	b.Clock.Step(Expiry)
	again := entry("b", memory.Machine, b.Clock.Now())
	put(t, m, "flushed", again)
	Want(t, m, "flushed", []string{again.Key}, ByKey(again))
	b.Flush(t, m)
	Want(t, m, "flushed", []string{again.Key}, ByKey(again))
	Want(t, b.Open(t), "flushed", []string{again.Key}, ByKey(again))
}

func namespacesApart(t *testing.T, b Bench) {
	m := b.Open(t)
	one, two := entry("one", memory.Machine, b.Clock.Now()), entry("two", memory.Machine, b.Clock.Now())
	put(t, m, "team-1", one)
	put(t, m, "team-2", two)
	for range 2 {
		Want(t, m, "team-1", []string{one.Key}, ByKey(one))
		Want(t, m, "team-2", []string{one.Key}, ByKey(two))
		Want(t, m, "team", []string{one.Key}, map[string]memory.Entry{})
		b.Flush(t, m)
	}
}

func thousands(t *testing.T, b Bench) {
	m := b.Open(t)
	all := Entries(0, 12_000, b.Clock.Now())
	put(t, m, "ns", all[:10_000]...)
	b.Flush(t, m)
	Want(t, m, "ns", Keys(all), ByKey(all[:10_000]...))
	Want(t, b.Open(t), "ns", Keys(all), ByKey(all[:10_000]...))
}

// concurrent lets writers put the same keys in turn with their own, while readers
// look.
func concurrent(t *testing.T, b Bench) {
	m := b.Open(t)
	const writers, rounds, each = 8, 5, 20
	shared := Entries(0, each, b.Clock.Now())
	want := ByKey(shared...)
	var wg sync.WaitGroup
	for w := range writers {
		for r := range rounds {
			from := 1000*(w+1) + r*each
			for _, e := range Entries(from, from+each, b.Clock.Now()) {
				want[e.Key] = e
			}
		}
		wg.Go(func() {
			for r := range rounds {
				from := 1000*(w+1) + r*each
				if err := m.Put(t.Context(), "ns", append(Entries(from, from+each, b.Clock.Now()), shared...)); err != nil {
					t.Errorf("put: %v", err)
				}
				if _, err := m.Get(t.Context(), "ns", Keys(shared)); err != nil {
					t.Errorf("get: %v", err)
				}
			}
		})
		wg.Go(func() { b.Flush(t, m) })
	}
	wg.Wait()
	var keys []string
	for k := range want {
		keys = append(keys, k)
	}
	Want(t, m, "ns", keys, want)
	b.Flush(t, m)
	Want(t, b.Open(t), "ns", keys, want)
}

func restart(t *testing.T, b Bench) {
	first := b.Open(t)
	all := Entries(0, 50, b.Clock.Now())
	put(t, first, "ns", all[:30]...)
	b.Flush(t, first)
	put(t, first, "ns", all[30:]...)
	if err := first.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	Want(t, b.Open(t), "ns", Keys(all), ByKey(all...))
}

func twoProcesses(t *testing.T, b Bench) {
	one, two := b.Open(t), b.Open(t)
	all := Entries(0, 40, b.Clock.Now())
	Want(t, one, "ns", Keys(all), map[string]memory.Entry{})
	Want(t, two, "ns", Keys(all), map[string]memory.Entry{})
	put(t, one, "ns", all[:20]...)
	put(t, two, "ns", all[10:]...)
	b.Flush(t, one)
	b.Flush(t, two)
	b.Clock.Step(b.Lag)
	Want(t, one, "ns", Keys(all), ByKey(all...))
	Want(t, two, "ns", Keys(all), ByKey(all...))
}

// ranksBetweenProcesses lets one process put a human edit that the other, which puts
// machine output later, has not seen.
func ranksBetweenProcesses(t *testing.T, b Bench) {
	one, two := b.Open(t), b.Open(t)
	human := entry("human", memory.Human, b.Clock.Now())
	Want(t, one, "ns", []string{human.Key}, map[string]memory.Entry{})
	Want(t, two, "ns", []string{human.Key}, map[string]memory.Entry{})
	put(t, one, "ns", human)
	b.Flush(t, one)
	b.Clock.Step(time.Second)
	put(t, two, "ns", entry("machine", memory.Machine, b.Clock.Now()))
	b.Flush(t, two)
	b.Clock.Step(b.Lag)
	missing := Key("a miss")
	Want(t, one, "ns", []string{human.Key, missing}, ByKey(human))
	Want(t, two, "ns", []string{human.Key, missing}, ByKey(human))
	Want(t, b.Open(t), "ns", []string{human.Key}, ByKey(human))
}

func storeFails(t *testing.T, b Bench) {
	m := b.Open(t)
	all := Entries(0, 20, b.Clock.Now())
	put(t, m, "ns", all...)
	b.Flush(t, m)
	other := b.Open(t)
	b.Break(t)
	if _, err := other.Get(t.Context(), "ns", Keys(all)); err == nil {
		t.Error("a Get that cannot read returned no error")
	}
	b.Mend(t)
	Want(t, m, "ns", Keys(all), ByKey(all...))
	Want(t, other, "ns", Keys(all), ByKey(all...))
	more := Entries(20, 30, b.Clock.Now())
	put(t, m, "ns", more...)
	b.Flush(t, m)
	Want(t, b.Open(t), "ns", Keys(more), ByKey(more...))
}

func closed(t *testing.T, b Bench) {
	m := b.Open(t)
	for range 2 {
		if err := m.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	if _, err := m.Get(t.Context(), "ns", []string{Key("x")}); !errors.Is(err, memory.ErrClosed) {
		t.Errorf("get after close: got %v, want ErrClosed", err)
	}
	if err := m.Put(t.Context(), "ns", Entries(0, 1, b.Clock.Now())); !errors.Is(err, memory.ErrClosed) {
		t.Errorf("put after close: got %v, want ErrClosed", err)
	}
}
