package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// report is what was seen in a run.
type report struct {
	options
	account

	jobs     int
	ends     map[string]int // by reason of condition Finished; Failed with its cause
	versions int
	// Managers that led and ended, killed ones included, and those that ended by
	// themselves.
	leaders, failed int
	killed          map[string]int
	// What is wrong, each in words.
	open, broken, lost, over, overstated, exceeded, orphans []string
	// sold is what the provider says it sold; unchecked are first calls whose plan
	// could not be asked for.
	sold, planned, unchecked int
	// blamed is how many jobs counted a lost attempt before their first call.
	blamed int
	// unheard are jobs that ended as Dead though nothing was ever asked for them.
	unheard []string
	took    time.Duration
}

// audit looks at everything once the jobs have ended.
func (c *chaos) audit(ctx context.Context) (*report, error) {
	r := &report{options: c.options, jobs: len(c.plan.Tasks), ends: map[string]int{}, took: time.Since(c.began), open: c.watcher.open()}
	c.say("Auditing ...")
	var err error
	if r.orphans, err = c.orphans(ctx); err != nil {
		return nil, err
	}
	c.crew.stop()
	jobs := map[order]outcome{}
	for _, t := range c.plan.Tasks {
		job := c.watcher.newest(t)
		seen := outcome{job: t.key()}
		if job != nil && finished(job) {
			if job.Status.CompletedAt != nil {
				seen.ended = job.Status.CompletedAt.Time
			}
			r.ends[endOf(job)]++
			if reason(job) == v1alpha1.DeadReason && !c.ledger.known(t.order) {
				r.unheard = append(r.unheard, fmt.Sprintf("%s: Dead after %d lost attempts without a call", t.key(), job.Status.LostAttempts))
			}
			if reason(job) == v1alpha1.CompletedReason {
				gone, err := missing(ctx, c.world.Client, t, job)
				if err != nil {
					return nil, err
				}
				for _, n := range gone {
					r.lost = append(r.lost, fmt.Sprintf("sentence %d of %s", n, t.key()))
				}
			}
		}
		jobs[t.order] = seen
	}
	r.account = c.ledger.account(jobs, segmentsPerCall)
	r.sold = c.model.Sold()
	if r.over, r.overstated, r.exceeded, err = checkBills(c.plan, r.account, c.watcher.newest); err != nil {
		return nil, err
	}
	c.watcher.mu.Lock()
	defer c.watcher.mu.Unlock()
	r.versions, r.broken, r.planned, r.unchecked = c.watcher.versions, c.watcher.broken, c.watcher.planned, c.watcher.unchecked
	r.blamed = len(c.watcher.blamed)
	c.mu.Lock()
	defer c.mu.Unlock()
	r.killed, r.failed, r.leaders = c.killed, c.crew.failed, len(c.ledger.ends)
	return r, nil
}

// endOf is the reason of an end, with the cause of a failure.
func endOf(job *v1alpha1.TranslationJob) string {
	for _, condition := range job.Status.Conditions {
		if condition.Type == v1alpha1.StalledCondition && condition.Reason != reason(job) && reason(job) == v1alpha1.FailedReason {
			return v1alpha1.FailedReason + condition.Reason
		}
	}
	return reason(job)
}

type row struct {
	name  string
	value any
}

// rows are what is printed: first what happened, then what must be 0.
func (r *report) rows() []row {
	out := []row{{"seed", r.Seed}, {"jobs", r.jobs}}
	for _, reason := range slices.Sorted(maps.Keys(r.ends)) {
		out = append(out, row{"jobs_" + snake(reason), r.ends[reason]})
	}
	return append(out,
		row{"jobs_not_ended", len(r.open)},
		row{"job_versions_seen", r.versions},
		row{"manager_kills", r.killed[managerProgram]}, row{"apiserver_kills", r.killed[apiserverProgram]}, row{"etcd_kills", r.killed[etcdProgram]}, row{"leaders_frozen", r.killed[freeze]},
		row{"leaders_ended", r.leaders}, row{"managers_ended_by_themselves", r.failed},
		row{"leaders_without_a_call", r.Idle},
		row{"lease_to_first_call_median_s", r.delay(len(r.Delays) / 2)}, row{"lease_to_first_call_max_s", r.delay(len(r.Delays) - 1)},
		row{"jobs_dead_without_a_call", len(r.unheard)}, row{"jobs_blamed_before_their_first_call", r.blamed},
		row{"segments_sold", r.Sold},
		row{"segments_in_spoiled_answers", r.Spoiled}, row{"segments_in_late_answers", r.Late}, row{"segments_sent_back", r.SentBack},
		row{"segments_bought_more_than_once", r.BoughtAgain}, row{"segments_in_flight_at_kills", r.InFlight}, row{"segments_under_way_at_kills", r.UnderWay},
		row{"segments_bought_again_on_record", len(r.OnRecord)}, row{"jobs_with_more_than_a_call_in_flight", len(r.Careless)},
		row{"plans_on_record_before_first_call", r.planned}, row{"plans_not_checked", r.unchecked},
		row{"invariant_violations", len(r.broken)},
		row{"jobs_over_their_bound", len(r.over)}, row{"jobs_that_overstate_their_cost", len(r.overstated)}, row{"budgets_exceeded", len(r.exceeded)},
		row{"orphan_payloads", len(r.orphans)}, row{"segments_lost", len(r.lost)},
		row{"duration_s", fmt.Sprintf("%.0f", r.took.Seconds())},
	)
}

// delay is one of the times from the Lease to the first call, in seconds.
func (r *report) delay(i int) string {
	if i < 0 || i >= len(r.Delays) {
		return "none"
	}
	return fmt.Sprintf("%.1f", r.Delays[i].Seconds())
}

// snake turns CamelCase into snake_case.
func snake(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// maxExamples is how much of what is wrong is told.
const maxExamples = 10

// print writes the rows, tells what was found, and returns an error with a sentence
// for each kind of it.
func (r *report) print(rows, progress io.Writer) error {
	for _, row := range r.rows() {
		if _, err := fmt.Fprintf(rows, "%s: %v\n", row.name, row.value); err != nil {
			return err
		}
	}
	var errs []error
	for _, f := range []struct {
		found    []string
		sentence string
	}{
		{r.open, "%d jobs have not ended"},
		{r.unheard, "%d jobs were given up as Dead though nothing was ever asked for them"},
		{r.broken, "%d times a rule was broken in a version of a job"},
		{r.lost, "%d segments of Completed jobs are not in their results"},
		{r.OnRecord, "%d segments were bought again though they were on record"},
		{r.Careless, "%d jobs had more than one call in flight at the end of a manager"},
		{r.over, "%d jobs cost more than was announced"},
		{r.overstated, "%d jobs say they cost more than was billed"},
		{r.exceeded, "%d budgets were exceeded"},
		{r.orphans, "%d payloads are left that nobody needs"},
	} {
		for i, example := range f.found {
			if i == maxExamples {
				fmt.Fprintf(progress, "  and %d more\n", len(f.found)-i)
				break
			}
			fmt.Fprintln(progress, " ", cmp.Or(example, "?"))
		}
		if len(f.found) > 0 {
			errs = append(errs, fmt.Errorf(f.sentence, len(f.found)))
		}
	}
	if r.BoughtAgain > r.InFlight {
		errs = append(errs, fmt.Errorf("%d segments were bought more than once and only %d were in flight at the kills", r.BoughtAgain, r.InFlight))
	}
	if r.sold != r.Sold {
		errs = append(errs, fmt.Errorf("the provider says it sold %d segments and the ledger has %d: the figures are worth nothing", r.sold, r.Sold))
	}
	return errors.Join(errs...)
}
