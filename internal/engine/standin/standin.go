// Package standin owns what the servers have in common that stand in for translation
// services on the loopback interface, in tests: how they begin and end, which fault a
// call meets, the log of what was asked for, and a rule of translation that a test can
// repeat.
//
// It knows no service and no engine, and must not be linked into the product.
package standin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Cleaner is the part of testing.TB that a server needs.
type Cleaner interface {
	Cleanup(func())
}

// Serve starts a server that ends with the test, and returns its address.
func Serve(tb Cleaner, handler http.Handler) string {
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL
}

// Faults say what goes wrong with a call; F describes a fault. The zero value has none.
// It is safe for concurrent use.
type Faults[F any] struct {
	mu            sync.Mutex
	queue, always []F
	chance        func() []F
}

// Next puts faults in a queue; each call takes one.
func (f *Faults[F]) Next(faults ...F) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = append(f.queue, faults...)
}

// Always makes every call commit the first of the faults that applies to it, once the
// queue is empty. Without faults it ends.
func (f *Faults[F]) Always(faults ...F) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.always = slices.Clone(faults)
}

// Randomly makes calls commit one of the faults with a probability from 0 to 1, once
// the queue is empty. The source of chance is not called concurrently; it returns
// numbers from 0 up to 1, as rand.Rand's Float64 does.
func (f *Faults[F]) Randomly(chance func() float64, probability float64, faults ...F) {
	faults = slices.Clone(faults)
	f.ByChance(func() []F {
		if len(faults) == 0 || chance() >= probability {
			return nil
		}
		return []F{faults[min(int(chance()*float64(len(faults))), len(faults)-1)]}
	})
}

// ByChance asks a function for the faults that a call may meet, in the place of
// Randomly. It is not called concurrently.
func (f *Faults[F]) ByChance(faults func() []F) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chance = faults
}

// Pick chooses the fault of a call: the next of the queue, or else the first that
// applies of those that chance has chosen and of those for every call. ok is false for
// none; a fault of the queue that does not apply is gone all the same.
func (f *Faults[F]) Pick(applies func(F) bool) (fault F, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	faults := f.always
	if len(f.queue) > 0 {
		faults, f.queue = f.queue[:1:1], f.queue[1:]
	} else if f.chance != nil {
		faults = slices.Concat(f.chance(), faults)
	}
	if at := slices.IndexFunc(faults, applies); at >= 0 {
		return faults[at], true
	}
	return fault, false
}

// Any is for faults that apply to every call.
func Any[F any](F) bool { return true }

// Log keeps what a server was asked for; C describes a call. It is safe for concurrent
// use.
type Log[C any] struct {
	mu    sync.Mutex
	calls []C
}

// Record adds a call.
func (l *Log[C]) Record(call C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, call)
}

// Calls returns the calls, oldest first.
func (l *Log[C]) Calls() []C {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls)
}

// WriteJSON sends a value.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // servers send values of their own
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // of a caller that is gone nobody reads
}

// Backwards writes a word backwards.
func Backwards(word string) string {
	runes := []rune(word)
	slices.Reverse(runes)
	return string(runes)
}

var (
	word = regexp.MustCompile(`&[a-z]+;|\p{L}+`)
	tag  = regexp.MustCompile(`<[^>]*>`)
)

// Turn writes each word of a text backwards, and leaves entities as they are.
func Turn(text string) string {
	return word.ReplaceAllStringFunc(text, func(w string) string {
		if strings.HasPrefix(w, "&") {
			return w
		}
		return Backwards(w)
	})
}

// TurnMarkup does so with what stands between the tags of a text, and writes those by a
// function.
func TurnMarkup(text string, write func(tag string) string) string {
	var out strings.Builder
	at := 0
	for _, m := range tag.FindAllStringIndex(text, -1) {
		out.WriteString(Turn(text[at:m[0]]))
		out.WriteString(write(text[m[0]:m[1]]))
		at = m[1]
	}
	return out.String() + Turn(text[at:])
}

// WithoutTags takes the tags out of a text.
func WithoutTags(text string) string { return tag.ReplaceAllString(text, "") }
