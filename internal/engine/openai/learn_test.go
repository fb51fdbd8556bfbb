package openai

import (
	"testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

func TestALessonIsNotUnlearned(t *testing.T) {
	e, err := New(engine.Config{Endpoint: "http://localhost/v1", Model: "m"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e.learn(form{format: textFormat, ownTemperature: true})
	e.learn(form{format: schemaFormat})
	if want := (form{format: textFormat, ownTemperature: true}); e.form() != want {
		t.Errorf("form() = %+v, want %+v", e.form(), want)
	}
}
