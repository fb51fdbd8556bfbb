package segment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/segment"
)

// translatable returns the pieces with prose in them.
func translatable(pieces []segment.Piece) []string {
	var texts []string
	for _, p := range pieces {
		if p.Translatable {
			texts = append(texts, p.Text)
		}
	}
	return texts
}

func TestSplitSentences(t *testing.T) {
	cases := map[string]struct {
		lang string
		want []string // joined by one space they are the text
	}{
		"en: two sentences":                         {"en", []string{"Save your work.", "Then close the window."}},
		"en: question and exclamation":              {"en", []string{"Ready?", "Go!", "Now."}},
		"en: a title":                               {"en", []string{"Mr. Smith met Dr. Jones.", "They talked."}},
		"en: initials":                              {"en", []string{"J. R. R. Tolkien wrote it.", "George W. Bush read it."}},
		"en: the indefinite article is an initial":  {"en", []string{"J. A. Smith came.", "A. B. Miller went."}},
		"en: Latin abbreviations":                   {"en", []string{"Use a tool, e.g. Word.", "Or two, i.e. Word and Excel."}},
		"en: a number behind an abbreviation":       {"en", []string{"See Fig. 3 and No. 5.", "Then stop."}},
		"en: no behind a full stop":                 {"en", []string{"I said no.", "He said yes."}},
		"en: an acronym that goes on":               {"en", []string{"The U.S. Army came.", "It left."}},
		"en: an acronym that ends":                  {"en", []string{"He lives in the U.S.", "She does not."}},
		"en: a time of day that ends":               {"en", []string{"We open at 8 a.m.", "The shop closes at 6 p.m.", "Then come early."}},
		"en: a company in the middle":               {"en", []string{"Apple Inc. Chief Tim Cook spoke.", "Nobody slept."}},
		"en: et cetera at the end":                  {"en", []string{"Bring pens, paper, etc.", "We have the rest."}},
		"en: decimal numbers and versions":          {"en", []string{"It costs 3.50 euros.", "Version 2.0.1 is out."}},
		"en: a sentence that ends with a number":    {"en", []string{"It was 1999.", "We were young."}},
		"en: quoted speech":                         {"en", []string{"“Why?” he asked.", "“Because.”", "She left."}},
		"en: a name with an exclamation mark":       {"en", []string{"Yahoo! is a company.", "So is Google."}},
		"en: an ellipsis that goes on":              {"en", []string{"Well... maybe not.", "Well...", "Maybe."}},
		"en: a file name and an address":            {"en", []string{"Open index.html?Name=A in a browser.", "See https://example.org/a.b?C=D now.", "Done."}},
		"en: an address ends a sentence":            {"en", []string{"See https://example.org/a.", "Then write to a.b@example.org.", "Thanks."}},
		"en: a field begins a sentence":             {"en", []string{"Done.", "{name} is ready.", "%s too."}},
		"en: tags stay with their sentence":         {"en", []string{"<b>Stop.</b>", "<i>Now</i> go.", `<a href="x. Y">Here.</a>`, "End."}},
		"en: a word that CLDR takes as abbreviated": {"en", []string{"Follow the Link.", "Press OK.", "Turn it On.", "Wait."}},
		"en: an emoji at the end":                   {"en", []string{"Great work!", "😀 Next one.", "Thanks! 😀"}},
		"en: an ellipsis of optional parts":         {"en", []string{"dragoman [FILE…] [+LINE[:COLUMN]]"}},
		"en: brackets":                              {"en", []string{"It works (mostly).", "(Sometimes it does not.)", "Try it."}},
		"en: a Roman part number":                   {"en", []string{"Read Part I.", "Then rest."}},
		"de: title and name":                        {"de", []string{"Herr Dr. Müller ist da.", "Er wartet."}},
		"de: a date":                                {"de", []string{"Am 12. März 2026 beginnt es.", "Am 3. Oktober endet es."}},
		"de: an ordinal that ends":                  {"de", []string{"Er kommt am 12.", "Sie kommt am 13."}},
		"de: an ordinal with a noun":                {"de", []string{"Im 19. Jahrhundert war das so.", "Die 2. Auflage folgt."}},
		"de: abbreviations with a space":            {"de", []string{"Das gilt z. B. Für alle Fälle.", "D. h. Es passt."}},
		"de: abbreviations without one":             {"de", []string{"Obst, z.B. Äpfel, ist gesund.", "Vgl. Kapitel 3."}},
		"de: und so weiter at the end":              {"de", []string{"Äpfel, Birnen usw.", "Das ist alles."}},
		"de: before Christ":                         {"de", []string{"Das war 44 v. Chr. Rom ging es gut.", "Nach 10 n. Chr.", "Danach nicht mehr."}},
		"de: a number with Nr.":                     {"de", []string{"Zimmer Nr. 5 ist frei.", "Siehe S. 12 und Abb. 3."}},
		"de: a year ends the sentence":              {"de", []string{"Das war 1999.", "Danach kam 2000."}},
		"de: a millions figure":                     {"de", []string{"Es kostet 3 Mio. Euro.", "Das ist viel."}},
		"de: low quotes":                            {"de", []string{"„Komm!“ rief er.", "„Nein.“", "Er ging."}},
		"fr: a title and an initial":                {"fr", []string{"M. Dupont et Mme. Durand sont là.", "Ils parlent."}},
		"fr: for example":                           {"fr", []string{"Un fruit, p. ex. Une pomme, suffit.", "L'arbre pousse."}},
		"fr: guillemets and thin spaces":            {"fr", []string{"Il a dit : « Bonjour ! »", "Elle a ri.", "Et puis ?", "Rien."}},
		"fr: before Christ":                         {"fr", []string{"C'était en 44 av. J.-C. à Rome.", "César est mort."}},
		"fr: et cetera at the end":                  {"fr", []string{"Des pommes, des poires, etc.", "L'été arrive."}},
		"es: a form of address":                     {"es", []string{"El Sr. García llegó.", "La Dra. Ruiz no."}},
		"es: inverted marks begin a sentence":       {"es", []string{"Vive en EE. UU.", "¿Qué tal?", "¡Hola!", "Adiós."}},
		"es: the United States in the middle":       {"es", []string{"El presidente de EE. UU. Joe Biden habló.", "Nadie durmió."}},
		"es: for example and page":                  {"es", []string{"Un fruto, p. ej. Manzana, basta.", "Véase la pág. 5."}},
		"it: a form of address":                     {"it", []string{"Il dott. Rossi è qui.", "La sig.ra Bianchi no."}},
		"it: page and article":                      {"it", []string{"Vedi pag. 5 e art. 3.", "Poi basta."}},
		"it: a company form":                        {"it", []string{"La Fiat S.p.A. Torino produce auto.", "È grande."}},
		"pt: a form of address":                     {"pt", []string{"O Sr. Silva chegou.", "A Dra. Costa não."}},
		"pt: page and for example":                  {"pt-BR", []string{"Veja a pág. 5.", "Uma fruta, p. ex. Maçã, basta."}},
		"ca: a form of address":                     {"ca", []string{"El Sr. Puig ha arribat.", "La Dra. Vila no."}},
		"ca: the United States":                     {"ca", []string{"Viu als EUA.", "L'altre no."}},
		"nl: a form of address":                     {"nl", []string{"Dhr. Jansen komt, bijv. Maandag.", "Hij wacht."}},
		"nb: a date and for example":                {"nb", []string{"Den 12. mars er over.", "Frukt, f.eks. Epler, er sunt."}},
		"nn shares the rules of nb":                 {"nn", []string{"Frukt, f.eks. Eple, er sunt.", "Det er sant."}},
		"ru: and so on in the middle":               {"ru", []string{"Это яблоки, груши и т. д. и т. п. в саду.", "Всё."}},
		"ru: and so on at the end":                  {"ru", []string{"Это яблоки, груши и т. д.", "Он ушёл."}},
		"ru: initials":                              {"ru", []string{"А. С. Пушкин родился в 1799 г. в Москве.", "Он умер в 1837 г.", "В Петербурге."}},
		"ru: speech goes on behind a dash":          {"ru", []string{"Стой! — крикнул он.", "— Куда ты?", "Вот — дом."}},
		"ru: degrees are no initial":                {"ru", []string{"Сейчас 5 °C.", "Холодно."}},
		"de: a nobleman":                            {"de", []string{"Ludwig v. Beethoven und Karl d. Gr. kannten sich nicht.", "Schade."}},
		"de: doctors of more than one word":         {"de", []string{"Er ist Dr. phil. Hans Meyer.", "Sie ist Dr. med. Anna Klein."}},
		"tr: a number with an ending begins":        {"tr", []string{"Dükkân erken açılır.", "18.00'de kapanır."}},
		"tr: an ordinal with an ending":             {"tr", []string{"Toplantı 5. Kat'ta.", "Bu 1. Ligdeki son maçtı."}},
		"ar: who speaks behind the speech":          {"ar", []string{"«لا تذهب!» صاح الرجل.", "لكنه ذهب."}},
		"ro: a number":                              {"ro", []string{"Camera nr. 5 este liberă.", "Dl. Popescu vine."}},
		"el: sentences and a question":              {"el", []string{"Ήρθε ο Γιάννης.", "Έφυγε."}},
		"ar: the Arabic question mark":              {"ar", []string{"هل أنت بخير؟", "نعم."}},
		"hi: the danda":                             {"hi", []string{"वह आया।", "वह गया।"}},
		"ko: spaced sentences":                      {"ko", []string{"안녕하세요.", "반갑습니다."}},
		"an unknown language knows letters":         {"tlh", []string{"Heghlu'meH k.k. QaQ jajvam.", "Qapla'."}},
		"an unknown language has plain rules":       {"tlh", []string{"Heghlu'meH QaQ jajvam.", "Qapla'."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := translatable(segment.Split(strings.Join(tc.want, " "), tc.lang))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Split() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplitUnspacedScripts(t *testing.T) {
	cases := map[string]struct {
		lang, text string
		want       []string
	}{
		"ja: sentences":                    {"ja", "これはペンです。それは本です！本当？", []string{"これはペンです。", "それは本です！", "本当？"}},
		"ja: speech goes on":               {"ja", "「行こう。」と彼は言った。彼女は笑った。", []string{"「行こう。」と彼は言った。", "彼女は笑った。"}},
		"ja: speech stands alone":          {"ja", "「行こう。」彼は笑った。", []string{"「行こう。」", "彼は笑った。"}},
		"ja: sentences inside speech":      {"ja", "「もう遅い。\u3000帰ろう」と言った。雨だ。", []string{"「もう遅い。\u3000帰ろう」と言った。", "雨だ。"}},
		"zh: sentences":                    {"zh", "我们走吧。好的！", []string{"我们走吧。", "好的！"}},
		"zh: an address between":           {"zh", "访问https://example.org/a。谢谢。", []string{"访问https://example.org/a。", "谢谢。"}},
		"zh: a Latin name with full stops": {"zh", "我用Node.js写程序。很好。", []string{"我用Node.js写程序。", "很好。"}},
		"th: no end marks":                 {"th", "สวัสดีครับ ยินดีที่ได้รู้จัก", []string{"สวัสดีครับ ยินดีที่ได้รู้จัก"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, translatable(segment.Split(tc.text, tc.lang))); diff != "" {
				t.Errorf("Split() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplitParagraphs(t *testing.T) {
	prose := func(text string) segment.Piece { return segment.Piece{Text: text, Translatable: true} }
	rest := func(text string) segment.Piece { return segment.Piece{Text: text} }
	cases := map[string]struct {
		lang, text string
		want       []segment.Piece
	}{
		"nothing":                       {"en", "", nil},
		"white space alone":             {"en", " \n\t\n ", []segment.Piece{rest(" \n\t\n ")}},
		"a line break ends a segment":   {"en", "A heading\nand a text", []segment.Piece{prose("A heading"), rest("\n"), prose("and a text")}},
		"hard-wrapped prose goes on":    {"en", "A long line of prose that an editor wrapped\r\nin the middle of its sentence. And the\nnext one.", []segment.Piece{prose("A long line of prose that an editor wrapped\r\nin the middle of its sentence."), rest(" "), prose("And the"), rest("\n"), prose("next one.")}},
		"a capital begins a new line":   {"en", "A long line of prose that an editor never wrapped\nAnd a heading", []segment.Piece{prose("A long line of prose that an editor never wrapped"), rest("\n"), prose("And a heading")}},
		"a bullet begins a new line":    {"en", "A long line of prose that an editor never wrapped\nb) an item", []segment.Piece{prose("A long line of prose that an editor never wrapped"), rest("\nb) "), prose("an item")}},
		"a full stop ends the line":     {"en", "A long line of prose that an editor never wrapped.\nand an item", []segment.Piece{prose("A long line of prose that an editor never wrapped."), rest("\n"), prose("and an item")}},
		"blank lines and outer space":   {"en", "\n  One. \r\n\r\n\tTwo.\u00a0\n", []segment.Piece{rest("\n  "), prose("One."), rest(" \r\n\r\n\t"), prose("Two."), rest("\u00a0\n")}},
		"every kind of line break":      {"en", "a\vb\fc\u0085d\u2028e\u2029f\rg", []segment.Piece{prose("a"), rest("\v"), prose("b"), rest("\f"), prose("c"), rest("\u0085"), prose("d"), rest("\u2028"), prose("e"), rest("\u2029"), prose("f"), rest("\r"), prose("g")}},
		"a byte order mark":             {"en", "\ufeffOne.", []segment.Piece{rest("\ufeff"), prose("One.")}},
		"bullets":                       {"en", "- One\n* Two\n• Three", []segment.Piece{rest("- "), prose("One"), rest("\n* "), prose("Two"), rest("\n• "), prose("Three")}},
		"numbered items":                {"en", "1. One\n2) Two\n(3) Three\na) Four\n1.2. Five", []segment.Piece{rest("1. "), prose("One"), rest("\n2) "), prose("Two"), rest("\n(3) "), prose("Three"), rest("\na) "), prose("Four"), rest("\n1.2. "), prose("Five")}},
		"headings, quotes, check boxes": {"en", "## One\n> > Two\n[x] Three", []segment.Piece{rest("## "), prose("One"), rest("\n> > "), prose("Two"), rest("\n[x] "), prose("Three")}},
		"a quoted list":                 {"en", "> - One", []segment.Piece{rest("> - "), prose("One")}},
		"an initial is no list mark":    {"en", "A. Smith came.", []segment.Piece{prose("A. Smith came.")}},
		"a date is no list mark":        {"de", "3. Oktober ist frei.\n3. Das Ende.", []segment.Piece{prose("3. Oktober ist frei."), rest("\n3. "), prose("Das Ende.")}},
		"a dash inside a line stays":    {"en", "One - two", []segment.Piece{prose("One - two")}},
		"a minus sign is no bullet":     {"en", "-u option", []segment.Piece{prose("-u option")}},
		"a line of dashes":              {"en", "One\n-----\nTwo", []segment.Piece{prose("One"), rest("\n-----\n"), prose("Two")}},
		"numbers are not translated":    {"en", "12.50 €\n3/4\nTotal", []segment.Piece{rest("12.50 €\n3/4\n"), prose("Total")}},
		"placeables are not translated": {"en", "{name}\n%s: <br>https://example.org\nName: {name}", []segment.Piece{rest("{name}\n%s: <br>https://example.org\n"), prose("Name: {name}")}},
		"block elements end a segment":  {"en", `<p class="a">One.</p><ul><li>Two<br/>Three</li></ul>`, []segment.Piece{rest(`<p class="a">`), prose("One."), rest("</p><ul><li>"), prose("Two"), rest("<br/>"), prose("Three"), rest("</li></ul>")}},
		"a line break inside a tag":     {"en", "Click <a\nhref=\"x\">here</a> now.", []segment.Piece{prose("Click <a\nhref=\"x\">here</a> now.")}},
		"closing tags go with the end":  {"en", "<b>One. Two.</b> Three.", []segment.Piece{prose("<b>One."), rest(" "), prose("Two.</b>"), rest(" "), prose("Three.")}},
		"wrong bytes":                   {"en", "One\xff.\n\xfe Two.", []segment.Piece{prose("One\xff."), rest("\n"), prose("\xfe Two.")}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, segment.Split(tc.text, tc.lang)); diff != "" {
				t.Errorf("Split() (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzSplitLosesNothing(f *testing.F) {
	for _, lang := range []string{"en", "de", "fr", "ja", "tlh", "", "not a tag"} {
		f.Add("One. Two! „Drei?“ z. B. Vier… 12. März\r\n- {a} <b>x</b>\u2028\u00a0", lang)
		f.Add("\xff\xfe. A\xc3. \x80\n<p\xff>⟦1⟧", lang)
		f.Add("これは。「です。」と\u200b\u00ad. ¿Qué? « Non ! » Oui.", lang)
	}
	f.Fuzz(func(t *testing.T, text, lang string) {
		checkPieces(t, text, segment.Split(text, lang))
	})
}

func TestCountWords(t *testing.T) {
	cases := map[string]struct {
		text string
		want int
	}{
		"nothing":                         {"", 0},
		"punctuation and emoji":           {"— … 😀 !?", 0},
		"plain words":                     {"The quality of our products speaks for itself.", 8},
		"hyphens separate":                {"state-of-the-art e-mail", 6},
		"apostrophes do not":              {"Don't use l'eau", 3},
		"a number is one word":            {"1,234.56 and 3.5", 3},
		"Japanese by character":           {"これはペンです。", 7},
		"the sign that lengthens a vowel": {"コーヒー", 4},
		"Chinese by character":            {"我们产品的质量", 7},
		"a mix":                           {"3D映画 を見る", 6},
		"Korean by word":                  {"안녕하세요 세계", 2},
		"Thai by character without marks": {"สวัสดี", 4},
		"Hindi by word":                   {"वह आया।", 2},
		"Arabic by word":                  {"هل أنت بخير؟", 3},
		"accents as marks of their own":   {"cafe\u0301 cre\u0300me", 2},
		"tokens count nothing":            {"Hello ⟦1⟧, you have ⟦12⟧ files", 4},
		"a token sign that is no token":   {"⟦a⟧ ⟦ b", 2},
		"a URL counts as it looks":        {"https://example.org/a", 3},
		"wrong bytes":                     {"one\xff two", 2},
		"full-width letters are one word": {"ＡＢＣ", 1},
		"white space of all kinds":        {"one\u00a0two\u3000three\nfour", 4},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := segment.CountWords(tc.text); got != tc.want {
				t.Errorf("CountWords(%q) = %d, want %d", tc.text, got, tc.want)
			}
		})
	}
}
