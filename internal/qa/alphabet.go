package qa

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// alphabets are the letters beyond ASCII, in lower case, that a text in a language may
// have: those of the language, and those of loanwords that keep theirs. Written down for
// this project.
var alphabets = map[string]string{
	"en": "áàâåçéèêëíïñóôöøúüæœ",
	"de": "äöüßáàâåçéèêëíïñóôøúæœ",
	"fr": "àâæçéèêëîïôœùûüÿáíñóöúä",
	"es": "áéíóúüñçàèêöâôª",
	"it": "àèéìíîòóùúöüçñâê",
	"pt": "áâãàçéêíóôõúüñèöª",
	"nl": "áàâäçéèêëíïñóôöúüûĳ",
	"sv": "åäöéàáèêëíñóøúüæç",
	"da": "æøåéàáäçèêëíñóôöúü",
	"nb": "æøåéàáäçèêëíñóòôöúü",
	"pl": "ąćęłńóśźżáéèöüäñç",
	"cs": "áčďéěíňóřšťúůýžäöüľĺôŕłß",
	"ro": "ăâîșțşţéáàèöüç",
	"ca": "àçèéíïòóúüñáª·ŀ",
	"tr": "çğıiöşüâîûéàá",
	"hu": "áéíóöőúüűäàç",
	"fi": "äöåšžéàáèñóüæøõ",
	"id": "éèáàñü",
}

// isOdd says whether a word in lower case has a Latin letter that a language does not
// write. Of languages whose letters are not known no word is odd.
func isOdd(word, language string) bool {
	letters, known := alphabets[language]
	if !known {
		return false
	}
	return strings.ContainsFunc(word, func(r rune) bool {
		return r >= utf8.RuneSelf && unicode.Is(unicode.Latin, r) && !strings.ContainsRune(letters, r)
	})
}
