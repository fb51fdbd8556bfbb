package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

const (
	// apertiumModes is where the packages of a system put Apertium's languages.
	apertiumModes = "/usr/share/apertium/modes"
	// noApertium is said when there are none.
	noApertium = "Apertium is not installed, so nothing is translated for real yet: `make engines` installs it, or says what to install."
	// keyName is what the API key is for, as `dragoman apikey list` shows it.
	keyName = "dragoman up"
)

// setUp makes what a newcomer needs: namespaces, an API key, the providers that
// this machine has. What is there already stays as it is.
func (u *up) setUp(ctx context.Context) error {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return fmt.Errorf("register the kinds: %w", err)
	}
	var err error
	u.client, err = client.New(u.plane.Config, client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	objects := []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: demoNamespace}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: defaultManagerOptions().Namespace}},
		clusterProvider("pseudo", v1alpha1.PseudoProvider),
	}
	if apertiumInstalled(exec.LookPath, apertiumModes) {
		objects = append(objects, clusterProvider("apertium", v1alpha1.ApertiumProvider))
	} else {
		fmt.Fprintln(u.messages, noApertium)
	}
	for _, object := range objects {
		if err := u.client.Create(ctx, object); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("create %s: %w", object.GetName(), err)
		}
	}
	store := &tenancy.Store{Client: u.client, Random: rand.Reader, Now: time.Now}
	u.key, err = ensureKey(ctx, store, u.data.Path("api-key"))
	return err
}

// ownerKinds are the kinds of this API whose objects own others.
func ownerKinds() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		v1alpha1.GroupVersion.WithKind("TranslationBatch"),
		v1alpha1.GroupVersion.WithKind("TranslationJob"),
	}
}

// dependentKinds are the kinds that they own: jobs, payloads and delivered results.
func dependentKinds() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		v1alpha1.GroupVersion.WithKind("TranslationJob"),
		corev1.SchemeGroupVersion.WithKind("ConfigMap"),
		corev1.SchemeGroupVersion.WithKind("Secret"),
	}
}

func clusterProvider(name string, kind v1alpha1.ProviderType) *v1alpha1.ClusterTranslationProvider {
	p := &v1alpha1.ClusterTranslationProvider{ObjectMeta: metav1.ObjectMeta{Name: name}}
	p.Spec.Type = kind
	return p
}

// apertiumInstalled says whether there is an engine to offer. The pairs of
// languages are enough: the programs that they name come with them.
func apertiumInstalled(lookPath func(string) (string, error), modes string) bool {
	if _, err := lookPath("apertium"); err == nil {
		return true
	}
	_, err := os.Stat(modes)
	return err == nil
}

// ensureKey returns the API key in a file, or makes one and writes it there when
// there is none that the server knows.
func ensureKey(ctx context.Context, store *tenancy.Store, path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the API key: %w", err)
	}
	known, err := store.List(ctx, demoNamespace)
	if err != nil {
		return "", err
	}
	kept := strings.TrimSpace(string(content))
	if slices.ContainsFunc(known, func(k tenancy.Key) bool { return k.Hash == tenancy.Hash(kept) }) {
		return kept, nil
	}
	key, _, err := store.Create(ctx, demoNamespace, keyName)
	if err != nil {
		return "", err
	}
	// Gone first, so that the new file has the permissions given here.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("replace the API key: %w", err)
	}
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the API key: %w", err)
	}
	return key, nil
}

// path returns how to write the path of a file in the data directory, from where
// the user stands.
func (u *up) path(name string) string { return filepath.Join(u.DataDir, name) }
