//go:build unix

package controlplane

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/yaml"
)

const (
	// indexTimeout is short: where the index cannot be reached, packets are often
	// dropped in silence, and a build is the way to go.
	indexTimeout = 3 * time.Second
	// downloadTimeout bounds the download of an archive of about 70 MB.
	downloadTimeout = 10 * time.Minute
	// indexLimit and archiveLimit bound what is read, in bytes; both are about
	// four times the present size.
	indexLimit   = 4 << 20
	archiveLimit = 400 << 20
)

// errNoIndex says that there is nothing to download from. It is not worth a word.
var errNoIndex = errors.New("the index of downloads cannot be reached")

// releaseIndex is the list of archives that envtest publishes: by version, then
// by file name.
type releaseIndex struct {
	Releases map[string]map[string]releaseArchive `json:"releases"`
}

type releaseArchive struct {
	Hash     string `json:"hash"`
	SelfLink string `json:"selfLink"`
}

// download gets the newest programs for this machine and keeps them in
// setup-envtest's store. envtest can do the same, and cannot be interrupted.
func (f Finder) download(ctx context.Context) (Binaries, error) {
	if f.Index == "" || f.Store == "" {
		return Binaries{}, errNoIndex
	}
	index, err := fetchIndex(ctx, f.Index)
	if err != nil {
		return Binaries{}, errNoIndex
	}
	newest, archive, ok := index.newest(platform())
	if !ok {
		return Binaries{}, errNoIndex
	}
	fmt.Fprintf(f.Out, "Downloading kube-apiserver and etcd %s; this happens once.\n", newest)
	content, err := fetch(ctx, archive.SelfLink, downloadTimeout, archiveLimit)
	if err != nil {
		return Binaries{}, err
	}
	if sum := sha512.Sum512(content); hex.EncodeToString(sum[:]) != strings.ToLower(archive.Hash) {
		return Binaries{}, errors.New("the archive does not have the checksum of the index")
	}
	dir := filepath.Join(f.Store, newest.String()+"-"+platform())
	if err := unpackPrograms(content, dir); err != nil {
		return Binaries{}, err
	}
	return inDir(dir)
}

// newest returns the newest stable version that has an archive for a platform.
func (i releaseIndex) newest(platform string) (*version.Version, releaseArchive, bool) {
	var newest *version.Version
	var found releaseArchive
	for name, archives := range i.Releases {
		v, err := version.ParseSemantic(name)
		if err != nil || v.PreRelease() != "" || !v.AtLeast(version.MustParseSemantic(oldestServer)) {
			continue
		}
		archive, ok := archives[fmt.Sprintf("envtest-%s-%s.tar.gz", name, platform)]
		if ok && (newest == nil || newest.LessThan(v)) {
			newest, found = v, archive
		}
	}
	return newest, found, newest != nil
}

func fetchIndex(ctx context.Context, url string) (releaseIndex, error) {
	content, err := fetch(ctx, url, indexTimeout, indexLimit)
	if err != nil {
		return releaseIndex{}, err
	}
	var index releaseIndex
	if err := yaml.Unmarshal(content, &index); err != nil {
		return releaseIndex{}, fmt.Errorf("read the index of downloads: %w", err)
	}
	return index, nil
}

func fetch(ctx context.Context, url string, timeout time.Duration, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", response.Status)
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("the answer is larger than %d bytes", limit)
	}
	return content, nil
}

// unpackPrograms puts the files of an archive into a new directory, which
// appears whole or not at all.
func unpackPrograms(archive []byte, dir string) (err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), ".unpack-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return fmt.Errorf("unpack the archive: %w", err)
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("unpack the archive: %w", err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		if err := unpackFile(filepath.Join(temp, path.Base(header.Name)), files); err != nil {
			return err
		}
	}
	if _, err := inDir(temp); err != nil {
		return fmt.Errorf("the archive lacks a program: %w", err)
	}
	if _, err := inDir(dir); err == nil {
		// Another process was faster.
		return nil
	}
	// What else lies there is half of what envtest itself once downloaded.
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(temp, dir)
}

func unpackFile(path string, content io.Reader) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	// The archive as a whole was bounded and checked against its checksum.
	_, err = io.Copy(file, content) //nolint:gosec // see above
	return errors.Join(err, file.Close())
}
