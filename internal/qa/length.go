package qa

import (
	"unicode"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// band is the range a translation's length may have, in per cent of the source's,
// from a length of the source on. Short texts vary more.
type band struct{ from, lowest, highest int }

// bands are chosen so that translations by people hardly ever leave them. They
// find text that was cut off or made up, not a poor style.
var bands = []band{
	{from: 1200, lowest: 52, highest: 190},
	{from: 600, lowest: 46, highest: 215},
	{from: 250, lowest: 38, highest: 260},
	{from: 120, lowest: 25, highest: 350},
}

// Lengths are in tenths of a Latin letter. A Han character says about as much as
// three of those, a Hangul syllable or a kana as two.
const (
	letterLength   = 10
	syllableLength = 20
	hanLength      = 30
)

// roomForShort is how long, in tenths of a letter, the translation of a source
// below all bands may be, beside four times the source: a button of two words may
// become a phrase, not a paragraph.
const roomForShort = 300

// lengthDeviation finds a translation that is far too short or too long.
func lengthDeviation(in Input) []Finding {
	source, target := length(prose(in.Source)), length(prose(in.Target))
	if source == 0 {
		return nil
	}
	for _, b := range bands {
		if source < b.from {
			continue
		}
		switch percent := target * 100 / source; {
		case percent < b.lowest:
			return []Finding{finding(LengthDeviationCheck, omissionCategory, v1alpha1.MajorSeverity,
				"the translation is much shorter than the source: %d%% of its length", percent)}
		case percent > b.highest:
			return []Finding{tooLong(percent)}
		default:
			return nil
		}
	}
	if target > 4*source+roomForShort {
		return []Finding{tooLong(target * 100 / source)}
	}
	return nil
}

func tooLong(percent int) Finding {
	return finding(LengthDeviationCheck, additionCategory, v1alpha1.MajorSeverity,
		"the translation is much longer than the source: %d%% of its length", percent)
}

// length weighs the letters and digits of a text by how much they say.
func length(text string) int {
	sum := 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			sum += hanLength
		case unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			sum += syllableLength
		case isWordRune(r):
			sum += letterLength
		}
	}
	return sum
}
