// Package controlplane runs a Kubernetes API server on one machine without a
// cluster: kube-apiserver and etcd as two processes, with their data in a
// directory that survives a restart.
//
// It owns three things. Finder finds the programs, downloads them or builds
// them from their Go modules. Start runs them and installs resource
// definitions. Supervise is the shim between dragoman and each of them, which
// sees to it that none outlives dragoman, however dragoman ends.
//
// It is an API server and nothing else: no kubelet, no scheduler, no controller
// manager. Owned objects are not collected, namespaces do not end, and service
// accounts are not made.
//
// It knows nothing of translation: it must not import the API kinds, the
// controllers, the engines or the REST adapter.
package controlplane
