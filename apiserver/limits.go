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
	// BodyBytes bounds the body of a request. A source of 16 MiB takes more as JSON: a
	// letter of two bytes may be written in six.
	BodyBytes int64
	// LargeBodies bounds the requests of an account on one replica that have a body of
	// more than a megabyte, or of unknown length: such a body is held in memory.
	LargeBodies int
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
		BodyBytes:         40 << 20,
		LargeBodies:       4,
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
	// most large bodies of an account at one time.
	most int

	mu sync.Mutex
	of map[string]*rate.Limiter
	// large bodies of each account that are held now.
	large map[string]int
}

func newGates(limits Limits) *gates {
	return &gates{
		limit: rate.Limit(limits.RequestsPerSecond), burst: limits.Burst, most: limits.LargeBodies,
		of: map[string]*rate.Limiter{}, large: map[string]int{},
	}
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

// largeBody is the length from which a body counts as large, in bytes.
const largeBody = 1 << 20

// enter lets the body of a request in, or says when to come back. Whoever was let in
// calls leave when the body is not held any more.
func (g *gates) enter(account string, length int64) (leave func(), refusal *Problem) {
	if length >= 0 && length <= largeBody {
		return func() {}, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.large[account] >= g.most {
		refusal = problem(http.StatusTooManyRequests, "Too many large requests; this account may send %d at a time.", g.most)
		refusal.retryAfter = retryLater
		return nil, refusal
	}
	g.large[account]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.large[account]--; g.large[account] == 0 {
			delete(g.large, account)
		}
	}, nil
}
