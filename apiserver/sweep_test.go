package apiserver

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

func TestSweep(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	renamed := made("other", 1)
	renamed.Name = "a"
	cases := map[string]struct {
		there []client.Object
		age   time.Duration
		// wantVersion is "" for a job that is off the shelf.
		wantVersion     string
		wantUnconfirmed bool
	}{
		"a job that is gone goes":               {age: 2 * sweepEvery},
		"one whose name is another's goes":      {there: []client.Object{renamed}, age: 2 * sweepEvery},
		"one that is there stays, as it is now": {there: []client.Object{made("a", 1, version(20))}, age: 2 * sweepEvery, wantVersion: "20"},
		"one that is young is let be":           {age: sweepEvery / 2, wantVersion: "10", wantUnconfirmed: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := &Server{jobs: newIndex()}
			s.Clock = clocktesting.NewFakePassiveClock(noon)
			s.Reader = fake.NewClientBuilder().WithScheme(scheme).WithObjects(tc.there...).Build()
			s.jobs.expect(made("a", 1), noon.Add(-tc.age))
			sweep(t.Context(), s, s.jobs.shelf)
			got := ""
			if job, ok := s.jobs.get("demo", "a"); ok {
				got = job.ResourceVersion
			}
			if diff := cmp.Diff(tc.wantVersion, got); diff != "" {
				t.Errorf("version on the shelf (-want +got):\n%s", diff)
			}
			if open := len(s.jobs.unconfirmed(noon.Add(time.Hour))) > 0; open != tc.wantUnconfirmed {
				t.Errorf("the job is still unconfirmed: %t, want %t", open, tc.wantUnconfirmed)
			}
		})
	}
}
