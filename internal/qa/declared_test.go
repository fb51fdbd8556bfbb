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
