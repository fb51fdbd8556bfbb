package httpcall

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxWait bounds what a service may ask for. Daily limits reset within a day; a
// longer wait is a mistake, and the next answer will say so again.
const maxWait = 24 * time.Hour

// RetryAfter reads how long the service asks to wait; 0 when it does not say. The
// finer of the usual headers wins: Retry-After-Ms, then Retry-After (seconds or a
// date), then the X-RateLimit-Reset headers of the budgets that are used up. A date
// is measured against the answer's own Date, so that clocks need not agree.
func RetryAfter(header http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(strings.TrimSpace(header.Get("Retry-After-Ms")), 64); err == nil {
		return waitOf(ms * float64(time.Millisecond))
	}
	if value := strings.TrimSpace(header.Get("Retry-After")); value != "" {
		if seconds, err := strconv.ParseFloat(value, 64); err == nil {
			return waitOf(seconds * float64(time.Second))
		}
		at, err := http.ParseTime(value)
		now, errNow := http.ParseTime(header.Get("Date"))
		if err == nil && errNow == nil {
			return waitOf(float64(at.Sub(now)))
		}
	}
	var wait time.Duration
	for _, budget := range []string{"Requests", "Tokens"} {
		if strings.TrimSpace(header.Get("X-RateLimit-Remaining-"+budget)) != "0" {
			continue
		}
		// The value is a duration as Go writes it: "1s", "6m0s", "20ms".
		if d, err := time.ParseDuration(strings.TrimSpace(header.Get("X-RateLimit-Reset-" + budget))); err == nil {
			wait = max(wait, waitOf(float64(d)))
		}
	}
	return wait
}

// waitOf keeps a wait, in nanoseconds, between 0 and maxWait.
func waitOf(nanoseconds float64) time.Duration {
	if math.IsNaN(nanoseconds) || nanoseconds <= 0 {
		return 0
	}
	return time.Duration(min(nanoseconds, float64(maxWait)))
}
