package convert

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// maxTargets bounds the target languages of a batch, as the schema does.
	maxTargets = 20
	// maxGlossaries bounds the stored glossaries of a job, as the schema does. One
	// place is kept for the glossary that a batch may bring along.
	maxGlossaries = 24
)

// Brief is a checked request of POST /v1/jobs, without its languages.
type Brief struct {
	// Options of the jobs, without the inline glossary, which depends on the target
	// language.
	Options v1alpha1.JobOptions
	// Input is the source as it was sent.
	Input Input

	source v1alpha1.Source
	terms  []Term
}

// ReadBrief checks all of a request but its languages. The error is a *Fault of
// kind BadBriefing.
func ReadBrief(req CreateRequest) (Brief, error) {
	if err := needLanguages(req.SourceLang, req.TargetLang); err != nil {
		return Brief{}, err
	}
	options, err := req.jobOptions()
	if err != nil {
		return Brief{}, err
	}
	input, err := readInput(req.Text, req.Texts)
	if err != nil {
		return Brief{}, err
	}
	return Brief{Options: options, Input: input, source: input.source(), terms: req.Glossary}, nil
}

// Large lists what has to be stored before the objects are made.
func (b Brief) Large() []Large { return large([]Input{b.Input}, []*v1alpha1.Source{&b.source}) }

// needLanguages checks that the fields are there; what they say is checked later.
func needLanguages(source string, targets Targets) error {
	if source == "" {
		return briefing("source_lang", "is missing; write a language tag such as \"es\"")
	}
	if !targets.List && (len(targets.Tags) == 0 || targets.Tags[0] == "") {
		return briefing("target_lang", "is missing; write a language tag such as \"ca\", or a list of them")
	}
	return nil
}

// jobOptions checks the options and puts them into the words of the API. The
// inline glossary is checked and left out.
func (o Options) jobOptions() (v1alpha1.JobOptions, error) {
	out := v1alpha1.JobOptions{
		Domain:         o.Domain,
		Tone:           o.Tone,
		Instructions:   o.Instructions,
		StyleReference: o.StyleReference,
		TextType:       o.TextType,
		ProjectName:    o.ProjectName,
	}
	if err := checkLengths([]bounded{
		{"domain", o.Domain, 100},
		{"tone", o.Tone, 100},
		{"instructions", o.Instructions, 2000},
		{"style_reference", o.StyleReference, 8000},
		{"text_type", o.TextType, 100},
		{"project_name", o.ProjectName, 200},
	}); err != nil {
		return out, err
	}
	if o.Mode == "" {
		return out, briefing("mode", "is missing; write \"translation\" or \"creation\"")
	}
	for _, read := range []func(*v1alpha1.JobOptions) error{o.readWords, o.readGlossaries, o.readConstraints, o.checkTerms, o.readBudget} {
		if err := read(&out); err != nil {
			return out, err
		}
	}
	return out, nil
}

type bounded struct {
	field, value string
	most         int
}

func checkLengths(fields []bounded) error {
	for _, f := range fields {
		if runes := utf8.RuneCountInString(f.value); runes > f.most {
			return briefing(f.field, "is too long: it has %d characters and %d are allowed", runes, f.most)
		}
	}
	return nil
}

// Words of the wire and of the API.
var (
	modes      = words[v1alpha1.Mode]{"translation": v1alpha1.TranslationMode, "translate": v1alpha1.TranslationMode, "creation": v1alpha1.CreationMode}
	qualities  = words[v1alpha1.Quality]{"": v1alpha1.StandardQuality, "standard": v1alpha1.StandardQuality, "premium": v1alpha1.PremiumQuality}
	priorities = words[v1alpha1.GlossaryPriority]{"": v1alpha1.AccountFirst, "account_first": v1alpha1.AccountFirst, "private_first": v1alpha1.PrivateFirst}
	policies   = words[v1alpha1.InjectionPolicy]{"": v1alpha1.InjectionBlock, "off": v1alpha1.InjectionOff, "flag": v1alpha1.InjectionFlag, "block": v1alpha1.InjectionBlock}
	tiers      = words[v1alpha1.Tier]{
		"": "", "free": v1alpha1.FreeTier, "starter": v1alpha1.StarterTier, "professional": v1alpha1.ProfessionalTier,
		"business": v1alpha1.BusinessTier, "enterprise": v1alpha1.EnterpriseTier,
	}
)

type words[T ~string] map[string]T

// read sets a word of the API, or says which words there are.
func (w words[T]) read(field, word string, into *T, choices string) error {
	value, ok := w[word]
	if !ok {
		return briefing(field, "must be one of %s", choices)
	}
	*into = value
	return nil
}

func (o Options) readWords(out *v1alpha1.JobOptions) error {
	if err := modes.read("mode", o.Mode, &out.Mode, "translation, creation"); err != nil {
		return err
	}
	if err := qualities.read("quality", o.Quality, &out.Quality, "standard, premium"); err != nil {
		return err
	}
	if err := priorities.read("glossary_priority", o.GlossaryPriority, &out.GlossaryPriority, "account_first, private_first"); err != nil {
		return err
	}
	if err := policies.read("injection_policy", o.InjectionPolicy, &out.InjectionPolicy, "off, flag, block"); err != nil {
		return err
	}
	out.SourceReview = v1alpha1.SourceReviewByTier
	if o.SourceReview != nil {
		out.SourceReview = v1alpha1.SourceReviewNever
		if *o.SourceReview {
			out.SourceReview = v1alpha1.SourceReviewAlways
		}
	}
	if o.SelfTest || o.Judge {
		out.QA = &v1alpha1.QAOptions{SelfTest: v1alpha1.SelfTestDisabled, Judge: v1alpha1.JudgeDisabled}
	}
	if o.SelfTest {
		out.QA.SelfTest = v1alpha1.SelfTestEnabled
	}
	if o.Judge {
		out.QA.Judge = v1alpha1.JudgeEnabled
	}
	return tiers.read("tier", o.Tier, &out.Tier, "free, starter, professional, business, enterprise")
}

// objectName is what an id may look like so that it can name an object.
var objectName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$`)

// glossaryIDPrefix begins the ids of glossaries; an underscore cannot stand in the
// name of an object.
const (
	glossaryIDPrefix   = "gloss_"
	glossaryNamePrefix = "gloss-"
)

// GlossaryName returns the name of the object with an id. A glossary that was made
// by kubectl under another kind of name has its name as its id.
func GlossaryName(id string) (string, bool) {
	name := id
	if tail, ok := strings.CutPrefix(id, glossaryIDPrefix); ok {
		name = glossaryNamePrefix + tail
	}
	return name, objectName.MatchString(name)
}

// GlossaryID is the reverse of GlossaryName.
func GlossaryID(name string) string {
	if tail, ok := strings.CutPrefix(name, glossaryNamePrefix); ok {
		return glossaryIDPrefix + tail
	}
	return name
}

// UnknownGlossary returns the fault of an id that no glossary of the account has.
func UnknownGlossary(id string) error {
	if runes := []rune(id); len(runes) > 64 {
		id = string(runes[:64]) + "…"
	}
	return briefing("glossary_id", "%q is not the id of a glossary of this account", id)
}

func (o Options) readGlossaries(out *v1alpha1.JobOptions) error {
	ids := o.GlossaryIDs
	if o.GlossaryID != "" {
		ids = append([]string{o.GlossaryID}, ids...)
	}
	seen := map[string]bool{}
	for _, id := range ids {
		name, ok := GlossaryName(id)
		if !ok {
			return UnknownGlossary(id)
		}
		if !seen[name] {
			seen[name] = true
			out.GlossaryRefs = append(out.GlossaryRefs, v1alpha1.GlossaryReference{Name: v1alpha1.ObjectName(name)})
		}
	}
	if len(out.GlossaryRefs) > maxGlossaries {
		return briefing("glossary_ids", "names %d glossaries; %d are allowed", len(out.GlossaryRefs), maxGlossaries)
	}
	return nil
}

func (o Options) readConstraints(out *v1alpha1.JobOptions) error {
	constraints, err := readConstraints(o.Constraints, 10)
	out.Constraints = constraints
	return err
}

func (o Options) checkTerms(*v1alpha1.JobOptions) error { return checkTerms(o.Glossary) }

func (o Options) readBudget(out *v1alpha1.JobOptions) error {
	amount, err := o.MaxCostEUR.decimal()
	out.MaxCost = amount
	return err
}
