package apy

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// catalogue is the pairs of a service.
type catalogue struct {
	// pairs on offer, sorted.
	pairs []engine.Pair
	// names of the pairs as the service writes them: "spa|cat".
	names map[engine.Pair]string
}

// Probe asks for the pairs, which starts nothing on the other side, and waits at most
// 10 s. A pair that has answered nothing to a text is tried again with a sentence, and
// broken as long as that comes to nothing too.
func (e *Engine) Probe(ctx context.Context) (engine.Offer, error) {
	learned, err := e.learn(ctx)
	if err != nil {
		return engine.Offer{}, err
	}
	var offer engine.Offer
	for _, pair := range learned.pairs {
		if e.isBroken(pair) && !e.works(ctx, learned, pair) {
			offer.Broken = append(offer.Broken, pair)
			continue
		}
		offer.Pairs = append(offer.Pairs, pair)
	}
	return offer, ctx.Err()
}

// works tries a pair.
func (e *Engine) works(ctx context.Context, c *catalogue, pair engine.Pair) bool {
	s := &sender{engine: e, langpair: c.names[pair]}
	sample := apertium.Sample(pair.Source)
	got, err := s.send(ctx, sample)
	if err != nil {
		return false
	}
	if nothing, _ := apertium.CameToNothing(sample, got.Text); nothing {
		return false
	}
	e.mark(pair, false)
	return true
}

func (e *Engine) list(ctx context.Context) (*catalogue, error) {
	answer, _, err := e.client.Do(ctx, httpcall.Request{Method: http.MethodGet, Path: "listPairs", Timeout: httpcall.ProbeTimeout})
	if err != nil {
		return nil, err
	}
	if !answer.OK() {
		return nil, failure(answer)
	}
	var list struct {
		Pairs []struct {
			Source string `json:"sourceLanguage"`
			Target string `json:"targetLanguage"`
		} `json:"responseData"`
	}
	if json.Unmarshal(answer.Body, &list) != nil {
		return nil, engine.Errorf(engine.Misconfigured, "the endpoint is no Apertium APY: its list of pairs is not JSON")
	}
	c := &catalogue{names: map[engine.Pair]string{}}
	for _, p := range list.Pairs {
		c.add(p.Source, p.Target)
	}
	if len(c.pairs) == 0 {
		return nil, engine.Errorf(engine.Misconfigured, "the service has no pair of languages")
	}
	slices.SortFunc(c.pairs, func(a, b engine.Pair) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
	})
	return c, nil
}

// add notes a pair under its tags. Codes that name no language are left out.
func (c *catalogue) add(source, target string) {
	from, okSource := apertium.Tag(source)
	to, okTarget := apertium.Tag(target)
	pair := engine.Pair{Source: from, Target: to}
	if _, taken := c.names[pair]; taken || !okSource || !okTarget || from == to {
		return
	}
	c.names[pair] = source + "|" + target
	c.pairs = append(c.pairs, pair)
}

// find returns a pair as it is listed.
func (c *catalogue) find(want engine.Pair) (engine.Pair, error) {
	pair, ok := langtag.Resolve(want, c.pairs)
	if !ok {
		return engine.Pair{}, engine.Errorf(engine.Misconfigured, "the service does not have the pair %s", want)
	}
	return pair, nil
}

// failure classes an error of the service, which explains itself in a field of its own.
func failure(a httpcall.Answer, texts ...string) *engine.Error {
	var said struct {
		Explanation string `json:"explanation"`
	}
	if json.Unmarshal(a.Body, &said) != nil {
		said.Explanation = "" // a proxy's page; the status says enough
	}
	return httpcall.Failure(a, httpcall.Shown(said.Explanation, "", texts...))
}
