package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ProviderType names the engine.
//
// +kubebuilder:validation:Enum=Anthropic;Apertium;ApertiumAPY;DeepL;LibreTranslate;OpenAI;Pseudo
type ProviderType string

const (
	// AnthropicProvider is any server that speaks the Anthropic messages API.
	AnthropicProvider ProviderType = "Anthropic"
	// ApertiumProvider is rule-based translation by the Apertium programs installed
	// beside the manager. Free, offline, deterministic.
	ApertiumProvider ProviderType = "Apertium"
	// ApertiumAPYProvider is the web service around the Apertium programs, where
	// somebody runs one.
	ApertiumAPYProvider ProviderType = "ApertiumAPY"
	// DeepLProvider is the DeepL API.
	DeepLProvider ProviderType = "DeepL"
	// LibreTranslateProvider is a LibreTranslate server.
	LibreTranslateProvider ProviderType = "LibreTranslate"
	// OpenAIProvider is any server that speaks the OpenAI chat completions API.
	OpenAIProvider ProviderType = "OpenAI"
	// PseudoProvider is pseudo-localisation: accented, padded source text for tests
	// of a user interface. It translates nothing and is used only when named.
	PseudoProvider ProviderType = "Pseudo"
)

// Creates says whether engines of the type can write new text after a brief.
func (t ProviderType) Creates() bool { return t == AnthropicProvider || t == OpenAIProvider }

// SecretKeyReference points at one key of a Secret.
type SecretKeyReference struct {
	// name of the Secret: in the provider's own namespace, or for a cluster provider
	// in the manager's namespace.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// key in the Secret's data; "apiKey" by default.
	// +optional
	// +kubebuilder:default=apiKey
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// LanguagePair is a direction of translation.
type LanguagePair struct {
	// source language, as a BCP-47 tag.
	// +required
	Source LanguageTag `json:"source,omitempty"`

	// target language, as a BCP-47 tag.
	// +required
	Target LanguageTag `json:"target,omitempty"`
}

// ProviderLimits bounds the use of an engine over all jobs.
//
// +kubebuilder:validation:MinProperties=1
type ProviderLimits struct {
	// concurrency is the most calls at one time; 4 by default.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Concurrency *int32 `json:"concurrency,omitempty"`

	// requestsPerMinute is the most calls begun within any 60 seconds.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	RequestsPerMinute *int32 `json:"requestsPerMinute,omitempty"`

	// tokensPerMinute is the most tokens, sent and received, within any 60 seconds. A
	// call counts with the most it can use until the engine has said what it used.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000000
	TokensPerMinute *int64 `json:"tokensPerMinute,omitempty"`
}

// Prices is what an engine charges, in euro.
//
// +kubebuilder:validation:MinProperties=1
type Prices struct {
	// inputPerMillionTokens is the price of a million tokens sent.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{1,10}([.][0-9]{1,6})?$')",message="must be a decimal number such as 0.03, with at most 6 digits after the point"
	InputPerMillionTokens Decimal `json:"inputPerMillionTokens,omitempty"`

	// outputPerMillionTokens is the price of a million tokens received.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{1,10}([.][0-9]{1,6})?$')",message="must be a decimal number such as 0.03, with at most 6 digits after the point"
	OutputPerMillionTokens Decimal `json:"outputPerMillionTokens,omitempty"`

	// perMillionCharacters is the price of a million characters sent.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{1,10}([.][0-9]{1,6})?$')",message="must be a decimal number such as 0.03, with at most 6 digits after the point"
	PerMillionCharacters Decimal `json:"perMillionCharacters,omitempty"`
}

// ProviderSpec is an engine and how to use it.
//
// +kubebuilder:validation:XValidation:rule="self.type != 'OpenAI' || has(self.endpoint)",message="type OpenAI needs endpoint, the base URL of the API such as https://api.example.com/v1"
// +kubebuilder:validation:XValidation:rule="self.type != 'OpenAI' || has(self.model)",message="type OpenAI needs model"
// +kubebuilder:validation:XValidation:rule="self.type != 'Anthropic' || (has(self.endpoint) && has(self.model))",message="type Anthropic needs model, and endpoint, the base URL of the API such as https://api.anthropic.com/v1"
// +kubebuilder:validation:XValidation:rule="!(self.type in ['ApertiumAPY', 'LibreTranslate']) || has(self.endpoint)",message="types ApertiumAPY and LibreTranslate need endpoint, the base URL of the service such as http://libretranslate:5000"
// +kubebuilder:validation:XValidation:rule="self.type != 'DeepL' || has(self.secretRef)",message="type DeepL needs secretRef"
// +kubebuilder:validation:XValidation:rule="!(self.type in ['Apertium', 'ApertiumAPY', 'Pseudo']) || !has(self.secretRef)",message="types Apertium, ApertiumAPY and Pseudo take no key, so secretRef does not go with them"
type ProviderSpec struct {
	// type of the engine: Apertium (rule-based, installed beside the manager),
	// ApertiumAPY (the same as a web service), DeepL, LibreTranslate,
	// OpenAI (any OpenAI-compatible chat completions server), Anthropic (any server
	// of its messages API) or Pseudo
	// (pseudo-localisation for tests; translates nothing).
	// +required
	Type ProviderType `json:"type,omitempty"`

	// endpoint is the base URL of the API. DeepL needs none: the key decides between
	// the host of its free plan and the other.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && (url(self).getScheme() == 'https' || url(self).getScheme() == 'http')",message="must be an http or https URL"
	Endpoint string `json:"endpoint,omitempty"`

	// model to ask for.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Model string `json:"model,omitempty"`

	// secretRef points at the API key. A changed Secret is taken up without restart.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// pairs limits the provider to these directions. Without it the engine's own
	// list counts; a language model offers every pair.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=500
	Pairs []LanguagePair `json:"pairs,omitempty"`

	// fallbackRefs are the providers to go on with, in order, when this one cannot do
	// the work: as an attempt is about to start, it does not offer the pair, is not
	// Ready, or its calls failed one after the other; or an attempt ended because its
	// settings were refused or backoffLimit was used up. The first that can is taken,
	// within maxCost of the job. The fallbackRefs of a fallback are not followed.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	FallbackRefs []ProviderReference `json:"fallbackRefs,omitempty"`

	// limits on the use of the engine over all jobs.
	// +optional
	Limits *ProviderLimits `json:"limits,omitempty"`

	// prices of the engine. An engine without prices is counted as free.
	// +optional
	Prices *Prices `json:"prices,omitempty"`

	// timeoutSeconds bounds one call; 120 by default.
	// +optional
	// +kubebuilder:default=120
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3600
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`

	// probeIntervalSeconds is the time between two probes; 60 by default.
	// +optional
	// +kubebuilder:default=60
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=86400
	ProbeIntervalSeconds *int32 `json:"probeIntervalSeconds,omitempty"`
}

// ProviderStatus says whether the engine can be used.
//
// +kubebuilder:validation:MinProperties=1
type ProviderStatus struct {
	// conditions are Ready, Reconciling and Stalled.
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

	// pairs on offer: those that the engine has, works and spec.pairs admits. Empty
	// when pairPolicy is Any.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4000
	Pairs []LanguagePair `json:"pairs,omitempty"`

	// pairPolicy is Listed (the pairs above) or Any.
	// +optional
	PairPolicy PairPolicy `json:"pairPolicy,omitempty"`

	// brokenPairs are installed and failed their probe, so they are not offered.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=500
	BrokenPairs []LanguagePair `json:"brokenPairs,omitempty"`

	// capabilities of the engine, from which the maximum cost of a job is computed.
	// +optional
	Capabilities *EngineCapabilities `json:"capabilities,omitempty"`

	// secretVersion is the resourceVersion of the Secret whose key is in use.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	SecretVersion string `json:"secretVersion,omitempty"`
}

// CorrectionMode says how an engine is asked for a better answer.
//
// +kubebuilder:validation:Enum=Findings;Parts
type CorrectionMode string

const (
	// CorrectByFindings: the engine is told what was wrong and tries again.
	CorrectByFindings CorrectionMode = "Findings"
	// CorrectByParts: the engine always answers the same, so the text between the
	// placeables is sent piece by piece.
	CorrectByParts CorrectionMode = "Parts"
)

// EngineCapabilities is what plans are made from.
//
// +kubebuilder:validation:MinProperties=1
type EngineCapabilities struct {
	// corrections is Findings or Parts.
	// +required
	Corrections CorrectionMode `json:"corrections,omitempty"`

	// segmentsPerCall is the most segments of one call; absent for no bound.
	// +optional
	// +kubebuilder:validation:Minimum=1
	SegmentsPerCall int32 `json:"segmentsPerCall,omitempty"`

	// charactersPerCall is the most characters of one call; absent for no bound.
	// +optional
	// +kubebuilder:validation:Minimum=1
	CharactersPerCall int32 `json:"charactersPerCall,omitempty"`
}

// PairPolicy says how status.pairs is to be read.
//
// +kubebuilder:validation:Enum=Listed;Any
type PairPolicy string

// The ways to read status.pairs.
const (
	// ListedPairs: exactly the pairs in the list are offered.
	ListedPairs PairPolicy = "Listed"
	// AnyPair: every pair is offered.
	AnyPair PairPolicy = "Any"
)

// TranslationProvider is an engine for the jobs of its namespace.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=tp,categories=translation
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Model",type=string,JSONPath=`.spec.model`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.type`
type TranslationProvider struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is asked for.
	// +required
	Spec ProviderSpec `json:"spec,omitzero"`

	// status is what was observed.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	// +structType=atomic
	Status ProviderStatus `json:"status,omitzero"`
}

// TranslationProviderList is a list of TranslationProviders.
//
// +kubebuilder:object:root=true
type TranslationProviderList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []TranslationProvider `json:"items"`
}

// ClusterTranslationProviderSpec is an engine and who may use it.
//
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="!has(self.fallbackRefs) || self.fallbackRefs.all(f, has(f.kind) && f.kind == 'ClusterTranslationProvider')",message="fallbackRefs of a ClusterTranslationProvider name the kind ClusterTranslationProvider"
type ClusterTranslationProviderSpec struct {
	ProviderSpec `json:",inline"`

	// namespaceSelector admits the namespaces whose labels match. Without it every
	// namespace may use the provider.
	// +optional
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`
}

// ClusterTranslationProvider is an engine for the jobs of many namespaces.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=ctp,categories=translation
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Model",type=string,JSONPath=`.spec.model`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.type`
type ClusterTranslationProvider struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is asked for.
	// +required
	Spec ClusterTranslationProviderSpec `json:"spec,omitzero"`

	// status is what was observed.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	// +structType=atomic
	Status ProviderStatus `json:"status,omitzero"`
}

// ClusterTranslationProviderList is a list of ClusterTranslationProviders.
//
// +kubebuilder:object:root=true
type ClusterTranslationProviderList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ClusterTranslationProvider `json:"items"`
}
