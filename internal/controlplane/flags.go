package controlplane

import (
	"fmt"
	"net/url"

	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// configureEtcd lets etcd serve clients over TLS with client certificates only:
// it holds every Secret, and other users of the machine can reach its port. The
// health check, which envtest makes without a certificate, has a port of its
// own that serves health and metrics and no data.
func configureEtcd(etcd *envtest.Etcd, certs *pki, clientPort, healthPort int) {
	client := fmt.Sprintf("https://127.0.0.1:%d", clientPort)
	etcd.URL = &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", healthPort)}
	etcd.Configure().
		Set("listen-client-urls", client).
		Set("advertise-client-urls", client).
		Set("listen-metrics-urls", etcd.URL.String()).
		Set("client-cert-auth", "true").
		Set("trusted-ca-file", certs.crt(caName)).
		Set("cert-file", certs.crt(etcdName)).
		Set("key-file", certs.keyFile(etcdName)).
		// envtest throws its data away and so turns this on. Here it is kept.
		Disable("unsafe-no-fsync").
		Set("log-level", "warn")
}

// configureAPIServer leaves out what needs a network, a cluster or other
// servers beside this one.
func configureAPIServer(apiserver *envtest.APIServer, certs *pki, etcdPort int) {
	apiserver.Configure().
		Set("etcd-servers", fmt.Sprintf("https://127.0.0.1:%d", etcdPort)).
		Set("etcd-cafile", certs.crt(caName)).
		Set("etcd-certfile", certs.crt(etcdName)).
		Set("etcd-keyfile", certs.keyFile(etcdName)).
		// envtest puts the port into the issuer, and tokens would end with a change
		// of port.
		Set("service-account-issuer", "https://kubernetes.default.svc").
		// Without an address the server looks for a default route and does not start
		// on a machine without network.
		Set("advertise-address", "127.0.0.1").
		// The only server need not write a lease every 10 s to be found by others,
		// and a loopback address could not be written there.
		Set("endpoint-reconciler-type", "none").
		Set("profiling", "false")
}
