// Package docs_test holds the pages of docs/ against the API they describe: every
// reason and every field is told of, and every link leads somewhere.
//
// It needs no API server; that the examples apply is checked in integration/crd.
package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

const root = "../.."

func TestEveryReasonIsExplained(t *testing.T) {
	pages := ""
	for _, page := range []string{"translationjob", "translationbatch", "provider"} {
		pages += readFile(t, "docs/"+page+".md")
	}
	found := reasons(t)
	if len(found) < 20 {
		t.Fatalf("want the reasons of the API, found only %v", found)
	}
	for _, reason := range found {
		if !strings.Contains(pages, "`"+reason+"`") {
			t.Errorf("no page explains the reason %s", reason)
		}
	}
}

// reasons returns the values of the constants of the API whose name ends in Reason.
func reasons(t *testing.T) []string {
	t.Helper()
	path := filepath.Join(root, "api/v1alpha1/condition_types.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasSuffix(spec.Names[0].Name, "Reason") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, value)
		return true
	})
	return out
}

func TestEveryFieldIsExplained(t *testing.T) {
	pages := map[string]string{
		"translationjobs":             "translationjob",
		"translationbatches":          "translationbatch",
		"translationproviders":        "provider",
		"clustertranslationproviders": "provider",
		"glossaries":                  "glossary",
	}
	for plural, page := range pages {
		t.Run(plural, func(t *testing.T) {
			text := readFile(t, "docs/"+page+".md")
			var definition apiextensionsv1.CustomResourceDefinition
			file := "config/components/crd/bases/translation.dragoman.dev_" + plural + ".yaml"
			if err := yaml.Unmarshal([]byte(readFile(t, file)), &definition); err != nil {
				t.Fatal(err)
			}
			properties := definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties
			for _, part := range []string{"spec", "status"} {
				for _, field := range slices.Sorted(maps.Keys(properties[part].Properties)) {
					if field != "conditions" && !explains(text, field) {
						t.Errorf("docs/%s.md says nothing of %s.%s", page, part, field)
					}
				}
			}
		})
	}
}

// explains says whether a page names a field in code: `field`, `spec.field`,
// `field: value`.
func explains(text, field string) bool {
	return regexp.MustCompile("`([a-z]+\\.)*" + field + "[`:{.]").MatchString(text)
}

// code is what stands in backticks: a link in it is an example.
var code = regexp.MustCompile("`[^`\n]+`")

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	links := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "bin" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range link.FindAllStringSubmatch(code.ReplaceAllString(string(data), ""), -1) {
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), match[1])); err != nil {
				t.Errorf("%s links to %s: %v", path, match[1], err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if links < 10 {
		t.Errorf("want the links of the pages, found only %d", links)
	}
}

// Each design record is in the index, so that it is found.
func TestEveryDesignRecordIsListed(t *testing.T) {
	index := readFile(t, "docs/design/README.md")
	records, err := filepath.Glob(filepath.Join(root, "docs/design/2*.md"))
	if err != nil || len(records) == 0 {
		t.Fatalf("want design records, got %d, error %v", len(records), err)
	}
	for _, record := range records {
		if !strings.Contains(index, "("+filepath.Base(record)+")") {
			t.Errorf("docs/design/README.md does not list %s", filepath.Base(record))
		}
	}
}

// readFile reads a file of the project.
func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
