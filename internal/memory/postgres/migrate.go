package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// migrationLock is the advisory lock under which the tables change: "dragoman" in
// ASCII.
const migrationLock = 0x647261676f6d616e

// migrations bring the tables from one version to the next. One that was released
// is never edited, and one that an older program could not live with needs a table
// of a new name: during an update both run.
var migrations = []string{
	`CREATE TABLE dragoman_memory (
	  namespace text        NOT NULL,
	  key       bytea       NOT NULL,
	  masked    text        NOT NULL,
	  unknown   jsonb       NOT NULL,
	  origin    smallint    NOT NULL,
	  created   timestamptz NOT NULL,
	  PRIMARY KEY (namespace, key)
	);
	CREATE INDEX dragoman_memory_created ON dragoman_memory (created);`,
}

// migrate brings the tables up to date. Of processes that start at one time one
// does it and the others wait. When there is nothing to do, nothing is changed, so
// that a role that may only read and write rows is enough from then on.
func (m *Memory) migrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Timeout)
	defer cancel()
	version, err := m.version(ctx)
	if err != nil {
		return failure("read the version of the memory's tables", err)
	}
	if version < len(migrations) {
		if version, err = m.upgrade(ctx); err != nil {
			return failure("bring the memory's tables up to date", err)
		}
	}
	if version > len(migrations) {
		return fmt.Errorf("the memory's tables have version %d and this program knows %d: a later one has used them", version, len(migrations))
	}
	return nil
}

// upgrade returns the version that the tables have then.
func (m *Memory) upgrade(ctx context.Context) (int, error) {
	tx, err := m.pool.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback(ctx) //nolint:errcheck // after a commit there is nothing to roll back
	// The lock ends with the transaction, also when the process does.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migrationLock)); err != nil {
		return 0, err
	}
	// Not to_regclass: it may still answer as before the wait for the lock.
	if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS dragoman_memory_version (version integer NOT NULL)`); err != nil {
		return 0, err
	}
	version, err := readVersion(ctx, tx)
	if err != nil || version >= len(migrations) {
		return version, err
	}
	for _, migration := range migrations[version:] {
		if _, err := tx.Exec(ctx, migration); err != nil {
			return 0, err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM dragoman_memory_version`); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO dragoman_memory_version (version) VALUES ($1)`, len(migrations)); err != nil {
		return 0, err
	}
	return len(migrations), tx.Commit(ctx)
}

// version of the tables; 0 when there are none.
func (m *Memory) version(ctx context.Context) (int, error) {
	var there bool
	err := m.pool.QueryRow(ctx, `SELECT to_regclass('dragoman_memory_version') IS NOT NULL`).Scan(&there)
	if err != nil || !there {
		return 0, err
	}
	return readVersion(ctx, m.pool)
}

// querier is the pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func readVersion(ctx context.Context, q querier) (int, error) {
	var version int
	err := q.QueryRow(ctx, `SELECT version FROM dragoman_memory_version`).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return version, err
}
