package qa_test

import (
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/qa"
)

func TestForeign(t *testing.T) {
	const (
		english = "Please save the file before you close the program, and wait for the message that it is on the disk."
		german  = "Bitte speichern Sie die Datei, bevor Sie das Programm schließen, und warten Sie auf die Meldung."
		spanish = "Guarde el archivo antes de cerrar el programa y espere hasta que vea el mensaje en la pantalla."
		russian = "Пожалуйста, сохраните файл перед тем, как закрыть программу, и дождитесь сообщения."
		chinese = "请在关闭程序之前保存文件，然后等待屏幕上出现消息，这样您的工作就不会丢失，谢谢您的合作。"
		kana    = "プログラムを閉じる前にファイルを保存し、画面にメッセージが表示されるまでお待ちください。"
		hangul  = "프로그램을 닫기 전에 파일을 저장하고 화면에 메시지가 나타날 때까지 기다려 주시기 바랍니다. 감사합니다."
	)
	cases := map[string]struct {
		text, lang string
		want       string // the language that is heard; "-" for one of another script
	}{
		"the language it is said to be in":     {german, "de", ""},
		"German for English":                   {german, "en", "de"},
		"English for German":                   {english, "de", "en"},
		"English for a language without words": {english, "vi", "en"},
		"German for a language without words":  {german, "sk", ""},
		"Spanish for Catalan is close":         {spanish, "ca", ""},
		"Spanish for Galician is close":        {spanish, "gl", ""},
		"a region does not matter":             {german, "de-CH", ""},
		"Russian for English":                  {russian, "en", "ru"},
		"Russian for Bulgarian is not known":   {russian, "bg", ""},
		"English for Russian":                  {english, "ru", "en"},
		"English for Japanese":                 {english, "ja", "en"},
		"Chinese for English":                  {chinese, "en", "-"},
		"Chinese for Japanese":                 {chinese, "ja", "-"},
		"Chinese for Korean":                   {chinese, "ko", "-"},
		"Japanese for Chinese":                 {kana, "zh", "-"},
		"Japanese for Korean":                  {kana, "ko", "-"},
		"Korean for Japanese":                  {hangul, "ja", "-"},
		"Japanese":                             {kana, "ja", ""},
		"Chinese":                              {chinese, "zh-Hans", ""},
		"Korean":                               {hangul, "ko", ""},

		"a few words of another":   {"Datei speichern und schließen", "en", ""},
		"a name in another script": {"Юрий Алексеевич Гагарин", "en", ""},
		"names in another script": {
			"Юрий Гагарин, Герман Титов, Андриян Николаев, Павел Попович, Валерий Быковский, Валентина Терешкова", "en", "",
		},
		"brands in Japanese":  {"Microsoft Windows Server 2022 Datacenter Edition, Oracle Database Enterprise, Red Hat Linux", "ja", ""},
		"names of places":     {"Los Angeles, Las Vegas, El Paso, La Jolla, San José, De la Cruz, Van der Berg, El Salvador, Le Mans", "en", ""},
		"names of dishes":     {"Tarte aux pommes, Soupe à l'oignon, Crème brûlée", "en", ""},
		"a command with code": {"git clone --depth=1 https://example.org/a.git && cd a && make -j8 install PREFIX=/usr/local", "de", ""},
		"filler": {
			"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat.",
			"en", "",
		},
		"a long quotation with a few words before it": {
			"As Pascal wrote: «Le cœur a ses raisons que la raison ne connaît point; on le sait en mille choses.»", "en", "",
		},
		"a quotation of another kind": {"He said: “" + german + "”", "en", ""},
		"a mark that stays open":      {"„" + english, "de", "en"},
		"half and half":               {english + " " + german, "en", ""},
		"a list of languages":         {"Deutsch, English, Español, Français, Русский, Українська, 日本語, 中文, العربية, ελληνικά", "en", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, foreign := qa.Hear(tc.text, tc.lang).Foreign()
			if foreign && got == "" {
				got = "-"
			}
			if got != tc.want {
				t.Errorf("Foreign() = %q, want %q", got, tc.want)
			}
		})
	}
}

// The first article of the Universal Declaration of Human Rights, declared as English. What
// is heard is the language, or "-" where letters tell it.
func TestForeignSentencesOfManyLanguages(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"de": {"Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.", "de"},
		"fr": {"Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.", "fr"},
		"es": {"Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.", "es"},
		"it": {"Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza e devono agire gli uni verso gli altri in spirito di fratellanza.", "it"},
		"pt": {"Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem agir uns para com os outros em espírito de fraternidade.", "pt"},
		"nl": {"Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en geweten, en behoren zich jegens elkander in een geest van broederschap te gedragen.", "nl"},
		"sv": {"Alla människor är födda fria och lika i värde och rättigheter. De är utrustade med förnuft och samvete och bör handla gentemot varandra i en anda av broderskap.", "sv"},
		"pl": {"Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.", "pl"},
		"ro": {"Toate ființele umane se nasc libere și egale în demnitate și în drepturi. Ele sunt înzestrate cu rațiune și conștiință și trebuie să se comporte unele față de altele în spiritul fraternității.", "ro"},
		"ca": {"Tots els éssers humans neixen lliures i iguals en dignitat i en drets. Són dotats de raó i de consciència, i han de comportar-se fraternalment els uns amb els altres.", "ca"},
		"vi": {"Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. Mọi con người đều được tạo hóa ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.", "-"},
		"lt": {"Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas protas ir sąžinė ir jie turi elgtis vienas kito atžvilgiu kaip broliai, nes žmogaus teisės yra šventos.", "-"},
		"el": {"Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση.", "-"},
		"ar": {"يولد جميع الناس أحراراً متساوين في الكرامة والحقوق، وقد وهبوا عقلاً وضميراً وعليهم أن يعامل بعضهم بعضاً بروح الإخاء.", "-"},
		"en": {"All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, foreign := qa.Hear(tc.text, "en").Foreign()
			if foreign && got == "" {
				got = "-"
			}
			if got != tc.want {
				t.Errorf("Foreign() = %q, want %q", got, tc.want)
			}
		})
	}
}

// What no label says for itself, many say together.
func TestForeignLabels(t *testing.T) {
	labels := strings.Split("Datei öffnen|neue Datei anlegen|alle Dateien schließen|über dieses Programm|nach oben|zum Anfang|"+
		"nicht gespeichert|in die Zwischenablage kopieren|aus dem Archiv holen|von einer Vorlage|mit allen Bildern|ohne Bilder|"+
		"als Kopie sichern|zur nächsten Seite|auf dem Bildschirm|noch nicht fertig|wird gerade gedruckt|ist bereits gesperrt|"+
		"bei jedem Start prüfen|unter einem anderen Namen|keine Treffer|alle ersetzen|Seite einrichten", "|")
	for lang, want := range map[string]string{"en": "de", "de": ""} {
		all := qa.Hear("", lang)
		for _, label := range labels {
			h := qa.Hear(label, lang)
			if heard, foreign := h.Foreign(); foreign {
				t.Errorf("%q alone is heard as %q", label, heard)
			}
			all.Add(h)
		}
		if got, _ := all.Foreign(); got != want {
			t.Errorf("labels said to be in %s: Foreign() = %q, want %q", lang, got, want)
		}
	}
}

func BenchmarkHear(b *testing.B) {
	for b.Loop() {
		qa.Hear("Please save the file before you close the program, and wait for the message that it is on the disk.", "en").Foreign()
	}
}
