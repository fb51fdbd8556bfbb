package placeholder

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// schemes that start a URL.
var schemes = []string{
	"https://", "http://", "ftps://", "ftp://", "sftp://", "ssh://", "git://", "file://", "ws://", "wss://",
}

// url measures the URL at the start of rest, or returns 0.
func url(rest string) int {
	at := urlHead(rest)
	if at == 0 {
		return 0
	}
	end := at
	for end < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[end:])
		if !isURLRune(r, size) {
			break
		}
		end += size
	}
	end = at + len(trimURL(rest[at:end]))
	if end == at || strings.HasPrefix(rest, "www.") && !strings.Contains(rest[at:end], ".") {
		return 0
	}
	return end
}

// urlHead measures what makes the start of a URL: a scheme, "mailto:" or "www.".
func urlHead(rest string) int {
	const longest = len("https://")
	head := rest[:min(len(rest), longest)]
	if !strings.ContainsAny(head, ":.") {
		return 0 // nearly every word
	}
	head = strings.ToLower(head)
	for _, scheme := range schemes {
		if strings.HasPrefix(head, scheme) {
			return len(scheme)
		}
	}
	for _, start := range []string{"mailto:", "www."} {
		if strings.HasPrefix(head, start) && len(rest) > len(start) && isASCIIAlnum(rest[len(start)]) {
			return len(start)
		}
	}
	return 0
}

// isURLRune says whether a URL goes on with a rune. Letters of spaced scripts may
// stand in one as they are; those of unspaced scripts are the text behind it.
func isURLRune(r rune, size int) bool {
	switch {
	case r == utf8.RuneError && size <= 1:
		return false
	case r < utf8.RuneSelf:
		return r > ' ' && r != 0x7f && !strings.ContainsRune("<>\"`|\\^", r)
	default:
		return unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !isUnspaced(r) && !unicode.Is(unicode.Hangul, r) // particles follow at once
	}
}

// trimURL cuts the punctuation of the sentence off the end of a URL, and a closing
// bracket that the URL did not open.
func trimURL(s string) string {
	pairs := map[byte]byte{')': '(', ']': '[', '}': '{'}
	for s != "" {
		last := s[len(s)-1]
		opening, isBracket := pairs[last]
		switch {
		case strings.IndexByte(".,;:!?'*_", last) >= 0:
		case isBracket && strings.Count(s, string(last)) > strings.Count(s, string(opening)):
		default:
			return s
		}
		s = s[:len(s)-1]
	}
	return s
}

// email measures the e-mail address at the start of rest, or returns 0.
func email(rest string) int {
	local := span(rest, "._+-")
	if local == 0 || local >= len(rest) || rest[local] != '@' || rest[local-1] == '.' {
		return 0
	}
	domain := rest[local+1:]
	end := span(domain, ".-")
	name := strings.TrimRight(domain[:end], ".-")
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || !isTopLevel(name[dot+1:]) || strings.Contains(name, "..") {
		return 0
	}
	return local + 1 + len(name)
}

// span counts the leading ASCII letters, digits and further bytes.
func span(s, further string) int {
	n := 0
	for n < len(s) && (isASCIIAlnum(s[n]) || strings.IndexByte(further, s[n]) >= 0) {
		n++
	}
	return n
}

func isTopLevel(s string) bool {
	if len(s) < 2 {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" || strings.HasPrefix(strings.ToLower(s), "xn--")
}
