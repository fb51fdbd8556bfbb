package convert

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// DryRun says what a request would make, when it makes nothing.
type DryRun struct {
	DryRun           bool        `json:"dry_run" doc:"Always true: nothing was created."`
	Jobs             []DryRunJob `json:"jobs" nullable:"false" doc:"One job an item and language, in the order of the request."`
	TotalJobs        int         `json:"total_jobs"`
	TotalWords       int64       `json:"total_words"`
	TotalBilledWords int64       `json:"total_billed_words"`
	// The sum of amounts that are exact to a millionth.
	TotalPlannedMaxCostEUR float64    `json:"total_planned_max_cost_eur" doc:"The most that all jobs can cost together."`
	MaxCostEUR             *float64   `json:"max_cost_eur" doc:"The bound of the request; null for none."`
	WithinBudget           bool       `json:"within_budget" doc:"Whether every job would begin, and all together fit into max_cost_eur."`
	DuplicateOf            *Duplicate `json:"duplicate_of" doc:"What the call would be refused for with 409; null for nothing."`

	Errors []ItemError `json:"errors,omitempty" nullable:"false" doc:"Items of batch-content that would be left out."`
}

// TransformSchema says that a value may be null, which a reference alone cannot.
func (DryRun) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	return orNull(schema, "duplicate_of")
}

// DryRunJob is a job that would be made.
type DryRunJob struct {
	TargetLang        string          `json:"target_lang"`
	TargetLanguage    string          `json:"target_language" doc:"The same as target_lang."`
	Index             *int            `json:"index,omitempty" doc:"Place of the item in a batch-content request, from 0."`
	Metadata          json.RawMessage `json:"metadata,omitempty" doc:"Metadata of the item in a batch-content request; null for none."`
	Provider          Provider        `json:"provider" doc:"The engine that would be chosen now."`
	Segments          int             `json:"segments"`
	Words             int32           `json:"words"`
	BilledWords       int32           `json:"billed_words" doc:"When every segment is translated."`
	PlannedMaxCostEUR float64         `json:"planned_max_cost_eur" doc:"The most that the job can cost, as it would be announced before the first call. What the translation memory has makes it less."`
	MaxCostEUR        *float64        `json:"max_cost_eur" doc:"The bound of this job alone; null for none."`
	WithinBudget      bool            `json:"within_budget" doc:"Whether the job would begin."`
}

// Duplicate is what has the same content already.
type Duplicate struct {
	JobID   string `json:"job_id,omitempty" doc:"The job, or the first one of the batch."`
	BatchID string `json:"batch_id,omitempty"`
	Status  Status `json:"status,omitempty"`
}

// NewDryRunJob returns a job that would be made.
func NewDryRunJob(job *v1alpha1.TranslationJob, provider Provider, estimate pipeline.Estimate) DryRunJob {
	return DryRunJob{
		TargetLang:        string(job.Spec.TargetLanguage),
		TargetLanguage:    string(job.Spec.TargetLanguage),
		Provider:          provider,
		Segments:          estimate.Segments,
		Words:             estimate.Words,
		BilledWords:       estimate.BilledWords,
		PlannedMaxCostEUR: euro(estimate.PlannedMax),
		MaxCostEUR:        number(job.Spec.MaxCost),
		WithinBudget:      estimate.WithinBudget,
	}
}

// NewDryRun sums up jobs that would be made. The bound is that of the batch; "" for
// none, or for a single job.
func NewDryRun(jobs []DryRunJob, estimates []pipeline.Estimate, bound v1alpha1.Decimal) DryRun {
	out := DryRun{DryRun: true, Jobs: jobs, TotalJobs: len(jobs), WithinBudget: true, MaxCostEUR: number(bound)}
	var total money.Euro
	for _, e := range estimates {
		out.TotalWords += int64(e.Words)
		out.TotalBilledWords += int64(e.BilledWords)
		out.WithinBudget = out.WithinBudget && e.WithinBudget
		total += e.PlannedMax
	}
	out.TotalPlannedMaxCostEUR = euro(total)
	if limit, err := money.Parse(bound); err == nil && bound != "" {
		out.WithinBudget = out.WithinBudget && total <= limit
	}
	return out
}

// WithContent adds what a batch-content request said of each item.
func (d DryRun) WithContent(brief ContentBrief, languages int) DryRun {
	for i := range d.Jobs {
		d.Jobs[i].Index, d.Jobs[i].Metadata = brief.said(i / languages)
	}
	d.Errors = brief.Errors
	return d
}

// euro returns an amount as a JSON number.
func euro(amount money.Euro) float64 { return float64(amount) / 1e6 }

// EngineInfo returns what plans are made from, as far as a provider's object says
// it, and whether it says enough to tell a cost.
func EngineInfo(spec v1alpha1.ProviderSpec, status v1alpha1.ProviderStatus) (engine.Info, bool) {
	info := engine.Info{
		Name:    strings.ToLower(string(spec.Type)),
		Model:   spec.Model,
		Creates: spec.Type.Creates(),
		Rates:   spec.Type.Creates(), // language models do both
		Terms:   spec.Type.Creates() || spec.Type == v1alpha1.DeepLProvider,
		Paid:    spec.Prices != nil,
	}
	can := status.Capabilities
	if can == nil {
		return info, false
	}
	info.Corrects = can.Corrections == v1alpha1.CorrectByFindings
	info.MaxSegments, info.MaxRunes = int(can.SegmentsPerCall), int(can.CharactersPerCall)
	return info, true
}

// NewProvider returns a provider as callers see it.
func NewProvider(kind v1alpha1.ProviderKind, name string, spec v1alpha1.ProviderSpec) Provider {
	out := Provider{Name: name, Kind: string(kind), Type: string(spec.Type)}
	if spec.Model != "" {
		out.Model = &spec.Model
	}
	return out
}

// ReadDryRun says whether a request that creates is to make nothing. The error is a
// *Fault of kind BadQuery.
func ReadDryRun(values url.Values) (bool, error) {
	switch values.Get("dry_run") {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, query("dry_run", "must be one of true, false")
	}
}
