package main

import (
	"context"
	"fmt"
	"time"
)

// study is a figure, or some that belong together, measured once and with a peer of
// its own.
type study struct {
	name string
	do   func(context.Context, *rows) error
}

// studies returns those that are wanted. What fills the store comes last.
func (b *bench) studies() ([]study, error) {
	all := []study{
		{"batch", b.batch},
		{"gate", b.gate},
		{"fairness", b.fairness},
		{"overtake", b.overtake},
		{"large", b.large},
		{"stored", b.storedJobs},
	}
	if b.Only == "" {
		return all, nil
	}
	for _, s := range all {
		if s.name == b.Only {
			return []study{s}, nil
		}
	}
	if inRounds[b.Only] != nil {
		return nil, nil
	}
	return nil, fmt.Errorf("there is no figure %q", b.Only)
}

// until looks again and again until something is so.
func until(ctx context.Context, patience time.Duration, what string, is func(context.Context) (bool, error)) error {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		yes, err := is(bounded)
		if yes && err == nil {
			return nil
		}
		if err != nil && bounded.Err() == nil {
			return err
		}
		select {
		case <-look.C:
		case <-bounded.Done():
			if err := context.Cause(ctx); err != nil {
				return err
			}
			return fmt.Errorf("%s: not within %s", what, patience)
		}
	}
}

// calm waits until the controllers of this process have had nothing to do for a while.
func calm(ctx context.Context) error {
	const rest = 500 * time.Millisecond
	last, since := -1.0, time.Now()
	return until(ctx, 5*time.Minute, "wait until the manager has seen every job", func(context.Context) (bool, error) {
		n, err := reconciles()
		if n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) >= rest, err
	})
}

// hold waits for a while.
func hold(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
