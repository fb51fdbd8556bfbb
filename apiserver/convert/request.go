package convert

import (
	"bytes"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
)

// Options are the fields that every way to create jobs has in common.
type Options struct {
	Mode             string       `json:"mode,omitempty" required:"true" enum:"translation,creation" doc:"translation renders the source; creation writes new text in the target language after the source, which is then a brief. The word translate is taken as translation."`
	Domain           string       `json:"domain,omitempty" maxLength:"100" doc:"Subject field, such as medical." example:"e-commerce"`
	Tone             string       `json:"tone,omitempty" maxLength:"100" doc:"Register, such as formal."`
	Instructions     string       `json:"instructions,omitempty" maxLength:"2000" doc:"Free words to a language model."`
	GlossaryID       string       `json:"glossary_id,omitempty" doc:"A stored glossary to follow." example:"gloss_abc23456"`
	GlossaryIDs      []string     `json:"glossary_ids,omitempty" nullable:"false" maxItems:"9" doc:"Stored glossaries to follow."`
	GlossaryPriority string       `json:"glossary_priority,omitempty" enum:"account_first,private_first" doc:"Which stored entry wins when two give the same term; account_first without it."`
	Glossary         []Term       `json:"glossary,omitempty" nullable:"false" maxItems:"200" doc:"Terms of this request alone. They win over stored ones."`
	StyleReference   string       `json:"style_reference,omitempty" maxLength:"8000" doc:"A text whose style a language model follows."`
	Constraints      []Constraint `json:"constraints,omitempty" nullable:"false" maxItems:"10" doc:"Formal limits on every segment."`
	TextType         string       `json:"text_type,omitempty" maxLength:"100" doc:"Kind of text, such as marketing."`
	Quality          string       `json:"quality,omitempty" enum:"standard,premium" doc:"standard passes at a score of 95 and bills words once; premium passes at 98 and bills them 1.5 times. standard without it."`
	Tier             string       `json:"tier,omitempty" enum:"free,starter,professional,business,enterprise" doc:"Decides whether the source is reviewed when source_review is not given: for business and enterprise it is."`
	SourceReview     *bool        `json:"source_review,omitempty" nullable:"true" doc:"Review the source text before translation, or do not; tier decides without it."`
	InjectionPolicy  string       `json:"injection_policy,omitempty" enum:"off,flag,block" doc:"What becomes of a source that reads as orders to a language model: block refuses it when the engine is one, flag leaves a note, off does not look. block without it."`
	SelfTest         bool         `json:"self_test,omitempty" doc:"Plant errors into copies of the translations, and tell in self_test of the job how many the checks catch."`
	Judge            bool         `json:"judge,omitempty" doc:"Have the language model rate each translation after the corrections; what it finds comes on top of what the checks find. Its calls cost too."`
	MaxCostEUR       Money        `json:"max_cost_eur,omitzero" doc:"The most that the request may cost, in euro: the job, or with a list of languages all jobs together. In defaults of batch-content it is the most for each job."`
	ProjectName      string       `json:"project_name,omitempty" maxLength:"200" doc:"Groups jobs; the list can be filtered by it."`
}

// CreateRequest is the body of POST /v1/jobs and POST /v1/jobs/batch-text.
type CreateRequest struct {
	Options

	SourceLang string  `json:"source_lang,omitempty" required:"true" doc:"BCP-47 tag of the source language." example:"es"`
	TargetLang Targets `json:"target_lang,omitempty" required:"true" doc:"BCP-47 tag of the target language, or a list of at most 20. A list makes a batch, also a list of one."`
	Text       *string `json:"text,omitempty" doc:"The text to translate, at most 16 MiB; it is cut into sentences. Exactly one of text and texts is given." example:"Bienvenidos a nuestra tienda."`
	Texts      []Text  `json:"texts,omitempty" nullable:"false" maxItems:"10000" doc:"Short texts to translate, each one segment, or one for each text that an ICU message chooses between; at most 16 MiB in all."`
}

// ContentRequest is the body of POST /v1/jobs/batch-content.
type ContentRequest struct {
	Mode       string        `json:"mode,omitempty" enum:"translation,creation" doc:"May also stand in defaults."`
	SourceLang string        `json:"source_lang,omitempty" required:"true" doc:"BCP-47 tag of the source language of every item." example:"es"`
	TargetLang Targets       `json:"target_lang,omitempty" required:"true" doc:"BCP-47 tag of the target language, or a list of at most 20."`
	MaxCostEUR Money         `json:"max_cost_eur,omitzero" doc:"The most that all jobs may cost together, in euro."`
	Defaults   *Options      `json:"defaults,omitempty" doc:"Options of every item."`
	Items      []ContentItem `json:"items,omitempty" required:"true" nullable:"false" minItems:"1" maxItems:"1000" doc:"What to translate; each item makes one job a target language."`
}

// ContentItem is one item of ContentRequest.
type ContentItem struct {
	Text      *string         `json:"text,omitempty" doc:"The text to translate; exactly one of text and texts is given."`
	Texts     []Text          `json:"texts,omitempty" nullable:"false" doc:"Short texts to translate, each one segment, or one for each text that an ICU message chooses between."`
	Metadata  json.RawMessage `json:"metadata,omitempty" doc:"Any JSON; it is handed back as item_metadata with the result."`
	Overrides *Overrides      `json:"overrides,omitempty" doc:"Options of this item that differ from defaults."`
}

// Overrides are the options that may differ from item to item.
type Overrides struct {
	Domain       string       `json:"domain,omitempty" maxLength:"100"`
	Tone         string       `json:"tone,omitempty" maxLength:"100"`
	Instructions string       `json:"instructions,omitempty" maxLength:"2000"`
	TextType     string       `json:"text_type,omitempty" maxLength:"100"`
	Constraints  []Constraint `json:"constraints,omitempty" nullable:"false" maxItems:"5"`

	// fixed names the options that are there and may not differ.
	fixed []string
}

// Term is an inline glossary entry, in either of its two spellings.
type Term struct {
	Source string `json:"source,omitempty" maxLength:"200" doc:"The term; goes with target." example:"carrito"`
	Target string `json:"target,omitempty" maxLength:"200" doc:"Its translation." example:"cart"`

	Term         string            `json:"term,omitempty" maxLength:"200" doc:"The term, in the spelling of stored glossaries; goes with translations."`
	Translations map[string]string `json:"translations,omitempty" doc:"Translations by language tag. An entry without one for the target language is left aside."`

	Domain                string   `json:"domain,omitempty" doc:"Limits the entry to requests of that domain."`
	ForbiddenAlternatives []string `json:"forbidden_alternatives,omitempty" nullable:"false" maxItems:"10" doc:"Translations that may not be used."`
	CaseSensitive         bool     `json:"case_sensitive,omitempty" doc:"Find the term in this letter case alone."`
	DoNotTranslate        bool     `json:"do_not_translate,omitempty" doc:"Leave the term as it is."`
	Status                string   `json:"status,omitempty" enum:"approved,pending,deprecated" doc:"Only approved entries count; approved without it."`
}

// Constraint is a formal limit on every segment.
type Constraint struct {
	Type  string          `json:"type,omitempty" required:"true" enum:"max_chars,max_words,forbidden" doc:"max_chars counts user-perceived characters."`
	Value ConstraintValue `json:"value,omitzero" doc:"The limit; for forbidden a word or a list of words."`
	Terms []string        `json:"terms,omitempty" nullable:"false" maxItems:"50" doc:"The words of forbidden, when they are not in value."`
}

// ConstraintValue is a whole number, a word or a list of words.
type ConstraintValue struct {
	Number *int32
	Words  []string
}

// UnmarshalJSON reads any of the three.
func (v *ConstraintValue) UnmarshalJSON(data []byte) error {
	*v = ConstraintValue{}
	switch {
	case isNull(data):
		return nil
	case data[0] == '"':
		v.Words = make([]string, 1)
		return json.Unmarshal(data, &v.Words[0])
	case data[0] == '[':
		if json.Unmarshal(data, &v.Words) != nil {
			return shape("constraints.value", "a whole number, or a list of words for type forbidden")
		}
		return nil
	}
	if json.Unmarshal(data, &v.Number) != nil {
		return shape("constraints.value", "a whole number, or a list of words for type forbidden")
	}
	return nil
}

// Schema describes the union.
func (ConstraintValue) Schema(huma.Registry) *huma.Schema {
	words := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeInteger, Format: "int32"}, {Type: huma.TypeString}, words}}
}

// Targets is one language tag, or a list of them.
type Targets struct {
	Tags []string
	// List says that it was a list: the answer is then a batch.
	List bool
}

// UnmarshalJSON reads either.
func (t *Targets) UnmarshalJSON(data []byte) error {
	*t = Targets{}
	switch {
	case isNull(data):
		return nil
	case data[0] == '"':
		t.Tags = make([]string, 1)
		return json.Unmarshal(data, &t.Tags[0])
	case data[0] == '[':
		t.List = true
		if json.Unmarshal(data, &t.Tags) == nil {
			return nil
		}
	}
	return shape("target_lang", "a string or a list of strings")
}

// MarshalJSON writes what UnmarshalJSON reads.
func (t Targets) MarshalJSON() ([]byte, error) {
	if !t.List && len(t.Tags) == 1 {
		return json.Marshal(t.Tags[0])
	}
	return json.Marshal(t.Tags)
}

// Schema describes the union.
func (Targets) Schema(huma.Registry) *huma.Schema {
	tag := &huma.Schema{Type: huma.TypeString}
	maxTags := maxTargets
	return &huma.Schema{OneOf: []*huma.Schema{tag, {Type: huma.TypeArray, Items: tag, MaxItems: &maxTags}}}
}

// Text is a short text, alone or with metadata.
type Text struct {
	Text string
	// Metadata is any JSON; nil for none.
	Metadata json.RawMessage
}

// UnmarshalJSON reads a string, or an object with text and metadata.
func (t *Text) UnmarshalJSON(data []byte) error {
	*t = Text{}
	if data[0] == '"' {
		return json.Unmarshal(data, &t.Text)
	}
	var object struct {
		Text     *string         `json:"text"`
		Metadata json.RawMessage `json:"metadata"`
	}
	if data[0] != '{' || json.Unmarshal(data, &object) != nil || object.Text == nil {
		return shape("texts", `a list of strings or of objects {"text", "metadata"}`)
	}
	t.Text = *object.Text
	if !isNull(object.Metadata) {
		t.Metadata = object.Metadata
	}
	return nil
}

// Schema describes the union.
func (Text) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: huma.TypeString}
	return &huma.Schema{OneOf: []*huma.Schema{text, {
		Type:       huma.TypeObject,
		Properties: map[string]*huma.Schema{"text": text, "metadata": {Description: "Any JSON; it is handed back beside the translation."}},
		Required:   []string{"text"},
	}}}
}

// UnmarshalJSON also notes the options that an item may not override.
func (o *Overrides) UnmarshalJSON(data []byte) error {
	type plain Overrides
	if err := json.Unmarshal(data, (*plain)(o)); err != nil {
		return err
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return err
	}
	for _, name := range fixedOptions {
		if value, ok := keys[name]; ok && !isNull(value) {
			o.fixed = append(o.fixed, name)
		}
	}
	return nil
}

// fixedOptions are the fields of Options that Overrides does not have. Other
// unknown keys are ignored; one of these would be missed.
var fixedOptions = []string{
	"mode", "glossary_id", "glossary_ids", "glossary_priority", "glossary", "style_reference",
	"quality", "tier", "source_review", "injection_policy", "self_test", "judge", "project_name", "max_cost_eur",
}

func isNull(data []byte) bool {
	return len(data) == 0 || bytes.Equal(data, []byte("null"))
}
