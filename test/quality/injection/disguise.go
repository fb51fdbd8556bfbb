package injection

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// disguise makes the text of an attack: {name:text} is hidden the way that the name
// says.
func disguise(text string) (string, error) {
	text = unescape(text)
	open := strings.IndexByte(text, '{')
	if open < 0 {
		return text, nil
	}
	length := strings.IndexByte(text[open:], '}')
	if length < 0 {
		return "", fmt.Errorf("a brace is open")
	}
	name, inner, ok := strings.Cut(text[open+1:open+length], ":")
	hide := disguises()[name]
	if !ok || hide == nil {
		return "", fmt.Errorf("there is no disguise %q", name)
	}
	return text[:open] + hide(inner) + text[open+length+1:], nil
}

func disguises() map[string]func(string) string {
	return map[string]func(string) string{
		"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"hex":    func(s string) string { return hex.EncodeToString([]byte(s)) },
		// Zero-width spaces between letters.
		"zw": func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") },
		// One space between letters, and words run together.
		"spaced": func(s string) string { return strings.Join(strings.Split(strings.ReplaceAll(s, " ", ""), ""), " ") },
		// Hyphens between letters, and more space between words.
		"spread": func(s string) string {
			words := strings.Fields(s)
			for i, word := range words {
				words[i] = strings.Join(strings.Split(word, ""), "-")
			}
			return strings.Join(words, "  ")
		},
		"lookalike": strings.NewReplacer("o", "о", "e", "е", "i", "і", "a", "а", "p", "р").Replace,
		"leet":      strings.NewReplacer("o", "0", "e", "3", "i", "1", "s", "5").Replace,
		"wide":      shift(0xff01 - '!'),
		"bold":      bold,
		"tags":      shift(0xe0000),
	}
}

// shift moves every sign by a number of places; a space stays one where the result is
// to be seen.
func shift(by rune) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == ' ' && by < 0xe0000 {
				return r
			}
			return r + by
		}, s)
	}
}

// bold writes letters as mathematical bold ones.
func bold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 0x1d41a + r - 'a'
		case r >= 'A' && r <= 'Z':
			return 0x1d400 + r - 'A'
		}
		return r
	}, s)
}
