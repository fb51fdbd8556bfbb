package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// recorder collects what checks say.
type recorder struct {
	ctx context.Context

	mu       sync.Mutex
	failures []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// model is an engine that keeps the contract, and breaks it where a test says so.
type model struct {
	// spoil changes the answers of a call.
	spoil func([]engine.Translation) []engine.Translation
	// refusal is the error for a pair that is not offered.
	refusal func(engine.Pair) error
	offer   engine.Offer
	info    func(calls int) engine.Info
	// deaf engines do not look at the context, and immortal ones work once closed.
	deaf, immortal bool

	mu     sync.Mutex
	calls  int
	closed bool
}

var served = engine.Pair{Source: "es", Target: "ca"}

func newModel() *model {
	return &model{
		spoil:   func(all []engine.Translation) []engine.Translation { return all },
		refusal: func(p engine.Pair) error { return engine.Errorf(engine.Misconfigured, "the pair %s is not offered", p) },
		offer:   engine.Offer{Pairs: []engine.Pair{{Source: "en", Target: "es"}, served}},
		info:    func(int) engine.Info { return engine.Info{Name: "model"} },
	}
}

func (m *model) Info() engine.Info {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.info(m.calls)
}

func (m *model) Probe(context.Context) (engine.Offer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	return m.offer, nil
}

func (m *model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

func (m *model) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.closed && !m.immortal {
		return engine.Response{}, engine.Errorf(engine.Transient, "the engine was closed")
	}
	if ctx.Err() != nil && !m.deaf {
		return engine.Response{}, ctx.Err()
	}
	if req.Pair != served {
		if err := m.refusal(req.Pair); err != nil {
			return engine.Response{}, err
		}
	}
	var all []engine.Translation
	for _, s := range req.Segments {
		all = append(all, engine.Translation{ID: s.ID, Text: s.Text})
	}
	return engine.Response{Segments: m.spoil(all)}, nil
}

func each(change func(text string) string) func([]engine.Translation) []engine.Translation {
	return func(all []engine.Translation) []engine.Translation {
		for i := range all {
			all[i].Text = change(all[i].Text)
		}
		return all
	}
}

func suiteOf(m func() *model) Suite {
	return Suite{
		NewEngine:  func(T) engine.Engine { return m() },
		Pair:       served,
		Samples:    []string{"La casa es grande.", "El perro duerme en el sofá."},
		NotOffered: engine.Pair{Source: "de", Target: "ja"},
	}
}

func TestAnEngineThatKeepsTheContractPasses(t *testing.T) {
	Run(t, suiteOf(newModel))
}

func TestABrokenEngineFailsTheCheckThatIsAboutIt(t *testing.T) {
	cases := map[string]struct {
		spoil     func(*model)
		wantCheck string
	}{
		"an id is dropped": {
			spoil: func(m *model) {
				m.spoil = func(all []engine.Translation) []engine.Translation { return all[:len(all)-min(1, len(all))] }
			},
			wantCheck: "ids come back exactly as sent",
		},
		"an id is answered twice": {
			spoil: func(m *model) {
				m.spoil = func(all []engine.Translation) []engine.Translation {
					return append(all, all[:min(1, len(all))]...)
				}
			},
			wantCheck: "ids come back exactly as sent",
		},
		"an id is made up": {
			spoil: func(m *model) {
				m.spoil = func(all []engine.Translation) []engine.Translation {
					return append(all, engine.Translation{ID: 5000, Text: "x"})
				}
			},
			wantCheck: "an empty request gets an empty response",
		},
		"answers are swapped": {
			spoil: func(m *model) {
				m.spoil = func(all []engine.Translation) []engine.Translation {
					if len(all) > 1 {
						all[0].Text, all[1].Text = all[1].Text, all[0].Text
					}
					return all
				}
			},
			wantCheck: "ids come back exactly as sent",
		},
		"an id is dropped of a partial call": {
			spoil: func(m *model) {
				m.spoil = func(all []engine.Translation) []engine.Translation { return all[:len(all)-min(1, len(all))] }
			},
			wantCheck: "ids come back when the caller asks again",
		},
		"a segment of a partial call is given up": {
			spoil: func(m *model) {
				m.spoil = func(all []engine.Translation) []engine.Translation {
					for i := range all {
						all[i].Err = engine.Errorf(engine.Rejected, "no answer")
					}
					return all
				}
			},
			wantCheck: "ids come back when the caller asks again",
		},
		"a text is answered with nothing": {
			spoil:     func(m *model) { m.spoil = each(func(string) string { return "" }) },
			wantCheck: "a text gets a text",
		},
		"a segment fails on its own": {
			spoil: func(m *model) {
				m.spoil = func(all []engine.Translation) []engine.Translation {
					for i := range all {
						all[i].Err = engine.Errorf(engine.Transient, "no answer")
					}
					return all
				}
			},
			wantCheck: "a text gets a text",
		},
		"a placeable is lost": {
			spoil: func(m *model) {
				m.spoil = each(func(text string) string { return strings.ReplaceAll(text, "⟦2⟧", "") })
			},
			wantCheck: "placeables survive once each",
		},
		"a placeable is doubled": {
			spoil: func(m *model) {
				m.spoil = each(func(text string) string { return strings.ReplaceAll(text, "⟦1⟧", "⟦1⟧⟦1⟧") })
			},
			wantCheck: "placeables survive once each",
		},
		"a placeable is made up": {
			spoil: func(m *model) {
				m.spoil = each(func(text string) string { return text + "⟦99⟧" })
			},
			wantCheck: "placeables survive once each",
		},
		"white space at the ends is trimmed": {
			spoil:     func(m *model) { m.spoil = each(strings.TrimSpace) },
			wantCheck: "white space at the ends stays",
		},
		"a long text is cut": {
			spoil: func(m *model) {
				m.spoil = each(func(text string) string { return text[:min(len(text), 2000)] })
			},
			wantCheck: "a long text comes back whole",
		},
		"the end of a large call is cut": {
			spoil: func(m *model) {
				m.spoil = func(all []engine.Translation) []engine.Translation { return all[:min(len(all), 300)] }
			},
			wantCheck: "many segments come back whole",
		},
		"a caller gets the answer to another": {
			spoil: func(m *model) {
				last := engine.Translation{Text: "⟦9999⟧"}
				m.spoil = func(all []engine.Translation) []engine.Translation {
					for i := range all {
						all[i].Text, last.Text = last.Text, all[i].Text
					}
					return all
				}
			},
			wantCheck: "each of many callers gets its own answer",
		},
		"another pair is translated all the same": {
			spoil:     func(m *model) { m.refusal = func(engine.Pair) error { return nil } },
			wantCheck: "a pair that is not offered is refused",
		},
		"another pair is refused for the wrong reason": {
			spoil: func(m *model) {
				m.refusal = func(p engine.Pair) error { return engine.Errorf(engine.Transient, "%s", p) }
			},
			wantCheck: "a pair that is not offered is refused",
		},
		"another pair is refused without its name": {
			spoil: func(m *model) {
				m.refusal = func(engine.Pair) error { return engine.Errorf(engine.Misconfigured, "no") }
			},
			wantCheck: "a pair that is not offered is refused",
		},
		"an error is of no class": {
			spoil:     func(m *model) { m.refusal = func(p engine.Pair) error { return errors.New(p.String()) } },
			wantCheck: "a pair that is not offered is refused",
		},
		"an error shows the text": {
			spoil: func(m *model) {
				m.refusal = func(p engine.Pair) error {
					return engine.Errorf(engine.Misconfigured, "%s: La casa es grande.", p)
				}
			},
			wantCheck: "a pair that is not offered is refused",
		},
		"the context is not looked at": {
			spoil:     func(m *model) { m.deaf = true },
			wantCheck: "a cancelled call ends at once",
		},
		"it works once closed": {
			spoil:     func(m *model) { m.immortal = true },
			wantCheck: "a closed engine refuses work",
		},
		"pairs are not sorted": {
			spoil:     func(m *model) { slices.Reverse(m.offer.Pairs) },
			wantCheck: "lists working pairs sorted",
		},
		"a pair has a tag of another kind": {
			spoil: func(m *model) {
				m.offer.Pairs = append(m.offer.Pairs, engine.Pair{Source: "spa", Target: "cat"})
			},
			wantCheck: "lists working pairs sorted",
		},
		"a pair is offered and broken": {
			spoil:     func(m *model) { m.offer.Broken = m.offer.Pairs },
			wantCheck: "lists working pairs sorted",
		},
		"the pair it serves is not offered": {
			spoil:     func(m *model) { m.offer.Pairs = m.offer.Pairs[:1] },
			wantCheck: "lists working pairs sorted",
		},
		"its name changes": {
			spoil: func(m *model) {
				m.info = func(calls int) engine.Info { return engine.Info{Name: fmt.Sprintf("model-%d", calls)} }
			},
			wantCheck: "describes itself",
		},
		"it has no name": {
			spoil:     func(m *model) { m.info = func(int) engine.Info { return engine.Info{} } },
			wantCheck: "describes itself",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			suite := suiteOf(func() *model {
				m := newModel()
				tc.spoil(m)
				return m
			})
			at := slices.IndexFunc(checks, func(c check) bool { return c.name == tc.wantCheck })
			if at < 0 {
				t.Fatalf("there is no check %q", tc.wantCheck)
			}
			r := &recorder{ctx: t.Context()}
			checks[at].run(r, suite, suite.NewEngine(r))
			if len(r.failures) == 0 {
				t.Errorf("the check %q passed", tc.wantCheck)
			}
		})
	}
}

func TestTheBoundsOfACallAreKept(t *testing.T) {
	m := newModel()
	m.info = func(int) engine.Info { return engine.Info{Name: "model", MaxSegments: 20, MaxRunes: 1000} }
	m.spoil = func(all []engine.Translation) []engine.Translation {
		runes := 0
		for _, translation := range all {
			runes += len([]rune(translation.Text))
		}
		if len(all) > 20 || len(all) == 1 && runes > 1000 {
			return nil
		}
		return all
	}
	Run(t, suiteOf(func() *model {
		fresh := newModel()
		fresh.info, fresh.spoil = m.info, m.spoil
		return fresh
	}))
}
