// Package endstates_test holds the stories against the API: each phase, step and
// state of a segment, and each reason of a condition, is expected by a story in which
// the controllers reach it on a real API server.
//
// It reads the stories and runs none of them: that they pass is their own affair. It
// needs no API server and must not import the suites.
package endstates_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const root = "../.."

// suites are the folders with stories that the controllers run in. The others write
// statuses themselves, so what they expect was not reached by anybody.
var suites = []string{"test/integration/jobs", "test/integration/replicas"}

// helpers are folders that the suites take helpers from.
var helpers = []string{"test/integration/suite", "test/kstatus"}

func TestEveryEndStateIsExpected(t *testing.T) {
	states := endStates(t)
	if len(states) < 60 {
		t.Fatalf("want the states of the API, found only %d: %v", len(states), states)
	}
	found := search{files: parseDirs(t, suites), helpers: parseDirs(t, helpers)}.expected()
	for _, state := range states {
		if !found[state] {
			t.Errorf("no story of %s expects v1alpha1.%s", strings.Join(suites, " or "), state)
		}
	}
}

// stateTypes are the types of which each constant is a state that is reached.
var stateTypes = []string{"Phase", "BatchPhase", "Step", "SegmentState", "SegmentOrigin"}

// endStates returns the names of the constants of the API that are states.
func endStates(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, file := range parseDirs(t, []string{"api/v1alpha1"}) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			name := spec.Names[0].Name
			kind, typed := spec.Type.(*ast.Ident)
			if typed && slices.Contains(stateTypes, kind.Name) || spec.Type == nil && strings.HasSuffix(name, "Reason") {
				out = append(out, name)
			}
			return true
		})
	}
	return out
}

func parseDirs(t *testing.T, dirs []string) []*ast.File {
	t.Helper()
	var out []*ast.File
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, parse(t, path, string(data)))
		}
	}
	return out
}

func parse(t *testing.T, name, source string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSearchFindsWhatIsExpected(t *testing.T) {
	cases := map[string]struct {
		body string
		want []string
	}{
		"a value that is compared":           {body: `Expect(job.Status.Phase).To(Equal(v1alpha1.FailedPhase))`, want: []string{"FailedPhase"}},
		"a field of one":                     {body: `Expect(x).To(Equal(v1alpha1.Entry{Reason: v1alpha1.DeadReason}))`, want: []string{"DeadReason"}},
		"a part of a message":                {body: `Expect(x).To(And(ContainSubstring(v1alpha1.DeadReason), ContainSubstring("x")))`, want: []string{"DeadReason"}},
		"arguments of a function that looks": {body: `Eventually(look).WithArguments(v1alpha1.DeadReason).Should(Succeed())`, want: []string{"DeadReason"}},
		"an argument that a helper compares": {body: `fails(ctx, v1alpha1.DeadReason, "why")`, want: []string{"DeadReason"}},
		"one that a helper hands on":         {body: `world.Dies(v1alpha1.DeadReason)`, want: []string{"DeadReason"}},
		"one that a local helper compares":   {body: `ends := func(p v1alpha1.Phase) { Expect(x).To(Equal(p)) }; ends(v1alpha1.FailedPhase)`, want: []string{"FailedPhase"}},
		"each of a list": {
			body: `for _, p := range []v1alpha1.Phase{v1alpha1.FailedPhase, v1alpha1.DeadPhase} { Eventually(x).Should(Equal(p)) }`,
			want: []string{"DeadPhase", "FailedPhase"},
		},
		"a mere list":                       {body: `all := []string{v1alpha1.DeadReason}; _ = all`},
		"a list that is gone through":       {body: `for _, r := range []string{v1alpha1.DeadReason} { use(r) }`},
		"a list in a matcher of its length": {body: `Expect([]string{v1alpha1.DeadReason}).To(HaveLen(1))`},
		"a state that must not come":        {body: `Expect(x).NotTo(Equal(v1alpha1.DeadReason)); Expect(x).To(Not(Equal(v1alpha1.FailedReason)))`},
		"a status that is written":          {body: `writes(ctx, v1alpha1.DeadReason)`},
		"a condition that is written":       {body: `world.Create(ctx, metav1.Condition{Reason: v1alpha1.DeadReason})`},
		"a state compared with itself":      {body: `Expect(v1alpha1.DeadReason).To(Equal(v1alpha1.DeadReason))`},
	}
	const declared = `package p
func fails(ctx context.Context, reason, message string) { Expect(c.Reason).To(Equal(reason)); Expect(c.Message).To(ContainSubstring(message)) }
func (w World) Dies(reason string) { fails(w.ctx, reason, "") }
func writes(ctx context.Context, reason string) { Expect(client.Update(ctx, metav1.Condition{Reason: reason})).To(Succeed()) }
`
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			story := parse(t, "story.go", "package p\nfunc story() {\n"+tc.body+"\n}\n")
			found := search{files: []*ast.File{story}, helpers: []*ast.File{parse(t, "helpers.go", declared)}}.expected()
			if diff := gocmp.Diff(tc.want, slices.Sorted(maps.Keys(found))); diff != "" {
				t.Errorf("expected() (-want +got):\n%s", diff)
			}
		})
	}
}

// matchers are the functions whose arguments are what is expected.
var matchers = []string{
	"Equal", "BeEquivalentTo", "BeIdenticalTo", "ContainSubstring", "HaveField", "HaveKeyWithValue", "HaveValue",
	"ContainElement", "ContainElements", "ConsistOf", "HaveExactElements", "WithArguments",
}

// negations turn what is expected around.
var negations = []string{"Not", "NotTo", "ToNot", "ShouldNot"}

// search finds the constants of the API that stories expect.
type search struct {
	// files are the stories; helpers are what else they may call.
	files, helpers []*ast.File

	// compared says of a function, by its name, which of its arguments it compares
	// with what it sees.
	compared map[string]map[int]bool
}

// expected returns the names of the constants.
func (s search) expected() map[string]bool {
	s.compared = map[string]map[int]bool{}
	// A helper may hand its argument on to another one, so that one look is not enough.
	for s.learn() {
	}
	found := map[string]bool{}
	for _, file := range s.files {
		s.visit(file, func(expectation ast.Expr) {
			if selector, ok := expectation.(*ast.SelectorExpr); ok && named(selector.X) == "v1alpha1" {
				found[selector.Sel.Name] = true
			}
		})
		s.ranges(file, found)
	}
	return found
}

// learn looks at every function once, and says whether it found anything new.
func (s search) learn() bool {
	before := s.known()
	for _, file := range slices.Concat(s.files, s.helpers) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				s.study(n.Name.Name, n.Type, n.Body)
			case *ast.AssignStmt:
				for i, value := range n.Rhs {
					if literal, ok := value.(*ast.FuncLit); ok && i < len(n.Lhs) {
						s.study(named(n.Lhs[i]), literal.Type, literal.Body)
					}
				}
			}
			return true
		})
	}
	return s.known() > before
}

func (s search) known() (n int) {
	for _, arguments := range s.compared {
		n += len(arguments)
	}
	return n
}

// study notes which parameters of a function are expectations in its body.
func (s search) study(name string, signature *ast.FuncType, body *ast.BlockStmt) {
	if body == nil {
		return
	}
	place := map[string]int{}
	for _, field := range signature.Params.List {
		for _, parameter := range field.Names {
			place[parameter.Name] = len(place)
		}
	}
	s.visit(body, func(expectation ast.Expr) {
		if at, ok := place[named(expectation)]; ok {
			if s.compared[name] == nil {
				s.compared[name] = map[int]bool{}
			}
			s.compared[name][at] = true
		}
	})
}

// ranges finds the constants of a list of which each is an expectation in a loop.
func (s search) ranges(file *ast.File, found map[string]bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		loop, ok := n.(*ast.RangeStmt)
		if !ok || loop.Value == nil {
			return true
		}
		list, ok := loop.X.(*ast.CompositeLit)
		if !ok {
			return true
		}
		s.visit(loop.Body, func(expectation ast.Expr) {
			if named(expectation) != named(loop.Value) {
				return
			}
			for _, element := range list.Elts {
				if selector, ok := element.(*ast.SelectorExpr); ok && named(selector.X) == "v1alpha1" {
					found[selector.Sel.Name] = true
				}
			}
		})
		return true
	})
}

// visit calls found with each expression that something is compared with. What stands
// under a negation, or is compared with a constant, does not count.
func (s search) visit(within ast.Node, found func(ast.Expr)) {
	ast.Inspect(within, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := called(call)
		if slices.Contains(negations, name) || ofConstant(call) {
			return false
		}
		for i, argument := range call.Args {
			switch {
			case slices.Contains(matchers, name):
				values(argument, found)
			case s.compared[name][i]:
				found(argument)
			}
		}
		return true
	})
}

// ofConstant says whether an assertion looks at a constant of the API, and so at
// nothing that was reached: Expect(v1alpha1.X).To(…).
func ofConstant(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	subject, ok := selector.X.(*ast.CallExpr)
	if !ok || called(subject) != "Expect" || len(subject.Args) == 0 {
		return false
	}
	looked, ok := subject.Args[0].(*ast.SelectorExpr)
	return ok && named(looked.X) == "v1alpha1"
}

// values calls found with an argument of a matcher, or with what its composite
// literals hold. Matchers inside of it are visited by themselves.
func values(argument ast.Expr, found func(ast.Expr)) {
	switch argument := argument.(type) {
	case *ast.CompositeLit:
		for _, element := range argument.Elts {
			values(element, found)
		}
	case *ast.KeyValueExpr:
		values(argument.Value, found)
	default:
		found(argument)
	}
}

// called returns the name of the function that is called, without its package or
// receiver; "" for one without a name.
func called(call *ast.CallExpr) string {
	if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
		return selector.Sel.Name
	}
	return named(call.Fun)
}

// named returns the name of an identifier; "" for anything else.
func named(n ast.Node) string {
	identifier, ok := n.(*ast.Ident)
	if !ok {
		return ""
	}
	return cmp.Or(identifier.Name, "_")
}
