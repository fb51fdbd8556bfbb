package deepl

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// catalogue is what was learned of DeepL's languages.
type catalogue struct {
	// pairs on offer, sorted.
	pairs []engine.Pair
	// sources and targets map tags to DeepL's codes.
	sources, targets map[string]string
}

// preferred are the variants that stand for a language which DeepL wants a variant of:
// those that CLDR's likely subtags name.
var preferred = map[string]string{"en": "EN-US", "pt": "PT-BR"}

// Probe asks for the languages and for what is left of the quota, which costs nothing,
// and waits at most 10 s for each answer. An account without characters left is
// Misconfigured, as the first call would be.
func (e *Engine) Probe(ctx context.Context) (engine.Offer, error) {
	if err := e.askUsage(ctx); err != nil {
		return engine.Offer{}, err
	}
	learned, err := e.learn(ctx)
	if err != nil {
		return engine.Offer{}, err
	}
	e.sweep(ctx)
	return engine.Offer{Pairs: learned.pairs}, nil
}

// askUsage checks that there is something left to use.
func (e *Engine) askUsage(ctx context.Context) error {
	answer, _, err := e.do(ctx, http.MethodGet, "usage", nil, nil)
	if err != nil {
		return err
	}
	if !answer.OK() {
		return e.failure(answer)
	}
	var usage struct {
		Count *int64 `json:"character_count"`
		Limit *int64 `json:"character_limit"`
	}
	if json.Unmarshal(answer.Body, &usage) != nil {
		return engine.Errorf(engine.Misconfigured, "the endpoint does not speak the DeepL API: its usage is not JSON")
	}
	if usage.Count != nil && usage.Limit != nil && *usage.Limit > 0 && *usage.Count >= *usage.Limit {
		return usedUp("by its own count")
	}
	return nil
}

// known returns the languages, and asks for them when nobody has yet.
func (e *Engine) known(ctx context.Context) (*catalogue, error) {
	e.mu.Lock()
	learned := e.learned
	e.mu.Unlock()
	if learned != nil {
		return learned, nil
	}
	return e.learn(ctx)
}

func (e *Engine) learn(ctx context.Context) (*catalogue, error) {
	sources, err := e.languages(ctx, "source")
	if err != nil {
		return nil, err
	}
	targets, err := e.languages(ctx, "target")
	if err != nil {
		return nil, err
	}
	learned := newCatalogue(sources, targets)
	if len(learned.pairs) == 0 {
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint does not speak the DeepL API: it lists no languages")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.learned = learned
	return learned, nil
}

// languages asks for the codes that can be a source or a target.
func (e *Engine) languages(ctx context.Context, side string) ([]string, error) {
	answer, _, err := e.do(ctx, http.MethodGet, "languages", url.Values{"type": {side}}, nil)
	if err != nil {
		return nil, err
	}
	if !answer.OK() {
		return nil, e.failure(answer)
	}
	var list []struct {
		Language string `json:"language"`
	}
	if json.Unmarshal(answer.Body, &list) != nil {
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint does not speak the DeepL API: its list of languages is not JSON")
	}
	codes := make([]string, len(list))
	for i, l := range list {
		codes[i] = l.Language
	}
	return codes, nil
}

// newCatalogue pairs every source with every target of another language.
func newCatalogue(sources, targets []string) *catalogue {
	c := &catalogue{sources: byTag(sources), targets: byTag(targets)}
	for tag, variant := range preferred {
		if _, has := c.targets[tag]; !has && slices.Contains(targets, variant) {
			c.targets[tag] = variant
		}
	}
	for source := range c.sources {
		for target := range c.targets {
			if langtag.Base(source) != langtag.Base(target) {
				c.pairs = append(c.pairs, engine.Pair{Source: source, Target: target})
			}
		}
	}
	slices.SortFunc(c.pairs, func(a, b engine.Pair) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
	})
	return c
}

// byTag maps the canonical tags of codes to them. A code that names no language is left
// out.
func byTag(codes []string) map[string]string {
	out := make(map[string]string, len(codes))
	for _, code := range codes {
		if tag, err := langtag.Canonical(code); err == nil {
			out[tag] = strings.ToUpper(code)
		}
	}
	return out
}

// find returns DeepL's codes for a pair.
func (c *catalogue) find(want engine.Pair) (source, target string, err error) {
	pair, ok := langtag.Resolve(want, c.pairs)
	if !ok {
		return "", "", engine.Errorf(engine.Misconfigured, "DeepL does not translate %s", want)
	}
	return c.sources[pair.Source], c.targets[pair.Target], nil
}
