package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	// GroupVersion is the API group and version of every kind in this package.
	GroupVersion = schema.GroupVersion{Group: "translation.dragoman.dev", Version: "v1alpha1"}

	schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

	// AddToScheme registers the kinds of this package with a scheme.
	AddToScheme = schemeBuilder.AddToScheme
)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&TranslationJob{}, &TranslationJobList{},
		&TranslationBatch{}, &TranslationBatchList{},
		&TranslationProvider{}, &TranslationProviderList{},
		&ClusterTranslationProvider{}, &ClusterTranslationProviderList{},
		&Glossary{}, &GlossaryList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
