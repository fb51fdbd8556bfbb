package payload_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/test/build"
)

// shard is the most bytes of one ConfigMap.
const shard = 512 << 10

var beginning = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// api is an API server's part, which may refuse.
type api struct {
	payload.Store
	client client.Client
	refuse map[string]error // by verb
}

func newAPI() *api {
	a := &api{refuse: map[string]error{}}
	c := fake.NewClientBuilder().WithInterceptorFuncs(interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.CreateOption) error {
			if err := a.refuse["create"]; err != nil {
				return err
			}
			obj.SetCreationTimestamp(metav1.NewTime(beginning))
			return c.Create(ctx, obj, opts...)
		},
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, obj client.Object, opts ...client.GetOption) error {
			if err := a.refuse["get"]; err != nil {
				return err
			}
			return c.Get(ctx, key, obj, opts...)
		},
	}).Build()
	a.client, a.Store = c, storeOn(payload.ConfigMaps{Client: c, Reader: c})
	return a
}

func (a *api) configMaps(t *testing.T) []corev1.ConfigMap {
	t.Helper()
	var list corev1.ConfigMapList
	if err := a.client.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	return list.Items
}

func job(name, uid string) *v1alpha1.TranslationJob {
	j := build.Job(name, "ns").Obj()
	j.UID = types.UID(uid)
	return j
}

// noise cannot be compressed.
func noise(n int) []byte {
	dice := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(dice.Uint32())
	}
	return data
}

func TestWhatIsPutCanBeOpened(t *testing.T) {
	// gzip adds 18 bytes, and 5 for each stored block of at most 65535 bytes.
	const full = shard - 18 - 5*9
	cases := map[string]struct {
		data       []byte
		wantShards int
	}{
		"one byte":                {data: []byte("a"), wantShards: 1},
		"text, compressed":        {data: []byte(strings.Repeat("Hola amigo. ", 200_000)), wantShards: 1},
		"two shards":              {data: noise(shard), wantShards: 2},
		"a byte of a third shard": {data: noise(2*full + 200), wantShards: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := newAPI()
			ref, err := a.Put(t.Context(), job("job", "uid"), tc.data)
			if err != nil {
				t.Fatal(err)
			}
			if int(ref.Shards) != tc.wantShards || int(ref.Bytes) != len(tc.data) || len(ref.SHA256) != 64 {
				t.Errorf("reference %+v, want %d shards of %d bytes", ref, tc.wantShards, len(tc.data))
			}
			for i, cm := range a.configMaps(t) {
				if size := len(cm.BinaryData["gzip"]); size == 0 || size > shard || i < tc.wantShards-1 && size != shard {
					t.Errorf("shard %d has %d bytes", i, size)
				}
				if cm.Name != fmt.Sprintf("%s-%d", ref.Name, i) || cm.Immutable == nil || !*cm.Immutable || cm.Labels[v1alpha1.PayloadLabel] != "true" {
					t.Errorf("shard %d is %q, immutable %v, labels %v", i, cm.Name, cm.Immutable, cm.Labels)
				}
				if owner := cm.OwnerReferences[0]; owner.UID != "uid" || owner.Kind != "TranslationJob" || owner.Controller == nil || !*owner.Controller {
					t.Errorf("shard %d belongs to %+v", i, owner)
				}
			}
			got, err := a.Open(t.Context(), "ns", ref)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(tc.data) {
				t.Errorf("opened %d bytes that differ from the %d that were put", len(got), len(tc.data))
			}
		})
	}
}

func TestPutTwiceIsPutOnce(t *testing.T) {
	a := newAPI()
	first, err := a.Put(t.Context(), job("job", "uid"), []byte("same"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.Put(t.Context(), job("job", "uid"), []byte("same"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("references (-first +second):\n%s", diff)
	}
	if n := len(a.configMaps(t)); n != 1 {
		t.Errorf("%d ConfigMaps, want one", n)
	}
}

// What a deleted job of the same name left behind is about to be collected: the new
// job needs shards of its own.
func TestJobsShareNoShards(t *testing.T) {
	long := strings.Repeat("x", 240)
	cases := map[string]struct{ first, second *v1alpha1.TranslationJob }{
		"made again under the same name": {job("job", "old"), job("job", "new")},
		"names that begin alike":         {job(long+"-a", "a"), job(long+"-b", "b")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := newAPI()
			for _, j := range []*v1alpha1.TranslationJob{tc.first, tc.second} {
				if _, err := a.Put(t.Context(), j, []byte("same")); err != nil {
					t.Fatal(err)
				}
			}
			owners := map[types.UID]bool{}
			for _, cm := range a.configMaps(t) {
				owners[cm.OwnerReferences[0].UID] = true
			}
			if want := map[types.UID]bool{tc.first.UID: true, tc.second.UID: true}; !cmp.Equal(want, owners) {
				t.Errorf("owners of the shards: %v, want %v", owners, want)
			}
		})
	}
}

func TestNamesAreValid(t *testing.T) {
	for _, name := range []string{"a", strings.Repeat("x", 253), strings.Repeat("x", 199) + ".y", strings.Repeat("x", 198) + ".-"[:1] + "y.z", strings.Repeat("x", 199) + "-y"} {
		a := newAPI()
		if _, err := a.Put(t.Context(), job(name, strings.Repeat("u", 36)), []byte("data")); err != nil {
			t.Fatal(err)
		}
		p, _, err := a.OpenPages(t.Context(), job(name, strings.Repeat("u", 36)), true)
		if err != nil {
			t.Fatal(err)
		}
		appended(t, p, "data")
		for _, cm := range a.configMaps(t) {
			if faults := validation.IsDNS1123Subdomain(cm.Name); len(faults) > 0 {
				t.Errorf("the ConfigMap of a job with %d characters is %q: %v", len(name), cm.Name, faults)
			}
		}
	}
}

func TestOpenFindsDamage(t *testing.T) {
	cases := map[string]struct {
		damage func(*testing.T, *api, *v1alpha1.PayloadReference)
		want   string
	}{
		"a shard is gone": {
			damage: func(t *testing.T, a *api, _ *v1alpha1.PayloadReference) {
				if err := a.client.Delete(t.Context(), &a.configMaps(t)[1]); err != nil {
					t.Fatal(err)
				}
			},
			want: "shard 2 of 2: ",
		},
		"a shard was exchanged": {
			damage: func(t *testing.T, a *api, _ *v1alpha1.PayloadReference) {
				cm := a.configMaps(t)[1]
				cm.Immutable = nil
				cm.BinaryData["gzip"][40] ^= 1
				if err := a.client.Update(t.Context(), &cm); err != nil {
					t.Fatal(err)
				}
			},
			want: "read payload \"",
		},
		"another payload has its name": {
			damage: func(_ *testing.T, _ *api, ref *v1alpha1.PayloadReference) { ref.SHA256 = strings.Repeat("0", 64) },
			want:   "is damaged: its digest differs",
		},
		"a reference without shards": {
			damage: func(_ *testing.T, _ *api, ref *v1alpha1.PayloadReference) { ref.Shards = 0 },
			want:   "the reference says 0 shards, and 524288 bytes take 1 to 2",
		},
		"a reference with more shards than its bytes take": {
			damage: func(_ *testing.T, _ *api, ref *v1alpha1.PayloadReference) { ref.Shards = 1000 },
			want:   "the reference says 1000 shards, and 524288 bytes take 1 to 2",
		},
		"a reference of too many bytes": {
			damage: func(_ *testing.T, _ *api, ref *v1alpha1.PayloadReference) { ref.Bytes = 64<<20 + 1 },
			want:   "the reference says 67108865 bytes, which is not between 1 and 67108864",
		},
		"a reference of fewer bytes than there are": {
			damage: func(_ *testing.T, _ *api, ref *v1alpha1.PayloadReference) { ref.Bytes-- },
			want:   "decompress: more than 524287 bytes",
		},
		"a reference of more bytes than there are": {
			damage: func(_ *testing.T, _ *api, ref *v1alpha1.PayloadReference) { ref.Bytes++ },
			want:   "is damaged",
		},
		"a reference that leads elsewhere": {
			damage: func(_ *testing.T, _ *api, ref *v1alpha1.PayloadReference) { ref.Name = "../other/secret" },
			want:   "is no name of a blob",
		},
		"the API server does not answer": {
			damage: func(_ *testing.T, a *api, _ *v1alpha1.PayloadReference) { a.refuse["get"] = errors.New("no route") },
			want:   "no route",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := newAPI()
			ref, err := a.Put(t.Context(), job("job", "uid"), noise(shard))
			if err != nil {
				t.Fatal(err)
			}
			tc.damage(t, a, &ref)
			if data, err := a.Open(t.Context(), "ns", ref); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Open() = %d bytes, %v; want an error with %q", len(data), err, tc.want)
			}
		})
	}
}

func TestPutSaysWhatFailed(t *testing.T) {
	a := newAPI()
	a.refuse["create"] = errors.New("quota exceeded")
	if _, err := a.Put(t.Context(), job("job", "uid"), []byte("data")); err == nil || !strings.HasSuffix(err.Error(), ": quota exceeded") {
		t.Errorf("Put(): %v", err)
	}
	_, err := a.Put(t.Context(), job("job", "uid"), make([]byte, 64<<20+1))
	if tooLarge, ok := errors.AsType[*payload.TooLarge](err); !ok || tooLarge.Bytes != 64<<20+1 || tooLarge.Limit != 64<<20 {
		t.Errorf("Put() of too much: %v", err)
	}
	if _, err := a.Put(t.Context(), job("job", "uid"), nil); err == nil {
		t.Error("nothing was put")
	}
}
