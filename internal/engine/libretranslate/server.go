package libretranslate

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// server is what was learned of the other side.
type server struct {
	// pairs on offer, sorted, and how the server writes them.
	pairs []engine.Pair
	codes map[engine.Pair]codes
	// charLimit bounds the characters of one request; 0 for no bound.
	charLimit int
}

// codes are the two languages of a pair as the server writes them.
type codes struct{ source, target string }

// renamed maps codes of older servers that BCP 47 does not know, or knows as something
// else. Newer servers write zh-Hans, zh-Hant and pt-BR.
var renamed = map[string]string{"zt": "zh-Hant", "pb": "pt-BR"}

// Probe asks for the languages, which costs nothing, and waits at most 10 s for each
// answer.
func (e *Engine) Probe(ctx context.Context) (engine.Offer, error) {
	learned, err := e.learn(ctx)
	if err != nil {
		return engine.Offer{}, err
	}
	return engine.Offer{Pairs: learned.pairs}, nil
}

func (e *Engine) ask(ctx context.Context) (*server, error) {
	answer, _, err := e.client.Do(ctx, httpcall.Request{Method: http.MethodGet, Path: "languages", Timeout: httpcall.ProbeTimeout})
	if err != nil {
		return nil, err
	}
	if !answer.OK() {
		return nil, e.failure(answer)
	}
	var languages []language
	if json.Unmarshal(answer.Body, &languages) != nil || len(languages) == 0 {
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint is no LibreTranslate server: it has no list of languages")
	}
	learned := offered(languages)
	if len(learned.pairs) == 0 {
		return nil, engine.Errorf(engine.Misconfigured, "the server has no model for any pair of languages")
	}
	return learned, e.askSettings(ctx, learned)
}

// askSettings learns the limits. A server without them is taken to have none.
func (e *Engine) askSettings(ctx context.Context, learned *server) error {
	answer, _, err := e.client.Do(ctx, httpcall.Request{Method: http.MethodGet, Path: "frontend/settings", Timeout: httpcall.ProbeTimeout})
	if err != nil {
		return err
	}
	var settings struct {
		CharLimit   int  `json:"charLimit"`
		KeyRequired bool `json:"keyRequired"`
	}
	if !answer.OK() || json.Unmarshal(answer.Body, &settings) != nil {
		return nil
	}
	if settings.KeyRequired && e.key == "" {
		return engine.Errorf(engine.Misconfigured, "the server asks for an API key and none is set")
	}
	learned.charLimit = max(settings.CharLimit, 0)
	return nil
}

// language is one entry of the server's list.
type language struct {
	Code string `json:"code"`
	// Targets are missing on older servers, which translate between all of their
	// languages.
	Targets []string `json:"targets"`
}

// offered makes the pairs of a list of languages. Codes that name no language are left
// out.
func offered(languages []language) *server {
	s := &server{codes: map[engine.Pair]codes{}}
	var all []string
	for _, l := range languages {
		all = append(all, l.Code)
	}
	for _, l := range languages {
		targets := l.Targets
		if targets == nil {
			targets = all
		}
		for _, target := range targets {
			s.add(l.Code, target)
		}
	}
	slices.SortFunc(s.pairs, func(a, b engine.Pair) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
	})
	return s
}

func (s *server) add(source, target string) {
	from, okSource := tagOf(source)
	to, okTarget := tagOf(target)
	pair := engine.Pair{Source: from, Target: to}
	if _, taken := s.codes[pair]; taken || !okSource || !okTarget || from == to {
		return
	}
	s.codes[pair] = codes{source: source, target: target}
	s.pairs = append(s.pairs, pair)
}

// tagOf returns the canonical tag of a server's code.
func tagOf(code string) (string, bool) {
	if tag, ok := renamed[code]; ok {
		return tag, true
	}
	tag, err := langtag.Canonical(code)
	return tag, err == nil
}

// find returns the server's codes for a pair.
func (s *server) find(want engine.Pair) (codes, *engine.Error) {
	pair, ok := langtag.Resolve(want, s.pairs)
	if !ok {
		return codes{}, engine.Errorf(engine.Misconfigured, "the server does not translate %s", want)
	}
	return s.codes[pair], nil
}
