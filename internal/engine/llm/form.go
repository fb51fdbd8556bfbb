package llm

import (
	"slices"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// formNames names forms for a model: "plural few, as for 2". Its words are ours, but
// for the names of CLDR, which models have read in every language they know.
func formNames(forms []engine.Form) []string {
	var names []string
	for _, f := range forms {
		name := string(f.Kind) + " " + f.Category + ", as for " + f.Example
		if strings.HasPrefix(f.Category, "=") {
			name = string(f.Kind) + ", for " + f.Example + " alone"
		}
		names = append(names, name)
	}
	return names
}

// haveForms says whether a segment is for a form that its text does not show.
func haveForms(segments []engine.Segment) bool {
	return slices.ContainsFunc(segments, func(s engine.Segment) bool { return len(s.Forms) > 0 })
}
