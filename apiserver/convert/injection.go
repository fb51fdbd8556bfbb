package convert

import (
	"fmt"

	"github.com/dragoman-dev/dragoman/internal/pipeline"
)

// PromptInjection is the code of a refusal because a source reads as orders to a
// language model.
const PromptInjection = "prompt_injection_detected"

// maxNamedOrders bounds how many segments a refusal names.
const maxNamedOrders = 20

// Orders returns the fault of a source with segments that no language model should
// get, or nil. It names the segments and the classes of the rules they met, and
// neither the text nor the score: who tries to get past the filter learns little.
func Orders(suspects []pipeline.Suspect) error {
	fault := &Fault{Kind: BadBriefing, Code: PromptInjection}
	for _, s := range suspects {
		if !s.Clear {
			continue
		}
		location := "body.text"
		if s.Item > 0 {
			location = fmt.Sprintf("body.texts[%d]", s.Item-1)
		}
		if fault.Detail == "" {
			fault.Detail = "Prompt injection detected: " + s.String() + "; take it out, or set injection_policy to flag when it is meant to be translated"
		}
		if len(fault.Fields) < maxNamedOrders {
			fault.Fields = append(fault.Fields, Field{Location: location, Message: s.String()})
		}
	}
	if fault.Detail == "" {
		return nil
	}
	return fault
}
