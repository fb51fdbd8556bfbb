package llm

import (
	"strings"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

const (
	// maxShownMessage bounds what is shown of a provider's message, in bytes.
	maxShownMessage = 200
	// maxShownCode bounds a code, in bytes; the longest known has 35.
	maxShownCode = 64
	// sharedWord is the length of a word, in bytes, from which its standing in both a
	// message and the request counts as a quotation.
	sharedWord = 4
)

// Redactor decides what of a provider's error may be shown. It errs on the side of
// silence: a message with one word of the request in it is dropped, as nobody can
// tell a quotation from a coincidence.
type Redactor struct {
	key string
	// texts are the client's words, in lower case; all is the whole of them.
	texts []string
	all   string
}

// NewRedactor collects what must not be shown.
func NewRedactor(key string, req engine.Request) Redactor {
	r := Redactor{key: strings.ToLower(key)}
	add := func(texts ...string) {
		for _, t := range texts {
			if t = strings.ToLower(strings.TrimSpace(t)); t != "" {
				r.texts = append(r.texts, t)
			}
		}
	}
	for _, s := range req.Segments {
		add(s.Text)
		if s.Correction != nil {
			add(s.Correction.Previous)
			add(s.Correction.Findings...)
		}
	}
	for _, x := range req.Context {
		add(x.Source, x.Target)
	}
	for _, t := range req.Terms {
		add(t.Source, t.Target)
		add(t.Forbidden...)
	}
	add(req.Domain, req.Tone, req.TextType, req.Instructions, req.StyleReference)
	r.all = strings.Join(r.texts, "\n")
	return r
}

// Code says whether a code may be shown: it looks like one, and either it is
// well known or it shares no word with the request.
func (r Redactor) Code(code string) bool {
	if len(code) > maxShownCode || strings.ContainsFunc(code, notInCode) {
		return false
	}
	return oneOf(strings.ToLower(code), knownCodes) || !r.quotes(code)
}

// knownCodes are codes and types of the common servers. They are shown also when
// a text happens to hold one of their words.
const knownCodes = `insufficient_quota billing_hard_limit_reached billing_not_active insufficient_balance billing_error
	content_filter content_policy_violation responsibleaipolicyviolation data_inspection_failed
	context_length_exceeded exceed_context_size_error string_above_max_length request_too_large invalid_api_key invalid_request_error
	authentication_error permission_error model_not_found rate_limit_exceeded server_error badrequesterror
	notfounderror internalservererror unsupported_value unsupported_parameter tokens requests rate_limit_error
	overloaded_error api_error timeout_error not_found_error`

// notInCode says whether a rune has no place in a code.
func notInCode(r rune) bool {
	return r > unicode.MaxASCII || (!unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r))
}

// Message returns what may be shown of a message; "" when it may not be shown.
func (r Redactor) Message(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if message == "" || r.quotes(message) {
		return ""
	}
	if strings.ContainsFunc(message, func(c rune) bool { return c < ' ' || c >= 0x7f }) {
		return ""
	}
	if len(message) > maxShownMessage {
		message = message[:maxShownMessage] + "…"
	}
	return message
}

// quotes says whether s holds the key, one of the texts, or a word of either.
func (r Redactor) quotes(s string) bool {
	s = strings.ToLower(s)
	if r.key != "" && strings.Contains(s, r.key) {
		return true
	}
	for _, t := range r.texts {
		if strings.Contains(s, t) {
			return true
		}
	}
	words := strings.FieldsFuncSeq(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for w := range words {
		if len(w) >= sharedWord && (strings.Contains(r.all, w) || strings.Contains(r.key, w)) {
			return true
		}
	}
	return false
}
