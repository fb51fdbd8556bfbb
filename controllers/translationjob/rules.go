package translationjob

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/internal/segment/srx"
)

// maxRuleFiles is how many rule files are kept parsed.
const maxRuleFiles = 8

// ruleFiles keeps the rule files that were parsed last, by their content: many jobs
// share one.
type ruleFiles struct {
	mu     sync.Mutex
	parsed map[[sha256.Size]byte]*srx.Rules
	order  [][sha256.Size]byte // the oldest first
}

// parse reads a rule file, or remembers it.
func (f *ruleFiles) parse(text string) (*srx.Rules, error) {
	sum := sha256.Sum256([]byte(text))
	f.mu.Lock()
	defer f.mu.Unlock()
	if rules, ok := f.parsed[sum]; ok {
		return rules, nil
	}
	rules, err := srx.Parse(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	if f.parsed == nil {
		f.parsed = map[[sha256.Size]byte]*srx.Rules{}
	}
	if len(f.order) == maxRuleFiles {
		delete(f.parsed, f.order[0])
		f.order = f.order[1:]
	}
	f.parsed[sum] = rules
	f.order = append(f.order, sum)
	return rules, nil
}

// readRules reads the segmentation rules that a job names. The job waits for them, and
// for a mistake in them to be mended.
func (r *Reconciler) readRules(ctx context.Context, in *inputs) (*pipeline.Blocker, error) {
	segmentation := in.job.Spec.Segmentation
	if segmentation == nil {
		return nil, nil
	}
	ref := segmentation.RulesRef
	text, blocker, err := r.configMapText(ctx, in.job.Namespace, ref, v1alpha1.SegmentationRulesNotFoundReason)
	if blocker != nil || err != nil {
		return blocker, err
	}
	rules, err := r.ruleFiles.parse(text)
	if err != nil {
		return &pipeline.Blocker{
			Reason:  v1alpha1.SegmentationRulesInvalidReason,
			Message: fmt.Sprintf("key %q of ConfigMap %q: %v; the job goes on when it is corrected", ref.Key, ref.Name, err),
		}, nil
	}
	in.work.Breaker = rules.For(in.work.SourceLanguage)
	return nil, nil
}
