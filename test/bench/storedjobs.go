package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// parts are what an installation runs.
type parts struct {
	manager, adapter *process
	// managerMemory and adapterMemory are resident, in bytes, after both have settled;
	// noMemory says why they are not known.
	managerMemory, adapterMemory int64
	noMemory                     error
	// managerStart is from the start of the process until a job that was there before
	// had ended, adapterStart until the adapter said that it is ready.
	managerStart, adapterStart time.Duration
	latencies                  []time.Duration
}

// storedJobs measures what finished jobs in the store cost everybody: the same things
// without and with them.
func (b *bench) storedJobs(ctx context.Context, w *rows) (err error) {
	program, err := b.buildProgram(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, program.remove()) }()
	fresh, err := b.world.Namespace(ctx, "fresh")
	if err != nil {
		return err
	}
	full, err := b.world.Namespace(ctx, "stored")
	if err != nil {
		return err
	}
	keys := tenancy.Store{Client: b.world.Client, Random: rand.Reader, Now: time.Now}
	key, _, err := keys.Create(ctx, full, "bench")
	if err != nil {
		return err
	}
	without, err := b.look(ctx, program, fresh, 0, nil)
	if err != nil {
		return fmt.Errorf("without stored jobs: %w", err)
	}
	fmt.Fprintf(b.progress, "Storing %d finished jobs ...\n", b.Stored)
	if err := each(ctx, b.Stored, b.Writers, func(ctx context.Context, i int) error {
		return b.pair(ctx, job(full, i), b.ended())
	}); err != nil {
		return err
	}
	var pages []time.Duration
	with, err := b.look(ctx, program, fresh, b.Latencies+1, func(adapter *process) (err error) {
		pages, err = b.listed(ctx, adapter, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("with stored jobs: %w", err)
	}
	stored := job(full, 0)
	if err := b.world.Client.Get(ctx, client.ObjectKeyFromObject(stored), stored); err != nil {
		return fmt.Errorf("read a stored job: %w", err)
	}
	sent, err := json.Marshal(stored)
	if err != nil {
		return err
	}
	b.printStored(w, len(sent), without, with, pages)
	if with.noMemory != nil {
		return b.leaveOut(with.noMemory, "the memory of stored jobs")
	}
	return nil
}

func (b *bench) printStored(w *rows, bytes int, without, with parts, pages []time.Duration) {
	w.add("stored_jobs", "%d", b.Stored)
	w.add("stored_job_bytes", "%d", bytes)
	w.add("list_pages", "%d", len(pages))
	w.add("list_p50_ms", "%.2f", millis(share(pages, .5)))
	w.add("list_p99_ms", "%.2f", millis(share(pages, .99)))
	w.add("adapter_start_seconds_to_ready", "%.1f", with.adapterStart.Seconds())
	w.add("adapter_start_seconds_to_ready_empty", "%.1f", without.adapterStart.Seconds())
	w.add("manager_start_seconds_to_ready", "%.1f", with.managerStart.Seconds())
	w.add("manager_start_seconds_to_ready_empty", "%.1f", without.managerStart.Seconds())
	w.add("new_job_latency_p50_ms", "%.1f", millis(share(with.latencies, .5)))
	w.add("new_job_latency_p99_ms", "%.1f", millis(share(with.latencies, .99)))
	w.add("new_job_latency_ratio", "%.2f", float64(share(with.latencies, .5))/float64(share(without.latencies, .5)))
	w.add("new_job_latency_p99_ratio", "%.2f", float64(share(with.latencies, .99))/float64(share(without.latencies, .99)))
	if with.noMemory != nil {
		return
	}
	perJob := func(with, without int64) float64 { return float64(with-without) / 1024 / float64(b.Stored) }
	w.add("adapter_empty_mib", "%.1f", float64(without.adapterMemory)/mib)
	w.add("adapter_kib_per_stored_job", "%.2f", perJob(with.adapterMemory, without.adapterMemory))
	w.add("manager_empty_mib", "%.1f", float64(without.managerMemory)/mib)
	w.add("manager_kib_per_stored_job", "%.2f", perJob(with.managerMemory, without.managerMemory))
}

// look starts both parts, one after the other, and measures them. Jobs that it makes
// are in a namespace of their own, and have numbers from the first on.
func (b *bench) look(ctx context.Context, program *program, namespace string, first int, beside func(adapter *process) error) (p parts, err error) {
	if p.adapter, err = program.start(ctx, "apiserver", "--listen", "--requests-per-second=1000000", "--burst=1000000"); err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, p.adapter.stop()) }()
	if err := p.adapter.ready(ctx); err != nil {
		return p, err
	}
	p.adapterStart = time.Since(p.adapter.started)
	if err := b.startSeen(ctx, program, namespace, first, &p); err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, p.manager.stop()) }()
	if p.adapterMemory, p.noMemory = p.adapter.settled(ctx); p.noMemory == nil {
		p.managerMemory, p.noMemory = p.manager.settled(ctx)
	}
	if p.noMemory != nil && !errors.Is(p.noMemory, errNoProc) {
		return p, p.noMemory
	}
	if beside != nil {
		if err := errors.Join(beside(p.adapter), p.manager.heapProfile(ctx, b.HeapProfile)); err != nil {
			return p, err
		}
	}
	p.latencies, err = b.latencies(ctx, namespace, first+1)
	return p, err
}

// startSeen starts the manager and waits until it has ended a job that waits for it:
// only then it is of use. Its page that says it is ready comes before.
func (b *bench) startSeen(ctx context.Context, program *program, namespace string, first int, p *parts) (err error) {
	provider := &v1alpha1.TranslationProvider{}
	provider.Name, provider.Namespace, provider.Spec = providerName, namespace, at(v1alpha1.PseudoProvider).spec()
	if err := b.world.Client.Create(ctx, provider); client.IgnoreAlreadyExists(err) != nil {
		return fmt.Errorf("make the provider: %w", err)
	}
	jobs, err := watchJobs(ctx, b.world.Client, namespace)
	if err != nil {
		return err
	}
	defer jobs.close()
	if err := b.world.Client.Create(ctx, job(namespace, first)); err != nil {
		return fmt.Errorf("create a job: %w", err)
	}
	if p.manager, err = program.start(ctx, "manager", "--probe-addr"); err != nil {
		return err
	}
	if err := jobs.next(ctx, 5*time.Minute); err != nil {
		return errors.Join(err, p.manager.stop())
	}
	p.managerStart = time.Since(p.manager.started)
	return nil
}
