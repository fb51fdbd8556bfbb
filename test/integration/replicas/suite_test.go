// Package replicas_test tells what happens when there are several of a part, as
// stories on a real API server: managers that take over from one another, managers
// that share the jobs, adapters that get the same request at the same moment.
//
// Most replicas are processes of the built program, so that they can be killed.
package replicas_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/dragoman-dev/dragoman/test/cluster"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
)

var (
	world *suite.World
	// binary is the built program, and kubeconfig leads it to the control plane.
	binary, kubeconfig string
)

func TestReplicas(t *testing.T) { suite.Run(t, "Replicas", 45*time.Second) }

var _ = BeforeSuite(func() {
	world = suite.Start()
	dir := GinkgoT().TempDir()
	binary, kubeconfig = filepath.Join(dir, "dragoman"), filepath.Join(dir, "kubeconfig")
	build := exec.Command("go", "build", "-o", binary, "./cmd/dragoman")
	build.Dir = cluster.Path()
	output, err := build.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(output))
	Expect(clientcmd.WriteToFile(kubeconfigOf(world.Config), kubeconfig)).To(Succeed())
})

// kubeconfigOf writes out how to reach a cluster.
func kubeconfigOf(config *rest.Config) clientcmdapi.Config {
	const name = "test"
	server := clientcmdapi.NewCluster()
	server.Server, server.CertificateAuthorityData = config.Host, config.CAData
	if !strings.Contains(server.Server, "://") {
		server.Server = "https://" + server.Server
	}
	user := clientcmdapi.NewAuthInfo()
	user.ClientCertificateData, user.ClientKeyData = config.CertData, config.KeyData
	both := clientcmdapi.NewContext()
	both.Cluster, both.AuthInfo = name, name
	out := clientcmdapi.NewConfig()
	out.Clusters[name], out.AuthInfos[name], out.Contexts[name], out.CurrentContext = server, user, both, name
	return *out
}

// process is a running program.
type process struct {
	command *exec.Cmd
	output  *output
	ended   chan error
}

// start runs the program. What is left of it after the story is killed.
func start(args ...string) *process {
	GinkgoHelper()
	p := &process{command: exec.Command(binary, args...), output: &output{}, ended: make(chan error, 1)}
	p.command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	p.command.Stdout, p.command.Stderr = p.output, p.output
	Expect(p.command.Start()).To(Succeed())
	go func() { p.ended <- p.command.Wait() }()
	DeferCleanup(func() {
		if CurrentSpecReport().Failed() {
			GinkgoWriter.Printf("%s %s:\n%s\n", binary, strings.Join(args, " "), p.output)
		}
		if err := p.command.Process.Kill(); err == nil {
			Eventually(p.ended).Should(Receive())
		} else {
			Expect(errors.Is(err, os.ErrProcessDone)).To(BeTrue(), "%v", err)
		}
	})
	return p
}

// end asks the program to end, and waits until it has, in order.
func (p *process) end() {
	GinkgoHelper()
	Expect(p.command.Process.Signal(syscall.SIGTERM)).To(Succeed())
	Eventually(p.ended).Should(Receive(BeNil()), p.output.String)
}

// kill ends the program as a crash would.
func (p *process) kill() {
	GinkgoHelper()
	Expect(p.command.Process.Kill()).To(Succeed())
	Eventually(p.ended).Should(Receive())
}

// signal stops the program where it stands, or has it go on.
func (p *process) signal(s syscall.Signal) {
	GinkgoHelper()
	Expect(p.command.Process.Signal(s)).To(Succeed())
}

// output remembers what a program says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String returns all that was said.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// freeAddress returns an address of the loopback interface that nobody listens on.
func freeAddress() string {
	GinkgoHelper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	Expect(listener.Close()).To(Succeed())
	return listener.Addr().String()
}
