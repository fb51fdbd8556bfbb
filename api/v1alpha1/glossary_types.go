package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// GlossaryScope says whose terms these are.
//
// +kubebuilder:validation:Enum=Account;Private
type GlossaryScope string

const (
	// AccountScope is for everybody in the namespace.
	AccountScope GlossaryScope = "Account"
	// PrivateScope is one person's or one project's own.
	PrivateScope GlossaryScope = "Private"
)

// CaseMatching says whether a term is found in any letter case.
//
// +kubebuilder:validation:Enum=Insensitive;Sensitive
type CaseMatching string

const (
	// CaseInsensitive finds "Cart" in "cart".
	CaseInsensitive CaseMatching = "Insensitive"
	// CaseSensitive finds "Cart" in "Cart" alone.
	CaseSensitive CaseMatching = "Sensitive"
)

// TermHandling says what becomes of a term.
//
// +kubebuilder:validation:Enum=Translate;Keep
type TermHandling string

const (
	// TranslateTerm renders the term as its translation says.
	TranslateTerm TermHandling = "Translate"
	// KeepTerm leaves the term as it is (do not translate).
	KeepTerm TermHandling = "Keep"
)

// TermStatus is the state of an entry.
//
// +kubebuilder:validation:Enum=Approved;Pending;Deprecated
type TermStatus string

const (
	// ApprovedTerm is enforced.
	ApprovedTerm TermStatus = "Approved"
	// PendingTerm is a suggestion and not enforced.
	PendingTerm TermStatus = "Pending"
	// DeprecatedTerm is kept for the record and not enforced.
	DeprecatedTerm TermStatus = "Deprecated"
)

// InlineTerm is a term of one job: its language is the job's.
//
// +kubebuilder:validation:XValidation:rule="self.handling == 'Keep' || has(self.target)",message="target is needed unless handling is Keep"
type InlineTerm struct {
	// source is the term in the source language.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="self.matches('[^[:space:]]')",message="must have a character that is not white space"
	Source string `json:"source,omitempty"`

	// target is the term in the target language.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="self.matches('[^[:space:]]')",message="must have a character that is not white space"
	Target string `json:"target,omitempty"`

	// handling is Translate (the default) or Keep.
	// +optional
	// +kubebuilder:default=Translate
	Handling TermHandling `json:"handling,omitempty"`

	// case is Insensitive (the default) or Sensitive.
	// +optional
	// +kubebuilder:default=Insensitive
	Case CaseMatching `json:"case,omitempty"`

	// forbidden lists translations that may not be used.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=200
	Forbidden []string `json:"forbidden,omitempty"`
}

// TermTranslation is a term in one language.
type TermTranslation struct {
	// language of the translation, as a BCP-47 tag.
	// +required
	Language LanguageTag `json:"language,omitempty"`

	// term in that language.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="self.matches('[^[:space:]]')",message="must have a character that is not white space"
	Term string `json:"term,omitempty"`

	// variants are other accepted forms, such as inflections.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=200
	Variants []string `json:"variants,omitempty"`
}

// GlossaryEntry is a term and its translations.
//
// +kubebuilder:validation:XValidation:rule="self.handling == 'Keep' || has(self.translations) || has(self.forbidden)",message="translations are needed, unless handling is Keep or the entry only lists forbidden ones"
type GlossaryEntry struct {
	// term in the source language.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="self.matches('[^[:space:]]')",message="must have a character that is not white space"
	Term string `json:"term,omitempty"`

	// translations of the term. None are needed when handling is Keep, or when the
	// entry only lists forbidden ones.
	// +optional
	// +listType=map
	// +listMapKey=language
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Translations []TermTranslation `json:"translations,omitempty"`

	// handling is Translate (the default) or Keep.
	// +optional
	// +kubebuilder:default=Translate
	Handling TermHandling `json:"handling,omitempty"`

	// case is Insensitive (the default) or Sensitive.
	// +optional
	// +kubebuilder:default=Insensitive
	Case CaseMatching `json:"case,omitempty"`

	// variants are other forms of the term in the source language.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=200
	Variants []string `json:"variants,omitempty"`

	// forbidden lists translations that may not be used.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=200
	Forbidden []string `json:"forbidden,omitempty"`

	// context says which sense is meant.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	Context string `json:"context,omitempty"`

	// domain limits the term to jobs of that domain.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Domain string `json:"domain,omitempty"`

	// status is Approved (the default), Pending or Deprecated. Only Approved counts.
	// +optional
	// +kubebuilder:default=Approved
	Status TermStatus `json:"status,omitempty"`
}

// GlossarySpec is a list of terms.
type GlossarySpec struct {
	// displayName for people.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	DisplayName string `json:"displayName,omitempty"`

	// description for people.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1000
	Description string `json:"description,omitempty"`

	// sourceLanguage of the terms, as a BCP-47 tag.
	// +required
	SourceLanguage LanguageTag `json:"sourceLanguage,omitempty"`

	// scope is Account (the default) or Private.
	// +optional
	// +kubebuilder:default=Account
	Scope GlossaryScope `json:"scope,omitempty"`

	// entries of the glossary; at most 2000.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2000
	Entries []GlossaryEntry `json:"entries,omitempty"`
}

// Glossary is a list of terms that jobs of its namespace follow.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=glossaries,shortName=gl,categories=translation
// +kubebuilder:printcolumn:name="Source",type=string,JSONPath=`.spec.sourceLanguage`
// +kubebuilder:printcolumn:name="Scope",type=string,JSONPath=`.spec.scope`
// +kubebuilder:printcolumn:name="Name",type=string,JSONPath=`.spec.displayName`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Glossary struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the list of terms.
	// +required
	Spec GlossarySpec `json:"spec,omitzero"`
}

// GlossaryList is a list of Glossaries.
//
// +kubebuilder:object:root=true
type GlossaryList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Glossary `json:"items"`
}
