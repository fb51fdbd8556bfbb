package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Phase is a caption for people and for the REST answer. It is derived last from
// the rest of the status, and no code may decide anything on it.
//
// +kubebuilder:validation:Enum=Queued;Processing;Completed;CompletedWithBlocks;NeedsReview;Failed;Dead;Cancelled;Suspended
type Phase string

// The phases of a job.
const (
	// QueuedPhase: waiting for a worker or for something the job refers to.
	QueuedPhase Phase = "Queued"
	// ProcessingPhase: the pipeline is running, or backs off between attempts.
	ProcessingPhase Phase = "Processing"
	// CompletedPhase: every segment passed QA.
	CompletedPhase Phase = "Completed"
	// CompletedWithBlocksPhase: some segments keep their source text.
	CompletedWithBlocksPhase Phase = "CompletedWithBlocks"
	// NeedsReviewPhase: QA is below its threshold after the correction loops.
	NeedsReviewPhase Phase = "NeedsReview"
	// FailedPhase: unrecoverable error.
	FailedPhase Phase = "Failed"
	// DeadPhase: abandoned after repeated failures.
	DeadPhase Phase = "Dead"
	// CancelledPhase: ended by spec.cancel.
	CancelledPhase Phase = "Cancelled"
	// SuspendedPhase: held by spec.suspend.
	SuspendedPhase Phase = "Suspended"
)

// Step is one of the five steps of the pipeline.
//
// +kubebuilder:validation:Enum=Supervisor;SourceReview;Translator;QA;Finalizing
type Step string

const (
	// SupervisorStep validates and segments.
	SupervisorStep Step = "Supervisor"
	// SourceReviewStep checks the source text.
	SourceReviewStep Step = "SourceReview"
	// TranslatorStep translates segments.
	TranslatorStep Step = "Translator"
	// QAStep evaluates and corrects.
	QAStep Step = "QA"
	// FinalizingStep builds the output.
	FinalizingStep Step = "Finalizing"
)

// ResultItem is the translation of one item of source.texts.
//
// +kubebuilder:validation:MinProperties=0
type ResultItem struct {
	// text is the translation; absent when the item has none.
	// +optional
	// +kubebuilder:validation:MinLength=0
	// +kubebuilder:validation:MaxLength=262144
	Text *string `json:"text,omitempty"`
}

// PayloadReference says where a large value is kept: in shards, each an immutable
// ConfigMap that the job owns.
type PayloadReference struct {
	// name of the payload; its shards are the ConfigMaps name-0, name-1 and so on.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// shards is the number of ConfigMaps.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Shards int32 `json:"shards,omitempty"`

	// bytes is the size of the value before compression.
	// +required
	// +kubebuilder:validation:Minimum=1
	Bytes int64 `json:"bytes,omitempty"`

	// sha256 of the value before compression, in hex.
	// +required
	// +kubebuilder:validation:MinLength=64
	// +kubebuilder:validation:MaxLength=64
	SHA256 string `json:"sha256,omitempty"`
}

// Result is the translation: text or texts when small, else payloadRef.
//
// +kubebuilder:validation:MinProperties=0
type Result struct {
	// text is the translation of source.text, of a ConfigMap's text or of a plain
	// text file, when it has at most 32768 bytes.
	// +optional
	// +kubebuilder:validation:MinLength=0
	// +kubebuilder:validation:MaxLength=32768
	Text *string `json:"text,omitempty"`

	// texts are the translations of source.texts in their order, when they have at
	// most 32768 bytes in all.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1000
	Texts []ResultItem `json:"texts,omitempty"`

	// findings that are open, at most 50 of them. More are in the payload.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Findings []Finding `json:"findings,omitempty"`

	// payloadRef points at the whole result when it is too large for the object.
	// +optional
	PayloadRef *PayloadReference `json:"payloadRef,omitempty"`

	// sha256 of the translation, in hex; of the JSON list for texts.
	// +optional
	// +kubebuilder:validation:MinLength=64
	// +kubebuilder:validation:MaxLength=64
	SHA256 string `json:"sha256,omitempty"`

	// wordCount of the translation.
	// +optional
	// +kubebuilder:validation:Minimum=0
	WordCount int32 `json:"wordCount,omitempty"`
}

// CaughtFaults is how many of the planted errors of one kind the checks found.
type CaughtFaults struct {
	// fault is the kind of error, such as number, untranslated or half_source.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Fault string `json:"fault,omitempty"`

	// planted is how many segments took it.
	// +required
	// +kubebuilder:validation:Minimum=1
	Planted int32 `json:"planted,omitempty"`

	// caught is how many of those the checks did not let pass.
	// +required
	// +kubebuilder:validation:Minimum=0
	Caught int32 `json:"caught"`
}

// JudgeStatus says who rated the translations, and how many.
type JudgeStatus struct {
	// model that rated.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Model string `json:"model,omitempty"`

	// prompt is the version of the instructions that it was asked with.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Prompt string `json:"prompt,omitempty"`

	// segments is how many translations were rated.
	// +required
	// +kubebuilder:validation:Minimum=0
	Segments int32 `json:"segments"`
}

// ProviderStatusReference says which engine did the work.
type ProviderStatusReference struct {
	// kind of the provider object.
	// +required
	Kind ProviderKind `json:"kind,omitempty"`

	// name of the provider object.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// type of the engine.
	// +required
	Type ProviderType `json:"type,omitempty"`

	// model that was asked, for engines that have one.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Model string `json:"model,omitempty"`

	// prompt is the version of the instructions that the model was asked with, such as
	// translation/3.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Prompt string `json:"prompt,omitempty"`
}

// PassedOverProvider is a provider that was to do the work and did not.
type PassedOverProvider struct {
	// kind of the provider object.
	// +required
	Kind ProviderKind `json:"kind,omitempty"`

	// name of the provider object.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// reason in one word: PairNotOffered, ProviderNotFound, ProviderNotReady or
	// ProviderUnavailable before an attempt; Misconfigured or BackoffLimitExceeded after
	// one, and then the job does not come back to the provider in this run.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Reason string `json:"reason,omitempty"`

	// message says what happened.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// failedAttempts is how many attempts with it failed before it was given up; 0 when
	// it was not.
	// +optional
	// +kubebuilder:validation:Minimum=0
	FailedAttempts int32 `json:"failedAttempts,omitempty"`
}

// TranslationJobStatus is what was observed and done.
//
// +kubebuilder:validation:MinProperties=1
type TranslationJobStatus struct {
	// conditions are Finished, Ready, Reconciling and Stalled, each with the
	// generation it speaks of.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status speaks of;
	// -1 until a controller has seen the object.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// workDigest is the SHA-256, in hex, of all in spec that decides the translation. A
	// change of the rest, such as suspend or priority, does not run a job again that
	// has ended with a result.
	// +optional
	// +kubebuilder:validation:MinLength=64
	// +kubebuilder:validation:MaxLength=64
	WorkDigest string `json:"workDigest,omitempty"`

	// phase is a caption, derived from the rest: Queued, Processing, Completed,
	// CompletedWithBlocks, NeedsReview, Failed, Dead, Cancelled or Suspended.
	// Wait for the condition Finished, not for a phase.
	// +optional
	Phase Phase `json:"phase,omitempty"`

	// currentStep of the pipeline; absent when queued or ended.
	// +optional
	CurrentStep Step `json:"currentStep,omitempty"`

	// progress counts segments.
	// +optional
	// +structType=atomic
	Progress *Progress `json:"progress,omitempty"`

	// progressSummary is progress as "ended/total", for the PROGRESS column.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=24
	ProgressSummary string `json:"progressSummary,omitempty"`

	// segments of a job that has at most 50. Of larger jobs they are in the payload.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Segments []SegmentStatus `json:"segments,omitempty"`

	// result is the translation, once there is any.
	// +optional
	// +structType=atomic
	Result *Result `json:"result,omitempty"`

	// qaScore of the whole job, 0 to 100 with one decimal: the mean of the segment
	// scores, weighted by words.
	// +optional
	QAScore Decimal `json:"qaScore,omitempty"`

	// scoredSegments is how many segments qaScore speaks of.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ScoredSegments int32 `json:"scoredSegments,omitempty"`

	// judge says who rated the translations and how many of them; absent unless
	// spec.qa.judge asks for it.
	// +optional
	// +structType=atomic
	Judge *JudgeStatus `json:"judge,omitempty"`

	// selfTest says what the checks caught of errors that were planted into copies of the
	// translations; absent unless spec.qa.selfTest asks for it. Kinds of error that had
	// no place in the text are left out.
	// +optional
	// +listType=map
	// +listMapKey=fault
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	SelfTest []CaughtFaults `json:"selfTest,omitempty"`

	// terms counts the glossary terms that were followed; absent when none occur.
	// +optional
	// +structType=atomic
	Terms *TermCounts `json:"terms,omitempty"`

	// wordCount of the source.
	// +optional
	// +kubebuilder:validation:Minimum=0
	WordCount *int32 `json:"wordCount,omitempty"`

	// billedWords is wordCount of the segments that were bought, times the factor
	// of quality, rounded half up.
	// +optional
	// +kubebuilder:validation:Minimum=0
	BilledWords *int32 `json:"billedWords,omitempty"`

	// plannedMaxCost is the most the job can cost, in euro, computed before the first
	// call. A job that would come over it stops with reason BudgetExceeded.
	// +optional
	PlannedMaxCost Decimal `json:"plannedMaxCost,omitempty"`

	// cost so far, in euro, by the engine's own counts. A call whose answer was lost
	// is not in it, but counts against maxCost with the most it can have cost.
	// +optional
	Cost Decimal `json:"cost,omitempty"`

	// tokenUsage so far, for engines that count tokens.
	// +optional
	// +structType=atomic
	TokenUsage *TokenUsage `json:"tokenUsage,omitempty"`

	// provider that does or did the work.
	// +optional
	// +structType=atomic
	Provider *ProviderStatusReference `json:"provider,omitempty"`

	// passedOver are the providers before it in the order of fallbackRefs, and why each
	// of them does not do the work.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=12
	PassedOver []PassedOverProvider `json:"passedOver,omitempty"`

	// attempts begun so far.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Attempts int32 `json:"attempts,omitempty"`

	// failedAttempts is how many of them ended in an error that may pass by itself.
	// Over backoffLimit the job is Failed.
	// +optional
	// +kubebuilder:validation:Minimum=0
	FailedAttempts int32 `json:"failedAttempts,omitempty"`

	// lostAttempts is how many attempts in a row crashed, or ended with the process
	// that made them, without finishing a segment. At five the job is Dead.
	// +optional
	// +kubebuilder:validation:Minimum=0
	LostAttempts int32 `json:"lostAttempts,omitempty"`

	// lastHandledRetry is the value of the annotation
	// translation.dragoman.dev/retry that was acted on last.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	LastHandledRetry string `json:"lastHandledRetry,omitempty"`

	// nextAttemptTime is when a job that backs off goes on.
	// +optional
	NextAttemptTime *metav1.Time `json:"nextAttemptTime,omitempty"`

	// startedAt is when the first attempt began.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// completedAt is when the job ended, whatever the outcome.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`
}
