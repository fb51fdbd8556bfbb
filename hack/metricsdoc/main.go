// Command metricsdoc writes the page of the metrics, docs/metrics.md, to the path it
// is given.
package main

import (
	"fmt"
	"os"

	"github.com/dragoman-dev/dragoman/internal/metrics"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: metricsdoc PATH")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(metrics.Document()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
