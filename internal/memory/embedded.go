package memory

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

const (
	// defaultMaxBytes of a namespace: about half a million sentences.
	defaultMaxBytes = 64 << 20
	// defaultCacheBytes holds the segments of some dozen jobs that run at one time.
	defaultCacheBytes = 32 << 20
	defaultFlushEvery = 2 * time.Second
	// defaultFlushEntries is what makes a segment worth writing before its time.
	defaultFlushEntries = 500
	// maxPendingBytes of a namespace wait for the store: some ten thousand sentences,
	// more than is bought while an API server restarts.
	maxPendingBytes = 8 << 20
	// callTimeout bounds one call to the store.
	callTimeout = 15 * time.Second
	// closeTimeout bounds the last flush. Kubernetes gives a process 30 s to end.
	closeTimeout = 10 * time.Second
	// concurrency of calls to the store, for each flush and each read.
	concurrency = 4
)

// Options of the embedded memory. The zero value of a field means its default.
type Options struct {
	// Clock is the real one by default.
	Clock clock.WithTicker
	// Random makes the names of segments; crypto/rand by default.
	Random io.Reader
	// Observer is told what happens; nobody by default.
	Observer Observer
	// Expiry is how long an entry is used after it was made; DefaultExpiry by default.
	Expiry time.Duration
	// MaxBytes bounds the segments of one namespace as stored; 64 MiB by default.
	// Above it the oldest go.
	MaxBytes int
	// CacheBytes bounds the unpacked segments that are held, over all namespaces;
	// 32 MiB by default.
	CacheBytes int
	// FlushEvery is the longest that an entry waits to be stored, and so what a killed
	// process loses; 2 s by default.
	FlushEvery time.Duration
	// FlushEntries in one namespace are stored at once; 500 by default.
	FlushEntries int
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Observer == nil {
		o.Observer = NopObserver{}
	}
	o.Expiry = positive(o.Expiry, DefaultExpiry)
	o.MaxBytes = positive(o.MaxBytes, defaultMaxBytes)
	o.CacheBytes = positive(o.CacheBytes, defaultCacheBytes)
	o.FlushEvery = positive(o.FlushEvery, defaultFlushEvery)
	o.FlushEntries = positive(o.FlushEntries, defaultFlushEntries)
	return o
}

func positive[T ~int | ~int64](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}

// Embedded is the memory in the payload store. What is put is seen by Get at once,
// and reaches the store in a group: with the next flush of its namespace. Many
// processes may use one store; each sees what the others have stored after half a
// minute when it misses something, and after five minutes at the latest.
//
// Its methods may be called from many goroutines.
type Embedded struct {
	opts     Options
	blobs    payload.Backend
	maxBlob  int
	segments *cache
	full     chan struct{}
	// random is read under its lock: a reader need not be safe.
	random sync.Mutex

	mu     sync.Mutex
	closed bool
	spaces map[string]*space
	swept  time.Time
}

// NewEmbedded returns a memory in a store. It reads nothing yet. The error says that
// the blobs of the store are too small.
func NewEmbedded(backend payload.Backend, opts Options) (*Embedded, error) {
	if backend.MaxBytes() < minSegmentBytes {
		return nil, fmt.Errorf("the store takes blobs of %d bytes, the memory needs %d", backend.MaxBytes(), minSegmentBytes)
	}
	opts = opts.withDefaults()
	return &Embedded{
		opts:     opts,
		blobs:    backend,
		maxBlob:  min(backend.MaxBytes(), segmentBytes),
		segments: newCache(opts.CacheBytes),
		full:     make(chan struct{}, 1),
		spaces:   map[string]*space{},
	}, nil
}

// Get returns what is remembered under the keys, by key. A key that is not in the
// answer is not remembered. An error means that the store could not be read: that a
// key is not remembered is then not known.
func (m *Embedded) Get(ctx context.Context, namespace string, keys []string) (map[string]Entry, error) {
	wanted := make(map[key]struct{}, len(keys))
	for _, text := range keys {
		k, err := parseKey(text)
		if err != nil {
			return nil, err
		}
		wanted[k] = struct{}{}
	}
	total := len(wanted)
	if total == 0 {
		return map[string]Entry{}, nil
	}
	s, err := m.space(namespace)
	if err != nil {
		return nil, err
	}
	found, err := s.get(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("read the memory of namespace %q: %w", namespace, err)
	}
	m.opts.Observer.Got(len(found), total-len(found))
	return found, nil
}

// Put remembers entries. Those that rank below what is there are passed over. The
// error is ErrInvalid, ErrFull or ErrClosed; the entries it does not speak of were
// taken, and will reach the store with the next flush that succeeds.
func (m *Embedded) Put(_ context.Context, namespace string, entries []Entry) error {
	ready, invalid := Prepare(entries, m.opts.Clock.Now(), m.opts.Expiry)
	for {
		s, err := m.space(namespace)
		if err != nil {
			return err
		}
		waiting, err := s.put(ready)
		if errors.Is(err, errUnloaded) {
			continue
		}
		if waiting >= m.opts.FlushEntries {
			select {
			case m.full <- struct{}{}:
			default: // it has been told
			}
		}
		return errors.Join(invalid, err)
	}
}

// Close stores what waits, within 10 s, and ends the use of the memory. The error
// says that entries did not reach the store: their namespaces and how many, not what
// they are. Call it after everything that puts has ended. A second call does nothing.
func (m *Embedded) Close() error {
	m.mu.Lock()
	done := m.closed
	m.closed = true
	m.mu.Unlock()
	if done {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return m.Flush(ctx)
}

// space returns the state of a namespace.
func (m *Embedded) space(namespace string) (*space, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	s := m.spaces[namespace]
	if s == nil {
		s = newSpace(m, namespace)
		m.spaces[namespace] = s
	}
	s.touch()
	return s, nil
}

// oldest is the time up to which entries have expired.
func (m *Embedded) oldest() time.Time { return m.opts.Clock.Now().Add(-m.opts.Expiry) }
