package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/test/cluster"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

const (
	// managerNamespace holds the lease.
	managerNamespace = "dragoman-system"
	progressEvery    = 5 * time.Second
	// createPatience bounds the making of one object while the API server comes back.
	createPatience = time.Minute
	// firstSupply is the part of the jobs that is made before the first blow.
	firstSupply = 4
)

// chaos is one run.
type chaos struct {
	options
	plan     plan
	world    *world
	crew     *crew
	ledger   *ledger
	watcher  *watcher
	model    *openaitest.Server
	progress io.Writer
	began    time.Time

	mu     sync.Mutex
	killed map[string]int
	made   int
}

// translated is the rule of the provider. Length, numbers and form stay as they are,
// so that every answer that arrives whole passes QA.
func translated(text string) string { return scripted.NonsenseText(text) }

// run starts everything, lets the killer loose, waits for the jobs and audits. All
// that was started is ended, and all that was written removed, also after an error.
func run(ctx context.Context, o options, rows, progress io.Writer) (err error) {
	c := &chaos{options: o, ledger: &ledger{}, progress: progress, began: time.Now(), killed: map[string]int{}}
	if c.plan, err = planned(o); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "dragoman-chaos-")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c.say("Building the program ...")
	binary := filepath.Join(dir, "dragoman")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/dragoman")
	build.Dir = cluster.Path()
	if out, err := build.CombinedOutput(); err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("build the program: %w: %s", err, out))
	}
	c.say("Starting a control plane ...")
	if c.world, err = startWorld(dir, binary); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.world.Stop()) }()
	c.watcher = newWatcher(c.world.Client, c.ledger, c.plan.Tasks)
	endpoint, stop, err := c.openShop()
	if err != nil {
		return err
	}
	defer stop()
	if err := c.furnish(ctx, endpoint); err != nil {
		return err
	}
	watching, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	defer watch.Wait()
	defer cancel()
	watch.Go(func() { c.watcher.run(watching) })
	watch.Go(func() { c.tell(watching) })
	c.crew = &crew{binary: binary, kubeconfig: c.world.Kubeconfig, lease: o.Lease, logs: o.Logs, ended: c.ledger.managerEnded}
	defer c.crew.stop()
	if err := c.unleash(ctx); err != nil {
		return err
	}
	if err := c.await(ctx); err != nil {
		return err
	}
	report, err := c.audit(ctx)
	if err != nil {
		return err
	}
	return report.print(rows, progress)
}

// openShop starts the provider and the till before it.
func (c *chaos) openShop() (endpoint string, stop func(), err error) {
	c.model = openaitest.Start()
	c.model.Translate = func(_ engine.Pair, text string) string { return translated(text) }
	c.model.Mix(openaitest.Storm(c.Seed))
	till, err := newTill(c.ledger, c.model.URL, c.Seed, c.watcher.checkPlan)
	if err != nil {
		c.model.Close()
		return "", nil, err
	}
	front := httptest.NewServer(till.handler())
	return front.URL + "/v1", func() {
		close(till.closing)
		c.model.Close() // and with it the calls that hang
		front.Close()
	}, nil
}

// furnish makes what jobs need: namespaces, one of them with a budget, and the
// provider.
func (c *chaos) furnish(ctx context.Context, endpoint string) error {
	objects := []client.Object{&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: managerNamespace}}}
	for i, name := range c.plan.Namespaces {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if i == len(c.plan.Namespaces)-1 {
			namespace.Annotations = map[string]string{v1alpha1.MonthlyBudgetAnnotation: string(c.plan.Monthly)}
		}
		objects = append(objects, namespace)
	}
	for _, object := range append(objects, provider(endpoint, openaitest.Model)) {
		if err := c.create(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

// create makes an object, also when the API server is away for a while.
func (c *chaos) create(ctx context.Context, object client.Object) error {
	err := poll(ctx, createPatience, func() error {
		err := c.world.Client.Create(ctx, object)
		if apierrors.IsAlreadyExists(err) {
			return nil // the answer to the first try was lost
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("make %T %q: %w", object, object.GetName(), err)
	}
	return nil
}

// unleash starts the first manager and kills what there is to kill, while jobs come
// in.
func (c *chaos) unleash(ctx context.Context) error {
	for _, batch := range c.plan.Batches {
		if err := c.create(ctx, batch); err != nil {
			return err
		}
	}
	if err := c.crew.start(); err != nil {
		return err
	}
	rng, blows := draw(c.options)
	k := &killer{world: c.world, crew: c.crew, rng: rng, blows: blows, supply: c.supply, struck: func(program string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.killed[program]++
	}}
	if err := k.run(ctx); err != nil {
		return err
	}
	return c.supply(ctx, len(blows), len(blows))
}

// supply makes the jobs that are due before a blow: a quarter at once, the others bit
// by bit, the last ones before the last blow.
func (c *chaos) supply(ctx context.Context, blow, blows int) error {
	all := len(c.plan.Alone)
	due := all
	if blow+1 < blows {
		due = all/firstSupply + (all-all/firstSupply)*blow/(blows-1)
	}
	for c.made < due {
		if err := c.create(ctx, c.plan.Alone[c.made].job()); err != nil {
			return err
		}
		c.mu.Lock()
		c.made++
		c.mu.Unlock()
	}
	return nil
}

// await waits until every job has ended, or nothing has changed for too long.
func (c *chaos) await(ctx context.Context) error {
	every := time.NewTicker(retryEvery)
	defer every.Stop()
	for {
		ended, changed := c.watcher.ended()
		if ended >= len(c.plan.Tasks) || time.Since(changed) > c.Patience {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}

// tell prints how far the run is, every few seconds.
func (c *chaos) tell(ctx context.Context) {
	every := time.NewTicker(progressEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		ended, _ := c.watcher.ended()
		c.mu.Lock()
		kills := []string{}
		for _, program := range []string{managerProgram, apiserverProgram, etcdProgram, freeze} {
			kills = append(kills, fmt.Sprintf("%s %d", program, c.killed[program]))
		}
		made := c.made
		c.mu.Unlock()
		c.say("%4.0f s: %d of %d jobs ended, %d made one by one, %d segments sold, killed: %s",
			time.Since(c.began).Seconds(), ended, len(c.plan.Tasks), made, c.ledger.sold(), strings.Join(kills, ", "))
	}
}

func (c *chaos) say(format string, args ...any) { fmt.Fprintf(c.progress, format+"\n", args...) }
