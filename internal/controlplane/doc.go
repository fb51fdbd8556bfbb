// Package controlplane runs a Kubernetes API server on one machine without a
// cluster: kube-apiserver and etcd as two processes, with their data in a
// directory that survives a restart.
//
// It owns four things. Finder finds the programs, downloads them or builds them
// from their Go modules. Start runs them and installs resource definitions.
// Supervision is the shim between dragoman and each of them, which sees to it
// that none outlives dragoman, however dragoman ends. Collector deletes objects
// whose owners are gone.
//
// It is an API server and little else: no kubelet, no scheduler, no controller
// manager. Namespaces do not end, service accounts are not made, and of
// deletions only the background kind reaches what an object owns.
//
// It knows nothing of translation: it must not import the API kinds, the
// controllers, the engines or the REST adapter.
package controlplane
