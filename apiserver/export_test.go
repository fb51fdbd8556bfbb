package apiserver

import (
	"fmt"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// CheckAnswer compares an answer with the description of the API, and returns what
// does not agree. Addresses that are not described are left alone.
func CheckAnswer(s *Server, method, address string, code int, body any) []error {
	parts := segments(canonicalPath(address))
	var item *huma.PathItem
	best := "~"
	for path, candidate := range s.description.Paths {
		e := entry{segments: segments(path)}
		if e.matches(parts) && e.rank() < best && operationOf(candidate, method) != nil {
			best, item = e.rank(), candidate
		}
	}
	if item == nil {
		return nil
	}
	response := operationOf(item, method).Responses[strconv.Itoa(code)]
	if response == nil {
		return []error{fmt.Errorf("%s %s does not say that it may answer %d", method, address, code)}
	}
	var result huma.ValidateResult
	huma.Validate(s.description.Components.Schemas, response.Content["application/json"].Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, body, &result)
	return result.Errors
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete}[method]
}
