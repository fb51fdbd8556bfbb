package pipeline

import (
	"time"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Observation is all that Decide looks at: what the spec wishes, what has been
// recorded, what the job refers to, and what the runner has.
type Observation struct {
	Now time.Time
	// Jitter spreads retries; 0 to 1.
	Jitter float64
	Pace   Pace

	Generation int64
	// Digest names all in the spec that decides the translation.
	Digest          string
	Suspend, Cancel bool
	// BackoffLimit is how many failed attempts are followed by another.
	BackoffLimit int32
	// Deadline bounds the time from start to end; 0 means none.
	Deadline time.Duration

	// Status as recorded; Recorded says how much of it counts.
	Status v1alpha1.TranslationJobStatus
	// Kept says that finished segments of an earlier attempt may be stored.
	Kept bool
	// Progressed says that the attempt which was lost with its process finished
	// segments before.
	Progressed bool
	// Retry is what the retry annotation says; "" for no annotation.
	Retry string
	// Blocker is what keeps the job from starting; nil when nothing does.
	Blocker *Blocker
	// Paid says that an attempt has to be recorded before it buys anything.
	Paid bool
	// Attempt is what the runner has; nil for nothing.
	Attempt *Attempt
	// Next names the provider that the next attempt is made with in place of the one of
	// this attempt, which may be Exhausted; "" when there is no other.
	Next string
}

// Blocker is something that a job refers to and that is not as it must be.
type Blocker struct {
	Reason, Message string
	// Terminal says that waiting will not help.
	Terminal bool
}

// AttemptState is where an attempt is.
type AttemptState int

const (
	// AttemptQueued waits for a worker.
	AttemptQueued AttemptState = iota + 1
	// AttemptActive is at work.
	AttemptActive
	// AttemptOver has an outcome.
	AttemptOver
)

// Attempt is one attempt at a job, in this process.
type Attempt struct {
	State AttemptState
	// Number counts the attempts of a generation, from 1; 0 is an attempt that was
	// made only to conclude.
	Number int32
	// Lost is how many attempts in a row were lost before it; they are recorded with it.
	Lost int32
	// Digest of the spec that the attempt works on.
	Digest string
	// Planned says that it has made its plan, holds its turn, and waits until the plan
	// is on record. Announced says that it is, so that the attempt may buy.
	Planned, Announced bool
	// QueuedAt, StartedAt once a worker took it, EndedAt once it is over.
	QueuedAt, StartedAt, EndedAt time.Time
	// ReportedAt is when its progress was last written; zero for never.
	ReportedAt time.Time
	Report     Report
	// Outcome of the last time it worked under its number; zero when it never did.
	Outcome Outcome
	// Crashed says that the attempt panicked.
	Crashed bool
	// Concluding says that all it does, or is about to do, is to publish what there is.
	Concluding bool
	// Conclusion says whether what there is has been published without going on.
	Conclusion Conclusion
}

// Conclusion of an attempt that ends before its time.
type Conclusion struct {
	// Done says that the result is published.
	Done bool
	// Err says why the last try to publish it failed; nil for no try.
	Err error
}

// Verb is what the controller has to do beside writing the status.
type Verb int

const (
	// Nothing to do.
	Nothing Verb = iota
	// Start submits an attempt.
	Start
	// Announce lets an attempt buy whose plan is on record now.
	Announce
	// Halt stops the attempt and keeps what it finished.
	Halt
	// Conclude publishes what there is, without asking the engine for more.
	Conclude
	// Forget drops the ended attempt.
	Forget
)

// Stage is where a job is, in the words of the decision. The phase and the
// conditions are made from it.
type Stage int

const (
	// Waiting for a worker, or for something the job refers to.
	Waiting Stage = iota + 1
	// Working, or backing off between attempts.
	Working
	// Held by suspend.
	Held
	// Ended for this generation.
	Ended
)

// Decision is what to do, and what the status has to say.
type Decision struct {
	Verb Verb
	// Number of the attempt that Start submits.
	Number int32
	// Quiet leaves the status as it is.
	Quiet bool
	Stage Stage
	// Reason of the conditions; of condition Finished when the stage is Ended.
	Reason string
	// Cause says more when Reason is Failed or Dead: the reason of Stalled.
	Cause   string
	Message string
	// Attempts, Failed and Lost are the counters to record.
	Attempts, Failed, Lost int32
	// NextAttempt is when a job that backs off goes on; zero for now.
	NextAttempt time.Time
	// After is when to look again; 0 waits for an event. An attempt has the job looked
	// at when it has gone on for Pace.AnnounceAfter, and when it is over.
	After time.Duration
}
