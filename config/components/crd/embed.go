// Package crd holds the custom resource definitions of Dragoman, as controller-gen
// writes them, so that one binary can install them. It imports nothing.
package crd

import "embed"

// Bases holds one YAML file for each kind, below the folder bases.
//
//go:embed bases/*.yaml
var Bases embed.FS
