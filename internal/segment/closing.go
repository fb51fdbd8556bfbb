package segment

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// spacedClosing measures closing quotes and brackets, with white space behind them,
// that a text begins with. French sets a space before them (« Non ! »), so
// they are cut off; in other languages the same sign without a space opens a quote.
func spacedClosing(text string) int {
	rest := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.In(r, unicode.Pe, unicode.Pf) })
	signs := len(text) - len(rest)
	if signs == 0 {
		return 0
	}
	spaces := len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	if spaces == 0 && rest != "" {
		return 0
	}
	return signs + spaces
}

// beforeOpening returns the length of a text without the opening brackets and quotes at
// its end, when a terminator of a script without spaces, or a closing bracket or quote,
// stands right before them: UAX #29 takes every bracket behind a terminator for a
// closing one, so that it cuts 结束了。（完） behind the opening bracket. The rest is not
// shorter than limit.
func beforeOpening(text string, limit int) int {
	at := len(text)
	for at > limit {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if !unicode.In(r, unicode.Ps, unicode.Pi) {
			break
		}
		at -= size
	}
	mark, _ := utf8.DecodeLastRuneInString(text[:at])
	if isUnspaced(mark) || isWide(mark) || unicode.In(mark, unicode.Pe, unicode.Pf) {
		return at
	}
	return len(text)
}

// beforeBidi returns the length of a text without the bidi marks and the signs that open
// an embedding or isolate at its end; it is not shorter than limit. UAX #29 ignores them,
// so that it leaves them with the sentence before; what closes them is in the next.
func beforeBidi(text string, limit int) int {
	at := len(text)
	for at > limit {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if !unicode.Is(unicode.Bidi_Control, r) || r == popEmbedding || r == popIsolate {
			break
		}
		at -= size
	}
	if before, _ := utf8.DecodeLastRuneInString(text[:at]); unicode.IsSpace(before) {
		return at
	}
	return len(text) // right behind the end they are of its last sign
}

// popEmbedding and popIsolate close what the other bidi controls open.
const popEmbedding, popIsolate = '\u202c', '\u2069'

// isWide says whether a rune is of the half-width and full-width forms, as ！ and ｡ are.
func isWide(r rune) bool {
	const first, last = '\uff01', '\uff64'
	return r >= first && r <= last
}

// note is the mark of a note behind a sentence, as in "known.[1]": its inner part,
// because UAX #29 cuts behind the bracket.
var note = regexp.MustCompile(`^\d{1,3}\](?:\[\d{1,3}\])*[\s\x{a0}]*`)

// noteMarks measures the marks of notes, with the white space behind them, that a text
// begins with right behind the end of a sentence. They go with that sentence.
func noteMarks(before, text string) int {
	if bare, opened := strings.CutSuffix(before, "["); opened {
		if mark, _ := terminator(bare); isTerminator(mark) {
			return len(note.FindString(text))
		}
		return 0
	}
	rest := strings.TrimLeftFunc(text, isRaised)
	if signs := len(text) - len(rest); signs > 0 {
		return len(text) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	}
	return 0
}

// isRaised finds the raised digits ¹ ² ³ and ⁰ to ⁹.
func isRaised(r rune) bool {
	return r == '¹' || r == '²' || r == '³' || r >= '⁰' && r <= '⁹'
}

func isTerminator(r rune) bool {
	c := tailored()
	as := c.pages[r>>8][r&0xff]
	return as == classATerm || as == classSTerm
}

// quotes are the brackets of speech in Japanese and Chinese.
const quotes = "「」『』"

// speaker is who speaks, behind the speech: 她问。
var speaker = regexp.MustCompile(`^\p{Han}{1,4}?(?:问|問|说|說|道|喊|叫|答|笑)道?[。，：！]`)

// arabicSpeaker is a verb of speaking behind the speech.
var arabicSpeaker = regexp.MustCompile(`^(?:قال|سأل|صاح|أجاب|رد|همس|صرخ|أضاف|هتف|تساءل)(?:ت|وا|ا)?\s`)

// speechGoesOn says whether the sentence goes on that has a quotation with a terminator
// in it. closed says that the first part ends with the quotation.
func (r *rules) speechGoesOn(prev, next string, closed bool) bool {
	last, _ := utf8.DecodeLastRuneInString(prev)
	switch {
	case last == '》' || last == '〉':
		return true // the title of a work
	case r.lang == "ja":
		if closed && (strings.ContainsRune(quotes, last) || last == '”' || last == '"') {
			return r.hasParticle(next) // 「行こう。」と言った
		}
		return r.isQuoted(next)
	case r.lang == "ar" && closed:
		return arabicSpeaker.MatchString(next) // «من هناك؟» سأل الرجل
	case r.lang == "zh" && closed:
		said := speaker.FindString(next) // “你去哪儿？”她问。
		return said != "" && !strings.ContainsAny(said, "没沒不")
	default:
		return false
	}
}

// hasParticle says whether a Japanese text begins with a particle, and not with a word
// that begins sentences.
func (r *rules) hasParticle(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	if !unicode.Is(unicode.Hiragana, first) {
		return false
	}
	for word := range r.starter {
		if strings.HasPrefix(text, word) {
			return false
		}
	}
	return true
}

// longestQuotation bounds, in bytes, how far ahead the end of a quotation is looked for.
const longestQuotation = 600

// nextQuote returns the offset of the first of quotes, or -1. They stand in a row in
// Unicode and differ in their last byte alone.
func nextQuote(text string) int {
	const size = len("「")
	const head = size - 1
	first, last := quotes[head], quotes[len(quotes)-1]
	for at := 0; ; {
		i := strings.Index(text[at:], quotes[:head])
		if i < 0 {
			return -1
		}
		at += i
		if at+head < len(text) && text[at+head] >= first && text[at+head] <= last {
			return at
		}
		at += head
	}
}

// isQuoted says whether a Japanese text begins inside a quotation that a particle makes
// a part of its sentence: 「もう遅い。帰ろう」と言った.
func (r *rules) isQuoted(text string) bool {
	i := nextQuote(text[:min(len(text), longestQuotation)])
	if i < 0 {
		return false
	}
	sign, size := utf8.DecodeRuneInString(text[i:])
	return (sign == '」' || sign == '』') && r.hasParticle(text[i+size:])
}
