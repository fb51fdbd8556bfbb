package apiserver

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// docsPage renders the description in a browser. It fetches nothing but the
// description itself.
//
//go:embed docs.html
var docsPage []byte

const keyScheme = "apiKey"

// apiConfig describes the API as a whole.
func (s *Server) apiConfig() huma.Config {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "Dragoman",
				Version:     s.Version,
				Description: "Translation jobs over HTTP. Every job is a TranslationJob object in the account's namespace; every address under /v1 is also there under /api/v1.",
				License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: "/"}, {URL: "/api"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					keyScheme: {Type: "apiKey", In: "header", Name: "X-API-Key", Description: "A key made by `dragoman apikey create`."},
				},
			},
		},
	}
	// Requests may carry keys that this version does not know.
	config.AllowAdditionalPropertiesByDefault = true
	return config
}

// describe completes the operation of a route and adds it to the description.
func describe(api *huma.OpenAPI, r *route) {
	registry := api.Components.Schemas
	if r.DefaultStatus == 0 {
		r.DefaultStatus = http.StatusOK
	}
	r.Responses = map[string]*huma.Response{}
	answers := map[int]any{r.DefaultStatus: r.answer}
	maps.Copy(answers, r.also)
	for code, answer := range answers {
		response := &huma.Response{Description: http.StatusText(code)}
		if answer != nil {
			response.Content = jsonOf(registry, answer)
		}
		r.Responses[strconv.Itoa(code)] = response
	}
	codes := slices.Clone(r.problems)
	if !r.public {
		r.Security = []map[string][]string{{keyScheme: {}}}
		codes = append(codes, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable)
	}
	if r.body != nil {
		r.RequestBody = &huma.RequestBody{Required: true, Content: jsonOf(registry, r.body)}
		codes = append(codes, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	for _, code := range codes {
		r.Responses[strconv.Itoa(code)] = &huma.Response{Description: http.StatusText(code), Content: jsonOf(registry, Problem{})}
	}
	api.AddOperation(&r.Operation)
}

func jsonOf(registry huma.Registry, value any) map[string]*huma.MediaType {
	schema := registry.Schema(reflect.TypeOf(value), true, "")
	return map[string]*huma.MediaType{"application/json": {Schema: schema}}
}

// pathParameter describes an id in an address.
func pathParameter(name, doc string) *huma.Param {
	return &huma.Param{Name: name, In: "path", Required: true, Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
}

// queryParameter describes a parameter after the question mark.
func queryParameter(name, doc string, schema *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: doc, Schema: schema}
}

// addDocs serves the description. It is written once, since it never changes.
func (s *Server) addDocs(mux *router, api *huma.OpenAPI) error {
	asJSON, err := json.MarshalIndent(api, "", "  ")
	if err != nil {
		return fmt.Errorf("write the OpenAPI description: %w", err)
	}
	asYAML, err := api.YAML()
	if err != nil {
		return fmt.Errorf("write the OpenAPI description: %w", err)
	}
	for address, file := range map[string]struct {
		mediaType string
		data      []byte
	}{
		"/openapi.json": {"application/json", asJSON},
		"/openapi.yaml": {"application/yaml", asYAML},
		"/docs":         {"text/html; charset=utf-8", docsPage},
	} {
		mux.HandleFunc("GET "+address, func(w http.ResponseWriter, _ *http.Request) {
			header := w.Header()
			header.Set("Content-Type", file.mediaType)
			header.Set("X-Content-Type-Options", "nosniff")
			header.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'")
			header.Set("Content-Length", strconv.Itoa(len(file.data)))
			_, _ = w.Write(file.data)
		})
	}
	return nil
}
