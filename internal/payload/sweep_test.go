package payload_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
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

// youngest is when the last blob was made, by the clock of the backend.
func youngest(t *testing.T, b payload.Backend) time.Time {
	t.Helper()
	infos, err := b.List(t.Context(), "", "")
	if err != nil || len(infos) == 0 {
		t.Fatalf("%d blobs, %v", len(infos), err)
	}
	return slices.MaxFunc(infos, func(a, b payload.Info) int { return a.Created.Compare(b.Created) }).Created
}

func sweepAt(at time.Time, referred bool) payload.SweepInput {
	return payload.SweepInput{
		Now:        at,
		Alive:      func(ns string, o payload.Owner) bool { return ns == "ns" && o.UID == "uid-alive" && o.Name == "alive" },
		Referred:   func(ns, _ string) bool { return referred },
		Completed:  func(string, payload.Owner) bool { return false },
		Superseded: func(string, payload.Owner, string) bool { return false },
	}
}

func TestTheSweepDeletesWhatAnEndHasLeft(t *testing.T) {
	const page, first, second = "page", "first result", "second result"
	cases := map[string]struct {
		young     bool
		completed bool
		referred  string // the result that the job refers to
		goesOn    bool   // the job has not ended
		atStart   bool
		want      []string
	}{
		"a Completed job":                {completed: true, referred: second, want: []string{second}},
		"a Completed job, just now":      {completed: true, referred: second, young: true, want: []string{second}},
		"one whose result is small":      {completed: true, want: nil},
		"an end that a retry may follow": {referred: first, want: []string{first, page}},
		"a job that goes on":             {goesOn: true, want: []string{first, page, second}},
		"what is left over alone":        {completed: true, referred: first, atStart: true, want: []string{first}},
		"the same, of another end":       {referred: second, atStart: true, want: []string{page, second}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, b payload.Backend) {
				age := 2 * time.Hour
				if tc.young {
					age = time.Minute
				}
				s := storeOn(b)
				refs, results := map[string]string{}, map[string]string{}
				for _, text := range []string{first, second} {
					ref, err := s.Put(t.Context(), mine, []byte(text))
					if err != nil {
						t.Fatal(err)
					}
					refs[text], results["ns/"+string(ref.Name)+"-0"] = string(ref.Name), text
				}
				p, _, err := s.OpenPages(t.Context(), mine, false)
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					appended(t, p, "page")
				}
				for _, name := range unknown {
					create(t, b, "ns", strings.TrimPrefix(name, "ns/"), "not ours")
				}
				is := func(ns string, o payload.Owner) bool {
					return ns == "ns" && o == payload.Owner{Name: "job", UID: "uid"}
				}
				in := payload.SweepInput{
					Now:       youngest(t, b).Add(age),
					Alive:     func(string, payload.Owner) bool { return true },
					Referred:  func(string, string) bool { return true },
					Completed: func(ns string, o payload.Owner) bool { return is(ns, o) && tc.completed },
					Superseded: func(ns string, o payload.Owner, result string) bool {
						return is(ns, o) && !tc.goesOn && result != refs[tc.referred]
					},
				}
				sweep := s.Sweep
				if tc.atStart {
					sweep = s.SweepLeftOvers
				}
				if _, err := sweep(t.Context(), in); err != nil {
					t.Fatal(err)
				}
				left, pages := []string{}, 0
				for _, name := range names(t, b, "", "") {
					switch {
					case strings.Contains(name, ".page-"):
						pages++
					case !slices.Contains(unknown, name):
						left = append(left, results[name])
					}
				}
				if pages == 3 {
					left = append(left, page)
				} else if pages > 0 {
					t.Errorf("%d pages of 3 are left", pages)
				}
				slices.Sort(left)
				if diff := cmp.Diff(tc.want, left, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("left (-want +got):\n%s", diff)
				}
				for _, name := range unknown {
					if !slices.Contains(names(t, b, "", ""), name) {
						t.Errorf("%s was swept", name)
					}
				}
			})
		})
	}
}

// What is left after an interruption must be found by number: page 0, 1, 2 … to the
// first that is missing.
func TestTheSweepDeletesTheLastPagesFirst(t *testing.T) {
	b := open(t, "file://"+t.TempDir())
	s, _ := stocked(t, b)
	p, _, err := s.OpenPages(t.Context(), job("alive", "uid-alive"), false)
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		appended(t, p, "page")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked, in := 0, sweepAt(time.Now(), true)
	in.Completed = func(_ string, o payload.Owner) bool {
		if asked++; asked == 20 {
			cancel()
		}
		return o.UID == "uid-alive"
	}
	if _, err := s.SweepLeftOvers(ctx, in); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	left := names(t, b, "ns", "job-alive.uid-alive.page-")
	if len(left) < 20 || left[19] != "ns/job-alive.uid-alive.page-000019" {
		t.Errorf("left %v", left)
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
				swept, err := s.Sweep(t.Context(), sweepAt(youngest(t, b).Add(tc.after), tc.referred))
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

// A run may store the result that a run before it had stored, when another was between.
func TestAResultThatIsPutAgainWhileItIsSweptStays(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		clock := clocktesting.NewFakePassiveClock(time.Now().Add(2 * time.Hour))
		s := payload.New(b, clock)
		put := func() v1alpha1.PayloadReference {
			t.Helper()
			ref, err := s.Put(t.Context(), mine, []byte("result"))
			if err != nil {
				t.Fatal(err)
			}
			return ref
		}
		ref, in := put(), sweepAt(clock.Now(), true)
		in.Superseded = func(string, payload.Owner, string) bool { put(); return true }
		if swept, err := s.SweepLeftOvers(t.Context(), in); err != nil || swept.Count > 0 {
			t.Errorf("swept %+v, %v", swept, err)
		}
		if _, err := s.Open(t.Context(), "ns", ref); err != nil {
			t.Error(err)
		}
	})
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
