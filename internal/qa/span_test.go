package qa_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// place is the text that a finding points at: in the translation, and in the source.
type place struct{ Target, Source string }

type placement struct {
	in qa.Input
	// want of the findings of the check, in order.
	want []place
}

// runPlacements compares the text that the findings of one check point at.
func runPlacements(t *testing.T, check string, cases map[string]placement) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []place
			for _, f := range qa.Evaluate(qa.Default(), tc.in) {
				if f.Check == check {
					got = append(got, place{Target: tc.in.Target[f.Span.Start:f.Span.End], Source: tc.in.Source[f.SourceSpan.Start:f.SourceSpan.End]})
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlaceOfEmpty(t *testing.T) {
	runPlacements(t, qa.EmptyCheck, map[string]placement{
		"all of the source is missing": {pair(" Save {name} now. ", "…"), []place{{"", "Save {name} now."}}},
	})
}

func TestPlaceOfUntranslated(t *testing.T) {
	runPlacements(t, qa.UntranslatedCheck, map[string]placement{
		"all of it":                 {pair("Save your work before you go.", "\nSave your work before you go. "), []place{{"Save your work before you go.", ""}}},
		"the end":                   {pair("The file is gone because of the error.", "Die Datei ist weg because of the error."), []place{{"because of the error", ""}}},
		"behind fields of any size": {pair("In {{ the.long | name }} and {b} the file is gone because of it.", "In {{ the.long | name }} und {b} ist die Datei weg because of it."), []place{{"because of it", ""}}},
		"with code in it":           {pair("Type the word --force into the %s field now.", "Geben Sie the word --force into the %s field ein."), []place{{"the word --force into the %s field", ""}}},
		"behind a term that stays": {
			pair("Dragoman Pro says the file is gone because of it.", "Dragoman Pro sagt, die Datei ist weg because of it.", terms(engine.Term{Source: "Dragoman Pro", Keep: true})),
			[]place{{"because of it", ""}},
		},
	})
}

func TestPlaceOfPlaceable(t *testing.T) {
	masked := placeholder.Mask("Hello {name}, see https://example.org/a.")
	_, lost := masked.Restore("Hallo ⟦3⟧")
	runPlacements(t, qa.PlaceholderCheck, map[string]placement{
		"dropped":                     {pair("Hello {name}!", "Hallo!"), []place{{"", "{name}"}}},
		"renamed":                     {pair("Hello {name}!", "Hallo {nombre}!"), []place{{"", "{name}"}, {"{nombre}", ""}}},
		"the last of two is too many": {pair("Hello {name}!", "{name} {name}!"), []place{{"{name}", ""}}},
		"what putting back met": {
			pair("Hello {name}, see https://example.org/a.", "Hallo ⟦3⟧", func(in *qa.Input) { in.Placeables = lost }),
			[]place{{"", "{name}"}, {"", "https://example.org/a"}, {"", ""}},
		},
	})
}

func TestPlaceOfNumber(t *testing.T) {
	runPlacements(t, qa.NumberCheck, map[string]placement{
		"changed":                            {pair("It weighs 250 grams.", "Es wiegt 205 Gramm."), []place{{"205", "250"}}},
		"lost":                               {pair("It weighs 1,250.50 grams.", "Es wiegt etwas."), []place{{"", "1,250.50"}}},
		"made up":                            {pair("It weighs some grams.", "Es wiegt 205 Gramm."), []place{{"205", ""}}},
		"behind fields":                      {pair("{the name} and {b} weigh 250 grams.", "{the name} und {b} wiegen 205 Gramm."), []place{{"205", "250"}}},
		"the large one before the small one": {pair("Take 3 of 250 grams.", "Nimm einige Gramm."), []place{{"", "250"}}},
		"changed, and another made up":       {pair("It weighs 250 grams.", "Es wiegt 205 bis 777 Gramm."), []place{{"205", "250"}, {"777", ""}}},
		"in Chinese characters' company":     {pair("Needs 35 sheets.", "36枚必要です。", langs("en", "ja")), []place{{"36", "35"}}},
	})
}

func TestPlaceOfEnd(t *testing.T) {
	runPlacements(t, qa.TruncationCheck, map[string]placement{
		"the last word": {
			pair(reportEnglish, "Der Ausschuss wird seinen Schlussbericht über den Zustand des Hafens im März veröffentlichen, und"),
			[]place{{"und", ""}},
		},
	})
	runPlacements(t, qa.MismatchCheck, map[string]placement{
		"all of it": {
			pair("Cannot open the file: it is used by another program on this computer.", " Das Kennwort muss mindestens zwölf Zeichen lang sein und darf keine Leerzeichen haben."),
			[]place{{"Das Kennwort muss mindestens zwölf Zeichen lang sein und darf keine Leerzeichen haben.", ""}},
		},
	})
}

func TestPlaceOfUnknownWord(t *testing.T) {
	runPlacements(t, qa.UnknownWordCheck, map[string]placement{
		"it stays as it is":     {pair("Mind {the} {big} flurb.", "Achte {the} {big} auf den flurb.", unknown("flurb")), []place{{"flurb", "flurb"}}},
		"it has another letter": {pair("Flurb is bad.", "flurb ist schlecht.", unknown("flurb")), []place{{"flurb", "Flurb"}}},
		"it is nowhere":         {pair("Mind it.", "Achte darauf.", unknown("gorp")), []place{{"", ""}}},
	})
}

func TestPlaceOfTerm(t *testing.T) {
	cart := engine.Term{Source: "shopping cart", Target: "Warenkorb", Forbidden: []string{"Einkaufs wagen"}}
	carro := engine.Term{Source: "cart", Target: "carro de la compra", Forbidden: []string{"carro"}}
	runPlacements(t, qa.TerminologyCheck, map[string]placement{
		"not used":                 {pair("Open {it}, the Shopping  Cart.", "Öffnen Sie {it}, den Korb.", terms(cart)), []place{{"", "Shopping  Cart"}}},
		"not used, in the plural":  {pair("All shopping carts.", "Alle Körbe.", terms(cart)), []place{{"", "shopping carts"}}},
		"a forbidden one":          {pair("The shopping cart", "{ a } Der Warenkorb (Einkaufs\nWagen)", terms(cart)), []place{{"Einkaufs\nWagen", "shopping cart"}}},
		"outside of the right one": {pair("The cart", "El carro de la compra, o carro", langs("en", "es"), terms(carro)), []place{{"carro", "cart"}}},
		"one that stays":           {pair("Start Dragoman.", "Starten Sie ihn.", terms(engine.Term{Source: "Dragoman", Keep: true})), []place{{"", "Dragoman"}}},
		"in Chinese":               {pair("打开购物车。", "Open it.", langs("zh", "en"), terms(engine.Term{Source: "购物车", Target: "cart"})), []place{{"", "购物车"}}},
	})
	in := pair("The cart", "El carro de la compra, o carro", langs("en", "es"), terms(carro))
	for _, f := range qa.Evaluate(qa.Default(), in) {
		if f.Check == qa.TerminologyCheck && f.Span.Start < len("El carro de la compra") {
			t.Errorf("the finding points at %d, within the right term", f.Span.Start)
		}
	}
}

func TestPlaceOfIdentifier(t *testing.T) {
	runPlacements(t, qa.IdentifierCheck, map[string]placement{
		"the first that is lost": {pair("Use {x} GnuPG2, GnuPG and MyApp.", "GnuPG2 benutzen {x}."), []place{{"", "MyApp"}}},
		"not within another":     {pair("Use MyAppX or MyApp.", "MyAppX benutzen oder nicht."), nil},
		"within Japanese":        {pair("今すぐGnuPGを使う", "Use it now", langs("ja", "en")), []place{{"", "GnuPG"}}},
	})
}

func TestPlaceOfConstraint(t *testing.T) {
	runPlacements(t, qa.ConstraintCheck, map[string]placement{
		"characters that are too many":   {pair("Save now.", "Jetzt sichern.", limits(6, 0)), []place{{"sichern.", ""}}},
		"a family is one character":      {pair("Hi you", "Ihr 👨‍👩‍👧!", limits(5, 0)), []place{{"!", ""}}},
		"words that are too many":        {pair("Save {{ a | b }} now.", "Jetzt {{ a | b }} alles sichern.", limits(0, 1)), []place{{"alles sichern.", ""}}},
		"characters of Chinese as words": {pair("Save now.", "立即保存。", langs("en", "zh"), limits(0, 2)), []place{{"保存。", ""}}},
		"a forbidden term":               {pair("Save now.", "Jetzt {a} „Speichern“.", limits(0, 0, "speichern")), []place{{"Speichern", ""}}},
	})
}

func TestPlaceOfLanguage(t *testing.T) {
	runPlacements(t, qa.WrongScriptCheck, map[string]placement{
		"all in another script":      {pair("Save your work before you go.", "Sochranite rabotu pered uchodom.", langs("en", "ru")), []place{{"Sochranite rabotu pered uchodom", ""}}},
		"the longest run of another": {pair("Save your work in Dragoman before noon.", "Всё: save all of it, Иван, and go away at once.", langs("en", "ru")), []place{{"and go away at once", ""}}},
		"from the first to the last word of another language": {
			pair("The file is in the folder of the user and it cannot be opened.", "Archivo «está en la carpeta del usuario y no se puede abrir».", langs("en", "it")),
			[]place{{"está en la carpeta del usuario y no se puede", ""}},
		},
	})
}

func TestPlaceOfRepetition(t *testing.T) {
	runPlacements(t, qa.RepetitionCheck, map[string]placement{
		"stuck":            {pair("Save your {a} work before you go.", "Speichern {a} Sie Ihre Sie Ihre Sie Ihre Sie Ihre Arbeit."), []place{{"Sie Ihre Sie Ihre Sie Ihre Sie Ihre", ""}}},
		"stuck characters": {pair("Save all files.", "すぐ保存する保存する保存する保存する。", langs("en", "ja")), []place{{"保存する保存する保存する保存する", ""}}},
		"a word twice":     {pair("Save {a} your work.", "Speichern {a} Sie Sie Ihre Arbeit."), []place{{"Sie Sie", ""}}},
	})
}

func TestPlaceOfCharacters(t *testing.T) {
	runPlacements(t, qa.CharactersCheck, map[string]placement{
		"mojibake":                {pair("Open the door.", "Öffnen Sie die TÃ¼r."), []place{{"Ã¼", ""}}},
		"a control character":     {pair("Open the door.", "Öffnen Sie \x07die TÃ¼r."), []place{{"\x07", ""}}},
		"letters of two scripts":  {pair("Save all.", "Всё сoхранить.", langs("en", "ru")), []place{{"сoхранить", ""}}},
		"a space without width":   {pair("Save now.", "Jetzt\u200b sichern."), []place{{"\u200b", ""}}},
		"a turn that stays open":  {pair("Save now.", "Jetzt \u202esichern."), []place{{"\u202e", ""}}},
		"letters of another size": {pair("Use USB.", "はＵＳＢを使う。", langs("en", "ja")), []place{{"ＵＳＢ", ""}}},
	})
}

func TestPlaceOfChatter(t *testing.T) {
	const source, target = "Open the door.", "Öffnen Sie die Tür."
	runPlacements(t, qa.ChatterCheck, map[string]placement{
		"a known preface":  {pair(source, "Here is the translation: "+target), []place{{"Here is the translation:", ""}}},
		"a polite preface": {pair(source, "Sure, here you go: "+target), []place{{"Sure, here you go:", ""}}},
		"in Chinese":       {pair(source, "好的，以下是译文：打开门。", langs("en", "zh")), []place{{"好的，以下是译文：", ""}}},
		"a note behind it": {pair(source, target+"\nNote: I kept the form of address.\n"), []place{{"Note: I kept the form of address.", ""}}},
		"a refusal":        {pair(source, "I'm sorry, but I can't help."), []place{{"I'm sorry, but I", ""}}},
		"a code fence":     {pair(source, "\n```\n"+target+"\n```"), []place{{"```", ""}}},
		"a rest of JSON":   {pair(source, `{"text": "`+target+`"}`), []place{{`{"text": "` + target + `"}`, ""}}},
	})
}

func TestPlaceOfSpacing(t *testing.T) {
	runPlacements(t, qa.SpacingCheck, map[string]placement{
		"two spaces":                  {pair("Save {a} now.", "  Jetzt {a}   sichern."), []place{{"  ", ""}, {"   ", ""}}},
		"a space at the end":          {pair("Save now.", "Jetzt sichern. "), []place{{" ", ""}}},
		"a lost line break":           {pair("Save now.\n", "Jetzt sichern."), []place{{"", "\n"}}},
		"another one":                 {pair("Save now.\n", "Jetzt sichern.\t"), []place{{"\t", "\n"}}},
		"French without its space":    {pair("Ready {name}?", "Alors {name} prêt?", langs("en", "fr")), []place{{"?", ""}}},
		"French guillemets":           {pair("See “it” now.", "Voir «ça» là.", langs("en", "fr")), []place{{"«", ""}}},
		"paragraphs that were joined": {pair("\nOne.\n\nTwo.", "\nEins. Zwei."), []place{{"", "\n\n"}}},
		"a paragraph too many":        {pair("\nOne. Two.", "\nEins.\n\nZwei."), []place{{"\n\n", ""}}},
		"a lost tab":                  {pair("One\ttwo.", "Eins zwei."), []place{{"", "\t"}}},
	})
}

func TestPlaceOfPunctuation(t *testing.T) {
	runPlacements(t, qa.PunctuationCheck, map[string]placement{
		"a lost full stop":         {pair("Save now.", "Jetzt sichern"), []place{{"", "."}}},
		"a full stop too many":     {pair("Save now", "Jetzt sichern."), []place{{".", ""}}},
		"another mark":             {pair("Save “now”?</b>", "„Jetzt“ sichern... </b>"), []place{{"...", "?"}}},
		"behind a field":           {pair("Save <b>{name}:</b>", "<b>{name}</b> sichern…"), []place{{"…", ":"}}},
		"a bracket alone":          {pair("Save {all} (now).", "{all} sichern (jetzt."), []place{{"(", ""}}},
		"a quotation mark alone":   {pair(`Open {it} "a" now.`, `Öffnen Sie {it} "a jetzt.`), []place{{`"`, ""}}},
		"a foreign quotation mark": {pair("See “one” now.", "Siehe “eins” jetzt."), []place{{"“", ""}}},
	})
}

func TestPlaceOfNotesOnTheSource(t *testing.T) {
	cases := map[string]struct{ text, lang, want string }{
		"mojibake":               {"Die {große} TÃ¼r.", "de", "Ã¼"},
		"an open tag":            {"Save <b>now.", "en", "<b>"},
		"a lone brace":           {"Hello %s {name, how are you?", "en", "{"},
		"a lone bracket":         {"Save :-) {all} (all files now.", "en", "("},
		"a word of two scripts":  {"Please cоntact our team.", "en", "cоntact"},
		"a space of no width":    {"Save {a} your\u2060 work.", "en", "\u2060"},
		"a turn of direction":    {"Pay \u202e001\u202c now.", "en", "\u202e"},
		"a word twice":           {"Save {all} of the the file.", "en", "the the"},
		"a sentence without end": {"One. And " + strings.Repeat("so on and ", 25), "en", "And " + strings.TrimSpace(strings.Repeat("so on and ", 25))},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			notes := qa.ReviewSource(tc.text, tc.lang)
			if len(notes) != 1 {
				t.Fatalf("ReviewSource() = %v, want one note", notes)
			}
			if got := tc.text[notes[0].SourceSpan.Start:notes[0].SourceSpan.End]; got != tc.want {
				t.Errorf("the note points at %q, want %q", got, tc.want)
			}
		})
	}
}

func FuzzPlacesAreInTheirTexts(f *testing.F) {
	f.Add("Save {a} 250 İ ...", "  sichern  {b} 205 Ã¼ (", "speichern")
	f.Add("a\xffb <b>c", "\n\nⱥ “x” «y ⟦1⟧ ⟦1⟧", "c")
	f.Fuzz(func(t *testing.T, source, target, term string) {
		in := pair(source, target, limits(3, 2, term), unknown(term), terms(engine.Term{Source: term, Target: "x", Forbidden: []string{term}}))
		check := func(text string, s qa.Span) {
			switch {
			case s == qa.Span{}:
			case s.Start < 0 || s.Start >= s.End || s.End > len(text):
				t.Errorf("%+v is no part of %q", s, text)
			case utf8.ValidString(text) && !utf8.ValidString(text[s.Start:s.End]):
				t.Errorf("%+v cuts a character of %q", s, text)
			}
		}
		for _, f := range append(qa.Evaluate(qa.Default(), in), qa.ReviewSource(source, "en")...) {
			check(target, f.Span)
			check(source, f.SourceSpan)
		}
	})
}
