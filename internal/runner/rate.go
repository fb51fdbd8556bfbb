package runner

import "time"

const (
	// window is the minute of the limits and half a second more: as much as one call
	// may be faster on its way than another, so that the provider counts no more than
	// was let through. It costs 0.8 % of the allowance.
	window = time.Minute + 500*time.Millisecond
	// grain is how long calls are counted together, from the first of them, and
	// forgotten with the last. It bounds a gate's memory to 1,210 grains and costs
	// 50 ms in 60.5 s, 0.1 % of the allowance.
	grain = 50 * time.Millisecond
	// slack is how far calls may run ahead of an even pace: after a rest one call and
	// those of a second begin at once, 1 at 10 a minute and 51 at 3,000. It also lets
	// calls catch up that began late, up to a second, so that the delay of a timer
	// costs nothing.
	slack = time.Second
	// lessons is how many calls it takes to learn what part of its tokens a call uses.
	lessons = 8
)

// rate bounds the calls and tokens of any minute, and spreads them evenly over it.
//
// The bound is a log of the last minute. Without a pace beside it a minute's
// allowance would be gone in a moment and nothing would begin for the rest of it.
// A call's tokens count in the log with the most it can use until it has ended. The
// pace takes what it will probably use, or it would be slow for nothing: most calls
// reserve several times of what they use.
type rate struct {
	requests, tokens pace
	used             float64 // part of the reserved tokens that calls use, learnt

	log   []tally // oldest first
	first int     // how many tallies were dropped before the first
	sum   tally   // over the log
}

// tally counts the calls of a grain.
type tally struct {
	from, to         time.Time
	requests, tokens int64
}

// mark remembers a call in the log.
type mark struct {
	tally    int // its place, counted from the first tally ever
	tokens   int64
	expected float64
}

func newRate() rate { return rate{used: 1} }

// limit changes the limits.
func (r *rate) limit(now time.Time, l Limits) {
	r.requests.change(now, int64(l.RequestsPerMinute))
	r.tokens.change(now, l.TokensPerMinute)
}

// ready says whether a call may begin now, and else why not and when. It leaves as
// much of the pace as calls take that are expected already.
func (r *rate) ready(now time.Time, tokens int64, expected Call, calls int) Wait {
	r.prune(now)
	requests := later(r.requests.due(float64(calls)), r.room(r.requests.limit, r.sum.requests, 1, func(t tally) int64 { return t.requests }))
	if requests.After(now) {
		return Wait{Reason: ForRequests, Until: requests}
	}
	// A call larger than the allowance needs all of it.
	need := min(max(1, tokens), r.tokens.limit)
	at := later(r.tokens.due(float64(calls)*float64(expected.Tokens)*r.used), r.room(r.tokens.limit, r.sum.tokens, need, func(t tally) int64 { return t.tokens }))
	if at.After(now) {
		return Wait{Reason: ForTokens, Until: at}
	}
	return Wait{}
}

// room returns when the log has room for n more, as it stands; no time for now.
func (r *rate) room(limit, sum, n int64, count func(tally) int64) time.Time {
	var at time.Time
	if limit == 0 {
		return at
	}
	for i := 0; sum+n > limit && i < len(r.log); i++ {
		sum -= count(r.log[i])
		at = r.log[i].to.Add(window)
	}
	return at
}

// begin counts a call.
func (r *rate) begin(now time.Time, tokens int64) mark {
	m := mark{tokens: tokens, expected: float64(tokens) * r.used}
	r.count(now, 1, tokens)
	m.tally = r.first + len(r.log) - 1
	r.requests.take(now, 1)
	r.tokens.take(now, m.expected)
	return m
}

// end corrects a call by what it used. Tokens are 0 when nobody knows: then it keeps
// what it reserved. Requests beyond the first were not known before, and count now.
func (r *rate) end(now time.Time, m mark, tokens int64, requests int) {
	r.prune(now)
	if tokens > 0 {
		if i := m.tally - r.first; i >= 0 {
			r.log[i].tokens += tokens - m.tokens
			r.sum.tokens += tokens - m.tokens
		}
		r.tokens.correct(m.expected, float64(tokens))
	}
	if tokens > 0 && m.tokens > 0 {
		r.used += (min(1, float64(tokens)/float64(m.tokens)) - r.used) / lessons
	}
	if more := int64(requests) - 1; more > 0 {
		r.count(now, more, 0)
		r.requests.take(now, float64(more))
	}
}

func (r *rate) count(now time.Time, requests, tokens int64) {
	last := len(r.log) - 1
	if last < 0 || now.Sub(r.log[last].from) >= grain {
		r.log = append(r.log, tally{from: now})
		last++
	}
	t := &r.log[last]
	t.to = now
	t.requests += requests
	t.tokens += tokens
	r.sum.requests += requests
	r.sum.tokens += tokens
}

// prune drops what is older than the window.
func (r *rate) prune(now time.Time) {
	n := 0
	for n < len(r.log) && !now.Before(r.log[n].to.Add(window)) {
		r.sum.requests -= r.log[n].requests
		r.sum.tokens -= r.log[n].tokens
		n++
	}
	r.log, r.first = r.log[n:], r.first+n
}

// pace spreads an allowance evenly. It keeps one time: when all that was taken will
// have been earned.
type pace struct {
	limit int64 // in a window; 0 for none
	next  time.Time
}

// worth is the time in which n are earned.
func (p *pace) worth(n float64) time.Duration {
	if p.limit == 0 {
		return 0
	}
	return time.Duration(min(n/float64(p.limit), 1) * float64(window))
}

// due is when a call may begin, with n to be left to others.
func (p *pace) due(n float64) time.Time { return p.next.Add(p.worth(n) - slack) }

// take uses n of the allowance. More than all of it counts as all.
func (p *pace) take(now time.Time, n float64) {
	p.next = later(p.next, now).Add(p.worth(n))
}

// correct puts right what was taken.
func (p *pace) correct(taken, used float64) {
	p.next = p.next.Add(p.worth(used) - p.worth(taken))
}

// change keeps what was taken beyond what was earned, measured by the new limit.
func (p *pace) change(now time.Time, limit int64) {
	if debt := p.next.Sub(now); debt > 0 && p.limit > 0 && limit > 0 {
		p.next = now.Add(min(time.Duration(float64(debt)*float64(p.limit)/float64(limit)), window))
	} else {
		p.next = now
	}
	p.limit = limit
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
