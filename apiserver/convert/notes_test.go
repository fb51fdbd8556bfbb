package convert_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dragoman-dev/dragoman/apiserver/convert"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// checksInSource are the values of the constants of package qa whose name ends in Check.
func checksInSource(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../internal/qa/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) == 0 || !strings.HasSuffix(spec.Names[0].Name, "Check") {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, value)
			}
			return true
		})
	}
	return out
}

// A check that is added to package qa has to be in the description of the interface, and in
// the pages.
func TestEveryCheckIsATypeOfNotes(t *testing.T) {
	checks := append(checksInSource(t), pipeline.InjectionFlag)
	if len(checks) < 20 {
		t.Fatalf("want the checks of package qa, found only %v", checks)
	}
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas := map[string]*huma.Schema{}
	registry.Schema(reflect.TypeFor[convert.DeliveryNote](), true, "")
	registry.Schema(reflect.TypeFor[convert.SegmentFinding](), true, "")
	for name, schema := range registry.Map() {
		if schema.Properties["type"] != nil {
			schemas[name] = schema
		}
	}
	if len(schemas) != 2 {
		t.Fatalf("there are %d schemas with a type, want those of delivery_notes and of explanations", len(schemas))
	}
	pages := map[string]string{}
	for _, page := range []string{"qa.md", "rest-api.md"} {
		content, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		pages[page] = string(content)
	}
	for _, check := range checks {
		for name, schema := range schemas {
			if !slices.Contains(schema.Properties["type"].Enum, any(check)) {
				t.Errorf("schema %s does not list %s", name, check)
			}
		}
		for page, content := range pages {
			if !strings.Contains(content, "`"+check+"`") {
				t.Errorf("docs/%s does not have %s", page, check)
			}
		}
	}
	for _, listed := range convert.NoteTypes() {
		if !slices.Contains(checks, listed) {
			t.Errorf("%s is listed, and no check is called so", listed)
		}
	}
}
