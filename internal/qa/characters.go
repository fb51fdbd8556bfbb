package qa

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// characters finds signs of a broken encoding that the source does not have.
func characters(in Input) []Finding {
	if countBroken(in.Target) <= countBroken(in.Source) {
		return nil
	}
	return []Finding{finding(CharactersCheck, encodingCategory, v1alpha1.MajorSeverity,
		"the translation has control characters or letters of a wrong encoding")}
}

// mojibake is UTF-8 that was read as Latin-1 or Windows-1252: "Ã¼" for "ü", "â€œ"
// for a quote.
var mojibake = regexp.MustCompile(`Ã[\x{80}-\x{bf}„…†‡‰Š‹Œ‘’“”•–—™š›œžŸ]|â€[œ\x{9d}™˜“”¢¦]|Â[\x{a0}-\x{bf}]`)

// countBroken counts control characters, replacement signs, private characters,
// invalid bytes and mojibake.
func countBroken(text string) int {
	count := 0
	if strings.ContainsAny(text, "ÃâÂ") {
		count = len(mojibake.FindAllStringIndex(text, -1))
	}
	for _, r := range text {
		switch {
		case r == utf8.RuneError:
			count++
		case unicode.IsControl(r) && !strings.ContainsRune("\t\n\r", r):
			count++
		case unicode.Is(unicode.Co, r):
			count++
		}
	}
	return count
}

// preface is how language models begin an answer that is not only the
// translation.
var preface = regexp.MustCompile(`(?i)^\s*(?:(?:sure|certainly|of course|okay|ok)[,.!:]+\s+(?:here|below|the translation)\b` +
	`|(?:here|below)(?:'s| is| are| you)\b[^.\n]{0,40}\btranslat` +
	`|(?:the )?translat(?:ion|ed text)\s*(?:in(?:to)? \w+\s*)?:` +
	`|(?:hier ist|nachfolgend|dies ist) [^.\n]{0,30}übersetz` +
	`|übersetzung\s*:` +
	`|(?:aquí (?:está|tienes|tiene)|esta es) [^.\n]{0,30}traducci` +
	`|traducción\s*:|traduction\s*:|traduzione\s*:|tradução\s*:` +
	`|voici [^.\n]{0,30}traduction|ecco [^.\n]{0,30}traduzione|aqui está [^.\n]{0,30}tradução)`)

// refusal is how they say that they will not.
var refusal = regexp.MustCompile(`(?i)^\s*(?:i(?:'m| am) sorry,? but|i (?:can(?:no|')t|am unable to|am not able to) (?:translate|help|assist|fulfil|provide|comply)` +
	`|as an ai (?:language )?model|(?:es )?tut mir leid, (?:aber )?(?:ich|das) kann|lo siento, (?:pero )?no puedo|désolé, (?:mais )?je ne peux)`)

// chatter finds an answer that talks about the translation, or refuses it, where
// the source does not.
func chatter(in Input) []Finding {
	switch {
	case refusal.MatchString(in.Target) && !refusal.MatchString(in.Source):
		return []Finding{finding(ChatterCheck, mistranslation, v1alpha1.CriticalSeverity,
			"the engine seems to refuse in place of a translation")}
	case preface.MatchString(in.Target) && !preface.MatchString(in.Source):
		return []Finding{finding(ChatterCheck, additionCategory, v1alpha1.MajorSeverity,
			"the translation begins with a remark about itself")}
	case strings.Contains(in.Target, "```") && !strings.Contains(in.Source, "```"):
		return []Finding{finding(ChatterCheck, additionCategory, v1alpha1.MajorSeverity,
			"the translation has a code fence that the source has not")}
	default:
		return nil
	}
}
