package v1alpha1

// SegmentState is the state of one segment.
//
// +kubebuilder:validation:Enum=Pending;Processing;Completed;Blocked;NeedsReview;Failed
type SegmentState string

// The states of a segment.
const (
	// SegmentPending: without an answer yet.
	SegmentPending SegmentState = "Pending"
	// SegmentProcessing: the engine has answered, and QA has not spoken.
	SegmentProcessing SegmentState = "Processing"
	// SegmentCompleted: translated, and good enough.
	SegmentCompleted SegmentState = "Completed"
	// SegmentBlocked: keeps its source text.
	SegmentBlocked SegmentState = "Blocked"
	// SegmentNeedsReview: translated, with findings a person should see.
	SegmentNeedsReview SegmentState = "NeedsReview"
	// SegmentFailed: no translation.
	SegmentFailed SegmentState = "Failed"
)

// SegmentOrigin says where the translation of a segment is from.
//
// +kubebuilder:validation:Enum=Memory;Repeat;Source
type SegmentOrigin string

// Where translations are from, when not from the engine.
const (
	// MemoryOrigin: from the translation memory.
	MemoryOrigin SegmentOrigin = "Memory"
	// RepeatOrigin: the same as of an earlier segment of the job.
	RepeatOrigin SegmentOrigin = "Repeat"
	// SourceOrigin: the source itself, because it has nothing to translate or its
	// placeables could not be put back.
	SourceOrigin SegmentOrigin = "Source"
)

// TermUse is what became of the glossary terms of a segment. Terms are named as the
// glossary has them in the source language.
//
// +kubebuilder:validation:MinProperties=1
type TermUse struct {
	// applied terms stand in the translation as the glossary asks; at most 20.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=200
	Applied []string `json:"applied,omitempty"`

	// missed terms do not; at most 20.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=200
	Missed []string `json:"missed,omitempty"`
}

// TermCounts sums up the glossary terms of all segments; a term counts in each segment
// it occurs in.
type TermCounts struct {
	// applied terms stand in the translation as the glossary asks.
	// +required
	// +kubebuilder:validation:Minimum=0
	Applied int32 `json:"applied"`

	// missed terms do not.
	// +required
	// +kubebuilder:validation:Minimum=0
	Missed int32 `json:"missed"`
}

// TextSpan is a stretch of a text, in bytes of UTF-8.
type TextSpan struct {
	// start of the stretch, from 0.
	// +required
	// +kubebuilder:validation:Minimum=0
	Start int32 `json:"start"`

	// end is the first byte behind it.
	// +required
	// +kubebuilder:validation:Minimum=1
	End int32 `json:"end,omitempty"`
}

// CharacterSpan is a stretch of a text, in Unicode code points.
type CharacterSpan struct {
	// start of the stretch, from 0.
	// +required
	// +kubebuilder:validation:Minimum=0
	Start int32 `json:"start"`

	// end is the first code point behind it.
	// +required
	// +kubebuilder:validation:Minimum=1
	End int32 `json:"end,omitempty"`
}

// SegmentStatus is what became of one segment. It holds no text.
type SegmentStatus struct {
	// id counts from 1 in source order.
	// +required
	// +kubebuilder:validation:Minimum=1
	ID int32 `json:"id,omitempty"`

	// state of the segment.
	// +required
	State SegmentState `json:"state,omitempty"`

	// qaScore from 0 to 100 with one decimal; absent when there is nothing to score.
	// +optional
	QAScore Decimal `json:"qaScore,omitempty"`

	// retryCount is the number of corrections QA asked for. Repeated transport
	// attempts do not count.
	// +optional
	// +kubebuilder:validation:Minimum=0
	RetryCount int32 `json:"retryCount,omitempty"`

	// origin of the translation; absent when it is the engine's answer.
	// +optional
	Origin SegmentOrigin `json:"origin,omitempty"`

	// span is where the translation stands in the text of the result.
	// +optional
	Span *TextSpan `json:"span,omitempty"`

	// terms of the glossary that occur in the segment; absent when there are none.
	// +optional
	Terms *TermUse `json:"terms,omitempty"`

	// error says why the segment failed or is blocked.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Error string `json:"error,omitempty"`
}

// Severity of a finding, after MQM 2.0.
//
// +kubebuilder:validation:Enum=Neutral;Minor;Major;Critical
type Severity string

const (
	// NeutralSeverity costs nothing: a note.
	NeutralSeverity Severity = "Neutral"
	// MinorSeverity costs 1 penalty point.
	MinorSeverity Severity = "Minor"
	// MajorSeverity costs 5 penalty points.
	MajorSeverity Severity = "Major"
	// CriticalSeverity costs 25 penalty points, and fails the segment whatever its score.
	CriticalSeverity Severity = "Critical"
)

// Finding is something QA or the source review noticed. Its message describes
// the fault and never quotes the text.
type Finding struct {
	// segment is the id of the segment.
	// +required
	// +kubebuilder:validation:Minimum=1
	Segment int32 `json:"segment,omitempty"`

	// type of the finding, such as placeholder, number or untranslated.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Type string `json:"type,omitempty"`

	// severity is Neutral, Minor, Major or Critical.
	// +required
	Severity Severity `json:"severity,omitempty"`

	// message says what is wrong.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Message string `json:"message,omitempty"`

	// span is where the fault is in the translation of the segment. It is absent where
	// something is missing, and where no single place is at fault.
	// +optional
	Span *CharacterSpan `json:"span,omitempty"`

	// sourceSpan is what the finding is about in the source of the segment: what is
	// missing in the translation, or stands there as something else. Of several places it
	// is the first, as in span.
	// +optional
	SourceSpan *CharacterSpan `json:"sourceSpan,omitempty"`
}
