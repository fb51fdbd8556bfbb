package budget

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/money"
)

const (
	// maxEntries bounds a ledger: reservations, and the accounts of months and batches.
	// An entry has at most 107 bytes (an id of 40, two amounts of 20 digits), so all of
	// them stay below the 1 MiB of a ConfigMap.
	maxEntries = 9000
	// maxID bounds the id of a job or batch, in bytes. A UID has 36.
	maxID = 40
	// keptMonths is how many months stay in a ledger, counted back from the newest.
	keptMonths = 13
)

// amount is written as a decimal number of euro, for the people who look.
type amount money.Euro

func (a amount) MarshalJSON() ([]byte, error) {
	return json.Marshal(money.Euro(a).Decimal())
}

func (a *amount) UnmarshalJSON(data []byte) error {
	var d v1alpha1.Decimal
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	euro, err := money.Parse(d)
	*a = amount(euro)
	return err
}

// state is the ledger of one namespace.
type state struct {
	Months  map[string]*account `json:"months,omitempty"`
	Batches map[string]*account `json:"batches,omitempty"`
}

// account is the ledger of one scope.
type account struct {
	// Settled is what runs have cost that ended.
	Settled amount `json:"settled"`
	// Open are the reservations, by job.
	Open map[types.UID]hold `json:"open,omitempty"`
}

// hold is a reservation.
type hold struct {
	// Max is the most that the job can cost in all.
	Max amount `json:"max"`
	// Before is what it had cost when it reserved: counted then, or by nobody.
	Before amount `json:"before,omitzero"`
}

// money is what the account holds back for the job.
func (h hold) money() money.Euro { return left(money.Euro(h.Max), money.Euro(h.Before)) }

// settled is what the job adds to the account when it ends with a cost.
func (h hold) settled(cost money.Euro) money.Euro { return left(cost, money.Euro(h.Before)) }

// left is a minus b, and at least 0.
func left(a, b money.Euro) money.Euro { return max(a, b) - b }

// decode reads a ledger; nothing is an empty one. What cannot be understood whole is
// an error: to forget a part would let more be spent.
func decode(data []byte) (*state, error) {
	s := &state{}
	if len(data) == 0 {
		return s, nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(s); err != nil {
		return nil, fmt.Errorf("the ledger cannot be read: %w", err)
	}
	if dec.More() {
		return nil, errors.New("the ledger cannot be read: something follows its end")
	}
	for month := range s.Months {
		if _, err := time.Parse(monthLayout, month); err != nil {
			return nil, fmt.Errorf("the ledger cannot be read: %w", err)
		}
	}
	for scope, a := range s.accounts() {
		if a == nil {
			return nil, fmt.Errorf("the ledger cannot be read: %s is null", scope)
		}
	}
	return s, nil
}

// encode writes a ledger, the same bytes for the same state.
func (s *state) encode() ([]byte, error) { return json.Marshal(s) }

// accounts goes over every account.
func (s *state) accounts() func(func(Scope, *account) bool) {
	return func(yield func(Scope, *account) bool) {
		for k, accounts := range map[kind]map[string]*account{monthKind: s.Months, batchKind: s.Batches} {
			for name, a := range accounts {
				if !yield(Scope{kind: k, name: name}, a) {
					return
				}
			}
		}
	}
}

// account returns the account of a scope; an empty one when there is none.
func (s *state) account(scope Scope) *account {
	accounts := s.Months
	if scope.kind == batchKind {
		accounts = s.Batches
	}
	if a, ok := accounts[scope.name]; ok {
		return a
	}
	return &account{}
}

// put makes an account part of the ledger.
func (s *state) put(scope Scope, a *account) {
	into := &s.Months
	if scope.kind == batchKind {
		into = &s.Batches
	}
	if *into == nil {
		*into = map[string]*account{}
	}
	(*into)[scope.name] = a
}

// entries counts what maxEntries bounds.
func (s *state) entries() int {
	n := 0
	for _, a := range s.accounts() {
		n += 1 + len(a.Open)
	}
	return n
}

// reserve grants a request, or leaves everything as it is and returns why not. A
// hold that is large enough is kept without a look at the limit: it was granted, and
// a limit that is lowered holds for what comes after.
func (s *state) reserve(r Request) error {
	if err := s.refusal(r); err != nil {
		return err
	}
	now := make(map[Scope]bool, len(r.Limits))
	for _, l := range r.Limits {
		now[l.Scope] = true
	}
	// A scope that no longer holds for the job, such as last month's, is closed with
	// what the job has spent: what follows counts elsewhere.
	for scope, a := range s.accounts() {
		if !now[scope] {
			a.settle(r.Job, r.Spent)
		}
	}
	for scope := range now {
		a := s.account(scope)
		h, held := a.Open[r.Job]
		if !held {
			h.Before = amount(r.Spent)
		}
		// Never lower: when the answer to this is lost, the job goes on under what it was
		// granted before.
		h.Max = max(h.Max, amount(r.Amount))
		if a.Open == nil {
			a.Open = map[types.UID]hold{}
		}
		a.Open[r.Job] = h
		s.put(scope, a)
	}
	return nil
}

// refusal says why a request cannot be granted, or nil. What can never be granted
// comes before what may be later.
func (s *state) refusal(r Request) error {
	var occupied error
	added := 0
	for _, l := range r.Limits {
		a := s.account(l.Scope)
		h, held := a.Open[r.Job]
		if !held {
			h.Before = amount(r.Spent)
			added += 2 // perhaps a new account too
		} else if money.Euro(h.Max) >= r.Amount {
			continue
		}
		b := Balance{Limit: l, Settled: money.Euro(a.Settled), Reserved: a.reserved(r.Job), Wanted: h.settled(r.Amount)}
		switch {
		case b.Wanted == 0:
		case b.Settled.Plus(b.Wanted) > l.Max:
			return &Exceeded{b}
		case b.Settled.Plus(b.Reserved).Plus(b.Wanted) > l.Max && occupied == nil:
			occupied = &Occupied{b}
		}
	}
	if occupied == nil && added > 0 && s.entries()+added > maxEntries {
		return &Full{Entries: maxEntries}
	}
	return occupied
}

// reserved is what all jobs but one hold.
func (a *account) reserved(but types.UID) money.Euro {
	var sum money.Euro
	for job, h := range a.Open {
		if job != but {
			sum = sum.Plus(h.money())
		}
	}
	return sum
}

// settle ends the reservations of a job with what it has cost in all. A job without
// any changes nothing, so it may be told twice.
func (s *state) settle(job types.UID, cost money.Euro) {
	for _, a := range s.accounts() {
		a.settle(job, cost)
	}
}

// settle ends the reservation of a job in one account.
func (a *account) settle(job types.UID, cost money.Euro) {
	if h, ok := a.Open[job]; ok {
		a.Settled = amount(money.Euro(a.Settled).Plus(h.settled(cost)))
		delete(a.Open, job)
	}
}

// release ends the reservations of a job that has spent nothing under them.
func (s *state) release(job types.UID) {
	for _, a := range s.accounts() {
		delete(a.Open, job)
	}
}

// holds returns the reservations of every job.
func (s *state) holds() map[types.UID]map[Scope]hold {
	all := map[types.UID]map[Scope]hold{}
	for scope, a := range s.accounts() {
		for job, h := range a.Open {
			if all[job] == nil {
				all[job] = map[Scope]hold{}
			}
			all[job][scope] = h
		}
	}
	return all
}

// prune drops accounts that say nothing any more: those with nothing in them, and
// months long before the newest. What is reserved stays.
func (s *state) prune() {
	idle := func(_ string, a *account) bool { return a.Settled == 0 && len(a.Open) == 0 }
	maps.DeleteFunc(s.Months, idle)
	maps.DeleteFunc(s.Batches, idle)
	if len(s.Months) <= keptMonths {
		return
	}
	newest, err := time.Parse(monthLayout, slices.Max(slices.Collect(maps.Keys(s.Months))))
	if err != nil {
		return // decode admits no such month
	}
	oldest := newest.AddDate(0, 1-keptMonths, 0).Format(monthLayout)
	maps.DeleteFunc(s.Months, func(month string, a *account) bool { return month < oldest && len(a.Open) == 0 })
}

// check refuses what a ledger cannot hold.
func (r Request) check() error {
	if r.Job == "" || len(r.Job) > maxID {
		return fmt.Errorf("the id of a job has 1 to %d bytes, not %d", maxID, len(r.Job))
	}
	if r.Amount < 0 || r.Spent < 0 {
		return errors.New("an amount of money is less than nothing")
	}
	for _, l := range r.Limits {
		if l.Scope.kind == 0 || l.Scope.name == "" || len(l.Scope.name) > maxID {
			return fmt.Errorf("the scope of a limit has a name of 1 to %d bytes, not %d", maxID, len(l.Scope.name))
		}
		if l.Max < 0 {
			return fmt.Errorf("%s is less than nothing", l)
		}
	}
	return nil
}
