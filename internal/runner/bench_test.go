package runner_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/utils/clock"

	"github.com/dragoman-dev/dragoman/internal/runner"
)

// brief is work that makes one call and keeps nobody waiting.
type brief struct{ ended chan<- struct{} }

// Do implements runner.Work.
func (b *brief) Do(ctx context.Context, turn *runner.Turn) {
	if turn.Begin(ctx, runner.Call{Tokens: 100}) == nil {
		turn.End(runner.Result{Outcome: runner.Answered, Tokens: 50})
	}
	b.ended <- struct{}{}
}

// Crashed implements runner.Work.
func (b *brief) Crashed() {}

const backlog = 100_000

// queue returns a runner that has not started, with a backlog in a hundred
// namespaces.
func queue(b *testing.B) (*runner.Runner[*brief], chan struct{}) {
	b.Helper()
	ended := make(chan struct{}, backlog)
	r := runner.New[*brief](runner.Options{Workers: 32, Notify: func(runner.Key) {}, Clock: clock.RealClock{}})
	r.Limit("g", runner.Limits{Concurrency: 16})
	for i := range backlog {
		r.Submit(benchTicket(i), &brief{ended: ended})
	}
	return r, ended
}

func benchTicket(i int) runner.Ticket {
	return runner.Ticket{
		Key:      runner.Key{Namespace: fmt.Sprint("ns-", i%100), Name: fmt.Sprintf("job-%06d", i)},
		Gate:     "g",
		Priority: int32(i * 7 % 5),
		Created:  time.Unix(int64(i*7919%backlog), 0),
	}
}

// BenchmarkBacklog submits a hundred thousand pieces of work and does them all.
func BenchmarkBacklog(b *testing.B) {
	for b.Loop() {
		r, ended := queue(b)
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan error)
		go func() { done <- r.Start(ctx) }()
		for range backlog {
			<-ended
		}
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/backlog, "ns/job")
}

// BenchmarkLook looks at work in the middle of a backlog.
func BenchmarkLook(b *testing.B) {
	r, _ := queue(b)
	i := 0
	for b.Loop() {
		if _, ok := r.Look(benchTicket(i * 7919 % backlog).Key); !ok {
			b.Fatal("it is not there")
		}
		i++
	}
}

// BenchmarkSubmit submits and stops one more in front of a backlog.
func BenchmarkSubmit(b *testing.B) {
	r, ended := queue(b)
	t := benchTicket(backlog / 2)
	t.Key.Name = "another"
	for b.Loop() {
		r.Submit(t, &brief{ended: ended})
		r.Forget(t.Key)
	}
}
