package qa

import "slices"

// OfCreation returns those of some checks that fit a text which was written after a
// brief. It is no translation of the brief: its length, numbers and punctuation are its
// own, and to send it back for those would buy it again for nothing. The checks that
// are left look at the text itself, at what the job asks of it, and at what has to be
// taken over from the brief.
func OfCreation(checks []Check) []Check {
	fitting := []string{
		EmptyCheck, PlaceholderCheck, TerminologyCheck, ConstraintCheck, WrongScriptCheck, RepetitionCheck, CharactersCheck, ChatterCheck,
	}
	return slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return !slices.Contains(fitting, c.Name) })
}

// Names returns the names of checks, each once and in order.
func Names(checks []Check) []string {
	var names []string
	for _, c := range checks {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}
