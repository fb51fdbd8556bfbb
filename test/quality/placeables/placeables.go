// Package placeables measures whether a placeable can be lost without a word. It makes
// texts that hold placeables of each syntax, has an engine spoil them in every way that
// engines do, and looks whether the result still holds them all or was reported.
//
// The judge is independent of the code it judges: the maker of a text knows which
// placeables it put in, and the judge looks for these very strings. Package placeholder
// is asked for nothing but to mask and to restore.
package placeables

import (
	"context"
	"math/rand/v2"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
)

const (
	// perSyntax is how many texts are made of each syntax.
	perSyntax = 100_000
	// seed makes each run make the same.
	seed = 20261122
)

// Tally counts what became of the texts of one syntax.
type Tally struct {
	// Kept are texts that the engine did not harm, Repaired those that it did and that
	// hold all their placeables again, Reported those with a problem.
	Kept, Repaired, Reported int
	// Silent are texts without a problem that do not hold their placeables as they were.
	Silent int
	// First is the first of them, for whoever looks for the cause.
	First string
}

// add counts a text.
func (t *Tally) add(harmed, reported bool, loss string) {
	switch {
	case reported:
		t.Reported++
	case loss != "":
		t.Silent++
		if t.First == "" {
			t.First = loss
		}
	case harmed:
		t.Repaired++
	default:
		t.Kept++
	}
}

// Run prints the rows of placeables.
func Run(ctx context.Context, out *rows.Rows) error {
	silent := 0
	for _, s := range Syntaxes() {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := Measure(s, perSyntax, placeholder.Mask)
		silent += t.print(out, s.Name)
	}
	t := MeasureMessages(perSyntax)
	silent += t.print(out, "icu")
	out.Add("placeable_texts_per_syntax", "%d", perSyntax)
	out.Add("placeable_syntaxes", "%d", len(Syntaxes())+1)
	out.Add("placeable_silent_losses", "%d", silent)
	languages(out)
	return nil
}

func (t Tally) print(out *rows.Rows, name string) (silent int) {
	out.Add("placeable_kept_"+name, "%d", t.Kept)
	out.Add("placeable_repaired_"+name, "%d", t.Repaired)
	out.Add("placeable_reported_"+name, "%d", t.Reported)
	if t.Silent > 0 {
		out.Progressf("  %s: %d lost in silence, the first: %s", name, t.Silent, t.First)
	}
	return t.Silent
}

// Measure spoils texts of a syntax. mask is the way to take placeables out.
func Measure(s Syntax, texts int, mask func(string) placeholder.Masked) Tally {
	var t Tally
	dice := rand.New(rand.NewPCG(seed, uint64(len(s.Name)))) //nolint:gosec // nothing secret, and the same at each run
	for range texts {
		text := s.text(dice)
		masked := mask(text.source)
		if whole, problems := masked.Restore(masked.Text); whole != text.source || len(problems) > 0 {
			t.add(false, false, "not the same when nothing was done to it: "+text.source)
			continue
		}
		answer, harmed := spoil(dice, masked)
		result, problems := masked.Restore(answer)
		loss := text.lost(result)
		if loss != "" {
			loss += " in " + result + ", from " + answer + ", from " + text.source
		}
		t.add(harmed, len(problems) > 0, loss)
	}
	return t
}
