package pipeline_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/pseudo"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

const (
	germanText  = "Bitte speichern Sie die Datei, bevor Sie das Programm schließen, und warten Sie auf die Meldung."
	englishText = "Please save the file before you close the program, and wait for the message that it is on the disk."
	moreEnglish = "The museum is open on all days of the week. It has been there for more than a hundred years and is known to all. " +
		"You can buy your ticket at the door, or on the page of the museum, where you will also find what is on. " +
		"There are rooms with paintings, and there is a garden in which you may rest when you are tired of them."
)

// onLanguages returns the findings on languages of what was published last.
func (b *bench) onLanguages() []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, f := range b.published[len(b.published)-1].Findings {
		if f.Type == qa.SourceLanguageCheck || f.Type == qa.WrongScriptCheck {
			f.Span, f.SourceSpan = nil, nil
			out = append(out, f)
		}
	}
	return out
}

func TestLanguageOfTheSource(t *testing.T) {
	const (
		whole    = `the source seems to be in "de", and not in "en" as the job says`
		text     = `the text seems to be in "de", and not in "en" as the job says`
		sentence = `a sentence seems to be in "de", and not in "en" as the job says`
	)
	found := func(segment int32, severity v1alpha1.Severity, message string) []v1alpha1.Finding {
		return []v1alpha1.Finding{{Segment: segment, Type: qa.SourceLanguageCheck, Severity: severity, Message: message}}
	}
	labels := strings.Split("Datei öffnen|neue Datei anlegen|alle Dateien schließen|über dieses Programm|nach oben|zum Anfang|"+
		"nicht gespeichert|in die Zwischenablage kopieren|aus dem Archiv holen|von einer Vorlage|mit allen Bildern|ohne Bilder|"+
		"als Kopie sichern|zur nächsten Seite|auf dem Bildschirm|noch nicht fertig|wird gerade gedruckt|ist bereits gesperrt|"+
		"bei jedem Start prüfen|unter einem anderen Namen|keine Treffer|alle ersetzen|Seite einrichten", "|")
	cases := map[string]struct {
		text  string
		texts []string
		mode  v1alpha1.Mode
		want  []v1alpha1.Finding
		// wantReason is Completed when it is "".
		wantReason string
	}{
		"the right one":                         {text: englishText + " " + moreEnglish},
		"all of it in another":                  {text: strings.Repeat(germanText+" ", 3), want: found(1, v1alpha1.CriticalSeverity, whole), wantReason: v1alpha1.NeedsReviewReason},
		"most of it in another":                 {text: germanText + " " + germanText[:40] + "die und das sind nicht mehr da, wo wir sie auf dem Tisch gelassen haben. Thank you.", want: found(1, v1alpha1.CriticalSeverity, whole), wantReason: v1alpha1.NeedsReviewReason},
		"a sentence in another is noted":        {text: moreEnglish + " " + germanText, want: found(5, v1alpha1.NeutralSeverity, sentence)},
		"a quotation in another is not":         {text: moreEnglish + " The sign says “" + germanText + "”"},
		"a short sentence in another is not":    {text: moreEnglish + " Danke und auf Wiedersehen!"},
		"one text of a list in another":         {texts: []string{englishText, moreEnglish, germanText}, want: found(3, v1alpha1.CriticalSeverity, text), wantReason: v1alpha1.NeedsReviewReason},
		"the longest text of a list in another": {texts: []string{"The museum is open.", germanText, "There is a garden."}, want: found(2, v1alpha1.CriticalSeverity, text), wantReason: v1alpha1.NeedsReviewReason},
		"most of it, and English between":       {text: germanText + " The museum is open on all days and there is a garden in which you may rest. Die Schlüssel sind nicht mehr da, wo wir sie auf dem Tisch gelassen haben.", want: found(1, v1alpha1.CriticalSeverity, whole), wantReason: v1alpha1.NeedsReviewReason},
		"all texts of a list in another":        {texts: []string{germanText, "Datei", germanText + " Danke."}, want: found(1, v1alpha1.CriticalSeverity, whole), wantReason: v1alpha1.NeedsReviewReason},
		"a list of labels in another":           {texts: labels, want: found(1, v1alpha1.CriticalSeverity, whole), wantReason: v1alpha1.NeedsReviewReason},
		"one label of a list in another":        {texts: []string{englishText, "Datei öffnen und schließen"}},
		"a brief may be in any language":        {text: germanText, mode: v1alpha1.CreationMode, want: found(1, v1alpha1.NeutralSeverity, whole)},
		"names, code and a word or two of any":  {texts: []string{"Microsoft Windows Server", "git clone --depth=1 https://example.org/a.git", "Los Angeles", "Voilà"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(tc.texts...)
			if tc.text != "" {
				b.job.Text, b.job.Texts = tc.text, nil
			}
			b.job.SourceLanguage, b.job.TargetLanguage, b.job.Pair = "en", "sk", engine.Pair{Source: "en", Target: "sk"}
			b.job.Options.Mode = tc.mode
			b.engine.Description.Creates, b.engine.Description.Corrects = true, true
			b.tools.Checks = nil
			remembered := 0
			b.tools.Remember = func(_ context.Context, good map[string]pipeline.Saved) { remembered += len(good) }
			run := b.run()
			out := run.Do(t.Context())
			want := tc.wantReason
			if want == "" {
				want = v1alpha1.CompletedReason
			}
			if out.Reason != want {
				t.Errorf("Do() = %+v, want reason %s", out, want)
			}
			if diff := cmp.Diff(tc.want, b.onLanguages()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if calls := b.engine.Calls(); calls != 1 {
				t.Errorf("the engine was called %d times: no correction mends a source", calls)
			}
			distrusted := len(tc.want) > 0 && tc.want[0].Message == whole && tc.mode == ""
			if distrusted != (remembered == 0) || distrusted != strings.Contains(out.Message, whole) {
				t.Errorf("the memory got %d translations, and the message is %q", remembered, out.Message)
			}
			// A second attempt says it once, too.
			if err := run.Conclude(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.onLanguages()); diff != "" {
				t.Errorf("findings of another attempt (-want +got):\n%s", diff)
			}
		})
	}
}

// The review notes what it hears of each segment; one finding on the source says it all.
func TestReviewOfASourceInAnotherLanguage(t *testing.T) {
	cases := map[string]struct {
		text string
		want []v1alpha1.Severity
	}{
		"all of it":  {text: strings.Repeat(germanText+" ", 3), want: []v1alpha1.Severity{v1alpha1.CriticalSeverity}},
		"a sentence": {text: moreEnglish + " " + germanText, want: []v1alpha1.Severity{v1alpha1.NeutralSeverity}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			b.job.Text, b.job.Texts, b.tools.Checks = tc.text, nil, nil
			b.job.SourceLanguage, b.job.TargetLanguage = "en", "sk"
			b.job.Options.SourceReview = v1alpha1.SourceReviewAlways
			b.run().Do(t.Context())
			var got []v1alpha1.Severity
			for _, f := range b.onLanguages() {
				got = append(got, f.Severity)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// speaks answers each text with the next of some others, whatever it was asked for.
func speaks(answers ...string) script {
	return func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		out := scripted.Translation(req)
		for i, s := range req.Segments {
			out.Segments[i].Text = answers[(s.ID-1)%len(answers)]
		}
		return out, nil
	}
}

func TestLanguageOfTheAnswers(t *testing.T) {
	labels := strings.Split("Open the file|New file|Close all files|About this program|To the top|To the start|Not saved|Copy to the clipboard|"+
		"Get from the archive|From a template|With all pictures|Save as a copy|To the next page|On the screen|Not ready yet|Is being printed|Is locked already|Under another name", "|")
	french := strings.Split("Ouvrir le fichier|Nouveau fichier|Fermer les fichiers|Informations du programme|Vers le haut|Au début|Ne rien enregistrer|"+
		"Copier dans presse-papiers|Restaurer une archive|Partir d'un modèle|Avec images|Enregistrer une copie|Page suivante|Sur écran|Pas prêt|"+
		"Impression en cours|Document déjà verrouillé|Sous autre nom", "|")
	german := strings.Split("Datei öffnen|Neue Datei|Alle Dateien schließen|Über dieses Programm|Nach oben|Zum Anfang|Nicht gesichert|In die Zwischenablage kopieren|"+
		"Aus dem Archiv holen|Aus einer Vorlage|Mit allen Bildern|Als Kopie sichern|Zur nächsten Seite|Auf dem Bildschirm|Noch nicht fertig|Wird gerade gedruckt|Ist bereits gesperrt|Unter einem anderen Namen", "|")
	cases := map[string]struct {
		texts, answers []string
		wantReason     string
		wantFindings   int
	}{
		"a sentence in French for German": {
			texts: []string{englishText}, answers: []string{"Veuillez enregistrer le fichier avant de fermer le programme, et attendez le message qui est sur le disque."},
			wantReason: v1alpha1.NeedsReviewReason, wantFindings: 1,
		},
		"a sentence in Chinese for German": {
			texts: []string{englishText}, answers: []string{"请在关闭程序之前保存文件，然后等待屏幕上出现消息，这样您的工作就不会丢失。"},
			wantReason: v1alpha1.NeedsReviewReason, wantFindings: 1,
		},
		"the source again": {texts: []string{englishText}, answers: []string{englishText}, wantReason: v1alpha1.NeedsReviewReason},
		"labels in French for German, none of which shows it": {
			texts: labels, answers: french, wantReason: v1alpha1.NeedsReviewReason, wantFindings: 1,
		},
		"labels in German": {texts: labels, answers: german, wantReason: v1alpha1.CompletedReason},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(tc.texts...)
			b.job.SourceLanguage, b.job.TargetLanguage, b.job.Pair = "en", "de", engine.Pair{Source: "en", Target: "de"}
			b.engine.Description.Corrects = true
			b.engine.Script = speaks(tc.answers...)
			out := b.run().Do(t.Context())
			if out.Reason != tc.wantReason {
				t.Errorf("Do() = %+v, want reason %s: %+v", out, tc.wantReason, b.published[0].Findings)
			}
			if got := b.onLanguages(); len(got) != tc.wantFindings || len(got) > 0 && got[0].Severity != v1alpha1.CriticalSeverity {
				t.Errorf("findings %+v, want %d that are critical", got, tc.wantFindings)
			}
		})
	}
}

// A disguise has letters that no language writes, in every word, and is what was asked for.
func TestDisguisedTextsAreNoOtherLanguage(t *testing.T) {
	b := newBench()
	b.job.Text, b.job.Texts = moreEnglish, nil
	b.job.SourceLanguage, b.job.TargetLanguage, b.job.Pair = "en", "de", engine.Pair{Source: "en", Target: "de"}
	b.tools.Engine = pseudo.New()
	if out := b.run().Do(t.Context()); out.Reason != v1alpha1.CompletedReason {
		t.Errorf("Do() = %+v, want Completed: %+v", out, b.published[0].Findings)
	}
}
