package llm

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

// Translate asks a model. When an answer is cut off, filtered, unreadable or does not
// name exactly the ids sent, none of it can be trusted: the call is divided in halves
// down to single segments. When only some texts of an answer cannot be used (see
// verifier), the others are kept and those are asked for again; with Request.Partial
// they come back as Transient instead, for the caller to ask again together with
// others, and so does a whole answer without form of a model that has kept it before.
// What still fails alone carries its own error.
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
func Translate(ctx context.Context, w *Wire, m Model, req engine.Request) (engine.Response, error) {
	if err := w.client.Usable(ctx); err != nil {
		return engine.Response{}, err
	}
	c := &call{
		wire:     w,
		model:    m,
		req:      capped(req),
		caller:   ctx,
		safe:     NewRedactor(w.key, req),
		edges:    make(map[int]edges, len(req.Segments)),
		outcomes: make(map[int]engine.Translation, len(req.Segments)),
	}
	if open := c.open(); len(open) > 0 {
		c.solve(ctx, open)
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
	wire   *Wire
	model  Model
	req    engine.Request
	caller context.Context
	safe   Redactor
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
	// readable says that some answer could be used, or that the caller was told of each
	// text what is wrong with it; hopeless counts single segments whose answer could not.
	readable bool
	hopeless int
}

// solve gets the segments translated, by halves when it has to.
func (c *call) solve(ctx context.Context, segments []engine.Segment) {
	if c.stop != nil {
		c.fail(segments, c.stop)
		return
	}
	verdicts, f := c.ask(ctx, segments)
	switch {
	case f == nil:
		c.take(ctx, segments, verdicts)
	case !f.Divides:
		c.stop, c.whole = f.Err, cmp.Or(f.whole, f.Err)
		c.fail(segments, f.Err)
	case len(segments) > 1 && c.req.Partial && f.again && c.wire.keepsForm.Load():
		// A slip: the model is known to answer as it should. The same in halves is two
		// exchanges more, and together with what others have left it is less than one.
		c.readable = true
		c.fail(segments, engine.Errorf(engine.Transient, "%s", f.Err.Error()))
	case len(segments) > 1:
		c.divide(ctx, segments)
	case (f.About == SizeComplaint || f.About == RoomComplaint) && len(c.req.Context) > 0:
		// The segment alone may fit; the context is a help, not a need.
		c.req.Context = nil
		c.solve(ctx, segments)
	default:
		c.fail(segments, f.Err)
		c.giveUp(f.Err)
	}
}

// divide asks for the halves of a list of segments.
func (c *call) divide(ctx context.Context, segments []engine.Segment) {
	half := len(segments) / 2
	c.solve(ctx, segments[:half])
	c.solve(ctx, segments[half:])
}

// take keeps the good texts of an answer and asks again for the others: together at
// first, then by halves.
func (c *call) take(ctx context.Context, segments []engine.Segment, verdicts []verdict) {
	var bad []engine.Segment
	for i, s := range segments {
		v := verdicts[i]
		if v.fault == nil {
			around := c.edges[s.ID]
			c.outcomes[s.ID] = engine.Translation{ID: s.ID, Text: around.before + v.text + around.after}
			c.readable = true
			continue
		}
		bad = append(bad, s)
		c.outcomes[s.ID] = engine.Translation{ID: s.ID, Err: v.fault.asked(len(segments), c.req.Partial)}
	}
	switch {
	case len(bad) == 0:
	case c.req.Partial:
		c.readable = true
	case len(segments) == 1:
		c.giveUp(c.outcomes[segments[0].ID].Err)
	case len(bad) < len(segments):
		c.solve(ctx, bad)
	default:
		c.divide(ctx, bad)
	}
}

// ask makes one exchange for some segments.
func (c *call) ask(ctx context.Context, segments []engine.Segment) ([]verdict, *Failure) {
	if c.spent() {
		return nil, &Failure{Err: c.usedUp(engine.Transient)}
	}
	own, err := newMarks(c.wire.random)
	if err != nil {
		return nil, &Failure{Err: engine.Errorf(engine.Transient, "%w", err)}
	}
	a, err := promptFor(c.req, segments, own)
	if err != nil {
		return nil, &Failure{Err: engine.Errorf(engine.Transient, "%w", err)}
	}
	size := sizeOf(a)
	if limit := c.req.MaxInputTokens; limit > 0 && c.input > 0 && c.input+size > limit {
		return nil, &Failure{Err: engine.Errorf(engine.Transient, "asking for fewer segments at a time needs more than the %d tokens that are budgeted for it", limit)}
	}
	c.input += size
	first := c.output == 0
	a.Temperature, a.MaxOutput = temperature(segments), max(c.req.MaxOutputTokens-c.output, 0)
	done, fail := c.model.Complete(ctx, a, c.safe)
	c.count(done)
	if err := c.caller.Err(); fail != nil && err != nil {
		return nil, &Failure{Err: engine.Errorf(engine.Transient, "%w", err)}
	}
	if fail != nil {
		return nil, fail
	}
	if done.Finish == CutOff && c.spent() {
		return nil, c.cutShort(first, len(segments) == 1)
	}
	v := verifier{target: c.req.Pair.Target, creation: c.req.Creation, rating: c.req.Rating, marks: own}
	verdicts, wrong := v.read(done, segments)
	if wrong != nil {
		return nil, &Failure{Err: engine.Errorf(wrong.class, "%s", wrong.reason), Divides: true, again: !wrong.final}
	}
	if len(segments) > 1 {
		c.wire.keepsForm.Store(true)
	}
	return verdicts, nil
}

// sizeOf is the length of the messages in bytes, with the names of their roles, which
// no count of tokens exceeds.
func sizeOf(a Ask) int64 {
	return int64(len("system") + len(a.System) + len("user") + len(a.User))
}

// count adds what an exchange used. What the provider did not count is taken to be
// all that was left.
func (c *call) count(done Completion) {
	c.usage = c.usage.Add(done.Usage)
	c.output += done.Usage.OutputTokens
	if done.Uncertain {
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
func (c *call) cutShort(first, single bool) *Failure {
	switch {
	case !first:
		return &Failure{Err: c.usedUp(engine.Transient)}
	case single:
		return &Failure{Err: c.usedUp(engine.Rejected), Divides: true}
	}
	return &Failure{Err: c.usedUp(engine.Transient), whole: c.usedUp(engine.Rejected)}
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
	came := len(c.req.Segments) == 0 || c.readable && c.stop == nil
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
