package payload

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Kind says what a blob holds.
type Kind string

// The kinds of blobs, a closed set.
const (
	// ResultKind: a shard of a job's result.
	ResultKind Kind = "result"
	// InputKind: a shard of a source, which jobs may share.
	InputKind Kind = "input"
	// PageKind: finished segments of a job that goes on, or the mark of a take-over.
	PageKind Kind = "page"
	// MemoryKind: a part of the translation memory, which this package stores and
	// never looks into.
	MemoryKind Kind = "memory"
)

// How names are built:
//
//	job-<job>.<uid>.result-<digest>-<shard>
//	job-<job>.<uid>.page-<number>
//	input-<digest>-<shard>
//	memory-…
//
// A name tells whose the blob is, so that a bucket can be swept without asking for
// each blob, and a person sees it too. The UID keeps apart what jobs of one name
// have stored, one after the other.
const (
	inputPrefix  = "input-"
	memoryPrefix = "memory-"
	jobPrefix    = "job-"
	// cutPrefix stands in place of jobPrefix before the beginning of a job's name
	// that is too long.
	cutPrefix    = "cut-"
	resultPrefix = "result-"
	pagePrefix   = "page-"
	// maxJobName is what a name of 253 characters leaves for the job's: 4 for the
	// prefix, 38 for the UID and its dots, 19 for "result-" and the digest, 4 for the
	// shard.
	maxJobName = 253 - 4 - 38 - 19 - 4
	// resultDigits are enough to tell the results of one job apart, inputDigits those
	// of a namespace.
	resultDigits = 12
	inputDigits  = 24
)

var inputShard = regexp.MustCompile(`^(input-[0-9a-f]{24})-[0-9]{1,3}$`)

func ownedPrefix(job *v1alpha1.TranslationJob) string {
	prefix, name := jobPrefix, job.Name
	if len(name) > maxJobName {
		prefix, name = cutPrefix, strings.TrimRight(name[:maxJobName], "-.")
	}
	return prefix + name + "." + string(job.UID) + "."
}

// resultName and inputName take the digest of the compressed data: shards of what
// another version has compressed in another way never mix with ours.
func resultName(job *v1alpha1.TranslationJob, packed []byte) string {
	return ownedPrefix(job) + resultPrefix + digestOf(packed)[:resultDigits]
}

func inputName(packed []byte) string { return inputPrefix + digestOf(packed)[:inputDigits] }

func pageName(job *v1alpha1.TranslationJob, number int) string {
	return fmt.Sprintf("%s%s%06d", ownedPrefix(job), pagePrefix, number)
}

func shardName(name string, shard int) string { return fmt.Sprintf("%s-%d", name, shard) }

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// kindOf tells the kind from a name; "" for one that this package did not make.
func kindOf(name string) Kind {
	switch {
	case strings.HasPrefix(name, memoryPrefix):
		return MemoryKind
	case strings.HasPrefix(name, inputPrefix):
		return InputKind
	}
	leaf := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case ownerOf(name) == Owner{}:
		return ""
	case strings.HasPrefix(leaf, resultPrefix):
		return ResultKind
	case strings.HasPrefix(leaf, pagePrefix):
		return PageKind
	default:
		return ""
	}
}

// ownerOf tells the owner from a name. Its own name is empty when it was cut.
func ownerOf(name string) Owner {
	rest, whole := strings.CutPrefix(name, jobPrefix)
	if !whole {
		var cut bool
		if rest, cut = strings.CutPrefix(name, cutPrefix); !cut {
			return Owner{}
		}
	}
	parts := strings.Split(rest, ".") // a job's name may have dots, the rest has none
	if len(parts) < 3 {
		return Owner{}
	}
	owner := Owner{UID: parts[len(parts)-2]}
	if whole {
		owner.Name = strings.Join(parts[:len(parts)-2], ".")
	}
	return owner
}

// inputOf returns the name of the input that a blob is a shard of; "" for any other.
func inputOf(name string) string {
	if m := inputShard.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return ""
}

// checkNames refuses what is no name of a blob, above all what would lead out of the
// namespace: the name may come from a spec.
func checkNames(namespace, name string) error {
	if faults := validation.IsDNS1123Label(namespace); len(faults) > 0 {
		return fmt.Errorf("%q is no name of a namespace", namespace)
	}
	if faults := validation.IsDNS1123Subdomain(name); len(faults) > 0 {
		return fmt.Errorf("%q is no name of a blob", name)
	}
	return nil
}
