package payload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// bucketBytes bounds a blob outside of the cluster: a payload is one file in nearly
	// every case.
	bucketBytes = 64 << 20
	// incoming holds files that are being written. It also shows that the directory is
	// the store, and not the empty place where it is not mounted.
	incoming = ".incoming"
)

// Directory is a backend that keeps each blob as a file: <directory>/<namespace>/<name>.
// Its file system must have hard links: making one is the step at which of two
// creates one wins, in one process or in many. Make it with OpenDirectory.
type Directory struct{ root string }

// OpenDirectory opens a directory as a store, and makes it when it is not there. It
// fails when the directory cannot be written or has no hard links.
func OpenDirectory(path string) (*Directory, error) {
	d := &Directory{root: path}
	if err := os.MkdirAll(filepath.Join(path, incoming), 0o700); err != nil {
		return nil, fmt.Errorf("make a directory for payloads: %w", err)
	}
	trial, err := d.write([]byte("trial"))
	if err != nil {
		return nil, fmt.Errorf("try the directory for payloads: %w", err)
	}
	link := trial + ".link"
	if err := errors.Join(os.Link(trial, link), os.Remove(trial), ignoreGone(os.Remove(link))); err != nil {
		return nil, fmt.Errorf("try a hard link in the directory for payloads: %w", err)
	}
	return d, nil
}

// MaxBytes implements Backend: 64 MiB.
func (*Directory) MaxBytes() int { return bucketBytes }

// Create implements Backend. The file is on the disk when it returns, whole, or it is
// not there at all.
func (d *Directory) Create(ctx context.Context, blob Blob) error {
	path, err := d.path(ctx, blob.Namespace, blob.Name)
	if err != nil {
		return err
	}
	written, err := d.write(blob.Data)
	if err != nil {
		return fmt.Errorf("write blob %q: %w", blob.Name, err)
	}
	err = os.Link(written, path)
	if errors.Is(err, fs.ErrNotExist) { // the first of its namespace
		if err = os.Mkdir(filepath.Dir(path), 0o700); err == nil || errors.Is(err, fs.ErrExist) {
			err = os.Link(written, path)
		}
	}
	err = errors.Join(err, os.Remove(written))
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("write blob %q: %w", blob.Name, err)
	}
	return nil
}

// write writes a file beside the store, and leaves nothing behind when it fails.
func (d *Directory) write(data []byte) (path string, err error) {
	f, err := os.CreateTemp(filepath.Join(d.root, incoming), "")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Read implements Backend.
func (d *Directory) Read(ctx context.Context, namespace, name string) ([]byte, error) {
	path, err := d.path(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read blob %q: %w", name, d.gone(err))
	}
	return data, nil
}

// gone tells a missing blob from a missing store.
func (d *Directory) gone(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(filepath.Join(d.root, incoming)); err != nil {
		return fmt.Errorf("the store is not there: %w", err)
	}
	return ErrNotFound
}

// List implements Backend.
func (d *Directory) List(ctx context.Context, namespace, prefix string) ([]Info, error) {
	namespaces := []string{namespace}
	if namespace == "" {
		entries, err := os.ReadDir(d.root)
		if err != nil {
			return nil, fmt.Errorf("list blobs: %w", err)
		}
		namespaces = nil
		for _, e := range entries {
			if e.Name() != incoming {
				namespaces = append(namespaces, e.Name())
			}
		}
	}
	var infos []Info
	for _, ns := range namespaces {
		entries, err := os.ReadDir(filepath.Join(d.root, ns))
		if err != nil && !errors.Is(d.gone(err), ErrNotFound) {
			return nil, fmt.Errorf("list blobs: %w", err)
		}
		for _, e := range entries {
			file, err := e.Info()
			if err != nil || !strings.HasPrefix(e.Name(), prefix) || checkNames(ns, e.Name()) != nil {
				continue // deleted meanwhile, or not ours
			}
			infos = append(infos, Info{
				Namespace: ns, Name: e.Name(), Owner: ownerOf(e.Name()),
				Bytes: file.Size(), Created: file.ModTime(),
			})
		}
	}
	slices.SortFunc(infos, byName)
	return infos, ctx.Err()
}

// Delete implements Backend.
func (d *Directory) Delete(ctx context.Context, namespace, name string) error {
	path, err := d.path(ctx, namespace, name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(d.gone(err), ErrNotFound) {
		return fmt.Errorf("delete blob %q: %w", name, err)
	}
	return nil
}

// Refresh implements Refresher.
func (d *Directory) Refresh(ctx context.Context, blob Blob, now time.Time) error {
	path, err := d.path(ctx, blob.Namespace, blob.Name)
	if err != nil {
		return err
	}
	if err := os.Chtimes(path, now, now); err != nil {
		return fmt.Errorf("refresh blob %q: %w", blob.Name, d.gone(err))
	}
	return nil
}

// DeleteUnchanged implements Refresher. The file system has no comparison inside a
// delete; the gap is some microseconds.
func (d *Directory) DeleteUnchanged(ctx context.Context, info Info) (bool, error) {
	path, err := d.path(ctx, info.Namespace, info.Name)
	if err != nil {
		return false, err
	}
	file, err := os.Stat(path)
	switch {
	case err == nil && !file.ModTime().Equal(info.Created), err != nil && errors.Is(d.gone(err), ErrNotFound):
		return false, nil
	case err == nil:
		err = os.Remove(path)
	}
	if err != nil {
		return false, fmt.Errorf("delete blob %q: %w", info.Name, err)
	}
	return true, nil
}

// tidy removes what a process that was killed has begun to write.
func (d *Directory) tidy(before time.Time) error {
	entries, err := os.ReadDir(filepath.Join(d.root, incoming))
	if err != nil {
		return fmt.Errorf("look for unfinished files: %w", err)
	}
	var errs []error
	for _, e := range entries {
		if file, err := e.Info(); err == nil && file.ModTime().Before(before) {
			errs = append(errs, ignoreGone(os.Remove(filepath.Join(d.root, incoming, e.Name()))))
		}
	}
	return errors.Join(errs...)
}

func (d *Directory) path(ctx context.Context, namespace, name string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := checkNames(namespace, name); err != nil {
		return "", err
	}
	return filepath.Join(d.root, namespace, name), nil
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
