package openaitest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/internal/money"
)

// two are segments to be sold, of 120 input and 14 output tokens.
const two = `[{"id":1,"text":"a"},{"id":2,"text":"b"}]`

func TestReport(t *testing.T) {
	s := openaitest.New(t)
	s.Prices = money.Prices{InputPerMillionTokens: 1_000_000, OutputPerMillionTokens: 10_000_000}
	s.Next(openaitest.MalformedJSON(), openaitest.Status5xx(500), openaitest.Status429(time.Second))
	for range 5 {
		post(t, s, "", system, two)
	}
	want := openaitest.Report{
		Calls: 5, Sold: map[string]int{"a": 3, "b": 3}, Spoiled: map[string]int{"a": 1, "b": 1}, Unread: map[string]int{},
		InputTokens: 360, OutputTokens: 42, CostEUR: "0.00078",
		Faults: map[string]int{"MalformedJSON": 1, "Status5xx": 1, "Status429": 1},
	}
	got := s.Report()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Report() (-want +got):\n%s", diff)
	}
	if n := got.BoughtTwice(); n != 2 {
		t.Errorf("BoughtTwice() = %d, want one for each text", n)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(s.URL, "/v1")+"/report", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var read openaitest.Report
	if err := json.NewDecoder(res.Body).Decode(&read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("GET /report (-want +got):\n%s", diff)
	}
}

func TestAnAnswerForNobodyIsUnread(t *testing.T) {
	s := openaitest.New(t)
	s.Latency = time.Hour // ended by the caller
	arrived := make(chan struct{})
	s.Translate = func(_ engine.Pair, text string) string {
		close(arrived)
		return text
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if status, _, err := send(ctx, s, chat(`[{"id":1,"text":"x"}]`, "")); err == nil {
		t.Fatalf("an answer came, with status %d", status)
	}
	// The server notices that the caller has gone some time later.
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for s.Report().Unread["x"] == 0 {
		select {
		case <-look.C:
		case <-t.Context().Done():
			t.Fatal("nobody noticed that the caller has gone")
		}
	}
	if r := s.Report(); r.Sold["x"] != 1 || r.Unread["x"] != 1 || r.BoughtTwice() != 0 {
		t.Errorf("Report() = %+v, want one sold and unread", r)
	}
}

func TestTheLimitOfACallCutsItsAnswer(t *testing.T) {
	s := openaitest.New(t)
	for _, name := range []string{"max_tokens", "max_completion_tokens"} {
		status, answer, err := send(t.Context(), s, chat(two, name))
		if err != nil {
			t.Fatal(err)
		}
		if status != 200 || !strings.Contains(answer, `"finish_reason":"length"`) || !strings.Contains(answer, `"completion_tokens":13`) {
			t.Errorf("%s: answered %d %s", name, status, answer)
		}
	}
	if r := s.Report(); r.OutputTokens != 26 || r.Spoiled["a"] != 2 {
		t.Errorf("Report() = %+v", r)
	}
}

func TestRequestsPerMinute(t *testing.T) {
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))
	s := openaitest.New(t)
	s.Clock, s.RequestsPerMinute = clock, 3
	start := clock.Now()
	steps := []struct {
		at         time.Duration
		wantStatus int
	}{
		{0, 200},
		{20 * time.Second, 200},
		{40 * time.Second, 200},
		{50 * time.Second, 429},
		{60*time.Second - 1, 429},
		{60 * time.Second, 200}, // the first has left the window
		{60 * time.Second, 429},
		{80 * time.Second, 200},
	}
	for _, step := range steps {
		clock.SetTime(start.Add(step.at))
		if status, _ := post(t, s, "", system, two); status != step.wantStatus {
			t.Errorf("after %s: %d, want %d", step.at, status, step.wantStatus)
		}
	}
	if r := s.Report(); r.Refused != 3 || r.MostPerMinute != 3 || r.Sold["a"] != 5 || r.Faults["RequestsPerMinute"] != 3 {
		t.Errorf("Report() = %+v", r)
	}
}

func TestTheRefusalSaysWhenToComeBack(t *testing.T) {
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))
	s := openaitest.New(t)
	s.Clock, s.RequestsPerMinute = clock, 1
	post(t, s, "", system, two)
	clock.SetTime(clock.Now().Add(17500 * time.Millisecond))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/chat/completions", bytes.NewReader(chat(two, "")))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if after := res.Header.Get("Retry-After"); after != "43" {
		t.Errorf("Retry-After is %q, want the 42.5 s rounded up", after)
	}
}

func TestAMixKeepsItsProbabilities(t *testing.T) {
	mix := openaitest.Storm(7)
	mix.Silent = 0 // would hang
	var first map[string]int
	for range 2 {
		s := openaitest.New(t)
		s.Mix(mix)
		const calls = 2000
		for range calls {
			_, _, _ = send(t.Context(), s, chat(two, "")) // cut bodies are part of the mix
		}
		got := s.Report().Faults
		for _, kind := range []struct {
			want  float64
			names []string
		}{
			{mix.RateLimited, []string{"Status429"}},
			{mix.Failed, []string{"Status5xx"}},
			{mix.Spoiled, []string{"CutBody", "MalformedJSON", "SwappedIDs"}},
		} {
			n := 0
			for _, name := range kind.names {
				n += got[name]
				if got[name] == 0 {
					t.Errorf("no %s", name)
				}
			}
			if share := float64(n) / calls; math.Abs(share-kind.want) > 0.02 {
				t.Errorf("%v: %.3f of the calls, want %.3f", kind.names, share, kind.want)
			}
		}
		if first == nil {
			first = got
		} else if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("the same seed in the same order (-first +second):\n%s", diff)
		}
	}
}

func TestASilentServerAnswersNobody(t *testing.T) {
	s := openaitest.New(t)
	s.Mix(openaitest.Mix{Silent: 1})
	ctx, cancel := context.WithCancel(t.Context())
	s.Translate = func(_ engine.Pair, text string) string {
		cancel() // once for each segment, which does no harm
		return text
	}
	if status, _, err := send(ctx, s, chat(two, "")); err == nil {
		t.Errorf("an answer came, with status %d", status)
	}
	s.Close()
	if r := s.Report(); r.Faults["Hang"] != 1 || len(r.Sold) != 0 {
		t.Errorf("Report() = %+v", r)
	}
}

func TestServe(t *testing.T) {
	s, err := openaitest.Serve(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if status, body := post(t, s, "", system, two); status != 200 {
		t.Errorf("answered %d %s", status, body)
	}
	if _, err := openaitest.Serve(t.Context(), strings.TrimPrefix(strings.TrimSuffix(s.URL, "/v1"), "http://")); err == nil {
		t.Error("two servers on one address")
	}
}

// chat is the body of a call for segments in JSON, with a limit of 13 tokens under
// the name, if there is one.
func chat(segments, limit string) []byte {
	user := "<<" + marker + "\n{\"segments\":" + segments + "}\n" + marker + ">>"
	call := map[string]any{
		"model":    openaitest.Model,
		"messages": []map[string]string{{"role": "system", "content": system}, {"role": "user", "content": user}},
	}
	if limit != "" {
		call[limit] = 13
	}
	body, err := json.Marshal(call)
	if err != nil {
		panic(fmt.Sprintf("strings always encode: %v", err))
	}
	return body
}

// send makes a call, and returns the status and the body.
func send(ctx context.Context, s *openaitest.Server, body []byte) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, string(answer), err
}
