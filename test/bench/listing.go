package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// pageSize is what a caller gets who asks for no other.
const pageSize = 20

// listed goes through all pages of an account's jobs, and returns how long each took.
func (b *bench) listed(ctx context.Context, process *process, key string) ([]time.Duration, error) {
	caller := &adapter{url: process.url, client: http.DefaultClient}
	var took []time.Duration
	seen, at := 0, ""
	for {
		start := time.Now()
		code, answer, err := caller.do(ctx, http.MethodGet, fmt.Sprintf("/v1/jobs?limit=%d%s", pageSize, at), key, nil)
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
		if code != http.StatusOK {
			return nil, fmt.Errorf("list the jobs: %d: %s", code, answer)
		}
		var page struct {
			Data       []json.RawMessage `json:"data"`
			Pagination struct {
				Cursor *string `json:"cursor"`
			} `json:"pagination"`
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return nil, fmt.Errorf("list the jobs: %w", err)
		}
		seen += len(page.Data)
		if page.Pagination.Cursor == nil {
			break
		}
		at = "&cursor=" + url.QueryEscape(*page.Pagination.Cursor)
	}
	if seen != b.Stored {
		return nil, fmt.Errorf("the pages list %d of %d jobs", seen, b.Stored)
	}
	return took, nil
}
