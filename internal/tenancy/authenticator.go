package tenancy

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// hashIndex finds the Secrets of a hash in the cache without walking over all.
	hashIndex = "apiKeyHash"
	// liveReadsPerSecond and liveReadBurst bound the reads of the API server that
	// callers with unknown keys can cause. A new key is in the cache within
	// milliseconds, so the reads are for that gap alone.
	liveReadsPerSecond = 5
	liveReadBurst      = 20
)

// ErrUnknownKey says that a key is missing, malformed, revoked or made up. The
// caller learns no more than that.
var ErrUnknownKey = errors.New("unknown key")

// Authenticator finds the account of a key. It may be used from many goroutines.
type Authenticator struct {
	cached, live client.Reader
	now          func() time.Time
	liveReads    *rate.Limiter
}

// KeysInCache returns the option that makes a cache hold the Secrets of API
// keys and no other Secret.
func KeysInCache() cache.ByObject {
	isKey, err := labels.NewRequirement(v1alpha1.APIKeyLabel, selection.Equals, []string{"true"})
	if err != nil {
		// The label is a constant; only a typo in it leads here.
		panic(err)
	}
	return cache.ByObject{Label: labels.NewSelector().Add(*isKey)}
}

// NewAuthenticator makes an authenticator. The cache must hold Secrets as
// KeysInCache says and must not have been started; live reads the API server.
func NewAuthenticator(ctx context.Context, keys cache.Cache, live client.Reader, now func() time.Time) (*Authenticator, error) {
	err := keys.IndexField(ctx, &corev1.Secret{}, hashIndex, func(object client.Object) []string {
		return []string{object.GetLabels()[v1alpha1.APIKeyHashLabel]}
	})
	if err != nil {
		return nil, fmt.Errorf("index API keys by their hash: %w", err)
	}
	return newAuthenticator(keys, live, now), nil
}

func newAuthenticator(cached, live client.Reader, now func() time.Time) *Authenticator {
	return &Authenticator{cached: cached, live: live, now: now, liveReads: rate.NewLimiter(liveReadsPerSecond, liveReadBurst)}
}

// Account returns the account of a key. The error is ErrUnknownKey, or says why
// the keys could not be read. A key that the cache does not know is looked up on
// the API server, a few times a second in all.
func (a *Authenticator) Account(ctx context.Context, value string) (string, error) {
	if !wellFormed(value) {
		return "", ErrUnknownKey
	}
	hash := Hash(value)
	var known corev1.SecretList
	err := a.cached.List(ctx, &known, client.MatchingFields{hashIndex: hash[:hashLabelLength]}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return "", fmt.Errorf("look a key up in the cache: %w", err)
	}
	if account, ok := match(known.Items, hash); ok {
		return account, nil
	}
	if !a.liveReads.AllowN(a.now(), 1) {
		return "", ErrUnknownKey
	}
	var current corev1.SecretList
	err = a.live.List(ctx, &current, client.MatchingLabels{v1alpha1.APIKeyLabel: "true", v1alpha1.APIKeyHashLabel: hash[:hashLabelLength]})
	if err != nil {
		return "", fmt.Errorf("look a key up: %w", err)
	}
	if account, ok := match(current.Items, hash); ok {
		return account, nil
	}
	return "", ErrUnknownKey
}

// match returns the account whose Secret holds the hash. When two accounts hold
// the same one, somebody copied it to receive another's jobs; the older stands.
// Every Secret is compared, in constant time, so that the time taken says
// nothing about how much of a hash is right.
func match(secrets []corev1.Secret, hash string) (string, bool) {
	var owner *corev1.Secret
	for i := range secrets {
		key, err := readSecret(&secrets[i])
		if err != nil || subtle.ConstantTimeCompare([]byte(key.Hash), []byte(hash)) != 1 {
			continue
		}
		if owner == nil || older(&secrets[i], owner) {
			owner = &secrets[i]
		}
	}
	if owner == nil {
		return "", false
	}
	return owner.Namespace, true
}

func older(a, b *corev1.Secret) bool {
	if a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.UID < b.UID
	}
	return a.CreationTimestamp.Before(&b.CreationTimestamp)
}
