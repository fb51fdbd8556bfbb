package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/fanout"
	"github.com/dragoman-dev/dragoman/test/build"
)

// batchLanguages multiply the items of the batch.
var batchLanguages = []v1alpha1.LanguageTag{"ca", "de", "en", "eu", "fr", "gl", "it", "nl", "pt", "ro"}

// A batch whose owner cares for the others at the API server more than for its end: few
// unfinished jobs at one time.
const (
	considerate      int32 = 1
	considerateItems int   = 40
)

// item is a short text of a batch, and of the jobs that it is measured against.
func item(i int) string { return fmt.Sprintf("El pedido %06d llega mañana.", i) }

// batch runs one batch, against as many single jobs of the same kind that a client
// makes. A process of its own runs the controllers, so that its memory can be seen,
// and its engine is the one that costs next to nothing.
func (b *bench) batch(ctx context.Context, w *rows) (err error) {
	program, err := b.buildProgram(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, program.remove()) }()
	manager, err := program.start(ctx, "manager", "--probe-addr")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, manager.stop()) }()
	namespace, err := b.world.Namespace(ctx, "batch")
	if err != nil {
		return err
	}
	if err := b.provide(ctx, namespace, at(v1alpha1.PseudoProvider)); err != nil {
		return err
	}
	single, owned := &peer{job: b.single}, &peer{job: b.owned}
	if err := b.batchPeers(ctx, namespace, single, owned); err != nil {
		return err
	}
	before, rssErr := manager.settled(ctx)
	if rssErr != nil && !errors.Is(rssErr, errNoProc) {
		return rssErr
	}
	idle, err := b.gets(ctx, namespace, func() error { return hold(ctx, 10*time.Second) })
	if err != nil {
		return err
	}
	var most int64
	r, gets, err := b.batchRound(ctx, namespace, b.BatchItems, nil, func(ctx context.Context) {
		if rssErr == nil {
			most, rssErr = manager.highest(ctx)
		}
	})
	if err != nil {
		return err
	}
	slow, slowGets, err := b.batchRound(ctx, namespace, min(b.BatchItems, considerateItems), new(considerate), func(context.Context) {})
	if err != nil {
		return fmt.Errorf("the batch of few jobs at one time: %w", err)
	}
	if err := b.batchPeers(ctx, namespace, owned, single); err != nil {
		return err
	}
	w.add("batch_jobs", "%d", r.jobs)
	w.add("batch_jobs_per_s", "%.1f", r.rate())
	w.add("batch_peer_jobs_per_s", "%.1f", single.mean(round.rate))
	w.add("batch_ratio", "%.2f", r.rate()/single.mean(round.rate))
	w.add("batch_ratio_to_owned_jobs", "%.2f", r.rate()/owned.mean(round.rate))
	w.add("batch_server_cpu_ms_per_job", "%.2f", serverMillis(r))
	w.add("batch_peer_server_cpu_ms_per_job", "%.2f", single.mean(serverMillis))
	w.add("batch_owned_peer_server_cpu_ms_per_job", "%.2f", owned.mean(serverMillis))
	w.add("writes_per_batch_job", "%.2f", writesOf(jobs)(r))
	w.add("writes_of_batch_per_job", "%.4f", writesOf(batches)(r))
	w.add("kubectl_get_p99_idle_ms", "%.2f", millis(share(idle, .99)))
	w.add("kubectl_get_p99_batch_ms", "%.2f", millis(share(gets, .99)))
	w.add("kubectl_get_p99_single_jobs_ms", "%.2f", millis(share(single.gets, .99)))
	w.add("kubectl_get_p99_ratio", "%.2f", float64(share(gets, .99))/float64(share(idle, .99)))
	w.add("kubectl_get_p50_ratio", "%.2f", float64(share(gets, .5))/float64(share(idle, .5)))
	w.add("considerate_batch_jobs_per_s", "%.1f", slow.rate())
	w.add("considerate_kubectl_get_p99_ratio", "%.2f", float64(share(slowGets, .99))/float64(share(idle, .99)))
	if rssErr != nil {
		return b.leaveOut(rssErr, "the memory of the manager")
	}
	w.add("manager_rss_before_batch_mib", "%.1f", float64(before)/mib)
	w.add("manager_rss_growth_mib", "%.1f", float64(most-before)/mib)
	return nil
}

// peer is what a batch is measured against: as many jobs that a client makes.
type peer struct {
	job    func(namespace string, i int) *v1alpha1.TranslationJob
	rounds []round
	// gets of somebody else while they were made.
	gets []time.Duration
}

// mean of a number over the rounds.
func (p *peer) mean(of func(round) float64) float64 {
	var sum float64
	for _, r := range p.rounds {
		sum += of(r)
	}
	return sum / float64(len(p.rounds))
}

// batchPeers makes a round of each, one after the other. They are made before the
// batch and, the other way round, after it: a machine or an API server that becomes
// slower meanwhile does so to all of them alike.
func (b *bench) batchPeers(ctx context.Context, namespace string, peers ...*peer) error {
	for _, p := range peers {
		r, gets, err := b.batchPeer(ctx, namespace, p.job)
		if err != nil {
			return fmt.Errorf("the jobs beside the batch: %w", err)
		}
		p.rounds, p.gets = append(p.rounds, r), append(p.gets, gets...)
	}
	return nil
}

// single is a job of the kind that the batch makes, as a client makes it.
func (b *bench) single(namespace string, i int) *v1alpha1.TranslationJob {
	language := string(batchLanguages[i%len(batchLanguages)])
	return build.Job(fmt.Sprintf("single-%06d", i), namespace).Languages("es", language).
		Text(item(i + b.BatchItems)).Provider(providerName).Obj()
}

// owned is the same with the owner, the label and the annotations of a job of a batch,
// which the API server has to do something for.
func (b *bench) owned(namespace string, i int) *v1alpha1.TranslationJob {
	batch := b.batchOf("owner", namespace, item(i+b.BatchItems))
	batch.UID = "00000000-0000-4000-8000-000000000000" // nobody's
	job := fanout.BuildJob(batch, 0, string(batchLanguages[i%len(batchLanguages)]))
	job.Name = fmt.Sprintf("owned-%06d", i)
	return job
}

func (b *bench) batchOf(name, namespace string, texts ...string) *v1alpha1.TranslationBatch {
	batch := build.Batch(name, namespace, batchLanguages, texts...)
	batch.Spec.Template.ProviderRef = build.Job("", "").Provider(providerName).Spec.ProviderRef
	return batch
}

// batchPeer has a client make such jobs, and removes them.
func (b *bench) batchPeer(ctx context.Context, namespace string, job func(namespace string, i int) *v1alpha1.TranslationJob) (r round, gets []time.Duration, err error) {
	n := b.BatchItems * len(batchLanguages)
	gets, err = b.gets(ctx, namespace, func() (err error) {
		r, err = b.created(ctx, n, func(i int) *v1alpha1.TranslationJob { return job(namespace, i) })
		return err
	})
	if err != nil {
		return r, gets, err
	}
	if err := b.world.Client.DeleteAllOf(ctx, &v1alpha1.TranslationJob{}, client.InNamespace(namespace)); err != nil {
		return r, gets, fmt.Errorf("clear up before the batch: %w", err)
	}
	return r, gets, nil
}

// batchRound makes the batch, and waits until the last of its jobs has ended.
func (b *bench) batchRound(
	ctx context.Context, namespace string, items int, maxParallel *int32, beside func(context.Context),
) (r round, gets []time.Duration, err error) {
	texts := make([]string, items)
	for i := range texts {
		texts[i] = item(i)
	}
	batch := b.batchOf("batch", namespace, texts...)
	batch.Spec.MaxParallel = maxParallel
	n := len(texts) * len(batchLanguages)
	watched, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { beside(watched) })
	gets, err = b.gets(ctx, namespace, func() error {
		jobs, err := watchJobs(ctx, b.world.Client, namespace)
		if err != nil {
			return err
		}
		r, err = b.timed(ctx, n, func() error {
			ended := goWait(ctx, jobs, n)
			if err := b.world.Client.Create(ctx, batch); err != nil {
				return fmt.Errorf("create the batch: %w", err)
			}
			return <-ended
		})
		return err
	})
	stop()
	group.Wait()
	if err != nil {
		return r, gets, err
	}
	// It goes before its jobs, so that nobody makes them again.
	if err := b.world.Client.Delete(ctx, batch); err != nil {
		return r, gets, fmt.Errorf("remove the batch: %w", err)
	}
	err = b.world.Client.DeleteAllOf(ctx, &v1alpha1.TranslationJob{}, client.InNamespace(namespace))
	return r, gets, err
}

// gets has somebody else read one object every 50 ms while something goes on, and
// returns how long each read took.
func (b *bench) gets(ctx context.Context, namespace string, during func() error) ([]time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var took []time.Duration
	var failed error
	var group sync.WaitGroup
	group.Go(func() {
		turn := time.NewTicker(50 * time.Millisecond)
		defer turn.Stop()
		for failed == nil {
			var provider v1alpha1.TranslationProvider
			start := time.Now()
			err := b.world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: providerName}, &provider)
			if ctx.Err() != nil {
				return
			}
			took, failed = append(took, time.Since(start)), err
			select {
			case <-turn.C:
			case <-ctx.Done():
				return
			}
		}
	})
	err := during()
	cancel()
	group.Wait()
	return took, errors.Join(err, failed)
}
