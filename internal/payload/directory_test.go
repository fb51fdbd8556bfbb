package payload_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

// fullDisk names the directory in the process whose files may not grow.
const fullDisk = "DRAGOMAN_TEST_FULL_DISK"

// A disk that is full is played by a process that may write 64 KiB to a file.
func TestAFullDiskLeavesNoHalfBlob(t *testing.T) {
	if dir := os.Getenv(fullDisk); dir != "" {
		signal.Ignore(syscall.SIGXFSZ)
		b, err := payload.OpenBucket(t.Context(), "file://"+dir)
		if err != nil {
			t.Fatal(err)
		}
		s := storeOn(b)
		if _, err := s.Put(t.Context(), mine, noise(1<<20)); err == nil || !errors.Is(err, syscall.EFBIG) {
			t.Fatalf("stored over the limit: %v", err)
		}
		if _, err := s.Put(t.Context(), mine, []byte("small")); err != nil {
			t.Fatalf("what has room: %v", err)
		}
		return
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -f 128; exec "$0" "$@"`, os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), fullDisk+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) != 1 || !strings.Contains(files[0], "/ns/job-job.uid.result-") {
		t.Errorf("files %v, %v", files, err)
	}
}

// An empty mount point must not look like a store without blobs: a job would begin
// again from nothing.
func TestAStoreThatIsGoneIsNotEmpty(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := storeOn(open(t, "file://"+dir))
	p := opened(t, s, false)
	appended(t, p, "one")
	ref, err := s.Put(t.Context(), mine, []byte("result"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, dir+".elsewhere"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	gone := func(what string, err error) {
		t.Helper()
		if err == nil || errors.Is(err, payload.ErrNotFound) || errors.Is(err, payload.ErrFenced) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, _, err = s.OpenPages(t.Context(), mine, false)
	gone("OpenPages", err)
	_, err = s.Open(t.Context(), "ns", ref)
	gone("Open", err)
	gone("Append", p.Append(t.Context(), []byte("two")))
	_, err = s.Put(t.Context(), mine, []byte("more"))
	gone("Put", err)
	gone("DropPages", s.DropPages(t.Context(), mine))

	if err := errors.Join(os.Remove(dir), os.Rename(dir+".elsewhere", dir)); err != nil {
		t.Fatal(err)
	}
	appended(t, p, "two")
	opened(t, s, false, "one", "two")
}

func TestTheSweepTidiesUpAfterKilledWriters(t *testing.T) {
	dir := t.TempDir()
	s := storeOn(open(t, "file://"+dir))
	begun := map[string]time.Time{"old": time.Now().Add(-2 * time.Hour), "young": time.Now()}
	for name, at := range begun {
		path := filepath.Join(dir, ".incoming", name)
		if err := errors.Join(os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Sweep(t.Context(), sweepAt(time.Now(), false)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(dir, ".incoming"))
	if err != nil || len(left) != 1 || left[0].Name() != "young" {
		t.Errorf("left %v, %v", left, err)
	}
}
