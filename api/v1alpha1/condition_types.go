package v1alpha1

// Condition types. Finished is the one to wait for: it turns True on every
// outcome, good or bad. Ready, Reconciling and Stalled follow kstatus
// (sigs.k8s.io/cli-utils), so that Flux and Argo CD read the object without
// extra rules; Ready=False never stands without one of the other two.
const (
	// FinishedCondition is True once the job or batch has ended, whatever the
	// outcome; the reason says which. It is False while work remains.
	FinishedCondition = "Finished"
	// ReadyCondition is True when the result can be used as it is (a job), every
	// job ended Completed (a batch), or the engine answers (a provider).
	ReadyCondition = "Ready"
	// ReconcilingCondition is True while the controller still works or waits for
	// something that may come by itself.
	ReconcilingCondition = "Reconciling"
	// StalledCondition is True when a person or a new spec is needed.
	StalledCondition = "Stalled"
)

// Reasons of FinishedCondition: the six ways a job can end.
const (
	// CompletedReason: every segment was translated and passed QA.
	CompletedReason = "Completed"
	// CompletedWithBlocksReason: at least one segment keeps its source text,
	// because its placeables or markup could not be put back.
	CompletedWithBlocksReason = "CompletedWithBlocks"
	// NeedsReviewReason: the result is there, but QA found what the correction
	// loops could not mend.
	NeedsReviewReason = "NeedsReview"
	// FailedReason: the job cannot succeed as it is written.
	FailedReason = "Failed"
	// DeadReason: given up after repeated crashes or lost attempts.
	DeadReason = "Dead"
	// CancelledReason: spec.cancel was set before the end.
	CancelledReason = "Cancelled"
)

// Reasons of the other conditions while a job is under way, and of a failure.
const (
	// QueuedReason: no job of a batch has been made yet.
	QueuedReason = "Queued"
	// ProcessingReason: the pipeline is running.
	ProcessingReason = "Processing"
	// SuspendedReason: spec.suspend holds the job.
	SuspendedReason = "Suspended"
	// BackingOffReason: an attempt failed and the next one is scheduled.
	BackingOffReason = "BackingOff"
	// RateLimitedReason: the provider asked all jobs to wait.
	RateLimitedReason = "RateLimited"
	// SourceNotFoundReason: the ConfigMap or key with the source is not there yet.
	SourceNotFoundReason = "SourceNotFound"
	// SourceTooLargeReason: the source is over the size limit.
	SourceTooLargeReason = "SourceTooLarge"
	// SourceInvalidReason: the source cannot be read as text.
	SourceInvalidReason = "SourceInvalid"
	// SegmentationRulesNotFoundReason: the rule file that the job names is not there yet.
	SegmentationRulesNotFoundReason = "SegmentationRulesNotFound"
	// SegmentationRulesInvalidReason: the rule file has a mistake.
	SegmentationRulesInvalidReason = "SegmentationRulesInvalid"
	// GlossaryNotFoundReason: a glossary that the job names is not there yet.
	GlossaryNotFoundReason = "GlossaryNotFound"
	// ProviderNotFoundReason: the provider that the job names, or any provider, is
	// not there yet.
	ProviderNotFoundReason = "ProviderNotFound"
	// ProviderNotReadyReason: the provider exists and is not Ready.
	ProviderNotReadyReason = "ProviderNotReady"
	// ProviderUnavailableReason: the calls of the provider failed one after the other, so
	// that nothing is sent to it for a while and a fallback is used.
	ProviderUnavailableReason = "ProviderUnavailable"
	// PairNotOfferedReason: no provider translates between these two languages.
	PairNotOfferedReason = "PairNotOffered"
	// UnsupportedReason: the engine cannot do what the job asks for.
	UnsupportedReason = "Unsupported"
	// PromptInjectionDetectedReason: the source reads as orders to a language model, and
	// injectionPolicy keeps it from one.
	PromptInjectionDetectedReason = "PromptInjectionDetected"
	// EngineRejectedReason: the engine refused the text.
	EngineRejectedReason = "EngineRejected"
	// MisconfiguredReason: the engine refused the provider's settings or key.
	MisconfiguredReason = "Misconfigured"
	// BackoffLimitExceededReason: every attempt that backoffLimit allows failed.
	BackoffLimitExceededReason = "BackoffLimitExceeded"
	// DeadlineExceededReason: activeDeadlineSeconds passed before the end.
	DeadlineExceededReason = "DeadlineExceeded"
	// BudgetExceededReason: the job could cost more than it, its batch or its
	// namespace may.
	BudgetExceededReason = "BudgetExceeded"
	// AwaitingBudgetReason: running jobs of the batch or the namespace hold the budget
	// that this one needs; it goes on when they leave enough.
	AwaitingBudgetReason = "AwaitingBudget"
	// StorageFailedReason: the payload store or the memory did not answer; it is tried
	// again.
	StorageFailedReason = "StorageFailed"
	// DeliveryFailedReason: the object of spec.delivery could not be written; it is
	// tried again.
	DeliveryFailedReason = "DeliveryFailed"
)

// Reasons of a batch's conditions beside CompletedReason, FailedReason and
// CancelledReason.
const (
	// CompletedWithErrorsReason: every job ended, some not as Completed.
	CompletedWithErrorsReason = "CompletedWithErrors"
	// ChildConflictReason: an object that this batch does not own has the name of
	// one of its jobs.
	ChildConflictReason = "ChildConflict"
	// ItemRejectedReason: the API server refused the job of an item.
	ItemRejectedReason = "ItemRejected"
)

// Reasons of a provider's Ready condition.
const (
	// ProbingReason: the first answer of the engine is still to come.
	ProbingReason = "Probing"
	// ProbeSucceededReason: the engine answered the last probe.
	ProbeSucceededReason = "ProbeSucceeded"
	// ProbeFailedReason: the engine did not answer the last probe; it is tried again.
	ProbeFailedReason = "ProbeFailed"
	// SecretNotFoundReason: the Secret or key with the credentials is missing.
	SecretNotFoundReason = "SecretNotFound"
)
