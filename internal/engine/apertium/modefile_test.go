package apertium

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseRecipe(t *testing.T) {
	unexported := cmp.AllowUnexported(recipe{}, stage{})
	cases := map[string]struct {
		text string
		want recipe
	}{
		"each command flushes on NUL, and $1 switches the marks on": {
			text: "lt-proc '/a/es-pt.automorf.bin' | lt-proc $1 '/a/es-pt.autogen.bin'\n",
			want: recipe{generates: true, stages: []stage{
				{name: "lt-proc", args: []string{"-z", "/a/es-pt.automorf.bin"}},
				{name: "lt-proc", args: []string{"-z", "-g", "/a/es-pt.autogen.bin"}},
			}},
		},
		"$2 leaves nothing behind": {
			text: "apertium-tagger -g $2 '/a/es-pt.prob'",
			want: recipe{stages: []stage{{name: "apertium-tagger", args: []string{"-z", "-g", "/a/es-pt.prob"}}}},
		},
		"quotes keep blanks and bars together": {
			text: `a 'b | c'"d e"f g\ h ""`,
			want: recipe{stages: []stage{{name: "a", args: []string{"-z", "b | cd ef", "g h", ""}}}},
		},
		"commands need no blanks around the bar": {
			text: "a|b -x|c",
			want: recipe{stages: []stage{
				{name: "a", args: []string{"-z"}},
				{name: "b", args: []string{"-z", "-x"}},
				{name: "c", args: []string{"-z"}},
			}},
		},
		"a switch that is there already is not doubled": {
			text: "a -w -z | b --null-flush",
			want: recipe{stages: []stage{
				{name: "a", args: []string{"-w", "-z"}},
				{name: "b", args: []string{"--null-flush"}},
			}},
		},
		"settings before a command are its environment": {
			text: "env A=1 B='x y' a -x | C=2 b D=3",
			want: recipe{stages: []stage{
				{env: []string{"A=1", "B=x y"}, name: "a", args: []string{"-z", "-x"}},
				{env: []string{"C=2"}, name: "b", args: []string{"-z", "D=3"}},
			}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := parseRecipe(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got, unexported); diff != "" {
				t.Errorf("parseRecipe() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRecipeRefusesWhatOnlyAShellUnderstands(t *testing.T) {
	cases := map[string]struct {
		text, wantError string
	}{
		"nothing":               {text: " \n", wantError: "a command is empty"},
		"an empty command":      {text: "a | | b", wantError: "a command is empty"},
		"a bar at the end":      {text: "a |", wantError: "a command is empty"},
		"an open quotation":     {text: "a 'b", wantError: "a quotation is not closed"},
		"a last backslash":      {text: `a \`, wantError: "ends in a backslash"},
		"a redirection":         {text: "a > b", wantError: `'>' has a meaning to a shell`},
		"a list of commands":    {text: "a; b", wantError: `';' has a meaning to a shell`},
		"a substitution":        {text: "a `b`", wantError: "'`' has a meaning to a shell"},
		"a variable":            {text: "a $HOME", wantError: "expands something other than $1 and $2"},
		"a variable in quotes":  {text: `a "$HOME"`, wantError: "holds something to expand"},
		"settings and no more":  {text: "a | env A=1 B=2", wantError: "command 2: no program is named"},
		"a pattern of files":    {text: "a *.bin", wantError: `'*' has a meaning to a shell`},
		"a command in brackets": {text: "(a)", wantError: `'(' has a meaning to a shell`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := parseRecipe(tc.text)
			if err == nil || !strings.Contains(err.Error(), tc.wantError) {
				t.Errorf("parseRecipe(%q) error = %v, want one that says %q", tc.text, err, tc.wantError)
			}
		})
	}
}
