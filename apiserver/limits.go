package apiserver

import (
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bounds what callers may ask for.
type Limits struct {
	// RequestsPerSecond and Burst bound the requests of one account on one replica.
	RequestsPerSecond float64
	Burst             int
	// UnfinishedJobs bounds the jobs of an account that have not ended.
	UnfinishedJobs int
	// BodyBytes bounds the body of a request.
	BodyBytes int64
	// BatchJobs bounds the jobs that one request makes. They are made before it is
	// answered, at some hundreds a second.
	BatchJobs int
	// LookupWait is how long an unknown id is waited for. A job that another replica
	// made reaches this one's cache within milliseconds; a search of the API server
	// by uid would have to list the whole namespace.
	LookupWait time.Duration
	// CallTimeout bounds what one request does on the API server.
	CallTimeout time.Duration
}

// DefaultLimits are fit for shops and pipelines that send job after job.
func DefaultLimits() Limits {
	return Limits{
		RequestsPerSecond: 50,
		Burst:             100,
		UnfinishedJobs:    100_000,
		BodyBytes:         8 << 20,
		BatchJobs:         2000,
		LookupWait:        time.Second,
		CallTimeout:       60 * time.Second,
	}
}

// gates hold the request rates of the accounts. There is one for each account that
// has shown a key, so their number is bounded.
type gates struct {
	limit rate.Limit
	burst int

	mu sync.Mutex
	of map[string]*rate.Limiter
}

func newGates(limits Limits) *gates {
	return &gates{limit: rate.Limit(limits.RequestsPerSecond), burst: limits.Burst, of: map[string]*rate.Limiter{}}
}

// pass lets a request of an account through, or says when to come back.
func (g *gates) pass(account string, now time.Time) *Problem {
	g.mu.Lock()
	limiter, ok := g.of[account]
	if !ok {
		limiter = rate.NewLimiter(g.limit, g.burst)
		g.of[account] = limiter
	}
	g.mu.Unlock()
	reservation := limiter.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	reservation.CancelAt(now)
	refusal := problem(http.StatusTooManyRequests, "Too many requests; this account may send %g a second.", float64(g.limit))
	refusal.retryAfter = wait
	return refusal
}
