package apiserver

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/apiserver/convert"
)

// asSent is a finished job of one sentence as the API server sends it: of a batch,
// with all that the manager writes.
func asSent(n int) *v1alpha1.TranslationJob {
	moment := metav1.NewTime(noon.Add(time.Duration(n) * time.Millisecond))
	condition := func(kind string, status metav1.ConditionStatus) metav1.Condition {
		return metav1.Condition{
			Type: kind, Status: status, Reason: v1alpha1.CompletedReason, Message: "1 segments passed QA",
			ObservedGeneration: 1, LastTransitionTime: moment,
		}
	}
	digest := func(salt string) string {
		sum := sha256.Sum256(fmt.Append(nil, salt, n))
		return hex.EncodeToString(sum[:])
	}
	text := fmt.Sprintf("Benvinguts a la nostra botiga número %d.", n)
	return &v1alpha1.TranslationJob{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "demo", Name: fmt.Sprintf("rest-%032d", n), UID: types.UID(fmt.Sprintf("550e8400-e29b-41d4-a716-%012d", n)),
			ResourceVersion: fmt.Sprint(1_000_000 + n), Generation: 1, CreationTimestamp: moment,
			Annotations: map[string]string{
				convert.ContentAnnotation: digest("c"), v1alpha1.RequestHashAnnotation: digest("r"), v1alpha1.BatchItemAnnotation: fmt.Sprint(n),
			},
			Labels: map[string]string{v1alpha1.BatchLabel: "newsletter"},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "translation.dragoman.dev/v1alpha1", Kind: "TranslationBatch", Name: "newsletter",
				UID: "550e8400-e29b-41d4-a716-446655440000", Controller: ptr.To(true), BlockOwnerDeletion: ptr.To(true),
			}},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "dragoman", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{}}`)}},
		},
		Spec: v1alpha1.TranslationJobSpec{
			JobOptions: v1alpha1.JobOptions{
				Mode: v1alpha1.TranslationMode, Quality: v1alpha1.StandardQuality, SourceReview: v1alpha1.SourceReviewByTier,
				GlossaryPriority: v1alpha1.AccountFirst, ProjectName: "Newsletter", Domain: "e-commerce", BackoffLimit: ptr.To(int32(6)),
			},
			SourceLanguage: "es", TargetLanguage: "ca", Source: v1alpha1.Source{Text: &text},
		},
		Status: v1alpha1.TranslationJobStatus{
			ObservedGeneration: 1, Phase: v1alpha1.CompletedPhase,
			Conditions: []metav1.Condition{
				condition(v1alpha1.FinishedCondition, metav1.ConditionTrue), condition(v1alpha1.ReadyCondition, metav1.ConditionTrue),
				condition(v1alpha1.ReconcilingCondition, metav1.ConditionFalse), condition(v1alpha1.StalledCondition, metav1.ConditionFalse),
			},
			Progress: &v1alpha1.Progress{Total: 1, Done: 1}, ProgressSummary: "1/1",
			Segments: []v1alpha1.SegmentStatus{{ID: 1, State: v1alpha1.SegmentCompleted, QAScore: "100.0"}},
			Result:   &v1alpha1.Result{Text: &text, WordCount: 6, SHA256: digest("s")},
			QAScore:  "100.0", ScoredSegments: 1, WordCount: ptr.To(int32(6)), BilledWords: ptr.To(int32(6)),
			Cost: "0.000231", PlannedMaxCost: "0.0123", TokenUsage: &v1alpha1.TokenUsage{Input: 900, Output: 40},
			Provider: &v1alpha1.ProviderStatusReference{Kind: v1alpha1.TranslationProviderKind, Name: "llm", Type: v1alpha1.OpenAIProvider, Model: "example-large"},
			Attempts: 1, StartedAt: &moment, CompletedAt: &moment, WorkDigest: digest("w"),
		},
	}
}

// decoded returns the job as a watch would: every string is its own.
func decoded(t testing.TB, n int) *v1alpha1.TranslationJob {
	t.Helper()
	data, err := json.Marshal(asSent(n))
	if err != nil {
		t.Fatal(err)
	}
	out := &v1alpha1.TranslationJob{}
	if err := json.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// maxJobBytes bounds what a finished job takes in the adapter, in bytes of the heap.
// The collector lets the heap grow to twice of it before it cleans up, and 3 KiB of
// resident memory are allowed.
const maxJobBytes = 1200

func TestAFinishedJobTakesLittleMemory(t *testing.T) {
	const jobs = 20_000
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	x := newIndex()
	before := heap()
	for n := range jobs {
		object, err := transform(decoded(t, n))
		if err != nil {
			t.Fatal(err)
		}
		x.confirmKept(object.(kept[*v1alpha1.TranslationJob]))
	}
	each := (heap() - before) / jobs
	t.Logf("%d bytes a job", each)
	if each > maxJobBytes {
		t.Errorf("a finished job takes %d bytes; %d are allowed", each, maxJobBytes)
	}
	runtime.KeepAlive(x)
}

// BenchmarkListPage is one page of a list of 100 000 jobs, somewhere in the middle.
func BenchmarkListPage(b *testing.B) {
	x := newIndex()
	const jobs = 100_000
	for n := range jobs {
		x.confirm(leanJob(asSent(n)))
	}
	query, err := convert.ReadQuery(nil)
	if err != nil {
		b.Fatal(err)
	}
	var after *position
	for b.Loop() {
		page, next := x.page("demo", after, 20, query.Matches)
		items := make([]convert.ListItem, 0, len(page))
		for _, job := range page {
			items = append(items, convert.NewListItem(job))
		}
		if _, err := json.Marshal(items); err != nil {
			b.Fatal(err)
		}
		after = next
	}
}
