//go:build unix

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lockPoll is how often a waiting process asks for a file lock again.
const lockPoll = 250 * time.Millisecond

// errLocked means that another process holds the lock.
var errLocked = errors.New("locked by another process")

// fileLock is a lock on a file that the kernel gives up when the process ends,
// however it ends. The file holds the owner's process id while it is locked and
// is empty after an orderly end.
type fileLock struct {
	file *os.File
	// owner is the process id found in the file when it was taken: of an owner
	// that did not end in order. Zero when there was none.
	owner int
}

// tryLock takes the lock or returns errLocked and the owner's process id, 0 when
// it cannot be read.
func tryLock(path string) (*fileLock, int, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open the lock file: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	owner := readOwner(file)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, owner, errors.Join(errLocked, file.Close())
	}
	if err == nil {
		err = writeOwner(file, strconv.Itoa(os.Getpid())+"\n")
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return &fileLock{file: file, owner: owner}, 0, nil
}

// waitLock takes the lock as soon as it is free. It calls waiting once, with the
// owner's process id, when it is not free at once.
func waitLock(ctx context.Context, path string, waiting func(owner int)) (*fileLock, error) {
	lock, owner, err := tryLock(path)
	if !errors.Is(err, errLocked) {
		return lock, err
	}
	waiting(owner)
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-poll.C:
		}
		if lock, _, err = tryLock(path); !errors.Is(err, errLocked) {
			return lock, err
		}
	}
}

// release empties the file and gives the lock up. The file stays: removing it
// would let two processes lock two files of one name.
func (l *fileLock) release() error {
	return errors.Join(writeOwner(l.file, ""), l.file.Close())
}

func readOwner(file *os.File) int {
	content, err := io.ReadAll(io.NewSectionReader(file, 0, 32))
	if err != nil {
		return 0
	}
	owner, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0
	}
	return owner
}

func writeOwner(file *os.File, content string) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(content), 0)
	return err
}
