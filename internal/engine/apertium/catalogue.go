package apertium

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// mode is one installed direction of translation.
type mode struct {
	// name of the mode file without its ending, such as "spa-cat".
	name   string
	pair   engine.Pair
	recipe recipe
	// fault says why the file cannot be used; nil when it can.
	fault error
	// written is when the file was last changed. A new package gets a new check.
	written time.Time
}

// catalogue is the directory of mode files, read again when it changes.
type catalogue struct {
	dir string

	mu    sync.Mutex
	read  time.Time
	modes map[engine.Pair]mode
	pairs []engine.Pair
}

// list returns the installed pairs, sorted, and their modes. Neither may be
// changed. A directory that is not there is empty.
func (c *catalogue) list() ([]engine.Pair, map[engine.Pair]mode, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.dir)
	if os.IsNotExist(err) {
		c.pairs, c.modes = nil, nil
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if c.modes != nil && info.ModTime().Equal(c.read) {
		return c.pairs, c.modes, nil
	}
	modes, err := readModes(c.dir)
	if err != nil {
		return nil, nil, err
	}
	c.read, c.modes, c.pairs = info.ModTime(), modes, nil
	for pair := range modes {
		c.pairs = append(c.pairs, pair)
	}
	slices.SortFunc(c.pairs, comparePairs)
	return c.pairs, c.modes, nil
}

func comparePairs(a, b engine.Pair) int {
	if order := strings.Compare(a.Source, b.Source); order != 0 {
		return order
	}
	return strings.Compare(a.Target, b.Target)
}

func readModes(dir string) (map[engine.Pair]mode, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.mode"))
	if err != nil {
		return nil, err
	}
	modes := make(map[engine.Pair]mode, len(files))
	for _, file := range files {
		m, ok, err := readMode(file)
		if err != nil {
			return nil, err
		}
		if other, taken := modes[m.pair]; ok && (!taken || preferred(m.name, other.name)) {
			modes[m.pair] = m
		}
	}
	return modes, nil
}

// preferred picks between two modes of one pair. Packages moved from two-letter
// codes to three-letter ones, so the longer name is the newer package.
func preferred(name, other string) bool {
	if len(name) != len(other) {
		return len(name) > len(other)
	}
	return name < other
}

// readMode reads one file. It is false when the file is not a translation.
func readMode(file string) (mode, bool, error) {
	name := strings.TrimSuffix(filepath.Base(file), ".mode")
	pair, ok := pairOf(name)
	if !ok {
		return mode{}, false, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return mode{}, false, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return mode{}, false, err
	}
	m := mode{name: name, pair: pair, written: info.ModTime()}
	m.recipe, m.fault = parseRecipe(string(text))
	return m, m.fault != nil || m.recipe.generates, nil
}

// pairOf reads the pair off the name of a mode: "spa-cat", "es-pt_BR". Names with
// more parts are steps of a translation or variants of its method; names whose
// variant is not a language tag, such as "spa-cat_iec2017", are other spellings
// of a pair that is there without it.
func pairOf(name string) (engine.Pair, bool) {
	codes := strings.Split(name, "-")
	if len(codes) != 2 {
		return engine.Pair{}, false
	}
	source, okSource := tagOf(codes[0])
	target, okTarget := tagOf(codes[1])
	pair := engine.Pair{Source: source, Target: target}
	return pair, okSource && okTarget && source != target
}

// variants maps what Apertium puts behind a language code to BCP-47 subtags.
// Regions are written as they are and need no entry.
var variants = map[string]string{
	"valencia": "valencia",
	"aran":     "aranes",
	"aranes":   "aranes",
}

// renamed maps codes to the tag in use where the code itself would name another
// language or a part of one: the standards of Serbo-Croatian, Malay, Eastern
// Norwegian spellings.
var renamed = map[string]string{
	"hbs_BS": "bs",
	"hbs_HR": "hr",
	"hbs_SR": "sr-Latn",
	"zlm":    "ms",
}

// tagOf turns a code of a mode name, ISO 639-3 or the older ISO 639-1 with an
// optional variant, into a canonical BCP-47 tag.
func tagOf(code string) (string, bool) {
	if tag, ok := renamed[code]; ok {
		return tag, true
	}
	language, variant, found := strings.Cut(strings.ReplaceAll(code, "@", "_"), "_")
	if len(language) < 2 || len(language) > 3 || strings.ToLower(language) != language {
		return "", false
	}
	if found {
		subtag, known := variants[variant]
		if !known && (len(variant) != 2 || strings.ToUpper(variant) != variant) {
			return "", false
		}
		if !known {
			subtag = variant
		}
		language += "-" + subtag
	}
	tag, err := langtag.Canonical(language)
	return tag, err == nil
}
