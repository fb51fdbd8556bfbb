package main

import (
	"cmp"
	"flag"
	"time"
)

// plan is how much is measured.
type plan struct {
	// Jobs of a round.
	Jobs int
	// WarmUp is how many jobs run before the first round.
	WarmUp int
	// Rounds of each figure; the median counts.
	Rounds int
	// Writers is how many jobs a client creates at one time, and Callers how many
	// requests are sent to the REST adapter at one time.
	Writers, Callers int
	// Sentences is how many the bare Apertium pipe translates in a round, and
	// ApertiumJobs how many go through the operator.
	Sentences, ApertiumJobs int
	// PaidJobs is how many of a round go to a paid engine, and BudgetJobs how many share
	// a budget.
	PaidJobs, BudgetJobs int
	// Long takes the sizes that are wanted, which need half an hour. Without it those
	// that are not set by a flag are a part of them.
	Long bool
	// BatchItems of one batch, each into ten languages.
	BatchItems int
	// Stored is how many finished jobs lie in the store, and Latencies how many jobs
	// are made one after the other beside them.
	Stored, Latencies int
	// Segments of the large job. Its peer has a tenth of them.
	Segments int
	// GateFor is how long a rate limit is watched, and PerMinute its requests.
	GateFor   time.Duration
	PerMinute int
	// Least is how many calls the namespace with the least work asks for.
	Least int
	// Queued is how many jobs wait when an urgent one comes.
	Queued int
	// Profile is a file for the CPU profile of the first round that a manager runs in;
	// "" for none.
	Profile string
	// HeapProfile is a file for the heap profile of the manager beside the stored jobs;
	// "" for none.
	HeapProfile string
	// Only names the one figure to measure beside what it is measured against; "" for
	// all.
	Only string
}

func (p *plan) flags(f *flag.FlagSet) {
	f.IntVar(&p.Jobs, "jobs", 1000, "jobs of a round")
	f.IntVar(&p.WarmUp, "warm-up", 300, "jobs before the first round")
	f.IntVar(&p.Rounds, "rounds", 3, "rounds of each figure; the median counts")
	f.IntVar(&p.Sentences, "sentences", 5000, "sentences through the bare Apertium pipe in a round")
	f.IntVar(&p.ApertiumJobs, "apertium-jobs", 500, "jobs on Apertium in a round")
	f.IntVar(&p.PaidJobs, "paid-jobs", 300, "jobs on a paid engine in a round")
	f.IntVar(&p.BudgetJobs, "budget-jobs", 100, "jobs that share a budget in a round")
	f.BoolVar(&p.Long, "long", false, "take the large sizes, for half an hour")
	f.IntVar(&p.BatchItems, "batch-items", 0, "items of the batch, at most 1000, each into 10 languages (default 200, -long 1000)")
	f.IntVar(&p.Stored, "stored", 0, "finished jobs in the store (default 10000, -long 100000)")
	f.IntVar(&p.Latencies, "latencies", 200, "jobs made one after the other, without and with the finished ones")
	f.IntVar(&p.Segments, "segments", 20000, "segments of the large job, at most 20000")
	f.DurationVar(&p.GateFor, "gate", 2*time.Minute, "how long the rate limit is watched")
	f.IntVar(&p.PerMinute, "per-minute", 600, "requests per minute of the rate limit")
	f.IntVar(&p.Least, "least", 0, "calls of the namespace that asks for least; that with most asks for 100 times as many (default 10, -long 40)")
	f.IntVar(&p.Queued, "queued", 0, "jobs that wait when an urgent one comes (default 2000, -long 10000)")
	f.StringVar(&p.Profile, "cpuprofile", "", "write a CPU profile of this process, in the first round that a manager runs in, to this file")
	f.StringVar(&p.HeapProfile, "heapprofile", "", "write a heap profile of the manager, when it holds the stored jobs, to this file")
	f.StringVar(&p.Only, "only", "", "measure only this beside what it is measured against: operator, paid, budget, rest, apertium, batch, gate, fairness, overtake, large or stored")
}

// complete fills in what no flag has set.
func (p *plan) complete() {
	sizes := []struct {
		of          *int
		short, long int
	}{
		{&p.BatchItems, 200, 1000},
		{&p.Stored, 10_000, 100_000},
		{&p.Least, 10, 40},
		{&p.Queued, 2000, 10_000},
	}
	for _, s := range sizes {
		if p.Long {
			s.short = s.long
		}
		*s.of = cmp.Or(*s.of, s.short)
	}
}
