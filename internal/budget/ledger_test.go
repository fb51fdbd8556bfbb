package budget

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/internal/money"
)

var (
	errDown = errors.New("the store is down")
	errSlow = errors.New("the answer was lost")
)

// shelf is a store in memory, which may fail.
type shelf struct {
	mu           sync.Mutex
	data         map[string]string
	version      int
	loads, saves int
	// loading and saving return the error of a call; errSlow lets it be stored first.
	loading, saving func() error
}

func newShelf() *shelf {
	well := func() error { return nil }
	return &shelf{data: map[string]string{}, loading: well, saving: well}
}

// fail makes the calls to the store fail, or go well with nil.
func (s *shelf) fail(loading, saving error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loading, s.saving = func() error { return loading }, func() error { return saving }
}

func (s *shelf) Load(_ context.Context, namespace string) ([]byte, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	if err := s.loading(); err != nil {
		return nil, "", err
	}
	if s.data[namespace] == "" {
		return nil, "", nil
	}
	return []byte(s.data[namespace]), strconv.Itoa(s.version), nil
}

func (s *shelf) Save(_ context.Context, namespace string, data []byte, version string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saves++
	if (version == "") != (s.data[namespace] == "") || version != "" && version != strconv.Itoa(s.version) {
		return "", ErrConflict
	}
	err := s.saving()
	if err == nil || errors.Is(err, errSlow) {
		s.version++
		s.data[namespace] = string(data)
	}
	return strconv.Itoa(s.version), err
}

func (s *shelf) Namespaces(context.Context) ([]string, error) { return []string{"shop"}, nil }

// stored is the ledger of the namespace.
func (s *shelf) stored() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data["shop"]
}

// counts returns how often the store was asked.
func (s *shelf) counts() (loads, saves int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loads, s.saves
}

// open makes a ledger that ends with the test.
func open(t *testing.T, s Store) *Ledger {
	t.Helper()
	l := New(s, Options{})
	t.Cleanup(func() { kill(l) })
	return l
}

// kill ends a ledger as a crash would: nothing more is stored.
func kill(l *Ledger) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = l.Close(ctx) // what is lost is what the test is about
}

// pass lets the time of a synctest bubble pass.
func pass(d time.Duration) { <-time.After(d) }

// request asks for an amount of November.
func request(job string, amount, limit money.Euro) Request {
	return Request{Namespace: "shop", Job: types.UID(job), Amount: amount, Limits: []Limit{{Scope: november, Max: limit}}}
}

func TestManyRequestsShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		var wg sync.WaitGroup
		var mu sync.Mutex
		granted := 0
		for n := range 100 {
			wg.Go(func() {
				err := l.Reserve(t.Context(), request(fmt.Sprint(n), euro, 60*euro))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					granted++
				} else if _, occupied := errors.AsType[*Occupied](err); !occupied {
					t.Errorf("Reserve() = %v", err)
				}
			})
		}
		wg.Wait()
		if loads, saves := s.counts(); saves > 2 || loads > 2 {
			t.Errorf("100 requests cost %d reads and %d writes", loads, saves)
		}
		if held := strings.Count(s.stored(), `"max":"1.00"`); granted != 60 || held != 60 {
			t.Errorf("%d granted and %d stored of the 60 that fit", granted, held)
		}
		for n := range 100 {
			l.Settle("shop", types.UID(fmt.Sprint(n)), euro/2)
		}
		pass(time.Second)
		if diff := cmp.Diff(`{"months":{"2026-11":{"settled":"30.00"}}}`, s.stored()); diff != "" {
			t.Errorf("ledger (-want +got):\n%s", diff)
		}
		if _, saves := s.counts(); saves > 3 {
			t.Errorf("all in all %d writes", saves)
		}
	})
}

func TestCommitsKeepTheirDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		start := time.Now()
		for n := range 5 {
			if err := l.Reserve(t.Context(), request(fmt.Sprint(n), euro, 60*euro)); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 4*defaultInterval {
			t.Errorf("5 requests one after the other took %s, want four intervals and nothing for the first", took)
		}
	})
}

func TestWithoutALimitNothingIsTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		if err := l.Reserve(t.Context(), Request{Namespace: "shop", Job: "j", Amount: euro}); err != nil {
			t.Error(err)
		}
		if err := l.Reserve(t.Context(), request("j", 0, 0)); err != nil {
			t.Error(err)
		}
		if err := l.Reserve(t.Context(), request("", euro, euro)); err == nil {
			t.Error("a job without an id has reserved")
		}
		l.Settle("shop", "j", euro)
		l.Release("shop", "j")
		synctest.Wait()
		if loads, saves := s.counts(); loads != 0 || saves != 0 {
			t.Errorf("%d reads and %d writes", loads, saves)
		}
	})
}

func TestTwoManagersOnOneLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		a, b := open(t, s), open(t, s)
		ask := func(l *Ledger, job string) error { return l.Reserve(t.Context(), request(job, 2*euro, 3*euro)) }
		if err := ask(a, "1"); err != nil {
			t.Fatal(err)
		}
		if _, ok := errors.AsType[*Occupied](ask(b, "2")); !ok {
			t.Error("the second manager does not see what the first has granted")
		}
		a.Settle("shop", "1", euro)
		pass(time.Second)
		if err := ask(b, "2"); err != nil {
			t.Errorf("the second manager refuses on old knowledge: %v", err)
		}
		if _, ok := errors.AsType[*Exceeded](ask(a, "3")); ok {
			t.Error("1 of 3 EUR is settled: the rest may come free again")
		}
		// The first manager knows an older version, and writes on it.
		b.Release("shop", "2")
		pass(time.Second)
		if err := ask(a, "4"); err != nil {
			t.Error(err)
		}
		// A reservation that the other has ended is not granted from memory.
		b.Release("shop", "4")
		pass(time.Second)
		if err := ask(a, "4"); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(`{"months":{"2026-11":{"settled":"1.00","open":{"4":{"max":"2.00"}}}}}`, s.stored()); diff != "" {
			t.Errorf("ledger (-want +got):\n%s", diff)
		}
	})
}

func TestAStoreThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		ask := func() error { return l.Reserve(t.Context(), request("j", euro, euro)) }
		s.fail(errDown, nil)
		if err := ask(); !errors.Is(err, errDown) {
			t.Errorf("Reserve() = %v, want the store's error", err)
		}
		s.fail(nil, errSlow)
		if err := ask(); !errors.Is(err, errSlow) {
			t.Errorf("Reserve() = %v, want the store's error", err)
		}
		s.fail(nil, nil)
		if err := ask(); err != nil {
			t.Errorf("asked again after a lost answer: %v", err)
		}
		s.fail(nil, errDown)
		l.Settle("shop", "j", euro/2)
		pass(time.Minute)
		_, before := s.counts()
		s.fail(nil, nil)
		pass(2 * maxBackoff)
		if diff := cmp.Diff(`{"months":{"2026-11":{"settled":"0.50"}}}`, s.stored()); diff != "" {
			t.Errorf("what was settled while the store was down is lost (-want +got):\n%s", diff)
		}
		if before > 25 {
			t.Errorf("a store that was down for a minute was written to %d times", before)
		}
		s.fail(nil, func() error { return ErrConflict }())
		if err := l.Reserve(t.Context(), request("k", euro/4, euro)); !errors.Is(err, ErrConflict) {
			t.Errorf("Reserve() = %v, want an end to it", err)
		}
	})
}

func TestNothingIsKeptForANamespaceThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		if err := l.Reserve(t.Context(), request("j", euro, euro)); err != nil {
			t.Fatal(err)
		}
		s.fail(nil, ErrGone)
		l.Settle("shop", "j", euro)
		pass(time.Hour)
		if _, saves := s.counts(); saves != 2 {
			t.Errorf("%d writes, want one to find out", saves)
		}
	})
}

func TestALedgerThatCannotBeReadIsNotAnEmptyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.data["shop"] = "{"
		l := open(t, s)
		if err := l.Reserve(t.Context(), request("j", euro, euro)); err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("Reserve() = %v", err)
		}
		if err := l.Reconcile(t.Context(), "shop", world{}); err == nil {
			t.Error("Reconcile() went well")
		}
		s.data["shop"] = "{}"
		if err := l.Reserve(t.Context(), request("j", euro, euro)); err != nil {
			t.Errorf("mended, it is still refused: %v", err)
		}
	})
}

func TestWhoGivesUpReservesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		if err := l.Reserve(t.Context(), request("1", euro, 9*euro)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), defaultInterval/2)
		defer cancel()
		if err := l.Reserve(ctx, request("2", euro, 9*euro)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Reserve() = %v, want the context's error", err)
		}
		if err := l.Reserve(ctx, request("3", euro, 9*euro)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Reserve() = %v, want the context's error", err)
		}
		pass(time.Second)
		if diff := cmp.Diff(`{"months":{"2026-11":{"settled":"0.00","open":{"1":{"max":"1.00"}}}}}`, s.stored()); diff != "" {
			t.Errorf("ledger (-want +got):\n%s", diff)
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		if err := l.Reserve(t.Context(), request("j", euro, euro)); err != nil {
			t.Fatal(err)
		}
		l.Settle("shop", "j", euro)
		if err := l.Close(t.Context()); err != nil {
			t.Errorf("Close() = %v", err)
		}
		if diff := cmp.Diff(`{"months":{"2026-11":{"settled":"1.00"}}}`, s.stored()); diff != "" {
			t.Errorf("what was settled is lost (-want +got):\n%s", diff)
		}
		if err := l.Reserve(t.Context(), request("k", euro, euro)); !errors.Is(err, ErrClosed) {
			t.Errorf("Reserve() = %v, want ErrClosed", err)
		}
	})
}

func TestCloseDoesNotWaitForAStoreThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		if err := l.Reserve(t.Context(), request("j", euro, 9*euro)); err != nil {
			t.Fatal(err)
		}
		s.fail(nil, errDown)
		l.Settle("shop", "j", euro)
		waiting := make(chan error, 1)
		pass(time.Second)
		go func() { waiting <- l.Reserve(context.Background(), request("k", euro, 9*euro)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := l.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close() = %v, want the context's error", err)
		}
		if err := <-waiting; err == nil {
			t.Error("a request was granted at the end")
		}
	})
}

// world is what a test says there is: jobs by id, and batches.
type world struct {
	jobs    map[types.UID]job
	batches map[types.UID]bool
}

type job struct {
	cost money.Euro
	open bool
}

func (w world) Job(uid types.UID) (money.Euro, bool, bool) {
	j, ok := w.jobs[uid]
	return j.cost, j.open, ok
}

func (w world) Batch(uid types.UID) bool { return w.batches[uid] }

func TestReconcile(t *testing.T) {
	const ledger = `{"months":{"2026-11":{"settled":"1.00","open":{"j":{"max":"3.00","before":"0.50"},"k":{"max":"1.00"}}}},` +
		`"batches":{"b":{"settled":"0.00","open":{"j":{"max":"3.00"}}},"c":{"settled":"2.00"}}}`
	cases := map[string]struct {
		ledger string
		world  world
		want   string
	}{
		"all are under way": {
			ledger: ledger, want: ledger,
			world: world{jobs: map[types.UID]job{"j": {open: true}, "k": {open: true}}, batches: map[types.UID]bool{"b": true, "c": true}},
		},
		"one has ended": {
			ledger: ledger,
			world:  world{jobs: map[types.UID]job{"j": {cost: 2 * euro}, "k": {open: true}}, batches: map[types.UID]bool{"b": true, "c": true}},
			want:   `{"months":{"2026-11":{"settled":"2.50","open":{"k":{"max":"1.00"}}}},"batches":{"b":{"settled":"2.00"},"c":{"settled":"2.00"}}}`,
		},
		"one is gone, and counts with all that it held": {
			ledger: ledger,
			world:  world{jobs: map[types.UID]job{"k": {open: true}}, batches: map[types.UID]bool{"b": true, "c": true}},
			want:   `{"months":{"2026-11":{"settled":"3.50","open":{"k":{"max":"1.00"}}}},"batches":{"b":{"settled":"3.00"},"c":{"settled":"2.00"}}}`,
		},
		"a batch that is gone waits for its last job": {
			ledger: ledger,
			world:  world{jobs: map[types.UID]job{"j": {open: true}, "k": {open: true}}},
			want: `{"months":{"2026-11":{"settled":"1.00","open":{"j":{"max":"3.00","before":"0.50"},"k":{"max":"1.00"}}}},` +
				`"batches":{"b":{"settled":"0.00","open":{"j":{"max":"3.00"}}}}}`,
		},
		"nothing is left of what is gone": {
			ledger: ledger,
			want:   `{"months":{"2026-11":{"settled":"4.50"}}}`,
		},
		"no ledger is made": {},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShelf()
				if tc.ledger != "" {
					s.data["shop"] = tc.ledger
				}
				if err := open(t, s).Reconcile(t.Context(), "shop", tc.world); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.want, s.stored()); diff != "" {
					t.Errorf("ledger (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// late is a world that is looked at while something else happens.
type late struct {
	world
	meanwhile func()
}

func (w late) Job(uid types.UID) (money.Euro, bool, bool) {
	w.meanwhile()
	return w.world.Job(uid)
}

func TestReconcileLeavesAJobThatHasReservedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		l := open(t, s)
		if err := l.Reserve(t.Context(), request("j", euro, 9*euro)); err != nil {
			t.Fatal(err)
		}
		again := func() {
			if err := l.Reserve(t.Context(), request("j", 2*euro, 9*euro)); err != nil {
				t.Error(err)
			}
		}
		if err := l.Reconcile(t.Context(), "shop", late{meanwhile: again}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(`{"months":{"2026-11":{"settled":"0.00","open":{"j":{"max":"2.00"}}}}}`, s.stored()); diff != "" {
			t.Errorf("ledger (-want +got):\n%s", diff)
		}
	})
}

func TestAfterReconcileAJobOfAnEarlierProcessCanBeSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.data["shop"] = `{"months":{"2026-11":{"settled":"0.00","open":{"j":{"max":"1.00"}}}}}`
		l := open(t, s)
		if err := l.Reconcile(t.Context(), "shop", world{jobs: map[types.UID]job{"j": {open: true}}}); err != nil {
			t.Fatal(err)
		}
		l.Settle("shop", "j", euro/4)
		pass(time.Second)
		if diff := cmp.Diff(`{"months":{"2026-11":{"settled":"0.25"}}}`, s.stored()); diff != "" {
			t.Errorf("ledger (-want +got):\n%s", diff)
		}
	})
}
