package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Mode says what the pipeline does with the source.
//
// +kubebuilder:validation:Enum=Translation;Creation
type Mode string

const (
	// TranslationMode renders the source in the target language.
	TranslationMode Mode = "Translation"
	// CreationMode writes new text in the target language after the source, which
	// is then a brief. It needs a language model.
	CreationMode Mode = "Creation"
)

// Quality sets the QA threshold and the price factor.
//
// +kubebuilder:validation:Enum=Standard;Premium
type Quality string

const (
	// StandardQuality passes a segment at a score of 95 and bills words once.
	StandardQuality Quality = "Standard"
	// PremiumQuality passes a segment at a score of 98 and bills words 1.5 times.
	PremiumQuality Quality = "Premium"
)

// Tier is the plan of the account that asks.
//
// +kubebuilder:validation:Enum=Free;Starter;Professional;Business;Enterprise
type Tier string

// The plans, from small to large.
const (
	// FreeTier, StarterTier and ProfessionalTier review the source on request only.
	FreeTier         Tier = "Free"
	StarterTier      Tier = "Starter"
	ProfessionalTier Tier = "Professional"
	// BusinessTier and EnterpriseTier review the source unless told not to.
	BusinessTier   Tier = "Business"
	EnterpriseTier Tier = "Enterprise"
)

// SourceReview says whether the source text is checked before translation.
//
// +kubebuilder:validation:Enum=ByTier;Always;Never
type SourceReview string

const (
	// SourceReviewByTier reviews for tiers Business and Enterprise.
	SourceReviewByTier SourceReview = "ByTier"
	// SourceReviewAlways reviews every source.
	SourceReviewAlways SourceReview = "Always"
	// SourceReviewNever leaves the step out.
	SourceReviewNever SourceReview = "Never"
)

// GlossaryPriority says which entry wins when two give the same term.
//
// +kubebuilder:validation:Enum=AccountFirst;PrivateFirst
type GlossaryPriority string

const (
	// AccountFirst lets glossaries of scope Account win.
	AccountFirst GlossaryPriority = "AccountFirst"
	// PrivateFirst lets glossaries of scope Private win.
	PrivateFirst GlossaryPriority = "PrivateFirst"
)

// TextItem is one short text of a list. Each is one segment, or a segment for each text
// that an ICU message in it chooses between.
type TextItem struct {
	// text to translate, in plain text; at most 24000 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=24000
	Text string `json:"text,omitempty"`

	// metadata is any JSON value. It is handed back beside the translation.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	Metadata *Metadata `json:"metadata,omitempty"`
}

// FileFormat is the format of a source file.
//
// +kubebuilder:validation:Enum=PlainText
type FileFormat string

// PlainTextFormat is UTF-8 text, segmented into sentences.
const PlainTextFormat FileFormat = "PlainText"

// FileSource is a file kept in a ConfigMap.
type FileSource struct {
	// configMapKeyRef says where the bytes are.
	// +required
	ConfigMapKeyRef ConfigMapKeyReference `json:"configMapKeyRef,omitzero"`

	// format of the file.
	// +optional
	// +kubebuilder:default=PlainText
	Format FileFormat `json:"format,omitempty"`

	// name is the file's original name; the translated file is offered under it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Name string `json:"name,omitempty"`
}

// PayloadForm says how the bytes of a payload are to be read.
//
// +kubebuilder:validation:Enum=Text;Texts
type PayloadForm string

const (
	// TextForm is one UTF-8 text, cut into sentences.
	TextForm PayloadForm = "Text"
	// TextsForm is a JSON list of objects with "text" and "metadata", as in
	// source.texts.
	TextsForm PayloadForm = "Texts"
)

// PayloadSource is a source in the payload store, where the REST adapter puts what
// is too large for an object.
type PayloadSource struct {
	// ref says where the payload is. Payloads are named by their content, so that
	// jobs may share one.
	// +required
	Ref PayloadReference `json:"ref,omitzero"`

	// form is Text (the default) or Texts.
	// +optional
	// +kubebuilder:default=Text
	Form PayloadForm `json:"form,omitempty"`
}

// Source is what to translate: exactly one of its fields.
//
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="[has(self.text), has(self.texts), has(self.configMapKeyRef), has(self.file), has(self.payload)].filter(x, x).size() == 1",message="set exactly one of text, texts, configMapKeyRef, file and payload"
type Source struct {
	// text is one plain text. It is cut into sentences; at most 32768 bytes.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32768
	Text *string `json:"text,omitempty"`

	// texts is a list of short texts, each one segment (an ICU message: one for each of
	// its texts); at most 32768 bytes in all.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1000
	Texts []TextItem `json:"texts,omitempty"`

	// configMapKeyRef points at one plain text in a ConfigMap. The job waits until
	// it is there.
	// +optional
	ConfigMapKeyRef *ConfigMapKeyReference `json:"configMapKeyRef,omitempty"`

	// file is a document in a format of its own.
	// +optional
	File *FileSource `json:"file,omitempty"`

	// payload is a source in the payload store, of at most 16 MiB.
	// +optional
	Payload *PayloadSource `json:"payload,omitempty"`
}

// ConstraintType names a formal limit on the translation.
//
// +kubebuilder:validation:Enum=MaxChars;MaxWords;Forbidden
type ConstraintType string

const (
	// MaxCharsConstraint limits user-perceived characters a segment.
	MaxCharsConstraint ConstraintType = "MaxChars"
	// MaxWordsConstraint limits words a segment.
	MaxWordsConstraint ConstraintType = "MaxWords"
	// ForbiddenConstraint lists terms that may not occur in the translation.
	ForbiddenConstraint ConstraintType = "Forbidden"
)

// Constraint is a formal limit on every segment of the translation.
//
// +kubebuilder:validation:XValidation:rule="self.type == 'Forbidden' ? has(self.terms) : has(self.value)",message="MaxChars and MaxWords need value; Forbidden needs terms"
// +kubebuilder:validation:XValidation:rule="self.type == 'Forbidden' ? !has(self.value) : !has(self.terms)",message="value goes with MaxChars and MaxWords, terms goes with Forbidden"
type Constraint struct {
	// type of the limit: MaxChars (user-perceived characters), MaxWords, or
	// Forbidden (terms that may not occur).
	// +required
	Type ConstraintType `json:"type,omitempty"`

	// value is the limit of MaxChars and MaxWords; at least 1.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1",message="must be 1 or more"
	// +kubebuilder:validation:Maximum=1000000
	Value *int32 `json:"value,omitempty"`

	// terms that Forbidden rules out.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=200
	Terms []string `json:"terms,omitempty"`
}

// GlossaryReference names a Glossary in the same namespace.
type GlossaryReference struct {
	// name of the Glossary.
	// +required
	Name ObjectName `json:"name,omitempty"`
}

// JobOptions is what a job and the template of a batch have in common: how to
// translate, on which terms, and for how much.
//
// +kubebuilder:validation:MinProperties=1
type JobOptions struct {
	// mode is Translation (render the source, the default) or Creation (write new
	// text after a brief; needs a language model).
	// +optional
	// +kubebuilder:default=Translation
	Mode Mode `json:"mode,omitempty"`

	// domain is the subject field, such as "medical".
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Domain string `json:"domain,omitempty"`

	// tone is the register, such as "formal".
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Tone string `json:"tone,omitempty"`

	// instructions are free words to a language model. Engines that are not one
	// leave them aside.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2000
	Instructions string `json:"instructions,omitempty"`

	// styleReference is a text whose style a language model follows.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=8000
	StyleReference string `json:"styleReference,omitempty"`

	// textType is the kind of text, such as "marketing".
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	TextType string `json:"textType,omitempty"`

	// glossaryRefs names glossaries to follow, at most 25. The job waits until all are
	// there.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=25
	GlossaryRefs []GlossaryReference `json:"glossaryRefs,omitempty"`

	// glossaryPriority says which stored entry wins when two give the same term:
	// AccountFirst (the default) or PrivateFirst. Inline entries win over both.
	// +optional
	// +kubebuilder:default=AccountFirst
	GlossaryPriority GlossaryPriority `json:"glossaryPriority,omitempty"`

	// glossary is a list of terms for this job alone.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	Glossary []InlineTerm `json:"glossary,omitempty"`

	// constraints are formal limits on every segment.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	Constraints []Constraint `json:"constraints,omitempty"`

	// quality is Standard (pass at 95, the default) or Premium (pass at 98, words
	// billed 1.5 times).
	// +optional
	// +kubebuilder:default=Standard
	Quality Quality `json:"quality,omitempty"`

	// segmentation says where the sentences of a text end, in place of the rules that
	// are built in. Items of texts are not cut.
	// +optional
	Segmentation *Segmentation `json:"segmentation,omitempty"`

	// qa says more about the checks.
	// +optional
	QA *QAOptions `json:"qa,omitempty"`

	// tier is the account's plan; it decides whether ByTier reviews the source.
	// +optional
	Tier Tier `json:"tier,omitempty"`

	// sourceReview is ByTier (the default), Always or Never. The review leaves
	// notes and never blocks.
	// +optional
	// +kubebuilder:default=ByTier
	SourceReview SourceReview `json:"sourceReview,omitempty"`

	// injectionPolicy says what becomes of a source that reads as orders to a language
	// model: Block (the default) ends the job as Failed before anything is sent, Flag
	// leaves a note in the result, Off does not look. Engines that are no language model
	// cannot obey, so that Block does for them what Flag does.
	// +optional
	// +kubebuilder:default=Block
	InjectionPolicy InjectionPolicy `json:"injectionPolicy,omitempty"`

	// projectName groups jobs. It has no effect on the translation.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	ProjectName string `json:"projectName,omitempty"`

	// providerRef names the engine. Without it the first Ready provider that offers
	// the pair is taken: those of the namespace by name, then the cluster's. A
	// provider of type Pseudo is never taken unless named.
	// +optional
	ProviderRef *ProviderReference `json:"providerRef,omitempty"`

	// priority orders the jobs of a namespace: higher first, then older first.
	// +optional
	// +kubebuilder:validation:Minimum=-1000
	// +kubebuilder:validation:Maximum=1000
	Priority *int32 `json:"priority,omitempty"`

	// backoffLimit is the number of attempts after the first that transient engine
	// errors may use up before the job is Failed; 6 by default.
	// +optional
	// +kubebuilder:default=6
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	BackoffLimit *int32 `json:"backoffLimit,omitempty"`

	// activeDeadlineSeconds bounds the time from the start to the end; then the job
	// is Failed and keeps what it has. As with batch/v1 Job, a suspended job has no
	// clock, and one that resumes starts it anew.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=31536000
	ActiveDeadlineSeconds *int32 `json:"activeDeadlineSeconds,omitempty"`

	// maxCost is the most the job may cost, in euro. A plan that could cost more is
	// not started, and a call that could take the cost over it is not made. Without
	// it status.plannedMaxCost is the bound.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{1,10}([.][0-9]{1,6})?$')",message="must be a decimal number such as 0.03, with at most 6 digits after the point"
	MaxCost Decimal `json:"maxCost,omitempty"`
}

// TranslationJobSpec is one source into one language.
//
// +kubebuilder:validation:XValidation:rule="self.sourceLanguage.lowerAscii() != self.targetLanguage.lowerAscii() || self.mode == 'Creation'",message="targetLanguage must differ from sourceLanguage unless mode is Creation"
type TranslationJobSpec struct {
	JobOptions `json:",inline"`

	// sourceLanguage of the text, as a BCP-47 tag.
	// +required
	SourceLanguage LanguageTag `json:"sourceLanguage,omitempty"`

	// targetLanguage to translate into, as a BCP-47 tag.
	// +required
	TargetLanguage LanguageTag `json:"targetLanguage,omitempty"`

	// source is what to translate.
	// +required
	// +kubebuilder:validation:XValidation:rule="!has(self.text) || size(bytes(self.text)) <= 32768",message="source.text may have at most 32768 bytes; keep a longer text in a ConfigMap and use source.configMapKeyRef"
	// +kubebuilder:validation:XValidation:rule="!has(self.texts) || self.texts.map(t, size(bytes(t.text))).sum() <= 32768",message="source.texts may have at most 32768 bytes in all; make several jobs or a TranslationBatch of them"
	Source Source `json:"source,omitzero"`

	// suspend holds the job when true: nothing more is sent to an engine, finished
	// segments are kept, and false lets it go on.
	// +optional
	Suspend *bool `json:"suspend,omitempty"`

	// cancel ends the job when true. Finished segments stay readable in the result.
	// +optional
	Cancel *bool `json:"cancel,omitempty"`

	// ttlAfterFinished is how long the job is kept after its end, by outcome. The
	// result goes with the job; what was delivered stays.
	// +optional
	TTLAfterFinished *OutcomeTTL `json:"ttlAfterFinished,omitempty"`

	// delivery names an object that receives the translation before the job ends as
	// Completed or CompletedWithBlocks. It is made when it is not there, and not owned
	// by the job. One that is there needs the label
	// translation.dragoman.dev/delivery=true.
	// +optional
	Delivery *Delivery `json:"delivery,omitempty"`
}

// TranslationJob translates one source into one language.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=tj,categories=translation
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Step",type=string,JSONPath=`.status.currentStep`
// +kubebuilder:printcolumn:name="Source",type=string,JSONPath=`.spec.sourceLanguage`
// +kubebuilder:printcolumn:name="Target",type=string,JSONPath=`.spec.targetLanguage`
// +kubebuilder:printcolumn:name="Progress",type=string,JSONPath=`.status.progressSummary`
// +kubebuilder:printcolumn:name="Score",type=string,JSONPath=`.status.qaScore`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.status.provider.name`,priority=1
// +kubebuilder:printcolumn:name="Words",type=integer,JSONPath=`.status.wordCount`,priority=1
// +kubebuilder:printcolumn:name="Cost",type=string,JSONPath=`.status.cost`,priority=1
// +kubebuilder:printcolumn:name="Project",type=string,JSONPath=`.spec.projectName`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.status.phase`
// +kubebuilder:selectablefield:JSONPath=`.spec.sourceLanguage`
// +kubebuilder:selectablefield:JSONPath=`.spec.targetLanguage`
// +kubebuilder:selectablefield:JSONPath=`.spec.projectName`
type TranslationJob struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is asked for.
	// +required
	Spec TranslationJobSpec `json:"spec,omitzero"`

	// status is what was observed and done. An object that waits for its turn, or that
	// no controller has seen, is Queued with observedGeneration -1, and can never read
	// as done.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1,"phase":"Queued"}
	// +structType=atomic
	Status TranslationJobStatus `json:"status,omitzero"`
}

// TranslationJobList is a list of TranslationJobs.
//
// +kubebuilder:object:root=true
type TranslationJobList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []TranslationJob `json:"items"`
}
