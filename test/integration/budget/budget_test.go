// Package budget_test shows what a ledger does on a real API server, with two
// managers and a crash.
package budget_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/internal/budget"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/test/cluster"
)

const euro = money.Euro(1_000_000)

var november = budget.Month(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))

// world is the control plane of all tests.
var world *cluster.Cluster

func TestMain(m *testing.M) {
	os.Exit(cluster.Main(m, func(c *cluster.Cluster) error {
		world = c
		return nil
	}))
}

// namespace makes one for a test.
func namespace(t *testing.T) string {
	t.Helper()
	name, err := world.Namespace(t.Context(), "budget")
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// manager makes a ledger, as a manager has one, and a way to kill it.
func manager(t *testing.T, writer client.Writer) (*budget.Ledger, func()) {
	t.Helper()
	l := budget.New(budget.ConfigMaps{Reader: world.Client, Writer: writer}, budget.Options{Interval: 20 * time.Millisecond})
	kill := func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = l.Close(ctx) // what is lost is what the tests are about
	}
	t.Cleanup(kill)
	return l, kill
}

func request(namespace string, job int, limits ...budget.Limit) budget.Request {
	return budget.Request{Namespace: namespace, Job: uid(job), Amount: euro, Limits: limits}
}

func uid(job int) types.UID { return types.UID(fmt.Sprintf("00000000-0000-4000-8000-%012d", job)) }

// ledger is what is stored, for a look from outside.
type ledger struct {
	Months map[string]struct {
		Settled string
		Open    map[string]any
	}
}

func stored(t *testing.T, namespace string) ledger {
	t.Helper()
	var m corev1.ConfigMap
	if err := world.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: budget.ConfigMapName}, &m); err != nil {
		t.Fatal(err)
	}
	if m.Labels[budget.Label] != "true" {
		t.Errorf("the labels of the ConfigMap are %v", m.Labels)
	}
	var l ledger
	if err := json.Unmarshal([]byte(m.Data["ledger.json"]), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// counting counts the writes. Once armed, the process dies with its next write
// stored and nobody told.
type counting struct {
	client.Writer
	writes atomic.Int32
	armed  atomic.Bool
	dying  chan struct{}
}

func (c *counting) stored(ctx context.Context, err error) error {
	c.writes.Add(1)
	if err != nil || !c.armed.CompareAndSwap(true, false) {
		return err
	}
	close(c.dying)
	<-ctx.Done()
	return ctx.Err()
}

func (c *counting) Create(ctx context.Context, obj client.Object, o ...client.CreateOption) error {
	return c.stored(ctx, c.Writer.Create(ctx, obj, o...))
}

func (c *counting) Update(ctx context.Context, obj client.Object, o ...client.UpdateOption) error {
	return c.stored(ctx, c.Writer.Update(ctx, obj, o...))
}

// TestTwoManagersAndAKill: 50 jobs ask two managers for what only 45 can have. One
// manager dies in the middle. The jobs that got no answer ask the other one.
func TestTwoManagersAndAKill(t *testing.T) {
	const jobs, early, fit = 50, 20, 45
	shop := namespace(t)
	limit := budget.Limit{Scope: november, Max: fit * euro}
	first, killFirst := manager(t, world.Client)
	mortal := &counting{Writer: world.Client, dying: make(chan struct{})}
	second, killSecond := manager(t, mortal)

	var mu sync.Mutex
	granted := map[int]bool{}
	ask := func(from, to int) {
		var asking sync.WaitGroup
		for job := from; job < to; job++ {
			asking.Go(func() {
				err := []*budget.Ledger{first, second}[job%2].Reserve(t.Context(), request(shop, job, limit))
				if _, occupied := errors.AsType[*budget.Occupied](err); err != nil && !occupied {
					err = first.Reserve(t.Context(), request(shop, job, limit))
				}
				if _, occupied := errors.AsType[*budget.Occupied](err); err != nil && !occupied {
					t.Errorf("job %d: %v", job, err)
				}
				mu.Lock()
				defer mu.Unlock()
				granted[job] = err == nil
			})
		}
		asking.Wait()
	}
	ask(0, early)
	// The first manager cannot take all that is left, so the second one writes too.
	mortal.armed.Store(true)
	killed := make(chan struct{})
	go func() {
		<-mortal.dying
		killSecond()
		close(killed)
	}()
	ask(early, jobs)
	<-killed

	n := 0
	held := stored(t, shop).Months["2026-11"].Open
	for job, ok := range granted {
		if !ok {
			continue
		}
		n++
		if held[string(uid(job))] == nil {
			t.Errorf("job %d was told that it may spend, and nothing is stored", job)
		}
	}
	if len(held) != fit || n != fit {
		t.Errorf("%d jobs may spend and %d hold a reservation, of the %d that fit", n, len(held), fit)
	}

	// The first manager goes too; the next one finds out what became of the jobs.
	killFirst()
	third, _ := manager(t, world.Client)
	if err := third.Reconcile(t.Context(), shop, ended{}); err != nil {
		t.Fatal(err)
	}
	after := stored(t, shop).Months["2026-11"]
	if after.Settled != "22.50" || len(after.Open) != 0 {
		t.Errorf("settled are %s, and %d jobs hold a reservation; want half of each reservation and none", after.Settled, len(after.Open))
	}
	names, err := third.Namespaces(t.Context())
	if err != nil || !strings.Contains(strings.Join(names, " "), shop) {
		t.Errorf("Namespaces() = %v, %v, want %s among them", names, err, shop)
	}
}

// ended is a world in which every job has ended, at half its price.
type ended struct{}

func (ended) Job(types.UID) (cost money.Euro, open, exists bool) { return euro / 2, false, true }
func (ended) Batch(types.UID) bool                               { return true }

func TestJobsShareWrites(t *testing.T) {
	shop := namespace(t)
	writer := &counting{Writer: world.Client}
	l, _ := manager(t, writer)
	limit := budget.Limit{Scope: november, Max: 1000 * euro}
	var asking sync.WaitGroup
	for job := range 200 {
		asking.Go(func() {
			if err := l.Reserve(t.Context(), request(shop, job, limit)); err != nil {
				t.Error(err)
			}
			l.Settle(shop, uid(job), euro/4)
		})
	}
	asking.Wait()
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("50.00", stored(t, shop).Months["2026-11"].Settled); diff != "" {
		t.Errorf("settled (-want +got):\n%s", diff)
	}
	if n := writer.writes.Load(); n > 20 {
		t.Errorf("200 jobs at once cost %d writes", n)
	}
}

func TestALedgerThatPeopleTouch(t *testing.T) {
	shop := namespace(t)
	l, _ := manager(t, world.Client)
	limit := budget.Limit{Scope: november, Max: 2 * euro}
	if err := l.Reserve(t.Context(), request(shop, 1, limit)); err != nil {
		t.Fatal(err)
	}
	m := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: shop, Name: budget.ConfigMapName}
	if err := world.Client.Get(t.Context(), key, m); err != nil {
		t.Fatal(err)
	}
	m.Data = map[string]string{"ledger.json": ""}
	if err := world.Client.Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := l.Reserve(t.Context(), request(shop, 2, limit)); err == nil || !strings.Contains(err.Error(), "delete it to begin a new ledger") {
		t.Errorf("an emptied ledger: Reserve() = %v", err)
	}
	if err := world.Client.Delete(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := l.Reserve(t.Context(), request(shop, 2, limit)); err != nil {
		t.Errorf("a deleted ledger: Reserve() = %v", err)
	}
	if open := stored(t, shop).Months["2026-11"].Open; len(open) != 1 {
		t.Errorf("a new ledger begins with %v", open)
	}
}

func TestANamespaceThatIsGone(t *testing.T) {
	store := budget.ConfigMaps{Reader: world.Client, Writer: world.Client}
	if _, err := store.Save(t.Context(), "nowhere", []byte("{}"), ""); !errors.Is(err, budget.ErrGone) {
		t.Errorf("Save() = %v, want ErrGone", err)
	}
	if data, version, err := store.Load(t.Context(), "nowhere"); err != nil || data != nil || version != "" {
		t.Errorf("Load() = %q, %q, %v, want nothing", data, version, err)
	}
	leaving := namespace(t)
	ns := &corev1.Namespace{}
	ns.Name = leaving
	if err := world.Client.Delete(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Save(t.Context(), leaving, []byte("{}"), ""); !errors.Is(err, budget.ErrGone) {
		t.Errorf("Save() into a namespace on its way out = %v, want ErrGone", err)
	}
	if err := world.Client.Get(t.Context(), client.ObjectKey{Namespace: leaving, Name: budget.ConfigMapName}, &corev1.ConfigMap{}); !apierrors.IsNotFound(err) {
		t.Errorf("the ledger is there: %v", err)
	}
}
