package langtag_test

import (
	"testing"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/langtag"
)

func TestScriptsWithoutSpaces(t *testing.T) {
	for r, want := range map[rune]bool{
		'a': false, 'é': false, 'ж': false, 'ع': false, 'अ': false, '한': false, '1': false, ' ': false,
		'文': true, 'ひ': true, 'カ': true, 'ก': true, 'ກ': true, 'ក': true, 'က': true, '𠀀': true,
	} {
		if got := langtag.IsUnspaced(r); got != want {
			t.Errorf("IsUnspaced(%q) = %v", r, got)
		}
	}
	for r := rune(0); r < '\u0e00'; r++ {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			t.Errorf("%U is of such a script", r)
		}
	}
}
