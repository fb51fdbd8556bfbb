package openaitest

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/standin"
)

// Report is what a server has sold and refused since its start or Reset.
type Report struct {
	// Calls that came, those that failed included.
	Calls int `json:"calls"`
	// Sold counts the segments that a provider would have billed, by their text. Some of
	// them are of no use to the buyer: Spoiled were in an answer that cannot be read, and
	// Unread were for a caller that had gone before the answer. What is left above 1 was
	// bought twice.
	Sold    map[string]int `json:"sold"`
	Spoiled map[string]int `json:"spoiled"`
	Unread  map[string]int `json:"unread"`
	// InputTokens, OutputTokens and CostEUR are of all that was sold.
	InputTokens  int64  `json:"inputTokens"`
	OutputTokens int64  `json:"outputTokens"`
	CostEUR      string `json:"costEUR"`
	// Faults counts those that were committed, by name.
	Faults map[string]int `json:"faults"`
	// Refused calls were over RequestsPerMinute; MostPerMinute is the most that were
	// admitted in any 60 s, counted when there is a limit.
	Refused       int `json:"refused"`
	MostPerMinute int `json:"mostPerMinute"`
}

// BoughtTwice counts the segments that were sold more than once in answers that could
// be read and had a reader.
func (r Report) BoughtTwice() int {
	n := 0
	for text, sold := range r.Sold {
		n += max(sold-r.Spoiled[text]-r.Unread[text]-1, 0)
	}
	return n
}

// Report returns what was sold and refused. It is at /report over HTTP too, beside
// the /v1 of URL.
func (s *Server) Report() Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Report{
		Calls: s.count, Sold: maps.Clone(s.sold), Spoiled: maps.Clone(s.spoiled), Unread: maps.Clone(s.unread),
		InputTokens: s.usage.InputTokens, OutputTokens: s.usage.OutputTokens,
		CostEUR: string(s.Prices.Cost(s.usage).Decimal()),
		Faults:  maps.Clone(s.faults), Refused: s.window.refused, MostPerMinute: s.window.most,
	}
}

func (s *Server) showReport(w http.ResponseWriter, _ *http.Request) {
	standin.WriteJSON(w, http.StatusOK, s.Report())
}

// log records a call and counts what was sold.
func (s *Server) log(call Call, fault *Fault, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Status = status
	if fault != nil {
		call.Fault = fault.Name
		s.faults[fault.Name]++
	}
	s.count++
	if len(s.calls) < maxCalls {
		s.calls = append(s.calls, call)
	}
	if !sells(fault, status) {
		return
	}
	usage, cut := usageOf(call)
	s.usage = s.usage.Add(usage)
	for _, seg := range call.Segments {
		s.sold[seg.Text]++
		if cut || fault != nil && fault.spoils {
			s.spoiled[seg.Text]++
		}
	}
}

// sells says whether a call is billed.
func sells(fault *Fault, status int) bool {
	return status == http.StatusOK && (fault == nil || !fault.free)
}

// noticeGone counts an answer that nobody reads any more. One that could not have been
// read either is counted as that alone.
func (s *Server) noticeGone(ctx context.Context, call Call, fault *Fault, status int) {
	_, cut := usageOf(call)
	if ctx.Err() == nil || !sells(fault, status) || cut || fault != nil && fault.spoils {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seg := range call.Segments {
		s.unread[seg.Text]++
	}
}

// usageOf counts a call that was answered, and says whether the limit of the call
// cuts the answer off.
func usageOf(call Call) (engine.Usage, bool) {
	n := int64(len(call.Segments))
	u := engine.Usage{InputTokens: inputTokensPerCall + n*inputTokensPerSegment, OutputTokens: n * outputTokensPerSegment}
	for _, limit := range []int64{call.MaxCompletionTokens, call.MaxTokens} {
		if !call.Unlimited && limit > 0 && u.OutputTokens > limit {
			u.OutputTokens = limit
			return u, true
		}
	}
	return u, false
}

// linger takes the time of an answer, unless the caller goes or the server ends.
func (s *Server) linger(ctx context.Context) {
	if s.Latency <= 0 {
		return
	}
	timer := time.NewTimer(s.Latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.closing:
	}
}
