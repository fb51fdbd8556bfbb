package apiserver

import (
	"context"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/fanout"
	"github.com/dragoman-dev/dragoman/internal/glossary"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// rehearsal is the answer to a dry run. It has a status of its own, since nothing is
// accepted.
type rehearsal struct{ convert.DryRun }

func rehearsed(dry convert.DryRun) *rehearsal { return &rehearsal{DryRun: dry} }

// Code returns the status of the answer.
func (*rehearsal) Code() int { return http.StatusOK }

// rehearseJob answers a dry run of a single job.
func (s *Server) rehearseJob(c *call, id convert.Identity, job *v1alpha1.TranslationJob, input convert.Input, providers []candidate) (*rehearsal, error) {
	if err := s.haveRoom(c, 1); err != nil {
		return nil, err
	}
	duplicate, err := s.duplicateJob(c, id)
	if err != nil {
		return nil, err
	}
	e := &estimator{server: s, call: c, providers: providers}
	if err := e.add(job, input); err != nil {
		return nil, err
	}
	dry := convert.NewDryRun(e.jobs, e.estimates, "")
	dry.MaxCostEUR, dry.DuplicateOf = e.jobs[0].MaxCostEUR, duplicate
	return rehearsed(dry), nil
}

// rehearseBatch answers a dry run of a batch.
func (s *Server) rehearseBatch(c *call, id convert.Identity, plan convert.Batch, providers []candidate) (*rehearsal, error) {
	if err := s.haveRoom(c, jobsOf(plan.Object)); err != nil {
		return nil, err
	}
	duplicate, err := s.duplicateBatch(c, id)
	if err != nil {
		return nil, err
	}
	batch := plan.Named(id.Name(1))
	e := &estimator{server: s, call: c, providers: providers, own: plan.Glossary(batch)}
	for item, input := range plan.Inputs {
		for _, language := range batch.Spec.TargetLanguages {
			if err := e.add(fanout.BuildJob(batch, item, string(language)), input); err != nil {
				return nil, err
			}
		}
	}
	dry := convert.NewDryRun(e.jobs, e.estimates, batch.Spec.MaxCost)
	dry.DuplicateOf = duplicate
	return rehearsed(dry), nil
}

// duplicateJob returns what a request would be refused for as a duplicate.
func (s *Server) duplicateJob(c *call, id convert.Identity) (*convert.Duplicate, error) {
	if err := s.refuseDuplicate(c, id); err != nil {
		return duplicateIn(err)
	}
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		earlier, err := s.readJob(c, id.Name(attempt))
		switch {
		case apierrors.IsNotFound(err):
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("read an earlier job: %w", err)
		case !convert.Repeatable(earlier):
			return duplicateIn(duplicateJob(earlier))
		}
	}
	return nil, nil
}

// duplicateBatch returns what a request would be refused for as a duplicate.
func (s *Server) duplicateBatch(c *call, id convert.Identity) (*convert.Duplicate, error) {
	if err := s.refuseDuplicateBatch(c, id); err != nil {
		return duplicateIn(err)
	}
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		earlier := &v1alpha1.TranslationBatch{}
		err := s.Reader.Get(c, client.ObjectKey{Namespace: c.account, Name: id.Name(attempt)}, earlier)
		switch {
		case apierrors.IsNotFound(err):
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("read an earlier batch: %w", err)
		}
		if jobs := s.jobs.batch(earlier); !convert.BatchRepeatable(earlier, jobs) {
			return duplicateIn(duplicateBatch(earlier, jobs))
		}
	}
	return nil, nil
}

// duplicateIn returns what a refusal says of the duplicate; other errors stay what
// they are.
func duplicateIn(err error) (*convert.Duplicate, error) {
	refusal, hidden := problemOf(err)
	if hidden != nil || refusal.code != http.StatusConflict {
		return nil, err
	}
	return &convert.Duplicate{JobID: refusal.JobID, BatchID: refusal.BatchID, Status: refusal.Status}, nil
}

// estimator estimates the jobs of one request. Glossaries are read once.
type estimator struct {
	server    *Server
	call      *call
	providers []candidate
	// own is the glossary that the request would make; nil for none.
	own *v1alpha1.Glossary

	glossaries map[v1alpha1.ObjectName]v1alpha1.GlossarySpec
	jobs       []convert.DryRunJob
	estimates  []pipeline.Estimate
}

// add estimates one job, from what its run would read.
func (e *estimator) add(job *v1alpha1.TranslationJob, input convert.Input) error {
	if err := context.Cause(e.call); err != nil {
		return err
	}
	source, target := string(job.Spec.SourceLanguage), string(job.Spec.TargetLanguage)
	provider, pair, ok := chosen(e.providers, engine.Pair{Source: source, Target: target})
	if !ok {
		// The languages were checked against the same providers.
		return unavailable()
	}
	info, known := convert.EngineInfo(provider.spec, provider.status)
	prices, err := money.PricesOf(provider.spec.Prices)
	if err != nil {
		return fmt.Errorf("read the prices of %s %q: %w", provider.kind, provider.name, err)
	}
	if !known && !prices.Free() {
		refusal := problem(http.StatusServiceUnavailable,
			"Provider %q has not said yet how its engine is called, so the cost cannot be computed; try again.", provider.name)
		refusal.retryAfter = retryLater
		return refusal
	}
	terms, err := e.terms(job)
	if err != nil {
		return err
	}
	work := pipeline.Job{
		Pair: pair, SourceLanguage: source, TargetLanguage: target,
		Options: job.Spec.JobOptions, Terms: terms, Prices: prices,
	}
	work.Text, work.Texts = input.Texts()
	estimate, err := pipeline.NewEstimate(work, info)
	if err != nil {
		return problem(http.StatusBadRequest, "The job would end as failed: %s.", err)
	}
	e.estimates = append(e.estimates, estimate)
	e.jobs = append(e.jobs, convert.NewDryRunJob(job, convert.NewProvider(provider.kind, provider.name, provider.spec), estimate))
	return nil
}

// terms returns the terms of a job in order of priority.
func (e *estimator) terms(job *v1alpha1.TranslationJob) ([]glossary.Entry, error) {
	spec := job.Spec
	lists := [][]glossary.Entry{glossary.FromInline(spec.Glossary)}
	for _, ref := range spec.GlossaryRefs {
		stored, err := e.glossary(ref.Name)
		if err != nil {
			return nil, err
		}
		lists = append(lists, glossary.FromGlossary(stored, string(spec.TargetLanguage), spec.Domain))
	}
	return glossary.Merge(spec.GlossaryPriority, lists...), nil
}

// glossary reads a glossary past the cache, which has no terms.
func (e *estimator) glossary(name v1alpha1.ObjectName) (v1alpha1.GlossarySpec, error) {
	if e.own != nil && e.own.Name == string(name) {
		return e.own.Spec, nil
	}
	if spec, ok := e.glossaries[name]; ok {
		return spec, nil
	}
	var stored v1alpha1.Glossary
	err := e.server.Reader.Get(e.call, client.ObjectKey{Namespace: e.call.account, Name: string(name)}, &stored)
	if apierrors.IsNotFound(err) {
		return v1alpha1.GlossarySpec{}, convert.UnknownGlossary(convert.GlossaryID(string(name)))
	}
	if err != nil {
		return v1alpha1.GlossarySpec{}, fmt.Errorf("read a glossary: %w", err)
	}
	if e.glossaries == nil {
		e.glossaries = map[v1alpha1.ObjectName]v1alpha1.GlossarySpec{}
	}
	e.glossaries[name] = stored.Spec
	return stored.Spec, nil
}
