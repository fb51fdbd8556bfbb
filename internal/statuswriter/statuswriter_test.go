package statuswriter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/statuswriter"
	"github.com/dragoman-dev/dragoman/test/build"
)

// store is an API server's part: it keeps one job and counts the writes to it.
type store struct {
	client.Client
	writes int
	err    error
	sent   *v1alpha1.TranslationJob
}

func newStore(t *testing.T, job *v1alpha1.TranslationJob) *store {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	s := &store{}
	s.Client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(job).WithStatusSubresource(job).
		WithInterceptorFuncs(interceptor.Funcs{
			SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, obj client.Object, opts ...client.SubResourceUpdateOption) error {
				s.writes++
				s.sent = obj.DeepCopyObject().(*v1alpha1.TranslationJob)
				if s.err != nil {
					return s.err
				}
				return c.SubResource(sub).Update(ctx, obj, opts...)
			},
		}).Build()
	return s
}

func (s *store) get(t *testing.T) *v1alpha1.TranslationJob {
	t.Helper()
	var job v1alpha1.TranslationJob
	if err := s.Get(t.Context(), client.ObjectKey{Namespace: "ns", Name: "job"}, &job); err != nil {
		t.Fatal(err)
	}
	return &job
}

func statusIn(j *v1alpha1.TranslationJob) *v1alpha1.TranslationJobStatus { return &j.Status }

func stored() *v1alpha1.TranslationJob {
	job := build.Job("job", "ns").Text("Hola.").Obj()
	job.UID = "uid"
	job.Labels = map[string]string{"team": "web"}
	job.Status = v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Attempts: 1}
	return job
}

func TestNothingIsWrittenWhenNothingChanged(t *testing.T) {
	s := newStore(t, stored())
	job := s.get(t)
	same := *job.Status.DeepCopy()
	same.Segments = []v1alpha1.SegmentStatus{} // says as much as nil
	written, err := statuswriter.Write(t.Context(), s, job, statusIn, same)
	if err != nil || written || s.writes != 0 {
		t.Errorf("Write() = %v, %v after %d writes; want none", written, err, s.writes)
	}
}

func TestTheStatusAloneIsReplaced(t *testing.T) {
	s := newStore(t, stored())
	before := s.get(t)
	cut := before.DeepCopy()
	cut.Spec.Source.Text = new("") // as the cache leaves it
	cut.Labels = nil
	seen := cut.DeepCopy()
	next := v1alpha1.TranslationJobStatus{ObservedGeneration: 2, Phase: v1alpha1.QueuedPhase}
	written, err := statuswriter.Write(t.Context(), s, cut, statusIn, next)
	if err != nil || !written || s.writes != 1 {
		t.Fatalf("Write() = %v, %v after %d writes; want one", written, err, s.writes)
	}
	after := s.get(t)
	if diff := cmp.Diff(next, after.Status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before.Spec, after.Spec); diff != "" {
		t.Errorf("the copy from the cache was written back (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(before.Labels, after.Labels); diff != "" {
		t.Errorf("labels (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(seen, cut); diff != "" {
		t.Errorf("the object that was handed in changed (-before +after):\n%s", diff)
	}
	if s.sent.Spec.Source.Text != nil || s.sent.UID != "uid" || s.sent.ResourceVersion != before.ResourceVersion {
		t.Errorf("sent were the text %v, UID %q and version %q", s.sent.Spec.Source.Text, s.sent.UID, s.sent.ResourceVersion)
	}
}

func TestAWriteFromAnOldCopyIsRefused(t *testing.T) {
	s := newStore(t, stored())
	old := s.get(t)
	if _, err := statuswriter.Write(t.Context(), s, s.get(t), statusIn, v1alpha1.TranslationJobStatus{Attempts: 2}); err != nil {
		t.Fatal(err)
	}
	written, err := statuswriter.Write(t.Context(), s, old, statusIn, v1alpha1.TranslationJobStatus{Attempts: 9})
	if written || !apierrors.IsConflict(err) {
		t.Errorf("Write() = %v, %v; want a conflict", written, err)
	}
	if got := s.get(t).Status.Attempts; got != 2 {
		t.Errorf("attempts %d, want those of the first writer", got)
	}
}

func TestOtherErrorsSurface(t *testing.T) {
	s := newStore(t, stored())
	s.err = errors.New("no route")
	written, err := statuswriter.Write(t.Context(), s, s.get(t), statusIn, v1alpha1.TranslationJobStatus{Attempts: 2})
	if written || !errors.Is(err, s.err) || err.Error() != "write status: no route" {
		t.Errorf("Write() = %v, %v", written, err)
	}
}
