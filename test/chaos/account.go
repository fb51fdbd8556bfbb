package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// account is what the ledger adds up to.
//
// A segment is bought when it was billed with a usable answer for a caller that was
// there, or that was killed before it could be. What was billed and is of no use to
// anybody has a row of its own: spoiled answers, and late ones whose caller had given
// up while it lived.
//
// A segment is in flight at the end of a manager when it was bought for it and is not
// on record: no page written before the end has it, and its job had not ended. That
// is what the provider had under way for the manager, and what it had answered since
// the job's last page.
type account struct {
	Sold, SentBack, Spoiled, Late int
	// BoughtAgain counts segments for every time after the first.
	BoughtAgain int
	// UnderWay counts segments of calls without an answer at the ends, InFlight those
	// of the definition above.
	UnderWay, InFlight int
	// OnRecord names what was bought again though it was not in flight at any end.
	OnRecord []string
	// Careless names jobs that had more in flight than one call holds.
	Careless []string
	// Idle counts leaders that ended before they made a call; Delays are how long after
	// the Lease the others made their first.
	Idle   int
	Delays []time.Duration
	// Bills by order.
	Bills map[order]engine.Usage
}

// outcome is what the ledger has to know of a job: its name and when it ended, in
// whole seconds rounded down; zero when it has not.
type outcome struct {
	job   string
	ended time.Time
}

// account adds up.
func (l *ledger) account(jobs map[order]outcome, perCall int) account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := account{Bills: map[order]engine.Usage{}}
	var bought []*call
	times := map[article]int{}
	for _, c := range l.calls {
		if c.fate == free {
			continue
		}
		n := len(c.sentences) + c.sentBack
		a.Sold += n
		a.SentBack += c.sentBack
		a.Bills[c.order] = a.Bills[c.order].Add(c.usage)
		switch {
		case c.fate == spoiled:
			a.Spoiled += n
		case c.gone && !slices.ContainsFunc(l.ends, c.cutBy):
			a.Late += n
		default:
			bought = append(bought, c)
			for _, s := range c.sentences {
				times[article{c.order, s}]++
			}
		}
	}
	l.firstCalls(&a)
	lost := l.inFlight(&a, bought, jobs, perCall)
	for what, n := range times {
		a.BoughtAgain += n - 1
		if n-1 > lost[what] {
			a.OnRecord = append(a.OnRecord, fmt.Sprintf("sentence %d of %s: bought %s, %d times in flight; leaders ended %s",
				what.Sentence, jobs[what.order].job, l.when(bought, what), lost[what], l.whenEnded()))
		}
	}
	slices.Sort(a.OnRecord)
	return a
}

// when tells the moments at which a segment was bought, in seconds after the first
// call of all.
func (l *ledger) when(bought []*call, what article) string {
	var at []string
	for _, c := range bought {
		if c.order == what.order && slices.Contains(c.sentences, what.Sentence) {
			at = append(at, l.second(c.begun))
		}
	}
	return strings.Join(at, " and ")
}

func (l *ledger) whenEnded() string {
	var at []string
	for _, e := range l.ends {
		if !e.woke.IsZero() {
			at = append(at, fmt.Sprintf("%s (after a rest from %s to %s)", l.second(e.till), l.second(e.from), l.second(e.woke)))
			continue
		}
		at = append(at, l.second(e.till))
	}
	return strings.Join(at, ", ")
}

func (l *ledger) second(t time.Time) string {
	return fmt.Sprintf("%.2f", t.Sub(l.calls[0].begun).Seconds())
}

// firstCalls finds how soon leaders went to work.
func (l *ledger) firstCalls(a *account) {
	for _, e := range l.ends {
		first := slices.IndexFunc(l.calls, func(c *call) bool { return !c.begun.Before(e.led) && !c.begun.After(e.last()) })
		if first < 0 {
			a.Idle++
			continue
		}
		a.Delays = append(a.Delays, l.calls[first].begun.Sub(e.led))
	}
	slices.Sort(a.Delays)
}

// cutBy says whether a manager ended while it waited for the answer.
func (c *call) cutBy(e end) bool {
	return !c.begun.After(e.till.Add(onTheWay)) && !c.ended.Before(e.from)
}

// inFlight finds what was in flight at each end, and returns how often each segment
// was.
func (l *ledger) inFlight(a *account, bought []*call, jobs map[order]outcome, perCall int) map[article]int {
	lost := map[article]int{}
	counted := map[*call]map[int]bool{}
	for _, e := range slices.SortedFunc(slices.Values(l.ends), func(x, y end) int { return x.last().Compare(y.last()) }) {
		onRecord := l.onRecord(e)
		byJob := map[string]int{}
		for _, c := range l.calls {
			if c.cutBy(e) && !c.begun.After(e.last().Add(onTheWay)) {
				a.UnderWay += len(c.sentences)
			}
		}
		for _, c := range bought {
			job := jobs[c.order]
			if c.begun.After(e.last().Add(onTheWay)) || !job.ended.IsZero() && !job.ended.After(e.last()) {
				continue
			}
			for _, s := range c.sentences {
				if counted[c][s] || onRecord[job.job][s] {
					continue
				}
				if counted[c] == nil {
					counted[c] = map[int]bool{}
				}
				counted[c][s] = true
				lost[article{c.order, s}]++
				a.InFlight++
				byJob[job.job]++
			}
		}
		for _, job := range slices.Sorted(maps.Keys(byJob)) {
			if byJob[job] > perCall {
				a.Careless = append(a.Careless, fmt.Sprintf("%s (%d segments)", job, byJob[job]))
			}
		}
	}
	return lost
}

// onRecord returns the sentences that the pages of each job had at an end.
func (l *ledger) onRecord(e end) map[string]map[int]bool {
	out := map[string]map[int]bool{}
	for _, p := range l.pages {
		if p.created.After(e.last()) {
			continue
		}
		if out[p.job] == nil {
			out[p.job] = map[int]bool{}
		}
		for _, s := range p.sentences {
			out[p.job][s] = true
		}
	}
	return out
}
