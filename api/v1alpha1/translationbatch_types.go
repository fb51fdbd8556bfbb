package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// BatchItem is one source; each target language makes one job of it.
type BatchItem struct {
	// source is what to translate.
	// +required
	Source Source `json:"source,omitzero"`

	// metadata is any JSON value. It is handed back beside the result.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	Metadata *Metadata `json:"metadata,omitempty"`

	// overrides replaces options of the template for this item. Only the fields that
	// are set here count.
	// +optional
	Overrides *ItemOverrides `json:"overrides,omitempty"`
}

// ItemOverrides are the options that may differ from item to item.
//
// +kubebuilder:validation:MinProperties=1
type ItemOverrides struct {
	// domain is the subject field.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Domain string `json:"domain,omitempty"`

	// tone is the register.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Tone string `json:"tone,omitempty"`

	// instructions are free words to a language model.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2000
	Instructions string `json:"instructions,omitempty"`

	// textType is the kind of text.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	TextType string `json:"textType,omitempty"`

	// constraints are formal limits on every segment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	Constraints []Constraint `json:"constraints,omitempty"`
}

// TranslationBatchSpec is items times languages.
type TranslationBatchSpec struct {
	// sourceLanguage of every item, as a BCP-47 tag.
	// +required
	SourceLanguage LanguageTag `json:"sourceLanguage,omitempty"`

	// targetLanguages to translate each item into: 1 to 20 different BCP-47 tags.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, x.lowerAscii() == y.lowerAscii()))",message="each target language may stand in the list only once"
	TargetLanguages []LanguageTag `json:"targetLanguages,omitempty"`

	// items to translate; 1 to 1000.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1000
	Items []BatchItem `json:"items,omitempty"`

	// template holds the options of every job.
	// +optional
	// +kubebuilder:default={mode: Translation}
	Template JobOptions `json:"template,omitzero"`

	// maxParallel is the most unfinished jobs at one time; 100 by default. Lowering
	// it stops no job that has been made.
	// +optional
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	MaxParallel *int32 `json:"maxParallel,omitempty"`

	// suspend holds the batch when true: its jobs are suspended and no more are made.
	// +optional
	Suspend *bool `json:"suspend,omitempty"`

	// cancel ends the batch when true: its jobs are cancelled and no more are made.
	// +optional
	Cancel *bool `json:"cancel,omitempty"`

	// maxCost is the most that all jobs of the batch may cost together, in euro. A
	// job whose plan does not fit waits while others may leave room, and else ends
	// as Failed with reason BudgetExceeded.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{1,10}([.][0-9]{1,6})?$')",message="must be a decimal number such as 0.03, with at most 6 digits after the point"
	MaxCost Decimal `json:"maxCost,omitempty"`

	// ttlAfterFinished is how long the batch and its jobs are kept after its end, by
	// outcome: completed, failed (also cancelled), and needsReview for every other.
	// +optional
	TTLAfterFinished *OutcomeTTL `json:"ttlAfterFinished,omitempty"`
}

// JobCounts counts the jobs of a batch. Each job stands in one place.
type JobCounts struct {
	// total is items times languages.
	// +required
	// +kubebuilder:validation:Minimum=0
	Total int32 `json:"total"`

	// waiting counts jobs that have not been made yet.
	// +required
	// +kubebuilder:validation:Minimum=0
	Waiting int32 `json:"waiting"`

	// active counts jobs that exist and have not ended.
	// +required
	// +kubebuilder:validation:Minimum=0
	Active int32 `json:"active"`

	// completed counts jobs that ended Completed.
	// +required
	// +kubebuilder:validation:Minimum=0
	Completed int32 `json:"completed"`

	// completedWithBlocks counts jobs that ended CompletedWithBlocks.
	// +required
	// +kubebuilder:validation:Minimum=0
	CompletedWithBlocks int32 `json:"completedWithBlocks"`

	// needsReview counts jobs that ended NeedsReview.
	// +required
	// +kubebuilder:validation:Minimum=0
	NeedsReview int32 `json:"needsReview"`

	// failed counts jobs that ended Failed or that the API server refused.
	// +required
	// +kubebuilder:validation:Minimum=0
	Failed int32 `json:"failed"`

	// dead counts jobs that ended Dead.
	// +required
	// +kubebuilder:validation:Minimum=0
	Dead int32 `json:"dead"`

	// cancelled counts jobs that ended Cancelled or were never made because the
	// batch was cancelled.
	// +required
	// +kubebuilder:validation:Minimum=0
	Cancelled int32 `json:"cancelled"`
}

// LanguageStatus counts the jobs of one target language.
type LanguageStatus struct {
	// language is the target language.
	// +required
	Language LanguageTag `json:"language,omitempty"`

	// jobs of this language.
	// +required
	Jobs JobCounts `json:"jobs,omitzero"`

	// qaScore is the mean score of the finished jobs, weighted by words.
	// +optional
	QAScore Decimal `json:"qaScore,omitempty"`
}

// TranslationBatchStatus counts; it never copies the status of a job.
//
// +kubebuilder:validation:MinProperties=1
type TranslationBatchStatus struct {
	// conditions are Finished, Ready, Reconciling and Stalled.
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

	// phase is a caption, derived from the rest: Queued, Processing, Suspended,
	// Completed, CompletedWithErrors, Failed or Cancelled.
	// +optional
	Phase BatchPhase `json:"phase,omitempty"`

	// jobs counts the jobs of the batch.
	// +optional
	Jobs *JobCounts `json:"jobs,omitempty"`

	// jobsSummary is jobs as "ended/total", for the JOBS column.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=24
	JobsSummary string `json:"jobsSummary,omitempty"`

	// languages has a row for each target language.
	// +optional
	// +listType=map
	// +listMapKey=language
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Languages []LanguageStatus `json:"languages,omitempty"`

	// progress sums the segments of the jobs made so far.
	// +optional
	Progress *Progress `json:"progress,omitempty"`

	// qaScore is the mean score of the finished jobs, weighted by words.
	// +optional
	QAScore Decimal `json:"qaScore,omitempty"`

	// wordCount of the sources of the finished jobs.
	// +optional
	// +kubebuilder:validation:Minimum=0
	WordCount int64 `json:"wordCount,omitempty"`

	// billedWords of the finished jobs.
	// +optional
	// +kubebuilder:validation:Minimum=0
	BilledWords int64 `json:"billedWords,omitempty"`

	// cost of the finished jobs, in euro.
	// +optional
	Cost Decimal `json:"cost,omitempty"`

	// startedAt is when the first job was made.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// completedAt is when the last job ended.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`
}

// BatchPhase is a caption for people and for the REST answer.
//
// +kubebuilder:validation:Enum=Queued;Processing;Suspended;Completed;CompletedWithErrors;Failed;Cancelled
type BatchPhase string

// The phases of a batch.
const (
	// BatchQueued: no job has begun.
	BatchQueued BatchPhase = "Queued"
	// BatchProcessing: jobs are under way.
	BatchProcessing BatchPhase = "Processing"
	// BatchSuspended: held by spec.suspend.
	BatchSuspended BatchPhase = "Suspended"
	// BatchCompleted: every job ended Completed.
	BatchCompleted BatchPhase = "Completed"
	// BatchCompletedWithErrors: every job ended, and some not as Completed.
	BatchCompletedWithErrors BatchPhase = "CompletedWithErrors"
	// BatchFailed: every job ended Failed or Dead.
	BatchFailed BatchPhase = "Failed"
	// BatchCancelled: ended by spec.cancel.
	BatchCancelled BatchPhase = "Cancelled"
)

// TranslationBatch translates a list of sources into a list of languages, by
// making one TranslationJob for each item and language.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=translationbatches,shortName=tb,categories=translation
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Jobs",type=string,JSONPath=`.status.jobsSummary`
// +kubebuilder:printcolumn:name="Source",type=string,JSONPath=`.spec.sourceLanguage`
// +kubebuilder:printcolumn:name="Targets",type=string,JSONPath=`.spec.targetLanguages`
// +kubebuilder:printcolumn:name="Score",type=string,JSONPath=`.status.qaScore`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Words",type=integer,JSONPath=`.status.wordCount`,priority=1
// +kubebuilder:printcolumn:name="Cost",type=string,JSONPath=`.status.cost`,priority=1
// +kubebuilder:printcolumn:name="Project",type=string,JSONPath=`.spec.template.projectName`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.status.phase`
// +kubebuilder:selectablefield:JSONPath=`.spec.sourceLanguage`
type TranslationBatch struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is asked for.
	// +required
	Spec TranslationBatchSpec `json:"spec,omitzero"`

	// status is what was observed and done.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	// +structType=atomic
	Status TranslationBatchStatus `json:"status,omitzero"`
}

// TranslationBatchList is a list of TranslationBatches.
//
// +kubebuilder:object:root=true
type TranslationBatchList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []TranslationBatch `json:"items"`
}
