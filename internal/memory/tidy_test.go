package memory_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/memory/memorytest"
)

// bomb is small and unpacks to 64 MiB.
func bomb() []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write([]byte("dragoman memory 1\n"))
	_, _ = w.Write(make([]byte, 64<<20))
	_ = w.Close()
	return buf.Bytes()
}

// noisy replaces translations by what cannot be compressed much.
func noisy(entries []memory.Entry, length int) []memory.Entry {
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range entries {
		text := make([]rune, length)
		for j := range text {
			text[j] = rune(0x4e00 + dice.IntN(20000))
		}
		entries[i].Masked = string(text)
	}
	return entries
}

// TestManySmallSegmentsBecomeFewLargeOnes flushes often and tidies at each tick, and
// looks from a process that has an old index.
func TestManySmallSegmentsBecomeFewLargeOnes(t *testing.T) {
	for name, tc := range map[string]struct {
		flushes, entries int
		noise            int // runes of a text, when it is noise
		same             int // sentences of a text, when all are the same
	}{
		"a few sentences each":      {flushes: 200, entries: 3},
		"some pages each":           {flushes: 100, entries: 500},
		"what hardly compresses":    {flushes: 60, entries: 200, noise: 300},
		"what compresses well":      {flushes: 120, entries: 200, same: 40},
		"large and does not either": {flushes: 40, entries: 3, noise: 25_000},
	} {
		t.Run(name, func(t *testing.T) {
			m, store, clock := setUp(t, memory.Options{})
			all := memorytest.Entries(0, tc.flushes*tc.entries, clock.Now())
			if tc.noise > 0 {
				all = noisy(all, tc.noise)
			}
			for i := range all {
				all[i].Masked += strings.Repeat(" Ainda não está tudo.", tc.same)
			}
			var other *memory.Embedded
			for i := range tc.flushes {
				put(t, m, "ns", all[i*tc.entries:(i+1)*tc.entries]...)
				clock.Step(2 * time.Second)
				if i == 12 {
					flush(t, m)
					other = open(t, store, clock, memory.Options{CacheBytes: 1})
					memorytest.Want(t, other, "ns", memorytest.Keys(all[:tc.entries]), memorytest.ByKey(all[:tc.entries]...))
				}
				m.Tick(t.Context())
			}
			bytes := 0
			for _, name := range names(t, store) {
				data, err := store.Read(t.Context(), "ns", name)
				if err != nil {
					t.Fatal(err)
				}
				if len(data) > store.Limit {
					t.Errorf("a segment has %d bytes, the store takes %d", len(data), store.Limit)
				}
				bytes += len(data)
			}
			// At most 15 of each of three sizes, and large ones of at least 128 KiB, or of
			// 512 KiB unpacked.
			if got, most := len(names(t, store)), 45+bytes/(128<<10)+len(all)*len(all[0].Masked)/(512<<10); got > most {
				t.Errorf("%d segments hold %d bytes, want at most %d", got, bytes, most)
			}
			before := store.Calls("create")
			m.Tick(t.Context())
			m.Tick(t.Context())
			if after := store.Calls("create"); after != before {
				t.Errorf("tidying does not come to an end: %d writes more", after-before)
			}
			if most := tc.flushes * 14 / 10; before > most+bytes/(128<<10) {
				t.Errorf("%d writes for %d flushes", before, tc.flushes)
			}
			for _, reader := range []*memory.Embedded{m, other, open(t, store, clock, memory.Options{})} {
				memorytest.Want(t, reader, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
			}
		})
	}
}

// TestTwoThatTidyAtOnceLoseNothing lets two processes put, flush and tidy in turn,
// and stops each of them in the middle at times.
func TestTwoThatTidyAtOnceLoseNothing(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	two := []*memory.Embedded{m, open(t, store, clock, memory.Options{})}
	dice := rand.New(rand.NewPCG(3, 4))
	all := memorytest.Entries(0, 1200, clock.Now())
	fails := false
	store.Fail(func(string, string) error {
		if fails && dice.IntN(10) == 0 {
			return errors.New("connection reset")
		}
		return nil
	})
	for i := range 400 {
		put(t, two[i%2], "ns", all[3*i:3*i+3]...)
		clock.Step(10 * time.Second)
		fails = true
		two[i%2].Tick(t.Context())
		fails = false
	}
	clock.Step(5 * time.Minute)
	for _, one := range two {
		flush(t, one)
	}
	for range 3 {
		clock.Step(5 * time.Minute)
		for _, one := range two {
			memorytest.Want(t, one, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
			one.Tick(t.Context())
		}
	}
	memorytest.Want(t, open(t, store, clock, memory.Options{}), "ns", memorytest.Keys(all), memorytest.ByKey(all...))
	if got := len(names(t, store)); got > 60 {
		t.Errorf("%d segments are left of 400, want at most 60", got)
	}
}

func TestOverTheBoundTheOldestGo(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{MaxBytes: 1 << 20})
	first := clock.Now()
	var all []memory.Entry
	for i := range 40 { // of about 50 KiB each
		some := noisy(memorytest.Entries(100*i, 100*i+100, clock.Now()), 250)
		all = append(all, some...)
		put(t, m, "ns", some...)
		flush(t, m)
		m.Tick(t.Context())
		clock.Step(2 * time.Second)
	}
	total := 0
	for _, name := range names(t, store) {
		data, err := store.Read(t.Context(), "ns", name)
		if err != nil {
			t.Fatal(err)
		}
		total += len(data)
	}
	if total > 1<<20 {
		t.Errorf("%d bytes are stored, the bound is %d", total, 1<<20)
	}
	got, err := m.Get(t.Context(), "ns", memorytest.Keys(all))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < 1000 {
		t.Errorf("%d entries are left, want at least half of what the bound holds", len(got))
	}
	for _, e := range got {
		if e.Created.Before(first.Add(20 * time.Second)) {
			t.Fatalf("an entry of %s is left while later ones went", e.Created)
		}
	}
	if _, ok := got[all[len(all)-1].Key]; !ok {
		t.Error("the youngest entry went")
	}
}

func TestOverwrittenAndExpiredSegmentsGo(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	for i := range 5 {
		put(t, m, "ns", memorytest.Entries(0, 10, clock.Now().Add(time.Duration(i)*time.Second))...)
		clock.Step(10 * time.Second)
		put(t, m, "ns", memorytest.Entries(0, 10, clock.Now())...)
		flush(t, m)
	}
	m.Tick(t.Context())
	if got := len(names(t, store)); got != 1 {
		t.Errorf("%d segments are left, want the one with the latest", got)
	}
	clock.Step(memorytest.Expiry)
	m.Tick(t.Context())
	if got := len(names(t, store)); got != 0 {
		t.Errorf("%d segments have outlived their expiry", got)
	}
}

func TestExpiredSegmentsGoWhereNobodyAsksAnyMore(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	put(t, m, "left", memorytest.Entries(0, 10, clock.Now())...)
	flush(t, m)
	other := open(t, store, clock, memory.Options{})
	other.Tick(t.Context())
	clock.Step(memorytest.Expiry - time.Millisecond)
	other.Tick(t.Context())
	if got := len(names(t, store)); got != 1 {
		t.Fatalf("%d segments before their expiry, want 1", got)
	}
	clock.Step(time.Hour)
	other.Tick(t.Context())
	if got := len(names(t, store)); got != 0 {
		t.Errorf("%d segments have outlived their expiry", got)
	}
}

func TestNamespacesThatNobodyUsesAreLetGoAndComeBack(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	all := memorytest.Entries(0, 10, clock.Now())
	put(t, m, "ns", all...)
	m.Tick(t.Context())
	for _, tc := range []struct {
		idle time.Duration
		want int // reads of the only segment since it was written
	}{{29 * time.Minute, 0}, {30 * time.Minute, 1}, {0, 1}} {
		clock.Step(tc.idle)
		m.Tick(t.Context())
		memorytest.Want(t, m, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
		if got := store.Calls("read"); got != tc.want {
			t.Errorf("after %s without a call: %d reads, want %d", tc.idle, got, tc.want)
		}
	}
}

// sixteen puts and flushes one entry after the other, enough for a merge.
func sixteen(t *testing.T, m *memory.Embedded, entries []memory.Entry) {
	t.Helper()
	for _, e := range entries[:16] {
		put(t, m, "ns", e)
		flush(t, m)
	}
}

func TestSegmentsThatAreMergedUnderAReaderAreFollowedAtOnce(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	all := memorytest.Entries(0, 16, clock.Now())
	sixteen(t, m, all)
	reader := open(t, store, clock, memory.Options{CacheBytes: 1})
	memorytest.Want(t, reader, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
	m.Tick(t.Context())
	if got := len(names(t, store)); got != 1 {
		t.Fatalf("%d segments after the merge, want 1", got)
	}
	memorytest.Want(t, reader, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
}

// TestAMergeIsLaterThanWhatAFastClockNamed stops a process between the writing of a
// merged segment and the removal of the old ones, which one with a fast clock has
// named. A third has both in its index when the removal goes on.
func TestAMergeIsLaterThanWhatAFastClockNamed(t *testing.T) {
	m, store, clock := setUp(t, memory.Options{})
	fast := memorytest.NewClock()
	fast.Step(time.Hour)
	all := memorytest.Entries(0, 16, clock.Now())
	sixteen(t, open(t, store, fast, memory.Options{}), all)
	store.Fail(func(verb, _ string) error {
		if verb == "delete" {
			return errors.New("connection reset")
		}
		return nil
	})
	memorytest.Want(t, m, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
	m.Tick(t.Context())
	reader := open(t, store, clock, memory.Options{CacheBytes: 1})
	memorytest.Want(t, reader, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
	store.Fail(nil)
	old := names(t, store)
	if len(old) != 17 {
		t.Fatalf("%d segments, want the sixteen and the merged one", len(old))
	}
	for _, name := range old[:16] {
		if err := store.Delete(t.Context(), "ns", name); err != nil {
			t.Fatal(err)
		}
	}
	memorytest.Want(t, reader, "ns", memorytest.Keys(all), memorytest.ByKey(all...))
}
