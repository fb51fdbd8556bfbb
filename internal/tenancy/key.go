// Package tenancy says who a caller of the REST API is: it makes, keeps, finds
// and revokes API keys.
//
// An account is a namespace. A key belongs to one account and is kept as a
// Secret in its namespace that holds the key's SHA-256 and never the key, so
// that a reader of the Secret cannot use it. The package owns that Secret's
// form. It must not import the REST adapter or the controllers.
package tenancy

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// prefix begins every key, so that people and secret scanners know one.
	prefix = "sk_live_"
	// keyBytes is the randomness of a key: 256 bits, so a plain hash is enough to
	// keep it by; there is nothing to guess.
	keyBytes = 32
	// maxKeyLength bounds what is hashed for a caller who has not shown a key yet.
	maxKeyLength = 200
	// hashLabelLength is how much of the hash stands in APIKeyHashLabel. A label
	// value has at most 63 characters and the whole hash 64.
	hashLabelLength = 32
	// nameHashLength is how much of the hash stands in the Secret's name.
	nameHashLength = 16
)

// Keys of the Secret's data.
const (
	hashData      = "sha256"
	nameData      = "name"
	createdAtData = "created_at"
)

// Key is an API key as it is kept: without the key.
type Key struct {
	// Account is the namespace that the key belongs to.
	Account string
	// Name tells people what the key is for.
	Name string
	// Hash is the SHA-256 of the key, in hex.
	Hash string
	// CreatedAt is when the key was made, to the second.
	CreatedAt time.Time
}

// Generate returns a new key: sk_live_ and 32 random bytes in lower-case base32.
func Generate(random io.Reader) (string, error) {
	raw := make([]byte, keyBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("read randomness for a key: %w", err)
	}
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	return prefix + strings.ToLower(encoding.EncodeToString(raw)), nil
}

// Hash returns the SHA-256 of a key, in hex.
func Hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// wellFormed says whether a caller's value can be a key at all.
func wellFormed(key string) bool {
	return strings.HasPrefix(key, prefix) && len(key) > len(prefix) && len(key) <= maxKeyLength
}

// secretName returns the name of the Secret that keeps a hash.
func secretName(hash string) string { return "api-key-" + hash[:nameHashLength] }

// newSecret returns the Secret that keeps a key.
func newSecret(key Key) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: key.Account,
			Name:      secretName(key.Hash),
			Labels: map[string]string{
				v1alpha1.APIKeyLabel:     "true",
				v1alpha1.APIKeyHashLabel: key.Hash[:hashLabelLength],
			},
		},
		Type: corev1.SecretTypeOpaque,
		Data: map[string][]byte{
			hashData:      []byte(key.Hash),
			nameData:      []byte(key.Name),
			createdAtData: []byte(key.CreatedAt.UTC().Format(time.RFC3339)),
		},
	}
}

// readSecret is the reverse of newSecret. It fails on a Secret without a whole
// hash, such as one that was labelled by hand. A creation time that cannot be
// read falls back to the Secret's own.
func readSecret(secret *corev1.Secret) (Key, error) {
	hash := string(secret.Data[hashData])
	if raw, err := hex.DecodeString(hash); err != nil || len(raw) != sha256.Size {
		return Key{}, errors.New("secret " + secret.Namespace + "/" + secret.Name + " holds no SHA-256 under " + hashData)
	}
	created, err := time.Parse(time.RFC3339, string(secret.Data[createdAtData]))
	if err != nil {
		created = secret.CreationTimestamp.Time
	}
	return Key{
		Account:   secret.Namespace,
		Name:      string(secret.Data[nameData]),
		Hash:      strings.ToLower(hash),
		CreatedAt: created.UTC(),
	}, nil
}
