package openaitest

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

var (
	// translation and creation are the first lines of the prompt. A tag stands in
	// brackets behind the name of its language.
	translation = regexp.MustCompile(`^You are a professional translator\. Translate from (.+?) into (.+)\.\n`)
	creation    = regexp.MustCompile(`^You are a professional writer\. Write new text in (.+?)\. Each segment is a brief(?:, written in (.+?))?:`)
	tag         = regexp.MustCompile(`^.*\(([A-Za-z0-9-]+)\)$`)
	frame       = regexp.MustCompile(`(?s)^<<([0-9a-f]{32})\n(.*)\n([0-9a-f]{32})>>$`)
)

// readCall takes a request apart. An error means that the prompt has not the form
// that the server knows.
func readCall(body []byte) (Call, error) {
	var req struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Temperature    *float64 `json:"temperature"`
		ResponseFormat struct {
			Type string `json:"type"`
		} `json:"response_format"`
		MaxCompletionTokens int64 `json:"max_completion_tokens"`
		MaxTokens           int64 `json:"max_tokens"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return Call{}, fmt.Errorf("the body is not JSON: %w", err)
	}
	call := Call{
		Model: req.Model, Format: req.ResponseFormat.Type, Temperature: req.Temperature,
		MaxCompletionTokens: req.MaxCompletionTokens, MaxTokens: req.MaxTokens,
	}
	if len(req.Messages) != 2 || req.Messages[0].Role != "system" || req.Messages[1].Role != "user" {
		return call, fmt.Errorf("want a system and a user message, got %d messages", len(req.Messages))
	}
	call.System, call.User = req.Messages[0].Content, req.Messages[1].Content
	if m := translation.FindStringSubmatch(call.System); m != nil {
		call.Pair = engine.Pair{Source: tagOf(m[1]), Target: tagOf(m[2])}
	} else if m := creation.FindStringSubmatch(call.System); m != nil {
		call.Creation = true
		call.Pair = engine.Pair{Source: tagOf(m[2]), Target: tagOf(m[1])}
	} else {
		return call, fmt.Errorf("the system message states no task")
	}
	m := frame.FindStringSubmatch(call.User)
	if m == nil || m[1] != m[3] {
		return call, fmt.Errorf("the user message has no markers")
	}
	var data struct {
		Segments []Segment `json:"segments"`
		Context  []Example `json:"context"`
	}
	if err := json.Unmarshal([]byte(m[2]), &data); err != nil {
		return call, fmt.Errorf("the data of the user message is not JSON: %w", err)
	}
	call.Segments, call.Context = data.Segments, data.Context
	return call, nil
}

// tagOf returns the tag in "Catalan (ca)", and a name without one as it is.
func tagOf(name string) string {
	if m := tag.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return name
}
