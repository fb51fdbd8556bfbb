// Package budget holds what the jobs of a namespace may cost together under its
// limits: those of a month, and those of a batch.
//
// A job reserves the most it can cost before its first call, and settles what it did
// cost at its end. Both stand in a ledger that is written before the call is made, so
// that no crash lets more be spent than the limits say; what a deleted job cost stays
// counted. The limits themselves are the caller's to find.
//
// It owns the ledger: its rules (state.go), the commits (ledger.go, book.go) and the
// ConfigMap they go to (configmap.go). It must not import controllers or the pipeline.
package budget

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/internal/money"
)

// monthLayout is how a month is written, such as 2026-11.
const monthLayout = "2006-01"

// kind is what a limit is about.
type kind int

const (
	monthKind kind = iota + 1
	batchKind
)

// Scope is what a limit counts: the jobs of a month, or those of a batch.
type Scope struct {
	kind kind
	name string
}

// Month returns the scope of the calendar month, in UTC, that a time is in.
func Month(t time.Time) Scope { return Scope{kind: monthKind, name: t.UTC().Format(monthLayout)} }

// Batch returns the scope of a batch.
func Batch(uid types.UID) Scope { return Scope{kind: batchKind, name: string(uid)} }

// Name of the scope alone: the month, or the uid of the batch.
func (s Scope) Name() string { return s.name }

// IsBatch says whether the scope is a batch.
func (s Scope) IsBatch() bool { return s.kind == batchKind }

// String returns the scope as "month 2026-11" or "batch <uid>".
func (s Scope) String() string {
	if s.kind == batchKind {
		return "batch " + s.name
	}
	return "month " + s.name
}

// Limit is the most that the jobs of a scope may cost together.
type Limit struct {
	Scope Scope
	Max   money.Euro
	// Label names the limit in messages, such as `the budget of namespace "shop" for
	// 2026-11`; the scope does without one.
	Label string
}

// String returns the label, or the scope.
func (l Limit) String() string {
	if l.Label != "" {
		return l.Label
	}
	return "the budget of " + l.Scope.String()
}

// Request asks that a job may spend.
type Request struct {
	Namespace string
	Job       types.UID
	// Amount is the most that the job can cost in all, over all of its runs: what it
	// has cost so far is in it.
	Amount money.Euro
	// Spent is what the job has cost so far, over all of its runs, as the caller has it
	// on record. It is not reserved anew: it was counted when it was spent, or no limit
	// held then.
	Spent money.Euro
	// Limits that hold for the job now. Each scope stands in them once.
	Limits []Limit
}

// Balance is how a limit stood when a job asked.
type Balance struct {
	Limit Limit
	// Settled is what ended runs have cost; Reserved what other jobs hold; Wanted what
	// the job can still cost.
	Settled, Reserved, Wanted money.Euro
}

// Exceeded is the error of a job that can cost more than is left of a limit, even
// if every other reservation came to nothing. Waiting does not help.
type Exceeded struct{ Balance }

// Error names what was asked for and what is left, in euro.
func (e *Exceeded) Error() string {
	return fmt.Sprintf("the job can cost %s EUR more, and %s has %s EUR left of %s EUR",
		e.Wanted.Decimal(), e.Limit, left(e.Limit.Max, e.Settled).Decimal(), e.Limit.Max.Decimal())
}

// Occupied is the error of a job that does not fit while other jobs hold what they
// may not need. It may fit when they have ended.
type Occupied struct{ Balance }

// Error names what was asked for and what is free, in euro.
func (o *Occupied) Error() string {
	return fmt.Sprintf("the job can cost %s EUR more, and %s has %s EUR free of %s EUR: other jobs hold %s EUR until they end",
		o.Wanted.Decimal(), o.Limit, left(o.Limit.Max, o.Settled.Plus(o.Reserved)).Decimal(), o.Limit.Max.Decimal(), o.Reserved.Decimal())
}

// Full is the error of a job that comes when a namespace has as many reservations
// as one ledger holds. It fits when others have ended.
type Full struct {
	// Entries is the most that a ledger holds.
	Entries int
}

// Error names the bound.
func (f *Full) Error() string {
	return fmt.Sprintf("the ledger of the namespace holds its most of %d reservations and batches", f.Entries)
}
