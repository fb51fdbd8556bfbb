package apertium_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/apertium"
)

// typical sentences of interfaces and help texts, 11 words on average.
var typical = []string{
	"La calidad de nuestros productos habla por sí misma.",
	"Nuestra nueva línea de productos ya está disponible en todas las tiendas.",
	"Lea las instrucciones con atención antes de encender el aparato.",
	"El comité publicará su informe final el 12 de marzo de 2026.",
	"Añadir al carrito",
	"Su contraseña debe tener al menos 12 caracteres y un número.",
	"Si tiene alguna pregunta, póngase en contacto con nuestro equipo de soporte.",
	"El paciente presenta signos de hipertensión desde hace más de dos semanas.",
}

// BenchmarkSpanishToPortuguese compares one sentence a call through the engine with
// the bare pipeline, for one client and for four.
func BenchmarkSpanishToPortuguese(b *testing.B) {
	pair := engine.Pair{Source: "es", Target: "pt"}
	e, err := apertium.New(apertium.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	bare, err := apertium.OpenBare("", pair)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = bare.Close() }()
	ways := []struct {
		name string
		say  func(text string) error
	}{
		{"bare", func(text string) error {
			_, err := bare.Push(text)
			return err
		}},
		{"engine", func(text string) error {
			_, err := e.Translate(b.Context(), engine.Request{Pair: pair, Segments: []engine.Segment{{ID: 1, Text: text}}})
			return err
		}},
	}
	for _, clients := range []int{1, 4} {
		for _, way := range ways {
			b.Run(fmt.Sprintf("%s/clients=%d", way.name, clients), func(b *testing.B) {
				if err := way.say(typical[0]); err != nil {
					b.Fatal(err)
				}
				b.ResetTimer()
				run(b, clients, way.say)
			})
		}
	}
}

// run makes b.N calls from a number of clients.
func run(b *testing.B, clients int, say func(text string) error) {
	b.Helper()
	var next atomic.Int64
	var working sync.WaitGroup
	for range clients {
		working.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := say(typical[i%int64(len(typical))]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	working.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sentences/s")
}
