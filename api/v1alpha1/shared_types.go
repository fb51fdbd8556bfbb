package v1alpha1

import "encoding/json"

// LanguageTag is a BCP-47 language tag, such as "de", "pt-BR" or "zh-Hant".
//
// +kubebuilder:validation:MinLength=2
// +kubebuilder:validation:MaxLength=35
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$')",message="must be a BCP-47 language tag such as de, pt-BR or zh-Hant"
type LanguageTag string

// Decimal is a non-negative decimal number, such as "0.03". The fields of a spec have
// a rule that says so; those of a status are ours, and a rule would be run at every
// write.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=18
type Decimal string

// ObjectName is the name of an object in the same namespace.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
type ObjectName string

// Metadata is any JSON value. It travels with a text and is handed back beside
// its translation; nothing reads it.
//
// +kubebuilder:validation:Type=""
// +kubebuilder:validation:Schemaless
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:object:generate=false
type Metadata struct {
	// Raw is the value as it was given.
	Raw json.RawMessage `json:"-"`
}

// MarshalJSON writes the value as it was given, and null for none.
func (m Metadata) MarshalJSON() ([]byte, error) {
	if len(m.Raw) == 0 {
		return []byte("null"), nil
	}
	return m.Raw, nil
}

// UnmarshalJSON keeps the value as it is given.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	m.Raw = append(m.Raw[:0], data...)
	return nil
}

// DeepCopyInto copies the value into out.
func (m *Metadata) DeepCopyInto(out *Metadata) {
	*out = Metadata{Raw: append(json.RawMessage(nil), m.Raw...)}
}

// DeepCopy returns a copy of the value.
func (m *Metadata) DeepCopy() *Metadata {
	if m == nil {
		return nil
	}
	out := new(Metadata)
	m.DeepCopyInto(out)
	return out
}

// ConfigMapKeyReference points at one key of a ConfigMap in the same namespace.
type ConfigMapKeyReference struct {
	// name of the ConfigMap.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// key in the ConfigMap's data or binaryData.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// ProviderKind is the kind of a provider object.
//
// +kubebuilder:validation:Enum=TranslationProvider;ClusterTranslationProvider
type ProviderKind string

const (
	// TranslationProviderKind is a provider in the job's own namespace.
	TranslationProviderKind ProviderKind = "TranslationProvider"
	// ClusterTranslationProviderKind is a provider for every namespace it admits.
	ClusterTranslationProviderKind ProviderKind = "ClusterTranslationProvider"
)

// ProviderReference points at the engine to use.
type ProviderReference struct {
	// kind of the provider: TranslationProvider (same namespace, the default) or
	// ClusterTranslationProvider.
	// +optional
	// +kubebuilder:default=TranslationProvider
	Kind ProviderKind `json:"kind,omitempty"`

	// name of the provider.
	// +required
	Name ObjectName `json:"name,omitempty"`
}

// TokenUsage counts what a language model read and wrote.
type TokenUsage struct {
	// input is the number of tokens sent.
	// +required
	// +kubebuilder:validation:Minimum=0
	Input int64 `json:"input"`

	// output is the number of tokens received.
	// +required
	// +kubebuilder:validation:Minimum=0
	Output int64 `json:"output"`
}

// Progress counts segments. total = done + blocked + failed + pending, always.
type Progress struct {
	// total is the number of segments.
	// +required
	// +kubebuilder:validation:Minimum=0
	Total int32 `json:"total"`

	// done counts segments with a usable translation.
	// +required
	// +kubebuilder:validation:Minimum=0
	Done int32 `json:"done"`

	// fromMemory counts those of done that were not bought from the engine.
	// +required
	// +kubebuilder:validation:Minimum=0
	FromMemory int32 `json:"fromMemory"`

	// blocked counts segments that keep their source text because their placeables
	// could not be put back.
	// +required
	// +kubebuilder:validation:Minimum=0
	Blocked int32 `json:"blocked"`

	// failed counts segments without a translation.
	// +required
	// +kubebuilder:validation:Minimum=0
	Failed int32 `json:"failed"`

	// pending counts segments still to be done.
	// +required
	// +kubebuilder:validation:Minimum=0
	Pending int32 `json:"pending"`
}
