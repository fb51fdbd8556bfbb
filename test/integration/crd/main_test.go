// Package crd_test installs the custom resource definitions on a real API server
// and checks what they promise: every rule and bound with its message, the
// defaults, the columns and names that kubectl shows, and the samples.
//
// It owns no code of the program and runs no controller.
package crd_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"
)

const (
	basesDir   = "../../../config/components/crd/bases"
	samplesDir = "../../../config/samples"
)

// The API server of this package and a client to it, set before the first test.
// The client has the server refuse unknown fields.
var (
	config  *rest.Config
	cluster client.Client
)

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
	env := &envtest.Environment{CRDDirectoryPaths: []string{basesDir}, ErrorIfCRDPathMissing: true}
	config, err = env.Start()
	if err != nil {
		return 0, fmt.Errorf("start the API server and install the kinds: %w", err)
	}
	defer func() { err = errors.Join(err, env.Stop()) }()

	plain, err := client.New(config, client.Options{})
	if err != nil {
		return 0, fmt.Errorf("make a client: %w", err)
	}
	cluster = client.WithFieldValidation(plain, metav1.FieldValidationStrict)
	return m.Run(), nil
}

// newNamespace makes a namespace for one test.
func newNamespace(t *testing.T) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "crd-"}}
	if err := cluster.Create(t.Context(), namespace); err != nil {
		t.Fatalf("create a namespace: %v", err)
	}
	return namespace.Name
}

// object makes an object of the kind from a spec in YAML.
func object(t *testing.T, namespace, kind, spec string) *unstructured.Unstructured {
	t.Helper()
	var fields map[string]any
	if err := yaml.UnmarshalStrict([]byte(spec), &fields); err != nil {
		t.Fatalf("read the spec: %v\n%s", err, spec)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"spec": fields}}
	u.SetAPIVersion("translation.dragoman.dev/v1alpha1")
	u.SetKind(kind)
	u.SetGenerateName("case-")
	if kind != "ClusterTranslationProvider" {
		u.SetNamespace(namespace)
	}
	return u
}

// create makes the object and has it removed after the test.
func create(t *testing.T, u *unstructured.Unstructured) error {
	t.Helper()
	if err := cluster.Create(t.Context(), u); err != nil {
		return err
	}
	t.Cleanup(func() {
		if err := cluster.Delete(context.WithoutCancel(t.Context()), u); client.IgnoreNotFound(err) != nil {
			t.Errorf("delete %s %s: %v", u.GetKind(), u.GetName(), err)
		}
	})
	return nil
}

// valueQuoted matches the value that the API server quotes before its sentence.
var valueQuoted = regexp.MustCompile(`^Invalid value: (?:(?:"(?:[^"\\]|\\.)*"|-?[0-9]+|null): )?`)

// sentences returns what the API server has against an object, as "field: sentence".
// Its remark that it stopped checking, which follows other sentences, is left out.
func sentences(t *testing.T, err error) []string {
	t.Helper()
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok || status.ErrStatus.Details == nil {
		t.Fatalf("want an answer of the API server with details, got %v", err)
	}
	var out []string
	for _, cause := range status.ErrStatus.Details.Causes {
		if cause.Field == "<nil>" {
			continue
		}
		out = append(out, cause.Field+": "+valueQuoted.ReplaceAllString(cause.Message, ""))
	}
	slices.Sort(out) // the API server walks maps in any order
	return out
}
