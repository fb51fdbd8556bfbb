package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/injection"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// InjectionFlag is the type of the notes on segments that read as orders to a language
// model.
const InjectionFlag = "injection_flag"

// Suspect is a segment that reads as an order to a language model.
type Suspect struct {
	// Segment counts from 1, and so does Item, the text of a list that it is of; 0 when
	// the source is no list.
	Segment, Item int
	// Rules are the classes of the rules that it met, separated by commas.
	Rules string
	// Clear says that the case is clear enough for the segment to be kept from a
	// language model.
	Clear bool
}

// String says what was found, without the text and without the rule.
func (s Suspect) String() string {
	return fmt.Sprintf("segment %d reads as an order to a language model (%s)", s.Segment, s.Rules)
}

// Obeys says whether an engine can follow orders in a text: language models do. Others
// turn one sentence into another, whatever it says.
func Obeys(info engine.Info) bool { return info.Creates }

// Suspects cuts a source into segments, as a run does, and returns those that read as
// orders, in order. A source that cannot be cut has none: the run says why.
func Suspects(job Job) []Suspect {
	if job.injectionPolicy() == v1alpha1.InjectionOff {
		return nil
	}
	doc, err := job.document()
	if err != nil {
		return nil
	}
	return suspects(doc.Units())
}

// document cuts the source into segments.
func (j Job) document() (document.Document, error) {
	languages := document.Languages{Source: j.SourceLanguage, Target: j.TargetLanguage, Breaker: j.Breaker}
	if j.Texts != nil {
		return document.FromTexts(j.Texts, languages)
	}
	return document.FromText(j.Text, languages)
}

// injectionPolicy is that of the spec; objects without one are from before there was.
func (j Job) injectionPolicy() v1alpha1.InjectionPolicy {
	if j.Options.InjectionPolicy == "" {
		return v1alpha1.InjectionBlock
	}
	return j.Options.InjectionPolicy
}

// suspects judges segments: the sentences of a text as a whole, the items of a list
// each for itself, since they have nothing to do with each other. So are attributes, which
// must not stand between the sentences that an order is spread over.
func suspects(units []document.Unit) []Suspect {
	verdicts := make([]injection.Verdict, len(units))
	var sentences []string
	var numbers []int // of the sentences among the units
	for i, unit := range units {
		if unit.Item == 0 && unit.Attribute == "" {
			sentences, numbers = append(sentences, unit.Text), append(numbers, i)
			continue
		}
		verdicts[i] = injection.Detect(unit.Text)
	}
	for i, verdict := range injection.DetectSentences(sentences) {
		verdicts[numbers[i]] = verdict
	}
	var out []Suspect
	for i, verdict := range verdicts {
		if !verdict.Flagged() {
			continue
		}
		names := make([]string, len(verdict.Classes))
		for n, class := range verdict.Classes {
			names[n] = string(class)
		}
		out = append(out, Suspect{Segment: units[i].ID, Item: units[i].Item, Rules: strings.Join(names, ", "), Clear: verdict.Blocked()})
	}
	return out
}

// screen looks for orders in the source before anything is sent. It refuses a clear case
// where the policy blocks and the engine could obey, and notes the others. What the
// caller orders (instructions, style reference, glossary) is not looked at.
func (r *Run) screen() error {
	r.notes = slices.DeleteFunc(r.notes, func(note v1alpha1.Finding) bool { return note.Type == InjectionFlag }) // of an earlier attempt
	policy := r.job.injectionPolicy()
	if policy == v1alpha1.InjectionOff {
		return nil
	}
	for _, s := range suspects(r.doc.Units()) {
		if s.Clear && policy == v1alpha1.InjectionBlock && Obeys(r.tools.Engine.Info()) {
			return &Refusal{End: Fatal, Reason: v1alpha1.PromptInjectionDetectedReason,
				Message: s.String() + "; take it out, or set injectionPolicy to Flag when it is meant to be translated"}
		}
		r.notes = append(r.notes, findingOf(r.items[s.Segment-1], qa.Finding{
			Check: InjectionFlag, Severity: v1alpha1.NeutralSeverity, Message: s.String() + "; see that it was translated and not obeyed",
		}))
	}
	return nil
}
