package apertium

import "github.com/dragoman-dev/dragoman/internal/langtag"

// sentences are what a pair is tried with, for each language that packages of
// Apertium translate from: common words, where possible with a clause and a
// question besides, because a tagger that crashes does so at some words only.
var sentences = map[string]string{
	"af":  "Die huis is groot en nuut. Hy het gesê dat hy môre kom. Waar is jou boek?",
	"an":  "A casa ye gran y nueva.",
	"ar":  "البيت كبير وجديد.",
	"ast": "La casa ye grande y nueva.",
	"be":  "Дом вялікі і новы. Ён сказаў, што прыйдзе заўтра. Гэта добры дзень. Дзе твая кніга?",
	"bg":  "Къщата е голяма и нова. Той каза, че ще дойде утре. Къде е твоята книга?",
	"br":  "An ti a zo bras ha nevez.",
	"bs":  "Kuća je velika i nova. Rekao je da će doći sutra. Gdje je tvoja knjiga?",
	"ca":  "La casa és gran i nova. Va dir que vindria demà. On és el teu llibre?",
	"cy":  "Mae'r tŷ yn fawr ac yn newydd.",
	"da":  "Huset er stort og nyt. Han sagde, at han kommer i morgen. Hvor er din bog?",
	"en":  "The house is big and new. He said that he would come tomorrow. Where is your book?",
	"eo":  "La domo estas granda kaj nova.",
	"es":  "La casa es grande y nueva. Dijo que vendría mañana. ¿Dónde está tu libro?",
	"eu":  "Etxea handia eta berria da.",
	"fr":  "La maison est grande et neuve. Il a dit qu'il viendrait demain. Où est ton livre ?",
	"frp": "La mêson est granta et nôva.",
	"gl":  "A casa é grande e nova. Dixo que viría mañá. Onde está o teu libro?",
	"hi":  "घर बड़ा और नया है।",
	"hr":  "Kuća je velika i nova. Rekao je da će doći sutra. Gdje je tvoja knjiga?",
	"id":  "Rumah itu besar dan baru.",
	"is":  "Húsið er stórt og nýtt. Hann sagði að hann kæmi á morgun. Hvar er bókin þín?",
	"it":  "La casa è grande e nuova. Ha detto che verrà domani. Dov'è il tuo libro?",
	"kk":  "Үй үлкен және жаңа.",
	"mk":  "Куќата е голема и нова. Тој рече дека ќе дојде утре. Каде е твојата книга?",
	"ms":  "Rumah itu besar dan baru.",
	"mt":  "Id-dar hija kbira u ġdida.",
	"nb":  "Huset er stort og nytt. Han sa at han kommer i morgen. Hvor er boken din?",
	"nl":  "Het huis is groot en nieuw. Hij zei dat hij morgen komt. Waar is je boek?",
	"nn":  "Huset er stort og nytt. Han sa at han kjem i morgon. Kvar er boka di?",
	"no":  "Huset er stort og nytt. Han sa at han kommer i morgen. Hvor er boken din?",
	"oc":  "L'ostal es grand e nòu.",
	"pl":  "Dom jest duży i nowy. Powiedział, że przyjdzie jutro. Gdzie jest twoja książka?",
	"pt":  "A casa é grande e nova. Ele disse que viria amanhã. Onde está o teu livro?",
	"ro":  "Casa este mare și nouă. A spus că va veni mâine. Unde este cartea ta?",
	"ru":  "Дом большой и новый. Он сказал, что придёт завтра. Это хороший день. Где твоя книга?",
	"sc":  "Sa domo est manna e noa.",
	"se":  "Viessu lea stuoris ja ođas.",
	"sl":  "Hiša je velika in nova. Rekel je, da bo prišel jutri. Kje je tvoja knjiga?",
	"sr":  "Kuća je velika i nova. Rekao je da će doći sutra. Gde je tvoja knjiga?",
	"sv":  "Huset är stort och nytt. Han sade att han kommer i morgon. Var är din bok?",
	"szl": "Dōm je srogi i nowy.",
	"tr":  "Ev büyük ve yeni.",
	"tt":  "Йорт зур һәм яңа.",
	"uk":  "Будинок великий і новий. Він сказав, що прийде завтра. Це добрий день. Збережіть файл, якщо у вас є питання.",
	"ur":  "گھر بڑا اور نیا ہے۔",
}

// sentenceIn returns the sentence for a language. For one that is not in the
// list it is a word that every pair leaves as it is, which still finds a pair that
// crashes or answers nothing.
func sentenceIn(tag string) string {
	if sentence, ok := sentences[langtag.Base(tag)]; ok {
		return sentence
	}
	return "Internet 2026."
}
