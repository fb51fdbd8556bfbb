package pipeline_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

const deleteMessage = "{n, plural, one {Delete the chosen file?} other {Delete the chosen files?}}"

// inflecting is a bench into Russian with an engine that answers by form.
func inflecting(texts ...string) *bench {
	b := newBench(texts...)
	b.job.Pair = engine.Pair{Source: "en", Target: "ru"}
	b.job.SourceLanguage, b.job.TargetLanguage = "en", "ru"
	b.engine.Description.Creates = true
	b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		words := map[string]string{"one": "выбранный файл", "few": "выбранные файлы", "many": "выбранных файлов", "other": "выбранного файла"}
		var out engine.Response
		for _, s := range req.Segments {
			word := "выбранное"
			if len(s.Forms) == 1 {
				word = words[s.Forms[0].Category]
			}
			out.Segments = append(out.Segments, engine.Translation{ID: s.ID, Text: "Удалить " + word + "?"})
		}
		return out, nil
	}
	return b
}

// TestFormsWithoutANumber: the forms of a text that does not show its number are asked
// for apart, in one call, and may rightly differ.
func TestFormsWithoutANumber(t *testing.T) {
	b := inflecting(deleteMessage)
	outcome := b.run().Do(t.Context())
	want := []string{"{n, plural, one {Удалить выбранный файл?} few {Удалить выбранные файлы?} many {Удалить выбранных файлов?} other {Удалить выбранного файла?}}"}
	if diff := cmp.Diff(want, b.translations()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if outcome.Reason != v1alpha1.CompletedReason || b.engine.Calls() != 1 || len(b.engine.Sold()) != 4 {
		t.Errorf("ended as %+v after %d calls with the texts %q, want one call with four", outcome, b.engine.Calls(), b.engine.Sold())
	}
	if findings := b.published[0].Findings; len(findings) > 0 {
		t.Errorf("findings are %+v, want none: the forms of a text are not inconsistent", findings)
	}
}

// TestTheMemoryKeepsFormsApart: what was bought for one form is given to no other, nor to
// the same words where no number decides.
func TestTheMemoryKeepsFormsApart(t *testing.T) {
	memory := map[string]pipeline.Saved{}
	cases := []struct {
		name, text string
		wantSold   []string
	}{
		{"a message is bought", deleteMessage, []string{"Delete the chosen file?", "Delete the chosen files?", "Delete the chosen files?", "Delete the chosen files?"}},
		{"and not again", deleteMessage, nil},
		{"the words alone are another text", "Delete the chosen files?", []string{"Delete the chosen files?"}},
		{"a number that decides nothing in the language is no form", strings.Replace(deleteMessage, "plural", "selectordinal", 1), nil},
		{"one number is a form of its own", "{n, plural, =2 {Delete the chosen files?} other {#}}", []string{"Delete the chosen files?"}},
		{"the name of the number is no matter", strings.Replace(deleteMessage, "n,", "count,", 1), nil},
	}
	for _, tc := range cases {
		b := inflecting(tc.text)
		b.tools.Recall = func(_ context.Context, keys []string) (map[string]pipeline.Saved, error) {
			found := maps.Clone(memory)
			maps.DeleteFunc(found, func(key string, _ pipeline.Saved) bool { return !slices.Contains(keys, key) })
			return found, nil
		}
		b.tools.Remember = func(_ context.Context, good map[string]pipeline.Saved) { maps.Copy(memory, good) }
		b.run().Do(t.Context())
		if diff := cmp.Diff(tc.wantSold, b.engine.Sold()); diff != "" {
			t.Errorf("%s: bought (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestAnEngineThatKnowsNoForms is asked once for all forms of a text, and the result says
// which of them have their words from another.
func TestAnEngineThatKnowsNoForms(t *testing.T) {
	b := inflecting(deleteMessage, "Delete the chosen file?", deleteMessage)
	b.engine.Description.Creates = false
	outcome := b.run().Do(t.Context())
	if diff := cmp.Diff([]string{"Delete the chosen file?", "Delete the chosen files?"}, b.engine.Sold()); diff != "" {
		t.Errorf("bought (-want +got):\n%s", diff)
	}
	var notes []string
	for _, f := range b.published[0].Findings {
		if f.Type == "source_form" && f.Severity == v1alpha1.NeutralSeverity {
			notes = append(notes, f.Message)
		}
	}
	// The forms of the third text have their words from those of the first.
	const many = `the text is for another form (plural many) than segment 2 and has the same translation: engine "scripted" cannot be told of forms`
	other := strings.Replace(many, "many", "other", 1)
	want := []string{many, other, many, other}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if outcome.Reason != v1alpha1.CompletedReason {
		t.Errorf("ended as %+v, want Completed", outcome)
	}
}

func TestWhichFormsAreTold(t *testing.T) {
	plural := func(category, example string) engine.Form {
		return engine.Form{Kind: engine.PluralForm, Category: category, Example: example}
	}
	cases := map[string]struct {
		text, target string
		want         map[string][]engine.Form
	}{
		"a number that the text shows": {
			text: "{n, plural, one {# file} other {# files}}", target: "de",
			want: map[string][]engine.Form{"1 file": nil, "2 files": nil},
		},
		"one that a token stands for, among other digits": {
			text: "{n, plural, one {# of 9 files} other {# of 9 files}}", target: "de",
			want: map[string][]engine.Form{"⟦1⟧ of 9 files": {plural("other", "2")}},
		},
		"a form for fractions alone": {
			text: "{n, plural, one {# file} other {# files}}", target: "cs",
			want: map[string][]engine.Form{"1 file": nil, "2 files": nil, "⟦1⟧ files": {plural("many", "1.5")}, "5 files": nil},
		},
		"one number": {
			text: "{n, plural, =0 {No files} other {# files}}", target: "ja",
			want: map[string][]engine.Form{"No files": {plural("=0", "0")}, "2 files": nil},
		},
		"one number with an offset is another": {
			text: "{n, plural, offset:1 =1 {You} other {You and others}}", target: "en",
			want: map[string][]engine.Form{"You": nil, "You and others": {plural("other", "2")}},
		},
		"an order": {
			text: "{n, selectordinal, one {The first lap} other {The lap}}", target: "sv",
			want: map[string][]engine.Form{
				"The first lap": {{Kind: engine.OrdinalForm, Category: "one", Example: "1"}},
				"The lap":       {{Kind: engine.OrdinalForm, Category: "other", Example: "3"}},
			},
		},
		"a language with one form": {
			text: "{n, plural, one {File} other {Files}}", target: "ja",
			want: map[string][]engine.Form{"Files": nil},
		},
		"a language without rules": {
			text: "{n, plural, one {File} other {Files}}", target: "tlh",
			want: map[string][]engine.Form{"File": nil, "Files": nil},
		},
		"two numbers, in the order of the text": {
			text: "{n, plural, other {Files}} in {m, selectordinal, other {boxes}}", target: "sv",
			want: map[string][]engine.Form{
				"Files in boxes": {plural("other", "2"), {Kind: engine.OrdinalForm, Category: "other", Example: "3"}},
			},
		},
		"of two numbers the one that is not shown": {
			text: "{n, plural, other {# files}} in {m, plural, other {boxes}}", target: "fil",
			want: map[string][]engine.Form{
				"1 files in boxes": {plural("other", "4")}, "4 files in boxes": {plural("other", "4")},
			},
		},
		"a choice within a choice by the same number": {
			text: "{n, plural, one {is} other {are}} {n, plural, =0 {no file} other {a file}}", target: "de",
			want: map[string][]engine.Form{"is no file": {plural("one", "1")}, "are no file": {plural("other", "2")}, "is a file": {plural("one", "1")}, "are a file": {plural("other", "2")}},
		},
		"words decide": {
			text: "{g, select, male {He left} other {They left}}", target: "ar",
			want: map[string][]engine.Form{"He left": nil, "They left": nil},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(tc.text)
			b.job.TargetLanguage = tc.target
			b.engine.Description.Creates = true
			got := map[string][]engine.Form{}
			for _, req := range requests(t, b) {
				for _, s := range req.Segments {
					got[s.Text] = s.Forms // of equal texts the last form
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("forms by text (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFormsGoAlongWithCorrectionsAndRatings: a text is never shown without its form.
func TestFormsGoAlongWithCorrectionsAndRatings(t *testing.T) {
	b := newBench("{n, plural, one {Gato} other {Gatos}}")
	b.engine.Description.Creates, b.engine.Description.Corrects, b.engine.Description.Rates = true, true, true
	b.job.Options.QA = &v1alpha1.QAOptions{Judge: v1alpha1.JudgeEnabled}
	b.tools.Checks = graded()
	var kinds []string
	b.engine.Script = func(_ context.Context, call int, req engine.Request) (engine.Response, error) {
		out := scripted.Translation(req)
		for i, s := range req.Segments {
			if len(s.Forms) != 1 {
				t.Errorf("call %d: segment %d has the forms %v", call, s.ID, s.Forms)
			}
			switch {
			case req.Rating:
				kinds = append(kinds, "rating")
				out.Segments[i].Text = "none"
			case s.Correction != nil:
				kinds = append(kinds, "correction")
			default:
				out.Segments[i].Text += "+major"
			}
		}
		return out, nil
	}
	b.run().Do(t.Context())
	if diff := cmp.Diff([]string{"correction", "correction", "correction", "rating", "rating", "rating"}, kinds); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
}

// TestFormsArePlannedFor: the plan has room for what is said of a form.
func TestFormsArePlannedFor(t *testing.T) {
	form := engine.Form{Kind: engine.OrdinalForm, Category: "other", Example: "1000000"}
	bare := pipeline.MostOf(engine.Request{Segments: []engine.Segment{{Text: "files"}}})
	told := pipeline.MostOf(engine.Request{Segments: []engine.Segment{{Text: "files", Forms: []engine.Form{form}}}})
	if room := told.InputTokens - bare.InputTokens; room < int64(len(`,"forms":["ordinal other, as for 1000000"]`)) || told.OutputTokens != bare.OutputTokens {
		t.Errorf("a form adds %d tokens, which is less than it may take", room)
	}
}
