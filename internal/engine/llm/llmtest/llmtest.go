// Package llmtest reads the prompts of package llm, for the servers on the loopback
// interface that stand in for providers. It must not be linked into the product, and
// knows of package llm no more than a model does: the messages.
package llmtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Prompt is what the messages of a call say.
type Prompt struct {
	Pair             engine.Pair
	Creation, Rating bool
	Segments         []Segment
	Context          []Example
}

// Segment is a segment as the prompt states it.
type Segment struct {
	ID          int      `json:"id"`
	Text        string   `json:"text"`
	Forms       []string `json:"forms"`
	Translation string   `json:"translation"`
	Previous    string   `json:"previous"`
	Findings    []string `json:"findings"`
}

// Example is an earlier segment with its translation.
type Example struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

var (
	// translation, creation and rating are the first lines of the prompt. A tag stands in
	// brackets behind the name of its language.
	translation = regexp.MustCompile(`^You are a professional translator\. Translate from (.+?) into (.+)\.\n`)
	creation    = regexp.MustCompile(`^You are a professional writer\. Write new text in (.+?)\. Each segment is a brief(?:, written in (.+?))?:`)
	rating      = regexp.MustCompile(`^You rate translations from (.+?) into (.+) by Multidimensional Quality Metrics \(MQM\)\.\n`)
	tag         = regexp.MustCompile(`^.*\(([A-Za-z0-9-]+)\)$`)
	frame       = regexp.MustCompile(`(?s)^<<([0-9a-f]{32})\n(.*)\n([0-9a-f]{32})>>$`)
)

// Read takes the messages of a call apart. An error means that they do not have the
// form that a model is told of.
func Read(system, user string) (Prompt, error) {
	var p Prompt
	if m := translation.FindStringSubmatch(system); m != nil {
		p.Pair = engine.Pair{Source: tagOf(m[1]), Target: tagOf(m[2])}
	} else if m := rating.FindStringSubmatch(system); m != nil {
		p.Rating = true
		p.Pair = engine.Pair{Source: tagOf(m[1]), Target: tagOf(m[2])}
	} else if m := creation.FindStringSubmatch(system); m != nil {
		p.Creation = true
		p.Pair = engine.Pair{Source: tagOf(m[2]), Target: tagOf(m[1])}
	} else {
		return p, errors.New("the system message states no task")
	}
	m := frame.FindStringSubmatch(user)
	if m == nil || m[1] != m[3] {
		return p, errors.New("the user message has no markers")
	}
	var data struct {
		Segments []Segment `json:"segments"`
		Context  []Example `json:"context"`
	}
	if err := json.Unmarshal([]byte(m[2]), &data); err != nil {
		return p, fmt.Errorf("the data of the user message is not JSON: %w", err)
	}
	p.Segments, p.Context = data.Segments, data.Context
	return p, nil
}

// tagOf returns the tag in "Catalan (ca)", and a name without one as it is.
func tagOf(name string) string {
	if m := tag.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return name
}

// Reverse is a rule of translation that a test can repeat: the target tag and a
// colon, then the text with the letters of each word reversed. Digits, punctuation,
// white space and placeables stay where they are. "Save ⟦1⟧ now" into ca is
// "ca: evaS ⟦1⟧ won".
func Reverse(pair engine.Pair, text string) string {
	runes := []rune(text)
	for i := 0; i < len(runes); {
		if !unicode.IsLetter(runes[i]) {
			i++
			continue
		}
		j := i
		for j < len(runes) && (unicode.IsLetter(runes[j]) || unicode.IsMark(runes[j])) {
			j++
		}
		slices.Reverse(runes[i:j])
		i = j
	}
	return pair.Target + ": " + string(runes)
}
