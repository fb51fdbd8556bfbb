// Command learn makes what the checks know of how texts and their translations hang
// together, from the half of the corpus that figures are not made of:
//
//	go run ./test/quality/qa/learn words > internal/qa/data/words.txt
//	go run ./test/quality/qa/learn weights > internal/qa/weights.go
//
// The words come first, for the weights are learned with them.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/dragoman-dev/dragoman/test/quality/corpus"
)

// languages that are learned.
func languages() []string { return []string{"de", "es", "fr", "it", "ja", "pl", "pt", "ru", "zh"} }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "learn:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	c, err := corpus.Open(context.Background(), os.Stderr)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	switch {
	case len(args) == 1 && args[0] == "words":
		learnWords(out, c)
	case len(args) == 1 && args[0] == "weights":
		learnWeights(out, c)
	default:
		return errors.New("say what to learn: words or weights")
	}
	return out.Flush()
}
