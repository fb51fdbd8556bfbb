package budget

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/internal/money"
)

// play is a namespace with jobs that spend, in the hands of two managers that crash.
type play struct {
	t      *testing.T
	chance *rand.Rand
	shelf  *shelf
	// Two managers, each with the even or the odd jobs.
	managers [2]*Ledger
	jobs     []*actor
	// spent in all, also by jobs that were deleted.
	spent, refused money.Euro
}

// actor is a job. What it has cost is on record at every moment; whether it may
// spend is lost in a crash.
type actor struct {
	uid     types.UID
	cost    money.Euro
	may     money.Euro
	running bool
}

const most = money.Euro(50)

func (p *play) step() {
	n := p.chance.IntN(len(p.jobs))
	a, l := p.jobs[n], p.managers[n%2]
	switch p.chance.IntN(12) {
	case 0: // a crash, before or after what is under way
		kill(l)
		p.managers[n%2] = New(p.shelf, Options{})
		for i, other := range p.jobs {
			if i%2 == n%2 {
				other.may = 0
			}
		}
	case 1:
		if err := l.Reconcile(p.t.Context(), "shop", p); err != nil {
			p.refused++
		}
	case 2:
		if p.chance.IntN(4) == 0 { // deleted without a word
			*a = actor{uid: a.uid + "'"}
		}
	case 3, 4, 5:
		amount := a.cost + money.Euro(p.chance.IntN(12))
		a.running = true
		err := l.Reserve(p.t.Context(), Request{
			Namespace: "shop", Job: a.uid, Amount: amount, Spent: a.cost,
			Limits: []Limit{{Scope: november, Max: most}, {Scope: batch, Max: most - 5}},
		})
		if err == nil {
			a.may = amount
		} else {
			p.refused++
		}
	case 6, 7, 8:
		if a.running && a.may > a.cost {
			more := money.Euro(p.chance.Int64N(int64(a.may-a.cost) + 1))
			a.cost += more
			p.spent += more
		}
	case 9, 10: // the end, and whether it is told
		a.running, a.may = false, 0
		l.Settle("shop", a.uid, a.cost)
	case 11:
		pass(time.Duration(p.chance.IntN(400)) * time.Millisecond)
	}
}

// Job and Batch make the play a World.
func (p *play) Job(uid types.UID) (cost money.Euro, open, exists bool) {
	for _, a := range p.jobs {
		if a.uid == uid {
			return a.cost, a.running, true
		}
	}
	return 0, false, false
}

func (p *play) Batch(types.UID) bool { return true }

// TestNoCrashLetsMoreBeSpent plays with a store that fails before a write, after it,
// and not at all, and with managers that die in between.
func TestNoCrashLetsMoreBeSpent(t *testing.T) {
	var spent, refused money.Euro
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chance := rand.New(rand.NewPCG(seed, 7))
				// The store has chance of its own, as it is asked from other goroutines.
				trouble := rand.New(rand.NewPCG(seed, 8))
				p := &play{t: t, chance: chance, shelf: newShelf()}
				p.shelf.loading = func() error { return []error{nil, nil, nil, nil, errDown}[trouble.IntN(5)] }
				p.shelf.saving = func() error { return []error{nil, nil, nil, errDown, errSlow, ErrConflict}[trouble.IntN(6)] }
				for i := range p.managers {
					p.managers[i] = New(p.shelf, Options{})
				}
				for n := range 8 {
					p.jobs = append(p.jobs, &actor{uid: types.UID(fmt.Sprint(n))})
				}
				for range 300 {
					p.step()
					if p.spent > most-5 {
						t.Fatalf("the jobs have spent %d of %d", p.spent, most-5)
					}
				}
				for _, l := range p.managers {
					kill(l)
				}
				p.shelf.fail(nil, nil)
				for _, a := range p.jobs {
					a.running = false
				}
				last := open(t, p.shelf)
				if err := last.Reconcile(t.Context(), "shop", p); err != nil {
					t.Fatal(err)
				}
				s := read(t, p.shelf.stored())
				for _, scope := range []Scope{november, batch} {
					a := s.account(scope)
					if counted := money.Euro(a.Settled); len(a.Open) > 0 || counted < p.spent || counted > most {
						t.Errorf("%s counts %d, with %d still reserved; the jobs spent %d", scope, counted, len(a.Open), p.spent)
					}
				}
				spent += p.spent
				refused += p.refused
			})
		})
	}
	if spent < 1000 || refused < 1000 {
		t.Errorf("%d spent, %d refused: the test plays too little", spent, refused)
	}
}
