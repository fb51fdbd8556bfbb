package convert

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// maxItems bounds the items of a batch, as the schema does.
	maxItems = 1000
	// maxBatchBytes bounds the texts and metadata of a batch that stand in its object,
	// which etcd limits to 1.5 MiB with everything else in it. Large texts do not.
	maxBatchBytes = 1 << 20
	// maxItemConstraints bounds the constraints an item may override, as the schema
	// does.
	maxItemConstraints = 5
)

// ContentBrief is a checked request of POST /v1/jobs/batch-content, without its
// languages.
type ContentBrief struct {
	// Options of the jobs, without the inline glossary.
	Options v1alpha1.JobOptions
	// Items that are good, their sources as they were sent, and their places in the
	// request.
	Items  []v1alpha1.BatchItem
	Inputs []Input
	Places []int
	// Errors of the items that are not.
	Errors []ItemError

	terms []Term
	// maxCost of the whole batch; that of the options is each job's.
	maxCost v1alpha1.Decimal
}

// ItemError says why an item of batch-content was left out.
type ItemError struct {
	Index  int    `json:"index" doc:"Place of the item in the request, from 0."`
	Detail string `json:"detail" doc:"What is wrong with it."`
	Code   string `json:"code,omitempty" doc:"Name of the fault for programs, such as prompt_injection_detected."`
}

// ReadContent checks all of a request but its languages. An item that is wrong is
// named in Errors and left out. The error is a *Fault of kind BadBriefing; when
// every item is wrong it says so of each.
func ReadContent(req ContentRequest) (ContentBrief, error) {
	if err := needLanguages(req.SourceLang, req.TargetLang); err != nil {
		return ContentBrief{}, err
	}
	defaults := Options{}
	if req.Defaults != nil {
		defaults = *req.Defaults
	}
	if req.Mode != "" {
		defaults.Mode = req.Mode
	}
	options, err := defaults.jobOptions()
	if err != nil {
		return ContentBrief{}, err
	}
	if len(req.Items) == 0 {
		return ContentBrief{}, briefing("items", "is missing or empty; send 1 to %d items", maxItems)
	}
	if len(req.Items) > maxItems {
		return ContentBrief{}, briefing("items", "has %d entries; %d are allowed", len(req.Items), maxItems)
	}
	maxCost, err := req.MaxCostEUR.decimal()
	if err != nil {
		return ContentBrief{}, err
	}
	brief := ContentBrief{Options: options, terms: defaults.Glossary, maxCost: maxCost}
	size := 0
	for i, item := range req.Items {
		object, input, err := item.batchItem()
		if fault, ok := errors.AsType[*Fault](err); ok {
			brief.Errors = append(brief.Errors, ItemError{Index: i, Detail: fault.Detail})
			continue
		}
		size += len(item.Metadata) + input.inlineBytes()
		brief.Items = append(brief.Items, object)
		brief.Inputs = append(brief.Inputs, input)
		brief.Places = append(brief.Places, i)
	}
	if len(brief.Items) == 0 {
		return ContentBrief{}, allWrong(brief.Errors)
	}
	if size > maxBatchBytes {
		return ContentBrief{}, briefing("items", "are too long: their texts and metadata have %d bytes and %d are allowed in one batch; send several", size, maxBatchBytes)
	}
	return brief, nil
}

func allWrong(items []ItemError) error {
	fault := &Fault{Kind: BadBriefing, Code: items[0].Code, Detail: fmt.Sprintf("none of the %d items can be used; the first: %s", len(items), items[0].Detail)}
	for _, item := range items {
		fault.Fields = append(fault.Fields, Field{Location: fmt.Sprintf("body.items[%d]", item.Index), Message: item.Detail})
	}
	return fault
}

// Sieve leaves out the items that a check refuses with a *Fault. When none is left the
// error is a *Fault that says so of each; other errors of the check are returned.
func (b *ContentBrief) Sieve(check func(Input) error) error {
	kept := *b // copies of the brief keep what they have
	kept.Items, kept.Inputs, kept.Places, kept.Errors = nil, nil, nil, slices.Clone(b.Errors)
	for i, input := range b.Inputs {
		err := check(input)
		if fault, ok := errors.AsType[*Fault](err); ok {
			kept.Errors = append(kept.Errors, ItemError{Index: b.Places[i], Detail: fault.Detail, Code: fault.Code})
			continue
		}
		if err != nil {
			return err
		}
		kept.Items, kept.Inputs, kept.Places = append(kept.Items, b.Items[i]), append(kept.Inputs, input), append(kept.Places, b.Places[i])
	}
	slices.SortStableFunc(kept.Errors, func(a, b ItemError) int { return a.Index - b.Index })
	*b = kept
	if len(kept.Items) == 0 {
		return allWrong(kept.Errors)
	}
	return nil
}

func (i ContentItem) batchItem() (v1alpha1.BatchItem, Input, error) {
	input, err := readInput(i.Text, i.Texts)
	if err != nil {
		return v1alpha1.BatchItem{}, input, err
	}
	overrides, err := i.Overrides.itemOverrides()
	if err != nil {
		return v1alpha1.BatchItem{}, input, err
	}
	return v1alpha1.BatchItem{Source: input.source(), Metadata: metadata(i.Metadata), Overrides: overrides}, input, nil
}

func (o *Overrides) itemOverrides() (*v1alpha1.ItemOverrides, error) {
	if o == nil {
		return nil, nil
	}
	if len(o.fixed) > 0 {
		return nil, briefing("overrides."+o.fixed[0], "cannot differ from item to item; domain, tone, instructions, text_type and constraints can")
	}
	if err := checkLengths([]bounded{
		{"overrides.domain", o.Domain, 100},
		{"overrides.tone", o.Tone, 100},
		{"overrides.instructions", o.Instructions, 2000},
		{"overrides.text_type", o.TextType, 100},
	}); err != nil {
		return nil, err
	}
	constraints, err := readConstraints(o.Constraints, maxItemConstraints)
	if err != nil {
		return nil, err
	}
	out := v1alpha1.ItemOverrides{
		Domain: o.Domain, Tone: o.Tone, Instructions: o.Instructions, TextType: o.TextType, Constraints: constraints,
	}
	if out.Domain == "" && out.Tone == "" && out.Instructions == "" && out.TextType == "" && len(out.Constraints) == 0 {
		return nil, nil
	}
	return &out, nil
}

// Content returns what decides the output of the items.
func (b ContentBrief) Content(langs Languages) Content {
	parts := make([]ContentPart, len(b.Items))
	for i, item := range b.Items {
		parts[i] = b.Inputs[i].part(item.Overrides)
	}
	return content(b.Options, b.terms, langs, parts)
}

// Batch returns the batch of the items.
func (b ContentBrief) Batch(account string, id Identity, langs Languages) Batch {
	plan := newBatch(account, id, langs, b.Options, b.terms, b.Items)
	plan.Inputs, plan.Object.Spec.MaxCost = b.Inputs, b.maxCost
	return plan
}
