package apiserver_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/dragoman-dev/dragoman/apiserver"
)

// reached are the answers that specs have got: those of success, and the errors that
// they have looked at.
var reached = &answers{}

type answers struct {
	mu  sync.Mutex
	got map[string]bool
	// words that were in answers, behind the list that they are of.
	words map[string]bool
}

// read notes the words of fixed lists in an answer.
func (a *answers) read(b answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.words == nil {
		a.words = map[string]bool{}
	}
	apiserver.Words(one.server, b.method, b.path, b.code, b.json, func(list []string, word string) {
		a.words[fmt.Sprint(list, " ", word)] = true
	})
}

func (a *answers) note(b answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.got == nil {
		a.got = map[string]bool{}
	}
	a.got[fmt.Sprint(b.method, " ", apiserver.Described(one.server, b.method, b.path), " ", b.code)] = true
}

func (a *answers) has(method, path string, code int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.got[fmt.Sprint(method, " ", path, " ", code)]
}

// Each status that the description has for an operation was answered by that operation
// in a spec, on purpose, and each word of its fixed lists, such as those for how far a job
// is, stood in an answer. That there are no others is checked with each answer. A crash is
// no state of an operation: one of any stands for all.
var _ = ReportAfterSuite("every status and every word of the description", func(report Report) {
	if report.SuiteConfig.DryRun || report.PreRunStats.SpecsThatWillRun < report.PreRunStats.TotalSpecs || !report.SuiteSucceeded {
		return // not all was tried
	}
	var missing []string
	crashed := false
	for _, op := range apiserver.Operations(one.server) {
		for _, code := range op.Codes {
			got := reached.has(op.Method, op.Path, code)
			if code == http.StatusInternalServerError {
				crashed = crashed || got
			} else if !got {
				missing = append(missing, fmt.Sprint(op.Method, " ", op.Path, " ", code))
			}
		}
	}
	for _, list := range apiserver.Lists(one.server) {
		for _, word := range list {
			if !reached.words[fmt.Sprint(list, " ", word)] {
				missing = append(missing, fmt.Sprintf("%s, of those that begin with %s", word, list[0]))
			}
		}
	}
	Expect(missing).To(BeEmpty(), "no spec got these answers")
	Expect(crashed).To(BeTrue(), "no spec got 500")
})

var _ = It("explains every error on the page", func() {
	page, err := os.ReadFile(filepath.Join("..", "docs", "rest-api.md"))
	Expect(err).NotTo(HaveOccurred())
	var explained []string
	for _, row := range regexp.MustCompile(`(?m)^\| (\d{3}) \|`).FindAllStringSubmatch(string(page), -1) {
		explained = append(explained, row[1])
	}
	answered := map[string]bool{"405": true} // it is no operation's
	for _, op := range apiserver.Operations(one.server) {
		for _, code := range op.Codes {
			if code >= http.StatusBadRequest {
				answered[strconv.Itoa(code)] = true
			}
		}
	}
	Expect(explained).To(ConsistOf(slices.Collect(maps.Keys(answered))))
})

// address fills an operation's path in with ids that nothing has.
func address(op apiserver.Operation) string {
	return strings.NewReplacer("{job_id}", unknownID, "{batch_id}", unknownID, "{segment_id}", "1").Replace(op.Path)
}

// What holds for all operations is tried with each.
var _ = Describe("every operation", Ordered, func() {
	var shop tenant
	var private []apiserver.Operation

	BeforeAll(func(ctx context.Context) {
		shop = newTenant(ctx)
		shop.settle(one)
		for _, op := range apiserver.Operations(one.server) {
			if !op.Public {
				private = append(private, op)
			}
		}
		Expect(len(private)).To(BeNumerically(">=", 17))
	})

	It("answers 401 without a key", func() {
		for _, op := range private {
			beProblem(caller{url: one.url}.do(op.Method, address(op), ""), http.StatusUnauthorized, "The API key is missing or not valid")
		}
	})

	It("answers 429 to an account that sends too fast", func() {
		limits := apiserver.DefaultLimits()
		limits.RequestsPerSecond, limits.Burst = 1e-6, 1
		slow := startReplica(limits)
		Eventually(func() int { return shop.at(slow).get("/v1/jobs").code }).Should(Equal(http.StatusTooManyRequests))
		for _, op := range private {
			a := shop.at(slow).do(op.Method, address(op), "")
			beProblem(a, http.StatusTooManyRequests, "Too many requests")
			Expect(a.header.Get("Retry-After")).To(MatchRegexp(`^[1-9]\d*$`))
		}
	})

	It("answers 503 until the server has been started", func() {
		young := idleReplica()
		for _, op := range private {
			a := shop.at(young).do(op.Method, address(op), "")
			beProblem(a, http.StatusServiceUnavailable, "try again")
			Expect(a.header.Get("Retry-After")).To(Equal("1"))
		}
	})

	It("answers 404 where there is no such job or batch", func() {
		limits := apiserver.DefaultLimits()
		limits.LookupWait = time.Millisecond
		quick := startReplica(limits)
		shop.settle(quick)
		tried := 0
		for _, op := range private {
			if strings.Contains(op.Path, "{") {
				tried++
				beProblem(shop.at(quick).do(op.Method, address(op), ""), http.StatusNotFound, "not found.")
			}
		}
		Expect(tried).To(BeNumerically(">=", 11))
	})

	It("answers 400, 413 or 415 to a body that it cannot take", func() {
		limits := apiserver.DefaultLimits()
		limits.BodyBytes = 20
		small := startReplica(limits)
		Eventually(func() int { return shop.at(small).get("/v1/jobs").code }).Should(Equal(http.StatusOK))
		tried := 0
		for _, op := range private {
			if !op.Reads {
				continue
			}
			tried++
			beProblem(shop.at(one).do(op.Method, address(op), "{"), http.StatusBadRequest, "The body is not JSON")
			beProblem(shop.at(one).do(op.Method, address(op), " "), http.StatusBadRequest, "The body is empty")
			beProblem(shop.at(small).do(op.Method, address(op), strings.Repeat(" ", 21)), http.StatusRequestEntityTooLarge, "20 bytes are allowed")
			beProblem(shop.at(one).with("Content-Type", "text/plain").do(op.Method, address(op), "{}"), http.StatusUnsupportedMediaType, "must be JSON")
		}
		Expect(tried).To(BeNumerically(">=", 4))
	})
})
