package llm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// maxStarts bounds how many braces are tried as the beginning of the answer.
const maxStarts = 64

// fault is what is wrong with an answer of the model, in words of ours. Nothing of
// the answer stands in it, as the answer may quote the text.
type fault struct {
	// class of the error when the segment was asked for alone.
	class  engine.Class
	reason string
	// final says that asking the same again is of no use.
	final bool
}

// unusable makes a fault that may pass when the model is asked again.
func unusable(format string, args ...any) *fault {
	return &fault{class: engine.Transient, reason: fmt.Sprintf(format, args...)}
}

// spoiled makes a fault of one text that may pass when the model is asked again, and
// that counts as its last word on a text that it was asked for alone.
func spoiled(reason string) *fault { return &fault{class: engine.Rejected, reason: reason} }

// refused makes a fault that is the model's last word on the text.
func refused(reason string) *fault {
	return &fault{class: engine.Rejected, reason: reason, final: true}
}

// asked returns the error of a segment that was asked for with others, or alone. With
// partial the caller asks again.
func (f *fault) asked(segments int, partial bool) *engine.Error {
	class := f.class
	if segments > 1 || partial && !f.final {
		class = engine.Transient
	}
	return engine.Errorf(class, "%s", f.reason)
}

// verdict is what an answer says of one segment: a text, or what is wrong with it.
type verdict struct {
	text  string
	fault *fault
}

// item is one entry of an answer.
type item struct {
	ID   answerID `json:"id"`
	Text *string  `json:"text"`
}

// answerID takes 1 and "1": without a schema models write either.
type answerID struct {
	value int
	known bool
}

// UnmarshalJSON reads a number, or a string that holds one.
func (id *answerID) UnmarshalJSON(data []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(data), `"`))
	*id = answerID{value: n, known: err == nil}
	return nil
}

// verifier reads the answers to one exchange.
type verifier struct {
	// target is the language asked for.
	target           string
	creation, rating bool
	marks            marks
}

// read returns what a completion says of each segment, in their order. It answers
// with a fault unless every id sent is named once, in the order sent, with a text: a
// model that drops, doubles or reorders ids has lost count, and then its other texts
// may stand under the wrong id as well.
func (v verifier) read(c Completion, segments []engine.Segment) ([]verdict, *fault) {
	items, f := readItems(c, segments)
	if f != nil {
		return nil, f
	}
	if f := checkIDs(items, segments); f != nil {
		return nil, f
	}
	verdicts := make([]verdict, 0, len(items))
	for i, it := range items {
		text, f := v.text(*it.Text, segments[i])
		verdicts = append(verdicts, verdict{text: text, fault: f})
	}
	if f := checkTokens(verdicts, segments); f != nil {
		return nil, f
	}
	if f := checkNumbers(verdicts, segments); f != nil {
		return nil, f
	}
	return verdicts, nil
}

// readItems takes the entries out of a completion. When no format was asked for, the
// text of a single segment may also stand alone after a line that announces it.
func readItems(c Completion, segments []engine.Segment) ([]item, *fault) {
	switch {
	case c.Finish == CutOff:
		return nil, refused("answer was cut off at the model's output limit")
	case c.Finish == Filtered:
		return nil, refused("the provider's content filter stopped the text")
	case c.Refusal != "":
		return nil, refused("the model refused the text")
	}
	content := dropReasoning(c.Content)
	if items, found := findItems(content); found {
		return items, nil
	}
	if len(segments) == 1 {
		if refusal.MatchString(content) {
			return nil, refused("the model refused the text")
		}
		if text, ok := cutPreface(content, segments[0].Text); ok && c.Bare {
			return []item{{ID: answerID{value: segments[0].ID, known: true}, Text: &text}}, nil
		}
	}
	return nil, unusable("the model's answer is not the JSON it was asked for")
}

// dropReasoning removes the thoughts that some models write before the answer.
func dropReasoning(content string) string {
	content = strings.TrimSpace(content)
	if strings.HasPrefix(content, "<think>") {
		if _, rest, ok := strings.Cut(content, "</think>"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return content
}

// findItems finds the JSON object with the translations, alone, in a code fence or
// between sentences. Two such objects are none: one may be a draft.
func findItems(content string) ([]item, bool) {
	var items []item
	found, starts := false, 0
	for at := 0; starts < maxStarts; starts++ {
		next := strings.IndexByte(content[at:], '{')
		if next < 0 {
			break
		}
		at += next
		var answer struct {
			Translations []item `json:"translations"`
		}
		dec := json.NewDecoder(strings.NewReader(content[at:]))
		if dec.Decode(&answer) != nil || answer.Translations == nil {
			at++
			continue
		}
		if found {
			return nil, false
		}
		items, found = answer.Translations, true
		at += int(dec.InputOffset())
	}
	return items, found
}

// checkIDs compares the ids of an answer with those sent.
func checkIDs(items []item, segments []engine.Segment) *fault {
	sent := make(map[int]bool, len(segments))
	for _, s := range segments {
		sent[s.ID] = true
	}
	named := make(map[int]bool, len(items))
	for _, it := range items {
		switch {
		case !it.ID.known || !sent[it.ID.value]:
			return unusable("the model's answer names an id that was not sent")
		case named[it.ID.value]:
			return unusable("the model's answer names an id twice")
		case it.Text == nil:
			return unusable("the model's answer has an id without a text")
		}
		named[it.ID.value] = true
	}
	if len(named) < len(segments) {
		return unusable("the model's answer leaves out %d of %d segments", len(segments)-len(named), len(segments))
	}
	for i, it := range items {
		if it.ID.value != segments[i].ID {
			return unusable("the model's answer names the ids in another order")
		}
	}
	return nil
}

// token is a placeable in masked text.
var token = regexp.MustCompile(`⟦[0-9]+⟧`)

// checkTokens finds texts that stand under each other's id: a text has a placeable
// that its own segment does not have and another segment of the call does. A text
// that merely lacks one is left to the checks that follow, as is a single segment.
func checkTokens(verdicts []verdict, segments []engine.Segment) *fault {
	if len(segments) < 2 {
		return nil
	}
	own := make([][]string, 0, len(segments))
	for _, s := range segments {
		own = append(own, token.FindAllString(s.Text, -1))
	}
	for i, v := range verdicts {
		for _, t := range token.FindAllString(v.text, -1) {
			if slices.Contains(own[i], t) {
				continue
			}
			if slices.ContainsFunc(own, func(tokens []string) bool { return slices.Contains(tokens, t) }) {
				return unusable("the model's answer has the placeables of one segment in another")
			}
		}
	}
	return nil
}

// longNumber is a run of digits that two segments do not share by chance as easily as
// a single one.
var longNumber = regexp.MustCompile(`[0-9]{2,}`)

// checkNumbers finds texts that stand under each other's id by their numbers: a text
// has none of its own segment's, and all that it has are another segment's of the
// call. To be wrong here costs an exchange or two; a price under the wrong article
// costs more.
func checkNumbers(verdicts []verdict, segments []engine.Segment) *fault {
	if len(segments) < 2 {
		return nil
	}
	own := make([][]string, 0, len(segments))
	for _, s := range segments {
		own = append(own, longNumber.FindAllString(s.Text, -1))
	}
	for i, v := range verdicts {
		got := longNumber.FindAllString(v.text, -1)
		if len(own[i]) == 0 || len(got) == 0 || shares(got, own[i]) {
			continue
		}
		if slices.ContainsFunc(own, func(numbers []string) bool { return containsAll(numbers, got) }) {
			return unusable("the model's answer has the numbers of one segment in another")
		}
	}
	return nil
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// refusal is how models begin to say no, whatever the language of the text.
var refusal = regexp.MustCompile(`(?i)^\W*(i['’]?m (very )?sorry|i am sorry|sorry|i apologi[sz]e|as an ai)\b[^\n]{0,80}\b(can['’]?t|cannot|can not|unable|won['’]?t|not able)\b` +
	`|^\W*i (can['’]?t|cannot|can not|won['’]?t|am unable to|['’]m unable to) (help|assist|translate|comply|fulfil|provide|do that)`)

// refuses says whether a text is clearly the model's refusal: English where another
// language was asked for, and not the source copied. In an English translation it
// may be what the source says.
func refuses(text, source, target string) bool {
	return !isEnglish(target) && refusal.MatchString(text) && !refusal.MatchString(source)
}

func isEnglish(tag string) bool { return tag == "en" || strings.HasPrefix(tag, "en-") }

// preface is a short line that announces a translation, in the languages that
// models like to answer in. namesTranslation finds the same word anywhere.
var (
	preface          = regexp.MustCompile(`(?i)^[^\n]{0,60}(translat|übersetz|traduc|traduz|traduç|vertaling|översätt|oversett)[^\n]{0,60}[:：]\s*$`)
	namesTranslation = regexp.MustCompile(`(?i)translat|übersetz|traduc|traduz|traduç|traduï|vertaling|vertaal|översätt|oversett|oversæt|tłumacz|przekład|překl|preklad|prevod|prijevod` +
		`|fordít|käännö|çevir|terjemah|dịch|перевод|перевес|переклад|превод|μετάφρ|μεταφρ|ترجم|תרגו|अनुवाद|翻訳|訳|翻译|译|翻譯|譯|번역|แปล`)
)

// cutPreface removes a first line such as "Here is the translation:". It does so
// only where the line cannot be translated text: the source has fewer lines, and
// says nothing of a translation itself.
func cutPreface(text, source string) (string, bool) {
	first, rest, ok := strings.Cut(text, "\n")
	rest = strings.TrimSpace(rest)
	if !ok || rest == "" || !preface.MatchString(first) || namesTranslation.MatchString(source) {
		return "", false
	}
	return rest, lines(rest) == lines(source)
}

// lines counts the lines with something on them.
func lines(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}
