package injection

import (
	"context"

	"github.com/dragoman-dev/dragoman/test/quality/corpus"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
)

// realStrings returns both sides of all pairs of the corpus, each text once in its
// language.
func realStrings(ctx context.Context, out *rows.Rows) ([]string, error) {
	all, err := corpus.Open(ctx, progress{out})
	if err != nil {
		return nil, err
	}
	texts := all.Strings("en")
	for _, language := range all.Languages() {
		texts = append(texts, all.Strings(language)...)
	}
	return texts, nil
}

// progress passes on what the corpus says while it is fetched.
type progress struct{ out *rows.Rows }

// Write takes a line.
func (p progress) Write(line []byte) (int, error) {
	p.out.Progressf("%s", line)
	return len(line), nil
}
