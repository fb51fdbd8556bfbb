package pipeline

import (
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// checksFor returns the checks that the texts of a job go through. A text that was
// written after a brief is no translation of it: its length, numbers and punctuation
// are its own, and to send it back for those would buy it again for nothing.
func checksFor(job Job, checks []qa.Check) []qa.Check {
	if job.Options.Mode != v1alpha1.CreationMode {
		return checks
	}
	return slices.DeleteFunc(slices.Clone(checks), func(c qa.Check) bool { return !slices.Contains(ofCreation(), c.Name) })
}

// ofCreation names the checks that look at the text itself, at what the job asks of it,
// and at what has to be taken over from the brief.
func ofCreation() []string {
	return []string{
		qa.EmptyCheck, qa.PlaceholderCheck, qa.TerminologyCheck, qa.ConstraintCheck, qa.WrongScriptCheck,
		qa.RepetitionCheck, qa.CharactersCheck, qa.ChatterCheck,
	}
}
