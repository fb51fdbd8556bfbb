package openai

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Probe asks for the list of models, which costs nothing, and waits at most 10 s.
// A model offers every pair.
//
// A server without such a list (404, 405, 501) is accepted as working: many have
// only chat completions. So is an empty list. A list that does not have the model
// is Misconfigured, as the first call would be.
func (e *Engine) Probe(ctx context.Context) (engine.Offer, error) {
	reply, err := e.wire.Get(ctx, "models")
	if err != nil {
		return engine.Offer{}, err
	}
	offer := engine.Offer{Any: true}
	switch reply.Status {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return offer, nil
	default:
		return engine.Offer{}, e.classify(parseAPIError(reply.Status, reply.Body), reply.Header, e.wire.NoRequest()).Err
	}
	if err := e.findModel(reply.Body); err != nil {
		return engine.Offer{}, err
	}
	return offer, nil
}

// findModel looks for the model in a list of models.
func (e *Engine) findModel(body []byte) error {
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
		HasMore bool `json:"has_more"`
	}
	if json.Unmarshal(body, &list) != nil {
		return engine.Errorf(engine.Misconfigured, "the endpoint does not speak the OpenAI API: its list of models is not JSON")
	}
	for _, m := range list.Data {
		if sameModel(m.ID, e.wire.Model) {
			return nil
		}
	}
	// The rest of a list in pages may have it.
	if len(list.Data) == 0 || list.HasMore {
		return nil
	}
	return engine.Errorf(engine.Misconfigured, "the provider does not have model %q", e.wire.Model)
}

// sameModel compares a listed model with the one asked for. Gemini lists
// "models/name" and Ollama "name:latest" for what both take as "name".
func sameModel(listed, asked string) bool {
	listed = strings.TrimSuffix(strings.TrimPrefix(listed, "models/"), ":latest")
	asked = strings.TrimSuffix(strings.TrimPrefix(asked, "models/"), ":latest")
	return strings.EqualFold(listed, asked)
}
