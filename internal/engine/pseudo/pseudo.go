// Package pseudo is an engine that translates nothing. It accents every letter,
// makes the text about a third longer and puts it between «[ and ]», so that a
// person sees at a glance which texts of a product go through translation, and
// where a longer language would not fit. It serves any pair, at once and for
// free, and must never be chosen unless it is asked for by name.
//
//	Save 3 files in ⟦1⟧  →  «[Šàṽë 3 ƒîļëš îñ ⟦1⟧ ~~~~~~]»
//
// It is pure: it imports the engine contract and nothing else of the project.
package pseudo

import (
	"context"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Engine is the pseudo-localisation. It holds nothing and is safe for use from
// many goroutines.
type Engine struct {
	closed atomic.Bool
}

var _ engine.Engine = (*Engine)(nil)

// New makes an engine.
func New() *Engine { return &Engine{} }

// Factory is an engine.Factory; the settings of a provider mean nothing here.
func Factory(engine.Config) (engine.Engine, error) { return New(), nil }

// Info describes the engine.
func (e *Engine) Info() engine.Info { return engine.Info{Name: "pseudo"} }

// Probe always succeeds and offers every pair.
func (e *Engine) Probe(ctx context.Context) (engine.Offer, error) {
	if err := e.usable(ctx); err != nil {
		return engine.Offer{}, err
	}
	return engine.Offer{Any: true}, nil
}

// Translate disguises each segment. The languages of the pair are not looked at.
func (e *Engine) Translate(ctx context.Context, req engine.Request) (engine.Response, error) {
	if err := e.usable(ctx); err != nil {
		return engine.Response{}, err
	}
	if req.Creation {
		return engine.Response{}, engine.Errorf(engine.Misconfigured, "pseudo disguises text and cannot write new text")
	}
	var resp engine.Response
	for _, s := range req.Segments {
		resp.Segments = append(resp.Segments, engine.Translation{ID: s.ID, Text: disguise(s.Text)})
	}
	return resp, nil
}

// Close makes later calls fail.
func (e *Engine) Close() error {
	e.closed.Store(true)
	return nil
}

func (e *Engine) usable(ctx context.Context) error {
	if e.closed.Load() {
		return engine.Errorf(engine.Transient, "the engine was closed")
	}
	return ctx.Err()
}

const (
	opening = "«["
	closing = "]»"
	// padding is repeated behind a text. It is no letter, so that it counts neither
	// as a word nor as an end of sentence.
	padding = "~"
)

// disguise accents the letters of a text and pads it by 30 % of its characters,
// rounded up. White space at both ends stays outside of the brackets, and a text
// of nothing else stays as it is. Tokens ⟦n⟧ and digits are not touched.
func disguise(text string) string {
	core := strings.TrimFunc(text, unicode.IsSpace)
	if core == "" {
		return text
	}
	start := strings.Index(text, core)
	var out strings.Builder
	out.WriteString(text[:start])
	out.WriteString(opening)
	accent(&out, core)
	if pad := (3*utf8.RuneCountInString(core) + 9) / 10; pad > 0 {
		out.WriteString(" " + strings.Repeat(padding, pad))
	}
	out.WriteString(closing)
	out.WriteString(text[start+len(core):])
	return out.String()
}

func accent(out *strings.Builder, text string) {
	for _, r := range text {
		accented, ok := accents[r]
		switch {
		case ok:
			out.WriteRune(accented)
		case unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic):
			out.WriteRune(r)
			out.WriteRune(dotBelow)
		default:
			out.WriteRune(r)
		}
	}
}

// dotBelow is put under letters that have no entry in accents. Scripts without
// such accents, as Han or Arabic, are left as they are: the brackets tell enough.
const dotBelow = '\u0323'

// accents maps the letters of English to ones of the same shape, each of them one
// code point.
var accents = func() map[rune]rune {
	const (
		plain    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		accented = "àƀçđëƒğĥîĵķļɱñöþɋŕšţûṽŵẋýžÀƁÇĐËƑĞĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ"
	)
	to := []rune(accented)
	table := make(map[rune]rune, len(plain))
	for i, r := range plain {
		table[r] = to[i]
	}
	return table
}()
