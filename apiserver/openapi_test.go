package apiserver_test

import (
	"net/http"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

var _ = Describe("the description of the API", func() {
	It("is OpenAPI 3.1 and lists every route", func() {
		a := caller{url: one.url}.get("/openapi.json")
		Expect(a.code).To(Equal(http.StatusOK))
		Expect(a.json).To(HaveKeyWithValue("openapi", MatchRegexp(`^3\.1\.\d+$`)))
		var got []string
		for path, item := range a.json["paths"].(map[string]any) {
			for method := range item.(map[string]any) {
				got = append(got, strings.ToUpper(method)+" "+path)
			}
		}
		Expect(got).To(ConsistOf(
			"POST /v1/jobs", "POST /v1/jobs/batch-text", "POST /v1/jobs/batch-content",
			"GET /v1/jobs", "GET /v1/jobs/{job_id}", "GET /v1/jobs/{job_id}/result", "GET /v1/jobs/{job_id}/segments/{segment_id}", "GET /v1/jobs/batch/{batch_id}",
			"DELETE /v1/jobs/{job_id}", "POST /v1/jobs/{job_id}/cancel", "POST /v1/jobs/{job_id}/retry",
			"POST /v1/jobs/{job_id}/suspend", "POST /v1/jobs/{job_id}/resume",
			"PATCH /v1/jobs/{job_id}/archive", "PATCH /v1/jobs/{job_id}/unarchive", "POST /v1/jobs/archive-all", "POST /v1/jobs/archive-batch",
			"GET /health", "GET /v1/health", "GET /readyz",
		))
	})

	It("is whole: each reference leads somewhere, each parameter of a path is described", func() {
		a := caller{url: one.url}.get("/openapi.json")
		schemas := a.json["components"].(map[string]any)["schemas"].(map[string]any)
		for _, ref := range regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(a.raw), -1) {
			Expect(schemas).To(HaveKey(ref[1]))
		}
		ids := map[string]bool{}
		for path, item := range a.json["paths"].(map[string]any) {
			for _, value := range item.(map[string]any) {
				op := value.(map[string]any)
				id := op["operationId"].(string)
				Expect(ids).NotTo(HaveKey(id))
				ids[id] = true
				Expect(op["responses"]).NotTo(BeEmpty(), id)
				described := map[string]bool{}
				parameters, _ := op["parameters"].([]any)
				for _, parameter := range parameters {
					described[parameter.(map[string]any)["name"].(string)] = true
				}
				for _, name := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
					Expect(described).To(HaveKey(name[1]), path)
				}
			}
		}
		request := schemas["CreateRequest"].(map[string]any)
		Expect(request["required"]).To(ConsistOf("mode", "source_lang", "target_lang"))
		Expect(request["properties"]).To(And(HaveKey("texts"), HaveKey("glossary"), HaveKey("project_name")))
	})

	It("is the same in YAML", func() {
		asJSON, asYAML := caller{url: one.url}.get("/openapi.json"), caller{url: one.url}.get("/openapi.yaml")
		Expect(asYAML.header.Get("Content-Type")).To(Equal("application/yaml"))
		converted, err := yaml.YAMLToJSON(asYAML.raw)
		Expect(err).NotTo(HaveOccurred())
		Expect(converted).To(MatchJSON(asJSON.raw))
	})

	It("has a page that fetches nothing from elsewhere", func() {
		a := caller{url: one.url}.get("/docs")
		Expect(a.code).To(Equal(http.StatusOK))
		Expect(a.header.Get("Content-Type")).To(Equal("text/html; charset=utf-8"))
		Expect(string(a.raw)).NotTo(MatchRegexp(`https?://|//[a-z]`))
		Expect(a.header.Get("Content-Security-Policy")).To(ContainSubstring("default-src 'none'"))
	})
})
