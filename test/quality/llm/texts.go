package llm

import (
	"regexp"
	"strconv"
	"strings"
)

// text is a source with its one right translation.
type text struct{ source, target string }

// texts are different from each other.
type texts []text

// patterns are sentences in English and German. N is a noun, # a number that stands
// in one text alone, and ⟦…⟧ a placeable.
var patterns = []text{
	{"Open the N # before you close the window.", "Öffnen Sie die N #, bevor Sie das Fenster schließen."},
	{"The N # was changed by ⟦{user}⟧ and saved again.", "Die N # wurde von ⟦{user}⟧ geändert und wieder gespeichert."},
	{"There are # new comments on the N of ⟦%s⟧.", "Es gibt # neue Kommentare zur N von ⟦%s⟧."},
	{"Please check the N with number # and send it back.", "Bitte prüfen Sie die N mit der Nummer # und senden Sie sie zurück."},
	{"You can delete the N # if nobody needs it any more.", "Sie können die N # löschen, wenn niemand sie mehr braucht."},
	{"We could not find the N # in ⟦<b>⟧your folder⟦</b>⟧.", "Wir konnten die N # in ⟦<b>⟧Ihrem Ordner⟦</b>⟧ nicht finden."},
	{"Click ⟦<a href=\"/help\">⟧here⟦</a>⟧ to see how the N # is made.", "Klicken Sie ⟦<a href=\"/help\">⟧hier⟦</a>⟧, um zu sehen, wie die N # entsteht."},
	{"Every N needs a name, and number # has none.", "Jede N braucht einen Namen, und Nummer # hat keinen."},
	{"The last N was sent on day # of the project.", "Die letzte N wurde am Tag # des Projekts gesendet."},
	{"Read the N # again when you have more time.", "Lesen Sie die N # noch einmal, wenn Sie mehr Zeit haben."},
}

// nouns are feminine in German, so that one pattern fits them all.
var nouns = []text{
	{"file", "Datei"}, {"page", "Seite"}, {"invoice", "Rechnung"}, {"message", "Nachricht"}, {"list", "Liste"},
	{"table", "Tabelle"}, {"order", "Bestellung"}, {"template", "Vorlage"}, {"group", "Gruppe"}, {"task", "Aufgabe"},
}

// makeTexts makes so many texts.
func makeTexts(n int) texts {
	const first = 101 // of numbers that nobody writes in words
	all := make(texts, 0, n)
	for i := range n {
		p, noun := patterns[i%len(patterns)], nouns[i/len(patterns)%len(nouns)]
		number := strconv.Itoa(first + i)
		all = append(all, text{source: write(p.source, noun.source, number), target: write(p.target, noun.target, number)})
	}
	return all
}

func write(pattern, noun, number string) string {
	return strings.NewReplacer("N ", noun+" ", "#", number).Replace(pattern)
}

// plain is a text as a document has it.
func plain(marked string) string { return strings.NewReplacer("⟦", "", "⟧", "").Replace(marked) }

// sources are what a job is made of.
func (t texts) sources() []string {
	var out []string
	for _, text := range t {
		out = append(out, plain(text.source))
	}
	return out
}

// token is a placeable, marked or masked.
var token = regexp.MustCompile(`⟦[^⟧]*⟧`)

// key is a masked text whatever the names of its tokens.
func key(text string) string { return token.ReplaceAllString(text, "⟦⟧") }

// dictionary has the right translation of every masked text, by its key. The
// placeables come in the same order in both.
func (t texts) dictionary() map[string]string {
	d := make(map[string]string, len(t))
	for _, text := range t {
		d[key(text.source)] = key(text.target)
	}
	return d
}

// fill puts the tokens of a source into a translation, in their order.
func fill(target, source string) string {
	tokens := token.FindAllString(source, -1)
	return token.ReplaceAllStringFunc(target, func(string) string {
		if len(tokens) == 0 {
			return ""
		}
		next := tokens[0]
		tokens = tokens[1:]
		return next
	})
}
