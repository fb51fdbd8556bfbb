package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

const (
	// dropPatience is how long a manager has to clear away the pages of the last jobs,
	// and sweepPatience how long the next one has for what it did not.
	dropPatience, sweepPatience = 10 * time.Second, 30 * time.Second
	// cent is what rounding may make between two ways to add up, in millionths.
	rounding = money.Euro(10)
)

// missing returns the segments of a Completed job that its result has not got as they
// should be.
func missing(ctx context.Context, c client.Client, t *task, job *v1alpha1.TranslationJob) ([]int, error) {
	var got []string
	result := job.Status.Result
	switch {
	case result == nil:
	case result.PayloadRef != nil:
		content, err := payload.Open(ctx, c, job.Namespace, *result.PayloadRef)
		if errors.Is(err, payload.ErrNotFound) {
			break // all of it is missing
		}
		if err != nil {
			return nil, err
		}
		whole, err := document.UnmarshalResult(content)
		if err != nil {
			return nil, fmt.Errorf("read the result of %s: %w", t.key(), err)
		}
		got = textsOf(whole.Text, whole.Texts)
	default:
		texts := make([]*string, len(result.Texts))
		for i, item := range result.Texts {
			texts[i] = item.Text
		}
		got = textsOf(result.Text, texts)
	}
	return compare(t, got), nil
}

func textsOf(text *string, texts []*string) []string {
	if text != nil {
		return []string{*text}
	}
	out := make([]string, len(texts))
	for i, t := range texts {
		if t != nil {
			out[i] = *t
		}
	}
	return out
}

// compare returns the sentences whose translation does not stand at its place.
func compare(t *task, got []string) []int {
	want := t.source()
	if slices.EqualFunc(want, got, func(source, text string) bool { return translated(source) == text }) {
		return nil
	}
	var out []int
	for i, n := range t.Sentences {
		line := translated(sentence(t.Number, n))
		switch {
		case t.Texts && i < len(got) && got[i] == line:
		case !t.Texts && len(got) == 1 && strings.Contains(got[0], line):
		default:
			out = append(out, n)
		}
	}
	if out == nil {
		return []int{t.Sentences[0]} // each is there, and something is not as it was sent
	}
	return out
}

// orphans returns the payloads that nobody needs: of jobs that are gone, pages of
// jobs that ended as Completed, and results that no status points at. A manager may
// still be about to delete some, and has a while for it. One that was killed, or had
// no API server, at the wrong moment leaves them to the next leader, which sweeps when
// it begins to lead: so there has to be a next one.
func (c *chaos) orphans(ctx context.Context) ([]string, error) {
	found, err := settle(ctx, c.world.Client, dropPatience)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	c.say("%d payloads are left; starting another manager to sweep them ...", len(found))
	if err := (&killer{crew: c.crew}).killManager(false); err != nil {
		return nil, err
	}
	if _, err := c.crew.leader(ctx, c.Patience, nil); err != nil {
		return nil, err
	}
	return settle(ctx, c.world.Client, sweepPatience)
}

// settle waits until there are no orphans, and returns those that stay.
func settle(ctx context.Context, c client.Client, patience time.Duration) ([]string, error) {
	var found []string
	err := poll(ctx, patience, func() error {
		var err error
		if found, err = findOrphans(ctx, c); err == nil && len(found) > 0 {
			return errStill
		}
		return err
	})
	if errors.Is(err, errStill) {
		return found, nil
	}
	return found, err
}

var errStill = errors.New("there are orphans")

func findOrphans(ctx context.Context, c client.Client) ([]string, error) {
	payloads := &metav1.PartialObjectMetadataList{}
	payloads.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMapList"))
	if err := c.List(ctx, payloads, client.MatchingLabels{v1alpha1.PayloadLabel: "true"}); err != nil {
		return nil, fmt.Errorf("list the payloads: %w", err)
	}
	// Afterwards: the job of a payload that was there by then is there too.
	var list v1alpha1.TranslationJobList
	if err := c.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	jobs := map[types.UID]*v1alpha1.TranslationJob{}
	for i := range list.Items {
		jobs[list.Items[i].UID] = &list.Items[i]
	}
	var out []string
	for i := range payloads.Items {
		cm := &payloads.Items[i]
		if why := needless(cm, jobs); why != "" {
			out = append(out, fmt.Sprintf("%s/%s: %s", cm.Namespace, cm.Name, why))
		}
	}
	slices.Sort(out)
	return out, nil
}

// needless says why nobody needs a payload; "" when somebody does.
func needless(cm *metav1.PartialObjectMetadata, jobs map[types.UID]*v1alpha1.TranslationJob) string {
	owner := metav1.GetControllerOf(cm)
	if owner == nil {
		return "" // the translation memory
	}
	job := jobs[owner.UID]
	kind := cm.Labels["translation.dragoman.dev/payload-kind"]
	switch {
	case job == nil:
		return "its job is gone"
	case kind == string(payload.PageKind) && reason(job) == v1alpha1.CompletedReason:
		return "a page, and its job is Completed"
	case kind == string(payload.ResultKind) && !strings.HasPrefix(cm.Name, referred(job)):
		return "a result that its job does not point at"
	default:
		return ""
	}
}

// referred is the name of the payload that a job's status points at.
func referred(job *v1alpha1.TranslationJob) string {
	if job.Status.Result == nil || job.Status.Result.PayloadRef == nil {
		return "none"
	}
	return string(job.Status.Result.PayloadRef.Name) + "-"
}

// checkBills returns the jobs that cost the buyer more than was announced, those that
// say they cost more than was billed, and the budgets that were not enough.
func checkBills(p plan, a account, newest func(*task) *v1alpha1.TranslationJob) (over, overstated, exceeded []string, err error) {
	prices, err := money.PricesOf(prices())
	if err != nil {
		return nil, nil, nil, err
	}
	for _, t := range p.Tasks {
		job, bill := newest(t), prices.Cost(a.Bills[t.order])
		if job == nil {
			continue
		}
		for name, amount := range map[string]v1alpha1.Decimal{"plannedMaxCost": job.Status.PlannedMaxCost, "maxCost": t.MaxCost} {
			most, err := money.Parse(amount)
			if err != nil {
				return nil, nil, nil, err
			}
			if bill > most && (name == "plannedMaxCost" || amount != "") {
				over = append(over, fmt.Sprintf("%s: the bill is %s, %s is %q", t.key(), bill.Decimal(), name, amount))
			}
		}
		cost, err := money.Parse(job.Status.Cost)
		if err != nil {
			return nil, nil, nil, err
		}
		if cost > bill+rounding {
			overstated = append(overstated, fmt.Sprintf("%s: status.cost is %s and the bill %s", t.key(), cost.Decimal(), bill.Decimal()))
		}
	}
	for _, b := range p.Budgets {
		var bill money.Euro
		for _, t := range b.Tasks {
			bill += prices.Cost(a.Bills[t.order])
		}
		if bill > b.Max {
			exceeded = append(exceeded, fmt.Sprintf("%s: the bills are %s, the budget %s", b.Name, bill.Decimal(), b.Max.Decimal()))
		}
	}
	return over, overstated, exceeded, nil
}
