// Package v1alpha1 is the API of Dragoman: translation jobs, batches of them,
// the engines that do the work and the glossaries they follow.
//
// It owns the wire types, the condition types and reasons, and the label keys
// that other programs may rely on. It imports apimachinery only, so that a
// client can use it without pulling in a controller.
//
// Money is in euro, scores and money are decimal strings (the API has no
// floats), durations are whole seconds.
//
// +kubebuilder:object:generate=true
// +groupName=translation.dragoman.dev
package v1alpha1
