package injection_test

import (
	"strings"
	"testing"

	"github.com/dragoman-dev/dragoman/internal/injection"
)

func BenchmarkDetect(b *testing.B) {
	texts := map[string]string{
		"latin":    strings.Repeat("Our new product line is available now, and the instructions come in twelve languages. ", 20),
		"cyrillic": strings.Repeat("Наша новая линейка продуктов уже доступна, а инструкции есть на двенадцати языках. ", 20),
		"chinese":  strings.Repeat("我们的新产品系列现已上市，说明书有十二种语言。", 40),
		"segment":  "Our new product line is available now.",
	}
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				injection.Detect(text)
			}
		})
	}
}
