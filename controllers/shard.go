package controllers

import (
	"crypto/sha256"
	"encoding/hex"

	"k8s.io/apimachinery/pkg/labels"
)

// leaseID is the name of the Lease of the managers that work on every job.
const leaseID = "dragoman-manager"

// LeaseID returns the name of the Lease that the managers of a shard compete for: one
// of them leads, while managers of other shards lead theirs. The same requirements in
// another order are the same shard; other words for the same jobs are not.
func LeaseID(shard labels.Selector) string {
	if shard.Empty() {
		return leaseID
	}
	sum := sha256.Sum256([]byte(shard.String()))
	return leaseID + "-" + hex.EncodeToString(sum[:])[:10]
}
