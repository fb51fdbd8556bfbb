// Package apertium translates with the language pairs of Apertium that are
// installed on this machine. It is rule-based, offline and free, and the same
// text always gives the same answer.
//
// It owns everything between a segment and the programs of Apertium: which mode
// files are translations, the stream format, the processes, and what their end
// means. Each pair is one pipeline of processes that are started once and fed
// through a pipe; a message ends with a NUL, which makes every stage write out
// what it has:
//
//	segment ─ encode ─▶ lt-proc ─▶ apertium-tagger ─▶ … ─▶ lt-proc ─ decode ─▶ answer
//	            many messages are under way at once, answered in order
//
// Apertium is licensed under the GPL. It runs as separate processes and nothing
// of it is linked.
//
// The package must not import controllers, client-go or the runner, and never
// shows a text or the output of a stage in an error.
package apertium
