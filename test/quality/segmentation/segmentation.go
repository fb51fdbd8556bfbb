// Package segmentation measures how right and how fast texts are cut into segments, beside
// the sentences of UAX #29 without any rule of a language.
package segmentation

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/clipperhouse/uax29/v2/sentences"

	"github.com/dragoman-dev/dragoman/internal/segment"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
	"github.com/dragoman-dev/dragoman/test/quality/segmentation/golden"
)

//go:embed prose.txt
var prose string

// Run adds the figures.
func Run(ctx context.Context, out *rows.Rows) error {
	cases, err := golden.Cases()
	if err != nil {
		return err
	}
	accuracy(cases, out)
	return speed(ctx, out)
}

// share is how many of some cases are right.
type share struct{ right, all int }

func (s *share) add(right bool) {
	s.all++
	if right {
		s.right++
	}
}

// accuracy counts the cases whose segments are all as they should be.
func accuracy(cases []golden.Case, out *rows.Rows) {
	var ours, heldOut, bare, lossless share
	byLang := map[string]*share{}
	var langs []string
	for _, c := range cases {
		pieces := segment.Split(c.Text, c.Lang)
		var got []string
		var joined strings.Builder
		for _, p := range pieces {
			joined.WriteString(p.Text)
			if p.Translatable {
				got = append(got, p.Text)
			}
		}
		right := slices.Equal(got, c.Want)
		ours.add(right)
		lossless.add(joined.String() == c.Text)
		if c.HeldOut {
			heldOut.add(right)
		}
		if byLang[c.Lang] == nil {
			byLang[c.Lang] = &share{}
			langs = append(langs, c.Lang)
		}
		byLang[c.Lang].add(right)
		bare.add(slices.Equal(plain(c.Text), c.Want))
	}
	out.Add("segmentation_golden_cases", "%d", ours.all)
	out.Percent("segmentation_golden_pct", ours.right, ours.all)
	out.Percent("segmentation_golden_held_out_pct", heldOut.right, heldOut.all)
	for _, lang := range langs {
		out.Percent("segmentation_golden_pct_"+lang, byLang[lang].right, byLang[lang].all)
	}
	out.Percent("segmentation_uax29_pct", bare.right, bare.all)
	out.Percent("segmentation_lossless_pct", lossless.right, lossless.all)
}

// plain returns the sentences of UAX #29 that have a letter, without the white space
// around them.
func plain(text string) []string {
	var found []string
	for it := sentences.FromString(text); it.Next(); {
		if s := strings.TrimSpace(it.Value()); strings.ContainsFunc(s, unicode.IsLetter) {
			found = append(found, s)
		}
	}
	return found
}

// sample is prose in one language.
type sample struct{ lang, text string }

// samples returns the prose of each language, repeated to a size in bytes.
func samples(size int) []sample {
	var all []sample
	for _, section := range strings.Split(prose, "\n[")[1:] {
		lang, text, _ := strings.Cut(section, "]\n")
		text = strings.TrimSpace(text) + "\n"
		all = append(all, sample{lang: lang, text: strings.Repeat(text, size/len(text)+1)})
	}
	return all
}

// speed measures the time for prose, the best of some rounds, because whatever else the
// machine does only adds to it.
func speed(ctx context.Context, out *rows.Rows) error {
	const size, rounds = 1 << 20, 5
	var bytes int
	var ours, bare time.Duration
	for _, s := range samples(size) {
		bytes += len(s.text)
		var own, other []time.Duration
		for range rounds {
			if err := ctx.Err(); err != nil {
				return err
			}
			own = append(own, timed(func() { segment.Split(s.text, s.lang) }))
			other = append(other, timed(func() {
				for it := sentences.FromString(s.text); it.Next(); {
					_ = it.Value()
				}
			}))
		}
		ours += slices.Min(own)
		bare += slices.Min(other)
		out.Add("segmentation_mb_per_s_"+s.lang, "%.1f", perSecond(len(s.text), slices.Min(own)))
	}
	out.Add("segmentation_mb_per_s", "%.1f", perSecond(bytes, ours))
	out.Add("segmentation_uax29_mb_per_s", "%.1f", perSecond(bytes, bare))
	out.Add("segmentation_speed_ratio_to_uax29", "%.2f", bare.Seconds()/ours.Seconds())
	return nil
}

// perSecond returns megabytes of a million bytes.
func perSecond(bytes int, d time.Duration) float64 { return float64(bytes) / 1e6 / d.Seconds() }

func timed(run func()) time.Duration {
	start := time.Now()
	run()
	return time.Since(start)
}
