package pipeline

import (
	"context"
	"fmt"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
)

// checkBudget plans the calls, and stops a job that could cost more than it may.
// The bound it announces holds for the whole of the run.
func (r *Run) checkBudget() error {
	if r.planned {
		return nil
	}
	r.bookLostCalls()
	plan := r.maximum()
	r.bound = plan
	if r.job.Announced > 0 {
		r.bound, r.planned = r.job.Announced, true
		return nil
	}
	limit, limited, err := r.maxCost()
	if err != nil {
		return err
	}
	if limited && plan > limit {
		return &Refusal{End: Fatal, Reason: v1alpha1.BudgetExceededReason,
			Message: fmt.Sprintf("the job may cost up to %s euro and maxCost is %s; raise maxCost or shorten the source",
				plan.Decimal(), limit.Decimal())}
	}
	// A call whose answer is lost is made again. There is room for one repeat of each
	// where maxCost leaves it.
	r.bound += r.firstPass()
	if limited {
		r.bound = min(r.bound, limit)
	}
	r.planned = true
	return nil
}

// maxCost is the limit as the spec has it now.
func (r *Run) maxCost() (limit money.Euro, limited bool, err error) {
	decimal := r.job.Options.MaxCost
	if r.tools.MaxCost != nil {
		decimal = r.tools.MaxCost()
	}
	limit, err = money.Parse(decimal)
	if err != nil {
		return 0, false, &Refusal{End: Fatal, Reason: v1alpha1.UnsupportedReason, Message: "read maxCost: " + err.Error()}
	}
	return limit, decimal != "", nil
}

// reserve asks for the job's share of the budgets it has in common with others.
func (r *Run) reserve(ctx context.Context) error {
	if r.tools.Reserve == nil || r.job.Prices.Free() {
		return nil
	}
	if err := r.tools.Reserve(ctx, r.bound); err != nil {
		return refusalOr(err, Refusal{End: Waits, Reason: v1alpha1.StorageFailedReason, Message: "reserve the budget: " + err.Error()})
	}
	return nil
}

// afford refuses a call that could take the job over its bound.
func (r *Run) afford(call engine.Usage) error {
	if r.job.Prices.Free() {
		return nil
	}
	bound := r.bound
	limit, limited, err := r.maxCost()
	if err != nil {
		return err
	}
	if limited {
		bound = min(bound, limit)
	}
	spent, next := r.committed(), r.job.Prices.Cost(call)
	if spent+next <= bound {
		return nil
	}
	return &Refusal{End: Fatal, Reason: v1alpha1.BudgetExceededReason,
		Message: fmt.Sprintf("the job has cost up to %s euro and its next call could cost %s, which is more than the %s it may cost; raise maxCost or retry it to plan anew",
			spent.Decimal(), next.Decimal(), bound.Decimal())}
}

// limit tells the engine how much of each kind of token is budgeted for a call that
// afford has let pass: what the other side may generate, and what the engine may send
// when it has to divide the call.
func (r *Run) limit(req *engine.Request, call engine.Usage) {
	if r.job.Prices.Free() {
		return
	}
	req.MaxOutputTokens = call.OutputTokens
	if price := r.job.Prices.InputPerMillionTokens; price > 0 {
		left := min(r.bound-r.committed()-r.job.Prices.Cost(call), maxSpare)
		req.MaxInputTokens = call.InputTokens + int64(left)*1_000_000/int64(price)
	}
}

// maxSpare keeps the arithmetic of limit far from its bounds; no call needs more.
const maxSpare money.Euro = 1_000_000_000

// committed is the most that the calls so far have cost.
func (r *Run) committed() money.Euro { return r.cost() + r.uncertain }

// cost so far, by the engine's own counts.
func (r *Run) cost() money.Euro { return r.prior + r.job.Prices.Cost(r.spent) }

// book counts what a call has used. What the engine does not know counts with the
// most it can be.
func (r *Run) book(response engine.Response, call engine.Usage) {
	r.spent = r.spent.Add(response.Usage)
	r.uncertain += money.Euro(response.Uncertain) * r.job.Prices.Cost(call)
	if response.Usage != (engine.Usage{}) || response.Uncertain > 0 {
		r.unbooked = true
	}
}

// bookUnknown counts the call that may have been lost of a run that is concluded
// without having been planned here: at the most that one call can cost, or at all that
// was announced when the source was not read for it.
func (r *Run) bookUnknown() {
	switch {
	case !r.job.Lost:
	case r.items != nil:
		r.bookLostCalls()
	default:
		r.uncertain += max(0, r.job.Announced-r.committed())
		r.job.Lost = false
	}
}

// bookLostCalls counts the call that a process may have made before it ended without
// a word, at the most that one call of this job could cost at that moment: what was
// answered before it is on the pages, so it asked for something new or corrected
// something of those.
func (r *Run) bookLostCalls() {
	if !r.job.Lost || r.job.Prices.Free() {
		return
	}
	r.job.Lost = false
	var asked, answered []*item
	for _, it := range r.leaders() {
		switch {
		case it.refused != nil:
		case it.answer == nil || it.answer.Remembered:
			asked = append(asked, it)
		default:
			answered = append(answered, it)
		}
	}
	var largest money.Euro
	for _, chunk := range r.chunks(asked) {
		largest = max(largest, r.job.Prices.Cost(r.bounded(chunk)))
	}
	for _, chunk := range r.chunks(answered) {
		largest = max(largest, r.correction(chunk))
		if r.job.rates() {
			largest = max(largest, r.job.Prices.Cost(r.ratingBound(chunk)))
		}
	}
	r.uncertain += largest
	r.unbooked = true
}

// correction is the most that one call can cost which corrects some segments, or asks
// for one of them by its parts.
func (r *Run) correction(items []*item) money.Euro {
	if !r.tools.Engine.Info().Corrects {
		var largest money.Euro
		for _, it := range items {
			largest = max(largest, r.stretch(it))
		}
		return largest
	}
	usage := r.bounded(items)
	for _, it := range items {
		usage.InputTokens += growth*size(it.masked.Text) + findingBytes
	}
	return r.job.Prices.Cost(usage)
}

// MissesLostCall says whether the call that an earlier process may have ended in is
// not counted yet.
func (r *Run) MissesLostCall() bool { return r.job.Lost }
