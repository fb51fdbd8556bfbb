package payload_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

// backends makes an empty one of each kind.
var backends = map[string]func(t *testing.T) payload.Backend{
	"ConfigMaps": func(*testing.T) payload.Backend {
		a := newAPI()
		return payload.ConfigMaps{Client: a.client, Reader: a.client}
	},
	"a directory": func(t *testing.T) payload.Backend { return open(t, "file://"+t.TempDir()) },
	"a bucket":    func(t *testing.T) payload.Backend { return open(t, "mem://") },
}

func open(t *testing.T, address string) payload.Backend {
	t.Helper()
	b, err := payload.OpenBucket(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// onEach runs a test on each backend, and on each with an observer before it.
func onEach(t *testing.T, test func(*testing.T, payload.Backend)) {
	for name, make := range backends {
		t.Run(name, func(t *testing.T) { test(t, make(t)) })
		t.Run(name+", observed", func(t *testing.T) { test(t, payload.Observe(make(t), &tallies{})) })
	}
}

func create(t *testing.T, b payload.Backend, namespace, name, data string) {
	t.Helper()
	if err := b.Create(t.Context(), payload.Blob{Namespace: namespace, Name: name, Data: []byte(data)}); err != nil {
		t.Fatalf("create %s/%s: %v", namespace, name, err)
	}
}

func names(t *testing.T, b payload.Backend, namespace, prefix string) []string {
	t.Helper()
	infos, err := b.List(t.Context(), namespace, prefix)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, info := range infos {
		out = append(out, info.Namespace+"/"+info.Name)
	}
	return out
}

func TestABlobIsCreatedOnceAndStays(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		create(t, b, "ns", "memory-a", "first")
		err := b.Create(t.Context(), payload.Blob{Namespace: "ns", Name: "memory-a", Data: []byte("second")})
		if !errors.Is(err, payload.ErrExists) {
			t.Errorf("a second create: %v", err)
		}
		create(t, b, "other", "memory-a", "of another namespace")
		data, err := b.Read(t.Context(), "ns", "memory-a")
		if string(data) != "first" || err != nil {
			t.Errorf("read %q, %v", data, err)
		}
		for range 2 {
			if err := b.Delete(t.Context(), "ns", "memory-a"); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
		if _, err := b.Read(t.Context(), "ns", "memory-a"); !errors.Is(err, payload.ErrNotFound) {
			t.Errorf("read what was deleted: %v", err)
		}
		if _, err := b.Read(t.Context(), "nobody", "memory-a"); !errors.Is(err, payload.ErrNotFound) {
			t.Errorf("read in a namespace without blobs: %v", err)
		}
		if b.MaxBytes() < 512<<10 {
			t.Errorf("blobs of at most %d bytes", b.MaxBytes())
		}
	})
}

// Fencing stands on this.
func TestOfManyCreatesOneWins(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		const rounds, writers = 20, 8
		for round := range rounds {
			name := "memory-" + strings.Repeat("x", round+1)
			var wg sync.WaitGroup
			errs := make([]error, writers)
			start := make(chan struct{})
			for i := range writers {
				wg.Go(func() {
					<-start
					errs[i] = b.Create(t.Context(), payload.Blob{Namespace: "ns", Name: name, Data: []byte{byte('a' + i)}})
				})
			}
			close(start)
			wg.Wait()
			data, err := b.Read(t.Context(), "ns", name)
			if err != nil || len(data) != 1 {
				t.Fatalf("read %q, %v", data, err)
			}
			for i, err := range errs {
				if won := int(data[0]) == 'a'+i; won != (err == nil) || !won && !errors.Is(err, payload.ErrExists) {
					t.Errorf("writer %d: %v; %q is there", i, err, data)
				}
			}
		}
	})
}

func TestListsGoByNamespaceAndPrefix(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		const of = "job-a.b.uid.page-000001"
		owned := payload.Blob{Namespace: "b", Name: of, Owner: payload.Owner{Name: "a.b", UID: "uid"}, Data: []byte("12345")}
		if err := b.Create(t.Context(), owned); err != nil {
			t.Fatal(err)
		}
		create(t, b, "b", "memory-2", "x")
		create(t, b, "b", "memory-1", "x")
		create(t, b, "a", "memory-3", "x")
		create(t, b, "ab", "input-1", "x")
		cases := map[string]struct {
			namespace, prefix string
			want              []string
		}{
			"all":                         {want: []string{"a/memory-3", "ab/input-1", "b/" + of, "b/memory-1", "b/memory-2"}},
			"a namespace":                 {namespace: "a", want: []string{"a/memory-3"}},
			"a prefix":                    {namespace: "b", prefix: "memory-", want: []string{"b/memory-1", "b/memory-2"}},
			"a longer prefix":             {namespace: "b", prefix: "memory-1", want: []string{"b/memory-1"}},
			"a prefix in all namespaces":  {prefix: "memory-", want: []string{"a/memory-3", "b/memory-1", "b/memory-2"}},
			"the pages of a job":          {namespace: "b", prefix: "job-a.b.uid.", want: []string{"b/" + of}},
			"nothing begins with it":      {namespace: "a", prefix: "input-"},
			"a namespace without a store": {namespace: "nobody"},
		}
		for name, tc := range cases {
			if diff := cmp.Diff(tc.want, names(t, b, tc.namespace, tc.prefix)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		infos, err := b.List(t.Context(), "b", "job-")
		if err != nil || len(infos) != 1 || infos[0].Owner != owned.Owner || infos[0].Created.IsZero() ||
			infos[0].Bytes != 0 && infos[0].Bytes != 5 {
			t.Errorf("the page is %+v, %v", infos, err)
		}
	})
}

// A name may come from a spec.
func TestNamesLeadNowhereElse(t *testing.T) {
	for name, b := range map[string]payload.Backend{"a directory": open(t, "file://"+t.TempDir()), "a bucket": open(t, "mem://")} {
		create(t, b, "ns", "a", "secret")
		for _, evil := range []struct{ namespace, name string }{
			{"ns", "../ns/a"}, {"ns", "a/../a"}, {"ns", ".."}, {"ns", ""}, {"", "ns/a"}, {"..", "a"}, {"ns/x", "../a"}, {".incoming", "a"}, {"ns", ".a"},
		} {
			if _, err := b.Read(t.Context(), evil.namespace, evil.name); err == nil || errors.Is(err, payload.ErrNotFound) {
				t.Errorf("%s: read %q / %q: %v", name, evil.namespace, evil.name, err)
			}
			if err := b.Create(t.Context(), payload.Blob{Namespace: evil.namespace, Name: evil.name}); err == nil {
				t.Errorf("%s: made %q / %q", name, evil.namespace, evil.name)
			}
			if err := b.Delete(t.Context(), evil.namespace, evil.name); err == nil {
				t.Errorf("%s: deleted %q / %q", name, evil.namespace, evil.name)
			}
		}
		if diff := cmp.Diff([]string{"ns/a"}, names(t, b, "", "")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestABlobThatWasRefreshedIsNotDeletedAsUnchanged(t *testing.T) {
	onEach(t, func(t *testing.T, b payload.Backend) {
		r := b.(payload.Refresher)
		blob := payload.Blob{Namespace: "ns", Name: "input-a-0", Data: []byte("data")}
		later := time.Now().Add(2 * time.Hour)
		if _, ok := b.(*payload.Bucket); !ok { // a bucket just writes it
			if _, isObserved := b.(interface{ Unwrap() payload.Backend }); !isObserved {
				if err := r.Refresh(t.Context(), blob, later); !errors.Is(err, payload.ErrNotFound) {
					t.Errorf("refresh what is not there: %v", err)
				}
			}
		}
		create(t, b, "ns", "input-a-0", "data")
		listed, err := b.List(t.Context(), "ns", "")
		if err != nil {
			t.Fatal(err)
		}
		info := listed[0]
		info.Created = info.Created.Add(-time.Minute) // as a list before the refresh had it
		if deleted, err := r.DeleteUnchanged(t.Context(), info); deleted || err != nil {
			t.Errorf("deleted %v, %v", deleted, err)
		}
		if err := r.Refresh(t.Context(), blob, later); err != nil {
			t.Fatal(err)
		}
		if data, err := b.Read(t.Context(), "ns", "input-a-0"); string(data) != "data" || err != nil {
			t.Errorf("a refreshed blob reads %q, %v", data, err)
		}
		now, err := b.List(t.Context(), "ns", "")
		if err != nil {
			t.Fatal(err)
		}
		if now[0].Created.Before(listed[0].Created) {
			t.Errorf("refreshing made it older: %v, was %v", now[0].Created, listed[0].Created)
		}
		if deleted, err := r.DeleteUnchanged(t.Context(), now[0]); !deleted || err != nil {
			t.Errorf("deleted %v, %v", deleted, err)
		}
		if deleted, err := r.DeleteUnchanged(t.Context(), now[0]); deleted || err != nil {
			t.Errorf("deleted again: %v, %v", deleted, err)
		}
	})
}

func TestOpenBucketSaysWhatItCannotOpen(t *testing.T) {
	cases := map[string]struct{ address, want string }{
		"a cloud of another build": {"gopher://bucket", `knows no buckets of scheme "gopher"`},
		"a relative directory":     {"file://here/there", "file:///path"},
		"parameters":               {"file:///tmp?create_dir=1", "file:///path"},
		"no scheme":                {"/tmp", `scheme ""`},
		"a file in the way":        {"file:///dev/null/store", "not a directory"},
		"no URL":                   {"s3://key:sec%ret@bucket", "cannot be read"},
	}
	for name, tc := range cases {
		b, err := payload.OpenBucket(t.Context(), tc.address)
		if b != nil && err != nil || err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "sec") {
			t.Errorf("%s: %v, want an error with %q", name, err, tc.want)
		}
	}
}

// tallies counts what an observer is told.
type tallies struct {
	mu          sync.Mutex
	wrote, read map[payload.Kind]int
	failed      []payload.Op
}

func (o *tallies) Wrote(kind payload.Kind, bytes int) { o.count(&o.wrote, kind, bytes) }
func (o *tallies) Read(kind payload.Kind, bytes int)  { o.count(&o.read, kind, bytes) }
func (o *tallies) Failed(op payload.Op) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed = append(o.failed, op)
}

func (o *tallies) count(in *map[payload.Kind]int, kind payload.Kind, bytes int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if *in == nil {
		*in = map[payload.Kind]int{}
	}
	(*in)[kind] += bytes
}

func TestTheObserverIsTold(t *testing.T) {
	a, told := newAPI(), &tallies{}
	b := payload.Observe(payload.ConfigMaps{Client: a.client, Reader: a.client}, told)
	for name, data := range map[string]string{
		"memory-1": "1", "input-1": "22", "job-a.uid.page-000000": "333", "job-a.uid.result-x-0": "4444", "anything": "55555",
	} {
		create(t, b, "ns", name, data)
		if _, err := b.Read(t.Context(), "ns", name); err != nil {
			t.Fatal(err)
		}
	}
	want := map[payload.Kind]int{payload.MemoryKind: 1, payload.InputKind: 2, payload.PageKind: 3, payload.ResultKind: 4}
	if diff := cmp.Diff([]map[payload.Kind]int{want, want}, []map[payload.Kind]int{told.wrote, told.read}); diff != "" {
		t.Errorf("bytes (-want +got):\n%s", diff)
	}
	// A name that is taken or missing is no failure.
	_ = b.Create(t.Context(), payload.Blob{Namespace: "ns", Name: "memory-1"})
	_, _ = b.Read(t.Context(), "ns", "memory-2")
	if len(told.failed) > 0 {
		t.Errorf("failed: %v", told.failed)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := payload.Observe(open(t, "file://"+t.TempDir()), told)
	_ = d.Create(ctx, payload.Blob{Namespace: "ns", Name: "a"})
	_, _ = d.Read(ctx, "ns", "a")
	_, _ = d.List(ctx, "ns", "")
	_ = d.Delete(ctx, "ns", "a")
	if want := []payload.Op{payload.CreateOp, payload.ReadOp, payload.ListOp, payload.DeleteOp}; !slices.Equal(want, told.failed) {
		t.Errorf("failed: %v, want %v", told.failed, want)
	}
}
