package qa

import (
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// band is the range a translation's length may have, in per cent of the length to
// be expected, from a length of the source on. Short texts vary more.
type band struct{ from, lowest, highest int }

// bands are where no more than about 1 in 200 translations by people end outside,
// measured on 176,000 strings of free software in 50 languages. They find text
// that was cut off or made up, not a poor style.
var bands = []band{
	{from: 1200, lowest: 63, highest: 150},
	{from: 600, lowest: 60, highest: 158},
	{from: 400, lowest: 56, highest: 168},
	{from: 250, lowest: 50, highest: 190},
	{from: 180, lowest: 42, highest: 235},
	{from: 120, lowest: 35, highest: 280},
}

// relative is how long texts are in a language, in per cent of the same in
// English: the medians of the same strings.
var relative = map[string]int{
	"en": 100,
	"ar": 81, "ast": 115, "be": 112, "bg": 118, "ca": 116, "cs": 107, "da": 107, "de": 122,
	"el": 127, "eo": 106, "es": 119, "et": 103, "eu": 119, "fa": 92, "fi": 115, "fr": 123,
	"gl": 116, "he": 84, "hi": 60, "hr": 110, "hu": 117, "hy": 115, "id": 114, "is": 96,
	"it": 122, "ja": 129, "ka": 114, "ko": 97, "lt": 109, "lv": 102, "mk": 115, "nb": 105,
	"nl": 117, "nn": 105, "no": 105, "oc": 122, "pl": 116, "pt": 112, "ro": 119, "ru": 117,
	"sk": 108, "sl": 106, "sr": 107, "sv": 106, "th": 88, "tr": 109, "uk": 117, "vi": 100,
	"zh": 101,
}

// relativeLength is that of languages without a measure.
const relativeLength = 110

func relativeOf(language string) int {
	if percent, ok := relative[language]; ok {
		return percent
	}
	return relativeLength
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

const (
	// gross is how many times a length is outside its band when the text is no
	// translation at all: cut down to nothing, or one that the engine went on talking in.
	gross = 2
	// longSource is the length, in tenths of a letter, from which on every length outside
	// the bands is as bad: among so many words no one fault would be seen in the score,
	// and what is missing is a page.
	longSource = 10_000
	// babble is how many times as long as a source below all bands a text may be.
	babble = 8
)

// lengthDeviation finds a translation that is far too short or too long. One that is
// not far outside, and has all the words of the source that are known, is less sure.
func lengthDeviation(in Input) []Finding {
	source, target := in.source().length, in.target().length
	expected := source * relativeOf(in.to()) / relativeOf(in.from())
	if expected == 0 {
		return nil
	}
	percent := target * 100 / expected
	for _, b := range bands {
		if source < b.from {
			continue
		}
		switch {
		case percent < b.lowest:
			return []Finding{finding(LengthDeviationCheck, omissionCategory, severityOfLength(in, b.lowest, percent),
				"the translation is much shorter than expected: %d%% of the usual length", percent)}
		case percent > b.highest:
			return []Finding{tooLong(severityOfLength(in, percent, b.highest), percent)}
		default:
			return nil
		}
	}
	switch {
	case target <= 4*source+roomForShort:
		return nil
	case target > babble*source:
		return []Finding{tooLong(v1alpha1.CriticalSeverity, percent)}
	default:
		return []Finding{tooLong(v1alpha1.MajorSeverity, percent)}
	}
}

// severityOfLength is Critical when the larger of two lengths is more than gross times
// the smaller, or when the source is long. It is Minor when the larger is not above the
// smaller by more than a third and the lexicon is sure of both halves of the source.
func severityOfLength(in Input, larger, smaller int) v1alpha1.Severity {
	const third, sure = 3, 2
	if larger > gross*smaller || in.source().length >= longSource {
		return v1alpha1.CriticalSeverity
	}
	e := in.evidence()
	if larger*third <= smaller*(third+1) && e[wordsFirst] >= sure && e[wordsSecond] >= sure {
		return v1alpha1.MinorSeverity
	}
	return v1alpha1.MajorSeverity
}

func tooLong(severity v1alpha1.Severity, percent int) Finding {
	return finding(LengthDeviationCheck, additionCategory, severity,
		"the translation is much longer than expected: %d%% of the usual length", percent)
}

// length weighs the letters and digits of a text by how much they say.
func length(text string) int {
	sum := 0
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			if isASCIIAlnum(r) {
				sum += letterLength
			}
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
