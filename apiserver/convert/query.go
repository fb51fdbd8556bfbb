package convert

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

const (
	defaultLimit = 20
	maxLimit     = 100
	maxProject   = 200
)

// Query is a checked request for a list of jobs.
type Query struct {
	Limit  int
	Cursor string

	status       Status
	project      string
	mode         v1alpha1.Mode
	source       string
	target       string
	batch        string
	archived     archivedFilter
	ofProject    bool
	ofBatch      bool
	withStatus   bool
	withMode     bool
	withLanguage bool
}

type archivedFilter int

const (
	onlyVisible archivedFilter = iota
	onlyArchived
	both
)

// ReadQuery checks the parameters of a list. Unknown ones are ignored, and one that
// is there and empty counts as not there. The error is a *Fault of kind BadQuery.
func ReadQuery(values url.Values) (Query, error) {
	q := Query{Limit: defaultLimit, Cursor: values.Get("cursor")}
	if limit := values.Get("limit"); limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 || n > maxLimit {
			return q, query("limit", "must be a whole number from 1 to %d", maxLimit)
		}
		q.Limit = n
	}
	for _, read := range []func(url.Values) error{q.readStatus, q.readMode, q.readLanguages, q.readGroups, q.readArchived} {
		if err := read(values); err != nil {
			return q, err
		}
	}
	return q, nil
}

// BadCursor is the fault of a cursor that was not made here.
func BadCursor() error {
	return query("cursor", "is not one that a list returned")
}

func (q *Query) readStatus(values url.Values) error {
	word := values.Get("status")
	if word == "" {
		return nil
	}
	q.status, q.withStatus = Status(word), true
	if !slices.Contains(Statuses(), q.status) {
		return query("status", "must be one of queued, processing, completed, completed_with_blocks, needs_review, failed, dead")
	}
	return nil
}

func (q *Query) readMode(values url.Values) error {
	word := values.Get("mode")
	if word == "" {
		return nil
	}
	mode, ok := modes[word]
	if !ok {
		return query("mode", "must be one of translation, creation")
	}
	q.mode, q.withMode = mode, true
	return nil
}

func (q *Query) readLanguages(values url.Values) error {
	for parameter, into := range map[string]*string{"source_lang": &q.source, "target_lang": &q.target} {
		tag := values.Get(parameter)
		if tag == "" {
			continue
		}
		canonical, err := langtag.Canonical(tag)
		if err != nil {
			return query(parameter, "is no language: %s", err)
		}
		*into, q.withLanguage = canonical, true
	}
	return nil
}

func (q *Query) readGroups(values url.Values) error {
	q.project, q.batch = values.Get("project_name"), values.Get("batch_id")
	q.ofProject, q.ofBatch = q.project != "", q.batch != ""
	if utf8.RuneCountInString(q.project) > maxProject {
		return query("project_name", "has more than %d characters", maxProject)
	}
	return nil
}

func (q *Query) readArchived(values url.Values) error {
	choice, ok := map[string]archivedFilter{"": onlyVisible, "false": onlyVisible, "true": onlyArchived, "all": both}[values.Get("archived")]
	if !ok {
		return query("archived", "must be one of true, false, all")
	}
	q.archived = choice
	return nil
}

// Matches says whether a job is in the list.
func (q Query) Matches(job *v1alpha1.TranslationJob) bool {
	switch {
	case job.DeletionTimestamp != nil,
		q.archived != both && Archived(job) != (q.archived == onlyArchived),
		q.withStatus && StatusOf(job) != q.status,
		q.ofProject && job.Spec.ProjectName != q.project,
		q.ofBatch && BatchUID(job) != q.batch,
		q.withMode && modeWord(job.Spec.Mode) != modeWord(q.mode):
		return false
	}
	return !q.withLanguage || sameLanguage(q.source, job.Spec.SourceLanguage) && sameLanguage(q.target, job.Spec.TargetLanguage)
}

func sameLanguage(wanted string, tag v1alpha1.LanguageTag) bool {
	// Jobs made over REST have canonical tags, so the costly comparison is rare.
	return wanted == "" || wanted == string(tag) || langtag.Same(wanted, string(tag))
}

// ReadWait reads how long a caller wants to wait, as "30s" or as "30". The error
// is a *Fault of kind BadQuery.
func ReadWait(value string, most time.Duration) (time.Duration, error) {
	if value == "" {
		return 0, nil
	}
	if !strings.ContainsAny(value, "hms") {
		value += "s"
	}
	wait, err := time.ParseDuration(value)
	if err != nil || wait < 0 || wait > most {
		return 0, query("wait", "must be a time from 0s to %s", most)
	}
	return wait, nil
}
