package pipeline

import (
	"maps"
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// mostForeign bounds the notes on the sentences of a text.
const mostForeign = 10

// listen holds the languages of the source and of the translations against those that the
// job names. It does so when the corrections are over, for no other answer mends a source.
//
//   - A source, or a text of a list, in another language: a critical finding at its first
//     segment, because the translation was made by the wrong rules. Of a source most of
//     which is in another language there is one finding in all.
//   - Sentences of a text that is in the right language otherwise: notes, for texts quote.
//   - Translations in another language, which short ones do not show one by one: a critical
//     finding.
func (r *Run) listen() {
	for _, it := range r.items {
		if it.best != nil && len(r.told) > 0 { // of an earlier attempt
			it.best.findings = slices.DeleteFunc(it.best.findings, func(f qa.Finding) bool { return slices.Contains(r.told, f) })
		}
	}
	r.distrust, r.told = "", nil
	r.listenToSource()
	r.listenToTranslations()
}

// heard is a text of the source, or all of it.
type heard struct {
	qa.Hearing
	items []*item
	// words of the parts that are in another language each by itself, in all and by that
	// language, and of all parts.
	foreign, words int
	in             map[string]int
}

func (h *heard) add(part qa.Hearing, it *item) bool {
	h.Add(part)
	h.items = append(h.items, it)
	h.words += it.words
	language, foreign := part.Foreign()
	if foreign {
		if h.in == nil {
			h.in = map[string]int{}
		}
		h.foreign += it.words
		h.in[language] += it.words
	}
	return foreign
}

// isForeign says whether the texts are in another language together, or more than half of
// them each by itself.
func (h *heard) isForeign() (language string, ok bool) {
	if language, ok = h.Foreign(); ok {
		return language, true
	}
	for _, one := range slices.Sorted(maps.Keys(h.in)) {
		if h.in[one] > h.in[language] {
			language = one
		}
	}
	return language, 2*h.foreign > h.words
}

func (r *Run) listenToSource() {
	lang := r.job.SourceLanguage
	all := heard{Hearing: qa.Hear("", lang)}
	texts := map[int]*heard{}
	var sentences []*item
	for _, it := range r.leaders() {
		part := qa.Hear(it.masked.Text, lang)
		if all.add(part, it) {
			sentences = append(sentences, it)
		}
		if it.unit.Item == 0 {
			continue
		}
		if texts[it.unit.Item] == nil {
			texts[it.unit.Item] = &heard{Hearing: qa.Hear("", lang)}
		}
		texts[it.unit.Item].add(part, it)
	}
	severity := v1alpha1.CriticalSeverity
	if r.job.Options.Mode == v1alpha1.CreationMode {
		severity = v1alpha1.NeutralSeverity // a brief is read, not translated
	}
	verdict := all.isForeign
	if len(texts) > 0 {
		verdict = all.Foreign // the texts of a list are looked at one by one below
	}
	if language, foreign := verdict(); foreign {
		f := qa.InOtherLanguage("the source", language, lang, severity)
		r.dropNotes(0)
		r.found(all.items, f)
		if severity == v1alpha1.CriticalSeverity {
			r.distrust = f.Message
		}
		return
	}
	if len(texts) == 0 && !r.job.reviewsSource() { // else the review has noted them
		for _, it := range sentences[:min(len(sentences), mostForeign)] {
			language, _ := qa.Hear(it.masked.Text, lang).Foreign()
			r.found([]*item{it}, qa.InOtherLanguage("a sentence", language, lang, v1alpha1.NeutralSeverity))
		}
	}
	for number, text := range texts {
		if language, foreign := text.isForeign(); foreign {
			r.dropNotes(number)
			r.found(text.items, qa.InOtherLanguage("the text", language, lang, severity))
		}
	}
}

func (r *Run) listenToTranslations() {
	all := heard{Hearing: qa.Hear("", r.job.TargetLanguage)}
	for _, it := range r.leaders() {
		if it.best == nil || it.best.blocked {
			continue
		}
		if slices.ContainsFunc(it.best.findings, func(f qa.Finding) bool { return f.Check == qa.WrongScriptCheck || f.Check == qa.UntranslatedCheck }) {
			return // it shows already
		}
		all.add(qa.Hear(it.best.text, r.job.TargetLanguage), it)
	}
	if language, foreign := all.ForeignByWords(); foreign {
		f := qa.NotInTarget(language)
		r.found(all.items, f)
		r.distrust = f.Message
	}
}

// dropNotes takes out what the review has noted on the language of the segments of one
// text of a list, or of all, for one finding says it of them together.
func (r *Run) dropNotes(text int) {
	r.notes = slices.DeleteFunc(r.notes, func(note v1alpha1.Finding) bool {
		return note.Type == qa.SourceLanguageCheck && (text == 0 || r.items[note.Segment-1].unit.Item == text)
	})
}

// found adds a finding to the first of some segments that has a translation.
func (r *Run) found(items []*item, f qa.Finding) {
	for _, it := range items {
		if it.best == nil || it.best.blocked {
			continue
		}
		r.told = append(r.told, f)
		it.best.findings = append(it.best.findings, f)
		it.best.score = qa.SegmentScore(it.best.findings, it.words)
		r.recount(it)
		return
	}
}
