package openai_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

// secrets are words that stand in every place of the request, and the key.
func secrets() []string {
	return []string{testKey, "Zx81q", "quixotic", "zeppelin", "walrus", "marmalade", "bassoon", "origami", "krypton", "juggernaut", "obelisk", "yurt"}
}

// secretRequest is a request with a secret wherever the client has a word.
func secretRequest() engine.Request {
	req := request("quixotic ⟦1⟧ sentence", "zeppelin")
	req.Segments[1].Correction = &engine.Correction{Previous: "walrus", Findings: []string{"marmalade is wrong"}, Round: 1}
	req.Context = []engine.Example{{Source: "bassoon", Target: "origami"}}
	req.Terms = []engine.Term{{Source: "krypton", Target: "juggernaut", Forbidden: []string{"obelisk"}}}
	req.Instructions = "Say yurt."
	return req
}

// leaks returns the secrets that a text holds.
func leaks(text string) []string {
	var found []string
	for _, s := range secrets() {
		if strings.Contains(strings.ToLower(text), strings.ToLower(s)) {
			found = append(found, s)
		}
	}
	return found
}

func TestNoFaultTellsTheTextOrTheKey(t *testing.T) {
	named := map[string]openaitest.Fault{}
	for _, f := range openaitest.All() {
		named[f.Name] = f
	}
	if len(named) != len(openaitest.All()) {
		t.Errorf("%d faults share a name", len(openaitest.All())-len(named))
	}
	for name, fault := range named {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Key = testKey
			s.Always(fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if name == "Hang" {
				cancel()
			}
			res, err := newEngine(t, s).Translate(ctx, secretRequest())
			if err != nil {
				checkSilent(t, err)
			}
			for _, seg := range res.Segments {
				if seg.Err != nil {
					checkSilent(t, seg.Err)
				}
			}
		})
	}
}

// checkSilent checks an error and all its causes, also as they print in full.
func checkSilent(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if found := leaks(e.Error() + fmt.Sprintf("%+v %#v", e, e)); found != nil {
			t.Errorf("error tells %v: %v", found, e)
		}
	}
}

func TestMessagesOfProviders(t *testing.T) {
	cases := map[string]struct {
		message string
		want    string
	}{
		"a message of the provider's own is shown": {message: "Try again later", want: "the provider failed (500: Try again later)"},
		"a quoted text is not":                     {message: "Bad token near quixotic", want: "the provider failed (500)"},
		"a part of a word is not":                  {message: "Bad token near quixo", want: "the provider failed (500)"},
		"a word of the instructions is not":        {message: "I will not say YURT", want: "the provider failed (500)"},
		"a short text is not":                      {message: "Bad token a1", want: "the provider failed (500)"},
		"the key is not":                           {message: "Key " + testKey, want: "the provider failed (500)"},
		"a part of the key is not":                 {message: "Key ending in RtVwKey", want: "the provider failed (500)"},
		"another script is not":                    {message: "请求失败", want: "the provider failed (500)"},
		"control characters are not":               {message: `Try \u001b[31m again`, want: "the provider failed (500)"},
		"line breaks become spaces":                {message: `Try\nagain`, want: "the provider failed (500: Try again)"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req := secretRequest()
			req.Segments = append(req.Segments, engine.Segment{ID: 9, Text: "a1"})
			cfg := engine.Config{Endpoint: answering(t, 500, nil, `{"error":{"message":"`+tc.message+`"}}`), Model: "m", APIKey: testKey}
			_, err := engineFor(t, cfg).Translate(t.Context(), req)
			if err == nil || err.Error() != tc.want {
				t.Errorf("Translate() = %v, want %s", err, tc.want)
			}
		})
	}
}

func TestNoWordOfTheRequestIsShown(t *testing.T) {
	for _, secret := range secrets() {
		t.Run(secret, func(t *testing.T) {
			cfg := engine.Config{Endpoint: answering(t, 500, nil, `{"error":{"message":"Near '`+secret+`'"}}`), Model: "m", APIKey: testKey}
			_, err := engineFor(t, cfg).Translate(t.Context(), secretRequest())
			if err == nil || err.Error() != "the provider failed (500)" {
				t.Errorf("Translate() = %v, want no word of the provider's", err)
			}
		})
	}
}

func TestAKeyOfShortWordsIsNotShown(t *testing.T) {
	cfg := engine.Config{Endpoint: answering(t, 500, nil, `{"error":{"message":"Bad key k1-z9-q7","code":"k1-z9-q7"}}`), Model: "m", APIKey: "k1-z9-q7"}
	_, err := engineFor(t, cfg).Translate(t.Context(), request(textA))
	if err == nil || err.Error() != "the provider failed (500)" {
		t.Errorf("Translate() = %v, want no key", err)
	}
}

func TestCodesOfProviders(t *testing.T) {
	cases := map[string]struct {
		code string
		want string
	}{
		"an unknown code":                       {code: "gpu_lost", want: "the provider failed (500, gpu_lost)"},
		"an unknown code with a word of a text": {code: "no_quixotic_here", want: "the provider failed (500)"},
		"a known code with a word of a text":    {code: "server_error", want: "the provider failed (500, server_error)"},
		"the key":                               {code: testKey, want: "the provider failed (500)"},
		"too long":                              {code: strings.Repeat("a_b", 30), want: "the provider failed (500)"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req := secretRequest()
			req.Segments = append(req.Segments, engine.Segment{ID: 9, Text: "the server said error"})
			cfg := engine.Config{Endpoint: answering(t, 500, nil, `{"error":{"code":"`+tc.code+`"}}`), Model: "m", APIKey: testKey}
			_, err := engineFor(t, cfg).Translate(t.Context(), req)
			if err == nil || err.Error() != tc.want {
				t.Errorf("Translate() = %v, want %s", err, tc.want)
			}
		})
	}
}
