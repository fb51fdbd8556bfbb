//go:build unix

package controlplane

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
)

func TestLocateLooksInOrder(t *testing.T) {
	p := platform()
	cases := map[string]struct {
		programs []string // directories that hold both programs
		assets   string
		wantDir  string // empty when nothing is to be found
		wantSaid string
	}{
		"KUBEBUILDER_ASSETS comes first": {
			programs: []string{"assets", "bin", "store/1.37.1-" + p}, assets: "assets", wantDir: "assets",
		},
		"KUBEBUILDER_ASSETS without the programs is named and left aside": {
			programs: []string{"bin"}, assets: "assets", wantDir: "bin",
			wantSaid: "KUBEBUILDER_ASSETS names ROOT/assets, which does not hold kube-apiserver and etcd, so it is left aside.\n",
		},
		"an earlier build comes before the store": {
			programs: []string{"bin", "store/1.37.1-" + p}, wantDir: "bin",
		},
		"the directory of the running program is looked at too": {
			programs: []string{"beside"}, wantDir: "beside",
		},
		"the newest version of the store counts, by number": {
			programs: []string{"store/1.9.0-" + p, "store/1.30.2-" + p, "store/1.31.0-" + p, "store/1.30.10-" + p},
			wantDir:  "store/1.31.0-" + p,
		},
		"versions before 1.30 and other platforms do not count": {
			programs: []string{"store/1.29.9-" + p, "store/1.37.1-plan9-mips", "store/latest"},
		},
		"an empty machine has nothing": {},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			root := t.TempDir()
			for _, dir := range tc.programs {
				g.Expect(os.MkdirAll(filepath.Join(root, dir), 0o700)).To(Succeed())
				script(g, filepath.Join(root, dir), "etcd", "")
				script(g, filepath.Join(root, dir), "kube-apiserver", "")
			}
			out := &output{}
			f := Finder{
				Source: filepath.Join(root, "nowhere"),
				Bin:    []string{filepath.Join(root, "bin"), filepath.Join(root, "beside")},
				Store:  filepath.Join(root, "store"),
				Out:    out,
			}
			if tc.assets != "" {
				f.Assets = filepath.Join(root, tc.assets)
			}

			found, ok := f.Locate()

			wantDir := ""
			if tc.wantDir != "" {
				wantDir = filepath.Join(root, tc.wantDir)
			}
			if diff := cmp.Diff(wantDir, found.Dir); diff != "" {
				t.Errorf("directory (-want +got):\n%s", diff)
			}
			if ok != (tc.wantDir != "") {
				t.Errorf("found: got %v", ok)
			}
			if diff := cmp.Diff(tc.wantSaid, strings.ReplaceAll(out.String(), root, "ROOT")); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHalfAProgramIsNoEarlierBuild(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	f := testFinder(g, dir, "", &output{})
	f.moduleVersion = moduleVersion
	bin := filepath.Join(dir, "bin")
	g.Expect(os.MkdirAll(bin, 0o700)).To(Succeed())
	for _, program := range []string{"etcd", "kube-apiserver"} {
		g.Expect(os.WriteFile(filepath.Join(bin, program), []byte("\x7fELF and no more"), 0o700)).To(Succeed())
	}

	_, ok := f.Locate()

	g.Expect(ok).To(BeFalse())
}

func TestDownloadFillsTheStore(t *testing.T) {
	both := archive(t, "controller-tools/envtest/etcd", "controller-tools/envtest/kube-apiserver", "controller-tools/envtest/kubectl")
	half := archive(t, "controller-tools/envtest/etcd")
	cases := map[string]struct {
		archive  []byte
		hash     string // of the archive when empty
		noIndex  bool
		wantErr  string
		wantSaid string
	}{
		"the newest stable version is kept in the store": {
			archive: both, wantSaid: "Downloading kube-apiserver and etcd 1.37.0; this happens once.\n",
		},
		"a wrong checksum is refused": {
			archive: both, hash: "00", wantErr: "the archive does not have the checksum of the index",
			wantSaid: "Downloading kube-apiserver and etcd 1.37.0; this happens once.\n",
		},
		"an archive without kube-apiserver is refused": {
			archive: half, wantErr: "the archive lacks a program",
			wantSaid: "Downloading kube-apiserver and etcd 1.37.0; this happens once.\n",
		},
		"without an index not a word is said": {
			noIndex: true, wantErr: "the index of downloads cannot be reached",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			sum := sha512.Sum512(tc.archive)
			hash := hex.EncodeToString(sum[:])
			if tc.hash != "" {
				hash = tc.hash
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case tc.noIndex:
					http.Error(w, "no", http.StatusServiceUnavailable)
				case r.URL.Path == "/index":
					fmt.Fprint(w, testIndex("http://"+r.Host, hash))
				case r.URL.Path == "/1.37.0":
					_, err := w.Write(tc.archive)
					g.Expect(err).NotTo(HaveOccurred())
				default:
					http.NotFound(w, r)
				}
			}))
			defer server.Close()
			out := &output{}
			store := filepath.Join(t.TempDir(), "store")
			f := Finder{Store: store, Index: server.URL + "/index", Out: out}

			found, err := f.download(t.Context())

			g.Expect(out.String()).To(Equal(tc.wantSaid))
			if tc.wantErr != "" {
				g.Expect(err).To(MatchError(ContainSubstring(tc.wantErr)))
				if _, err := os.Stat(store); err == nil {
					g.Expect(names(g, store)).To(BeEmpty())
				}
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			located, ok := f.Locate()
			g.Expect(ok).To(BeTrue())
			g.Expect(located).To(Equal(found))
			g.Expect(executable(filepath.Join(found.Dir, "kubectl"))).To(Succeed())
		})
	}
}

// testIndex lists a pre-release, an older version and one for another platform
// beside the version to take.
func testIndex(server, hash string) string {
	return fmt.Sprintf(`releases:
  v1.36.2:
    envtest-v1.36.2-%[1]s.tar.gz: {hash: "%[2]s", selfLink: "%[3]s/1.36.2"}
  v1.37.0:
    envtest-v1.37.0-%[1]s.tar.gz: {hash: "%[2]s", selfLink: "%[3]s/1.37.0"}
  v1.38.0:
    envtest-v1.38.0-plan9-mips.tar.gz: {hash: "%[2]s", selfLink: "%[3]s/1.38.0"}
  v1.38.0-alpha.1:
    envtest-v1.38.0-alpha.1-%[1]s.tar.gz: {hash: "%[2]s", selfLink: "%[3]s/1.38.0-alpha.1"}
`, platform(), hash, server)
}

func archive(t *testing.T, files ...string) []byte {
	t.Helper()
	g := NewWithT(t)
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	tarred := tar.NewWriter(zipped)
	for _, name := range files {
		content := "#!/bin/sh\n"
		g.Expect(tarred.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg})).To(Succeed())
		_, err := tarred.Write([]byte(content))
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(tarred.Close()).To(Succeed())
	g.Expect(zipped.Close()).To(Succeed())
	return packed.Bytes()
}
