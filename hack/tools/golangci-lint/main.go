// Command golangci-lint is golangci-lint with the Kubernetes API linter built in,
// which it knows only as a plugin. It owns nothing but that composition.
package main

import (
	"fmt"
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"
	_ "sigs.k8s.io/kube-api-linter" // registers the plugin
)

func main() {
	info := commands.BuildInfo{Version: "v2.15.0"}
	if err := commands.Execute(info); err != nil {
		fmt.Fprintf(os.Stderr, "run golangci-lint: %v\n", err)
		os.Exit(exitcodes.Failure)
	}
}
