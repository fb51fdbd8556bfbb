package postgres

import (
	"context"
	"time"
)

const (
	// expireEvery is how often rows that have expired are removed. Until then they
	// are not used, and only take place.
	expireEvery = time.Hour
	// expireChunk rows are removed in one statement, so that none holds locks for
	// long.
	expireChunk = 5000
)

// removeExpired leaves alone what another process is writing or removing.
const removeExpired = `
DELETE FROM dragoman_memory WHERE created <= $1 AND ctid = ANY(ARRAY(
  SELECT ctid FROM dragoman_memory WHERE created <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))`

// Start removes expired rows at once and then every hour, until the context ends.
// It always returns nil: errors go to the observer.
func (m *Memory) Start(ctx context.Context) error {
	ticker := m.opts.Clock.NewTicker(expireEvery)
	defer ticker.Stop()
	for {
		if removed, err := m.Expire(ctx); ctx.Err() == nil && (removed > 0 || err != nil) {
			m.opts.Observer.Tidied(removed, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C():
		}
	}
}

// Expire removes the rows that have expired, and returns how many there were.
func (m *Memory) Expire(ctx context.Context) (int, error) {
	removed := 0
	for {
		n, err := m.expireSome(ctx)
		removed += n
		if err != nil {
			return removed, failure("remove expired entries", err)
		}
		if n < expireChunk {
			return removed, nil
		}
	}
}

func (m *Memory) expireSome(ctx context.Context) (int, error) {
	removed := 0
	err := m.twice(ctx, func(ctx context.Context) error {
		tag, err := m.pool.Exec(ctx, removeExpired, m.oldest(), expireChunk)
		removed = int(tag.RowsAffected())
		return err
	})
	return removed, err
}
