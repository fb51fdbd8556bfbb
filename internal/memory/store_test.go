package memory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/memory/memorytest"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// recorder keeps what a memory told, and wakes who waits for it.
type recorder struct {
	memory.NopObserver
	mu     sync.Mutex
	stored []int // entries of each flush that went well
	failed []error
	lost   []string
	told   chan struct{}
}

func newRecorder() *recorder { return &recorder{told: make(chan struct{}, 1000)} }

func (r *recorder) Stored(entries int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.failed = append(r.failed, err)
	} else {
		r.stored = append(r.stored, entries)
	}
	r.told <- struct{}{}
}

func (r *recorder) Lost(namespace, name string, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost = append(r.lost, namespace+"/"+name)
}

// names of the segments in a store.
func names(t *testing.T, store *memorytest.Store) []string {
	t.Helper()
	infos, err := store.List(t.Context(), "", memory.NamePrefix)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, info := range infos {
		out = append(out, info.Name)
	}
	return out
}

func put(t *testing.T, m *memory.Embedded, namespace string, entries ...memory.Entry) {
	t.Helper()
	if err := m.Put(t.Context(), namespace, entries); err != nil {
		t.Fatalf("put: %v", err)
	}
}

// setUp returns a memory on an empty store.
func setUp(t *testing.T, opts memory.Options) (*memory.Embedded, *memorytest.Store, *clocktesting.FakeClock) {
	t.Helper()
	clock := memorytest.NewClock()
	store := memorytest.NewStore(clock)
	return open(t, store, clock, opts), store, clock
}

func TestAThousandJobsAreOneWrite(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	for _, e := range memorytest.Entries(0, 1000, clock.Now()) {
		if _, err := m.Get(t.Context(), "ns", []string{e.Key}); err != nil {
			t.Fatal(err)
		}
		put(t, m, "ns", e)
	}
	m.Tick(t.Context())
	got := map[string]int{"create": store.Calls("create"), "delete": store.Calls("delete"), "read": store.Calls("read")}
	if diff := cmp.Diff(map[string]int{"create": 1, "delete": 0, "read": 0}, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	// One when the namespace was first used, and one in which expired segments of all
	// namespaces are looked for.
	if got := store.Calls("list"); got != 2 {
		t.Errorf("listed %d times, want 2", got)
	}
}

// TestTheBackgroundStoresInTimeInGroupsAndAtTheEnd drives Start by its clock.
func TestTheBackgroundStoresInTimeInGroupsAndAtTheEnd(t *testing.T) {
	told := newRecorder()
	m, store, clock := setUp(t, memory.Options{FlushEntries: 10, Observer: told})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Start(ctx) }()
	all := memorytest.Entries(0, 20, clock.Now())

	put(t, m, "ns", all[:10]...)
	<-told.told // without a step of the clock
	put(t, m, "ns", all[10:15]...)
	clock.Step(2 * time.Second)
	<-told.told
	put(t, m, "ns", all[15:]...)
	cancel()
	if err := <-ended; err != nil {
		t.Fatalf("start: %v", err)
	}
	if diff := cmp.Diff([]int{10, 5, 5}, told.stored); diff != "" {
		t.Errorf("entries of each flush (-want +got):\n%s", diff)
	}
	memorytest.Want(t, open(t, store, clock, memory.Options{}), "ns", memorytest.Keys(all), memorytest.ByKey(all...))
}

func TestAKilledProcessLosesWhatWasNotFlushed(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	all := memorytest.Entries(0, 10, clock.Now())
	put(t, m, "ns", all[:6]...)
	flush(t, m)
	put(t, m, "ns", all[6:]...)
	memorytest.Want(t, open(t, store, clock, memory.Options{}), "ns", memorytest.Keys(all), memorytest.ByKey(all[:6]...))
}

// TestAFullStore keeps what it does not take, leaves the store alone for longer and
// longer, and goes on by itself.
func TestAFullStore(t *testing.T) {
	told := newRecorder()
	m, store, clock := setUp(t, memory.Options{Observer: told})
	all := memorytest.Entries(0, 10, clock.Now())
	store.Fail(func(verb, _ string) error {
		if verb == "create" {
			return errors.New("exceeded quota")
		}
		return nil
	})
	put(t, m, "ns", all...)
	for range 30 {
		m.Tick(t.Context())
		clock.Step(2 * time.Second)
	}
	memorytest.Want(t, m, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
	// After 2, 4, 8, 16 and 32 seconds.
	if got := store.Calls("create"); got != 5 {
		t.Errorf("tried %d times in a minute, want 5", got)
	}
	if len(told.failed) != 5 || !strings.Contains(fmt.Sprint(told.failed), "exceeded quota") {
		t.Errorf("told %v, want 5 times that the quota is exceeded", told.failed)
	}
	store.Fail(nil)
	clock.Step(time.Minute)
	m.Tick(t.Context())
	if diff := cmp.Diff([]int{10}, told.stored); diff != "" {
		t.Errorf("entries of each flush (-want +got):\n%s", diff)
	}
	memorytest.Want(t, open(t, store, clock, memory.Options{}), "ns", memorytest.Keys(all), memorytest.ByKey(all...))
}

func TestAnEntryThatIsReplacedWhileItIsStoredIsStoredAgain(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	first := memorytest.Entries(0, 1, clock.Now())[0]
	second := first
	second.Masked = "de novo"
	put(t, m, "ns", first)
	memorytest.Want(t, m, "ns", []string{first.Key}, memorytest.ByKey(first))
	store.Fail(func(verb, _ string) error {
		if verb == "create" {
			put(t, m, "ns", second)
		}
		return nil
	})
	flush(t, m)
	store.Fail(nil)
	memorytest.Want(t, m, "ns", []string{first.Key}, memorytest.ByKey(second))
	flush(t, m)
	memorytest.Want(t, open(t, store, clock, memory.Options{}), "ns", []string{first.Key}, memorytest.ByKey(second))
}

func TestWhatWaitsForTheStoreIsBounded(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	store.Fail(func(verb, _ string) error { return errors.New(verb + " fails") })
	large := memorytest.Entries(0, 100, clock.Now())
	for i := range large {
		large[i].Masked = strings.Repeat("x", memory.MaxMaskedBytes)
	}
	if err := m.Put(t.Context(), "ns", large); !errors.Is(err, memory.ErrFull) {
		t.Fatalf("put of 12.5 MiB: got %v, want ErrFull", err)
	}
	if err := m.Flush(t.Context()); err == nil {
		t.Error("a flush that failed returned no error")
	}
	store.Fail(nil)
	flush(t, m)
	got, err := m.Get(t.Context(), "ns", memorytest.Keys(large))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 63 { // 64 would be 8 MiB without their keys
		t.Errorf("%d entries were taken, want 63", len(got))
	}
	if err := m.Put(t.Context(), "ns", large); err != nil && !errors.Is(err, memory.ErrFull) {
		t.Errorf("put after the flush: %v", err)
	}
}

func TestEntriesOfANamespaceThatIsGoneAreDropped(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	put(t, m, "gone", memorytest.Entries(0, 10, clock.Now())...)
	store.Fail(func(verb, _ string) error {
		if verb == "create" {
			return apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "gone")
		}
		return nil
	})
	if err := m.Flush(t.Context()); err == nil {
		t.Error("a flush that failed returned no error")
	}
	before := store.Calls("create")
	flush(t, m)
	if after := store.Calls("create"); after != before {
		t.Errorf("tried %d times more to store entries of a namespace that is gone", after-before)
	}
}

func TestAGetThatCannotReadIsAnErrorUnlessItHasAllOfIt(t *testing.T) {
	tests := map[string]struct {
		verb      string
		entries   int
		step      time.Duration
		cache     int
		wantError bool
	}{
		"all of it is cached":                      {verb: "read", entries: 10},
		"all of it is cached, the list is old":     {verb: "list", entries: 10, step: time.Hour},
		"a miss after a list of just now":          {verb: "list", entries: 11, step: 29 * time.Second},
		"a miss, and it is time to list":           {verb: "list", entries: 11, step: 30 * time.Second, wantError: true},
		"its segment is not cached":                {verb: "read", entries: 10, cache: 1, wantError: true},
		"its segment is not cached, all is missed": {verb: "read", entries: 0, cache: 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			m, store, clock := setUp(t, memory.Options{CacheBytes: tc.cache})
			all := memorytest.Entries(0, 11, clock.Now())
			put(t, m, "ns", all[:10]...)
			flush(t, m)
			clock.Step(tc.step)
			store.Fail(func(verb, _ string) error {
				if verb == tc.verb {
					return errors.New("connection refused")
				}
				return nil
			})
			got, err := m.Get(t.Context(), "ns", memorytest.Keys(all[:tc.entries]))
			if (err != nil) != tc.wantError {
				t.Fatalf("got error %v, want one: %v", err, tc.wantError)
			}
			if want := min(tc.entries, 10); err == nil && len(got) != want {
				t.Errorf("found %d, want %d", len(got), want)
			}
		})
	}
}

// TestOtherProcessesAreHeard says when what another process has stored is seen: on a
// miss after half a minute, on a hit after five.
func TestOtherProcessesAreHeard(t *testing.T) {
	tests := map[string]struct {
		hit  bool
		step time.Duration
		want bool
	}{
		"a miss, too early":                {step: 29 * time.Second},
		"a miss, in time":                  {step: 30 * time.Second, want: true},
		"a hit that was edited, too early": {hit: true, step: 4 * time.Minute},
		"a hit that was edited, in time":   {hit: true, step: 5 * time.Minute, want: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			m, store, clock := setUp(t, memory.Options{})
			machine := memorytest.Entries(0, 1, clock.Now())[0]
			want := map[string]memory.Entry{}
			if tc.hit {
				put(t, m, "ns", machine)
				flush(t, m)
				want = memorytest.ByKey(machine)
			}
			memorytest.Want(t, m, "ns", []string{machine.Key}, want)
			human := machine
			human.Origin, human.Masked = memory.Human, "por uma pessoa"
			other := open(t, store, clock, memory.Options{})
			put(t, other, "ns", human)
			flush(t, other)
			if tc.want {
				want = memorytest.ByKey(human)
			}
			clock.Step(tc.step)
			memorytest.Want(t, m, "ns", []string{machine.Key}, want)
		})
	}
}

func TestADamagedSegmentCostsWhatItHeld(t *testing.T) {
	damage := map[string]func([]byte) []byte{
		"cut":                     func(d []byte) []byte { return d[:len(d)/2] },
		"one bit":                 func(d []byte) []byte { d[len(d)/2] ^= 4; return d },
		"empty":                   func([]byte) []byte { return nil },
		"something else":          func([]byte) []byte { return []byte("{}") },
		"unpacks to far too much": func([]byte) []byte { return bomb() },
	}
	for name, spoil := range damage {
		for _, when := range []string{"before a start", "while it runs"} {
			t.Run(name+", "+when, func(t *testing.T) {
				told := newRecorder()
				m, store, clock := setUp(t, memory.Options{CacheBytes: 1, Observer: told})
				all := memorytest.Entries(0, 20, clock.Now())
				put(t, m, "ns", all[:10]...)
				flush(t, m)
				put(t, m, "ns", all[10:]...)
				flush(t, m)
				broken := names(t, store)[0]
				data, err := store.Read(t.Context(), "ns", broken)
				if err != nil {
					t.Fatal(err)
				}
				store.Overwrite("ns", broken, spoil(data))
				if when == "before a start" {
					m = open(t, store, clock, memory.Options{Observer: told})
				}
				for range 2 {
					memorytest.Want(t, m, "ns", memorytest.Keys(all), memorytest.ByKey(all[10:]...))
				}
				if diff := cmp.Diff([]string{"ns/" + broken}, told.lost); diff != "" {
					t.Errorf("told of as lost (-want +got):\n%s", diff)
				}
				put(t, m, "ns", all[:10]...)
				flush(t, m)
				memorytest.Want(t, m, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
				m.Tick(t.Context())
				if !slices.Contains(names(t, store), broken) {
					t.Error("it was removed at once: it may have been of a later version")
				}
				clock.Step(memorytest.Expiry + time.Hour)
				m.Tick(t.Context())
				if left := names(t, store); len(left) > 0 {
					t.Errorf("%v stayed for ever", left)
				}
			})
		}
	}
}

func TestWhatIsNotASegmentIsLeftAlone(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	put(t, m, "ns", memorytest.Entries(0, 1, clock.Now())...)
	flush(t, m)
	name := names(t, store)[0]
	strangers := []payload.Blob{
		{Namespace: "ns", Name: "memory-of-my-life"},
		{Namespace: "ns", Name: "memory-" + strings.Repeat("z", len(name)-len("memory-"))},
		{Namespace: "ns", Name: name + "-0"},
		{Namespace: "ns", Name: name[:len(name)-4] + "0123", Owner: payload.Owner{Name: "job", UID: "1"}},
	}
	for _, b := range strangers {
		if err := store.Create(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	clock.Step(100 * memorytest.Expiry)
	other := open(t, store, clock, memory.Options{})
	memorytest.Want(t, other, "ns", []string{memorytest.Key("x")}, map[string]memory.Entry{})
	other.Tick(t.Context())
	if left := len(names(t, store)); left != len(strangers) {
		t.Errorf("%d are left, want the %d strangers", left, len(strangers))
	}
}

func TestAStoreOfSmallBlobsIsRefused(t *testing.T) {
	store := memorytest.NewStore(memorytest.NewClock())
	store.Limit = 100 << 10
	if _, err := memory.NewEmbedded(store, memory.Options{}); err == nil {
		t.Error("a store of blobs of 100 KiB was accepted")
	}
}
