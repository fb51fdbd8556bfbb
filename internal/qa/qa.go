// Package qa owns the deterministic checks of a translation, the notes on a
// source text, and the score made of them.
//
// It is pure: it imports the API types, the engine contract, langtag,
// placeholder and segment, and no I/O. Each check is a small function of an
// Input. Messages describe a fault and never quote the text: they name counts,
// placeables (which are code) and glossary terms (which the caller wrote).
//
// What is known of languages is in data/ and in weights.go: function words that were
// written down, and words and weights that test/quality/qa/learn counted in one half
// of a corpus of translations by people. The figures of docs/quality.md are of the
// other half.
package qa

import (
	"fmt"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// Input is a segment with its translation, both with their placeables in place.
type Input struct {
	Source, Target string
	// SourceLanguage and TargetLanguage are canonical BCP-47 tags.
	SourceLanguage, TargetLanguage string
	// Placeables are the problems that putting them back met.
	Placeables []placeholder.Problem
	// Unknown are the words of the source that the engine has no entry for.
	Unknown []string
	// Terms that occur in the source.
	Terms []engine.Term
	// MaxChars (user-perceived characters) and MaxWords limit the target; 0 means
	// no limit.
	MaxChars, MaxWords int
	// Forbidden terms may not occur in the target.
	Forbidden []string

	// shared is what Evaluate has read of both texts.
	shared *pairReading
}

// Names of the checks, as they stand in a finding and in the REST notes.
const (
	EmptyCheck           = "empty"
	UntranslatedCheck    = "untranslated"
	PlaceholderCheck     = "placeholder"
	NumberCheck          = "number"
	LengthDeviationCheck = "length_deviation"
	UnknownWordCheck     = "unknown_word"
	TerminologyCheck     = "terminology"
	ConstraintCheck      = "constraint"
	IdentifierCheck      = "identifier"
	WrongScriptCheck     = "wrong_language"
	RepetitionCheck      = "repetition"
	CharactersCheck      = "characters"
	ChatterCheck         = "chatter"
	// TruncationCheck is for an end that is missing, MismatchCheck for the translation
	// of another text.
	TruncationCheck  = "truncation"
	MismatchCheck    = "mismatch"
	SpacingCheck     = "spacing"
	PunctuationCheck = "punctuation"
	// SourceFormCheck marks notes on how a source was read: an ICU message that is kept as
	// text, a sentence that is too long.
	SourceFormCheck = "source_form"
	// SourceErrorCheck marks notes on the source text.
	SourceErrorCheck = "source_error"
)

// Categories of MQM 2.0, dimension and error type.
const (
	omissionCategory     = "accuracy/omission"
	untranslatedCategory = "accuracy/untranslated"
	mistranslation       = "accuracy/mistranslation"
	additionCategory     = "accuracy/addition"
	terminologyCategory  = "terminology/wrong term"
	markupCategory       = "design and markup/markup"
	lengthCategory       = "design and markup/length"
	encodingCategory     = "linguistic conventions/character encoding"
	punctuationCategory  = "linguistic conventions/punctuation"
	spacingCategory      = "linguistic conventions/whitespace"
	duplicationCategory  = "linguistic conventions/duplication"
	requirementCategory  = "audience appropriateness/end-user requirement"
	sourceCategory       = "source"
)

// Finding is a fault that a check found.
type Finding struct {
	// Check is the name of the check, which is the type of the REST note.
	Check string
	// Category of the fault in MQM 2.0.
	Category string
	Severity v1alpha1.Severity
	// Message says what is wrong, in lower case, without quoting the text; at most
	// 512 bytes.
	Message string
	// Span is where the fault is in the translation, with its placeables in place; none
	// where something is missing, or where all of the translation is meant but for its
	// length.
	Span Span
	// SourceSpan is what the finding is about in the source: what is missing in the
	// translation or stands there as something else. Of several it is the first.
	SourceSpan Span
}

// maxMessage is the API's limit for the message of a finding.
const maxMessage = 512

func finding(check, category string, severity v1alpha1.Severity, format string, args ...any) Finding {
	message := fmt.Sprintf(format, args...)
	if runes := []rune(message); len(runes) > maxMessage {
		message = string(runes[:maxMessage-1]) + "…"
	}
	return Finding{Check: check, Category: category, Severity: severity, Message: message}
}

// Check is one way to look at a translation.
type Check struct {
	// Name is the Check of its findings.
	Name string
	// Run returns the faults it finds; none when the translation is fine.
	Run func(Input) []Finding
}

// Default returns the checks that every translation passes through. Where the
// translation is empty only the first speaks: the others have nothing to say.
func Default() []Check {
	return []Check{
		{Name: EmptyCheck, Run: empty},
		{Name: UntranslatedCheck, Run: unlessEmpty(untranslated)},
		{Name: PlaceholderCheck, Run: unlessEmpty(placeables)},
		{Name: NumberCheck, Run: unlessEmpty(numbers)},
		{Name: LengthDeviationCheck, Run: unlessEmpty(lengthDeviation)},
		{Name: TruncationCheck, Run: unlessEmpty(truncated)},
		{Name: MismatchCheck, Run: unlessEmpty(mismatched)},
		{Name: UnknownWordCheck, Run: unlessEmpty(unknownWords)},
		{Name: TerminologyCheck, Run: unlessEmpty(terminology)},
		{Name: IdentifierCheck, Run: unlessEmpty(identifiers)},
		{Name: ConstraintCheck, Run: unlessEmpty(constraints)},
		{Name: WrongScriptCheck, Run: unlessEmpty(language)},
		{Name: RepetitionCheck, Run: unlessEmpty(repetition)},
		{Name: CharactersCheck, Run: unlessEmpty(characters)},
		{Name: CharactersCheck, Run: unlessEmpty(invisible)},
		{Name: CharactersCheck, Run: unlessEmpty(width)},
		{Name: ChatterCheck, Run: unlessEmpty(chatter)},
		{Name: SpacingCheck, Run: unlessEmpty(spacing)},
		{Name: SpacingCheck, Run: unlessEmpty(frenchSpacing)},
		{Name: SpacingCheck, Run: unlessEmpty(lineBreaks)},
		{Name: PunctuationCheck, Run: unlessEmpty(endPunctuation)},
		{Name: PunctuationCheck, Run: unlessEmpty(unpaired)},
		{Name: PunctuationCheck, Run: unlessEmpty(foreignQuotes)},
	}
}

// Evaluate runs checks in order and returns their findings in that order.
func Evaluate(checks []Check, in Input) []Finding {
	in.read()
	var findings []Finding
	for _, check := range checks {
		findings = append(findings, check.Run(in)...)
	}
	return findings
}

// counted returns "1 number" or "3 numbers".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
