package qa_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/qa"
)

func TestForm(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"a bracket that stays open":         {pair("Save (now).", "Sichern (jetzt."), []string{"punctuation Minor"}},
		"a bracket that nobody opened":      {pair("Save now.", "Sichern jetzt)."), []string{"punctuation Minor"}},
		"a bracket open in the source":      {pair("Save (now.", "Sichern (jetzt."), nil},
		"a list of letters":                 {pair("Take a) or b).", "Nimm a) oder b)."), nil},
		"a quotation mark alone":            {pair(`Open "a" now.`, `Öffnen Sie "a jetzt.`), []string{"punctuation Minor"}},
		"French without its space":          {pair("Ready?", "Prêt?", langs("en", "fr")), []string{"spacing Minor"}},
		"French guillemets without it":      {pair("See “it” now.", "Voir «ça» là.", langs("en", "fr")), []string{"spacing Minor"}},
		"French of Canada":                  {pair("Ready?", "Prêt?", langs("en", "fr-CA")), nil},
		"French time of day":                {pair("At 10:30.", "À 10:30.", langs("en", "fr")), nil},
		"two paragraphs became one":         {pair("One.\n\nTwo.", "Eins. Zwei."), []string{"spacing Minor"}},
		"a line broken elsewhere":           {pair("One two\nthree.", "Eins\nzwei drei."), nil},
		"a line break alone":                {pair("One two.", "Eins\nzwei."), []string{"spacing Minor"}},
		"a tab that was lost":               {pair("One\ttwo.", "Eins zwei."), []string{"spacing Minor"}},
		"English quotes in German":          {pair("See “one” now.", "Siehe “eins” jetzt."), []string{"punctuation Minor"}},
		"German quotes in German":           {pair("See “one” now.", "Siehe „eins“ jetzt."), nil},
		"a name of a product is gone":       {pair("Use GnuPG now.", "Benutzen Sie es jetzt."), []string{"identifier Minor"}},
		"a Latin letter in a Russian word":  {pair("Save all.", "Сoхранить всё.", langs("en", "ru")), []string{"characters Minor"}},
		"two scripts side by side":          {pair("An HTML file.", "HTML-файл.", langs("en", "ru")), nil},
		"a name with an ending":             {pair("Use GnuPG now.", "GnuPGs Benutzung."), nil},
		"an abbreviation may be another":    {pair("Ask the UN.", "Die VN fragen."), nil},
		"a space without width":             {pair("Save now.", "Jetzt\u200b sichern."), []string{"characters Minor"}},
		"Thai sets spaces without width":    {pair("Save now", "บันทึก\u200bตอนนี้", langs("en", "th")), nil},
		"an override left open":             {pair("Save now.", "Jetzt \u202esichern."), []string{"characters Critical"}},
		"an override of its own":            {pair("Pay 100 now.", "Jetzt \u202e001\u202c zahlen."), []string{"number Major", "characters Critical"}},
		"an override of the source":         {pair("Open \u202efdp.exe\u202c now.", "Jetzt \u202efdp.exe\u202c öffnen."), nil},
		"an isolate of its own":             {pair("Open the file of Omar now.", "Jetzt die Datei von \u2068Omar\u2069 öffnen."), nil},
		"the whole twice":                   {pair("Please save your work before you go.", "Bitte sichern Sie Ihre Arbeit zuvor. Bitte sichern Sie Ihre Arbeit zuvor."), []string{"repetition Critical"}},
		"the whole three times":             {pair("Please save your work before you go.", strings.TrimSpace(strings.Repeat("Bitte sichern Sie Ihre Arbeit zuvor. ", 3))), []string{"length_deviation Major", "repetition Critical"}},
		"the whole twice, as in the source": {pair("Please save your work now. Please save your work now.", "Bitte sichern Sie Ihre Arbeit. Bitte sichern Sie Ihre Arbeit."), nil},
		"an isolate that is closed":         {pair("Save %s now.", "שמור \u2068%s\u2069 עכשיו.", langs("en", "he")), nil},
		"full-width letters":                {pair("Use USB.", "ＵＳＢを使う。", langs("en", "ja")), []string{"characters Minor"}},
		"half-width Katakana":               {pair("Save file.", "ﾌｧｲﾙを保存。", langs("en", "ja")), []string{"characters Minor"}},
		"the flag of Scotland":              {pair("Scotland", "Schottland 🏴󠁧󠁢󠁳󠁣󠁴󠁿"), nil},
		"Japanese stuck in a loop":          {pair("Save all files.", "保存する保存する保存する保存する。", langs("en", "ja")), []string{"repetition Critical"}},
		"a long sentence again and again":   {pair("It is late.", strings.Repeat("Es ist schon sehr spät geworden und wir gehen jetzt alle nach Hause. ", 4)), []string{"length_deviation Critical", "repetition Critical", "spacing Minor"}},
	})
}

func TestLanguage(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"Spanish for Italian": {
			pair("The file is in the folder of the user and it cannot be opened.", "El archivo está en la carpeta del usuario y no se puede abrir.", langs("en", "it")),
			[]string{"wrong_language Critical"},
		},
		"Dutch for German": {
			pair("The file is in the folder and it cannot be opened by you.", "Het bestand is niet te openen in de map van de gebruiker met dit programma.", langs("en", "de")),
			[]string{"wrong_language Critical"},
		},
		"Danish for Norwegian is close": {
			pair("The file is in the folder and it cannot be opened by you.", "Filen er i mappen og den kan ikke åbnes af dig på denne computer.", langs("en", "nb")), nil,
		},
		"a short sentence in another language": {
			pair("Please put the baskets into the shade.", "Veuillez mettre les paniers à l'ombre."),
			[]string{"wrong_language Critical"},
		},
		"a title that stays": {pair("Buy La Casa de Papel now.", "La Casa de Papel jetzt kaufen."), nil},
		"one word of another language again and again": {
			pair("Wir gehen am Abend nach Hause.", "We go le home le in le the le evening le now.", langs("de", "en")), nil,
		},
		"the end left in the source, in few words": {
			pair("The file is gone because of the error.", "Die Datei ist weg because of the error."), []string{"untranslated Major"},
		},
		"a short sentence of plain words": {
			pair("Cannot open the FILE.", "Cannot open the FILE."), []string{"untranslated Critical"},
		},
	})
}

func TestChatter(t *testing.T) {
	const source, target = "Open the door.", "Öffnen Sie die Tür."
	chatty := []string{"chatter Major"}
	runEvaluations(t, map[string]evaluation{
		"polite":                      {pair(source, "Sure, here you go: "+target), chatty},
		"polite in German":            {pair(source, "Gerne! Hier der Text: "+target), chatty},
		"in Russian":                  {pair(source, "Перевод: Откройте дверь.", langs("en", "ru")), chatty},
		"in Japanese":                 {pair(source, "翻訳：ドアを開けてください。", langs("en", "ja")), chatty},
		"in Chinese":                  {pair(source, "好的，以下是译文：打开门。", langs("en", "zh")), chatty},
		"a text with a colon":         {pair("Note: open the door.", "Hinweis: Öffnen Sie die Tür."), nil},
		"a text about translations":   {pair("Translations: 3", "Übersetzungen: 3"), nil},
		"a line feed in Russian":      {pair("The line feed is missing: add it.", "Отсутствует перевод строки: добавьте его.", langs("en", "ru")), nil},
		"a note behind it":            {pair(source, target+"\nNote: I kept the form of address."), []string{"chatter Major", "spacing Minor"}},
		"a rest of JSON":              {pair(source, `{"text": "`+target+`"}`), chatty},
		"a refusal in Spanish":        {pair(source, "Lo siento, no puedo abrir eso.", langs("en", "es")), []string{"chatter Critical"}},
		"a refusal in German":         {pair(source, "Es tut mir leid, aber dabei kann ich nicht helfen."), []string{"chatter Critical"}},
		"a refusal in French":         {pair(source, "Je suis désolé, mais je ne peux pas traduire ce texte.", langs("en", "fr")), []string{"chatter Critical"}},
		"an excuse that is the text":  {pair("Sorry, I can't open that.", "Es tut mir leid, das kann ich nicht öffnen."), nil},
		"a refusal of a model":        {pair(source, "As an AI, I will not open doors."), []string{"wrong_language Critical", "chatter Critical"}},
		"an apology that is the text": {pair("I'm sorry, but I can't open the door.", "Es tut mir leid, aber ich kann die Tür nicht öffnen."), nil},
	})
}

func TestSelfTest(t *testing.T) {
	segments := []qa.Input{
		pair("The committee will publish its final report on 12 March 2026 at {place}.", "Der Ausschuss wird seinen Schlussbericht am 12. März 2026 in {place} veröffentlichen."),
		pair("Please read the <b>instructions</b> before you switch on the device for the first time.", "Bitte lesen Sie die <b>Anleitung</b>, bevor Sie das Gerät zum ersten Mal einschalten."),
		pair("OK", "Speichern Sie die Datei jetzt {name}."), // does not pass, and takes no part
	}
	run := func(seed uint64) []qa.Caught {
		return qa.SelfTest(qa.Default(), segments, 950, 100, rand.New(rand.NewPCG(seed, 0))) //nolint:gosec // the same at each run
	}
	got := map[string]int{}
	for _, c := range run(1) {
		got[c.Fault] = c.Planted
		if c.Caught > c.Planted || c.Caught < 0 {
			t.Errorf("%d of %d faults %q were caught", c.Caught, c.Planted, c.Fault)
		}
		if (c.Fault == "placeholder" || c.Fault == "tag" || c.Fault == "number") && c.Caught != c.Planted {
			t.Errorf("%d of %d faults %q were caught, want all", c.Caught, c.Planted, c.Fault)
		}
	}
	delete(got, "other") // a segment may draw itself
	want := map[string]int{"placeholder": 1, "tag": 1, "number": 1, "untranslated": 2, "third": 2, "half": 2, "preface": 2, "half_source": 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("planted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(run(7), run(7)); diff != "" {
		t.Errorf("the same dice give another result:\n%s", diff)
	}
	if got := qa.SelfTest(qa.Default(), nil, 950, 100, rand.New(rand.NewPCG(1, 0))); got != nil { //nolint:gosec // the same at each run
		t.Errorf("SelfTest() of nothing = %v", got)
	}
}

func TestSelfTestWithoutChecksCatchesNothing(t *testing.T) {
	in := pair("The committee will publish its final report on 12 March 2026.", "Der Ausschuss wird seinen Schlussbericht am 12. März 2026 veröffentlichen.")
	for _, c := range qa.SelfTest(nil, []qa.Input{in}, 950, 10, rand.New(rand.NewPCG(1, 0))) { //nolint:gosec // the same at each run
		if c.Caught != 0 {
			t.Errorf("%d faults %q were caught without a check", c.Caught, c.Fault)
		}
	}
}
