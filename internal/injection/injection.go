// Package injection recognises texts that give orders to a language model in place
// of being a text to translate: the third layer of the defence against prompt
// injection, behind the structure of the prompts and the checks of the answers.
//
// It is a filter and no boundary. It knows turns of phrase of many languages, and an
// order in other words passes. It is pure: it imports the standard library and
// golang.org/x/text, and neither returns nor logs what it read.
//
//	text ─▶ fold ─▶ find stems ─▶ rules with guards ─▶ votes by class ─▶ verdict
package injection

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Class is the kind of a rule that a text met.
type Class string

// The classes. A text has each of them once at most.
const (
	// Override tells the model to leave its instructions aside.
	Override Class = "override"
	// Exfiltration asks for the prompt, or what else stands around the text.
	Exfiltration Class = "exfiltration"
	// TaskSwitch asks for something else than a translation.
	TaskSwitch Class = "task_switch"
	// RolePlay gives the model another role.
	RolePlay Class = "role_play"
	// Jailbreak names a known way to switch rules off.
	Jailbreak Class = "jailbreak"
	// ChatTemplate holds the control tokens of a model.
	ChatTemplate Class = "chat_template"
	// HiddenText holds text that people cannot see.
	HiddenText Class = "hidden_text"
	// Encoded holds an order in base64 or hexadecimal digits.
	Encoded Class = "encoded"
	// ForgedTurn pretends that the text has ended, or that somebody else speaks.
	ForgedTurn Class = "forged_turn"
	// OutputOrder says what to answer.
	OutputOrder Class = "output_order"
	// Addressee speaks to a model.
	Addressee Class = "addressee"
)

// Thresholds of a verdict's score.
const (
	// FlagAt is the score from which on a text is worth a note.
	FlagAt = 0.5
	// BlockAt is the score from which on a text is kept from a language model.
	BlockAt = 0.7
)

// Verdict is what was found in a text. Its zero value says that nothing was.
type Verdict struct {
	// Score from 0 to 1: 1−Π(1−w) over the weights of the classes.
	Score float64
	// Classes that were met, the weightiest first.
	Classes []Class

	votes []vote
	// roles are those of all stems in the text.
	roles role
}

// vote is what one class says.
type vote struct {
	class  Class
	weight float64
}

// Flagged says whether the text is worth a note.
func (v Verdict) Flagged() bool { return v.Score >= FlagAt-epsilon }

// Blocked says whether the text should not go to a language model.
func (v Verdict) Blocked() bool { return v.Score >= BlockAt-epsilon }

// epsilon absorbs the rounding of the weights, which are decimal numbers.
const epsilon = 1e-9

// Bounds of one look. What a rule needs stands close together, so that a long text is
// judged in pieces; the overlap keeps an order whole that lies across a cut.
const (
	pieceBytes   = 2048
	overlapBytes = 256
)

// Detect judges one text, such as a segment. Its time is linear in the length of the
// text, whatever it holds. Of a long text the worst piece counts.
func Detect(text string) Verdict {
	var worst Verdict
	for {
		piece, rest := cut(text)
		v := judge(piece)
		v.roles |= worst.roles
		if worst.roles = v.roles; v.Score > worst.Score {
			worst = v
		}
		if rest == "" {
			return worst
		}
		text = rest
	}
}

// reach is how many sentences before and behind one count with it.
const reach = 2

// DetectSentences judges the sentences of one text, in order: an order may be spread
// over some that say little for themselves. What they say together is said of the one
// that says most, or of the first of several that do.
func DetectSentences(sentences []string) []Verdict {
	own := make([]Verdict, len(sentences))
	for i, sentence := range sentences {
		own[i] = Detect(sentence)
	}
	for i := range own[:max(0, len(own)-1)] {
		if spread(own[i].roles, own[i+1].roles) {
			own[i] = verdictOf(append(slices.Clone(own[i].votes), Detect(sentences[i]+" "+sentences[i+1]).votes...))
		}
	}
	out := slices.Clone(own)
	for i := range own {
		if own[i].Score == 0 || !leads(own, i) {
			continue
		}
		var votes []vote
		for _, near := range own[max(0, i-reach):min(len(own), i+reach+1)] {
			votes = append(votes, near.votes...)
		}
		out[i] = verdictOf(votes)
	}
	return out
}

// spread says whether two sentences together may meet a rule that neither meets alone.
func spread(one, other role) bool {
	return slices.ContainsFunc(rules, func(r rule) bool {
		return r.apart && r.within > 0 && r.met(one|other) && !r.met(one) && !r.met(other)
	})
}

// leads says whether a verdict has the highest score of those around it, and is the
// first that has.
func leads(verdicts []Verdict, at int) bool {
	for i := max(0, at-reach); i < min(len(verdicts), at+reach+1); i++ {
		if verdicts[i].Score > verdicts[at].Score || i < at && verdicts[i].Score == verdicts[at].Score {
			return false
		}
	}
	return true
}

// verdictOf counts each class once, with its highest weight.
func verdictOf(votes []vote) Verdict {
	var best []vote
	for _, v := range votes {
		at := slices.IndexFunc(best, func(b vote) bool { return b.class == v.class })
		switch {
		case at < 0:
			best = append(best, v)
		case v.weight > best[at].weight:
			best[at] = v
		}
	}
	slices.SortStableFunc(best, func(a, b vote) int {
		if a.weight != b.weight {
			if a.weight > b.weight {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a.class), string(b.class))
	})
	out := Verdict{votes: best}
	innocent := 1.0
	for _, v := range best {
		innocent *= 1 - v.weight
		out.Classes = append(out.Classes, v.class)
	}
	out.Score = 1 - innocent
	return out
}

// cut returns a piece of a text, and what follows with the overlap before it; "" when
// the piece is the rest. It cuts at a space where there is one, and never in a rune.
func cut(text string) (piece, rest string) {
	if len(text) <= pieceBytes {
		return text, ""
	}
	end := runeStart(text, pieceBytes)
	if at := strings.LastIndexByte(text[end-overlapBytes:end], ' '); at > 0 {
		end += at - overlapBytes
	}
	return text[:end], text[runeStart(text, end-overlapBytes):]
}

func runeStart(text string, at int) int {
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// judge looks at one piece.
func judge(text string) Verdict {
	folded := fold(text)
	votes, roles := look(folded.text, false)
	apart, _ := look(folded.joined, true)
	votes = append(votes, apart...)
	if folded.has("<[#") {
		votes = append(votes, tokens(folded.text)...)
	}
	if folded.has(":") {
		votes = append(votes, turns(text)...)
	}
	if folded.has("<[-=#*(") {
		votes = append(votes, closes(text)...)
	}
	votes = append(votes, hidden(folded.tagged)...)
	votes = append(votes, encoded(text)...)
	if len(votes) == 0 {
		return Verdict{roles: roles}
	}
	verdict := verdictOf(votes)
	verdict.roles = roles
	return verdict
}

// look applies the rules to folded text. It returns the roles of all stems in it as
// well.
func look(text []byte, loose bool) ([]vote, role) {
	if len(text) == 0 {
		return nil, 0
	}
	hits := words().find(text, loose)
	if len(hits) == 0 {
		return nil, 0
	}
	var roles role
	for _, h := range hits {
		roles |= h.roles
	}
	return (&scene{text: text, hits: hits}).votes(roles), roles
}
