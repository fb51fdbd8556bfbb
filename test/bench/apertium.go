package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
	"github.com/dragoman-dev/dragoman/test/build"
)

// apertium runs jobs of one sentence on the Apertium programs of this machine.
func (b *bench) apertium(ctx context.Context) (round, error) {
	var r round
	err := b.operated(ctx, "apertium", at(v1alpha1.ApertiumProvider), func(ctx context.Context, namespace string) (err error) {
		r, err = b.created(ctx, b.ApertiumJobs, func(i int) *v1alpha1.TranslationJob {
			return build.Job(fmt.Sprintf("job-%06d", i), namespace).Languages("es", "pt").Text(sentence(i)).Provider(providerName).Obj()
		})
		return err
	})
	return r, err
}

// pipe sends sentences of the same kind through the same programs, with nothing
// around them.
func (b *bench) pipe(ctx context.Context) (r round, err error) {
	bare, err := apertium.OpenBare("", engine.Pair{Source: "es", Target: "pt"})
	if err != nil {
		return round{}, err
	}
	defer func() { err = errors.Join(err, bare.Close()) }()
	push := func(_ context.Context, i int) error {
		_, err := bare.Push(sentence(i))
		return err
	}
	if err := push(ctx, 0); err != nil { // the programs have read their dictionaries
		return round{}, err
	}
	return b.timed(ctx, b.Sentences, func() error { return each(ctx, b.Sentences, b.Writers, push) })
}
