package openai_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

// asked lists the forms of the calls: the format, and "-t" when the temperature was
// left to the model.
func asked(s *openaitest.Server) []string {
	var forms []string
	for _, c := range s.Calls() {
		f := c.Format
		if f == "" {
			f = "text"
		}
		if c.Temperature == nil {
			f += "-t"
		}
		forms = append(forms, f)
	}
	return forms
}

func TestTheFormIsLearned(t *testing.T) {
	cases := map[string]struct {
		always []openaitest.Fault
		// wantFirst are the forms asked in the first call, wantThen in the second.
		wantFirst, wantThen []string
	}{
		"a server that takes all":  {wantFirst: []string{"json_schema"}, wantThen: []string{"json_schema"}},
		"a server without schemas": {always: faults(openaitest.NoJSONSchema()), wantFirst: []string{"json_schema", "json_object"}, wantThen: []string{"json_object"}},
		"a server with plain text only": {
			always:    faults(openaitest.NoJSONSchema(), openaitest.NoJSONObject()),
			wantFirst: []string{"json_schema", "json_object", "text"}, wantThen: []string{"text"},
		},
		"a server without objects only is not asked for them": {
			always:    faults(openaitest.NoJSONObject()),
			wantFirst: []string{"json_schema"}, wantThen: []string{"json_schema"},
		},
		"a model with its own temperature": {
			always:    faults(openaitest.NoTemperature()),
			wantFirst: []string{"json_schema", "json_schema-t"}, wantThen: []string{"json_schema-t"},
		},
		"both": {
			always:    faults(openaitest.NoTemperature(), openaitest.NoJSONSchema()),
			wantFirst: []string{"json_schema", "json_schema-t", "json_object-t"}, wantThen: []string{"json_object-t"},
		},
		"plain text with an announcement": {
			always:    faults(openaitest.NoJSONSchema(), openaitest.NoJSONObject(), openaitest.BareText()),
			wantFirst: []string{"json_schema", "json_object", "text"}, wantThen: []string{"text"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Always(tc.always...)
			e := newEngine(t, s)
			for i, want := range [][]string{tc.wantFirst, tc.wantThen} {
				s.Reset()
				res, err := e.Translate(t.Context(), request(textA))
				if diff := cmp.Diff(map[int]string{1: wantA}, enginetest.Outcome(res)); err != nil || diff != "" {
					t.Fatalf("call %d: Translate() = %v (-want +got):\n%s", i, err, diff)
				}
				if diff := cmp.Diff(want, asked(s)); diff != "" {
					t.Errorf("forms of call %d (-want +got):\n%s", i, diff)
				}
				if res.Usage != s.Usage() {
					t.Errorf("usage of call %d = %v, want %v", i, res.Usage, s.Usage())
				}
			}
		})
	}
}

func TestAFormIsLearnedOnlyOnceAccepted(t *testing.T) {
	s := openaitest.New(t)
	e := newEngine(t, s)
	s.Next(openaitest.NoJSONSchema(), openaitest.Status5xx(502))
	if _, err := e.Translate(t.Context(), request(textA)); err == nil {
		t.Fatal("Translate() went well")
	}
	if _, err := e.Translate(t.Context(), request(textA)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"json_schema", "json_object", "json_schema"}, asked(s)); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}

func TestOneEngineTeachesNoOther(t *testing.T) {
	s := openaitest.New(t)
	s.Always(openaitest.NoJSONSchema())
	for range 2 {
		if _, err := newEngine(t, s).Translate(t.Context(), request(textA)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"json_schema", "json_object", "json_schema", "json_object"}, asked(s)); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}

func TestTheLadderEnds(t *testing.T) {
	s := openaitest.New(t)
	s.Always(openaitest.NoFormat())
	_, err := newEngine(t, s).Translate(t.Context(), request(textA))
	if got := engine.AsError(err); err == nil || got.Class != engine.Misconfigured {
		t.Errorf("Translate() = %v, want Misconfigured", err)
	}
	if diff := cmp.Diff([]string{"json_schema", "json_object", "text"}, asked(s)); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}
