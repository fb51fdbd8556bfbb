package segment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/segment"
)

// The bracket that opens a Markdown link is a tag of one byte.
func TestSplitCutsBetweenLinks(t *testing.T) {
	var got []string
	for _, piece := range segment.Split("Read this. [The guide](https://example.com/a) helps. [It](b.md) is short.", "en") {
		if piece.Translatable {
			got = append(got, piece.Text)
		}
	}
	want := []string{"Read this.", "[The guide](https://example.com/a) helps.", "[It](b.md) is short."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Split() (-want +got):\n%s", diff)
	}
}
