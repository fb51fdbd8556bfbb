package tenancy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// maxNameLength bounds a key's name, in bytes.
const maxNameLength = 100

// ErrNoKey says that an account has no such key.
var ErrNoKey = errors.New("no such key")

// Store makes, lists and revokes the keys of accounts.
type Store struct {
	// Client reads and writes Secrets.
	Client client.Client
	// Random is where keys come from; crypto/rand.Reader outside tests.
	Random io.Reader
	// Now is the clock.
	Now func() time.Time
}

// Create makes a key and returns it. Nobody can read it again.
func (s *Store) Create(ctx context.Context, account, name string) (string, Key, error) {
	if name == "" || len(name) > maxNameLength {
		return "", Key{}, fmt.Errorf("the name of a key has 1 to %d bytes, this one has %d", maxNameLength, len(name))
	}
	value, err := Generate(s.Random)
	if err != nil {
		return "", Key{}, err
	}
	key := Key{Account: account, Name: name, Hash: Hash(value), CreatedAt: s.Now().UTC().Truncate(time.Second)}
	if err := s.Client.Create(ctx, newSecret(key)); err != nil {
		if apierrors.IsNotFound(err) {
			return "", Key{}, fmt.Errorf("namespace %q does not exist", account)
		}
		return "", Key{}, fmt.Errorf("create the secret of a key in namespace %q: %w", account, err)
	}
	return value, key, nil
}

// List returns the keys of an account, oldest first. Secrets that carry the
// label and hold no key are left out.
func (s *Store) List(ctx context.Context, account string) ([]Key, error) {
	secrets, err := s.secrets(ctx, account)
	if err != nil {
		return nil, err
	}
	var keys []Key
	for i := range secrets {
		if key, err := readSecret(&secrets[i]); err == nil {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b Key) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.Hash, b.Hash)
	})
	return keys, nil
}

// Revoke deletes the keys of an account that the selector names: a hash, its
// beginning of at least 8 digits, or a name. It returns those it deleted, and
// ErrNoKey when there is none. A beginning that several hashes share, or a name
// that several keys have, deletes nothing and fails.
func (s *Store) Revoke(ctx context.Context, account, selector string) (Key, error) {
	secrets, err := s.secrets(ctx, account)
	if err != nil {
		return Key{}, err
	}
	var found []Key
	var names []types.NamespacedName
	for i := range secrets {
		key, err := readSecret(&secrets[i])
		if err == nil && selects(selector, key) {
			found = append(found, key)
			names = append(names, client.ObjectKeyFromObject(&secrets[i]))
		}
	}
	switch len(found) {
	case 0:
		return Key{}, fmt.Errorf("%w: %q in account %q", ErrNoKey, selector, account)
	case 1:
	default:
		return Key{}, fmt.Errorf("%q names %d keys of account %q: use the whole hash", selector, len(found), account)
	}
	secret := &corev1.Secret{}
	secret.Namespace, secret.Name = names[0].Namespace, names[0].Name
	if err := client.IgnoreNotFound(s.Client.Delete(ctx, secret)); err != nil {
		return Key{}, fmt.Errorf("delete secret %s: %w", names[0], err)
	}
	return found[0], nil
}

// minSelector is the shortest beginning of a hash that Revoke takes for one.
const minSelector = 8

func selects(selector string, key Key) bool {
	return selector == key.Name || len(selector) >= minSelector && strings.HasPrefix(key.Hash, strings.ToLower(selector))
}

func (s *Store) secrets(ctx context.Context, account string) ([]corev1.Secret, error) {
	var list corev1.SecretList
	err := s.Client.List(ctx, &list, client.InNamespace(account), client.MatchingLabels{v1alpha1.APIKeyLabel: "true"})
	if err != nil {
		return nil, fmt.Errorf("list the keys of account %q: %w", account, err)
	}
	return list.Items, nil
}
