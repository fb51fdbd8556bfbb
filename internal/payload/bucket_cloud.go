//go:build cloud

package payload

// The drivers bring the SDKs of three clouds: twice the packages and four times the
// size of a binary with buckets alone, so that they are asked for by a build tag.
import (
	_ "gocloud.dev/blob/azureblob" // azblob://
	_ "gocloud.dev/blob/gcsblob"   // gs://
	_ "gocloud.dev/blob/s3blob"    // s3://
)
