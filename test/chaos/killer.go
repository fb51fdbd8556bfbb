package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	managerProgram = "manager"
	// freeze is no program: a leader stands still until another one has taken over.
	freeze = "freeze"
	// longestLife is the most that a leader works before the next blow.
	longestLife = 4 * time.Second
	// leaderPatience bounds the wait for somebody who leads.
	leaderPatience = 2 * time.Minute
	// pairOneIn and standbyOneIn say how often two managers run at a kill, and how often
	// then the one is killed that waits.
	pairOneIn, standbyOneIn = 2, 6
)

// killer kills what everything runs on, one after the other.
type killer struct {
	world *world
	crew  *crew
	rng   *rand.Rand
	// blows are the programs to kill, in their order.
	blows []string
	// supply makes more jobs before a blow, so that each meets work.
	supply func(ctx context.Context, blow, blows int) error
	struck func(program string)
}

// draw puts the kills in an order.
func draw(o options) (*rand.Rand, []string) {
	rng := rand.New(rand.NewPCG(o.Seed, 3))
	var blows []string
	for _, b := range []struct {
		program string
		times   int
	}{{managerProgram, o.Kills}, {apiserverProgram, o.APIServerKills}, {etcdProgram, o.EtcdKills}, {freeze, o.Freezes}} {
		blows = append(blows, slices.Repeat([]string{b.program}, b.times)...)
	}
	rng.Shuffle(len(blows), func(i, j int) { blows[i], blows[j] = blows[j], blows[i] })
	return rng, blows
}

// run deals all blows.
func (k *killer) run(ctx context.Context) error {
	for i, program := range k.blows {
		if err := k.supply(ctx, i, len(k.blows)); err != nil {
			return err
		}
		if err := k.strike(ctx, program); err != nil {
			return fmt.Errorf("kill %d of %d, %s: %w", i+1, len(k.blows), program, err)
		}
		k.struck(program)
	}
	return nil
}

// strike waits until a manager leads, and a while longer, and then kills.
func (k *killer) strike(ctx context.Context, program string) error {
	pair := k.rng.IntN(pairOneIn) == 0
	standby := k.rng.IntN(standbyOneIn) == 0
	life := time.Duration(k.rng.Int64N(int64(longestLife)))
	if pair && len(k.crew.running()) < 2 {
		if err := k.crew.start(); err != nil {
			return err
		}
	}
	if _, err := k.crew.leader(ctx, leaderPatience, nil); err != nil {
		return err
	}
	timer := time.NewTimer(life)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	switch program {
	case managerProgram:
		return k.killManager(standby)
	case freeze:
		return k.freeze(ctx)
	default:
		return k.world.Restart(program)
	}
}

// killManager kills the leader, or the one that waits if there is one.
func (k *killer) killManager(standby bool) error {
	running := k.crew.running()
	if len(running) == 0 {
		return k.crew.start() // it ended by itself a moment ago
	}
	victim := running[0]
	if standby {
		victim = running[len(running)-1]
	}
	if err := k.crew.kill(victim); err != nil {
		return err
	}
	if len(running) > 1 {
		return nil // the other one takes over
	}
	return k.crew.start()
}

// freeze lets the leader stand still until another one leads, and a moment longer.
// What it wakes with is old: its cache, its Lease, the jobs it was at.
func (k *killer) freeze(ctx context.Context) error {
	leader, err := k.crew.leader(ctx, leaderPatience, nil)
	if err != nil {
		return err
	}
	if len(k.crew.running()) < 2 {
		if err := k.crew.start(); err != nil {
			return err
		}
	}
	if err := k.crew.freeze(leader); err != nil {
		return err
	}
	if _, err := k.crew.leader(ctx, leaderPatience, leader); err != nil {
		return err
	}
	timer := time.NewTimer(time.Duration(k.rng.Int64N(int64(time.Second))))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	return k.crew.thaw(ctx, leader)
}
