package qa

import (
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/placeholder"
	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/quality/corpus"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
)

// source is how many messages make one text, as sentences of a job.
const source = 5

// hear measures how often a source is heard in another language than it is in, and how
// often it is heard when the job names another. Messages are looked at as texts of a list,
// and five together as one source.
func hear(out *rows.Rows, c *corpus.Corpus) {
	all := slices.Sorted(slices.Values(append(c.Languages(), "en")))
	texts, alarms := 0, 0
	for _, language := range all {
		messages := half(c, language)
		together, wrong := join(messages), "en"
		if language == wrong {
			wrong = "de"
		}
		texts += len(messages) + len(together)
		alarms += foreign(messages, language) + foreign(together, language)
		out.Percent("source_language_found_pct_"+language, foreign(together, wrong), len(together))
	}
	out.Add("source_language_texts", "%d", texts)
	out.Add("source_language_false_alarms", "%d", alarms)
}

// half returns the texts of a language in the half that is reported on, with tokens for
// their placeables.
func half(c *corpus.Corpus, language string) []string {
	var texts []string
	from := []string{language}
	if language == "en" {
		from = c.Languages()
	}
	seen := map[string]bool{}
	for _, l := range from {
		for _, p := range c.Pairs(l, corpus.Report) {
			text := p.Target
			if language == "en" {
				text = p.Source
			}
			if !seen[text] {
				seen[text] = true
				texts = append(texts, placeholder.Mask(text).Text)
			}
		}
	}
	return texts
}

func join(messages []string) []string {
	var texts []string
	for some := range slices.Chunk(messages, source) {
		texts = append(texts, strings.Join(some, "\n"))
	}
	return texts
}

// foreign counts the texts that are heard in another language than they are said to be in.
func foreign(texts []string, language string) int {
	n := 0
	for _, text := range texts {
		if _, ok := qa.Hear(text, language).Foreign(); ok {
			n++
		}
	}
	return n
}
