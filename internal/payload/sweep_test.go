package payload_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

func TestInputsAreShared(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		s := storeOn(b)
		text := []byte(strings.Repeat("Hola amigo. ", 100_000))
		first, err := s.PutInput(t.Context(), "ns", text)
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.PutInput(t.Context(), "ns", text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("references (-first +second):\n%s", diff)
		}
		if all := names(t, b, "", ""); len(all) != 1 || !strings.HasPrefix(all[0], "ns/input-") {
			t.Errorf("stored %v", all)
		}
		got, err := s.Open(t.Context(), "ns", second)
		if err != nil || string(got) != string(text) {
			t.Errorf("opened %d bytes, %v", len(got), err)
		}
		if _, err := s.Open(t.Context(), "other", second); !errors.Is(err, payload.ErrNotFound) {
			t.Errorf("opened in another namespace: %v", err)
		}
	})
}

func TestInputsHaveABound(t *testing.T) {
	b := open(t, "mem://")
	s := storeOn(b)
	_, err := s.PutInput(t.Context(), "ns", make([]byte, payload.MaxInput+1))
	if tooLarge, ok := errors.AsType[*payload.TooLarge](err); !ok || tooLarge.Bytes != payload.MaxInput+1 || tooLarge.Limit != payload.MaxInput {
		t.Errorf("one byte over the limit: %v", err)
	}
	if _, err := s.PutInput(t.Context(), "ns", make([]byte, payload.MaxInput)); err != nil {
		t.Errorf("the limit itself: %v", err)
	}
}

// deleting deletes a blob between the create that found it and the refresh.
type deleting struct {
	payload.Backend
	times int
}

func (d *deleting) Refresh(ctx context.Context, blob payload.Blob, now time.Time) error {
	if d.times > 0 {
		d.times--
		if err := d.Delete(ctx, blob.Namespace, blob.Name); err != nil {
			return err
		}
	}
	return d.Backend.(payload.Refresher).Refresh(ctx, blob, now)
}

func (d *deleting) DeleteUnchanged(ctx context.Context, info payload.Info) (bool, error) {
	return d.Backend.(payload.Refresher).DeleteUnchanged(ctx, info)
}

func TestAnInputThatIsSweptWhileItIsPutIsThere(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		s := storeOn(&deleting{Backend: b, times: 3})
		for range 4 {
			ref, err := s.PutInput(t.Context(), "ns", []byte("Hola."))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Open(t.Context(), "ns", ref); err != nil {
				t.Error(err)
			}
		}
	})
}

// stocked is a store with something of every kind. The clock of the blobs is the
// backend's own.
func stocked(t *testing.T, b payload.Backend) (payload.Store, string) {
	t.Helper()
	s := payload.New(b, clocktesting.NewFakePassiveClock(time.Now().Add(2*time.Hour)))
	for _, name := range []string{"alive", "gone"} {
		owner := job(name, "uid-"+name)
		if _, err := s.Put(t.Context(), owner, []byte("result of "+name)); err != nil {
			t.Fatal(err)
		}
		p, _, err := s.OpenPages(t.Context(), owner, false)
		if err != nil {
			t.Fatal(err)
		}
		appended(t, p, "page")
	}
	ref, err := s.PutInput(t.Context(), "ns", []byte("input"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"memory-1", "memory-x.uid-gone.result-1-0", "input-of-somebody-0", "anything", "job-x"} {
		create(t, b, "ns", name, "not ours")
	}
	return s, string(ref.Name)
}

// unknown is what no sweep may touch.
var unknown = []string{"ns/anything", "ns/input-of-somebody-0", "ns/job-x", "ns/memory-1", "ns/memory-x.uid-gone.result-1-0"}

func sweepAt(at time.Time, referred bool) payload.SweepInput {
	return payload.SweepInput{
		Now:      at,
		Alive:    func(ns string, o payload.Owner) bool { return ns == "ns" && o.UID == "uid-alive" && o.Name == "alive" },
		Referred: func(ns, _ string) bool { return referred },
	}
}

func TestTheSweepDeletesWhatNobodyNeeds(t *testing.T) {
	cases := map[string]struct {
		after     time.Duration // of the youngest blob
		referred  bool
		wantCount int
		wantLeft  []string // of jobs and inputs; the digests are cut
	}{
		"all is young":               {after: 59 * time.Minute, wantLeft: []string{"input-", "job-alive.uid-alive.page-000000", "job-alive.uid-alive.result-", "job-gone.uid-gone.page-000000", "job-gone.uid-gone.result-"}},
		"a job is gone":              {after: 2 * time.Hour, referred: true, wantCount: 2, wantLeft: []string{"input-", "job-alive.uid-alive.page-000000", "job-alive.uid-alive.result-"}},
		"nobody refers to the input": {after: 2 * time.Hour, wantCount: 3, wantLeft: []string{"job-alive.uid-alive.page-000000", "job-alive.uid-alive.result-"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, b payload.Backend) {
				s, _ := stocked(t, b)
				infos, err := b.List(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				youngest := infos[0].Created
				for _, info := range infos {
					if info.Created.After(youngest) {
						youngest = info.Created
					}
				}
				swept, err := s.Sweep(t.Context(), sweepAt(youngest.Add(tc.after), tc.referred))
				if err != nil || swept.Count != tc.wantCount {
					t.Errorf("swept %+v, %v", swept, err)
				}
				if saysBytes := infos[0].Bytes > 0; (swept.Bytes > 0) != (saysBytes && tc.wantCount > 0) {
					t.Errorf("swept %+v", swept)
				}
				var left, others []string
				for _, name := range names(t, b, "", "") {
					name = strings.TrimPrefix(name, "ns/")
					switch before, _, isResult := strings.Cut(name, "result-"); {
					case strings.Contains("ns/"+strings.Join(unknown, " "), "ns/"+name):
						others = append(others, "ns/"+name)
					case isResult:
						left = append(left, before+"result-")
					case strings.HasPrefix(name, "input-"):
						left = append(left, "input-")
					default:
						left = append(left, name)
					}
				}
				if diff := cmp.Diff([][]string{tc.wantLeft, unknown}, [][]string{left, others}); diff != "" {
					t.Errorf("left (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// stuck refuses to delete one blob.
type stuck struct {
	payload.Backend
	name string
}

func (s *stuck) Delete(ctx context.Context, namespace, name string) error {
	if strings.Contains(name, s.name) {
		return errors.New("forbidden")
	}
	return s.Backend.Delete(ctx, namespace, name)
}

func TestWhatCannotBeSweptStaysAlone(t *testing.T) {
	b := open(t, "file://"+t.TempDir())
	s, _ := stocked(t, &stuck{Backend: b, name: "gone.page"})
	swept, err := s.Sweep(t.Context(), sweepAt(time.Now().Add(3*time.Hour), false))
	if err == nil || err.Error() != "sweep payloads: forbidden" || swept.Count != 2 {
		t.Errorf("swept %+v, %v", swept, err)
	}
	if all := names(t, b, "ns", "job-gone"); len(all) != 1 {
		t.Errorf("left %v", all)
	}
}

func TestWhoCannotListSweepsNothing(t *testing.T) {
	b := open(t, "file://"+t.TempDir())
	s, _ := stocked(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if swept, err := s.Sweep(ctx, sweepAt(time.Now().Add(3*time.Hour), false)); err == nil || swept.Count > 0 {
		t.Errorf("swept %+v, %v", swept, err)
	}
}

// A job may find its source put once more just before it is made.
func TestAnInputThatWasPutAgainIsYoung(t *testing.T) {
	b := open(t, "file://"+t.TempDir())
	s, input := stocked(t, b)
	if _, err := s.PutInput(t.Context(), "ns", []byte("input")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sweep(t.Context(), sweepAt(time.Now().Add(2*time.Hour), false)); err != nil {
		t.Fatal(err)
	}
	if left := names(t, b, "ns", input); len(left) != 1 {
		t.Error("the input was swept")
	}
}
