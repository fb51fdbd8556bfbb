// Package deepl is the engine for the DeepL API, version 2.
//
// It owns the protocol, DeepL's names of languages, the glossaries it makes there and
// takes away again, and what its errors mean. It keeps no text, tries no call again on
// its own (the runner backs off) and reads nothing from the environment. It must not
// import controllers, client-go or an SDK.
package deepl

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

// Name of the engine, as it stands in metrics.
const Name = "deepl"

// Bounds of one request, from DeepL's documentation of /v2/translate.
const (
	maxSegments = 50
	maxBytes    = 128 << 10
	// maxRunes keeps a call of full length within maxBytes whatever its script: a rune
	// takes at most 6 bytes in JSON, and 128 KiB are 21 thousand of those.
	maxRunes = 20_000
)

// The two hosts of the API. Keys of the free plan end in freeSuffix and work with
// nothing but the free host.
const (
	proHost    = "https://api.deepl.com"
	freeHost   = "https://api-free.deepl.com"
	freeSuffix = ":fx"
)

// Engine asks DeepL with one key. It is safe for concurrent use.
type Engine struct {
	client *httpcall.Client
	key    string

	// mu guards what was learned of the service: nil until it was asked.
	mu      sync.Mutex
	learned *catalogue
	// swept says that glossaries which an earlier process left behind are gone.
	swept bool
	// plain are the pairs that have no glossaries.
	plain map[engine.Pair]bool
}

var _ engine.Engine = (*Engine)(nil)

// Factory returns a factory of engines with these options.
func Factory(opts httpcall.Options) engine.Factory {
	return func(cfg engine.Config) (engine.Engine, error) {
		e, err := New(cfg, opts)
		if err != nil {
			return nil, err
		}
		return e, nil
	}
}

// New makes an engine. It connects to nothing. Without an endpoint the key decides
// between the host of the free plan and the other. Settings that cannot work are
// Misconfigured. Config.Timeout bounds one HTTP exchange, of which a call makes one,
// and three when it has terms.
func New(cfg engine.Config, opts httpcall.Options) (*Engine, error) {
	key, err := httpcall.Key(cfg.APIKey)
	if err != nil {
		return nil, err
	}
	if key == "" {
		return nil, engine.Errorf(engine.Misconfigured, "no API key is set")
	}
	endpoint := strings.TrimSpace(cfg.Endpoint)
	if endpoint == "" {
		endpoint = proHost
		if strings.HasSuffix(key, freeSuffix) {
			endpoint = freeHost
		}
	}
	// People copy the address with the version.
	endpoint = strings.TrimSuffix(strings.TrimRight(endpoint, "/"), "/v2")
	client, err := httpcall.New(endpoint, cfg.Timeout, opts)
	if err != nil {
		return nil, err
	}
	return &Engine{client: client, key: key, plain: map[engine.Pair]bool{}}, nil
}

// Info describes the engine. Calls always count as paid: those of the free plan use up
// its quota.
func (e *Engine) Info() engine.Info {
	return engine.Info{Name: Name, Terms: true, Paid: true, MaxSegments: maxSegments, MaxRunes: maxRunes}
}

// Close ends the calls under way and the engine's own connections.
func (e *Engine) Close() error {
	e.client.Close()
	return nil
}

// do makes one exchange below /v2.
func (e *Engine) do(ctx context.Context, method, path string, query url.Values, body any) (httpcall.Answer, bool, error) {
	r := httpcall.Request{
		Method: method, Path: "v2/" + path, Query: query,
		Header: http.Header{"Authorization": {"DeepL-Auth-Key " + e.key}},
	}
	if body != nil {
		data, err := encode(body)
		if err != nil {
			return httpcall.Answer{}, false, err
		}
		r.ContentType, r.Body = "application/json", data
	} else {
		r.Timeout = httpcall.ProbeTimeout // a list, or a word to delete
	}
	return e.client.Do(ctx, r)
}

// encode writes a body without the escapes that HTML would need, which are longer than
// what they stand for.
func encode(body any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil, engine.Errorf(engine.Transient, "encode the request: %w", err)
	}
	return out.Bytes(), nil
}

// quotaExceeded is DeepL's status for an account whose characters are used up.
const quotaExceeded = 456

// failure classes an error of DeepL.
func (e *Engine) failure(a httpcall.Answer, texts ...string) *engine.Error {
	var said struct {
		Message string `json:"message"`
		Detail  string `json:"detail"`
	}
	if json.Unmarshal(a.Body, &said) != nil {
		said.Message = "" // a proxy's page; the status says enough
	}
	detail := httpcall.Shown(cmp.Or(said.Detail, said.Message), e.key, texts...)
	switch a.Status {
	case quotaExceeded:
		return usedUp("456")
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong:
		return engine.Errorf(engine.Rejected, "the text is longer than DeepL takes in one request (%d)", a.Status)
	case http.StatusForbidden:
		return engine.Errorf(engine.Misconfigured,
			"DeepL refused the API key (403); a key of the free plan ends in %q and works with %s alone, any other with %s", freeSuffix, freeHost, proHost)
	case http.StatusBadRequest:
		if strings.Contains(strings.ToLower(said.Message+said.Detail), "tag handling") {
			return engine.Errorf(engine.Rejected, "DeepL could not read the placeables of the text (400)")
		}
	}
	return httpcall.Failure(a, detail)
}

// usedUp says that the account may send nothing more.
func usedUp(why string) *engine.Error {
	return engine.Errorf(engine.Misconfigured,
		"the characters of the DeepL account are used up (%s); they are there again with the next billing period, or when its limit is raised", why)
}
