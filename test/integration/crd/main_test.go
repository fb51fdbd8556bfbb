// Package crd_test installs the custom resource definitions on a real API server
// and checks what they promise: every rule and bound with its message, the
// defaults, the columns and names that kubectl shows, and the samples.
//
// It owns no code of the program and runs no controller.
package crd_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/dragoman-dev/dragoman/test/cluster"
)

const (
	basesDir   = "../../../config/components/crd/bases"
	samplesDir = "../../../config/samples"
)

// The control plane of this package and a client to it, set before the first test.
// The client has the server refuse unknown fields.
var (
	world  *cluster.Cluster
	strict client.Client
)

func TestMain(m *testing.M) {
	os.Exit(cluster.Main(m, func(c *cluster.Cluster) error {
		world, strict = c, client.WithFieldValidation(c.Client, metav1.FieldValidationStrict)
		return nil
	}))
}

// newNamespace makes a namespace for one test.
func newNamespace(t *testing.T) string {
	t.Helper()
	namespace, err := world.Namespace(t.Context(), "crd")
	if err != nil {
		t.Fatal(err)
	}
	return namespace
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
	if err := strict.Create(t.Context(), u); err != nil {
		return err
	}
	t.Cleanup(func() {
		if err := strict.Delete(context.WithoutCancel(t.Context()), u); client.IgnoreNotFound(err) != nil {
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
