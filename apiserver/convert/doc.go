// Package convert turns what stands on the wire of the REST API into objects,
// and objects into what stands on the wire.
//
// It owns the JSON of every request and answer, the sentences that say what is
// wrong with a request, and the names of the objects that requests make. It is
// pure: values in, values out. It must not import a client, an HTTP server, the
// controllers, an engine or the runner.
package convert
