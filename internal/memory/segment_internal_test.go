package memory

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse reads what may come from a store as a segment. It must not panic, and
// what it accepts can be written again as it was.
func FuzzParse(f *testing.F) {
	one := record{key: key{1}, stamp: humanBit | 5, masked: "olá", unknown: []string{"x", ""}}
	f.Add(encode(nil))
	f.Add(encode([]record{one}))
	f.Add(encode([]record{one, {key: key{2}, masked: "dois"}}))
	f.Add(append(encode(nil), make([]byte, recordBytes)...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parse(raw)
		if err != nil {
			return
		}
		var records []record
		for i := range s.len() {
			records = append(records, s.record(i))
			if _, ok := s.find(s.key(i)); !ok {
				t.Fatalf("record %d is not found by its key", i)
			}
		}
		again, err := parse(encode(records))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		for i := range s.len() {
			if diff := cmp.Diff(s.record(i), again.record(i), cmp.AllowUnexported(record{})); diff != "" {
				t.Fatalf("record %d (-first +second):\n%s", i, diff)
			}
		}
	})
}

func TestRecordsOutOfOrderAreDamage(t *testing.T) {
	a, b := record{key: key{1}, masked: "a"}, record{key: key{2}, masked: "b"}
	one, two := encode([]record{a}), encode([]record{b})
	for name, raw := range map[string][]byte{
		"in the wrong order": append(two, one[len(segmentHead):]...),
		"one of them twice":  append(one, one[len(segmentHead):]...),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(raw); err == nil {
				t.Error("was accepted")
			}
		})
	}
}

// fill puts a number of entries into an index, as from segments of 5,000.
func fill(x *index, entries int) {
	const each = 5000
	for first := 0; first < entries; first += each {
		page := make([]record, each)
		for i := range page {
			// Spread as hashes are, and the same on every run.
			n := uint64(first+i) * 0x9e3779b97f4a7c15
			binary.BigEndian.PutUint64(page[i].key[:], n)
			binary.BigEndian.PutUint64(page[i].key[8:], n*n)
			page[i].stamp = stamp(first + i + 1)
		}
		s, err := parse(encode(page))
		if err != nil {
			panic(err)
		}
		x.learn(fmt.Sprint("memory-", first), 100_000, s, time.Time{})
	}
}

// TestTheIndexIsCompact holds a million entries to what the documentation says.
func TestTheIndexIsCompact(t *testing.T) {
	const entries, most = 1_000_000, 64
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := newIndex()
	fill(x, entries)
	runtime.GC()
	runtime.ReadMemStats(&after)
	per := float64(after.HeapAlloc-before.HeapAlloc) / entries
	t.Logf("%.1f bytes an entry", per)
	for _, s := range x.byAge() {
		x.forget(s.name)
	}
	defer func() {
		if x.prune(); len(x.entries) > 0 {
			t.Errorf("%d entries of segments that are forgotten stay", len(x.entries))
		}
	}()
	if len(x.entries) != entries || per > most {
		t.Errorf("%d entries take %.1f bytes each, want %d of at most %d", len(x.entries), per, entries, most)
	}
}
