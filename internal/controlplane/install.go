package controlplane

import (
	"fmt"
	"io/fs"
	"path"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"
)

// crdTimeout bounds the wait until the server serves all definitions.
const crdTimeout = time.Minute

// installCRDs makes or updates the definitions and waits until they are served.
func installCRDs(cfg *rest.Config, files fs.FS) error {
	if files == nil {
		return nil
	}
	crds, err := readCRDs(files)
	if err != nil {
		return err
	}
	_, err = envtest.InstallCRDs(cfg, envtest.CRDInstallOptions{
		CRDs: crds, MaxTime: crdTimeout, PollInterval: 50 * time.Millisecond,
	})
	if err != nil {
		return fmt.Errorf("install the resource definitions: %w", err)
	}
	return nil
}

// readCRDs reads every .yaml file, one definition each.
func readCRDs(files fs.FS) ([]*apiextensionsv1.CustomResourceDefinition, error) {
	var crds []*apiextensionsv1.CustomResourceDefinition
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, crd); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if crd.Kind != "CustomResourceDefinition" {
			return fmt.Errorf("%s: kind is %q, not CustomResourceDefinition", name, crd.Kind)
		}
		crds = append(crds, crd)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the resource definitions: %w", err)
	}
	return crds, nil
}

// writeKubeconfig writes how to reach the server. The file holds the
// administrator's key.
func writeKubeconfig(path string, cfg *rest.Config, namespace string) error {
	const name = "dragoman"
	config := api.NewConfig()
	config.Clusters[name] = &api.Cluster{Server: cfg.Host, CertificateAuthorityData: cfg.CAData}
	config.AuthInfos[name] = &api.AuthInfo{ClientCertificateData: cfg.CertData, ClientKeyData: cfg.KeyData}
	config.Contexts[name] = &api.Context{Cluster: name, AuthInfo: name, Namespace: namespace}
	config.CurrentContext = name
	content, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("encode the kubeconfig: %w", err)
	}
	return writeFile(path, content)
}
