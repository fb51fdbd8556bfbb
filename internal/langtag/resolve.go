package langtag

import (
	"golang.org/x/text/language"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Resolve picks the offered pair that serves a wanted one, and returns it as the
// engine spells it. Each side may fall back from the exact tag to the language
// with its script, then to the language alone, and no further: another region
// ("pt-BR" for "pt-PT"), another script ("zh" for "zh-TW", "sr" for "sr-Latn") or
// a related language is never a substitute. That rules out a language.Matcher,
// which calls all of these good. The target is kept exact before the source,
// because the reader sees the target.
func Resolve(want engine.Pair, offered []engine.Pair) (engine.Pair, bool) {
	byTags := make(map[engine.Pair]engine.Pair, len(offered))
	for _, pair := range offered {
		key := engine.Pair{Source: fold(pair.Source), Target: fold(pair.Target)}
		if _, taken := byTags[key]; !taken {
			byTags[key] = pair
		}
	}
	for _, target := range fallbacks(want.Target) {
		for _, source := range fallbacks(want.Source) {
			if pair, ok := byTags[engine.Pair{Source: source, Target: target}]; ok {
				return pair, true
			}
		}
	}
	return engine.Pair{}, false
}

// fallbacks lists the tags that may stand for a wanted one, best first.
func fallbacks(tag string) []string {
	t, err := parse(tag)
	if err != nil {
		return nil
	}
	tags := []string{t.String()}
	base, _, _ := t.Raw()
	script, _ := t.Script()
	if withScript, err := language.Raw.Compose(base, script); err == nil {
		tags = append(tags, withScript.String())
	}
	alone := language.Raw.Make(base.String())
	if usual, _ := alone.Script(); usual == script {
		tags = append(tags, alone.String())
		if base.String() == "no" {
			// CLDR reads Norwegian without a written standard as Bokmål.
			tags = append(tags, "nb")
		}
	}
	return tags
}
