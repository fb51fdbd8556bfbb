package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// item is one segment of a run.
type item struct {
	unit   document.Unit
	masked placeholder.Masked
	// key is the fingerprint of all that decides the translation. Segments with the
	// same key are translated once.
	key   string
	words int
	terms []engine.Term
	// kept are the terms that stand as tokens.
	kept []keptTerm
	// forms that the text is for and does not show.
	forms []engine.Form

	// answer is the engine's best one so far; nil while there is none.
	answer *Saved
	// best is the best answer as judged; nil while there is none.
	best *candidate
	// judged is the answer that was judged last.
	judged *Saved
	// refused says why the engine will not translate the segment; nil otherwise.
	refused *engine.Error
	// corrections asked for so far.
	corrections int
	// share of the tally.
	share share
}

// candidate is a judged translation.
type candidate struct {
	// text is ready for the document. When blocked it is the source.
	text     string
	blocked  bool
	findings []qa.Finding
	// own of the findings, the first ones, are of this text alone; the others come from
	// the segments beside it.
	own int
	// missed are the terms, in the source language, that it does not follow.
	missed []string
	score  qa.Score
}

// betterThan puts the candidate with fewer criticals first, then the one with the
// higher score. Of equals the earlier one stays.
func (c *candidate) betterThan(other *candidate) bool {
	if other == nil {
		return true
	}
	if a, b := criticals(c.findings), criticals(other.findings); a != b {
		return a < b
	}
	return c.score > other.score
}

// passes says whether the candidate needs no correction.
func (c *candidate) passes(threshold qa.Score) bool {
	return !c.blocked && !qa.HasCritical(c.findings) && c.score >= threshold
}

// acceptable says whether the candidate may stand when nothing better was found.
func (c *candidate) acceptable() bool {
	return !c.blocked && !qa.HasCritical(c.findings) && c.score >= acceptThreshold
}

// distinct is the source as it differs from others: the forms of a number have one
// source and rightly several translations.
func (it *item) distinct() string {
	text := it.unit.Text
	if it.masked.Number != 0 {
		text += " " + it.masked.Digits
	}
	if len(it.forms) > 0 {
		text += " " + formNames(it.forms)
	}
	return text
}

// parts are the placeables of the segment, as tokens, and the stretches between them.
// A number that stands as a sample is a token here: its stretches cannot lose it.
func (it *item) parts() []placeholder.Part {
	masked := it.masked
	masked.Number = 0
	return placeholder.SplitTokens(tokenized(masked))
}

// fingerprint names all that decides the translation of a segment: its text with
// its placeables, the languages, the options that reach the engine, the quality that
// QA demands, the terms that occur, the engine, the number that stands for a plural form
// or the form itself, and which terms and words stand as tokens.
func fingerprint(job Job, info engine.Info, it *item) string {
	o := job.Options
	parts := []any{
		it.unit.Text, job.SourceLanguage, job.TargetLanguage, job.Pair,
		o.Mode, o.Quality, o.Domain, o.Tone, o.Instructions, o.StyleReference, o.TextType, o.Constraints,
		it.terms, info.Name, info.Model,
	}
	if it.masked.Number != 0 {
		parts = append(parts, it.masked.Digits)
	}
	if len(it.forms) > 0 && Obeys(info) {
		parts = append(parts, "form", formNames(it.forms))
	}
	isKept := func(p placeholder.Placeable) bool { return p.Kind == placeholder.Kept }
	if len(it.kept) > 0 || slices.ContainsFunc(it.masked.Placeables, isKept) {
		parts = append(parts, "kept", it.masked.Text)
	}
	data, err := json.Marshal(parts)
	if err != nil {
		data = []byte(it.unit.Text) // plain values always marshal
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func criticals(findings []qa.Finding) int {
	n := 0
	for _, f := range findings {
		if qa.HasCritical([]qa.Finding{f}) {
			n++
		}
	}
	return n
}
