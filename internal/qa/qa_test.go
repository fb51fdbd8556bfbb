package qa_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// brief is a finding without its words: "number Major".
func brief(all []qa.Finding) []string {
	var out []string
	for _, f := range all {
		out = append(out, f.Check+" "+string(f.Severity))
	}
	return out
}

// pair makes an input from English to German unless the languages are set.
func pair(source, target string, change ...func(*qa.Input)) qa.Input {
	in := qa.Input{Source: source, Target: target, SourceLanguage: "en", TargetLanguage: "de"}
	for _, c := range change {
		c(&in)
	}
	return in
}

func langs(source, target string) func(*qa.Input) {
	return func(in *qa.Input) { in.SourceLanguage, in.TargetLanguage = source, target }
}

func terms(all ...engine.Term) func(*qa.Input) {
	return func(in *qa.Input) { in.Terms = all }
}

func unknown(words ...string) func(*qa.Input) {
	return func(in *qa.Input) { in.Unknown = words }
}

func limits(chars, words int, forbidden ...string) func(*qa.Input) {
	return func(in *qa.Input) { in.MaxChars, in.MaxWords, in.Forbidden = chars, words, forbidden }
}

type evaluation struct {
	in   qa.Input
	want []string
}

func runEvaluations(t *testing.T, cases map[string]evaluation) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := qa.Evaluate(qa.Default(), tc.in)
			if diff := cmp.Diff(tc.want, brief(got)); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%v", diff, got)
			}
			for _, f := range got {
				if f.Message == "" || f.Category == "" || len(f.Message) > 512 {
					t.Errorf("finding %+v lacks a message or a category, or is too long", f)
				}
			}
		})
	}
}

func TestCompleteness(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"a good translation":                    {pair("Save your work.", "Speichern Sie Ihre Arbeit."), nil},
		"nothing":                               {pair("Save your work.", ""), []string{"empty Critical"}},
		"white space":                           {pair("Save your work.", " \n\u00a0"), []string{"empty Critical"}},
		"punctuation alone":                     {pair("Save your work.", "..."), []string{"empty Critical"}},
		"a placeable alone is not empty":        {pair("{name}", "{name}"), nil},
		"nothing of nothing":                    {pair("...", "…"), nil},
		"the source again":                      {pair("Save your work before you go.", "Save your work before you go."), []string{"untranslated Critical"}},
		"the source in another letter case":     {pair("Save your work before you go.", "SAVE your  work before you go."), []string{"untranslated Critical", "spacing Minor"}},
		"three words may stay":                  {pair("Version for Windows", "Version for Windows"), nil},
		"names may stay":                        {pair("Microsoft Windows Server Edition 2022", "Microsoft Windows Server Edition 2022"), nil},
		"code around placeables may stay":       {pair("OK {a} {b} {c}", "OK {a} {b} {c}"), nil},
		"what the glossary keeps may stay":      {pair("the blue open box", "the blue open box", terms(engine.Term{Source: "the blue open box", Keep: true})), nil},
		"close languages share short sentences": {pair("Det er en god dag.", "Det er en god dag.", langs("nb", "da")), nil},
		"close languages differ in long ones": {
			pair("Vi kan ikke si noe sikkert om dette før i morgen tidlig.", "Vi kan ikke si noe sikkert om dette før i morgen tidlig.", langs("nb", "nn")),
			[]string{"untranslated Critical"},
		},
		"half of it left in the source": {
			pair("Save your work before you go. Then close all windows of the program and wait.", "Speichern Sie, bevor Sie gehen. Then close all windows of the program and wait."),
			[]string{"untranslated Major"},
		},
		"a command in it stays": {
			pair("Run git commit -a -m now to save all changes.", "Mit git commit -a -m now sichern Sie alle Änderungen."), nil,
		},
		"close languages share runs of words": {
			pair("Se guardan los datos de la empresa y se cierra la ventana.", "Gardan os datos de la empresa y se cierra la ventana.", langs("es", "gl")), nil,
		},
		"two regions of one language": {pair("Save your work before you go.", "Save your work before you go.", langs("en-US", "en-GB")), nil},
		"Chinese left in place": {
			pair("请在关闭窗口之前保存您的全部工作内容。", "请在关闭窗口之前保存您的全部工作内容。", langs("zh", "ja")),
			[]string{"untranslated Critical"},
		},
		"cut to a third": {
			pair("The committee will publish its final report on the state of the harbour in March.", "Der Ausschuss wird im"),
			[]string{"length_deviation Critical", "punctuation Minor"},
		},
		"a label cut short": {pair("Delete the account", "Lösche"), []string{"length_deviation Major"}},
		"three times too long": {
			pair("Please save your work before you go.", "Bitte speichern Sie Ihre Arbeit, bevor Sie gehen. Das ist wichtig, weil sonst alles verloren geht, was Sie heute mit viel Mühe geschrieben haben."),
			[]string{"length_deviation Major"},
		},
		"ten times too long": {
			pair("Please save your work before you go.", "Bitte speichern Sie Ihre Arbeit, bevor Sie gehen."+strings.Repeat(" Das ist wichtig, weil sonst alles verloren geht, was heute mit viel Mühe geschrieben wurde.", 4)),
			[]string{"length_deviation Critical", "repetition Critical"},
		},
		"a page of which nearly a half is missing": {
			pair(strings.Repeat("The committee will publish its final report. ", 40), strings.Repeat("Der Ausschuss veröffentlicht seinen Bericht. ", 22)),
			[]string{"length_deviation Critical"},
		},
		"a short button may grow": {pair("OK", "Einverstanden"), nil},
		"a short button may not become a page": {
			pair("OK", "Einverstanden mit allem und jedem, was da kommen mag"),
			[]string{"length_deviation Critical"},
		},
		"Chinese says it in fewer characters":  {pair("The quality of our products speaks for itself.", "我们产品的质量不言而喻。", langs("en", "zh")), nil},
		"Japanese says it in fewer characters": {pair("The quality of our products speaks for itself.", "当社製品の品質は自明です。", langs("en", "ja")), nil},
		"English says it in more":              {pair("我们产品的质量不言而喻。", "The quality of our products speaks for itself.", langs("zh", "en")), nil},
		"stuck in a loop": {
			pair("Save your work before you go.", "Speichern Sie Ihre Sie Ihre Sie Ihre Sie Ihre Arbeit."),
			[]string{"repetition Critical"},
		},
		"a word twice":                      {pair("Save your work.", "Speichern Sie Sie Ihre Arbeit."), []string{"repetition Minor"}},
		"a word twice around a field":       {pair("from %s in %s", "de %s de %s", langs("en", "es")), nil},
		"a pronoun that follows itself":     {pair("We wash.", "Nous nous lavons.", langs("en", "fr")), nil},
		"Turkish doubles words":             {pair("Go slowly.", "Yavaş yavaş git.", langs("en", "tr")), nil},
		"a sign for a sign":                 {pair("(C)", "©", langs("en", "ca")), nil},
		"a synopsis stays as it is":         {pair("git stash list [<log-options>] [-q | --quiet]", "git stash list [<log-options>] [-q | --quiet]"), nil},
		"a word twice in the source too":    {pair("Very very good.", "Sehr sehr gut."), nil},
		"a list of equal numbers is none":   {pair("Dial 5 5 5 5 5 now.", "Wählen Sie 5 5 5 5 5 jetzt."), nil},
		"the engine does not know a word":   {pair("Mind the flurb.", "Beachten Sie den flurb.", unknown("flurb")), []string{"unknown_word Major"}},
		"the engine does not know two":      {pair("Mind the flurb gorp.", "Beachten Sie flurb gorp.", unknown("flurb", "gorp", "flurb")), []string{"unknown_word Major", "unknown_word Major"}},
		"an unknown term that is kept":      {pair("Open Dragoman now.", "Öffnen Sie Dragoman jetzt.", unknown("dragoman"), terms(engine.Term{Source: "Dragoman", Keep: true})), nil},
		"an abbreviation is right as it is": {pair("Use the USB port.", "Nutzen Sie den USB-Anschluss.", unknown("USB")), nil},
		"capitals in a text of capitals": {
			pair("MIND THE FLURB", "DEN FLURB BEACHTEN", unknown("FLURB")), []string{"unknown_word Major"},
		},
	})
}

func TestPlaceables(t *testing.T) {
	masked := placeholder.Mask("Hello {name}, see https://example.org/a.")
	_, lost := masked.Restore("Hallo ⟦3⟧")
	runEvaluations(t, map[string]evaluation{
		"all there, in another order": {pair("{a} of {b} files", "{b} Dateien, davon {a}"), nil},
		"one dropped":                 {pair("Hello {name}!", "Hallo!"), []string{"placeholder Critical"}},
		"one renamed":                 {pair("Hello {name}!", "Hallo {nombre}!"), []string{"placeholder Critical", "placeholder Critical"}},
		"one doubled":                 {pair("Hello {name}!", "Hallo {name} {name}!"), []string{"placeholder Critical"}},
		"numbered by the translator":  {pair("%s of %d files", "%2$d Dateien, davon %1$s"), nil},
		"numbered and one lost":       {pair("%s of %d files", "%2$d Dateien"), []string{"placeholder Critical"}},
		"a tag dropped":               {pair("Click <b>here</b> now.", "Klicken Sie <b>hier jetzt."), []string{"placeholder Critical"}},
		"a URL changed":               {pair("See https://example.org/a.", "Siehe https://example.org/b."), []string{"placeholder Major", "placeholder Major"}},
		"an e-mail address dropped":   {pair("Write to a@example.org now.", "Schreiben Sie jetzt."), []string{"placeholder Major"}},
		"help of a command has no tags": {
			pair("cp <file> <folder> copies a file.", "cp <Datei> <Ordner> kopiert eine Datei."), nil,
		},
		"what putting back met is reported once": {
			pair("Hello {name}, see https://example.org/a.", "Hallo ⟦3⟧", func(in *qa.Input) { in.Placeables = lost }),
			[]string{"placeholder Critical", "placeholder Major", "placeholder Critical", "punctuation Minor"},
		},
	})
}

func TestNumbers(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"the same number":                        {pair("It weighs 250 grams.", "Es wiegt 250 Gramm."), nil},
		"a changed number":                       {pair("It weighs 250 grams.", "Es wiegt 205 Gramm."), []string{"number Major"}},
		"a lost number":                          {pair("It weighs 250 grams.", "Es wiegt einige Gramm."), []string{"number Major"}},
		"a number made up":                       {pair("It weighs some grams.", "Es wiegt 250 Gramm."), []string{"number Major"}},
		"English to German separators":           {pair("It costs 1,234.56 dollars.", "Es kostet 1.234,56 Dollar."), nil},
		"a changed fraction":                     {pair("It costs 1,234.56 dollars.", "Es kostet 1.234,57 Dollar."), []string{"number Major"}},
		"a changed small fraction":               {pair("It costs 1.5 dollars.", "Es kostet 2,5 Dollar."), []string{"number Major"}},
		"both readings of one separator":         {pair("Exactly 1.234 pieces.", "Genau 1234 Stück."), nil},
		"the other reading":                      {pair("Exactly 1,234 pieces.", "Genau 1,234 Stück."), nil},
		"French spaces":                          {pair("It has 1,234,567 rows.", "Il a 1\u202f234\u202f567 lignes.", langs("en", "fr")), nil},
		"plain spaces":                           {pair("It has 12,345 rows.", "Она имеет 12 345 строк.", langs("en", "ru")), nil},
		"Swiss apostrophes":                      {pair("It has 1,234,567 rows.", "Es hat 1’234’567 Zeilen."), nil},
		"Indian groups":                          {pair("It has 12,34,567 rows.", "Es hat 1.234.567 Zeilen."), nil},
		"two numbers side by side are no group":  {pair("In 1990 250 came.", "1990 kamen 250."), nil},
		"needless zeros":                         {pair("It costs 5.00 dollars.", "Es kostet 5 Dollar."), nil},
		"a small number in words":                {pair("Wait 3 seconds.", "Warten Sie drei Sekunden."), nil},
		"a small number in digits":               {pair("Wait twelve seconds.", "Warten Sie 12 Sekunden."), nil},
		"another small number":                   {pair("Wait 3 seconds.", "Warten Sie 6 Sekunden."), []string{"number Major"}},
		"thirteen has to be in digits":           {pair("Wait 13 seconds.", "Warten Sie dreizehn Sekunden."), []string{"number Major"}},
		"a date in another order":                {pair("Due on 3/14/2026.", "Fällig am 14.03.2026."), nil},
		"a date with another year":               {pair("Due on 3/14/2026.", "Fällig am 14.03.2027."), []string{"number Major"}},
		"a time with another sign":               {pair("Open at 10:30.", "Geöffnet ab 10.30 Uhr."), nil},
		"a time of the other clock":              {pair("Open until 6:30 pm.", "Geöffnet bis 18:30 Uhr."), nil},
		"a full hour of the other clock":         {pair("Open until 6 pm.", "Geöffnet bis 18:00 Uhr."), nil},
		"a time in two numbers":                  {pair("Ouvert à 10 h 30.", "Open at 10:30.", langs("fr", "en")), nil},
		"twelve more is wrong without a clock":   {pair("Wait 13 seconds.", "Warten Sie 1 Sekunde."), []string{"number Major"}},
		"a wrong time of the other clock":        {pair("Open until 6:30 pm.", "Geöffnet bis 19:30 Uhr."), []string{"number Major"}},
		"a version":                              {pair("Version 10.15.7 is out.", "Version 10.15.7 ist da."), nil},
		"a changed version":                      {pair("Version 10.15.7 is out.", "Version 10.15.8 ist da."), []string{"number Major"}},
		"digits within an identifier":            {pair("The 20th mp3 of B2B.", "Die zwanzigste MP-Datei für Firmen."), nil},
		"a unit joined to the number":            {pair("Needs 500GB of room.", "Braucht 500 GB Platz."), nil},
		"a number with a suffix stays":           {pair("The 1990s were fine.", "Die 1990er waren gut."), nil},
		"numbers in placeables are theirs":       {pair("Open {page42}.", "Öffnen Sie {page42}."), nil},
		"digits of another script":               {pair("It has 250 rows.", "उसमें २५० पंक्तियाँ हैं।", langs("en", "hi")), nil},
		"full-width digits":                      {pair("It has 250 rows.", "２５０行あります。", langs("en", "ja")), nil},
		"a counter joined to a number":           {pair("Needs 35 sheets.", "35枚必要です。", langs("en", "ja")), nil},
		"a lost counter joined to a number":      {pair("Needs 35 sheets.", "36枚必要です。", langs("en", "ja")), []string{"number Major"}},
		"a range with another dash":              {pair("Read pages 15-20.", "Lesen Sie die Seiten 15–20."), nil},
		"a decade of numbers, two of them wrong": {pair("20 30 40 50", "20 30 41 51"), []string{"number Major"}},
	})
}

func TestTerminology(t *testing.T) {
	cart := engine.Term{Source: "cart", Target: "Warenkorb", Forbidden: []string{"Einkaufswagen"}}
	runEvaluations(t, map[string]evaluation{
		"the term is used":          {pair("Open the cart.", "Öffnen Sie den Warenkorb.", terms(cart)), nil},
		"an inflected form":         {pair("Sum of the cart", "Summe des Warenkorbs", terms(cart)), nil},
		"the end of a compound":     {pair("The harvest of apricots", "Die Aprikosenernte", terms(engine.Term{Source: "harvest", Target: "Ernte"})), nil},
		"a compound":                {pair("The cart icon", "Das Warenkorbsymbol", terms(cart)), nil},
		"the term is not used":      {pair("Open the cart.", "Öffnen Sie den Korb.", terms(cart)), []string{"terminology Major"}},
		"an accepted variant":       {pair("Open the cart.", "Öffnen Sie die Karre.", terms(engine.Term{Source: "cart", Target: "Warenkorb", Variants: []string{"Karre"}})), nil},
		"a forbidden term":          {pair("Open the cart.", "Öffnen Sie den Warenkorb (Einkaufswagen).", terms(cart)), []string{"terminology Major"}},
		"both faults":               {pair("Open the cart.", "Öffnen Sie den Einkaufswagen.", terms(cart)), []string{"terminology Major", "terminology Major"}},
		"forbidden within wanted":   {pair("Open the cart.", "Abre el carro de la compra.", langs("en", "es"), terms(engine.Term{Source: "cart", Target: "carro de la compra", Forbidden: []string{"carro"}})), nil},
		"a case language":           {pair("He opened the basket.", "Он открыл корзину.", langs("en", "ru"), terms(engine.Term{Source: "basket", Target: "корзина"})), nil},
		"two words, both inflected": {pair("The new product", "der neuen Produkte", terms(engine.Term{Source: "new product", Target: "neues Produkt"})), nil},
		"Chinese has no spaces":     {pair("Open the cart.", "打开购物车。", langs("en", "zh"), terms(engine.Term{Source: "cart", Target: "购物车"})), nil},
		"a term that stays":         {pair("Start Dragoman now.", "Starten Sie Dragoman jetzt.", terms(engine.Term{Source: "Dragoman", Keep: true})), nil},
		"a term that should stay":   {pair("Start Dragoman now.", "Starten Sie den Dolmetscher jetzt.", terms(engine.Term{Source: "Dragoman", Keep: true})), []string{"terminology Major"}},
		"a short term is no prefix": {pair("Read the log.", "Lesen Sie die Logistikdaten.", terms(engine.Term{Source: "log", Target: "Log"})), []string{"terminology Major"}},
	})
}

func TestConstraints(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"within all limits":          {pair("Save now.", "Jetzt sichern.", limits(14, 2, "speichern")), nil},
		"one character too many":     {pair("Save now.", "Jetzt sichern.", limits(13, 0)), []string{"constraint Critical"}},
		"accents are no characters":  {pair("Cafe", "Cafe\u0301", limits(4, 0)), nil},
		"a family is one character":  {pair("Hi you", "Ihr 👨‍👩‍👧", limits(5, 0)), nil},
		"one word too many":          {pair("Save now.", "Jetzt sichern.", limits(0, 1)), []string{"constraint Major"}},
		"placeables are no words":    {pair("Save {a} {b}.", "{a} {b} sichern.", limits(0, 1)), nil},
		"a forbidden term":           {pair("Save now.", "Jetzt Speichern.", limits(0, 0, "speichern")), []string{"constraint Major"}},
		"a forbidden term in a word": {pair("Save now.", "Jetzt abspeichern.", limits(0, 0, "speichern")), nil},
	})
}

func TestLanguageAndCharacters(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"Cyrillic for Russian":        {pair("Save your work before you go.", "Сохраните работу перед уходом.", langs("en", "ru")), nil},
		"Latin for Russian":           {pair("Save your work before you go.", "Sochranite rabotu pered uchodom.", langs("en", "ru")), []string{"wrong_language Critical"}},
		"Serbian in Latin, as asked":  {pair("Save your work before you go.", "Sačuvajte rad pre nego što odete.", langs("en", "sr-Latn")), nil},
		"Serbian in Latin, not asked": {pair("Save your work before you go.", "Sačuvajte rad pre nego što odete.", langs("en", "sr")), []string{"wrong_language Critical"}},
		"names of the source in it": {
			pair("This APT helper has Super Meep Powers now.", "この APT helper は Super Meep Powers 化されています。", langs("en", "ja")), nil,
		},
		"names in another script":      {pair("Use Windows.", "Используйте Windows.", langs("en", "ru")), nil},
		"kana and Han for Japanese":    {pair("Save your work before you go.", "終了する前に作業内容を必ず保存してください。", langs("en", "ja")), nil},
		"mojibake":                     {pair("Open the door.", "Ã–ffnen Sie die TÃ¼r."), []string{"characters Major"}},
		"a replacement sign":           {pair("Open the door.", "Öffnen Sie die T\ufffdr."), []string{"characters Major"}},
		"a control character":          {pair("Open the door.", "Öffnen Sie die \x07Tür."), []string{"characters Major"}},
		"mojibake of the source stays": {pair("Open the cafÃ©.", "Öffnen Sie das cafÃ©."), nil},
		"a remark before the answer": {
			pair("Open the door.", "Here is the translation: Öffnen Sie die Tür."), []string{"chatter Major"},
		},
		"a code fence":                {pair("Open the door.", "```\nÖffnen Sie die Tür.\n```"), []string{"chatter Major", "spacing Minor", "punctuation Minor"}},
		"a refusal":                   {pair("Open the door.", "I'm sorry, but I can't help."), []string{"chatter Critical"}},
		"a refusal that is the text":  {pair("I'm sorry, but I can't come today.", "Es tut mir leid, aber ich kann heute nicht kommen."), nil},
		"the word translation itself": {pair("The translation is late.", "Die Übersetzung kommt zu spät."), nil},
	})
}

func TestSpacingAndPunctuation(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"two spaces":                     {pair("Save now.", "Jetzt  sichern."), []string{"spacing Minor"}},
		"spaces around a field":          {pair("Cannot save %s now.", "Jetzt ist %s nicht zu sichern."), nil},
		"a field at the end":             {pair("Cannot save: %s", "%s lässt sich nicht sichern"), nil},
		"two spaces of the source":       {pair("Save  now.", "Jetzt  sichern."), nil},
		"a space at the end":             {pair("Save now.", "Jetzt sichern. "), []string{"spacing Minor"}},
		"a lost line break at the end":   {pair("Save now.\n", "Jetzt sichern."), []string{"spacing Minor"}},
		"a lost full stop":               {pair("Save now.", "Jetzt sichern"), []string{"punctuation Minor"}},
		"a full stop too many":           {pair("Save now", "Jetzt sichern."), []string{"punctuation Minor"}},
		"a question became a statement":  {pair("Save now?", "Jetzt sichern."), []string{"punctuation Minor"}},
		"a full stop of another script":  {pair("Save now.", "今すぐ保存する。", langs("en", "ja")), nil},
		"the Arabic question mark":       {pair("Are you well?", "هل أنت بخير؟", langs("en", "ar")), nil},
		"the Greek question mark":        {pair("Are you well?", "Είσαι καλά;", langs("en", "el")), nil},
		"dots and the ellipsis sign":     {pair("Wait...", "Warten…"), nil},
		"Thai has no full stop":          {pair("Save now.", "บันทึกตอนนี้", langs("en", "th")), nil},
		"the mark is inside the quotes":  {pair("He said “Stop.”", "Er sagte „Halt“."), nil},
		"the mark is before a tag":       {pair("<b>Stop.</b>", "<b>Halt</b>."), nil},
		"a colon became a full stop":     {pair("Choose one:", "Wählen Sie."), []string{"punctuation Minor"}},
		"French sets a space before it":  {pair("Ready?", "Prêt\u00a0?", langs("en", "fr")), nil},
		"Spanish sets one at the start":  {pair("Ready?", "¿Listo?", langs("en", "es")), nil},
		"Hindi has its own full stop":    {pair("He came.", "वह आया।", langs("en", "hi")), nil},
		"Armenian has its own full stop": {pair("He came.", "Նա եկավ։", langs("en", "hy")), nil},
	})
}

func TestLongTextsAreReadInFairTime(t *testing.T) {
	// Reading each part for each other part would take minutes here.
	for _, unit := range [][2]string{{"1.2.3 ", "4.5.6 "}, {"17 ", "18 "}, {"{a} ", "{b} "}} {
		in := pair(strings.Repeat(unit[0], 5000), strings.Repeat(unit[1], 5000))
		if got := qa.Evaluate(qa.Default(), in); len(got) == 0 {
			t.Errorf("nothing was found in many %q", unit)
		}
	}
}

func TestMessagesNeverQuoteTheText(t *testing.T) {
	secret := "Xyzzy"
	masked := placeholder.Mask(`<a title="Xyzzy">Xyzzy</a> https://xyzzy.example xyzzy@example.org 987654`)
	_, problems := masked.Restore("nichts")
	inputs := []qa.Input{
		pair("Xyzzy xyzzy went to see 987654 xyzzy.", "Xyzzy xyzzy went to see 987654 xyzzy."),
		pair("Xyzzy 987654 https://xyzzy.example "+strings.Repeat("xyzzy ", 30), "xyzzy xyzzy xyzzy xyzzy 123454321"),
		pair("a", "b", unknown(secret), func(in *qa.Input) { in.Placeables = problems }),
		pair(`Mail xyzzy@example.org <a title="Xyzzy">x</a>.`, "Nichts \ufffd Xyzzy"),
	}
	for _, in := range inputs {
		all := qa.Evaluate(qa.Default(), in)
		if len(all) == 0 {
			t.Errorf("no finding on %q", in.Source)
		}
		for _, f := range append(all, qa.ReviewSource(in.Source, "ru")...) {
			if strings.Contains(strings.ToLower(f.Message), "xyzzy") || strings.Contains(f.Message, "98765") || strings.Contains(f.Message, "12345") {
				t.Errorf("message %q quotes the text", f.Message)
			}
		}
	}
}

func TestUnknownWordsAreNamedByTheirPlace(t *testing.T) {
	var got []string
	for _, f := range qa.Evaluate(qa.Default(), pair("Mind {a} the Flurb.", "Beachten Sie {a} den Flurb.", unknown("Flurb", "gorp"))) {
		got = append(got, f.Message)
	}
	want := []string{"the engine has no entry for word 3 of the source", "the engine has no entry for a word of the source"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestFix(t *testing.T) {
	cases := map[string]struct{ source, target, want string }{
		"white space at the ends goes":        {"Save.", "  Sichern.\n", "Sichern."},
		"white space of the source is put on": {"  Save.\n", "Sichern.", "  Sichern.\n"},
		"two spaces become one":               {"Save it now.", "Jetzt  alles   sichern.", "Jetzt alles sichern."},
		"two spaces of the source stay":       {"Save  it now.", "Jetzt  alles sichern.", "Jetzt  alles sichern."},
		"a placeable keeps its spaces":        {"{{ a }}", "{{ a  | b }}  x", "{{ a  | b }} x"},
		"line breaks stay":                    {"a\n\nb", "a \n\n  b", "a \n\n  b"},
		"nothing stays nothing":               {" a ", " ", " "},
		"a no-break space stays":              {"Ready?", "Prêt\u00a0?", "Prêt\u00a0?"},
		"tokens that are text stay":           {"⟦1⟧ a", "⟦1⟧  [[1]]  a", "⟦1⟧ [[1]] a"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			in := pair(tc.source, tc.target)
			got := qa.Fix(in)
			if got != tc.want {
				t.Errorf("Fix() = %q, want %q", got, tc.want)
			}
			in.Target = got
			if again := qa.Fix(in); again != got {
				t.Errorf("fixed again it is %q, want %q", again, got)
			}
		})
	}
}

func FuzzFixIsIdempotent(f *testing.F) {
	f.Add(" a  b", "c  d\n e {x  y}")
	f.Add("<a  b>", "⟦1⟧  \xff ⟦ 2 ⟧")
	f.Fuzz(func(t *testing.T, source, target string) {
		in := qa.Input{Source: source, Target: target, SourceLanguage: "en", TargetLanguage: "de"}
		in.Target = qa.Fix(in)
		if again := qa.Fix(in); again != in.Target {
			t.Errorf("Fix(%q, %q) = %q, again %q", source, target, in.Target, again)
		}
	})
}

func TestReviewSource(t *testing.T) {
	cases := map[string]struct {
		text, lang string
		want       []string // a part of each note
	}{
		"a clean text":                  {"Save your work. <b>Now</b>, {name}!", "en", nil},
		"mojibake":                      {"Ã–ffnen Sie die TÃ¼r.", "de", []string{"2 places"}},
		"an open tag":                   {"Save <b>now.", "en", []string{"1 tag"}},
		"crossed tags":                  {"<b><i>Save</b></i>", "en", []string{"2 tags"}},
		"a paragraph may stay open":     {"<p>Save<p>now", "en", nil},
		"a lone brace":                  {"Hello {name, how are you?", "en", []string{"lone brace"}},
		"the wrong script":              {"Save your work before you go.", "ru", []string{"0% of the source is in the script"}},
		"a sentence without an end":     {strings.Repeat("and so on ", 25), "en", []string{"sentence of 75 words"}},
		"many sentences of fair length": {strings.Repeat("And so on we go here. ", 25), "en", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := qa.ReviewSource(tc.text, tc.lang)
			if len(got) != len(tc.want) {
				t.Fatalf("ReviewSource() = %v, want %d notes", got, len(tc.want))
			}
			for i, f := range got {
				if !strings.Contains(f.Message, tc.want[i]) || f.Severity != v1alpha1.NeutralSeverity || !strings.HasPrefix(f.Check, "source_") {
					t.Errorf("note %+v, want a neutral one on the source with %q", f, tc.want[i])
				}
			}
		})
	}
}
