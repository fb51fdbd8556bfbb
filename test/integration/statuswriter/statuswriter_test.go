// Package statuswriter_test shows what a write of status alone does on a real API
// server.
package statuswriter_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/statuswriter"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/cluster"
)

// shopper is who applied the job.
const shopper = "shopper"

// world is the control plane of the test.
var world *cluster.Cluster

func TestMain(m *testing.M) {
	os.Exit(cluster.Main(m, func(c *cluster.Cluster) error {
		world = c
		return nil
	}))
}

func TestWriteOnAnAPIServer(t *testing.T) {
	spy := &spy{}
	cfg := rest.CopyConfig(world.Config)
	cfg.Wrap(func(next http.RoundTripper) http.RoundTripper { spy.next = next; return spy })
	web, err := rest.HTTPClientFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	lean, err := statuswriter.Lean(world.Client, cfg, web, &v1alpha1.TranslationJob{})
	if err != nil {
		t.Fatal(err)
	}
	for name, statuses := range map[string]client.StatusClient{"that reads the answer": world.Client, "that does not": lean} {
		t.Run(name, func(t *testing.T) { checkWrites(t, statuses) })
	}
	if !strings.Contains(spy.last, "PartialObjectMetadata") || strings.Contains(spy.last, `"spec":`) {
		t.Errorf("the API server has sent more than the metadata: %s", spy.last)
	}
}

// spy keeps the last answer to a write that was carried out.
type spy struct {
	next http.RoundTripper
	last string
}

// RoundTrip implements http.RoundTripper.
func (s *spy) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := s.next.RoundTrip(req)
	if err != nil || req.Method != http.MethodPut || res.StatusCode != http.StatusOK {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	s.last, res.Body = string(body), io.NopCloser(bytes.NewReader(body))
	return res, err
}

func checkWrites(t *testing.T, statuses client.StatusClient) {
	namespace, err := world.Namespace(t.Context(), "statuswriter")
	if err != nil {
		t.Fatal(err)
	}
	job := build.Job("job", namespace).Text("Hola.").Obj()
	job.Labels = map[string]string{"shop": "one"}
	if err := world.Client.Create(t.Context(), job, client.FieldOwner(shopper)); err != nil {
		t.Fatal(err)
	}
	write := func(from *v1alpha1.TranslationJob, next v1alpha1.TranslationJobStatus) (bool, error) {
		return statuswriter.Write(t.Context(), statuses, from,
			func(j *v1alpha1.TranslationJob) *v1alpha1.TranslationJobStatus { return &j.Status }, next)
	}
	read := func() *v1alpha1.TranslationJob {
		t.Helper()
		var stored v1alpha1.TranslationJob
		if err := world.Client.Get(t.Context(), client.ObjectKeyFromObject(job), &stored); err != nil {
			t.Fatal(err)
		}
		return &stored
	}

	first := v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: v1alpha1.QueuedPhase, Attempts: 1}
	if written, err := write(job, first); !written || err != nil {
		t.Fatalf("the first write: written %v, error %v", written, err)
	}
	stored := read()
	if diff := cmp.Diff(first, stored.Status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(job.Spec, stored.Spec); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(job.Labels, stored.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	owned := slices.IndexFunc(stored.ManagedFields, func(m metav1.ManagedFieldsEntry) bool {
		return m.Manager == shopper && strings.Contains(m.FieldsV1.GetRawString(), `"f:targetLanguage"`)
	})
	if owned < 0 {
		t.Errorf("who applied the job no longer owns its spec: %v", stored.ManagedFields)
	}

	if written, err := write(job, v1alpha1.TranslationJobStatus{ObservedGeneration: 1}); written || !apierrors.IsConflict(err) {
		t.Errorf("a write from an old copy: written %v, error %v, want a conflict", written, err)
	}
	if written, err := write(stored, first); written || err != nil {
		t.Errorf("a write that changes nothing: written %v, error %v", written, err)
	}
	second := v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: v1alpha1.ProcessingPhase}
	if written, err := write(stored, second); !written || err != nil {
		t.Errorf("the second write: written %v, error %v", written, err)
	}
	if diff := cmp.Diff(second, read().Status); diff != "" {
		t.Errorf("what is not in the new status must be gone (-want +got):\n%s", diff)
	}

	if err := world.Client.Delete(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if written, err := write(stored, v1alpha1.TranslationJobStatus{ObservedGeneration: 1}); written || !apierrors.IsNotFound(err) {
		t.Errorf("a write to a job that is gone: written %v, error %v, want not found", written, err)
	}
}
