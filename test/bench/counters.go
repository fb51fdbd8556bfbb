package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// counters are read before and after a round.
type counters struct {
	// requests by group/resource, then by verb, as the API server counts them.
	requests map[string]map[string]float64
	// server is the CPU time of the API server, own that of this process, which
	// holds the client, the manager and the adapter.
	server, own time.Duration
	// reconciles of TranslationJobs.
	reconciles float64
}

// writes returns how many writes of a resource there were since an earlier look.
func (c counters) writes(before counters, resource string) float64 {
	return c.count(before, resource, "POST", "PUT", "PATCH", "APPLY")
}

// reads returns how many reads of single objects there were.
func (c counters) reads(before counters, resource string) float64 {
	return c.count(before, resource, "GET")
}

func (c counters) count(before counters, resource string, verbs ...string) float64 {
	var n float64
	for _, verb := range verbs {
		n += c.requests[resource][verb] - before.requests[resource][verb]
	}
	return n
}

// gauge reads the counters.
type gauge struct {
	client *http.Client
	url    string
}

func newGauge(cfg *rest.Config) (*gauge, error) {
	client, err := rest.HTTPClientFor(cfg)
	if err != nil {
		return nil, fmt.Errorf("make a client for the metrics: %w", err)
	}
	return &gauge{client: client, url: strings.TrimSuffix(cfg.Host, "/") + "/metrics"}, nil
}

func (g *gauge) read(ctx context.Context) (counters, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url, nil)
	if err != nil {
		return counters{}, err
	}
	response, err := g.client.Do(request)
	if err != nil {
		return counters{}, fmt.Errorf("read the metrics of the API server: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return counters{}, fmt.Errorf("read the metrics of the API server: %s", response.Status)
	}
	c, err := parse(response.Body)
	if err != nil {
		return counters{}, err
	}
	if c.own, err = ownCPU(); err != nil {
		return counters{}, err
	}
	c.reconciles, err = reconciles()
	return c, err
}

var label = regexp.MustCompile(`(\w+)="([^"]*)"`)

// parse reads the two metrics that matter here from the text format.
func parse(text io.Reader) (counters, error) {
	c := counters{requests: map[string]map[string]float64{}}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		isRequests := strings.HasPrefix(line, "apiserver_request_total{")
		if !isRequests && !strings.HasPrefix(line, "process_cpu_seconds_total ") {
			continue
		}
		value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
		if err != nil {
			return c, fmt.Errorf("read the metrics of the API server: %w", err)
		}
		if !isRequests {
			c.server = time.Duration(value * float64(time.Second))
			continue
		}
		labels := map[string]string{}
		for _, match := range label.FindAllStringSubmatch(line, -1) {
			labels[match[1]] = match[2]
		}
		resource := labels["group"] + "/" + labels["resource"]
		if c.requests[resource] == nil {
			c.requests[resource] = map[string]float64{}
		}
		c.requests[resource][labels["verb"]] += value
	}
	return c, lines.Err()
}

func ownCPU() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("read the CPU time of this process: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// reconciles counts the passes of the job controller in this process.
func reconciles() (float64, error) {
	families, err := metrics.Registry.Gather()
	if err != nil {
		return 0, fmt.Errorf("read the metrics of the manager: %w", err)
	}
	var n float64
	for _, family := range families {
		if family.GetName() != "controller_runtime_reconcile_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			for _, pair := range metric.GetLabel() {
				if pair.GetName() == "controller" && pair.GetValue() == "translationjob" {
					n += metric.GetCounter().GetValue()
				}
			}
		}
	}
	return n, nil
}
