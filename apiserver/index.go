package apiserver

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

// index keeps the jobs of every account in the order of their creation, so that a
// page of a list costs no request to the API server.
type index struct {
	*shelf[*v1alpha1.TranslationJob]

	// accounts is guarded by the shelf's lock.
	accounts map[string]*account
}

// account is what the index knows of one namespace.
type account struct {
	// jobs are ordered oldest first, so that a new one is appended, unless unsorted
	// says otherwise. Among them are places of jobs that are gone: dead counts them.
	jobs     []position
	unsorted bool
	dead     int
	// unfinished counts the jobs that have not ended.
	unfinished int
	// waiting are those that have not begun.
	waiting line
	// ofBatch finds jobs by the uid of their batch.
	ofBatch map[types.UID]map[types.UID]bool
	// ofContent finds jobs by the hash of their content, of which the beginning will
	// do. Nearly always it is one job.
	ofContent map[contentKey][]types.UID
}

// position is a job's place in the order of creation; the uid breaks ties, since
// creation times are whole seconds.
type position struct {
	created int64
	uid     types.UID
}

func (p position) compare(q position) int {
	if c := cmp.Compare(p.created, q.created); c != 0 {
		return c
	}
	return cmp.Compare(p.uid, q.uid)
}

func positionOf(job *v1alpha1.TranslationJob) position {
	return position{created: job.CreationTimestamp.Unix(), uid: job.UID}
}

func newIndex() *index {
	idx := &index{accounts: map[string]*account{}}
	idx.shelf = newShelf(keepJob, idx.record)
	return idx
}

// record keeps the accounts in step with the shelf. Of a job that changes its
// beginning, its end and its priority matter: the rest of what is recorded here never
// changes.
func (x *index) record(uid types.UID, old, current **v1alpha1.TranslationJob) {
	switch {
	case old == nil:
		x.account((*current).Namespace).add(*current)
	case current == nil:
		namespace := (*old).Namespace
		acc := x.account(namespace)
		acc.drop(*old, uid)
		if acc.dead >= len(acc.jobs) {
			delete(x.accounts, namespace)
		}
	default:
		acc := x.account((*current).Namespace)
		acc.unfinished += open(*current) - open(*old)
		acc.line(*old, *current)
	}
}

// line keeps the line of the jobs that wait in step. Either job may be absent.
func (a *account) line(old, current *v1alpha1.TranslationJob) {
	stood, stands := old != nil && convert.InLine(old), current != nil && convert.InLine(current)
	if stood && stands && placeOf(old) == placeOf(current) {
		return
	}
	if stood {
		a.waiting.leave(placeOf(old))
	}
	if stands {
		a.waiting.join(placeOf(current))
	}
}

// place returns where a job stands in the line of its account, from 1.
func (x *index) place(job *v1alpha1.TranslationJob) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	acc, ok := x.accounts[job.Namespace]
	if !ok {
		return 1
	}
	return acc.waiting.rank(placeOf(job)) + 1
}

func (x *index) account(namespace string) *account {
	acc, ok := x.accounts[namespace]
	if !ok {
		acc = &account{ofBatch: map[types.UID]map[types.UID]bool{}, ofContent: map[contentKey][]types.UID{}}
		x.accounts[namespace] = acc
	}
	return acc
}

// nearEnd is how far from the end a place may be for a job to be put into it at
// once. Jobs come in about the order of their creation, but not when the index is
// filled for the first time: to put each of n jobs into its place would then move
// n²/4 places, which is a minute for some 200 000 jobs. Sorting them once is not.
const nearEnd = 4096

func (a *account) add(job *v1alpha1.TranslationJob) {
	at := positionOf(job)
	switch n := len(a.jobs); {
	case n == 0 || a.jobs[n-1].compare(at) < 0:
		a.jobs = append(a.jobs, at)
	case !a.unsorted && a.jobs[max(0, n-nearEnd)].compare(at) < 0:
		i, found := slices.BinarySearchFunc(a.jobs, at, position.compare)
		if found {
			// It was taken for deleted, and its place is still there.
			a.dead--
			break
		}
		a.jobs = slices.Insert(a.jobs, i, at)
	default:
		a.jobs = append(a.jobs, at)
		a.unsorted = true
	}
	a.unfinished += open(job)
	a.line(nil, job)
	if batch := convert.BatchUID(job); batch != "" {
		join(a.ofBatch, types.UID(batch), job.UID)
	}
	if content := job.Annotations[convert.ContentAnnotation]; content != "" {
		key := keyOf(content)
		a.ofContent[key] = slices.Clip(append(a.ofContent[key], job.UID))
	}
}

// drop forgets a job. Its place stays until the next tidying up, so that a deletion
// moves nothing.
func (a *account) drop(job *v1alpha1.TranslationJob, uid types.UID) {
	a.dead++
	a.unfinished -= open(job)
	a.line(job, nil)
	leave(a.ofBatch, types.UID(convert.BatchUID(job)), uid)
	key := keyOf(job.Annotations[convert.ContentAnnotation])
	a.ofContent[key] = slices.DeleteFunc(a.ofContent[key], func(other types.UID) bool { return other == uid })
	if len(a.ofContent[key]) == 0 {
		delete(a.ofContent, key)
	}
}

// contentKey is the beginning of a hash of content.
type contentKey [12]byte

func keyOf(content string) (key contentKey) {
	copy(key[:], content)
	return key
}

// untidy says whether the places have to be sorted, or cleared of dead ones.
func (a *account) untidy() bool { return a.unsorted || a.dead > nearEnd && a.dead > len(a.jobs)/2 }

// tidy sorts the places and clears the dead ones.
func (a *account) tidy(alive func(types.UID) bool) {
	a.jobs = slices.DeleteFunc(a.jobs, func(at position) bool { return !alive(at.uid) })
	slices.SortFunc(a.jobs, position.compare)
	a.jobs = slices.Compact(a.jobs)
	a.unsorted, a.dead = false, 0
}

func join(groups map[types.UID]map[types.UID]bool, key, uid types.UID) {
	if groups[key] == nil {
		groups[key] = map[types.UID]bool{}
	}
	groups[key][uid] = true
}

func leave(groups map[types.UID]map[types.UID]bool, key, uid types.UID) {
	delete(groups[key], uid)
	if len(groups[key]) == 0 {
		delete(groups, key)
	}
}

func open(job *v1alpha1.TranslationJob) int {
	if convert.Ended(job) {
		return 0
	}
	return 1
}

// unfinished returns how many jobs of an account have not ended.
func (x *index) unfinished(namespace string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if acc, ok := x.accounts[namespace]; ok {
		return acc.unfinished
	}
	return 0
}

// page returns up to limit jobs of an account that match, newest first, after a
// position (nil for the start), and the position to go on from (nil at the end).
func (x *index) page(namespace string, after *position, limit int, matches func(*v1alpha1.TranslationJob) bool) ([]*v1alpha1.TranslationJob, *position) {
	var out []*v1alpha1.TranslationJob
	for {
		// One more than the page holds tells whether there is another page.
		found, reached := x.scan(namespace, after, limit+1-len(out), matches)
		out = append(out, found...)
		if len(out) > limit {
			last := positionOf(out[limit-1])
			return out[:limit], &last
		}
		if reached == nil {
			return out, nil
		}
		after = reached
	}
}

// maxScan bounds how many jobs are looked at under one lock, so that a filter that
// hardly anything matches does not hold up those who write.
const maxScan = 4096

// scan returns up to limit jobs that match among the next maxScan, and how far it
// came (nil at the end).
func (x *index) scan(namespace string, after *position, limit int, matches func(*v1alpha1.TranslationJob) bool) ([]*v1alpha1.TranslationJob, *position) {
	x.readTidy(namespace)
	defer x.mu.RUnlock()
	acc, ok := x.accounts[namespace]
	if !ok {
		return nil, nil
	}
	end := len(acc.jobs)
	if after != nil {
		end, _ = slices.BinarySearchFunc(acc.jobs, *after, position.compare)
	}
	var out []*v1alpha1.TranslationJob
	for i, at := range slices.Backward(acc.jobs[:end]) {
		if lean, alive := x.objects[at.uid]; alive {
			if job := lean.object(); matches(job) {
				out = append(out, job)
			}
		}
		if len(out) == limit || end-i == maxScan {
			return out, &at
		}
	}
	return out, nil
}

// readTidy takes the lock for reading, with the jobs of an account in order.
func (x *index) readTidy(namespace string) {
	for {
		x.mu.RLock()
		if acc, ok := x.accounts[namespace]; !ok || !acc.untidy() {
			return
		}
		x.mu.RUnlock()
		x.tidy(namespace)
	}
}

// tidy puts the jobs of an account in order.
func (x *index) tidy(namespace string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if acc, ok := x.accounts[namespace]; ok {
		acc.tidy(func(uid types.UID) bool {
			_, alive := x.objects[uid]
			return alive
		})
	}
}

// batch returns the jobs of a batch, in the order of its items and languages.
func (x *index) batch(batch *v1alpha1.TranslationBatch) []*v1alpha1.TranslationJob {
	jobs := x.group(batch.Namespace, func(acc *account) iter.Seq[types.UID] { return maps.Keys(acc.ofBatch[batch.UID]) })
	languages := make(map[v1alpha1.LanguageTag]int, len(batch.Spec.TargetLanguages))
	for i, tag := range batch.Spec.TargetLanguages {
		languages[tag] = i
	}
	slices.SortFunc(jobs, func(a, b *v1alpha1.TranslationJob) int {
		if c := cmp.Compare(itemOf(a), itemOf(b)); c != 0 {
			return c
		}
		if c := cmp.Compare(languages[a.Spec.TargetLanguage], languages[b.Spec.TargetLanguage]); c != 0 {
			return c
		}
		return cmp.Compare(a.UID, b.UID)
	})
	return jobs
}

// itemOf returns the zero-based item a job was made for; -1 for none.
func itemOf(job *v1alpha1.TranslationJob) int {
	item, err := strconv.Atoi(job.Annotations[v1alpha1.BatchItemAnnotation])
	if err != nil {
		return -1
	}
	return item
}

// sameContent returns the jobs of an account with a content hash.
func (x *index) sameContent(namespace, content string) []*v1alpha1.TranslationJob {
	jobs := x.group(namespace, func(acc *account) iter.Seq[types.UID] { return slices.Values(acc.ofContent[keyOf(content)]) })
	return slices.DeleteFunc(jobs, func(job *v1alpha1.TranslationJob) bool { return job.Annotations[convert.ContentAnnotation] != content })
}

func (x *index) group(namespace string, of func(*account) iter.Seq[types.UID]) []*v1alpha1.TranslationJob {
	x.mu.RLock()
	defer x.mu.RUnlock()
	acc, ok := x.accounts[namespace]
	if !ok {
		return nil
	}
	var out []*v1alpha1.TranslationJob
	for uid := range of(acc) {
		out = append(out, x.objects[uid].object())
	}
	return out
}
