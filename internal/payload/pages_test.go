package payload_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

// flaky is a backend that loses answers, counts writes and has a size of its own.
type flaky struct {
	payload.Backend
	most    int
	creates int
	// lose answers of the next creates: after the write when true, before it when not.
	lose []bool
}

var errLost = errors.New("the connection was lost")

func (f *flaky) Create(ctx context.Context, blob payload.Blob) error {
	f.creates++
	if len(f.lose) > 0 {
		written := f.lose[0]
		f.lose = f.lose[1:]
		if written {
			_ = f.Backend.Create(ctx, blob)
		}
		return errLost
	}
	return f.Backend.Create(ctx, blob)
}

func (f *flaky) MaxBytes() int {
	if f.most > 0 {
		return f.most
	}
	return f.Backend.MaxBytes()
}

func storeOn(b payload.Backend) payload.Store {
	return payload.New(b, clocktesting.NewFakePassiveClock(beginning))
}

var mine = job("job", "uid")

// opened opens the pages of a job and compares what is in them.
func opened(t *testing.T, s payload.Store, takeOver bool, want ...string) *payload.Pages {
	t.Helper()
	p, pages, err := s.OpenPages(t.Context(), mine, takeOver)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, page := range pages {
		got = append(got, string(page))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("pages (-want +got):\n%s", diff)
	}
	return p
}

func appended(t *testing.T, p *payload.Pages, data string) {
	t.Helper()
	if err := p.Append(t.Context(), []byte(data)); err != nil {
		t.Fatalf("append %q: %v", data, err)
	}
}

func TestPagesAreReadInTheirOrder(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		count := &flaky{Backend: b}
		s := storeOn(count)
		p := opened(t, s, false)
		if count.creates != 0 {
			t.Errorf("opening a job that is new took %d writes", count.creates)
		}
		var want []string
		for i := range 12 {
			want = append(want, fmt.Sprintf("page %d", i))
			appended(t, p, want[i])
		}
		if count.creates != len(want) {
			t.Errorf("%d pages took %d writes", len(want), count.creates)
		}
		p = opened(t, s, false, want...)
		appended(t, p, "more")
		opened(t, s, false, append(want, "more")...)
		other := job("job", "another")
		if _, pages, err := s.OpenPages(t.Context(), other, false); err != nil || len(pages) > 0 {
			t.Errorf("a job made again under the name has %d pages, %v", len(pages), err)
		}
	})
}

func TestWhoWasReplacedIsFenced(t *testing.T) {
	cases := map[string]struct {
		before int // pages that the first has written
		more   int // and how many more after the second looked
		want   []string
	}{
		"before its first page": {},
		"after some pages":      {before: 2, want: []string{"0", "1"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, b payload.Backend) {
				s := storeOn(b)
				first := opened(t, s, false)
				for i := range tc.before {
					appended(t, first, fmt.Sprint(i))
				}
				second := opened(t, s, true, tc.want...)
				for range 2 { // for good
					if err := first.Append(t.Context(), []byte("late")); !errors.Is(err, payload.ErrFenced) {
						t.Errorf("the first appended: %v", err)
					}
				}
				appended(t, second, "new")
				third := opened(t, s, false, append(tc.want, "new")...)
				if err := second.Append(t.Context(), []byte("late")); !errors.Is(err, payload.ErrFenced) {
					t.Errorf("the second appended: %v", err)
				}
				appended(t, third, "newest")
			})
		})
	}
}

// racing lets another process write a page between the look and the mark.
type racing struct {
	payload.Backend
	before func()
}

func (r *racing) Create(ctx context.Context, blob payload.Blob) error {
	if before := r.before; before != nil {
		r.before = nil
		before()
	}
	return r.Backend.Create(ctx, blob)
}

func TestAPageOfTheLastMomentIsTakenOver(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		first := opened(t, storeOn(b), false)
		appended(t, first, "one")
		race := &racing{Backend: b, before: func() { appended(t, first, "two") }}
		second := opened(t, storeOn(race), true, "one", "two")
		if err := first.Append(t.Context(), []byte("three")); !errors.Is(err, payload.ErrFenced) {
			t.Errorf("the first appended: %v", err)
		}
		appended(t, second, "three")
	})
}

func TestALostAnswerIsNoFence(t *testing.T) {
	cases := map[string]struct {
		written bool
		retry   string
		want    []string
	}{
		"the same again, which was written":    {written: true, retry: "one", want: []string{"zero", "one", "end"}},
		"the same again, which was not":        {retry: "one", want: []string{"zero", "one", "end"}},
		"more, after the less was written":     {written: true, retry: "one and more", want: []string{"zero", "one", "one and more", "end"}},
		"more, after the less was not written": {retry: "one and more", want: []string{"zero", "one and more", "end"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, b payload.Backend) {
				f := &flaky{Backend: b}
				p := opened(t, storeOn(f), false)
				appended(t, p, "zero")
				f.lose = []bool{tc.written}
				if err := p.Append(t.Context(), []byte("one")); !errors.Is(err, errLost) {
					t.Fatalf("append: %v", err)
				}
				appended(t, p, tc.retry)
				appended(t, p, "end")
				opened(t, storeOn(b), false, tc.want...)
			})
		})
	}
}

func TestALargePageIsSplit(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		f := &flaky{Backend: b, most: 4 << 10}
		large := string(noise(20 << 10))
		text := strings.Repeat("Hola amigo. ", 10_000) // fits when it is compressed
		p := opened(t, storeOn(f), false)
		appended(t, p, text)
		if f.creates != 1 {
			t.Errorf("a page that fits took %d writes", f.creates)
		}
		f.lose = []bool{true}
		if err := p.Append(t.Context(), []byte(large)); !errors.Is(err, errLost) {
			t.Fatalf("append: %v", err)
		}
		appended(t, p, large)
		appended(t, p, "end")
		infos, err := b.List(t.Context(), "ns", "job-")
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range infos {
			if info.Bytes > 4<<10 {
				t.Errorf("%s has %d bytes", info.Name, info.Bytes)
			}
		}
		opened(t, storeOn(f), false, text, large, "end")
	})
}

// A writer that is lost in the middle of a large page leaves a part of it.
func TestPartsOfAPageDoNotCount(t *testing.T) {
	b := open(t, "mem://")
	f := &flaky{Backend: b, most: 4 << 10}
	p := opened(t, storeOn(f), false)
	appended(t, p, string(noise(10<<10)))
	whole := names(t, b, "ns", "job-")
	if err := b.Delete(t.Context(), "ns", strings.TrimPrefix(whole[len(whole)-1], "ns/")); err != nil {
		t.Fatal(err)
	}
	p = opened(t, storeOn(f), true)
	appended(t, p, "anew")
	opened(t, storeOn(f), false, "anew")
}

func TestADamagedPageCostsWhatItHeld(t *testing.T) {
	cases := map[string]func([]byte) []byte{
		"cut":                   func(b []byte) []byte { return b[:len(b)-3] },
		"cut in its header":     func(b []byte) []byte { return b[:12] },
		"empty":                 func([]byte) []byte { return nil },
		"no page":               func([]byte) []byte { return []byte("something else") },
		"a bit that has turned": func(b []byte) []byte { b[len(b)-6] ^= 1; return b },
	}
	for name, damage := range cases {
		t.Run(name, func(t *testing.T) {
			b := open(t, "mem://")
			p := opened(t, storeOn(b), false)
			for _, page := range []string{"one", "two", "three"} {
				appended(t, p, page)
			}
			const second = "job-job.uid.page-000001"
			data, err := b.Read(t.Context(), "ns", second)
			if err != nil {
				t.Fatal(err)
			}
			blob := payload.Blob{Namespace: "ns", Name: second, Data: damage(data)}
			if err := b.(payload.Refresher).Refresh(t.Context(), blob, beginning); err != nil {
				t.Fatal(err)
			}
			p = opened(t, storeOn(b), false, "one", "three")
			appended(t, p, "four")
			opened(t, storeOn(b), false, "one", "three", "four")
		})
	}
}

func TestProgressIsWhatCameAfterTheLastTakeOver(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		s := storeOn(b)
		check := func(when string, want bool) {
			t.Helper()
			if got, err := s.Progressed(t.Context(), mine); got != want || err != nil {
				t.Errorf("%s: progressed %v, %v", when, got, err)
			}
		}
		check("nothing", false)
		p := opened(t, s, true)
		check("only taken over", false)
		appended(t, p, "one")
		check("a page", true)
		p = opened(t, s, true, "one")
		if !p.Progressed() {
			t.Error("who takes over is not told of the progress")
		}
		check("taken over again", false)
		p = opened(t, s, true, "one")
		if p.Progressed() {
			t.Error("who takes over is told of progress that another one made")
		}
		appended(t, p, "two")
		check("and gone on", true)
	})
}

func TestPagesAreDropped(t *testing.T) {
	cases := map[string]func(context.Context, payload.Store, *payload.Pages) error{
		"by who wrote them": func(ctx context.Context, _ payload.Store, p *payload.Pages) error { return p.Drop(ctx) },
		"by another":        func(ctx context.Context, s payload.Store, _ *payload.Pages) error { return s.DropPages(ctx, mine) },
	}
	for name, drop := range cases {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, b payload.Backend) {
				s := storeOn(b)
				p := opened(t, s, true)
				for i := range 20 {
					appended(t, p, fmt.Sprint(i))
				}
				create(t, b, "ns", "job-job.another.page-000000", "not ours")
				for range 2 {
					if err := drop(t.Context(), s, p); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff([]string{"ns/job-job.another.page-000000"}, names(t, b, "", "")); diff != "" {
					t.Errorf("left (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestPagesSayWhatFailed(t *testing.T) {
	a := newAPI()
	s := storeOn(payload.ConfigMaps{Client: a.client, Reader: a.client})
	p := opened(t, s, false)
	a.refuse["create"] = errors.New("quota exceeded")
	if err := p.Append(t.Context(), []byte("one")); err == nil || errors.Is(err, payload.ErrFenced) || !strings.Contains(err.Error(), "quota exceeded") {
		t.Errorf("Append(): %v", err)
	}
	if _, _, err := s.OpenPages(t.Context(), mine, true); err == nil {
		t.Error("taken over without a mark")
	}
	delete(a.refuse, "create")
	appended(t, p, "one")
	a.refuse["get"] = errors.New("no route")
	if _, _, err := s.OpenPages(t.Context(), mine, false); err == nil || !strings.Contains(err.Error(), "no route") {
		t.Errorf("OpenPages(): %v", err)
	}
	if _, err := s.Progressed(t.Context(), mine); err == nil {
		t.Error("Progressed() knows without reading")
	}
	if err := s.DropPages(t.Context(), mine); err == nil {
		t.Error("DropPages() drops without reading")
	}
}
