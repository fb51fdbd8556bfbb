package qa

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/segment"
)

// Fault is a kind of error that can be put into a good translation, to see whether
// the checks find it.
type Fault struct {
	// Name in lower case with underscores, such as "half_source".
	Name string
	// plant returns the translation with the fault; other is another segment of the
	// same text. It says false where the fault would not be one.
	plant func(in, other Input, dice *rand.Rand) (string, bool)
}

// Plant returns the segment with the fault in its translation. It says false where
// the segment has no place for it, or where it would be no fault there: "OK" may
// stay as it is.
func (f Fault) Plant(in, other Input, dice *rand.Rand) (Input, bool) {
	target, ok := f.plant(in, other, dice)
	if !ok || target == in.Target {
		return in, false
	}
	in.Target = target
	return in, true
}

// Faults are those of a self-test: what engines do wrong. A segment takes one when
//
//   - placeholder, tag: it has a field or a tag; one is dropped or renamed
//   - number: both sides have the same digits; one digit is changed
//   - untranslated: the source has four words of prose or more; options and names of
//     code stay as they are in every language
//   - third, half: the translation says as much as 60 Latin letters or more; the rest
//     is cut off at the end of a word
//   - other: both segments are so long
//   - preface: always
//   - half_source: the source has eight words or more
func Faults() []Fault {
	const third, half = 3, 2
	return []Fault{
		{Name: "placeholder", plant: breakField},
		{Name: "tag", plant: dropTag},
		{Name: "number", plant: changeNumber},
		{Name: "untranslated", plant: leaveSource},
		{Name: "third", plant: func(in, _ Input, _ *rand.Rand) (string, bool) { return cutTo(in, third) }},
		{Name: "half", plant: func(in, _ Input, _ *rand.Rand) (string, bool) { return cutTo(in, half) }},
		{Name: "other", plant: takeOther},
		{Name: "preface", plant: announce},
		{Name: "half_source", plant: leaveHalf},
	}
}

const (
	// leastUntranslated words of a source that cannot stay as they are.
	leastUntranslated = 4
	// leastCut, in tenths of a letter, of a translation that is cut, or taken for
	// another one. Shorter ones vary too much in length, and share too little.
	leastCut = 600
	// leastHalves is how many words a source has that is left as it is by half.
	leastHalves = 8
)

// placeablesOf returns the placeables of a translation that the source has too.
func placeablesOf(in Input, wanted func(placeholder.Kind) bool) []placeholder.Placeable {
	source := map[string]bool{}
	for _, p := range placeholder.Find(in.Source) {
		source[identity(p)] = true
	}
	return slices.DeleteFunc(placeholder.Find(in.Target), func(p placeholder.Placeable) bool {
		return !wanted(p.Kind) || !source[identity(p)]
	})
}

func breakField(in, _ Input, dice *rand.Rand) (string, bool) {
	fields := placeablesOf(in, func(kind placeholder.Kind) bool { return kind == placeholder.Field })
	if len(fields) == 0 {
		return "", false
	}
	p := fields[dice.IntN(len(fields))]
	with := ""
	if dice.IntN(2) == 0 {
		with = renamed(p.Text)
	}
	return in.Target[:p.Start] + with + in.Target[p.End():], true
}

// renamed gives a field another name, or another type where it has none.
func renamed(field string) string {
	if at := strings.IndexAny(field, "{(<"); at >= 0 {
		return field[:at+1] + "x" + field[at+1:]
	}
	if strings.HasSuffix(field, "s") {
		return strings.TrimSuffix(field, "s") + "d"
	}
	return field[:len(field)-1] + "s"
}

func dropTag(in, _ Input, dice *rand.Rand) (string, bool) {
	tags := placeablesOf(in, func(kind placeholder.Kind) bool {
		return kind == placeholder.OpenTag || kind == placeholder.ClosingTag || kind == placeholder.LoneTag
	})
	if len(tags) == 0 {
		return "", false
	}
	p := tags[dice.IntN(len(tags))]
	return in.Target[:p.Start] + in.Target[p.End():], true
}

// changeNumber changes a digit of a number that stands in both texts in the same
// digits, outside of placeables.
func changeNumber(in, _ Input, dice *rand.Rand) (string, bool) {
	masked := placeholder.Mask(in.Target)
	source := digitRuns(in.source().prose)
	var places []int
	for at, run := range digitRunsAt(masked.Text) {
		if slices.Contains(source, run) {
			places = append(places, at)
		}
	}
	if len(places) == 0 {
		return "", false
	}
	slices.Sort(places) // of a map
	at := places[dice.IntN(len(places))]
	const ten = 10
	digit := byte('0' + (int(masked.Text[at]-'0')+1+dice.IntN(ten-2))%ten) //nolint:gosec // a digit is 0 to 9
	changed, _ := masked.Restore(masked.Text[:at] + string(digit) + masked.Text[at+1:])
	return changed, true
}

// digitRunsAt maps the places of the runs of ASCII digits in a masked text to the
// runs; those of its tokens are left out.
func digitRunsAt(text string) map[int]string {
	found := map[int]string{}
	for at := 0; at < len(text); at++ {
		if text[at] < '0' || text[at] > '9' {
			continue
		}
		end := at
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		if !strings.HasSuffix(text[:at], "⟦") {
			found[at] = text[at:end]
		}
		at = end
	}
	return found
}

func digitRuns(text string) []string {
	var all []string
	for _, run := range digitRunsAt(text) {
		all = append(all, run)
	}
	return all
}

func leaveSource(in, _ Input, _ *rand.Rand) (string, bool) {
	isSame := in.from() == in.to()
	words, _ := countPlain(in.source().prose)
	return in.Source, !isSame && words >= leastUntranslated
}

func cutTo(in Input, share int) (string, bool) {
	if in.target().length < leastCut {
		return "", false
	}
	kept := head(in.Target, share)
	return kept, kept != ""
}

// head returns the first part of so many of a text, up to the end of a word.
func head(text string, share int) string {
	at := runeOffset(text, utf8.RuneCountInString(text)/share)
	next, _ := utf8.DecodeRuneInString(text[at:])
	if space := strings.LastIndexFunc(text[:at], unicode.IsSpace); space > at/2 && isWordRune(next) && isSpaced(next) {
		at = space
	}
	return strings.TrimSpace(text[:at])
}

// runeOffset is the byte where the nth rune begins.
func runeOffset(text string, n int) int {
	at := 0
	for range n {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

func takeOther(in, other Input, _ *rand.Rand) (string, bool) {
	fits := in.target().length >= leastCut && other.target().length >= leastCut
	return other.Target, fits && in.Source != other.Source && normal(in.Target) != normal(other.Target)
}

func leaveHalf(in, _ Input, _ *rand.Rand) (string, bool) {
	isSame := in.from() == in.to()
	if isSame || wordsOf(in) < leastHalves {
		return "", false
	}
	first := head(in.Source, 2)
	rest := strings.TrimPrefix(strings.TrimLeftFunc(in.Source, unicode.IsSpace), first)
	return head(in.Target, 2) + " " + strings.TrimSpace(rest), true
}

// announce puts a remark in front, in English or in the target language, as language
// models do that were told not to.
func announce(in, _ Input, dice *rand.Rand) (string, bool) {
	all := prefaces["en"]
	if own := prefaces[in.to()]; len(own) > 0 && dice.IntN(2) == 0 {
		all = own
	}
	return all[dice.IntN(len(all))] + in.Target, true
}

// prefaces of language models, by the language they are in.
var prefaces = map[string][]string{
	"en": {
		"Here is the translation:\n\n", "Sure! Here's the translated text:\n", "Certainly! Here is the translation you asked for: ",
		"Translation: ", "The translation is: ", "Of course. Below is the translated version:\n\n", "Okay, here you go:\n",
		"I have translated the text as follows:\n\n", "Translated text: ", "Sure, here it is: ",
	},
	"de": {"Hier ist die Übersetzung:\n\n", "Übersetzung: ", "Gerne! Die Übersetzung lautet: ", "Natürlich, hier der übersetzte Text:\n"},
	"fr": {"Voici la traduction :\n\n", "Traduction : ", "Bien sûr ! Voici le texte traduit :\n", "La traduction est la suivante : "},
	"es": {"Aquí tienes la traducción:\n\n", "Traducción: ", "¡Claro! Este es el texto traducido:\n", "La traducción es la siguiente: "},
	"it": {"Ecco la traduzione:\n\n", "Traduzione: ", "Certo! Questo è il testo tradotto:\n", "La traduzione è la seguente: "},
	"pt": {"Aqui está a tradução:\n\n", "Tradução: ", "Claro! Este é o texto traduzido:\n", "A tradução é a seguinte: "},
	"nl": {"Hier is de vertaling:\n\n", "Vertaling: ", "Natuurlijk! Dit is de vertaalde tekst:\n"},
	"pl": {"Oto tłumaczenie:\n\n", "Tłumaczenie: ", "Jasne! Przetłumaczony tekst:\n"},
	"ru": {"Вот перевод:\n\n", "Перевод: ", "Конечно! Вот переведённый текст:\n"},
	"tr": {"İşte çeviri:\n\n", "Çeviri: ", "Tabii! Çevrilmiş metin:\n"},
	"ar": {"إليك الترجمة:\n\n", "الترجمة: "},
	"ja": {"以下が翻訳です：\n\n", "翻訳：", "はい、翻訳は次のとおりです：\n", "もちろんです。翻訳結果：\n"},
	"zh": {"以下是翻译：\n\n", "翻译：", "好的，以下是译文：\n", "当然，翻译如下：\n"},
	"ko": {"번역은 다음과 같습니다:\n\n", "번역: ", "물론입니다! 번역문:\n"},
}

// wordsOf counts the words of the source, which its score is spread over.
func wordsOf(in Input) int { return segment.CountWords(placeholder.Mask(in.Source).Text) }
