// Package golden owns hard cases of segmentation with the cuts that the rules of the
// written language ask for. It knows nothing of the code that is measured by them.
package golden

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"unicode"
)

//go:embed cases.txt
var file string

// Case is a text and its segments.
type Case struct {
	// Lang is a BCP 47 tag.
	Lang, Name, Text string
	// Want are the segments in order, without the white space around them.
	Want []string
	// HeldOut says that the case is only reported: no rule may be made for it. A hash of
	// the name decides, so that nobody chooses.
	HeldOut bool
}

// The signs of the file.
const cut, open, closed = "‖", "⟪", "⟫"

// Cases reads the cases of the file. A line that is none, and a name that is there
// twice, is an error.
func Cases() ([]Case, error) {
	var all []Case
	seen := map[string]bool{}
	lang, number := "", 0
	for line := range strings.Lines(file) {
		number++
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "["):
			lang = strings.Trim(line, "[]")
			continue
		}
		c, err := parse(lang, line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if seen[lang+c.Name] {
			return nil, fmt.Errorf("line %d: the name %q is there twice", number, c.Name)
		}
		seen[lang+c.Name] = true
		all = append(all, c)
	}
	return all, nil
}

func parse(lang, line string) (Case, error) {
	name, quoted, found := strings.Cut(line, " | ")
	if !found {
		return Case{}, fmt.Errorf("no %q between name and text", " | ")
	}
	marked, err := strconv.Unquote(`"` + strings.ReplaceAll(quoted, `"`, `\"`) + `"`)
	if err != nil {
		return Case{}, fmt.Errorf("the text has an escape that is none")
	}
	c := Case{Lang: lang, Name: name}
	for part := range strings.SplitSeq(marked, open) {
		outside, inside, has := strings.Cut(part, closed)
		if !has {
			outside, inside = "", part
		}
		c.Text += outside + strings.ReplaceAll(inside, cut, "")
		for segment := range strings.SplitSeq(inside, cut) {
			if segment = strings.TrimFunc(segment, unicode.IsSpace); segment != "" {
				c.Want = append(c.Want, segment)
			}
		}
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(lang + "/" + name)) // never fails
	// The high bits: the low ones of FNV depend on the last letters alone.
	c.HeldOut = hash.Sum32()>>16&1 == 1
	return c, nil
}
