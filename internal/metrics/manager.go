package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
)

// What callers hand in. Another value is counted as "other".
const (
	// Results of a call to an engine.
	CallAnswered      = "answered"
	CallRateLimited   = "rate_limited"
	CallTransient     = "transient"
	CallRejected      = "rejected"
	CallMisconfigured = "misconfigured"
	CallCancelled     = "cancelled"

	// Ends of an attempt. Finished is every end of the pipeline, also one that needs
	// review; failed is tried again; lost was under way in a manager that is gone;
	// crashed panicked; handed over was stopped by an orderly end of the manager.
	AttemptFinished   = "finished"
	AttemptFailed     = "failed"
	AttemptLost       = "lost"
	AttemptCrashed    = "crashed"
	AttemptHandedOver = "handed_over"

	// Reasons of a gate's pause.
	PausedByRateLimit = "rate_limit"
	PausedByCircuit   = "circuit"

	// What queued work waits for: a worker, the provider's concurrency, its requests
	// or tokens per minute, the end of a pause; or, when it was lost before, for the
	// end of another such.
	AwaitsWorker      = "worker"
	AwaitsConcurrency = "concurrency"
	AwaitsRequests    = "requests"
	AwaitsTokens      = "tokens"
	AwaitsRateLimit   = PausedByRateLimit
	AwaitsCircuit     = PausedByCircuit
	AwaitsSuspect     = "suspect"

	// What became of a segment. From memory is done without an engine.
	SegmentDone       = "done"
	SegmentFromMemory = "from_memory"
	SegmentBlocked    = "blocked"
	SegmentFailed     = "failed"

	// Whose budget refused.
	JobBudget       = "job"
	BatchBudget     = "batch"
	NamespaceBudget = "namespace"

	// Kinds of payload.
	ResultPayload = "result"
	InputPayload  = "input"
	PagePayload   = "page"
	MemoryPayload = "memory"
)

// Manager holds the metrics of a manager. Its methods may be called from many
// goroutines, cost well under a microsecond and never fail.
//
// It is the observer of the runner (WorkWaited, CallWaited, GatePaused), of the
// payload store (Wrote, Read, Failed) and of the controllers (the rest).
type Manager struct {
	jobs           gauge
	jobsFinished   counter
	queueWait      histogram
	queue          *queue
	attempts       counter
	stepDuration   histogram
	callWait       histogram
	calls          counter
	callDuration   histogram
	tokens         counter
	characters     counter
	uncertain      counter
	cost           counter
	segments       counter
	memoryLookups  counter
	gatePauses     counter
	budgetRefusals counter
	storeWritten   counter
	storeRead      counter
	storeFailures  counter
	statusWrites   counter

	unregister func()
}

// NewManager makes the metrics of a manager and registers them; nil registers
// nowhere. The error says that the registerer has metrics of these names already:
// two managers in one process share a registerer one after the other.
func NewManager(to prometheus.Registerer) (*Manager, error) {
	var s set
	m := makeManager(&s)
	var err error
	m.unregister, err = s.register(to)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// NopManager returns metrics that nobody reads.
func NopManager() *Manager {
	m := makeManager(&set{})
	m.unregister = func() {}
	return m
}

func makeManager(s *set) *Manager {
	m := &Manager{
		jobs:           s.gauge(&jobs),
		jobsFinished:   s.counter(&jobsFinished),
		queueWait:      s.histogram(&queueWait),
		queue:          newQueue(&queuedWork),
		attempts:       s.counter(&attempts),
		stepDuration:   s.histogram(&stepDuration),
		callWait:       s.histogram(&callWait),
		calls:          s.counter(&calls),
		callDuration:   s.histogram(&callDuration),
		tokens:         s.counter(&tokens),
		characters:     s.counter(&characters),
		uncertain:      s.counter(&uncertain),
		cost:           s.counter(&cost),
		segments:       s.counter(&segments),
		memoryLookups:  s.counter(&memoryLookups),
		gatePauses:     s.counter(&gatePauses),
		budgetRefusals: s.counter(&budgetRefusals),
		storeWritten:   s.counter(&storeWritten),
		storeRead:      s.counter(&storeRead),
		storeFailures:  s.counter(&storeFailures),
		statusWrites:   s.counter(&statusWrites),
	}
	s.collectors = append(s.collectors, m.queue)
	return m
}

// Close takes the metrics from the registerer.
func (m *Manager) Close() { m.unregister() }

// JobFinished counts a job that ended, once, with the reason of its Finished
// condition.
func (m *Manager) JobFinished(reason string) { m.jobsFinished.add(1, reason) }

// AttemptEnded counts an attempt: AttemptFinished, AttemptFailed, AttemptLost,
// AttemptCrashed or AttemptHandedOver.
func (m *Manager) AttemptEnded(result string) { m.attempts.add(1, result) }

// StepEnded notes how long an attempt was in a step of the pipeline
// (v1alpha1.Step as a string).
func (m *Manager) StepEnded(step string, took time.Duration) {
	m.stepDuration.observe(took.Seconds(), step)
}

// WorkWaited notes how long an attempt that could run waited until it began. The
// engine is the name in engine.Info.
func (m *Manager) WorkWaited(engine string, waited time.Duration) {
	m.queueWait.observe(waited.Seconds(), engine)
}

// CallWaited notes how long a call waited for the limits of its provider.
func (m *Manager) CallWaited(engine string, waited time.Duration) {
	m.callWait.observe(waited.Seconds(), engine)
}

// GatePaused counts a pause that holds all work of a provider: PausedByRateLimit or
// PausedByCircuit.
func (m *Manager) GatePaused(reason string) { m.gatePauses.add(1, reason) }

// EngineCalled counts a call that ended (CallAnswered, CallRateLimited, and so on),
// how long it took and what the engine says it used. Observed does this for an
// engine.
func (m *Manager) EngineCalled(engine, result string, took time.Duration, used engine.Usage) {
	m.calls.add(1, engine, result)
	m.callDuration.observe(took.Seconds(), engine)
	if used.InputTokens > 0 {
		m.tokens.add(float64(used.InputTokens), engine, "input")
	}
	if used.OutputTokens > 0 {
		m.tokens.add(float64(used.OutputTokens), engine, "output")
	}
	if used.Characters > 0 {
		m.characters.add(float64(used.Characters), engine)
	}
}

// CallsUncertain counts requests that may have been charged for without saying how
// much.
func (m *Manager) CallsUncertain(engine string, requests int) {
	if requests > 0 {
		m.uncertain.add(float64(requests), engine)
	}
}

// Spent counts what calls to an engine cost.
func (m *Manager) Spent(engine string, cost money.Euro) {
	if cost > 0 {
		m.cost.add(float64(cost)/1e6, engine)
	}
}

// SegmentsEnded counts segments of a job that ended: SegmentDone (by an engine),
// SegmentFromMemory, SegmentBlocked or SegmentFailed.
func (m *Manager) SegmentsEnded(outcome string, count int) {
	m.segments.add(float64(count), outcome)
}

// MemoryLookedUp counts segments that were looked up in the translation memory.
func (m *Manager) MemoryLookedUp(hits, misses int) {
	m.memoryLookups.add(float64(hits), "hit")
	m.memoryLookups.add(float64(misses), "miss")
}

// BudgetRefused counts that a budget kept a job from going on: JobBudget,
// BatchBudget or NamespaceBudget.
func (m *Manager) BudgetRefused(scope string) { m.budgetRefusals.add(1, scope) }

// StatusWritten counts a write of a status, by the kind of the object.
func (m *Manager) StatusWritten(kind string) { m.statusWrites.add(1, kind) }

// Wrote counts bytes that reached the payload store: ResultPayload, InputPayload,
// PagePayload or MemoryPayload.
func (m *Manager) Wrote(kind string, bytes int) { m.storeWritten.add(float64(bytes), kind) }

// Read counts bytes that came from the payload store, by the same kinds.
func (m *Manager) Read(kind string, bytes int) { m.storeRead.add(float64(bytes), kind) }

// Failed counts an operation that the store did not carry out: create, read, list or
// delete.
func (m *Manager) Failed(operation string) { m.storeFailures.add(1, operation) }

// ShowQueue lets a scrape ask for the work that waits. The function must be quick,
// and is called from any goroutine.
func (m *Manager) ShowQueue(waiting func() []Waiting) { m.queue.show(waiting) }
