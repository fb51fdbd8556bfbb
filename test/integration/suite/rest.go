package suite

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/internal/tenancy"
)

// Answer is what came back over HTTP.
type Answer struct {
	Code int
	Body string
}

// Do sends a request, with an API key where one is given.
func Do(ctx context.Context, method, url, key, body string) Answer {
	ginkgo.GinkgoHelper()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	if key != "" {
		request.Header.Set("X-API-Key", key)
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return Answer{Code: response.StatusCode, Body: string(raw)}
}

// Key makes an API key for a namespace, and waits until the adapter at a URL knows it.
func (w *World) Key(ctx context.Context, namespace, url string) string {
	ginkgo.GinkgoHelper()
	store := &tenancy.Store{Client: w.Client, Random: rand.Reader, Now: time.Now}
	key, _, err := store.Create(ctx, namespace, "tests")
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	Knows(ctx, url, key)
	return key
}

// Knows waits until the adapter at a URL knows a key.
func Knows(ctx context.Context, url, key string) {
	ginkgo.GinkgoHelper()
	gomega.Eventually(func() int { return Do(ctx, http.MethodGet, url+"/v1/jobs", key, "").Code }).Should(gomega.Equal(http.StatusOK))
}

// Text returns what the body, a JSON object, says under a key; "" where it says nothing,
// or no string.
func (a Answer) Text(key string) string {
	var fields map[string]any
	_ = json.Unmarshal([]byte(a.Body), &fields) // what is no JSON says nothing
	text, _ := fields[key].(string)
	return text
}
