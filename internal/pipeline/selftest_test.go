package pipeline_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/qa"
)

// A job that asks for it says what its checks catch, the same each time; others plant
// nothing.
func TestSelfTest(t *testing.T) {
	var texts []string
	for i := range 30 {
		texts = append(texts, fmt.Sprintf("El pedido %d de {name} llega el martes por la tarde a la casa de su hermana.", 100+i))
	}
	translated := func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
		var out engine.Response
		for _, s := range req.Segments {
			out.Segments = append(out.Segments, engine.Translation{
				ID: s.ID, Text: fmt.Sprintf("The order %d of ⟦1⟧ arrives on Tuesday afternoon at the house of his sister.", 99+s.ID),
			})
		}
		return out, nil
	}
	test := func(options *v1alpha1.QAOptions, checks []qa.Check) map[string][2]int32 {
		t.Helper()
		b := newBench(texts...)
		b.job.SourceLanguage, b.job.TargetLanguage = "es", "en"
		b.job.Options.QA = options
		b.tools.Checks = checks
		b.engine.Script = translated
		run := b.run()
		run.Do(t.Context())
		var out map[string][2]int32
		for _, c := range run.Report().SelfTest {
			if out == nil {
				out = map[string][2]int32{}
			}
			out[c.Fault] = [2]int32{c.Planted, c.Caught}
		}
		return out
	}
	asked := &v1alpha1.QAOptions{SelfTest: v1alpha1.SelfTestEnabled}
	first := test(asked, qa.Default())
	if diff := cmp.Diff(first, test(asked, qa.Default())); diff != "" {
		t.Errorf("the same job has another self-test:\n%s", diff)
	}
	for _, fault := range []string{"placeholder", "number", "untranslated"} {
		if got := first[fault]; got[0] != 20 || got[1] != 20 {
			t.Errorf("%s: %d caught of %d planted, want 20 of 20", fault, got[1], got[0])
		}
	}
	for fault, got := range test(asked, nil) {
		if got[1] != 0 {
			t.Errorf("%s: %d caught without checks", fault, got[1])
		}
	}
	for _, options := range []*v1alpha1.QAOptions{nil, {SelfTest: v1alpha1.SelfTestDisabled}} {
		if got := test(options, qa.Default()); got != nil {
			t.Errorf("without being asked: %v", got)
		}
	}
}
