package openai

import (
	"cmp"
	"context"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// maxHopeless is the number of single segments without a readable answer after
// which a call is given up, when nothing was readable before. A model that cannot
// keep the form at all then costs some 10 exchanges for 40 segments and not 79.
const maxHopeless = 4

// Translate asks the model. When an answer is cut off, filtered, unreadable or
// does not name exactly the ids sent, the call is divided in halves down to single
// segments; what still fails then carries its own error.
//
// The usage of the response is the sum over all exchanges, those with an unusable
// answer included, since they are billed too. It counts also when an error is
// returned. An exchange whose answer never arrived cannot be counted, and stands in
// Uncertain.
//
// Request.MaxOutputTokens bounds the answers of all exchanges together, those that
// cannot be counted with the most they may have had. When it is used up no more is
// asked. An answer that was cut off by it is Rejected when nothing else was asked in
// the call: as a whole, for the caller to divide and to budget for, or for good when
// the segment was alone. What comes after another exchange is Transient, as it had
// less than the whole bound.
//
// Request.MaxInputTokens bounds what a divided call sends in all, a byte of a message
// counted as a token: what does not fit any more is not asked for.
//
// An error of the call means that no segment got a text and none was rejected. A
// context's own error is returned as it is.
func (e *Engine) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	if closed := e.closed(); closed != nil {
		return engine.Response{}, closed
	}
	if err := ctx.Err(); err != nil {
		return engine.Response{}, err
	}
	bound, release := e.bind(ctx)
	defer release()
	c := &call{
		engine:   e,
		req:      req,
		caller:   ctx,
		safe:     newRedactor(e.key, req),
		edges:    make(map[int]edges, len(req.Segments)),
		outcomes: make(map[int]engine.Translation, len(req.Segments)),
	}
	if open := c.open(); len(open) > 0 {
		c.solve(bound, open)
	}
	return c.response()
}

// edges are the white space before and after a text. Models drop and add it, so it
// is neither shown to them nor taken from them.
type edges struct{ before, after string }

// open returns the segments that have something to translate, without their edges.
func (c *call) open() []engine.Segment {
	var open []engine.Segment
	for _, s := range c.req.Segments {
		core := strings.TrimSpace(s.Text)
		if core == "" {
			c.outcomes[s.ID] = engine.Translation{ID: s.ID, Text: s.Text}
			continue
		}
		before, after, _ := strings.Cut(s.Text, core)
		c.edges[s.ID] = edges{before: before, after: after}
		s.Text = core
		open = append(open, s)
	}
	return open
}

// call is one Translate under way.
type call struct {
	engine *Engine
	req    engine.Request
	caller context.Context
	safe   redactor
	usage  engine.Usage
	// uncertain counts exchanges that may be charged for without a count; output and
	// input are what all exchanges have generated and sent, at the most.
	uncertain     int
	output, input int64
	// edges and outcomes by id of the segment.
	edges    map[int]edges
	outcomes map[int]engine.Translation
	// stop is the error after which no more is asked: it holds for every segment, and
	// whole for the call when nothing came.
	stop, whole *engine.Error
	// readable says that some answer could be used; hopeless counts single segments
	// whose answer could not.
	readable bool
	hopeless int
}

// solve gets the segments translated, by halves when it has to.
func (c *call) solve(ctx context.Context, segments []engine.Segment) {
	if c.stop != nil {
		c.fail(segments, c.stop)
		return
	}
	texts, f := c.ask(ctx, segments)
	switch {
	case f == nil:
		c.readable = true
		for i, s := range segments {
			around := c.edges[s.ID]
			c.outcomes[s.ID] = engine.Translation{ID: s.ID, Text: around.before + texts[i] + around.after}
		}
	case !f.divides:
		c.stop, c.whole = f.err, cmp.Or(f.whole, f.err)
		c.fail(segments, f.err)
	case len(segments) > 1:
		half := len(segments) / 2
		c.solve(ctx, segments[:half])
		c.solve(ctx, segments[half:])
	case (f.about == sizeComplaint || f.about == roomComplaint) && len(c.req.Context) > 0:
		// The segment alone may fit; the context is a help, not a need.
		c.req.Context = nil
		c.solve(ctx, segments)
	default:
		c.fail(segments, f.err)
		c.giveUp(f.err)
	}
}

// ask makes one exchange for some segments.
func (c *call) ask(ctx context.Context, segments []engine.Segment) ([]string, *failure) {
	if c.spent() {
		return nil, &failure{err: c.usedUp(engine.Transient)}
	}
	nonce, err := newNonce(c.engine.random)
	if err != nil {
		return nil, &failure{err: engine.Errorf(engine.Transient, "%w", err)}
	}
	messages, err := buildMessages(c.req, segments, nonce)
	if err != nil {
		return nil, &failure{err: engine.Errorf(engine.Transient, "%w", err)}
	}
	size := sizeOf(messages)
	if limit := c.req.MaxInputTokens; limit > 0 && c.input > 0 && c.input+size > limit {
		return nil, &failure{err: engine.Errorf(engine.Transient, "asking for fewer segments at a time needs more than the %d tokens that are budgeted for it", limit)}
	}
	c.input += size
	first := c.output == 0
	done, fail := c.engine.complete(ctx, ask{
		messages: messages, temperature: temperature(segments), maxOutput: max(c.req.MaxOutputTokens-c.output, 0),
	}, c.safe)
	c.count(done)
	if err := c.caller.Err(); fail != nil && err != nil {
		return nil, &failure{err: engine.Errorf(engine.Transient, "%w", err)}
	}
	if fail != nil {
		return nil, fail
	}
	bare := c.engine.form().format == textFormat
	if done.finish == "length" && c.spent() {
		return nil, c.cutShort(first, len(segments) == 1)
	}
	texts, wrong := readAnswer(done, segments, c.req.Pair.Target, nonce, bare)
	if wrong != nil {
		return nil, &failure{err: engine.Errorf(wrong.class, "%s", wrong.reason), divides: true}
	}
	return texts, nil
}

// sizeOf is the length of messages in bytes, which no count of tokens exceeds.
func sizeOf(messages []message) int64 {
	n := 0
	for _, m := range messages {
		n += len(m.Role) + len(m.Content)
	}
	return int64(n)
}

// count adds what an exchange used. What the provider did not count is taken to be
// all that was left.
func (c *call) count(done completion) {
	c.usage = c.usage.Add(done.usage)
	c.output += done.usage.OutputTokens
	if done.uncertain {
		c.uncertain++
		c.output = max(c.output, c.req.MaxOutputTokens)
	}
}

// spent says whether the limit of tokens leaves too little to ask for more. Servers
// count the last tokens in different ways, so a tenth is as good as nothing.
func (c *call) spent() bool {
	limit := c.req.MaxOutputTokens
	return limit > 0 && c.output >= limit-limit/10
}

// cutShort says what an answer means that the limit of tokens has cut off.
func (c *call) cutShort(first, single bool) *failure {
	switch {
	case !first:
		return &failure{err: c.usedUp(engine.Transient)}
	case single:
		return &failure{err: c.usedUp(engine.Rejected), divides: true}
	}
	return &failure{err: c.usedUp(engine.Transient), whole: c.usedUp(engine.Rejected)}
}

// usedUp is the error of segments that more would have to be generated for.
func (c *call) usedUp(class engine.Class) *engine.Error {
	return engine.Errorf(class, "the answer needs more than the %d tokens that are budgeted for it", c.req.MaxOutputTokens)
}

// fail gives segments an error.
func (c *call) fail(segments []engine.Segment, err *engine.Error) {
	for _, s := range segments {
		c.outcomes[s.ID] = engine.Translation{ID: s.ID, Err: err}
	}
}

// giveUp stops a call whose model keeps to no form. A rejected segment is an answer
// like another: it says nothing against the next one.
func (c *call) giveUp(err *engine.Error) {
	if err.Class == engine.Rejected {
		c.readable = true
		return
	}
	c.hopeless++
	if !c.readable && c.hopeless >= maxHopeless {
		c.stop, c.whole = err, err
	}
}

// response sums the call up.
func (c *call) response() (engine.Response, error) {
	res := engine.Response{Usage: c.usage, Uncertain: c.uncertain, Segments: make([]engine.Translation, 0, len(c.req.Segments))}
	var first *engine.Error
	came := len(c.req.Segments) == 0
	for _, s := range c.req.Segments {
		t := c.outcomes[s.ID]
		res.Segments = append(res.Segments, t)
		came = came || t.Err == nil || t.Err.Class == engine.Rejected
		if first == nil {
			first = t.Err
		}
	}
	if came {
		return res, nil
	}
	if err := c.caller.Err(); err != nil {
		return engine.Response{Usage: c.usage, Uncertain: c.uncertain}, err
	}
	if c.whole != nil {
		first = c.whole
	}
	return engine.Response{Usage: c.usage, Uncertain: c.uncertain}, first
}
