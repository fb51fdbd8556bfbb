package deepl

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

const (
	// namePrefix begins the names of our glossaries: whoever looks into the account
	// sees where they come from, and a later process which it may take away.
	namePrefix = "dragoman "
	// staleAfter is the age from which one of ours belongs to no call any more. The
	// longest timeout of a provider is an hour.
	staleAfter = 2 * time.Hour
	// maxSwept bounds what one probe deletes.
	maxSwept = 20
	// dropTimeout bounds the deletion of a glossary once its call is over.
	dropTimeout = 5 * time.Second
)

// makeGlossary makes a glossary of the terms of one call, and returns its id: "" when
// there are no terms or DeepL makes no glossary of them. A call without it is still
// worth its money, as QA checks the terms.
//
// The glossary lives for the call alone. It holds exactly the terms that occur in it, so
// that no job sees those of another that uses the same key.
func (e *Engine) makeGlossary(ctx context.Context, source, target string, terms []engine.Term) (string, error) {
	pair := engine.Pair{Source: base(source), Target: base(target)}
	entries := entriesOf(terms)
	e.mu.Lock()
	plain := e.plain[pair]
	e.mu.Unlock()
	if plain || entries == "" {
		return "", nil
	}
	sum := sha256.Sum256([]byte(pair.String() + entries))
	answer, _, err := e.do(ctx, http.MethodPost, "glossaries", nil, map[string]string{
		"name": namePrefix + hex.EncodeToString(sum[:8]), "source_lang": pair.Source, "target_lang": pair.Target,
		"entries": entries, "entries_format": "tsv",
	})
	if err != nil {
		return "", err
	}
	if !answer.OK() {
		return "", e.withoutGlossary(answer, pair, entries)
	}
	var made struct {
		ID string `json:"glossary_id"`
	}
	if json.Unmarshal(answer.Body, &made) != nil {
		return "", engine.Errorf(engine.Transient, "the answer of DeepL is not JSON of a glossary")
	}
	return made.ID, nil
}

// withoutGlossary says whether a call goes on although its glossary was refused. What
// speaks against the pair, the terms or the number of glossaries is no reason to
// translate nothing. Only what holds for every other call is an error.
func (e *Engine) withoutGlossary(answer httpcall.Answer, pair engine.Pair, entries string) error {
	failure := e.failure(answer, entries)
	general := answer.Status == http.StatusUnauthorized || answer.Status == quotaExceeded
	if general || failure.Class == engine.RateLimited || failure.Class == engine.Transient {
		return failure
	}
	if answer.Status == http.StatusForbidden || strings.Contains(strings.ToLower(string(answer.Body)), "language") {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.plain[pair] = true // asking for it again is of no use
	}
	return nil
}

// dropGlossary takes a glossary away after its call, also one that was cancelled. What
// stays behind is swept by a later process.
func (e *Engine) dropGlossary(ctx context.Context, id string) {
	if id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTimeout)
	defer cancel()
	_, _, _ = e.do(ctx, http.MethodDelete, "glossaries/"+url.PathEscape(id), nil, nil) // swept later
}

// sweep takes away, once, the glossaries that earlier processes have left behind. Its
// failure is of no matter to the probe.
func (e *Engine) sweep(ctx context.Context) {
	e.mu.Lock()
	swept := e.swept
	e.swept = true
	e.mu.Unlock()
	if swept {
		return
	}
	answer, _, err := e.do(ctx, http.MethodGet, "glossaries", nil, nil)
	now, errDate := http.ParseTime(answer.Header.Get("Date"))
	if err != nil || errDate != nil || !answer.OK() {
		return
	}
	var list struct {
		Glossaries []struct {
			ID      string    `json:"glossary_id"`
			Name    string    `json:"name"`
			Created time.Time `json:"creation_time"`
		} `json:"glossaries"`
	}
	if json.Unmarshal(answer.Body, &list) != nil {
		return
	}
	left := maxSwept
	for _, g := range list.Glossaries {
		ours := strings.HasPrefix(g.Name, namePrefix) && now.Sub(g.Created) > staleAfter
		if ours && left > 0 {
			left--
			e.dropGlossary(ctx, g.ID)
		}
	}
}

// entriesOf writes terms as tab-separated values, each source once. A term that stays
// as it is translates to itself. Those that cannot stand in such a line are left out.
func entriesOf(terms []engine.Term) string {
	var out strings.Builder
	seen := map[string]bool{}
	for _, term := range terms {
		target := term.Target
		if term.Keep {
			target = term.Source
		}
		if seen[term.Source] || !fitsEntry(term.Source) || !fitsEntry(target) {
			continue
		}
		seen[term.Source] = true
		out.WriteString(term.Source + "\t" + target + "\n")
	}
	return out.String()
}

// fitsEntry says whether a side of a term can stand in a glossary: it is not empty, and
// has neither white space around it nor control characters in it.
func fitsEntry(side string) bool {
	return side != "" && strings.TrimSpace(side) == side && !strings.ContainsFunc(side, unicode.IsControl)
}

// base returns the language of a code: glossaries know no variants.
func base(code string) string {
	language, _, _ := strings.Cut(code, "-")
	return language
}
