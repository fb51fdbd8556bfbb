package controlplane

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// Names of files in the certificate directory. envtest fixes the server's and
// the service account's; it leaves them alone once apiserver.crt is there.
const (
	caName             = "ca"
	serverName         = "apiserver"
	adminName          = "admin"
	etcdName           = "etcd"
	serviceAccountName = "sa-signer"
)

const (
	// certificateLife is long because nobody renews the certificates of a data
	// directory by hand. They never leave the machine.
	certificateLife = 10 * 365 * 24 * time.Hour
	// renewBefore is the rest of its life at which a certificate is made anew when
	// the control plane starts.
	renewBefore = 30 * 24 * time.Hour
)

// pki is the certificate authority of one data directory. It is kept, so that a
// kubeconfig and service account tokens stay good over a restart.
type pki struct {
	dir  string
	now  time.Time
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// openPKI reads the certificates in dir and makes those that are missing, at
// the end of their life or not good for host.
func openPKI(dir, host string, now time.Time) (*pki, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the certificate directory: %w", err)
	}
	p := &pki{dir: dir, now: now}
	if err := p.openCA(); err != nil {
		return nil, err
	}
	if err := p.ensureServiceAccountKey(); err != nil {
		return nil, err
	}
	server := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(host); ip != nil {
		server.IPAddresses = append(server.IPAddresses, ip)
	} else {
		server.DNSNames = append(server.DNSNames, host)
	}
	admin := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	// One certificate for both ends: kube-apiserver is the only client of etcd.
	etcd := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "etcd"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	return p, errors.Join(
		p.ensureLeaf(serverName, server, host),
		p.ensureLeaf(adminName, admin, ""),
		p.ensureLeaf(etcdName, etcd, "127.0.0.1"),
	)
}

// crt and keyFile are the paths of a certificate and its key.
func (p *pki) crt(name string) string     { return filepath.Join(p.dir, name+".crt") }
func (p *pki) keyFile(name string) string { return filepath.Join(p.dir, name+".key") }

// clientConfig returns how an administrator reaches the server.
func (p *pki) clientConfig(address string) (*rest.Config, error) {
	cfg := &rest.Config{Host: "https://" + address}
	for _, part := range []struct {
		path string
		into *[]byte
	}{
		{p.crt(caName), &cfg.CAData},
		{p.crt(adminName), &cfg.CertData},
		{p.keyFile(adminName), &cfg.KeyData},
	} {
		content, err := os.ReadFile(part.path)
		if err != nil {
			return nil, fmt.Errorf("read a certificate: %w", err)
		}
		*part.into = content
	}
	return cfg, nil
}

func (p *pki) openCA() error {
	cert, key, err := readPair(p.crt(caName), p.keyFile(caName))
	if err == nil && p.now.Add(renewBefore).Before(cert.NotAfter) {
		p.cert, p.key = cert, key
		return nil
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "dragoman up"},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	p.cert, p.key, err = p.issue(caName, template)
	return err
}

// ensureLeaf keeps the certificate of a name when the authority signed it, it
// has life left and, unless host is empty, it is good for that host.
func (p *pki) ensureLeaf(name string, template *x509.Certificate, host string) error {
	cert, _, err := readPair(p.crt(name), p.keyFile(name))
	if err == nil {
		roots := x509.NewCertPool()
		roots.AddCert(p.cert)
		_, err = cert.Verify(x509.VerifyOptions{
			Roots:       roots,
			CurrentTime: p.now.Add(renewBefore),
			KeyUsages:   template.ExtKeyUsage,
			DNSName:     host,
		})
	}
	if err == nil {
		return nil
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	_, _, err = p.issue(name, template)
	return err
}

// ensureServiceAccountKey makes the key that signs service account tokens. It
// is never replaced: the tokens signed with it would end.
func (p *pki) ensureServiceAccountKey() error {
	if _, err := os.Stat(p.keyFile(serviceAccountName)); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make the service account key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return fmt.Errorf("encode the service account key: %w", err)
	}
	// The key comes last: its presence says that both are there.
	if err := writePEM(p.crt(serviceAccountName), "PUBLIC KEY", public); err != nil {
		return err
	}
	return writeKey(p.keyFile(serviceAccountName), key)
}

// issue makes a key and a certificate for it, signed by the authority or, when
// there is none yet, by itself.
func (p *pki) issue(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make the key of %s: %w", name, err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, fmt.Errorf("make the serial number of %s: %w", name, err)
	}
	template.SerialNumber = serial
	// An hour back: the clock may be set back a little between two starts.
	template.NotBefore = p.now.Add(-time.Hour)
	template.NotAfter = p.now.Add(certificateLife)
	parent, signer := template, crypto.Signer(key)
	if p.cert != nil && !template.IsCA {
		parent, signer = p.cert, p.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return nil, nil, fmt.Errorf("sign the certificate of %s: %w", name, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("read back the certificate of %s: %w", name, err)
	}
	if err := writeKey(p.keyFile(name), key); err != nil {
		return nil, nil, err
	}
	return cert, key, writePEM(p.crt(name), "CERTIFICATE", der)
}

// readPair reads a certificate and its key. A pair that does not belong
// together, as after a crash between two writes, is an error.
func readPair(certPath, keyPath string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certDER, err := readPEM(certPath)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := readPEM(keyPath)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(certDER)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(keyDER)
	if err != nil {
		return nil, nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(cert.PublicKey) {
		return nil, nil, errors.New("key and certificate do not belong together")
	}
	return cert, key, nil
}

func readPEM(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block", path)
	}
	return block.Bytes, nil
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode a key: %w", err)
	}
	return writePEM(path, "PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return writeFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// writeFile writes a file that only its owner may read, whole or not at all.
func writeFile(path string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(temp.Name()))
	}
	return nil
}

// certAuthn tells envtest to trust the kept authority, in place of one that it
// would make anew at each start.
type certAuthn struct{ pki *pki }

// Configure implements envtest.Authn.
func (a certAuthn) Configure(_ string, args *envtest.Arguments) error {
	args.Set("client-ca-file", a.pki.crt(caName))
	return nil
}

// AddUser implements envtest.Authn. envtest asks for a user of its own at each
// start; it gets the administrator's certificate.
func (a certAuthn) AddUser(_ envtest.User, base *rest.Config) (*rest.Config, error) {
	admin, err := a.pki.clientConfig("")
	if err != nil {
		return nil, err
	}
	cfg := rest.CopyConfig(base)
	cfg.CertData, cfg.KeyData = admin.CertData, admin.KeyData
	return cfg, nil
}

// Start and Stop implement envtest.Authn.
func (certAuthn) Start() error { return nil }
func (certAuthn) Stop() error  { return nil }
