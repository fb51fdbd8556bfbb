package apertium

import "github.com/dragoman-dev/dragoman/internal/langtag"

// sentences are what a pair is tried with: short, of common words, one for each
// language that packages of Apertium translate from.
var sentences = map[string]string{
	"af":  "Die huis is groot en nuut.",
	"an":  "A casa ye gran y nueva.",
	"ar":  "البيت كبير وجديد.",
	"ast": "La casa ye grande y nueva.",
	"be":  "Дом вялікі і новы.",
	"bg":  "Къщата е голяма и нова.",
	"br":  "An ti a zo bras ha nevez.",
	"bs":  "Kuća je velika i nova.",
	"ca":  "La casa és gran i nova.",
	"cy":  "Mae'r tŷ yn fawr ac yn newydd.",
	"da":  "Huset er stort og nyt.",
	"en":  "The house is big and new.",
	"eo":  "La domo estas granda kaj nova.",
	"es":  "La casa es grande y nueva.",
	"eu":  "Etxea handia eta berria da.",
	"fr":  "La maison est grande et neuve.",
	"frp": "La mêson est granta et nôva.",
	"gl":  "A casa é grande e nova.",
	"hi":  "घर बड़ा और नया है।",
	"hr":  "Kuća je velika i nova.",
	"id":  "Rumah itu besar dan baru.",
	"is":  "Húsið er stórt og nýtt.",
	"it":  "La casa è grande e nuova.",
	"kk":  "Үй үлкен және жаңа.",
	"mk":  "Куќата е голема и нова.",
	"ms":  "Rumah itu besar dan baru.",
	"mt":  "Id-dar hija kbira u ġdida.",
	"nb":  "Huset er stort og nytt.",
	"nl":  "Het huis is groot en nieuw.",
	"nn":  "Huset er stort og nytt.",
	"no":  "Huset er stort og nytt.",
	"oc":  "L'ostal es grand e nòu.",
	"pl":  "Dom jest duży i nowy.",
	"pt":  "A casa é grande e nova.",
	"ro":  "Casa este mare și nouă.",
	"ru":  "Дом большой и новый.",
	"sc":  "Sa domo est manna e noa.",
	"se":  "Viessu lea stuoris ja ođas.",
	"sl":  "Hiša je velika in nova.",
	"sr":  "Kuća je velika i nova.",
	"sv":  "Huset är stort och nytt.",
	"szl": "Dōm je srogi i nowy.",
	"tr":  "Ev büyük ve yeni.",
	"tt":  "Йорт зур һәм яңа.",
	"uk":  "Будинок великий і новий.",
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
