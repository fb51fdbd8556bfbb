package payload_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

func TestCheckpoints(t *testing.T) {
	a := newAPI()
	mine := job("job", "uid")
	load := func(what string, j *v1alpha1.TranslationJob, want string) {
		t.Helper()
		got, err := a.LoadCheckpoint(t.Context(), j)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	save := func(j *v1alpha1.TranslationJob, data string) {
		t.Helper()
		if err := a.SaveCheckpoint(t.Context(), j, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	load("before the first", mine, "")
	save(mine, "one")
	load("the first", mine, "one")
	save(mine, "two")
	load("the second in place of the first", mine, "two")

	other := job("job", "another uid")
	load("a job made again under the name", other, "")
	save(other, "three")
	load("its own", other, "three")
	load("which is not the old job's", mine, "")

	for range 2 { // dropping twice is dropping once
		if err := a.DropCheckpoint(t.Context(), other); err != nil {
			t.Fatal(err)
		}
	}
	load("after it was dropped", other, "")
	if n := len(a.configMaps(t)); n != 0 {
		t.Errorf("%d ConfigMaps are left", n)
	}
}

func TestCheckpointErrors(t *testing.T) {
	a := newAPI()
	mine := job("job", "uid")
	if err := a.SaveCheckpoint(t.Context(), mine, noise(shard+1)); err == nil || len(a.configMaps(t)) != 0 {
		t.Errorf("a checkpoint over the limit was saved: %v", err)
	}
	a.refuse["create"] = errors.New("quota exceeded")
	if err := a.SaveCheckpoint(t.Context(), mine, []byte("one")); err == nil || err.Error() != "save checkpoint: quota exceeded" {
		t.Errorf("SaveCheckpoint(): %v", err)
	}
	a.refuse["get"] = errors.New("no route")
	if _, err := a.LoadCheckpoint(t.Context(), mine); err == nil || err.Error() != "load checkpoint: no route" {
		t.Errorf("LoadCheckpoint(): %v", err)
	}
}
