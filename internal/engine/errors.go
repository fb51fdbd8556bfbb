package engine

import (
	"errors"
	"fmt"
	"time"
)

// Class says what an error means for the work. It is decided where the error is
// born, because only the engine knows what the other side meant.
type Class int

const (
	// Transient errors may pass by themselves: a timeout, a 5xx, a crashed process,
	// an answer that cannot be read. Try again with back-off.
	Transient Class = iota + 1
	// RateLimited means that the provider asked to wait. It holds for every job
	// that uses the provider.
	RateLimited
	// Rejected means that the engine will not translate this text: a content
	// filter, a text over its limit. Other segments are not affected.
	Rejected
	// Misconfigured means that the provider's settings are wrong: key, model,
	// endpoint, a pair it does not have. No retry helps.
	Misconfigured
)

// String returns the class as a metric label.
func (c Class) String() string {
	switch c {
	case Transient:
		return "transient"
	case RateLimited:
		return "rate_limited"
	case Rejected:
		return "rejected"
	case Misconfigured:
		return "misconfigured"
	default:
		return "unknown"
	}
}

// Error is an engine's error. Its message is shown to users: it holds no text to
// be translated and no secret.
type Error struct {
	Class Class
	// After is how long the provider asked to wait; 0 when it did not say.
	After time.Duration
	// err holds the message, and the cause when it was made with %w.
	err error
}

// Errorf makes an error of a class; %w keeps a cause, as in fmt.Errorf. The
// message says what happened, in lower case, without the engine's name.
func Errorf(class Class, format string, args ...any) *Error {
	return &Error{Class: class, err: fmt.Errorf(format, args...)}
}

// Error returns the message.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return errors.Unwrap(e.err) }

// Wait returns a copy that asks to wait before the next call.
func (e *Error) Wait(after time.Duration) *Error {
	return &Error{Class: e.Class, After: after, err: e.err}
}

// AsError finds the engine's error in a chain. What is not one, a bug or a
// broken connection, counts as Transient.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Class: Transient, err: err}
}
