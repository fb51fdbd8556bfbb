package openaitest

import (
	"encoding/json"
	"fmt"

	"github.com/dragoman-dev/dragoman/internal/engine/llm/llmtest"
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
	prompt, err := llmtest.Read(call.System, call.User)
	call.Pair, call.Creation, call.Rating = prompt.Pair, prompt.Creation, prompt.Rating
	call.Segments, call.Context = prompt.Segments, prompt.Context
	return call, err
}
