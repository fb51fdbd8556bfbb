package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

func TestCreateKeyPrintsTheKeyAlone(t *testing.T) {
	store := &tenancy.Store{
		Client: fake.NewClientBuilder().Build(),
		Random: bytes.NewReader(make([]byte, 32)),
		Now:    func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) },
	}
	var out, notes strings.Builder
	if err := createKey(t.Context(), store, "demo", "shop", &out, &notes); err != nil {
		t.Fatal(err)
	}
	key := "sk_live_" + strings.Repeat("a", 52)
	if diff := cmp.Diff(key+"\n", out.String()); diff != "" {
		t.Errorf("createKey() printed (-want +got):\n%s", diff)
	}
	wantNotes := `key "shop" of account "demo", hash ` + tenancy.Hash(key)[:16] + "; it is not shown again:\n"
	if diff := cmp.Diff(wantNotes, notes.String()); diff != "" {
		t.Errorf("createKey() noted (-want +got):\n%s", diff)
	}
}

func TestPrintKeysShowsNoKey(t *testing.T) {
	hash := tenancy.Hash("sk_live_x")
	var out strings.Builder
	err := printKeys([]tenancy.Key{{Account: "demo", Name: "shop", Hash: hash, CreatedAt: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}}, &out)
	if err != nil {
		t.Fatal(err)
	}
	want := "NAME   HASH               CREATED\nshop   " + hash[:16] + "   2026-11-21T12:00:00Z\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("printKeys() (-want +got):\n%s", diff)
	}
}
