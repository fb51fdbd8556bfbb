package llm

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// text checks one text of an answer, and removes a preface and the white space
// around. What is wrong with a text alone says nothing against the others.
//
// It looks for what no translation can be, whatever the languages: the checks that
// need to know those are QA's.
func (v verifier) text(text string, s engine.Segment) (string, *fault) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", spoiled("the model's answer has an empty text")
	case v.rating:
		return v.rated(text)
	case strings.ContainsRune(text, utf8.RuneError) && !strings.ContainsRune(s.Text, utf8.RuneError):
		return "", spoiled("the model's answer holds characters that cannot be read")
	case v.leaks(text, s.Text):
		return "", spoiled("the model's answer repeats the prompt")
	case refuses(text, s.Text, v.target):
		return "", refused("the model refused the text")
	}
	if rest, ok := cutPreface(text, s.Text); ok {
		text = rest
	}
	if reason := v.spoils(text, s.Text); reason != "" {
		return "", spoiled(reason)
	}
	return text, nil
}

// ratingForm is one error a line, or the word none.
var ratingForm = regexp.MustCompile(`(?i)^(?:none\.?|(?:(?:minor|major|critical)[ :]+[a-z]+(?:[/ -][a-z]+){0,3}\.?\s*)+)$`)

// mostRating bounds a rating in bytes: a hundred errors are no rating but a loop.
const mostRating = 4000

// rated checks the rating of one translation.
func (v verifier) rated(text string) (string, *fault) {
	switch {
	case len(text) > mostRating:
		return "", spoiled("the model's answer repeats itself without end")
	case !ratingForm.MatchString(text):
		return "", unusable("the model's answer is no rating")
	default:
		return text, nil
	}
}

// spoils says what is in a text, or how it is, that its source gives no reason for; ""
// for nothing.
func (v verifier) spoils(text, source string) string {
	for _, sign := range []struct {
		is     func(string) bool
		reason string
	}{
		{isPage, "the model's answer has a web page in the place of a text"},
		{hasFrame, "the model's answer has parts of its own form in a text"},
		{repeats, "the model's answer repeats itself without end"},
	} {
		if sign.is(text) && !sign.is(source) {
			return sign.reason
		}
	}
	switch {
	case announces(text) && !namesTranslation.MatchString(source), !isEnglish(v.target) && offers(text) && !offers(source):
		return "the model's answer speaks about itself beside the text"
	case v.creation: // a text of any length may follow from a brief, and speak of it
		return ""
	case hasBoth(text, source):
		return "the model's answer has the text beside its translation"
	case isRunaway(text, source):
		return "the model's answer is many times as long as the text"
	default:
		return ""
	}
}

// leaks says whether a text repeats the prompt: a mark of it, or gram words in a row
// that stand in our own wording and not in the source. The words of the client
// (instructions, glossary, style) may rightly stand in a translation, and belong to
// whoever sent the text.
func (v verifier) leaks(text, source string) bool {
	if strings.Contains(text, v.marks.nonce) || strings.Contains(text, v.marks.canary) {
		return true
	}
	var known map[string]bool
	for g := range grams(text[:min(len(text), mostCompared)]) {
		if !ownWording()[g] {
			continue
		}
		if known == nil {
			known = map[string]bool{}
			for of := range grams(source) {
				known[of] = true
			}
		}
		if !known[g] {
			return true
		}
	}
	return false
}

// gram is how many words in a row show that a text was copied: two texts that know
// nothing of each other hardly ever share so many.
const gram = 7

// mostCompared is how much of a text is compared with the prompt, in bytes: the most that
// a call asks for is half of it.
const mostCompared = 64 << 10

// action is what a template fills in.
var action = regexp.MustCompile(`\{\{.*?\}\}`)

// ownWording has each gram of the prompts.
var ownWording = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	entries, err := files.ReadDir("prompts")
	if err != nil {
		panic(err) // the files are embedded
	}
	for _, entry := range entries {
		content, err := files.ReadFile("prompts/" + entry.Name())
		if err != nil {
			panic(err)
		}
		for line := range strings.Lines(string(content)) {
			for _, part := range action.Split(line, -1) {
				for g := range grams(part) {
					all[g] = true
				}
			}
		}
	}
	return all
})

// grams yields each run of gram words of a text, in lower case and without what
// stands between words.
func grams(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for i := gram; i <= len(words); i++ {
			if !yield(strings.Join(words[i-gram:i], " ")) {
				return
			}
		}
	}
}

// page is how a web page begins. Tags of a source are masked.
var page = regexp.MustCompile(`(?i)<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]`)

func isPage(text string) bool { return page.MatchString(text) }

// frame is a piece of the form of questions and answers, or of the templates that
// turn a chat into one text.
var frame = regexp.MustCompile(`"(?:translations|segments|findings)"\s*:\s*\[|\{\s*"id"\s*:\s*"?[0-9]+"?\s*,\s*"text"\s*:|<\|[a-z_]+\|>|<(?:start|end)_of_turn>|\[/INST\]`)

func hasFrame(text string) bool { return frame.MatchString(text) }

const (
	// loopTimes is how often the end of a text must follow itself to be a loop.
	loopTimes = 4
	// loopRunes is the least length of what a loop repeats in all: «ha ha ha ha» and
	// «-----» are text.
	loopRunes = 60
	// lostSpace is what the last of them may lack: the white space at the end of a text
	// is gone when it is looked at.
	lostSpace = 2
)

// repeats says whether a text ends in a loop: the same piece, of whatever length,
// loopTimes and more, the last one maybe cut short. Models that got stuck write so
// until a limit stops them. The whole of the text need not be one: the loop begins
// somewhere.
//
// It looks at the text from its end: the piece is a period of a suffix, which the
// failure function of Knuth, Morris and Pratt gives for every suffix in one pass.
func repeats(text string) bool {
	runes := []rune(text)
	if len(runes) < loopRunes {
		return false
	}
	slices.Reverse(runes)
	letter := slices.IndexFunc(runes, unicode.IsLetter)
	if letter < 0 {
		return false
	}
	border := make([]int, len(runes)+1)
	border[0] = -1
	k := -1
	for i := range runes {
		for k >= 0 && runes[k] != runes[i] {
			k = border[k]
		}
		k++
		border[i+1] = k
		length := i + 1
		period := length - k
		if length >= loopRunes && length+lostSpace >= loopTimes*period && period > letter {
			return true
		}
	}
	return false
}

const (
	// runawayFactor and runawayRunes are how long an answer may be against its source
	// before it is no translation: eight times as long, and no button of two words that
	// became a phrase. QA judges by the languages, and is stricter.
	runawayFactor = 8
	runawayRunes  = 200
)

// isRunaway says whether an answer is far longer than any translation of its source.
func isRunaway(text, source string) bool {
	return utf8.RuneCountInString(text) > runawayFactor*utf8.RuneCountInString(source)+runawayRunes
}

// announcement begins an answer on the line of its text; cutPreface takes one off that
// has a line of its own. offer ends one, in the language of the prompt.
var (
	announcement = regexp.MustCompile(`(?i)^\s*(?:(?:sure|certainly|of course|okay)\b[^\n]{0,20}\s)?(?:here(?:['’]s| is| are| you)|below is|hier ist|aquí (?:está|tienes|tiene)|voici|ecco|aqui está|aquí teniu)\b[^.\n]{0,40}(?:translat|übersetz|traduc|traduz|traduç)[^\n]{0,40}[:：]`)
	offer        = regexp.MustCompile(`(?i)(?:let me know if you|i hope (?:this|that) helps|feel free to (?:ask|let)|would you like me to)[^\n]{0,100}$`)
)

func announces(text string) bool { return announcement.MatchString(text) }

func offers(text string) bool { return offer.MatchString(text) }

// leastSource is the least length, in runes, of a source that stands in its translation
// by no chance: names and commands do.
const leastSource = 20

// hasBoth says whether an answer has the whole of a sentence and at least half as much
// beside it. An answer that is the source and nothing else may be right, and is QA's
// to judge.
func hasBoth(text, source string) bool {
	length := utf8.RuneCountInString(source)
	return length >= leastSource && strings.Count(source, " ") >= 3 && strings.Contains(text, source) &&
		utf8.RuneCountInString(text) >= length+length/2
}
