// Package lease says whether this process still leads.
//
// It owns the Lease that managers elect their leader by, and what its holder knows of
// it without a request. The elector of client-go goes on to ask for a Lease that
// another one has until its deadline for renewals is over: a process that stood still
// for too long, on a machine that hung or slept, wakes as a second leader for that
// time. It knows nothing of what a leader does.
package lease

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/utils/clock"
)

// Guard is a lock for an election that notices by itself when it is lost: somebody
// else holds it, or it was not renewed for as long as it lasts. Make it with Watch.
type Guard struct {
	resourcelock.Interface
	lasts time.Duration
	clock clock.PassiveClock
	lost  func()

	mu sync.Mutex
	// renewed is when the last renewal that was taken was asked for; zero before the
	// first.
	renewed time.Time
	over    bool
}

// Lock makes the lock of one of several managers. A request for it takes at most half
// of the time in which the holder has to renew it, and a second at least.
func Lock(cfg *rest.Config, namespace, name string, renewDeadline time.Duration) (resourcelock.Interface, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("find a name for this process: %w", err)
	}
	identity := resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}
	lock, err := resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, namespace, name, identity, cfg, renewDeadline)
	if err != nil {
		return nil, fmt.Errorf("make the lock of the election: %w", err)
	}
	return lock, nil
}

// Watch watches over a lock that lasts for so long without a renewal. When it is lost
// after it was held, lost is called, once.
func Watch(lock resourcelock.Interface, lasts time.Duration, now clock.PassiveClock, lost func()) *Guard {
	return &Guard{Interface: lock, lasts: lasts, clock: now, lost: lost}
}

// Get implements resourcelock.Interface.
func (g *Guard) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := g.Interface.Get(ctx)
	if err == nil && record.HolderIdentity != g.Identity() {
		g.check(func() bool { return true })
	}
	return record, raw, err
}

// Create implements resourcelock.Interface.
func (g *Guard) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return g.renew(ctx, record, g.Interface.Create)
}

// Update implements resourcelock.Interface. The holder lets go of the lock by writing
// that nobody holds it.
func (g *Guard) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return g.renew(ctx, record, g.Interface.Update)
}

func (g *Guard) renew(
	ctx context.Context, record resourcelock.LeaderElectionRecord, write func(context.Context, resourcelock.LeaderElectionRecord) error,
) error {
	asked := g.clock.Now()
	if err := write(ctx, record); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if record.HolderIdentity == g.Identity() {
		g.renewed = asked
	} else {
		g.over = true
	}
	return nil
}

// Holds says whether this process holds the lock, as far as its clocks can tell.
func (g *Guard) Holds() bool {
	now := g.clock.Now()
	return g.check(func() bool { return g.lapsed(now) })
}

// lapsed says whether the lock has not been renewed in time. The steady clock does not
// count a machine's sleep, and the other one may be set back: the later one is right.
func (g *Guard) lapsed(now time.Time) bool {
	return max(now.Sub(g.renewed), now.Round(0).Sub(g.renewed.Round(0))) > g.lasts
}

// check notes whether a lock that is held is lost, and returns whether it is held
// still.
func (g *Guard) check(isLost func() bool) bool {
	g.mu.Lock()
	held := !g.renewed.IsZero() && !g.over
	lost := held && isLost()
	g.over = g.over || lost
	g.mu.Unlock()
	if lost {
		g.lost()
	}
	return held && !lost
}
