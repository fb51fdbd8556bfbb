package translationbatch

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// notebook remembers of batches under way what is not worth a write: when the
// status was last written, and which jobs the API server will not have. A new
// process begins with an empty one, and only asks once more.
type notebook struct {
	mu    sync.Mutex
	pages map[client.ObjectKey]*page
}

// page is about one batch.
type page struct {
	written time.Time
	// uid and generation that the refusals are of: a changed batch asks again, and so
	// does one that was deleted and made anew.
	uid        types.UID
	generation int64
	refused    []refusal
}

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

func (n *notebook) written(key client.ObjectKey) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.page(key).written
}

func (n *notebook) wrote(key client.ObjectKey, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.page(key).written = at
}

// refusals returns the jobs of the batch, as it is now, that were refused.
func (n *notebook) refusals(batch *v1alpha1.TranslationBatch) []refusal {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.page(client.ObjectKeyFromObject(batch))
	if p.uid != batch.UID || p.generation != batch.Generation {
		p.uid, p.generation, p.refused = batch.UID, batch.Generation, nil
	}
	return append([]refusal(nil), p.refused...)
}

func (n *notebook) refuse(batch *v1alpha1.TranslationBatch, refused []refusal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.page(client.ObjectKeyFromObject(batch))
	p.refused = append(p.refused, refused...)
}
