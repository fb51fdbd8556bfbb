// Package manifests_test applies the manifests of config/ to a real API server
// and checks what they promise: pods that the restricted Pod Security Standard
// admits, and roles that allow what is needed and no more.
//
// It runs no pod: kustomize is left to `make verify`.
package manifests_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const configDir = "../../../config"

var (
	cluster client.Client
	// said collects what the API server warns of.
	said warnings
)

// warnings is a rest.WarningHandler that remembers.
type warnings struct {
	mu   sync.Mutex
	text []string
}

func (w *warnings) HandleWarningHeader(_ int, _ string, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, text)
}

// take returns the warnings since the last call.
func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.text
	w.text = nil
	return out
}

func TestMain(m *testing.M) {
	code, err := runWithControlPlane(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func runWithControlPlane(m *testing.M) (code int, err error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return 0, errors.New("KUBEBUILDER_ASSETS is not set: run these tests by make test or make test-integration")
	}
	env := &envtest.Environment{}
	config, err := env.Start()
	if err != nil {
		return 0, fmt.Errorf("start the API server: %w", err)
	}
	defer func() { err = errors.Join(err, env.Stop()) }()

	config.WarningHandler = &said
	if cluster, err = client.New(config, client.Options{}); err != nil {
		return 0, fmt.Errorf("make a client: %w", err)
	}
	cluster = client.WithFieldValidation(cluster, metav1.FieldValidationStrict)
	return m.Run(), nil
}

// The namespace enforces the restricted Pod Security Standard, and the API server
// warns of a Deployment whose pods it would refuse.
func TestDefaultManifestsApplyWithoutWarnings(t *testing.T) {
	want := map[string][]string{} // none
	got := map[string][]string{}
	for _, u := range defaultManifests(t) {
		owner := client.FieldOwner("manifests-test")
		if err := cluster.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(u), owner); err != nil {
			t.Errorf("apply %s %s: %v", u.GetKind(), u.GetName(), err)
		}
		if text := said.take(); len(text) > 0 {
			got[u.GetKind()+" "+u.GetName()] = text
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	for _, u := range defaultManifests(t) {
		owner := client.FieldOwner("manifests-test")
		if err := cluster.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(u), owner); err != nil {
			t.Fatalf("apply %s %s: %v", u.GetKind(), u.GetName(), err)
		}
	}
	const (
		manager = "system:serviceaccount:dragoman-system:dragoman-manager"
		adapter = "system:serviceaccount:dragoman-system:dragoman-apiserver"
	)
	viewer, editor, admin := bind(t, "dragoman-view"), bind(t, "dragoman-edit"), bind(t, "dragoman-admin")

	// A line is: verb resource[/subresource] [in namespace].
	cases := map[string]struct {
		user       string
		may, mayNo []string
	}{
		"the manager works on jobs and writes no key": {
			user: manager,
			may: []string{
				"watch translationjobs.translation.dragoman.dev",
				"update translationjobs.translation.dragoman.dev/status",
				"create translationjobs.translation.dragoman.dev",
				"update translationjobs.translation.dragoman.dev/finalizers",
				"update translationbatches.translation.dragoman.dev/status",
				"update translationproviders.translation.dragoman.dev/status",
				"update clustertranslationproviders.translation.dragoman.dev/status",
				"watch glossaries.translation.dragoman.dev",
				"create configmaps", "delete configmaps", "watch secrets", "watch namespaces",
				"create events.events.k8s.io",
				"update leases.coordination.k8s.io in dragoman-system",
			},
			mayNo: []string{
				"create secrets", "update secrets", "delete namespaces", "create pods",
				"create translationproviders.translation.dragoman.dev",
				"update glossaries.translation.dragoman.dev",
				"update leases.coordination.k8s.io",
			},
		},
		"the adapter makes objects and never a status": {
			user: adapter,
			may: []string{
				"create translationjobs.translation.dragoman.dev",
				"watch translationjobs.translation.dragoman.dev",
				"create translationbatches.translation.dragoman.dev",
				"watch translationproviders.translation.dragoman.dev",
				"watch clustertranslationproviders.translation.dragoman.dev",
				"create glossaries.translation.dragoman.dev",
				"update translationbatches.translation.dragoman.dev/finalizers",
				"watch secrets", "create configmaps", "get configmaps", "patch configmaps",
				"delete translationjobs.translation.dragoman.dev",
			},
			mayNo: []string{
				"patch translationjobs.translation.dragoman.dev/status",
				"patch translationbatches.translation.dragoman.dev/status",
				"create translationproviders.translation.dragoman.dev",
				"create secrets", "create pods", "delete configmaps", "list configmaps",
				"update leases.coordination.k8s.io in dragoman-system",
			},
		},
		"a viewer looks on": {
			user: viewer,
			may:  []string{"list translationjobs.translation.dragoman.dev", "get translationproviders.translation.dragoman.dev"},
			mayNo: []string{
				"create translationjobs.translation.dragoman.dev", "get secrets",
			},
		},
		"an editor translates": {
			user: editor,
			may: []string{
				"create translationjobs.translation.dragoman.dev", "delete translationbatches.translation.dragoman.dev",
				"patch glossaries.translation.dragoman.dev",
			},
			mayNo: []string{
				"create translationproviders.translation.dragoman.dev",
				"patch translationjobs.translation.dragoman.dev/status",
			},
		},
		"an admin sets up providers": {
			user:  admin,
			may:   []string{"create translationproviders.translation.dragoman.dev"},
			mayNo: []string{"create clustertranslationproviders.translation.dragoman.dev"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := map[string]bool{}
			for _, line := range tc.may {
				want[line] = true
			}
			for _, line := range tc.mayNo {
				want[line] = false
			}
			got := map[string]bool{}
			for _, line := range slices.Sorted(maps.Keys(want)) {
				got[line] = allowed(t, tc.user, line)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what %s may do (-want +got):\n%s", tc.user, diff)
			}
		})
	}
}

// bind gives a new user one cluster role and returns the user's name.
func bind(t *testing.T, role string) string {
	t.Helper()
	user := "user-of-" + role
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
	}
	if err := cluster.Create(t.Context(), binding); err != nil {
		t.Fatalf("bind %s: %v", role, err)
	}
	return user
}

// allowed asks the API server whether the user may do what the line says.
func allowed(t *testing.T, user, line string) bool {
	t.Helper()
	action, namespace, _ := strings.Cut(line, " in ")
	verb, target, _ := strings.Cut(action, " ")
	target, subresource, _ := strings.Cut(target, "/")
	resource, group, _ := strings.Cut(target, ".")
	if namespace == "" {
		namespace = "somewhere"
	}
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: verb, Group: group, Resource: resource, Subresource: subresource,
		},
	}}
	if err := cluster.Create(t.Context(), review); err != nil {
		t.Fatalf("ask whether %s may %s: %v", user, line, err)
	}
	return review.Status.Allowed
}

// defaultManifests reads what config/default is made of, namespace and
// definitions first.
func defaultManifests(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	out := read(t, filepath.Join(configDir, "default/namespace.yaml"))
	for _, component := range []string{"crd/bases", "rbac", "manager", "apiserver"} {
		err := filepath.WalkDir(filepath.Join(configDir, "components", component), func(path string, d fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".yaml" && d.Name() != "kustomization.yaml" {
				out = append(out, read(t, path)...)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// read returns the objects of a YAML file.
func read(t *testing.T, path string) []*unstructured.Unstructured {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	var out []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(f, 4096)
	for {
		u := &unstructured.Unstructured{}
		err := decoder.Decode(u)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("read %s: %v", path, err)
		}
		if len(u.Object) > 0 {
			out = append(out, u)
		}
	}
}
