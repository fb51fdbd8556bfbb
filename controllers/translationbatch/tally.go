package translationbatch

import (
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/fanout"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// tally is what the jobs of a batch come to, and what has to be done with them.
type tally struct {
	jobs      v1alpha1.JobCounts
	languages []v1alpha1.LanguageStatus
	progress  v1alpha1.Progress
	scores    map[string]*mean // by language; "" for all
	words     int64
	billed    int64
	cost      money.Euro
	refusals  []refusal

	hidden  int                        // were made and are not seen yet
	shown   []missing                  // were made and are there now
	toMake  []missing                  // may be made now
	toRenew []*v1alpha1.TranslationJob // ask for something else than the batch does
	toSteer []*v1alpha1.TranslationJob // have another suspend or cancel
}

// missing names a job that is not there.
type missing struct {
	item     int
	language string
}

// plan is what a batch asks for, in the words of its jobs. It is the same for as long
// as the batch is, and made once: a pass looks at thousands of jobs.
type plan struct {
	hashes []string       // of each item's content
	places map[string]int // of the jobs by name: items first, and their languages in turn
	jobs   int            // how many there are to be
}

func planOf(batch *v1alpha1.TranslationBatch) *plan {
	jobs := len(batch.Spec.Items) * len(batch.Spec.TargetLanguages)
	p := &plan{places: make(map[string]int, jobs), jobs: jobs}
	for item := range batch.Spec.Items {
		p.hashes = append(p.hashes, fanout.SpecHash(batch, item))
		for l, language := range batch.Spec.TargetLanguages {
			p.places[fanout.JobName(batch.Name, item, string(language))] = item*len(batch.Spec.TargetLanguages) + l
		}
	}
	return p
}

// arrange puts jobs in their places; nil for one that is not there.
func (p *plan) arrange(jobs []*v1alpha1.TranslationJob) []*v1alpha1.TranslationJob {
	out := make([]*v1alpha1.TranslationJob, p.jobs)
	for _, job := range jobs {
		if place, ok := p.places[job.Name]; ok {
			out[place] = job
		}
	}
	return out
}

// known is what earlier passes know of a batch.
type known struct {
	plan    *plan
	refused []refusal
	made    map[missing]bool // jobs that the cache may not show yet
}

// mean is a mean of scores, weighted by words as the score of a job is.
type mean struct{ weighted, words int64 }

// count makes the tally of a batch. Jobs that were refused count as failed, and those
// that were made a moment ago as active. It is pure.
func count(batch *v1alpha1.TranslationBatch, jobs []*v1alpha1.TranslationJob, before known) tally {
	arranged := before.plan.arrange(jobs)
	t := tally{scores: map[string]*mean{"": {}}, refusals: before.refused}
	never := make(map[missing]bool, len(before.refused))
	for _, no := range before.refused {
		never[missing{item: no.item, language: no.language}] = true
	}
	for _, language := range batch.Spec.TargetLanguages {
		t.scores[string(language)] = &mean{}
		t.languages = append(t.languages, v1alpha1.LanguageStatus{Language: language})
	}
	var absent []missing
	// Items first: every language of an item is made before the next item, so that
	// all languages move on together.
	for item := range batch.Spec.Items {
		for l := range t.languages {
			t.jobs.Total++
			t.languages[l].Jobs.Total++
			m := missing{item: item, language: string(t.languages[l].Language)}
			job := arranged[item*len(t.languages)+l]
			switch {
			case job != nil:
				if before.made[m] {
					t.shown = append(t.shown, m)
				}
				t.add(job, l)
				t.order(batch, job, before.plan.hashes[item])
			case never[m]:
				t.fail(m)
			case before.made[m]:
				t.hidden++
				t.jobs.Active++
				t.languages[l].Jobs.Active++
			default:
				absent = append(absent, m)
			}
		}
	}
	t.settleAbsent(batch, absent)
	return t
}

// add counts one job.
func (t *tally) add(job *v1alpha1.TranslationJob, language int) {
	reason := outcome(job)
	for _, counts := range []*v1alpha1.JobCounts{&t.jobs, &t.languages[language].Jobs} {
		*place(counts, reason)++
	}
	if p := job.Status.Progress; p != nil {
		t.progress.Total += p.Total
		t.progress.Done += p.Done
		t.progress.FromMemory += p.FromMemory
		t.progress.Blocked += p.Blocked
		t.progress.Failed += p.Failed
		t.progress.Pending += p.Pending
	}
	if reason == "" {
		return
	}
	if job.Status.WordCount != nil {
		t.words += int64(*job.Status.WordCount)
		t.score(job, string(job.Spec.TargetLanguage))
	}
	if job.Status.BilledWords != nil {
		t.billed += int64(*job.Status.BilledWords)
	}
	if amount, err := money.Parse(job.Status.Cost); err == nil {
		t.cost += amount
	}
}

func (t *tally) score(job *v1alpha1.TranslationJob, language string) {
	score, err := qa.ParseScore(string(job.Status.QAScore))
	if err != nil {
		return // a job without a score
	}
	weight := max(int64(*job.Status.WordCount), 1)
	for _, m := range []*mean{t.scores[""], t.scores[language]} {
		if m != nil {
			m.weighted += int64(score) * weight
			m.words += weight
		}
	}
}

// order notes what has to be done with a job that is there.
func (t *tally) order(batch *v1alpha1.TranslationBatch, job *v1alpha1.TranslationJob, hash string) {
	if job.Annotations[fanout.SpecHashAnnotation] != hash {
		t.toRenew = append(t.toRenew, job)
		return
	}
	if outcome(job) != "" {
		return
	}
	// Somebody may cancel one job of a batch; the batch does not bring it back.
	toCancel := isTrue(batch.Spec.Cancel) && !isTrue(job.Spec.Cancel)
	if toCancel || isTrue(job.Spec.Suspend) != isTrue(batch.Spec.Suspend) {
		t.toSteer = append(t.toSteer, job)
	}
}

// settleAbsent decides on the jobs that are not there: none is made for a batch
// that is cancelled or suspended, and else as many as maxParallel lets.
func (t *tally) settleAbsent(batch *v1alpha1.TranslationBatch, absent []missing) {
	cancelled := isTrue(batch.Spec.Cancel)
	for _, m := range absent {
		for _, counts := range t.countsOf(m.language) {
			if cancelled {
				counts.Cancelled++
			} else {
				counts.Waiting++
			}
		}
	}
	if cancelled || isTrue(batch.Spec.Suspend) {
		return
	}
	limit := len(absent)
	if batch.Spec.MaxParallel != nil {
		limit = int(*batch.Spec.MaxParallel - t.jobs.Active)
	}
	t.toMake = absent[:max(0, min(len(absent), limit))]
}

// fail counts a job that cannot be made.
func (t *tally) fail(m missing) {
	for _, counts := range t.countsOf(m.language) {
		counts.Failed++
	}
}

// countsOf returns the counts that a job of the language stands in.
func (t *tally) countsOf(language string) []*v1alpha1.JobCounts {
	out := []*v1alpha1.JobCounts{&t.jobs}
	for l := range t.languages {
		if string(t.languages[l].Language) == language {
			out = append(out, &t.languages[l].Jobs)
		}
	}
	return out
}

// todo is how much is left to carry out.
func (t tally) todo() int { return len(t.toMake) + len(t.toRenew) + len(t.toSteer) }

// again is how soon the jobs have to be counted again without an event of one; 0 for
// not at all.
func (t tally) again(gather time.Duration) time.Duration {
	switch todo := t.todo(); {
	case todo > makePerPass:
		return time.Nanosecond // others have their turn between
	case todo > 0 || t.hidden > 0:
		return gather
	default:
		return 0
	}
}

// ended says whether no job is waiting or under way.
func (t tally) ended() bool {
	return t.jobs.Waiting == 0 && t.jobs.Active == 0 && len(t.toRenew) == 0
}

// reopens says whether a batch that has ended has another end by now, or goes on:
// somebody had a job of it run again. A batch of which jobs were deleted since keeps
// the end it had.
func (t tally) reopens(batch *v1alpha1.TranslationBatch) bool {
	return t.jobs.Waiting == 0 && batch.Status.Jobs != nil && t.jobs != *batch.Status.Jobs
}

// outcome returns the reason with which a job has ended for the spec it has, or "".
func outcome(job *v1alpha1.TranslationJob) string {
	c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.FinishedCondition)
	if c == nil || c.Status != metav1.ConditionTrue || c.ObservedGeneration != job.Generation {
		return ""
	}
	return c.Reason
}

// place returns the count for an outcome.
func place(c *v1alpha1.JobCounts, outcome string) *int32 {
	switch outcome {
	case "":
		return &c.Active
	case v1alpha1.CompletedReason:
		return &c.Completed
	case v1alpha1.CompletedWithBlocksReason:
		return &c.CompletedWithBlocks
	case v1alpha1.NeedsReviewReason:
		return &c.NeedsReview
	case v1alpha1.DeadReason:
		return &c.Dead
	case v1alpha1.CancelledReason:
		return &c.Cancelled
	default:
		return &c.Failed
	}
}

// itemOf returns the index of the item that a job was made for.
func itemOf(job *v1alpha1.TranslationJob) (int, bool) {
	item, err := strconv.Atoi(job.Annotations[v1alpha1.BatchItemAnnotation])
	return item, err == nil
}

func isTrue(b *bool) bool { return b != nil && *b }
