// Package postgres keeps the translation memory in a PostgreSQL database: one table
// for all namespaces and all managers.
//
// It owns the table, how it comes to be, and how old rows leave it. What an entry
// is and which of two stands is package memory's. It must not import controllers,
// engines, the adapter or a Kubernetes client.
package postgres

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/memory"
)

const (
	// defaultMaxConns is enough: a call takes some milliseconds, and a server has 100
	// connections for all its users unless it is told otherwise.
	defaultMaxConns = 8
	// defaultTimeout of a call. One for 1,000 keys takes about 10 ms.
	defaultTimeout = 10 * time.Second
	// batch is the most rows of one statement. A parameter may have 1 GiB; so many
	// entries of the greatest size have a sixth of that.
	batch = 1000
	// maxKeys of one statement.
	maxKeys = 10_000
)

// Options of the memory. The zero value of a field means its default.
type Options struct {
	// Clock tells when entries expire, in place of the server's; the real one by
	// default.
	Clock clock.WithTicker
	// Observer is told what happens; nobody by default.
	Observer memory.Observer
	// Expiry is how long an entry is used after it was made; memory.DefaultExpiry by
	// default.
	Expiry time.Duration
	// MaxConns bounds the connections of this process; 8 by default, or what the URL
	// says in pool_max_conns.
	MaxConns int32
	// Timeout bounds each call to the server; 10 s by default.
	Timeout time.Duration
}

// Memory is the memory in a database. What is put is there for every process when
// Put returns. Its methods may be called from many goroutines.
type Memory struct {
	pool *pgxpool.Pool
	opts Options

	mu     sync.RWMutex
	closed bool
}

// Open connects to the database of a URL (or of a list of key=value, as psql takes
// it) and brings the tables up to date. It fails when the server does not answer.
// No error holds the URL or the password.
func Open(ctx context.Context, url string, opts Options) (*Memory, error) {
	config, err := pgxpool.ParseConfig(strings.TrimSpace(url))
	if err != nil {
		// The error quotes the URL, and cannot always tell where the password in it is.
		return nil, errors.New("the database URL cannot be read: it has the form postgres://user:password@host:5432/name")
	}
	opts = opts.withDefaults()
	if opts.MaxConns > 0 {
		config.MaxConns = opts.MaxConns
	} else if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = defaultMaxConns
	}
	config.PingTimeout = opts.Timeout
	config.ConnConfig.ConnectTimeout = opts.Timeout
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, failure("open the memory database", err)
	}
	m := &Memory{pool: pool, opts: opts}
	if err := m.migrate(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return m, nil
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.Observer == nil {
		o.Observer = memory.NopObserver{}
	}
	if o.Expiry <= 0 {
		o.Expiry = memory.DefaultExpiry
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return o
}

// Close ends the connections. A second call does nothing.
func (m *Memory) Close() error {
	m.mu.Lock()
	done := m.closed
	m.closed = true
	m.mu.Unlock()
	if !done {
		m.pool.Close()
	}
	return nil
}

func (m *Memory) isClosed() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.closed
}

// oldest is the time up to which entries have expired.
func (m *Memory) oldest() time.Time { return m.opts.Clock.Now().Add(-m.opts.Expiry).UTC() }

const selectEntries = `
SELECT key, masked, unknown, origin, created FROM dragoman_memory
WHERE namespace = $1 AND key = ANY($2::bytea[]) AND created > $3`

// Get returns what is remembered under the keys, by key. A key that is not in the
// answer is not remembered. An error means that this is not known.
func (m *Memory) Get(ctx context.Context, namespace string, keys []string) (map[string]memory.Entry, error) {
	if err := memory.CheckKeys(keys); err != nil {
		return nil, err
	}
	if m.isClosed() {
		return nil, memory.ErrClosed
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(keys)))
	found := make(map[string]memory.Entry, len(wanted))
	for chunk := range slices.Chunk(wanted, maxKeys) {
		if err := m.twice(ctx, func(ctx context.Context) error { return m.get(ctx, namespace, chunk, found) }); err != nil {
			return nil, failure(fmt.Sprintf("read the memory of namespace %q", namespace), err)
		}
	}
	if len(wanted) > 0 {
		m.opts.Observer.Got(len(found), len(wanted)-len(found))
	}
	return found, nil
}

func (m *Memory) get(ctx context.Context, namespace string, keys []string, into map[string]memory.Entry) error {
	raw := make([][]byte, len(keys))
	for i, k := range keys {
		raw[i] = keyBytes(k)
	}
	rows, err := m.pool.Query(ctx, selectEntries, namespace, raw, m.oldest())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			e       memory.Entry
			key     []byte
			unknown []byte
			origin  int16
		)
		if err := rows.Scan(&key, &e.Masked, &unknown, &origin, &e.Created); err != nil {
			return err
		}
		if err := json.Unmarshal(unknown, &e.Unknown); err != nil {
			return errors.New("the unknown words of an entry are no list")
		}
		e.Key, e.Origin, e.Created = hex.EncodeToString(key), memory.Origin(origin), e.Created.UTC()
		into[e.Key] = e
	}
	return rows.Err()
}

// upsert puts the rank of an entry into SQL: what is there gives way when it has
// expired, ranks below by its origin, or is of the same origin and not later.
const upsert = `
INSERT INTO dragoman_memory AS old (namespace, key, masked, unknown, origin, created)
SELECT $1, * FROM unnest($2::bytea[], $3::text[], $4::jsonb[], $5::smallint[], $6::timestamptz[])
ON CONFLICT (namespace, key) DO UPDATE SET
  masked = excluded.masked, unknown = excluded.unknown, origin = excluded.origin, created = excluded.created
WHERE old.created <= $7 OR old.origin < excluded.origin
   OR old.origin = excluded.origin AND old.created <= excluded.created`

// Put remembers entries. Those that rank below what is there are passed over. Under
// memory.ErrInvalid the valid ones were taken. After another error some may have
// been; it is safe to put all of them again.
func (m *Memory) Put(ctx context.Context, namespace string, entries []memory.Entry) error {
	if m.isClosed() {
		return memory.ErrClosed
	}
	// In the order of their keys, so that two calls lock rows in the same order.
	ready, invalid := memory.Prepare(entries, m.opts.Clock.Now(), m.opts.Expiry)
	for chunk := range slices.Chunk(ready, batch) {
		if err := m.twice(ctx, func(ctx context.Context) error { return m.put(ctx, namespace, chunk) }); err != nil {
			err = failure(fmt.Sprintf("store %d entries of namespace %q", len(chunk), namespace), err)
			m.opts.Observer.Stored(len(chunk), err)
			return errors.Join(invalid, err)
		}
		m.opts.Observer.Stored(len(chunk), nil)
	}
	return invalid
}

func (m *Memory) put(ctx context.Context, namespace string, entries []memory.Entry) error {
	n := len(entries)
	keys, masked, unknown := make([][]byte, n), make([]string, n), make([]string, n)
	origins, created := make([]int16, n), make([]time.Time, n)
	for i, e := range entries {
		words, err := json.Marshal(e.Unknown)
		if err != nil {
			return errors.New("the unknown words of an entry cannot be written")
		}
		keys[i], masked[i], unknown[i] = keyBytes(e.Key), e.Masked, string(words)
		origins[i], created[i] = int16(e.Origin), e.Created
	}
	_, err := m.pool.Exec(ctx, upsert, namespace, keys, masked, unknown, origins, created, m.oldest())
	return err
}

// twice makes a call within the deadline, and once more when the connection was
// lost: after a restart of the server every idle one is dead. All calls are safe to
// repeat.
func (m *Memory) twice(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Timeout)
	defer cancel()
	err := call(ctx)
	if err == nil || ctx.Err() != nil || !connectionLost(err) {
		return err
	}
	m.pool.Reset()
	return call(ctx)
}

// keyBytes of a key that was checked.
func keyBytes(key string) []byte {
	raw, err := hex.DecodeString(key)
	if err != nil {
		return nil // not reached: keys are checked before
	}
	return raw
}
