package tenancy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// counter is a source of randomness that never repeats.
type counter byte

func (c *counter) Read(p []byte) (int, error) {
	*c++
	for i := range p {
		p[i] = byte(*c)
	}
	return len(p), nil
}

func TestGenerate(t *testing.T) {
	cases := map[string]struct {
		random  io.Reader
		want    string
		wantErr bool
	}{
		"a key is the prefix and 32 bytes in base32": {random: bytes.NewReader(make([]byte, 32)), want: "sk_live_" + strings.Repeat("a", 52)},
		"too little randomness makes no key":         {random: bytes.NewReader(make([]byte, 31)), wantErr: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Generate(tc.random)
			if (err != nil) != tc.wantErr {
				t.Fatalf("Generate() error = %v, want an error: %t", err, tc.wantErr)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Generate() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecretKeepsTheKeyAndNotItsValue(t *testing.T) {
	value := prefix + "abc"
	want := Key{Account: "demo", Name: "shop", Hash: Hash(value), CreatedAt: noon}
	secret := newSecret(want)
	got, err := readSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readSecret(newSecret()) (-want +got):\n%s", diff)
	}
	if strings.Contains(secret.String(), value) {
		t.Error("the secret holds the key itself")
	}
}

func TestReadSecret(t *testing.T) {
	hash := Hash("sk_live_x")
	cases := map[string]struct {
		data    map[string][]byte
		want    Key
		wantErr bool
	}{
		"without a hash it is no key":                {data: map[string][]byte{nameData: []byte("shop")}, wantErr: true},
		"with half a hash it is no key":              {data: map[string][]byte{hashData: []byte(hash[:32])}, wantErr: true},
		"with something else of that length neither": {data: map[string][]byte{hashData: []byte(strings.Repeat("z", 64))}, wantErr: true},
		"an unreadable time falls back to the secret's": {
			data: map[string][]byte{hashData: []byte(hash), createdAtData: []byte("yesterday")},
			want: Key{Account: "demo", Hash: hash, CreatedAt: noon},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := readSecret(&corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: "demo", Name: "k", CreationTimestamp: metav1.NewTime(noon)},
				Data:       tc.data,
			})
			if (err != nil) != tc.wantErr {
				t.Fatalf("readSecret() error = %v, want an error: %t", err, tc.wantErr)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("readSecret() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStore(t *testing.T) {
	ctx := t.Context()
	random := new(counter)
	now := noon
	store := &Store{Client: fake.NewClientBuilder().Build(), Random: random, Now: func() time.Time { return now }}

	first, firstKey, err := store.Create(ctx, "demo", "shop")
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	_, secondKey, err := store.Create(ctx, "demo", "plug-in")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Create(ctx, "other", "shop"); err != nil {
		t.Fatal(err)
	}
	if firstKey.Hash != Hash(first) {
		t.Errorf("the key's hash is %s, want that of the value, %s", firstKey.Hash, Hash(first))
	}

	listed, err := store.List(ctx, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Key{firstKey, secondKey}, listed); diff != "" {
		t.Errorf("List() (-want +got):\n%s", diff)
	}

	if _, err := store.Revoke(ctx, "demo", "nobody"); !errors.Is(err, ErrNoKey) {
		t.Errorf("Revoke(an unknown key) = %v, want ErrNoKey", err)
	}
	if _, err := store.Revoke(ctx, "demo", secondKey.Hash[:8]); err != nil {
		t.Errorf("Revoke(the beginning of a hash) = %v", err)
	}
	if listed, err = store.List(ctx, "demo"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Key{firstKey}, listed); diff != "" {
		t.Errorf("List() after Revoke() (-want +got):\n%s", diff)
	}
	if listed, err = store.List(ctx, "other"); err != nil || len(listed) != 1 {
		t.Errorf("List(the other account) = %v, %v, want its one key", listed, err)
	}
}

func TestRevokeDeletesNothingWhenTheNameIsShared(t *testing.T) {
	store := &Store{Client: fake.NewClientBuilder().Build(), Random: new(counter), Now: func() time.Time { return noon }}
	for range 2 {
		if _, _, err := store.Create(t.Context(), "demo", "shop"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Revoke(t.Context(), "demo", "shop"); err == nil || errors.Is(err, ErrNoKey) {
		t.Errorf("Revoke() = %v, want an error that asks for the whole hash", err)
	}
	if listed, err := store.List(t.Context(), "demo"); err != nil || len(listed) != 2 {
		t.Errorf("List() = %d keys, %v, want both", len(listed), err)
	}
}

func TestCreateBoundsTheName(t *testing.T) {
	for name, value := range map[string]string{"no name": "", "a name that is too long": strings.Repeat("n", 101)} {
		t.Run(name, func(t *testing.T) {
			store := &Store{Client: fake.NewClientBuilder().Build(), Random: new(counter), Now: time.Now}
			if _, _, err := store.Create(t.Context(), "demo", value); err == nil {
				t.Error("Create() made a key")
			}
		})
	}
}

// reads is a reader that counts how often it was asked.
type reads struct {
	client.Reader

	lists int
}

func (r *reads) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	r.lists++
	return r.Reader.List(ctx, list, opts...)
}

// readerOf returns a reader over secrets, with the cache's index.
func readerOf(secrets ...*corev1.Secret) *reads {
	objects := make([]client.Object, len(secrets))
	for i, secret := range secrets {
		objects[i] = secret
	}
	index := func(object client.Object) []string { return []string{object.GetLabels()[v1alpha1.APIKeyHashLabel]} }
	return &reads{Reader: fake.NewClientBuilder().WithObjects(objects...).WithIndex(&corev1.Secret{}, hashIndex, index).Build()}
}

func TestAccount(t *testing.T) {
	const value = prefix + "abcdefgh"
	keep := func(account string, age time.Duration) *corev1.Secret {
		secret := newSecret(Key{Account: account, Name: "k", Hash: Hash(value), CreatedAt: noon})
		secret.CreationTimestamp = metav1.NewTime(noon.Add(-age))
		return secret
	}
	forged := keep("mallory", time.Hour)
	forged.Data[hashData] = []byte(Hash(value)[:63] + "0")
	cases := map[string]struct {
		value     string
		cached    []*corev1.Secret
		live      []*corev1.Secret
		want      string
		wantErr   error
		wantLists int
	}{
		"a key in the cache costs no read":                       {value: value, cached: []*corev1.Secret{keep("demo", 0)}, want: "demo"},
		"a key that the cache does not have yet is read":         {value: value, live: []*corev1.Secret{keep("demo", 0)}, want: "demo", wantLists: 1},
		"an unknown key is refused":                              {value: prefix + "other", cached: []*corev1.Secret{keep("demo", 0)}, wantErr: ErrUnknownKey, wantLists: 1},
		"no key is refused without a read":                       {value: "", wantErr: ErrUnknownKey},
		"a value that cannot be a key is refused without a read": {value: "letmein", wantErr: ErrUnknownKey},
		"a value that is too long is refused without a read":     {value: prefix + strings.Repeat("a", 200), wantErr: ErrUnknownKey},
		"a hash that only begins alike is refused":               {value: value, cached: []*corev1.Secret{forged}, wantErr: ErrUnknownKey, wantLists: 1},
		"of two accounts with one hash the older has it":         {value: value, cached: []*corev1.Secret{keep("mallory", 0), keep("victim", time.Hour)}, want: "victim"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			live := readerOf(tc.live...)
			keys := newAuthenticator(readerOf(tc.cached...), live, func() time.Time { return noon })
			got, err := keys.Account(t.Context(), tc.value)
			if !errors.Is(err, tc.wantErr) {
				t.Fatalf("Account() error = %v, want %v", err, tc.wantErr)
			}
			if got != tc.want || live.lists != tc.wantLists {
				t.Errorf("Account() = %q after %d reads, want %q after %d", got, live.lists, tc.want, tc.wantLists)
			}
		})
	}
}

func TestUnknownKeysCauseFewReads(t *testing.T) {
	live := readerOf()
	now := noon
	keys := newAuthenticator(readerOf(), live, func() time.Time { return now })
	ask := func(times int) {
		for i := range times {
			if _, err := keys.Account(t.Context(), prefix+strings.Repeat("x", i+1)); !errors.Is(err, ErrUnknownKey) {
				t.Fatalf("Account() error = %v, want ErrUnknownKey", err)
			}
		}
	}
	ask(100)
	got := []int{live.lists}
	now = now.Add(time.Second)
	ask(100)
	got = append(got, live.lists)
	if want := []int{liveReadBurst, liveReadBurst + liveReadsPerSecond}; !slices.Equal(got, want) {
		t.Errorf("reads after 100 and 200 unknown keys = %v, want %v", got, want)
	}
}
