package openai_test

import (
	"math/rand/v2"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/enginetest"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

func TestConformance(t *testing.T) {
	cases := map[string]func(*openaitest.Server){
		"a server that takes all": func(*openaitest.Server) {},
		"a server that takes plain requests only": func(s *openaitest.Server) {
			s.Models = nil
			s.Always(openaitest.NoJSONSchema(), openaitest.NoJSONObject(), openaitest.NoTemperature(), openaitest.ChatterAround())
		},
		"a model that makes mistakes in batches": func(s *openaitest.Server) {
			chance := rand.New(rand.NewPCG(1, 2))
			s.Randomly(chance.Float64, 0.5,
				openaitest.Batch(openaitest.MissingID()), openaitest.Batch(openaitest.SwappedIDs()), openaitest.Batch(openaitest.ExtraID()),
				openaitest.Batch(openaitest.DuplicatedID()), openaitest.Batch(openaitest.MalformedJSON()), openaitest.Batch(openaitest.EmptyText()),
				openaitest.CodeFence(), openaitest.Reasoning())
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			s := openaitest.New(t)
			s.Key = testKey
			prepare(s)
			enginetest.Run(t, enginetest.Suite{
				NewEngine: enginetest.From(openai.Factory(openai.Options{}), s.Config()),
				Pair:      engine.Pair{Source: "es", Target: "ca"},
				Samples: []string{
					"La calidad de cuanto hacemos habla por sí misma.",
					"Guarde su trabajo antes de salir.",
					"El comité publicará su informe final el 12 de marzo de 2026.",
				},
			})
		})
	}
}
