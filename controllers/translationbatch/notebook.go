package translationbatch

import (
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// notebook remembers of batches under way what is not worth a write: when the
// status was last written, which jobs were made that the cache may not show yet, and
// which the API server will not have. A new process begins with an empty one, and only
// asks once more.
type notebook struct {
	mu    sync.Mutex
	pages map[client.ObjectKey]*page
}

// How often a batch is looked at and written. Both cost as much as the batch is large:
// a pass looks at each of its jobs, and the API server checks each of its items when
// its status is written. So a pass may take a twentieth of the time, and a write,
// which others pay for, a fiftieth, within limits.
const (
	gatherShare, reportShare = 20, 50
	// gatherAtLeast is how long events of jobs are gathered before a pass: jobs that
	// end together make one pass.
	gatherAtLeast, gatherAtMost = 20 * time.Millisecond, time.Second
	// reportAtLeast is the least time between two writes of a batch that goes on.
	reportAtLeast, reportAtMost = time.Second, 10 * time.Second
)

// page is about one batch.
type page struct {
	// reportAt is when the status may be written again.
	reportAt time.Time
	// gather is how long to wait for more events.
	gather time.Duration
	// uid and generation that the refusals are of: a changed batch asks again, and so
	// does one that was deleted and made anew.
	uid        types.UID
	generation int64
	refused    []refusal
	// plan of that batch; nil before it is first asked for.
	plan *plan
	// made has when each job was made that the cache has not shown yet.
	made map[missing]time.Time
}

// showWithin is how far behind the cache may be: a job that was made longer ago and is
// not in it has been deleted.
const showWithin = 5 * time.Second

// page returns the page of a batch. The caller holds the lock.
func (n *notebook) page(key client.ObjectKey) *page {
	if n.pages == nil {
		n.pages = map[client.ObjectKey]*page{}
	}
	if n.pages[key] == nil {
		n.pages[key] = &page{}
	}
	return n.pages[key]
}

func (n *notebook) forget(key client.ObjectKey) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.pages, key)
}

// reportAt returns when the status of a batch that goes on may be written; zero for
// at once.
func (n *notebook) reportAt(key client.ObjectKey) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.page(key).reportAt
}

// wrote notes that the status was written, and how long that took.
func (n *notebook) wrote(key client.ObjectKey, at time.Time, took time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.page(key).reportAt = at.Add(min(max(reportShare*took, reportAtLeast), reportAtMost))
}

// gatherFor returns how long events of a batch are gathered before the next pass.
func (n *notebook) gatherFor(key client.ObjectKey) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p, ok := n.pages[key]; ok { // an event opens none: its batch may be gone
		return max(p.gather, gatherAtLeast)
	}
	return gatherAtLeast
}

// counted notes how long it took to count the jobs of a batch.
func (n *notebook) counted(key client.ObjectKey, took time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.page(key).gather = min(gatherShare*took, gatherAtMost)
}

// read returns what is known of a batch as it is now.
func (n *notebook) read(batch *v1alpha1.TranslationBatch, now time.Time) known {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.page(client.ObjectKeyFromObject(batch))
	if p.uid != batch.UID {
		p.made = nil
	}
	if p.uid != batch.UID || p.generation != batch.Generation {
		p.uid, p.generation, p.refused, p.plan = batch.UID, batch.Generation, nil, nil
	}
	if p.plan == nil {
		p.plan = planOf(batch)
	}
	maps.DeleteFunc(p.made, func(_ missing, at time.Time) bool { return now.Sub(at) > showWithin })
	made := make(map[missing]bool, len(p.made))
	for m := range p.made {
		made[m] = true
	}
	return known{plan: p.plan, refused: slices.Clone(p.refused), made: made}
}

// make notes that jobs were made.
func (n *notebook) make(batch *v1alpha1.TranslationBatch, made []missing, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.page(client.ObjectKeyFromObject(batch))
	if p.made == nil {
		p.made = map[missing]time.Time{}
	}
	for _, m := range made {
		p.made[m] = now
	}
}

// shown forgets the jobs that were made and are in the cache by now.
func (n *notebook) shown(batch *v1alpha1.TranslationBatch, shown []missing) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.page(client.ObjectKeyFromObject(batch))
	for _, m := range shown {
		delete(p.made, m)
	}
}

func (n *notebook) refuse(batch *v1alpha1.TranslationBatch, refused []refusal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.page(client.ObjectKeyFromObject(batch))
	p.refused = append(p.refused, refused...)
}
