package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// paidEngine answers at once, as a language model that counts what it is asked for.
func paidEngine() *scripted.Engine {
	e := scripted.New()
	e.Description = engine.Info{Name: "scripted", Corrects: true, Paid: true, MaxSegments: 40, MaxRunes: 8000}
	e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		out := scripted.Nonsense(req)
		for _, s := range req.Segments {
			out.Usage.InputTokens += int64(len(s.Text))
			out.Usage.OutputTokens += int64(len(s.Text))
		}
		return out, nil
	}
	return e
}

// prices make calls cost money: an attempt is written down before the first of them.
func prices() *v1alpha1.Prices {
	return &v1alpha1.Prices{InputPerMillionTokens: "1", OutputPerMillionTokens: "2"}
}

// paid is the operator on a provider with prices.
func (b *bench) paid(ctx context.Context) (round, error) {
	return b.priced(ctx, "paid", "", b.PaidJobs)
}

// budget is the same in a namespace with a budget that is large enough, so that each
// job reserves in its ledger and settles there.
func (b *bench) budget(ctx context.Context) (round, error) {
	return b.priced(ctx, "budget", "1000000", b.BudgetJobs)
}

func (b *bench) priced(ctx context.Context, prefix, monthly string, n int) (round, error) {
	var r round
	before, err := b.written(ctx)
	if err != nil {
		return r, err
	}
	err = b.operated(ctx, prefix, setting{kind: v1alpha1.OpenAIProvider, factory: paidEngine().Factory(), prices: prices()}, func(ctx context.Context, namespace string) (err error) {
		if monthly != "" {
			if err := b.limit(ctx, namespace, monthly); err != nil {
				return err
			}
		}
		r, err = b.created(ctx, n, func(i int) *v1alpha1.TranslationJob { return job(namespace, i) })
		return err
	})
	if err != nil {
		return r, err
	}
	// The manager has ended, and has stored what it still had to store.
	after, err := b.written(ctx)
	r.settled = after.since(before)
	return r, err
}

// limit gives a namespace a budget before it has jobs.
func (b *bench) limit(ctx context.Context, namespace, monthly string) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.MonthlyBudgetAnnotation, monthly)
	if err := b.world.Client.Patch(ctx, ns, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		return fmt.Errorf("give the namespace a budget: %w", err)
	}
	return nil
}

func (r *report) printPaid(w *rows) {
	w.add("paid_jobs_per_round", "%d", r.PaidJobs)
	w.add("paid_jobs_per_s", "%.1f", rate(r.paid))
	w.add("paid_ratio", "%.2f", ratio(r.paid, r.ceiling))
	w.add("paid_cpu_ratio", "%.2f", cpuRatio(r.paid, r.ceiling))
	w.add("writes_per_paid_job", "%.2f", median(r.paid, writesOf(jobs)))
	w.add("reads_per_paid_job", "%.2f", median(r.paid, readsOf(jobs)))
	w.add("reconciles_per_paid_job", "%.2f", median(r.paid, reconcilesOf))
	w.add("paid_process_cpu_ms_per_job", "%.2f", median(r.paid, ownMillis))
	w.add("paid_server_cpu_ms_per_job", "%.2f", median(r.paid, serverMillis))
	w.add("memory_writes_per_job", "%.4f", median(r.paid, func(r round) float64 { return r.per(r.settled.kinds[payload.MemoryKind]) }))
	w.add("ledger_writes_per_job_without_budget", "%.4f", median(r.paid, ledgerWritesOf))
}

func (r *report) printBudget(w *rows) {
	w.add("shared_budget_jobs_per_round", "%d", r.BudgetJobs)
	w.add("shared_budget_jobs_per_s", "%.1f", rate(r.budget))
	w.add("shared_budget_ratio", "%.2f", ratio(r.budget, r.paid))
	w.add("shared_budget_writes_per_job", "%.4f", median(r.budget, ledgerWritesOf))
	w.add("writes_per_shared_budget_job", "%.2f", median(r.budget, writesOf(jobs)))
}

// ledgerWritesOf counts the writes of ConfigMaps that did not come from the payload
// store: nothing else writes any but the ledger.
func ledgerWritesOf(r round) float64 { return r.per(r.settled.configMaps - r.settled.total()) }
