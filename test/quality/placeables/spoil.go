package placeables

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
)

// spoil answers as an engine that translates every word, leaves no sign of a program in
// place that is not in a token, and treats the tokens badly.
func spoil(dice *rand.Rand, masked placeholder.Masked) (answer string, harmed bool) {
	parts := placeholder.SplitTokens(masked.Text)
	for i, part := range parts {
		if !part.Token {
			parts[i].Text = translated(part.Text)
		}
	}
	for range dice.IntN(4) {
		parts = spoilOnce(dice, parts, masked)
	}
	for _, part := range parts {
		answer += part.Text
	}
	return answer, !slices.Equal(tokensOf(masked.Text), tokensOf(answer))
}

// tokensOf returns the tokens of a text as they should be written, sorted.
func tokensOf(text string) []string {
	var out []string
	for _, part := range placeholder.SplitTokens(text) {
		if part.Token {
			out = append(out, part.Text)
		}
	}
	slices.Sort(out)
	return out
}

// translated turns words into others, and signs that mean something to a program into
// such that do not.
func translated(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r >= 'A' && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		case r >= '0' && r <= '9':
			return '0' + (r-'0'+5)%10
		case strings.ContainsRune("{}%$<>&`[]/\\~@#=:_+-|*", r):
			return '·'
		default:
			return r
		}
	}, text)
}

// spoilOnce does one thing to the tokens.
func spoilOnce(dice *rand.Rand, parts []placeholder.Part, masked placeholder.Masked) []placeholder.Part {
	var tokens []int
	for i, part := range parts {
		if part.Token {
			tokens = append(tokens, i)
		}
	}
	if len(tokens) == 0 {
		return parts
	}
	at := tokens[dice.IntN(len(tokens))]
	if dice.IntN(2) == 0 {
		return misplace(dice, parts, at, tokens[dice.IntN(len(tokens))])
	}
	return misspell(dice, parts, at, masked)
}

// misplace puts a token where it should not be, or nowhere.
func misplace(dice *rand.Rand, parts []placeholder.Part, at, other int) []placeholder.Part {
	anywhere := dice.IntN(len(parts))
	switch dice.IntN(8) {
	case 0: // moved
		part := parts[at]
		return slices.Insert(slices.Delete(parts, at, at+1), anywhere, part)
	case 1: // swapped
		parts[at], parts[other] = parts[other], parts[at]
		return parts
	case 2: // dropped
		return slices.Delete(parts, at, at+1)
	case 3: // doubled somewhere
		return slices.Insert(parts, anywhere, parts[at])
	case 4: // stuttered
		return slices.Insert(parts, at, parts[at], placeholder.Part{Text: pick(dice, "", " ", "\n")})
	case 5: // joined to the words beside it
		if at > 0 {
			parts[at-1].Text = strings.TrimRight(parts[at-1].Text, " ")
		}
		if at+1 < len(parts) {
			parts[at+1].Text = strings.TrimLeft(parts[at+1].Text, " ")
		}
		return parts
	case 6: // one made up
		return slices.Insert(parts, anywhere, placeholder.Part{Text: placeholder.Token(1 + dice.IntN(9))})
	default: // the end cut off
		return parts[:max(1, at)]
	}
}

// misspell writes a token in another way, or signs beside it.
func misspell(dice *rand.Rand, parts []placeholder.Part, at int, masked placeholder.Masked) []placeholder.Part {
	digits := strings.Trim(parts[at].Text, "⟦⟧ ")
	number, _ := strconv.Atoi(digits)
	token := &parts[at].Text
	switch dice.IntN(8) {
	case 0: // renamed
		*token = placeholder.Token(1 + dice.IntN(2*len(masked.Placeables)))
	case 1: // spaced
		*token = "⟦ " + digits + pick(dice, " ", "\u00a0", "\u200f") + "⟧"
	case 2: // in digits of another script
		*token = "⟦" + strings.Map(func(r rune) rune { return r - '0' + '０' }, digits) + "⟧"
	case 3: // in other brackets
		both := [][2]string{{"[[", "]]"}, {"〚", "〛"}, {"【", "】"}, {"⟦", "]"}, {"⟪", "⟫"}, {"[", "]"}, {"⟧", "⟦"}, {"⟦⟦", "⟧⟧"}, {"(", ")"}, {"{", "}"}}
		pair := both[dice.IntN(len(both))]
		*token = pair[0] + digits + pair[1]
	case 4: // written out
		if number >= 1 && number <= len(masked.Placeables) {
			*token = masked.Placeables[number-1].Text
		}
	case 5: // a sign before it
		return slices.Insert(parts, at, placeholder.Part{Text: pick(dice, "%", "{", "$", "<", "5", "x", "`", "[", "\\", "_")})
	case 6: // a sign behind it
		return slices.Insert(parts, at+1, placeholder.Part{Text: pick(dice, "%", "}", "s", ">", "5", "x", "`", "]", "(x)", "_")})
	default: // half of it
		*token = pick(dice, "⟦"+digits, digits+"⟧", "⟦", digits)
	}
	return parts
}
