package controlplane

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestCertificatesAreKeptAsLongAsTheyAreGood(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	all := []string{"admin.crt", "apiserver.crt", "ca.crt", "etcd.crt", "sa-signer.crt"}
	cases := map[string]struct {
		host     string
		after    time.Duration
		change   func(g *WithT, dir string)
		wantKept []string
	}{
		"a restart": {host: "127.0.0.1", after: time.Hour, wantKept: all},
		"another address needs another server certificate": {
			host: "192.0.2.7", wantKept: []string{"admin.crt", "ca.crt", "etcd.crt", "sa-signer.crt"},
		},
		"a host name does too": {
			host: "box.example", wantKept: []string{"admin.crt", "ca.crt", "etcd.crt", "sa-signer.crt"},
		},
		"near the end all are made anew, but for the key of the tokens": {
			host: "127.0.0.1", after: certificateLife - renewBefore + time.Hour, wantKept: []string{"sa-signer.crt"},
		},
		"a lost authority takes the others with it": {
			host: "127.0.0.1", wantKept: []string{"sa-signer.crt"},
			change: func(g *WithT, dir string) { g.Expect(os.Remove(filepath.Join(dir, "ca.key"))).To(Succeed()) },
		},
		"half a pair is made anew": {
			host: "127.0.0.1", wantKept: []string{"apiserver.crt", "ca.crt", "etcd.crt", "sa-signer.crt"},
			change: func(g *WithT, dir string) {
				content, err := os.ReadFile(filepath.Join(dir, "ca.key"))
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(os.WriteFile(filepath.Join(dir, "admin.key"), content, 0o600)).To(Succeed())
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			dir := filepath.Join(t.TempDir(), "pki")
			_, err := openPKI(dir, "127.0.0.1", start)
			g.Expect(err).NotTo(HaveOccurred())
			before := read(g, dir, all)
			if tc.change != nil {
				tc.change(g, dir)
			}

			p, err := openPKI(dir, tc.host, start.Add(tc.after))

			g.Expect(err).NotTo(HaveOccurred())
			after := read(g, dir, all)
			var kept []string
			for _, name := range all {
				if before[name] == after[name] {
					kept = append(kept, name)
				}
			}
			g.Expect(kept).To(Equal(tc.wantKept))
			server, _, err := readPair(p.crt(serverName), p.keyFile(serverName))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(server.VerifyHostname(tc.host)).To(Succeed())
			g.Expect(server.CheckSignatureFrom(p.cert)).To(Succeed())
		})
	}
}

func TestKeysAreForTheOwnerAlone(t *testing.T) {
	g := NewWithT(t)
	dir := filepath.Join(t.TempDir(), "pki")
	_, err := openPKI(dir, "127.0.0.1", time.Now())
	g.Expect(err).NotTo(HaveOccurred())
	for _, name := range []string{"ca.key", "admin.key", "apiserver.key", "etcd.key", "sa-signer.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(info.Mode().Perm()).To(Equal(fs.FileMode(0o600)), name)
	}
}

func read(g *WithT, dir string, names []string) map[string]string {
	contents := map[string]string{}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(dir, name))
		g.Expect(err).NotTo(HaveOccurred())
		contents[name] = string(content)
	}
	return contents
}
