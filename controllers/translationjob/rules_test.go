package translationjob

import (
	"fmt"
	"testing"
)

// srxOf is a rule file that no other number gives.
func srxOf(n int) string {
	return fmt.Sprintf(`<srx xmlns="http://www.lisa.org/srx20" version="2.0"><header segmentsubflows="yes" cascade="no"/><body>
<languagerules><languagerule languagerulename="r%d"><rule break="yes"><beforebreak>;</beforebreak><afterbreak>\s</afterbreak></rule></languagerule></languagerules>
<maprules><languagemap languagepattern=".*" languagerulename="r%d"/></maprules></body></srx>`, n, n)
}

func TestRuleFilesAreParsedOnce(t *testing.T) {
	var f ruleFiles
	first, err := f.parse(srxOf(0))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := f.parse(srxOf(0)); err != nil || again != first {
		t.Errorf("parse() again gives other rules, %v", err)
	}
	for n := 1; n <= maxRuleFiles; n++ {
		if _, err := f.parse(srxOf(n)); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := f.parse(srxOf(0)); err != nil || again == first || len(f.parsed) != maxRuleFiles {
		t.Errorf("after %d others %d files are kept, the oldest among them: %v, %v", maxRuleFiles, len(f.parsed), again == first, err)
	}
	if _, err := f.parse("<srx"); err == nil || len(f.parsed) != maxRuleFiles {
		t.Errorf("a wrong file gives %v, and %d are kept", err, len(f.parsed))
	}
}
