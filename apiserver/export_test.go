package apiserver

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// CheckAnswer compares an answer with the description of the API, and returns what
// does not agree. Addresses that are not described are left alone.
func CheckAnswer(s *Server, method, address string, code int, body any) []error {
	op := s.described(method, address)
	if op == nil {
		return nil
	}
	response := op.Responses[strconv.Itoa(code)]
	if response == nil {
		return []error{fmt.Errorf("%s %s does not say that it may answer %d", method, address, code)}
	}
	var result huma.ValidateResult
	huma.Validate(s.description.Components.Schemas, response.Content["application/json"].Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, body, &result)
	return result.Errors
}

// Operation is one operation of the description.
type Operation struct {
	Method, Path string
	// Public says that it needs no key, and Reads that it has a body.
	Public, Reads bool
	// Codes are the statuses that it may answer, in order.
	Codes []int
}

// Operations lists what the server describes, in order.
func Operations(s *Server) []Operation {
	var out []Operation
	for _, path := range slices.Sorted(maps.Keys(s.description.Paths)) {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			op := operationOf(s.description.Paths[path], method)
			if op == nil {
				continue
			}
			described := Operation{Method: method, Path: path, Public: op.Security == nil, Reads: op.RequestBody != nil}
			for word := range op.Responses {
				code, err := strconv.Atoi(word)
				if err != nil {
					panic(err) // the description is ours
				}
				described.Codes = append(described.Codes, code)
			}
			slices.Sort(described.Codes)
			out = append(out, described)
		}
	}
	return out
}

// Described returns the path of the operation that an address means, such as
// /v1/jobs/{job_id}; "" for none.
func Described(s *Server, method, address string) string {
	if op := s.described(method, address); op != nil {
		return op.Path
	}
	return ""
}

// Words calls found for each word of a fixed list in an answer, with the list.
func Words(s *Server, method, address string, code int, body any, found func(list []string, word string)) {
	op := s.described(method, address)
	if op == nil || op.Responses[strconv.Itoa(code)] == nil {
		return
	}
	s.words(op.Responses[strconv.Itoa(code)].Content["application/json"].Schema, body, found)
}

// Lists returns the fixed lists of words that answers take words from.
func Lists(s *Server) [][]string {
	lists := map[string][]string{}
	seen := map[*huma.Schema]bool{}
	var visit func(*huma.Schema)
	visit = func(schema *huma.Schema) {
		if schema = s.resolve(schema); schema == nil || seen[schema] {
			return
		}
		seen[schema] = true
		if list := wordsOf(schema); len(list) > 0 {
			lists[strings.Join(list, " ")] = list
		}
		visit(schema.Items)
		for _, part := range partsOf(schema) {
			visit(part)
		}
	}
	for _, op := range Operations(s) {
		for _, response := range s.described(op.Method, op.Path).Responses {
			if content := response.Content["application/json"]; content != nil {
				visit(content.Schema)
			}
		}
	}
	return slices.Collect(maps.Values(lists))
}

func (s *Server) words(schema *huma.Schema, value any, found func([]string, string)) {
	if schema = s.resolve(schema); schema == nil {
		return
	}
	switch value := value.(type) {
	case string:
		if list := wordsOf(schema); len(list) > 0 {
			found(list, value)
		}
	case []any:
		for _, item := range value {
			s.words(schema.Items, item, found)
		}
	case map[string]any:
		for name, property := range schema.Properties {
			s.words(property, value[name], found)
		}
	}
	for _, part := range slices.Concat(schema.OneOf, schema.AnyOf) {
		s.words(part, value, found)
	}
}

func (s *Server) resolve(schema *huma.Schema) *huma.Schema {
	if schema != nil && schema.Ref != "" {
		return s.description.Components.Schemas.SchemaFromRef(schema.Ref)
	}
	return schema
}

func partsOf(schema *huma.Schema) []*huma.Schema {
	return slices.Concat(slices.Collect(maps.Values(schema.Properties)), schema.OneOf, schema.AnyOf)
}

// wordsOf returns the fixed list of words that a schema takes one of; none for another.
func wordsOf(schema *huma.Schema) []string {
	var out []string
	for _, value := range schema.Enum {
		if word, ok := value.(string); ok {
			out = append(out, word)
		}
	}
	return out
}

func (s *Server) described(method, address string) *huma.Operation {
	address, _, _ = strings.Cut(address, "?")
	parts := segments(canonicalPath(address))
	var op *huma.Operation
	best := "~"
	for path, candidate := range s.description.Paths {
		e := entry{segments: segments(path)}
		if found := operationOf(candidate, method); found != nil && e.matches(parts) && e.rank() < best {
			best, op = e.rank(), found
		}
	}
	return op
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete}[method]
}
