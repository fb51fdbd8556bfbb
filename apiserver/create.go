package apiserver

import (
	"context"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

const (
	// maxIdempotencyKey bounds the header, in characters.
	maxIdempotencyKey = 255
	// maxAttempts bounds how many objects of one content may have ended without a
	// result; another request for it then reads as a duplicate of the last.
	maxAttempts = 1000
	// maxRaces bounds how often a name may be found taken and then free again.
	maxRaces = 10
)

// createdUnion describes the two answers of POST /v1/jobs.
type createdUnion struct{}

// Schema describes the union.
func (createdUnion) Schema(registry huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		jsonOf(registry, convert.Created{})["application/json"].Schema,
		jsonOf(registry, convert.BatchCreated{})["application/json"].Schema,
	}}
}

// createJob answers POST /v1/jobs.
func (s *Server) createJob(c *call) (any, error) {
	var request convert.CreateRequest
	if err := convert.Decode(c.body, &request); err != nil {
		return nil, err
	}
	return s.create(c, request, func() error { return nil })
}

// createBatchText answers POST /v1/jobs/batch-text.
func (s *Server) createBatchText(c *call) (any, error) {
	var request convert.CreateRequest
	if err := convert.Decode(c.body, &request); err != nil {
		return nil, err
	}
	return s.create(c, request, func() error { return convert.NeedList(request.TargetLang) })
}

// create checks a request in the order that callers are told of, briefing before
// languages before duplicates, and makes its objects. What its Idempotency-Key has made
// before is answered once the briefing is right. The extra check is about languages.
func (s *Server) create(c *call, request convert.CreateRequest, extra func() error) (any, error) {
	brief, err := convert.ReadBrief(request)
	if err != nil {
		return nil, err
	}
	header, err := s.readHeader(c)
	if err != nil {
		return nil, err
	}
	if before, err := s.madeBefore(c, header.key); before != nil || err != nil {
		return before.answer(), err
	}
	if err := s.needGlossaries(c, brief.Options.GlossaryRefs); err != nil {
		return nil, err
	}
	if err := extra(); err != nil {
		return nil, err
	}
	languages, providers, err := s.languages(c, request.SourceLang, request.TargetLang, brief.Options.Mode)
	if err != nil {
		return nil, err
	}
	if err := refuseOrders(brief.Options, languages, providers)(brief.Input); err != nil {
		return nil, err
	}
	id := convert.Identify(c.account, header.key, c.body, brief.Content(languages))
	switch {
	case header.dryRun && languages.List:
		return s.rehearseBatch(c, id, brief.Batch(c.account, id, languages), providers)
	case header.dryRun:
		return s.rehearseJob(c, id, brief.Job(c.account, id, languages), brief.Input, providers)
	case languages.List:
		batch, jobs, err := s.makeBatch(c, id, brief.Batch(c.account, id, languages))
		if err != nil {
			return nil, err
		}
		return convert.NewBatchCreated(batch, jobs), nil
	default:
		return s.makeJob(c, id, brief.Job(c.account, id, languages), brief.Large())
	}
}

// createBatchContent answers POST /v1/jobs/batch-content.
func (s *Server) createBatchContent(c *call) (any, error) {
	var request convert.ContentRequest
	if err := convert.Decode(c.body, &request); err != nil {
		return nil, err
	}
	brief, err := convert.ReadContent(request)
	if err != nil {
		return nil, err
	}
	header, err := s.readHeader(c)
	if err != nil {
		return nil, err
	}
	if before, err := s.madeBefore(c, header.key); before != nil || err != nil {
		return before.contentAnswer(brief), err
	}
	if err := s.needGlossaries(c, brief.Options.GlossaryRefs); err != nil {
		return nil, err
	}
	languages, providers, err := s.languages(c, request.SourceLang, request.TargetLang, brief.Options.Mode)
	if err != nil {
		return nil, err
	}
	sent := brief
	if err := brief.Sieve(refuseOrders(brief.Options, languages, providers)); err != nil {
		return nil, err
	}
	// One target language or several, items make a batch.
	languages.List = true
	if total := len(brief.Items) * len(languages.Targets); total > s.Limits.BatchJobs {
		return nil, problem(http.StatusBadRequest, "%d items in %d languages are %d jobs; %d are allowed in one request.",
			len(brief.Items), len(languages.Targets), total, s.Limits.BatchJobs)
	}
	id := convert.Identify(c.account, header.key, c.body, brief.Content(languages))
	plan := brief.Batch(c.account, id, languages)
	if header.dryRun {
		dry, err := s.rehearseBatch(c, id, plan, providers)
		if err != nil {
			return nil, err
		}
		return rehearsed(dry.WithContent(brief, len(languages.Targets))), nil
	}
	batch, jobs, err := s.makeBatch(c, id, plan)
	if err != nil {
		return nil, err
	}
	return (&carriedOut{batch: batch, jobs: jobs}).contentAnswer(sent), nil
}

// creation is what a request that creates says beside its body.
type creation struct {
	// key is the Idempotency-Key; "" for none. A dry run makes nothing that could be
	// repeated and has none.
	key    string
	dryRun bool
}

func (s *Server) readHeader(c *call) (creation, error) {
	key, err := s.idempotencyKey(c)
	if err != nil {
		return creation{}, err
	}
	dryRun, err := convert.ReadDryRun(c.request.URL.Query())
	if dryRun {
		key = ""
	}
	return creation{key: key, dryRun: dryRun}, err
}

// store puts large sources where the objects will find them. When the objects cannot
// be made after all, nothing refers to what was stored here, and it is swept later.
func (s *Server) store(c *call, sources []convert.Large) error {
	return inParallel(c, len(sources), func(ctx context.Context, i int) error {
		ref, err := s.Payloads.PutInput(ctx, c.account, sources[i].Data)
		if err != nil {
			return fmt.Errorf("store a source: %w", err)
		}
		sources[i].Stored(ref)
		return nil
	})
}

func (s *Server) idempotencyKey(c *call) (string, error) {
	key := c.request.Header.Get("Idempotency-Key")
	if utf8.RuneCountInString(key) > maxIdempotencyKey {
		return "", problem(http.StatusBadRequest, "The header Idempotency-Key has more than %d characters.", maxIdempotencyKey)
	}
	return key, nil
}

// languages checks the languages of a request and that they are on offer. It returns
// the providers beside them.
func (s *Server) languages(c *call, source string, targets convert.Targets, mode v1alpha1.Mode) (convert.Languages, []candidate, error) {
	languages, err := convert.ReadLanguages(source, targets, mode)
	if err != nil {
		return languages, nil, err
	}
	providers, err := s.candidates(c)
	if err != nil {
		return languages, nil, err
	}
	return languages, providers, convert.CheckOffers(offersOf(providers), languages, mode)
}

// haveRoom refuses a request that would take the account over its bound of
// unfinished jobs.
func (s *Server) haveRoom(c *call, jobs int) error {
	if s.jobs.unfinished(c.account)+jobs <= s.Limits.UnfinishedJobs {
		return nil
	}
	refusal := problem(http.StatusTooManyRequests, "The account may have %d unfinished jobs and has %d; wait until some end.",
		s.Limits.UnfinishedJobs, s.jobs.unfinished(c.account))
	refusal.retryAfter = 30 * time.Second
	return refusal
}

// makeJob creates a single job. The name follows from the request, so of two equal
// requests at two replicas the API server lets one through; the other finds the
// first one's object.
func (s *Server) makeJob(c *call, id convert.Identity, job *v1alpha1.TranslationJob, sources []convert.Large) (any, error) {
	if err := s.refuseDuplicate(c, id); err != nil {
		return nil, err
	}
	if err := s.haveRoom(c, 1); err != nil {
		return nil, err
	}
	if err := s.store(c, sources); err != nil {
		return nil, err
	}
	races := 0
	for attempt := 1; attempt <= maxAttempts && races < maxRaces; {
		fresh := job.DeepCopy()
		fresh.Name = id.Name(attempt)
		err := s.Client.Create(c, fresh)
		if err == nil {
			s.jobs.expect(fresh, s.Clock.Now())
			return (&carriedOut{job: fresh}).answer(), nil
		}
		if !apierrors.IsAlreadyExists(err) {
			return nil, fmt.Errorf("create a job: %w", err)
		}
		earlier, err := s.readJob(c, fresh.Name)
		switch {
		case apierrors.IsNotFound(err):
			races++
		case err != nil:
			return nil, fmt.Errorf("read an earlier job: %w", err)
		case id.Keyed && earlier.DeletionTimestamp == nil:
			before, err := s.sameRequest(earlier, id)
			return before.answer(), err
		case convert.Repeatable(earlier):
			attempt++
		default:
			return nil, duplicateJob(earlier)
		}
	}
	return nil, unavailable()
}

func keyReused() *Problem {
	return problem(http.StatusUnprocessableEntity, "The Idempotency-Key was used before with another body.")
}

func duplicateJob(earlier *v1alpha1.TranslationJob) *Problem {
	out := problem(http.StatusConflict, "Duplicate content")
	out.JobID, out.Status, out.BatchID = string(earlier.UID), convert.StatusOf(earlier), convert.BatchUID(earlier)
	return out
}

// refuseDuplicate finds a live job of the same content that has another name,
// because one of the two requests has an Idempotency-Key. It looks into the index:
// between replicas it sees what is older than the watch's delay.
func (s *Server) refuseDuplicate(c *call, id convert.Identity) error {
	for _, job := range s.jobs.sameContent(c.account, id.Content) {
		if id.Names(job.Name) || convert.Repeatable(job) {
			continue
		}
		current, err := s.readJob(c, job.Name)
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("read an earlier job: %w", err)
		}
		if err == nil && current.UID == job.UID && !convert.Repeatable(current) {
			return duplicateJob(current)
		}
	}
	return nil
}

func (s *Server) readJob(c *call, name string) (*v1alpha1.TranslationJob, error) {
	job := &v1alpha1.TranslationJob{}
	err := s.Reader.Get(c, client.ObjectKey{Namespace: c.account, Name: name}, job)
	return job, err
}
