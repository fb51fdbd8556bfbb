// Package apiserver is the REST API: it speaks HTTP on one side and creates,
// reads and labels objects on the other.
//
// It owns the routes, who may use them, how much, and every answer's form. It
// keeps no state of its own: keys are Secrets, ids are the objects' uids, lists
// come from informer caches, and a request that comes twice makes the same
// object name. So several replicas may run side by side. It must not import the
// controllers, an engine or the runner: both sides meet in the objects alone.
// What stands on the wire is package convert's.
package apiserver
