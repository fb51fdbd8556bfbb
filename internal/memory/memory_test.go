package memory_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/memory/memorytest"
)

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		change func(*memory.Entry)
		valid  bool
	}{
		"a plain entry":                   {func(*memory.Entry) {}, true},
		"a human one":                     {func(e *memory.Entry) { e.Origin = memory.Human }, true},
		"the longest text":                {func(e *memory.Entry) { e.Masked = strings.Repeat("x", memory.MaxMaskedBytes) }, true},
		"a byte more":                     {func(e *memory.Entry) { e.Masked = strings.Repeat("x", memory.MaxMaskedBytes+1) }, false},
		"no text":                         {func(e *memory.Entry) { e.Masked = "" }, false},
		"a zero in the text":              {func(e *memory.Entry) { e.Masked = "a\x00b" }, false},
		"half a character":                {func(e *memory.Entry) { e.Masked = "secret\xc3" }, false},
		"the most unknown words":          {func(e *memory.Entry) { e.Unknown = make([]string, memory.MaxUnknownBytes) }, true},
		"one unknown word more":           {func(e *memory.Entry) { e.Unknown = make([]string, memory.MaxUnknownBytes+1) }, false},
		"a zero in an unknown word":       {func(e *memory.Entry) { e.Unknown = []string{"\x00"} }, false},
		"no origin":                       {func(e *memory.Entry) { e.Origin = 0 }, false},
		"an origin nobody knows":          {func(e *memory.Entry) { e.Origin = 3 }, false},
		"no key":                          {func(e *memory.Entry) { e.Key = "" }, false},
		"a key in upper case":             {func(e *memory.Entry) { e.Key = strings.ToUpper(e.Key) }, false},
		"a key that is not hex":           {func(e *memory.Entry) { e.Key = strings.Repeat("g", memory.KeyLength) }, false},
		"the longest text and most words": {func(e *memory.Entry) { *e = longest() }, true},
		"a time before all of this":       {func(e *memory.Entry) { e.Created = time.Time{} }, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			e := memory.Entry{Key: memorytest.Key("x"), Masked: "olá", Origin: memory.Machine}
			tc.change(&e)
			err := e.Check()
			if (err == nil) != tc.valid || err != nil && !errors.Is(err, memory.ErrInvalid) {
				t.Errorf("got %v, want valid: %v", err, tc.valid)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error quotes the text: %v", err)
			}
		})
	}
}

// longest is an entry at all of its limits that cannot be compressed much.
func longest() memory.Entry {
	e := noisy(memorytest.Entries(0, 1, time.Time{}), memory.MaxMaskedBytes/3)[0]
	words := noisy(memorytest.Entries(0, memory.MaxUnknownBytes/4, time.Time{}), 1)
	for _, word := range words {
		e.Unknown = append(e.Unknown, word.Masked)
	}
	return e
}

func TestTheLongestEntriesAreKept(t *testing.T) {
	clock := memorytest.NewClock()
	store := memorytest.NewStore(clock)
	store.Limit = 320 << 10 // the least that a store may take
	m := open(t, store, clock, memory.Options{})
	want := longest()
	want.Created = clock.Now()
	put(t, m, "ns", want)
	flush(t, m)
	memorytest.Want(t, open(t, store, clock, memory.Options{}), "ns", []string{want.Key}, memorytest.ByKey(want))
}

func TestPrepare(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	e := func(name, text string, origin memory.Origin, age time.Duration) memory.Entry {
		return memory.Entry{Key: memorytest.Key(name), Masked: text, Origin: origin, Created: now.Add(-age)}
	}
	in := []memory.Entry{
		e("b", "machine", memory.Machine, time.Minute), e("b", "human", memory.Human, time.Hour),
		e("b", "machine again", memory.Machine, 0), e("a", "old", memory.Machine, 24*time.Hour),
		e("c", "early", memory.Machine, time.Hour), e("c", "late", memory.Machine, 0), e("d", "", memory.Machine, 0),
	}
	want := []memory.Entry{e("c", "late", memory.Machine, 0), e("b", "human", memory.Human, time.Hour)}
	got, err := memory.Prepare(in, now, 24*time.Hour)
	if !errors.Is(err, memory.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("prepared (-want +got):\n%s", diff)
	}
}
