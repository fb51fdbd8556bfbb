package httpcall_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine/httpcall"
)

func TestRetryAfter(t *testing.T) {
	const date = "Sat, 21 Nov 2026 10:00:00 GMT"
	cases := map[string]struct {
		header map[string]string
		want   time.Duration
	}{
		"nothing said":             {},
		"seconds":                  {header: map[string]string{"Retry-After": "20"}, want: 20 * time.Second},
		"parts of a second":        {header: map[string]string{"Retry-After": "0.25"}, want: 250 * time.Millisecond},
		"milliseconds win":         {header: map[string]string{"Retry-After": "20", "Retry-After-Ms": "15.5"}, want: 15500 * time.Microsecond},
		"a date":                   {header: map[string]string{"Retry-After": "Sat, 21 Nov 2026 10:01:00 GMT", "Date": date}, want: time.Minute},
		"a date that has passed":   {header: map[string]string{"Retry-After": "Sat, 21 Nov 2026 09:00:00 GMT", "Date": date}},
		"a date and no clock":      {header: map[string]string{"Retry-After": "Sat, 21 Nov 2026 10:01:00 GMT"}},
		"a negative time":          {header: map[string]string{"Retry-After": "-5"}},
		"no number":                {header: map[string]string{"Retry-After": "NaN", "Retry-After-Ms": "soon"}},
		"a time without end":       {header: map[string]string{"Retry-After": "1e300"}, want: 24 * time.Hour},
		"the budget that is empty": {header: map[string]string{"X-Ratelimit-Remaining-Requests": "0", "X-Ratelimit-Reset-Requests": "6m0s", "X-Ratelimit-Reset-Tokens": "9h"}, want: 6 * time.Minute},
		"both budgets are empty": {
			header: map[string]string{
				"X-Ratelimit-Remaining-Requests": "0", "X-Ratelimit-Reset-Requests": "20ms",
				"X-Ratelimit-Remaining-Tokens": "0", "X-Ratelimit-Reset-Tokens": "1s",
			},
			want: time.Second,
		},
		"no budget is empty": {header: map[string]string{"X-Ratelimit-Remaining-Tokens": "5", "X-Ratelimit-Reset-Tokens": "1s"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			for k, v := range tc.header {
				header.Set(k, v)
			}
			if got := httpcall.RetryAfter(header); got != tc.want {
				t.Errorf("RetryAfter() = %v, want %v", got, tc.want)
			}
		})
	}
}
