package convert

import (
	"fmt"
	"unicode/utf8"

	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Bounds of constraints, as the schema has them.
const (
	maxConstraint  = 1000000
	maxForbidden   = 50
	maxTermRunes   = 200
	wordConstraint = "forbidden"
)

var constraintTypes = map[string]v1alpha1.ConstraintType{
	"max_chars":    v1alpha1.MaxCharsConstraint,
	"max_words":    v1alpha1.MaxWordsConstraint,
	wordConstraint: v1alpha1.ForbiddenConstraint,
}

func readConstraints(constraints []Constraint, most int) ([]v1alpha1.Constraint, error) {
	if len(constraints) > most {
		return nil, briefing("constraints", "has %d entries; %d are allowed", len(constraints), most)
	}
	var out []v1alpha1.Constraint
	for i, c := range constraints {
		field := fmt.Sprintf("constraints[%d]", i)
		kind, ok := constraintTypes[c.Type]
		if !ok {
			return nil, briefing(field+".type", "must be one of max_chars, max_words, forbidden")
		}
		read := readLimit
		if c.Type == wordConstraint {
			read = readForbidden
		}
		constraint, err := read(field, c)
		if err != nil {
			return nil, err
		}
		constraint.Type = kind
		out = append(out, constraint)
	}
	return out, nil
}

func readLimit(field string, c Constraint) (v1alpha1.Constraint, error) {
	if c.Value.Number == nil || *c.Value.Number < 1 || *c.Value.Number > maxConstraint {
		return v1alpha1.Constraint{}, briefing(field+".value", "must be a whole number from 1 to %d", maxConstraint)
	}
	return v1alpha1.Constraint{Value: ptr.To(*c.Value.Number)}, nil
}

func readForbidden(field string, c Constraint) (v1alpha1.Constraint, error) {
	var terms []string
	seen := map[string]bool{}
	for _, word := range append(c.Value.Words, c.Terms...) {
		if word == "" || utf8.RuneCountInString(word) > maxTermRunes {
			return v1alpha1.Constraint{}, briefing(field+".value", "has a word that is empty or has more than %d characters", maxTermRunes)
		}
		if !seen[word] {
			seen[word] = true
			terms = append(terms, word)
		}
	}
	if len(terms) == 0 || len(terms) > maxForbidden || c.Value.Number != nil {
		return v1alpha1.Constraint{}, briefing(field+".value", "must be a list of 1 to %d words", maxForbidden)
	}
	return v1alpha1.Constraint{Terms: terms}, nil
}
