package qa

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// spacing finds white space at the ends that differs from the source's, and double
// spaces that the source does not have. Fix mends both.
func spacing(in Input) []Finding {
	var findings []Finding
	if leading(in.Target) != leading(in.Source) || trailing(in.Target) != trailing(in.Source) {
		at, about := ends(in.Target, in.Source)
		findings = append(findings, finding(SpacingCheck, spacingCategory, v1alpha1.MinorSeverity,
			"the white space at the beginning or end is not that of the source").at(at).about(about))
	}
	if hasDouble(in.Target) && !hasDouble(in.Source) {
		findings = append(findings, finding(SpacingCheck, spacingCategory, v1alpha1.MinorSeverity,
			"the translation has two spaces in a row").at(in.target().double()))
	}
	return findings
}

// ends is the white space where two texts begin with another one, or else end with
// another one.
func ends(a, b string) (inA, inB Span) {
	if x, y := leading(a), leading(b); x != y {
		return Span{End: len(x)}, Span{End: len(y)}
	}
	inA, inB = Span{Start: len(a) - len(trailing(a)), End: len(a)}, Span{Start: len(b) - len(trailing(b)), End: len(b)}
	if inA.Start == inA.End {
		inA = Span{}
	}
	if inB.Start == inB.End {
		inB = Span{}
	}
	return inA, inB
}

// double is the first place that hasDouble finds.
func (r *reading) double() Span {
	at := 0
	for line := range strings.Lines(masked(r.text)) {
		within := whole(line)
		if s := first(within.of(line), "  "); s != (Span{}) {
			start := at + within.Start + s.Start
			return r.maskedSpan(Span{Start: start, End: start + len(leading(line[within.Start+s.Start:]))})
		}
		at += len(line)
	}
	return Span{}
}

func leading(text string) string {
	return text[:len(text)-len(strings.TrimLeftFunc(text, unicode.IsSpace))]
}

func trailing(text string) string {
	return text[len(strings.TrimRightFunc(text, unicode.IsSpace)):]
}

// hasDouble says whether two spaces stand between two other signs of a line,
// outside of placeables. A line may begin with as many as it likes.
func hasDouble(text string) bool {
	if !strings.Contains(text, "  ") {
		return false // nearly all
	}
	for line := range strings.Lines(masked(text)) {
		if strings.Contains(strings.TrimSpace(line), "  ") {
			return true
		}
	}
	return false
}

// Fix returns the target with the repairs that cannot do harm: the white space at
// its ends as in the source, one space for two where the source has no two, and no
// quotation marks around all of it where the source has none anywhere.
// Placeables stay as they are. Fixing twice changes nothing more.
func Fix(in Input) string {
	if strings.TrimSpace(in.Target) == "" {
		return in.Target
	}
	target := in.Target
	if strings.Contains(target, "  ") && !hasDouble(in.Source) {
		target = singleSpaces(target)
	}
	return leading(in.Source) + unquoted(in.Source, strings.TrimSpace(target)) + trailing(in.Source)
}

// unquoted takes quotation marks away that a language model has set around its
// answer: a pair at the ends, none within, and none at either end of the source.
func unquoted(source, target string) string {
	source = strings.TrimSpace(source)
	if source == "" || strings.ContainsAny(source, `"“”„«»「」`) {
		return target
	}
	for {
		first, size := utf8.DecodeRuneInString(target)
		last, width := utf8.DecodeLastRuneInString(target)
		closing := closingQuotes(first)
		if size+width >= len(target) || !strings.ContainsRune(closing, last) {
			return target
		}
		inner := target[size : len(target)-width]
		if closing == "" || strings.ContainsAny(inner, string(first)+closing) || strings.TrimSpace(inner) == "" {
			return target
		}
		target = strings.TrimSpace(inner)
	}
}

// closingQuotes are the marks that close a quotation begun with one.
func closingQuotes(opening rune) string {
	switch opening {
	case '"':
		return `"`
	case '“':
		return "”"
	case '„':
		return "“”"
	case '«':
		return "»"
	case '「':
		return "」"
	}
	return ""
}

// singleSpaces makes one space of several between two signs of a line, outside of
// placeables.
func singleSpaces(text string) string {
	masked := placeholder.Mask(text)
	var b strings.Builder
	for line := range strings.Lines(masked.Text) {
		inner := strings.TrimSpace(line)
		before, after, _ := strings.Cut(line, inner)
		b.WriteString(before)
		for strings.Contains(inner, "  ") {
			inner = strings.ReplaceAll(inner, "  ", " ")
		}
		b.WriteString(inner)
		b.WriteString(after)
	}
	fixed, _ := masked.Restore(b.String())
	return fixed
}

// ending is a kind of punctuation at the end of a text.
type ending string

const (
	noEnding    ending = "no end mark"
	fullStop    ending = "a full stop"
	question    ending = "a question mark"
	exclamation ending = "an exclamation mark"
	colon       ending = "a colon"
	ellipsis    ending = "an ellipsis"
)

// endPunctuation compares how both texts end.
func endPunctuation(in Input) []Finding {
	want, got := endingOf(in.Source, in.from()), endingOf(in.Target, in.to())
	if want == got || skipsFullStop(in.from(), in.to()) && (want == fullStop || got == fullStop) {
		return nil
	}
	return []Finding{finding(PunctuationCheck, punctuationCategory, v1alpha1.MinorSeverity,
		"the source ends with %s, the translation with %s", want, got).
		at(in.target().endMark(got)).about(in.source().endMark(want))}
}

// endMark is where the mark stands that a text ends with.
func (r *reading) endMark(mark ending) Span {
	if mark == noEnding {
		return Span{}
	}
	end := len(r.text)
	for _, p := range slices.Backward(r.placeables) {
		if rest := strings.TrimRightFunc(r.text[:end], isBehindEnd); p.End() != len(rest) || !isTag(p) {
			break
		}
		end = p.Start
	}
	end = len(strings.TrimRightFunc(r.text[:end], isBehindEnd))
	start := len(strings.TrimRight(r.text[:end], ".。"))
	if mark != ellipsis || start == end {
		_, size := utf8.DecodeLastRuneInString(r.text[:end])
		start = end - size
	}
	return Span{Start: start, End: end}
}

// isBehindEnd finds what may stand behind the mark at an end.
func isBehindEnd(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Pe, unicode.Pf, unicode.Pi) || strings.ContainsRune("\"'*_`", r)
}

func isTag(p placeholder.Placeable) bool {
	return p.Kind == placeholder.OpenTag || p.Kind == placeholder.ClosingTag || p.Kind == placeholder.LoneTag
}

// skipsFullStop says whether one of the languages sets a space where others set a
// full stop.
func skipsFullStop(languages ...string) bool {
	for _, language := range languages {
		switch language {
		case "th", "lo", "km", "my":
			return true
		}
	}
	return false
}

// withoutTags takes the tags out of a text, and sets a letter for other placeables.
func withoutTags(text string) string {
	var b strings.Builder
	at := 0
	for _, p := range placeholder.Find(text) {
		b.WriteString(text[at:p.Start])
		if !isTag(p) {
			b.WriteByte('X')
		}
		at = p.End()
	}
	b.WriteString(text[at:])
	return b.String()
}

// endingOf names the mark a text ends with. Quotes, brackets, tags and white space
// behind it do not count; a field counts as a word.
func endingOf(text, language string) ending {
	text = strings.TrimRightFunc(withoutTags(text), isBehindEnd)
	if strings.HasSuffix(text, "...") || strings.HasSuffix(text, "。。。") {
		return ellipsis
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	switch last {
	case '.', '。', '．', '｡', '।', '։', '۔', '።':
		return fullStop
	case '?', '？', '؟', '՞', '\u037e', '⸮':
		return question
	case ';':
		if language == "el" {
			return question
		}
	case '!', '！', '՜':
		return exclamation
	case ':', '：':
		return colon
	case '…', '⋯':
		return ellipsis
	}
	return noEnding
}
