package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/icu"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// fraction is a number that takes each category which no whole number takes, in every
// language that has such a one (CLDR 48.2: be cs gv lt pl ru sgs sk uk).
const fraction = "1.5"

// mask takes the placeables out of a unit. In a text that is for a form of a number, a
// sample of that number stands for it, so that every engine sees which form is wanted.
// shown is the index of that form, -1 for none.
func mask(unit document.Unit) (masked placeholder.Masked, shown int) {
	for i, form := range unit.Forms {
		if !form.Sampled {
			continue
		}
		if m := placeholder.MaskNumber(unit.Text, form.Sample, form.Texts...); m.Number != 0 {
			return m, i
		}
	}
	return placeholder.Mask(unit.Text), -1
}

// hidden returns the forms of a unit that its text does not show, in the order in which
// the program chooses by them.
func hidden(unit document.Unit, shown int, target string) []engine.Form {
	var known []document.Form // one for each number
	if shown >= 0 {
		known = append(known, unit.Forms[shown])
	}
	var out []engine.Form
	for _, f := range unit.Forms {
		same := func(other document.Form) bool { return isOfOneNumber(f, other) }
		if slices.ContainsFunc(known, same) {
			continue
		}
		known = append(known, f)
		if form, ok := formOf(f, target); ok {
			out = append(out, form)
		}
	}
	slices.Reverse(out)
	return out
}

// isOfOneNumber says whether two forms of a text are of the same number. A choice
// within a choice may be by the number that the other was by.
func isOfOneNumber(a, b document.Form) bool {
	return a.Ordinal == b.Ordinal && slices.ContainsFunc(a.Texts, func(text string) bool { return slices.Contains(b.Texts, text) })
}

// formOf describes a form to an engine. ok is false where there is nothing to tell: in a
// language with one form for all numbers or without rules, and for one number with an
// offset, which is not the number that the words around it are about.
func formOf(f document.Form, target string) (form engine.Form, ok bool) {
	form = engine.Form{Kind: engine.PluralForm, Category: f.Category, Example: fraction}
	kind := icu.Plural
	if f.Ordinal {
		form.Kind, kind = engine.OrdinalForm, icu.SelectOrdinal
	}
	if f.Sampled {
		form.Example = strconv.Itoa(f.Sample)
	}
	if icu.IsExact(f.Category) {
		return form, f.Category == "="+form.Example
	}
	return form, len(icu.Categories(target, kind)) > 1
}

// formNames names forms, as "plural few": what tells the forms of one text apart.
func formNames(forms []engine.Form) string {
	names := make([]string, len(forms))
	for i, f := range forms {
		names[i] = string(f.Kind) + " " + f.Category
	}
	return strings.Join(names, ", ")
}

// noteForm notes a text that gets the words of another form, or of none, because the
// engine cannot be told of its own.
func (r *Run) noteForm(it, leader *item) {
	if name := formNames(it.forms); name != "" && name != formNames(leader.forms) && it.masked.HasText() {
		r.notes = append(r.notes, findingOf(it, qa.Finding{
			Check: qa.SourceFormCheck, Severity: v1alpha1.NeutralSeverity,
			Message: fmt.Sprintf("the text is for another form (%s) than segment %d and has the same translation: engine %q cannot be told of forms",
				name, leader.unit.ID, r.tools.Engine.Info().Name),
		}))
	}
}
