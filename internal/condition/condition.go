// Package condition writes the conditions of a status the one way all kinds have
// them: stamped with the generation, dated by the caller's clock, bounded in length.
//
// It owns no condition type and no reason; those are in the API.
package condition

import (
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MaxMessage bounds a message, in bytes: far below the API's 32768, and what an
// Event takes.
const MaxMessage = 1024

// Set is a list of conditions under change, all of one generation and message.
type Set struct {
	generation int64
	now        time.Time
	message    string
	list       []metav1.Condition
}

// From begins with the recorded conditions, which are left as they are.
func From(was []metav1.Condition, generation int64, now time.Time, message string) *Set {
	return &Set{generation: generation, now: now, message: Cut(message), list: append([]metav1.Condition(nil), was...)}
}

// Is sets a condition to True or False.
func (s *Set) Is(kind string, is bool, reason string) {
	status := metav1.ConditionFalse
	if is {
		status = metav1.ConditionTrue
	}
	s.put(kind, status, reason)
}

// Unknown sets a condition that cannot be told yet.
func (s *Set) Unknown(kind, reason string) { s.put(kind, metav1.ConditionUnknown, reason) }

// List returns the conditions. A transition time changes with the status alone.
func (s *Set) List() []metav1.Condition { return s.list }

func (s *Set) put(kind string, status metav1.ConditionStatus, reason string) {
	meta.SetStatusCondition(&s.list, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: s.message,
		ObservedGeneration: s.generation, LastTransitionTime: metav1.NewTime(s.now),
	})
}

// Cut shortens a message to MaxMessage, at a rune's end.
func Cut(message string) string {
	if len(message) <= MaxMessage {
		return message
	}
	end := MaxMessage - len("…")
	for !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end] + "…"
}
