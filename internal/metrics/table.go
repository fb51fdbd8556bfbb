package metrics

import (
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Labels that several metrics have.
const (
	engineLabel = "engine"
	routeLabel  = "route"
)

// The sets of values. An engine is named as engine.Info names it.
var (
	engines  = Label{Name: engineLabel, Values: []string{"anthropic", "apertium", "deepl", "libretranslate", "openai", "pseudo"}}
	outcomes = []string{
		v1alpha1.CompletedReason, v1alpha1.CompletedWithBlocksReason, v1alpha1.NeedsReviewReason,
		v1alpha1.FailedReason, v1alpha1.DeadReason, v1alpha1.CancelledReason,
	}
	phases = []string{
		string(v1alpha1.QueuedPhase), string(v1alpha1.ProcessingPhase), string(v1alpha1.SuspendedPhase),
		string(v1alpha1.CompletedPhase), string(v1alpha1.CompletedWithBlocksPhase), string(v1alpha1.NeedsReviewPhase),
		string(v1alpha1.FailedPhase), string(v1alpha1.DeadPhase), string(v1alpha1.CancelledPhase),
	}
	steps = Label{Name: "step", Values: []string{
		string(v1alpha1.SupervisorStep), string(v1alpha1.SourceReviewStep), string(v1alpha1.TranslatorStep),
		string(v1alpha1.QAStep), string(v1alpha1.FinalizingStep),
	}}
	payloads = Label{Name: "kind", Values: []string{ResultPayload, InputPayload, PagePayload, MemoryPayload}}
)

// Buckets in seconds. Work waits for milliseconds or for a night; a step or a call
// takes milliseconds (a local engine) to minutes (a language model).
var (
	waitBuckets = []float64{0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 43200}
	workBuckets = []float64{0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300}
	restBuckets = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60}
)

// The metrics of the manager.
var (
	jobs = Definition{
		Name: "dragoman_jobs", Type: Gauge, Labels: []Label{{Name: "phase", Values: phases}},
		Help: "Jobs that exist, by phase; every replica of the manager counts all of its shard",
	}
	jobsFinished = Definition{
		Name: "dragoman_jobs_finished_total", Type: Counter, Labels: []Label{{Name: "reason", Values: outcomes}},
		Help: "Jobs that ended, by the reason of their Finished condition",
	}
	queueWait = Definition{
		Name: "dragoman_job_queue_wait_seconds", Type: Histogram, Labels: []Label{engines}, Buckets: waitBuckets,
		Help: "Time from when an attempt of a job was ready to run until it began",
	}
	queuedWork = Definition{
		Name: "dragoman_queued_work", Type: Gauge,
		Labels: []Label{engines, {Name: "reason", Values: []string{
			AwaitsWorker, AwaitsConcurrency, AwaitsRequests, AwaitsTokens, AwaitsRateLimit, AwaitsCircuit, AwaitsSuspect,
		}}},
		Help: "Attempts and calls that wait for their turn now, by what they wait for",
	}
	attempts = Definition{
		Name: "dragoman_attempts_total", Type: Counter,
		Labels: []Label{{Name: "result", Values: []string{AttemptFinished, AttemptFailed, AttemptLost, AttemptCrashed, AttemptHandedOver}}},
		Help:   "Attempts at jobs by how they ended; all but finished and handed_over cost the job one of its retries",
	}
	stepDuration = Definition{
		Name: "dragoman_step_duration_seconds", Type: Histogram, Labels: []Label{steps}, Buckets: workBuckets,
		Help: "Time that an attempt spent in a step of the pipeline",
	}
	callWait = Definition{
		Name: "dragoman_call_wait_seconds", Type: Histogram, Labels: []Label{engines}, Buckets: waitBuckets,
		Help: "Time that a call to an engine waited for the limits of its provider",
	}
	calls = Definition{
		Name: "dragoman_engine_calls_total", Type: Counter,
		Labels: []Label{engines, {Name: "result", Values: []string{
			CallAnswered, CallRateLimited, CallTransient, CallRejected, CallMisconfigured, CallCancelled,
		}}},
		Help: "Calls to engines, by what came of them",
	}
	callDuration = Definition{
		Name: "dragoman_engine_call_duration_seconds", Type: Histogram, Labels: []Label{engines}, Buckets: workBuckets,
		Help: "Time until an engine answered a call, well or badly",
	}
	tokens = Definition{
		Name: "dragoman_tokens_total", Type: Counter,
		Labels: []Label{engines, {Name: "direction", Values: []string{"input", "output"}}},
		Help:   "Tokens that engines say they used",
	}
	characters = Definition{
		Name: "dragoman_characters_total", Type: Counter, Labels: []Label{engines},
		Help: "Characters sent to engines that charge by them",
	}
	uncertain = Definition{
		Name: "dragoman_uncertain_requests_total", Type: Counter, Labels: []Label{engines},
		Help: "Requests that may have been charged without saying how much, because the answer broke off",
	}
	cost = Definition{
		Name: "dragoman_cost_euros_total", Type: Counter, Labels: []Label{engines},
		Help: "Cost of calls to engines, at the prices of their providers",
	}
	segments = Definition{
		Name: "dragoman_segments_total", Type: Counter,
		Labels: []Label{{Name: "outcome", Values: []string{SegmentDone, SegmentFromMemory, SegmentBlocked, SegmentFailed}}},
		Help:   "Segments of ended jobs, by what became of them",
	}
	memoryLookups = Definition{
		Name: "dragoman_memory_lookups_total", Type: Counter, Labels: []Label{{Name: "result", Values: []string{"hit", "miss"}}},
		Help: "Segments looked up in the translation memory",
	}
	gatePauses = Definition{
		Name: "dragoman_gate_pauses_total", Type: Counter, Labels: []Label{{Name: "reason", Values: []string{PausedByRateLimit, PausedByCircuit}}},
		Help: "Pauses of a provider for all of its jobs, because it asked for one or failed too often",
	}
	budgetRefusals = Definition{
		Name: "dragoman_budget_refusals_total", Type: Counter, Labels: []Label{{Name: "scope", Values: []string{JobBudget, BatchBudget, NamespaceBudget}}},
		Help: "Times that a job was stopped or kept from its next call because of a budget",
	}
	storeWritten = Definition{
		Name: "dragoman_store_written_bytes_total", Type: Counter, Labels: []Label{payloads},
		Help: "Bytes written to the payload store, compressed",
	}
	storeRead = Definition{
		Name: "dragoman_store_read_bytes_total", Type: Counter, Labels: []Label{payloads},
		Help: "Bytes read from the payload store, compressed",
	}
	storeFailures = Definition{
		Name: "dragoman_store_failures_total", Type: Counter, Labels: []Label{{Name: "operation", Values: []string{"create", "read", "list", "delete"}}},
		Help: "Operations that the payload store did not carry out",
	}
	statusWrites = Definition{
		Name: "dragoman_status_writes_total", Type: Counter, Labels: []Label{{Name: "kind", Values: []string{
			"TranslationJob", "TranslationBatch",
			string(v1alpha1.TranslationProviderKind), string(v1alpha1.ClusterTranslationProviderKind),
		}}},
		Help: "Statuses written, by kind of object",
	}
)

// The metrics of the REST adapter.
var (
	restRequests = Definition{
		Name: "dragoman_rest_requests_total", Type: Counter, Labels: []Label{routeValues(), methods, {Name: "code", Values: codes}},
		Help: "Requests answered, by the class of their status code; 499 is a caller that went away",
	}
	restDuration = Definition{
		Name: "dragoman_rest_request_duration_seconds", Type: Histogram, Labels: []Label{routeValues(), methods}, Buckets: restBuckets,
		Help: "Time until a request was answered; that of a result includes the wait that the caller asked for",
	}
)

// ManagerDefinitions returns the metrics of the manager, in the order of the page.
func ManagerDefinitions() []Definition {
	return []Definition{
		jobs, jobsFinished, queueWait, queuedWork, attempts, stepDuration,
		callWait, calls, callDuration, tokens, characters, uncertain, cost,
		segments, memoryLookups, gatePauses, budgetRefusals,
		storeWritten, storeRead, storeFailures, statusWrites,
	}
}

// RESTDefinitions returns the metrics of the REST adapter, in the order of the page.
func RESTDefinitions() []Definition {
	return []Definition{restRequests, restDuration}
}

// Definitions returns every metric.
func Definitions() []Definition {
	return slices.Concat(ManagerDefinitions(), RESTDefinitions())
}
