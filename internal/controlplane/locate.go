package controlplane

import (
	"fmt"
	"os"
	"path/filepath"
)

// Binaries are the programs of a control plane.
type Binaries struct {
	// Dir is where they lie.
	Dir string
	// APIServer and Etcd are the paths of the programs.
	APIServer, Etcd string
}

// inDir returns the programs of a directory that has both.
func inDir(dir string) (Binaries, error) {
	found := Binaries{Dir: dir, APIServer: filepath.Join(dir, apiserverProgram), Etcd: filepath.Join(dir, etcdProgram)}
	for _, path := range []string{found.APIServer, found.Etcd} {
		if err := executable(path); err != nil {
			return Binaries{}, err
		}
	}
	return found, nil
}

// executable says whether a path is a program that can be run.
func executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return fmt.Errorf("%s is not executable", path)
	}
	return nil
}
