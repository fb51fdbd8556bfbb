// Package corpus owns the real texts that quality is measured on: translations by
// people, out of the message catalogues (.mo files) of Debian's packages.
//
// The packages are downloaded by apt-get, which checks them against the signed lists
// of the archive, and read without being installed. Nothing of them is part of this
// repository: each catalogue keeps the licence of its package, most of them the GPL.
// It imports no package of the product, so that it can measure any of them.
//
// # What is left out
//
//   - the header, and messages that are not translated
//   - messages with a context or with plural forms: one source has several targets
//   - what is not valid in the encoding that the header names
//   - a second pair with the same source and target, from whatever catalogue
//   - the catalogue of e2fsprogs, whose sources are in a shorthand ("@i %i") that
//     translators write out
//   - pairs that are the same on both sides: nobody can say whether they are
//     translations
//
// Fuzzy translations, which nobody has looked at, are not in a .mo file at all.
package corpus

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Part is a half of the pairs.
type Part int

const (
	// Tune is the half to look at while a check is made better.
	Tune Part = iota
	// Report is the half that only figures are made of.
	Report
)

// Pair is a message and its translation by a person.
type Pair struct {
	// Source is English.
	Source string
	Target string
	// Catalogue is the name of the .mo file without its ending, such as "coreutils".
	Catalogue string
}

// Corpus is all pairs of all languages.
type Corpus struct {
	pairs map[string][]Pair
}

// Folder is the variable of the environment that names a folder of .mo files to
// read in place of Debian's packages, laid out as /usr/share/locale is.
const Folder = "DRAGOMAN_CORPUS"

// locales maps the languages that are read to the name of their folder.
func locales() map[string]string {
	return map[string]string{
		"ar": "ar", "de": "de", "es": "es", "fr": "fr", "it": "it", "ja": "ja", "ko": "ko",
		"nl": "nl", "pl": "pl", "pt": "pt_BR", "ru": "ru", "tr": "tr", "zh": "zh_CN",
	}
}

// Open reads the corpus, and downloads it first when it is not in the user's cache
// (about 40 MB, a minute). Where there is no apt-get, the error says what to do.
func Open(ctx context.Context, progress io.Writer) (*Corpus, error) {
	dir := os.Getenv(Folder)
	if dir == "" {
		var err error
		if dir, err = cached(ctx, progress); err != nil {
			return nil, fmt.Errorf("get the corpus: %w", err)
		}
	}
	return Read(dir)
}

// Read reads the .mo files below a folder. Each has to be in a folder LC_MESSAGES in
// one with the name of its locale.
func Read(dir string) (*Corpus, error) {
	c := &Corpus{pairs: map[string][]Pair{}}
	languages := map[string]string{}
	for language, locale := range locales() {
		languages[locale] = language
	}
	seen := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		language, wanted := languages[localeOf(path)]
		catalogue := strings.TrimSuffix(filepath.Base(path), ".mo")
		if !wanted || filepath.Ext(path) != ".mo" || catalogue == "e2fsprogs" {
			return nil
		}
		data, err := os.ReadFile(path) //nolint:gosec // a folder of the user's own
		if err != nil {
			return err
		}
		messages, err := parse(data)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		for _, m := range messages {
			key := language + "\x00" + m.source + "\x00" + m.target
			if m.source == m.target || seen[key] {
				continue
			}
			seen[key] = true
			c.pairs[language] = append(c.pairs[language], Pair{
				Source: m.source, Target: m.target, Catalogue: catalogue,
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(c.pairs) == 0 {
		return nil, fmt.Errorf("there are no .mo files of a known language in %s", dir)
	}
	return c, nil
}

// localeOf returns the locale that a .mo file is for: …/de/LC_MESSAGES/git.mo.
func localeOf(path string) string {
	folder := filepath.Dir(path)
	if filepath.Base(folder) != "LC_MESSAGES" {
		return ""
	}
	return filepath.Base(filepath.Dir(folder))
}

// Languages returns the tags of the languages there are pairs for, in order. "zh" is
// in simplified characters, "pt" that of Brazil. All are translated from English.
func (c *Corpus) Languages() []string {
	var all []string
	for language := range c.pairs {
		all = append(all, language)
	}
	slices.Sort(all)
	return all
}

// Pairs returns a half of the pairs of a language, always in the same order. All
// pairs of one source are in one half, in every language.
func (c *Corpus) Pairs(language string, part Part) []Pair {
	var half []Pair
	for _, p := range c.pairs[language] {
		if partOf(p.Source) == part {
			half = append(half, p)
		}
	}
	return half
}

func partOf(source string) Part {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(source)) // never fails
	const high = 40                   // the low bits of this hash depend on little of the text
	return Part(hash.Sum64() >> high & 1)
}

// Strings returns the texts of a language, each once and in the same order at each
// call: the translations, or for "en" the sources.
func (c *Corpus) Strings(language string) []string {
	seen := map[string]bool{}
	var all []string
	add := func(text string) {
		if !seen[text] {
			seen[text] = true
			all = append(all, text)
		}
	}
	if language != "en" {
		for _, p := range c.pairs[language] {
			add(p.Target)
		}
		return all
	}
	for _, l := range c.Languages() {
		for _, p := range c.pairs[l] {
			add(p.Source)
		}
	}
	return all
}
