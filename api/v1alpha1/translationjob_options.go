package v1alpha1

// InjectionPolicy says what becomes of a source that reads as orders to a language
// model.
//
// +kubebuilder:validation:Enum=Off;Flag;Block
type InjectionPolicy string

const (
	// InjectionOff does not look.
	InjectionOff InjectionPolicy = "Off"
	// InjectionFlag leaves a note on each such segment and translates it.
	InjectionFlag InjectionPolicy = "Flag"
	// InjectionBlock refuses the source when the engine is a language model and the case
	// is clear, and else does as InjectionFlag.
	InjectionBlock InjectionPolicy = "Block"
)

// Segmentation says how a text is cut into segments.
type Segmentation struct {
	// rulesRef points at a file of segmentation rules in SRX 2.0 in a ConfigMap. The job
	// waits until it is there.
	// +required
	RulesRef ConfigMapKeyReference `json:"rulesRef,omitzero"`
}

// SelfTest says whether the checks of a job are tried on planted errors.
//
// +kubebuilder:validation:Enum=Enabled;Disabled
type SelfTest string

const (
	// SelfTestEnabled plants errors into copies of the finished segments.
	SelfTestEnabled SelfTest = "Enabled"
	// SelfTestDisabled does not.
	SelfTestDisabled SelfTest = "Disabled"
)

// Judge says whether a language model rates the translations.
//
// +kubebuilder:validation:Enum=Enabled;Disabled
type Judge string

const (
	// JudgeEnabled has the job's own provider rate each translation.
	JudgeEnabled Judge = "Enabled"
	// JudgeDisabled leaves it to the checks.
	JudgeDisabled Judge = "Disabled"
)

// QAOptions say more about the checks of a job.
//
// +kubebuilder:validation:MinProperties=1
type QAOptions struct {
	// selfTest plants errors of every kind into copies of the job's own translations and
	// counts in status.selfTest how many the checks catch: Enabled or Disabled (the
	// default). It asks no engine for anything.
	// +optional
	// +kubebuilder:default=Disabled
	SelfTest SelfTest `json:"selfTest,omitempty"`

	// judge has the job's provider, which must be a language model, rate each translation
	// after the corrections: Enabled or Disabled (the default). What it finds comes on
	// top of what the checks find and takes none of it away. Its calls are in
	// status.plannedMaxCost and cost.
	// +optional
	// +kubebuilder:default=Disabled
	Judge Judge `json:"judge,omitempty"`
}

// OutcomeTTL says how long a finished object is kept, in seconds by outcome. An
// outcome without a value is kept for ever.
//
// +kubebuilder:validation:MinProperties=1
type OutcomeTTL struct {
	// completed is for outcome Completed.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=315360000
	Completed *int32 `json:"completed,omitempty"`

	// needsReview is for outcomes NeedsReview and CompletedWithBlocks.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=315360000
	NeedsReview *int32 `json:"needsReview,omitempty"`

	// failed is for outcomes Failed, Dead and Cancelled.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=315360000
	Failed *int32 `json:"failed,omitempty"`
}

// DeliveryKind is the kind of object a result is delivered to.
//
// +kubebuilder:validation:Enum=ConfigMap;Secret
type DeliveryKind string

// The kinds of object that can receive a result.
const (
	// ConfigMapDelivery writes to a ConfigMap.
	ConfigMapDelivery DeliveryKind = "ConfigMap"
	// SecretDelivery writes to a Secret.
	SecretDelivery DeliveryKind = "Secret"
)

// Delivery names an object that receives the finished translation.
type Delivery struct {
	// kind of the object: ConfigMap or Secret.
	// +required
	Kind DeliveryKind `json:"kind,omitempty"`

	// name of the object, in the job's namespace.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// key that receives the text; "translation" by default.
	// +optional
	// +kubebuilder:default=translation
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}
