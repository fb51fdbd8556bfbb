package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// stays is an entry of a glossary whose term stays as it is.
func stays(term string, variants ...string) v1alpha1.GlossaryEntry {
	return v1alpha1.GlossaryEntry{Term: term, Variants: variants, Handling: v1alpha1.KeepTerm}
}

// becomes is an entry with a translation into Catalan.
func becomes(term, translation string) v1alpha1.GlossaryEntry {
	return v1alpha1.GlossaryEntry{Term: term, Translations: []v1alpha1.TermTranslation{{Language: "ca", Term: translation}}}
}

func inItsCase(e v1alpha1.GlossaryEntry) v1alpha1.GlossaryEntry {
	e.Case = v1alpha1.CaseSensitive
	return e
}

func stored(entries ...v1alpha1.GlossaryEntry) []glossary.Entry {
	return glossary.FromGlossary(v1alpha1.GlossarySpec{Entries: entries}, "ca", "")
}

// TestTermsThatStay: an engine that follows no terms sees tokens in their place, and the
// translation has them as the source spells them.
func TestTermsThatStay(t *testing.T) {
	cases := map[string]struct {
		text     string
		terms    []glossary.Entry
		wantSold []string
		wantText string
	}{
		"a term":                              {"Abre Meridia hoy.", stored(stays("Meridia")), []string{"Abre ⟦1⟧ hoy."}, "Ebra Meridia hiy."},
		"in another letter case":              {"Abre MERIDIA hoy.", stored(stays("Meridia")), []string{"Abre ⟦1⟧ hoy."}, "Ebra MERIDIA hiy."},
		"in another letter case, that counts": {"Abre meridiana hoy.", stored(inItsCase(stays("Meridiana"))), []string{"Abre meridiana hoy."}, "Ebra marodoene hiy."},
		"in the letter case that counts":      {"Abre Go y go hoy.", stored(inItsCase(stays("Go"))), []string{"Abre ⟦1⟧ y go hoy."}, "Ebra Go y gi hiy."},
		"in two spellings":                    {"Meridia y MERIDIA van.", stored(stays("Meridia")), []string{"⟦1⟧ y ⟦2⟧ van."}, "Meridia y MERIDIA ven."},
		"a form that the glossary lists":      {"Unos gatos van.", stored(stays("gato", "gatos")), []string{"Unos ⟦1⟧ van."}, "Unis gatos ven."},
		"not within a word":                   {"Los gatoneros van.", stored(stays("gato")), []string{"Los gatoneros van."}, "Lis getinaris ven."},
		"white space of another kind":         {"Abre Meridia\u00a0Cloud hoy.", stored(stays("Meridia Cloud")), []string{"Abre ⟦1⟧ hoy."}, "Ebra Meridia\u00a0Cloud hiy."},
		"the longer of two":                   {"Meridia Cloud usa Meridia.", stored(stays("Meridia"), stays("Meridia Cloud")), []string{"⟦1⟧ usa ⟦2⟧."}, "Meridia Cloud use Meridia."},
		"a part of a longer translated term":  {"El menú Inicio va a Inicio.", stored(stays("Inicio"), becomes("menú Inicio", "Manú Onocoi")), []string{"El menú Inicio va a ⟦1⟧."}, "Al manú Onocoi ve e Inicio."},
		"or of one in another form":           {"Un gato negros va al gato.", stored(stays("gato"), becomes("gato negro", "geti nagri")), []string{"Un gato negros va al ⟦1⟧."}, "Un geti nagris ve el gato."},
		"longer than a translated one":        {"Va el gato negro.", stored(becomes("gato", "gat"), stays("gato negro")), []string{"Va el ⟦1⟧."}, "Ve al gato negro."},
		"beside placeables":                   {"<b>Meridia</b> abre {name}.", stored(stays("Meridia")), []string{"⟦1⟧⟦2⟧⟦3⟧ abre ⟦4⟧."}, "<b>Meridia</b> ebra {name}."},
		"not in a placeable":                  {"Abre {casa} hoy, {coche}.", stored(inItsCase(stays("abre")), stays("coche")), []string{"Abre ⟦1⟧ hoy, ⟦2⟧."}, "Ebra {casa} hiy, {coche}."},
		"without spaces around":               {"打开线路图。", stored(stays("线路")), []string{"打开⟦1⟧图。"}, "打开线路图。"},
		"a text of nothing else":              {"Meridia 2.0", stored(stays("Meridia")), nil, "Meridia 2.0"},
		"a form of a number":                  {"{n, plural, other {Abre # gatos de Meridia}}", stored(stays("Meridia")), []string{"Abre 1 gatos de ⟦2⟧", "Abre 1000000 gatos de ⟦2⟧", "Abre 2 gatos de ⟦2⟧"}, "{n, plural, one {Ebra # getis da Meridia} many {Ebra # getis da Meridia} other {Ebra # getis da Meridia}}"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(tc.text)
			b.job.Terms = tc.terms
			run := b.run()
			outcome := run.Do(t.Context())
			if diff := cmp.Diff(tc.wantSold, b.engine.Sold()); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{tc.wantText}, b.translations()); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
			for _, f := range b.published[0].Findings {
				if f.Type == "terminology" && !strings.Contains(tc.text, "{coche}") {
					t.Errorf("finding %q, want none about terms", f.Message)
				}
			}
			if outcome.End != pipeline.Finished {
				t.Errorf("ended as %+v", outcome)
			}
		})
	}
}

// TestEnginesThatFollowTermsSeeThem: language models and services with glossaries are
// told which terms stay.
func TestEnginesThatFollowTermsSeeThem(t *testing.T) {
	for name, info := range map[string]engine.Info{
		"a language model": {Name: "openai", Creates: true}, "a service with glossaries": {Name: "deepl", Terms: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench("Abre Meridia hoy.")
			b.engine.Description, b.job.Terms = info, stored(stays("Meridia"))
			asked := requests(t, b)
			if len(asked) != 1 || asked[0].Segments[0].Text != "Abre Meridia hoy." || len(asked[0].Terms) != 1 || !asked[0].Terms[0].Keep {
				t.Errorf("asked %+v, want the text as it is and its term", asked)
			}
		})
	}
}

// TestATermThatAnEngineLoses: what stands around it is asked for alone; where that does
// no good the segment keeps its source, and the finding names the term.
func TestATermThatAnEngineLoses(t *testing.T) {
	losing := func(whenAlone string) script {
		return func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			out := scripted.Translation(req)
			for i, s := range req.Segments {
				switch {
				case strings.Contains(s.Text, "⟦1⟧"):
					out.Segments[i].Text = "Ebra hiy."
				case whenAlone != "":
					out.Segments[i].Text = whenAlone
				}
			}
			return out, nil
		}
	}
	cases := map[string]struct {
		script                             script
		wantText, wantReason, wantFindings string
	}{
		"the first time": {script: losing(""), wantText: "Ebra Meridia hiy.", wantReason: v1alpha1.CompletedReason},
		"always": {
			script: losing("⟦9⟧"), wantText: "Abre Meridia hoy.", wantReason: v1alpha1.CompletedWithBlocksReason,
			wantFindings: `placeable ⟦1⟧ (the term "Meridia") is missing` + "\n" + `the term "Meridia" has to stay as it is`,
		},
		"and writes it beside its token": {
			script: func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				return engine.Response{Segments: []engine.Translation{{ID: 1, Text: "Ebra ⟦1⟧ hiy, Meridia."}}}, nil
			},
			wantText: "Ebra Meridia hiy, Meridia.", wantReason: v1alpha1.CompletedReason,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench("Abre Meridia hoy.")
			b.job.Terms, b.engine.Script = stored(stays("Meridia")), tc.script
			outcome := b.run().Do(t.Context())
			if diff := cmp.Diff([]string{tc.wantText}, b.translations()); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
			var findings []string
			for _, f := range b.published[0].Findings {
				findings = append(findings, f.Message)
			}
			if outcome.Reason != tc.wantReason || strings.Join(findings, "\n") != tc.wantFindings {
				t.Errorf("ended %q with the findings %q, want %q with %q", outcome.Reason, findings, tc.wantReason, tc.wantFindings)
			}
		})
	}
}

// TestTermsThatStayAreCounted: as followed, and as words of the source, whoever translates.
func TestTermsThatStayAreCounted(t *testing.T) {
	for name, follows := range map[string]bool{"as tokens": false, "by the engine": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench("Abre MERIDIA Cloud hoy.", "Meridia Cloud")
			b.engine.Description.Terms, b.job.Terms = follows, stored(stays("Meridia Cloud"))
			b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				out := scripted.Translation(req)
				if follows {
					out = engine.Response{Segments: []engine.Translation{{ID: 1, Text: "Ebra Meridia Cloud hiy."}, {ID: 2, Text: "Meridia Cloud"}}}
				}
				return out, nil
			}
			run := b.run()
			run.Do(t.Context())
			report := run.Report()
			if report.Words != 6 || report.BilledWords != 6 {
				t.Errorf("%d words, %d billed; want 6 and 6", report.Words, report.BilledWords)
			}
			if diff := cmp.Diff(&v1alpha1.TermCounts{Applied: 2}, report.Terms); diff != "" {
				t.Errorf("terms (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(&v1alpha1.TermUse{Applied: []string{"Meridia Cloud"}}, report.Segments[0].Terms); diff != "" {
				t.Errorf("terms of the first segment (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTokensOfTermsAreRemembered: an answer is taken over for the same tokens alone.
func TestTokensOfTermsAreRemembered(t *testing.T) {
	memory := map[string]pipeline.Saved{}
	cases := []struct {
		name     string
		terms    []glossary.Entry
		wantSold []string
		wantText string
	}{
		{"another form of a term", stored(stays("gato")), []string{"Unos gatos van."}, "Unis getis ven."},
		{"that the glossary lists since", stored(stays("gato", "gatos")), []string{"Unos ⟦1⟧ van."}, "Unis gatos ven."},
		{"and is not asked for again", stored(stays("gato", "gatos")), nil, "Unis gatos ven."},
	}
	for _, tc := range cases {
		b := newBench("Unos gatos van.")
		b.job.Terms = tc.terms
		b.tools.Checks = nil
		b.tools.Recall = func(_ context.Context, keys []string) (map[string]pipeline.Saved, error) {
			found := maps.Clone(memory)
			maps.DeleteFunc(found, func(key string, _ pipeline.Saved) bool { return !slices.Contains(keys, key) })
			return found, nil
		}
		b.tools.Remember = func(_ context.Context, good map[string]pipeline.Saved) { maps.Copy(memory, good) }
		b.run().Do(t.Context())
		if diff := cmp.Diff(tc.wantSold, b.engine.Sold()); diff != "" {
			t.Errorf("%s: sent (-want +got):\n%s", tc.name, diff)
		}
		if diff := cmp.Diff([]string{tc.wantText}, b.translations()); diff != "" {
			t.Errorf("%s: texts (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestManyTermsThatStayInALongText: each for each would take hours, and the test would
// time out.
func TestManyTermsThatStayInALongText(t *testing.T) {
	const places, terms = 20_000, 300
	var entries []v1alpha1.GlossaryEntry
	for i := range terms {
		entries = append(entries, stays(fmt.Sprintf("Meridia %d", i)), stays(fmt.Sprintf("Meridiana%d", i)))
	}
	var text strings.Builder
	for i := range places {
		fmt.Fprintf(&text, "Abre Meridia %d en {x} ", i%terms)
	}
	b := newBench(text.String())
	b.job.Terms = stored(entries...)
	b.tools.Checks = []qa.Check{}
	outcome := b.run().Do(t.Context())
	sold := b.engine.Sold()
	if outcome.Reason != v1alpha1.CompletedReason || len(sold) != 1 || strings.Count(sold[0], "⟦") != 2*places || strings.Contains(sold[0], "Meridia") {
		t.Errorf("ended as %+v after %d texts", outcome, len(sold))
	}
	if got := b.translations()[0]; strings.Count(got, "Meridia ") != places {
		t.Errorf("%d terms came back, want %d", strings.Count(got, "Meridia "), places)
	}
}
