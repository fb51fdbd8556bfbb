package qa_test

import (
	"testing"

	"github.com/dragoman-dev/dragoman/internal/qa"
)

const (
	reportEnglish = "The committee will publish its final report on the state of the harbour in March, and it will be open to all users."
	reportGerman  = "Der Ausschuss wird seinen Schlussbericht über den Zustand des Hafens im März veröffentlichen, und er wird allen Benutzern offenstehen."
)

func TestTruncation(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"all of it": {pair(reportEnglish, reportGerman), nil},
		"cut to two thirds, at a word that something has to follow": {
			pair(reportEnglish, "Der Ausschuss wird seinen Schlussbericht über den Zustand des Hafens im März veröffentlichen, und"),
			[]string{"truncation Major", "punctuation Minor"},
		},
		"a bracket left open by the cut": {
			pair("The file cannot be written (the disk is full or you are not allowed to write to it).", "Die Datei kann nicht geschrieben werden (das Laufwerk ist voll"),
			[]string{"truncation Major", "punctuation Minor", "punctuation Minor"},
		},
		"Chinese that ends early": {
			pair("The file cannot be opened because it does not exist, please check the name of the file and try again.", "无法打开文件，因为它", langs("en", "zh")),
			[]string{"length_deviation Major", "punctuation Minor"},
		},
		"shorter, but with all that the source says": {
			pair("If you do not want to save the changes you have made to this file, select “No”.", "Sollen die Änderungen an der Datei nicht gespeichert werden, „Nein“ wählen."), nil,
		},
		"too short to say": {pair("Cannot open it now.", "Nicht zu"), []string{"punctuation Minor"}},
	})
}

func TestMismatch(t *testing.T) {
	runEvaluations(t, map[string]evaluation{
		"the translation of another sentence": {
			pair("Cannot open the file: it is used by another program on this computer.", "Das Kennwort muss mindestens zwölf Zeichen lang sein und darf keine Leerzeichen haben."),
			[]string{"mismatch Major"},
		},
		"of another sentence, in Japanese": {
			pair("Cannot write the file: the directory does not exist, or there is no memory left.", "ユーザーの名前 (必須) を入力してください。詳細は説明を見てください。", langs("en", "ja")),
			[]string{"mismatch Major"},
		},
		"free, but the same": {
			pair("Cannot open the file: it is used by another program on this computer.", "Die Datei lässt sich nicht öffnen: Ein anderes Programm auf diesem Rechner verwendet sie."), nil,
		},
	})
}

func TestEvidenceOfAPair(t *testing.T) {
	good := qa.Weigh(pair(reportEnglish, reportGerman))
	other := qa.Weigh(pair(reportEnglish, "Das Kennwort (8 Zeichen) ist zu kurz!"))
	if good == other {
		t.Error("a translation and another text show the same")
	}
	if without := other.WithoutWords(); without == other {
		t.Error("the lexicon says nothing of another text")
	}
	// A region does not matter, another script does.
	swiss, german := pair(reportEnglish, reportGerman, langs("en-GB", "de-CH")), pair(reportEnglish, reportGerman)
	if qa.Weigh(swiss) != qa.Weigh(german) {
		t.Error("a region changes the evidence")
	}
	traditional := qa.Weigh(pair("The file is open.", "檔案已開啟。", langs("en", "zh-Hant")))
	if traditional != traditional.WithoutWords() {
		t.Error("the lexicon of simplified Chinese speaks of traditional Chinese")
	}
}
