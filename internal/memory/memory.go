// Package memory keeps the translations that were paid for or written by people, so
// that nobody pays for them a second time. It is kept for each namespace apart.
//
// It owns what an entry is, which of two entries under one key stands, and the
// memory embedded in the payload store; package postgres below it keeps the same
// in a database. Keys come from the pipeline: the memory does not know what is in
// them, and never sees a source text. It must not import controllers, engines, the
// adapter or a Kubernetes client.
package memory

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Origin says who made a translation. The higher one outranks the lower.
type Origin uint8

const (
	// Machine output of an engine.
	Machine Origin = iota + 1
	// Human edits are made by people. Machine output never replaces them.
	Human
)

const (
	// KeyLength of a key: a SHA-256 in lower-case hex.
	KeyLength = 2 * keyBytes
	// MaxMaskedBytes bounds a translation. The longest item of a job's texts has
	// 32 KiB, and a language in another script takes up to four times the bytes.
	MaxMaskedBytes = 128 << 10
	// MaxUnknownBytes bounds the unknown words of an entry, with one byte more each.
	// They are words of one segment, so the longest item bounds them too.
	MaxUnknownBytes = 32 << 10
	// DefaultExpiry is how long an entry is remembered.
	DefaultExpiry = 90 * 24 * time.Hour

	keyBytes = 32
)

// Errors of every memory.
var (
	// ErrInvalid: an entry or key is over the limits or malformed. The valid ones of
	// the same call were taken.
	ErrInvalid = errors.New("not a valid entry")
	// ErrFull: the store has not taken entries for a while, and there is no place to
	// hold more of them.
	ErrFull = errors.New("too many entries wait for the store")
	// ErrClosed: the memory was used after Close.
	ErrClosed = errors.New("the memory is closed")
)

// Entry is a translation that is remembered.
type Entry struct {
	// Key is the fingerprint of all that decides the translation: KeyLength
	// lower-case hex digits.
	Key string
	// Masked is the translation with its tokens in place of placeables: 1 to
	// MaxMaskedBytes of UTF-8, without U+0000, which a database cannot hold.
	Masked string
	// Unknown are the words that the engine did not know; see MaxUnknownBytes.
	Unknown []string
	Origin  Origin
	// Created is when the translation was made, kept to the millisecond. Zero, or a
	// time to come, becomes the time of the Put.
	Created time.Time
}

// Check says whether an entry can be remembered. The error is or wraps ErrInvalid
// and quotes no text.
func (e Entry) Check() error {
	if _, err := parseKey(e.Key); err != nil {
		return err
	}
	switch {
	case e.Origin != Machine && e.Origin != Human:
		return fmt.Errorf("origin %d is unknown: %w", e.Origin, ErrInvalid)
	case e.Masked == "":
		return fmt.Errorf("the translation is empty: %w", ErrInvalid)
	case len(e.Masked) > MaxMaskedBytes:
		return fmt.Errorf("the translation has %d bytes, the limit is %d: %w", len(e.Masked), MaxMaskedBytes, ErrInvalid)
	case !storable(e.Masked):
		return fmt.Errorf("the translation is not plain UTF-8: %w", ErrInvalid)
	}
	size := 0
	for _, word := range e.Unknown {
		size += len(word) + 1
		if !storable(word) {
			return fmt.Errorf("an unknown word is not plain UTF-8: %w", ErrInvalid)
		}
	}
	if size > MaxUnknownBytes {
		return fmt.Errorf("the unknown words have %d bytes, the limit is %d: %w", size, MaxUnknownBytes, ErrInvalid)
	}
	return nil
}

// Outranks says whether the entry stands when both are there: a human one against
// machine output, else the later one, else itself.
func (e Entry) Outranks(other Entry) bool {
	return stampOf(e) >= stampOf(other)
}

// Prepare returns the entries of a Put as they are to be stored at a time: the
// valid ones that have not expired, in the order of their keys, one for each key.
// The error is ErrInvalid with the reason of the first that was left out.
func Prepare(entries []Entry, now time.Time, expiry time.Duration) ([]Entry, error) {
	var invalid error
	best := make(map[string]Entry, len(entries))
	for _, e := range entries {
		if err := e.Check(); err != nil {
			if invalid == nil {
				invalid = err
			}
			continue
		}
		if e.Created.IsZero() || e.Created.After(now) {
			e.Created = now
		}
		e.Created = e.Created.UTC().Truncate(time.Millisecond)
		if len(e.Unknown) == 0 {
			e.Unknown = nil
		}
		if e.Expired(now, expiry) {
			continue
		}
		if old, ok := best[e.Key]; ok && !e.Outranks(old) {
			continue
		}
		best[e.Key] = e
	}
	out := make([]Entry, 0, len(best))
	for _, e := range best {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	return out, invalid
}

// CheckKeys returns ErrInvalid when one of the keys is malformed.
func CheckKeys(keys []string) error {
	for _, k := range keys {
		if _, err := parseKey(k); err != nil {
			return err
		}
	}
	return nil
}

// Expired says whether an entry is too old to be used.
func (e Entry) Expired(now time.Time, expiry time.Duration) bool {
	return !e.Created.Add(expiry).After(now)
}

// Observer is told what a memory does, for metrics and the log. Its methods are
// called from many goroutines and return soon.
type Observer interface {
	// Got tells how many keys of one Get were found and how many were not.
	Got(found, missed int)
	// Stored tells that entries have reached the store, or why they have not yet; an
	// error holds no text and no secret. Those that failed are tried again.
	Stored(entries int, err error)
	// Lost tells of a part of the store that cannot be read any more. What it held
	// will be translated again.
	Lost(namespace, name string, err error)
	// Tidied tells that the store was tidied up by removing so many of its parts
	// (segments or rows), or why it could not be.
	Tidied(removed int, err error)
}

// NopObserver is for those who do not want to know.
type NopObserver struct{}

// Got does nothing.
func (NopObserver) Got(int, int) {}

// Stored does nothing.
func (NopObserver) Stored(int, error) {}

// Lost does nothing.
func (NopObserver) Lost(string, string, error) {}

// Tidied does nothing.
func (NopObserver) Tidied(int, error) {}

// key is a key as it is stored.
type key [keyBytes]byte

func parseKey(s string) (key, error) {
	var k key
	if len(s) != KeyLength || strings.ToLower(s) != s {
		return k, fmt.Errorf("a key is not %d lower-case hex digits: %w", KeyLength, ErrInvalid)
	}
	if _, err := hex.Decode(k[:], []byte(s)); err != nil {
		return k, fmt.Errorf("a key is not %d lower-case hex digits: %w", KeyLength, ErrInvalid)
	}
	return k, nil
}

// stamp orders the entries of one key: milliseconds, and the highest bit for a
// human. So the greater one stands.
type stamp uint64

const humanBit stamp = 1 << 63

func stampOf(e Entry) stamp {
	s := stamp(e.Created.UnixMilli()) &^ humanBit
	if e.Origin == Human {
		s |= humanBit
	}
	return s
}

func (s stamp) milli() int64 { return int64(s &^ humanBit) }

func (s stamp) origin() Origin {
	if s&humanBit != 0 {
		return Human
	}
	return Machine
}

func (s stamp) created() time.Time { return time.UnixMilli(s.milli()).UTC() }

func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
