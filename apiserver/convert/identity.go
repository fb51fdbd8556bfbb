package convert

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// ContentAnnotation holds the SHA-256 (hex) of all that decides what a job or
// batch made over REST produces. Two live objects of one account with the same
// value are duplicates.
const ContentAnnotation = "translation.dragoman.dev/content-sha256"

const (
	namePrefix = "rest-"
	// nameBytes is how much of a hash stands in a name: 160 bits, so that nobody can
	// make two contents that share one.
	nameBytes = 20
)

// Identity says which request it is: the same request gets the same object name
// on every replica, so that the API server lets only one of them create it.
type Identity struct {
	// Keyed says that the name comes from an Idempotency-Key.
	Keyed bool
	// Content is the SHA-256 of what decides the output, in hex.
	Content string
	// Request is the SHA-256 of the body, in hex.
	Request string

	base string
}

// Identify returns the identity of a request: by its Idempotency-Key when it has
// one, else by its content.
func Identify(account, idempotencyKey string, body []byte, content Content) Identity {
	encoded, err := json.Marshal(content)
	if err != nil {
		// Strings, lists and booleans always marshal.
		panic(err)
	}
	sum := digest(account, "content", string(encoded))
	id := Identity{Content: hex.EncodeToString(sum), Request: hex.EncodeToString(digest(string(body)))}
	if idempotencyKey != "" {
		id.Keyed = true
		sum = digest(account, "key", idempotencyKey)
	}
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	id.base = namePrefix + strings.ToLower(encoding.EncodeToString(sum[:nameBytes]))
	return id
}

// Name returns the name of an attempt, from 1. A later attempt is for a request
// whose earlier object ended without a result.
func (id Identity) Name(attempt int) string {
	if attempt <= 1 {
		return id.base
	}
	return id.base + "-" + strconv.Itoa(attempt)
}

// Names says whether a name is that of some attempt. Whoever creates the object then
// finds the other one by its name, and need not search for it.
func (id Identity) Names(name string) bool {
	return name == id.base || strings.HasPrefix(name, id.base+"-")
}

// Annotations returns what is noted on the object.
func (id Identity) Annotations() map[string]string {
	return map[string]string{v1alpha1.RequestHashAnnotation: id.Request, ContentAnnotation: id.Content}
}

// digest returns the SHA-256 of parts, each with its length before it, so that no
// two lists of parts look alike.
func digest(parts ...string) []byte {
	hash := sha256.New()
	for _, part := range parts {
		hash.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hash.Sum(nil)
}

// Content is all of a request that decides its output. Names of projects, budgets,
// the policy on orders in the text and metadata are not in it.
type Content struct {
	Source  string
	Targets []string
	List    bool
	Options v1alpha1.JobOptions
	Terms   []Term
	Items   []ContentPart
}

// ContentPart is one source in a Content.
type ContentPart struct {
	Text  *string
	Texts []string
	// Digest stands for a source that is too large for its object.
	Digest    string `json:",omitempty"`
	Overrides *v1alpha1.ItemOverrides
}

// Content returns what decides the output of a brief.
func (b Brief) Content(langs Languages) Content {
	return content(b.Options, b.terms, langs, []ContentPart{b.Input.part(nil)})
}

func content(options v1alpha1.JobOptions, terms []Term, langs Languages, items []ContentPart) Content {
	options = *options.DeepCopy()
	options.ProjectName, options.MaxCost, options.InjectionPolicy = "", "", ""
	options.SourceReview = effectiveReview(options)
	options.Tier = ""
	return Content{Source: langs.Source, Targets: langs.Targets, List: langs.List, Options: options, Terms: terms, Items: items}
}

// effectiveReview says what the tier makes of ByTier.
func effectiveReview(options v1alpha1.JobOptions) v1alpha1.SourceReview {
	if options.SourceReview != v1alpha1.SourceReviewByTier && options.SourceReview != "" {
		return options.SourceReview
	}
	if options.Tier == v1alpha1.BusinessTier || options.Tier == v1alpha1.EnterpriseTier {
		return v1alpha1.SourceReviewAlways
	}
	return v1alpha1.SourceReviewNever
}
