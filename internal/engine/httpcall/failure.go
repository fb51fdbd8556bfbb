package httpcall

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Failure is an error answer in the words that may be shown, for an engine that has
// nothing more to say of it. The class follows from the status:
//
//	429 and 529               RateLimited, after what the answer asks for
//	408, 409, 425, other 5xx  Transient
//	401, 403, 404, 3xx, rest  Misconfigured
//
// The detail is what Shown has left of the service's own message, or "".
func Failure(a Answer, detail string) *engine.Error {
	shown := strconv.Itoa(a.Status)
	if detail != "" {
		shown += ": " + detail
	}
	const overloaded = 529 // not registered; services that charge for characters use it
	switch a.Status {
	case http.StatusUnauthorized:
		return engine.Errorf(engine.Misconfigured, "the service refused the API key (%s)", shown)
	case http.StatusForbidden:
		return engine.Errorf(engine.Misconfigured, "the service denied access (%s)", shown)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return engine.Errorf(engine.Misconfigured, "the endpoint does not have what this type of provider asks for (%s)", shown)
	case http.StatusTooManyRequests, overloaded:
		return engine.Errorf(engine.RateLimited, "the service limits the rate of calls (%s)", shown).Wait(RetryAfter(a.Header))
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return engine.Errorf(engine.Transient, "the service failed (%s)", shown).Wait(RetryAfter(a.Header))
	}
	switch {
	case a.Status >= 500:
		return engine.Errorf(engine.Transient, "the service failed (%s)", shown).Wait(RetryAfter(a.Header))
	case a.Status >= 300 && a.Status < 400:
		return engine.Errorf(engine.Misconfigured,
			"the endpoint answered with a redirect (%d), which is not followed; set the address it leads to", a.Status)
	default:
		return engine.Errorf(engine.Misconfigured, "the service refused the request (%s)", shown)
	}
}

const (
	// maxShown bounds what is shown of a service's message, in bytes.
	maxShown = 200
	// sharedWord is the length of a word, in bytes, from which its standing in both a
	// message and what was sent counts as a quotation.
	sharedWord = 4
)

// Shown returns what may be shown of a service's message: all of it, or "" when it
// shares a word with the secret or with one of the texts. It errs on the side of
// silence, as nobody can tell a quotation from a coincidence.
func Shown(message, secret string, texts ...string) string {
	message = strings.Join(strings.Fields(message), " ")
	if strings.ContainsFunc(message, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
		return ""
	}
	sent := strings.ToLower(secret + "\n" + strings.Join(texts, "\n"))
	words := strings.FieldsFuncSeq(strings.ToLower(message), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for word := range words {
		if len(word) >= sharedWord && strings.Contains(sent, word) {
			return ""
		}
	}
	if len(message) > maxShown {
		return message[:maxShown] + "…"
	}
	return message
}
