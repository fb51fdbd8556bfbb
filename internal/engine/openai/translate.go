package openai

import (
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
// returned. An exchange whose answer never arrived cannot be counted.
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
	// edges and outcomes by id of the segment.
	edges    map[int]edges
	outcomes map[int]engine.Translation
	// stop is the error after which no more is asked: it holds for every segment.
	stop *engine.Error
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
		c.stop = f.err
		c.fail(segments, f.err)
	case len(segments) > 1:
		half := len(segments) / 2
		c.solve(ctx, segments[:half])
		c.solve(ctx, segments[half:])
	case f.about == sizeComplaint && len(c.req.Context) > 0:
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
	nonce, err := newNonce(c.engine.random)
	if err != nil {
		return nil, &failure{err: engine.Errorf(engine.Transient, "%w", err)}
	}
	messages, err := buildMessages(c.req, segments, nonce)
	if err != nil {
		return nil, &failure{err: engine.Errorf(engine.Transient, "%w", err)}
	}
	done, fail := c.engine.complete(ctx, messages, temperature(segments), c.safe)
	c.usage = c.usage.Add(done.usage)
	if err := c.caller.Err(); fail != nil && err != nil {
		return nil, &failure{err: engine.Errorf(engine.Transient, "%w", err)}
	}
	if fail != nil {
		return nil, fail
	}
	bare := c.engine.form().format == textFormat
	texts, wrong := readAnswer(done, segments, c.req.Pair.Target, nonce, bare)
	if wrong != nil {
		return nil, &failure{err: engine.Errorf(wrong.class, "%s", wrong.reason), divides: true}
	}
	return texts, nil
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
		c.stop = err
	}
}

// response sums the call up.
func (c *call) response() (engine.Response, error) {
	res := engine.Response{Usage: c.usage, Segments: make([]engine.Translation, 0, len(c.req.Segments))}
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
		return engine.Response{Usage: c.usage}, err
	}
	if c.stop != nil {
		first = c.stop
	}
	return engine.Response{Usage: c.usage}, first
}
