package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/dragoman-dev/dragoman/internal/memory"
	"github.com/dragoman-dev/dragoman/internal/memory/memorytest"
	"github.com/dragoman-dev/dragoman/internal/memory/postgres"
	"github.com/dragoman-dev/dragoman/internal/memory/postgres/postgrestest"
)

// server of all the tests; nil with the reason when there is none.
var (
	server    *postgrestest.Server
	serverErr error
)

func TestMain(m *testing.M) {
	server, serverErr = postgrestest.New()
	code := m.Run()
	if server != nil {
		if err := server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// schema returns the URL of an empty schema.
func schema(t testing.TB) string {
	t.Helper()
	if serverErr != nil {
		t.Fatal(serverErr)
	}
	return server.Schema(t)
}

func open(t testing.TB, url string, opts postgres.Options) *postgres.Memory {
	t.Helper()
	m, err := postgres.Open(t.Context(), url, opts)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// rows counts what the table holds.
func rows(t *testing.T, url string) int {
	t.Helper()
	c := server.Connect(t, url)
	defer c.Close(context.Background()) //nolint:errcheck // it has been read
	var n int
	if err := c.QueryRow(t.Context(), "SELECT count(*) FROM dragoman_memory").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPostgresKeepsThePromises(t *testing.T) {
	for name, parameters := range map[string]string{
		"straight":               "",
		"as behind a pooler":     "&default_query_exec_mode=exec",
		"on one connection":      "&pool_max_conns=1",
		"with simple statements": "&default_query_exec_mode=simple_protocol",
	} {
		t.Run(name, func(t *testing.T) { keepsThePromises(t, parameters) })
	}
}

func keepsThePromises(t *testing.T, parameters string) {
	memorytest.Run(t, func(t *testing.T) memorytest.Bench {
		url, clock := schema(t)+parameters, memorytest.NewClock()
		return memorytest.Bench{
			Clock: clock,
			Open: func(t *testing.T) memorytest.Memory {
				return open(t, url, postgres.Options{Clock: clock, Expiry: memorytest.Expiry})
			},
			Flush: func(*testing.T, memorytest.Memory) {},
			Break: func(t *testing.T) {
				if err := server.Stop(); err != nil {
					t.Fatal(err)
				}
			},
			Mend: func(t *testing.T) {
				if err := server.Start(); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

func TestManagersThatStartAtOneTimeMakeOneTable(t *testing.T) {
	url := schema(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 1})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	m := open(t, url, postgres.Options{})
	want := memorytest.Entries(0, 3, time.Now().UTC().Truncate(time.Millisecond))
	if err := m.Put(t.Context(), "ns", want); err != nil {
		t.Fatal(err)
	}
	memorytest.Want(t, m, "ns", memorytest.Keys(want), memorytest.ByKey(want...))
}

func TestTablesOfALaterProgramAreRefused(t *testing.T) {
	url := schema(t)
	open(t, url, postgres.Options{})
	server.Exec(t, url, "UPDATE dragoman_memory_version SET version = 99")
	_, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("open: got %v, want an error that names version 99", err)
	}
}

func TestARoleThatMayOnlyReadAndWriteRowsIsEnoughLater(t *testing.T) {
	url := schema(t)
	open(t, url, postgres.Options{})
	name := url[strings.LastIndex(url, "=")+1:]
	server.Exec(t, url, fmt.Sprintf(`CREATE ROLE plain_%[1]s LOGIN;
		GRANT USAGE ON SCHEMA %[1]s TO plain_%[1]s;
		GRANT SELECT ON dragoman_memory_version TO plain_%[1]s;
		GRANT SELECT, INSERT, UPDATE, DELETE ON dragoman_memory TO plain_%[1]s`, name))
	m := open(t, strings.Replace(url, "dragoman:", "plain_"+name+":", 1), postgres.Options{})
	want := memorytest.Entries(0, 3, time.Now().UTC().Truncate(time.Millisecond))
	if err := m.Put(t.Context(), "ns", want); err != nil {
		t.Fatal(err)
	}
	memorytest.Want(t, m, "ns", memorytest.Keys(want), memorytest.ByKey(want...))
	if _, err := m.Expire(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestExpiredRowsAreRemovedInChunks(t *testing.T) {
	url, clock := schema(t), memorytest.NewClock()
	m := open(t, url, postgres.Options{Clock: clock, Expiry: memorytest.Expiry})
	old, young := memorytest.Entries(0, 12_000, clock.Now()), memorytest.Entries(20_000, 20_010, clock.Now().Add(time.Hour))
	if err := m.Put(t.Context(), "ns", old); err != nil {
		t.Fatal(err)
	}
	clock.Step(time.Hour)
	if err := m.Put(t.Context(), "ns", young); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		step             time.Duration
		want, wantRemain int
	}{
		{memorytest.Expiry - time.Hour - time.Millisecond, 0, 12_010},
		{time.Millisecond, 12_000, 10},
		{time.Hour, 10, 0},
	} {
		clock.Step(tc.step)
		removed, err := m.Expire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if remain := rows(t, url); removed != tc.want || remain != tc.wantRemain {
			t.Errorf("removed %d and left %d, want %d and %d", removed, remain, tc.want, tc.wantRemain)
		}
	}
}

// observer tells of what was tidied.
type observer struct {
	memory.NopObserver
	tidied chan int
}

func (o observer) Tidied(removed int, _ error) { o.tidied <- removed }

func TestTheBackgroundRemovesExpiredRowsAtOnceAndEveryHour(t *testing.T) {
	url, clock := schema(t), memorytest.NewClock()
	told := observer{tidied: make(chan int)}
	m := open(t, url, postgres.Options{Clock: clock, Expiry: memorytest.Expiry, Observer: told})
	if err := m.Put(t.Context(), "ns", memorytest.Entries(0, 3, clock.Now())); err != nil {
		t.Fatal(err)
	}
	clock.Step(memorytest.Expiry - 30*time.Minute)
	if err := m.Put(t.Context(), "ns", memorytest.Entries(3, 5, clock.Now().Add(-memorytest.Expiry+time.Minute))); err != nil {
		t.Fatal(err)
	}
	clock.Step(time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Start(ctx) }()
	if removed := <-told.tidied; removed != 2 {
		t.Errorf("removed %d at first, want 2", removed)
	}
	clock.Step(time.Hour)
	if removed := <-told.tidied; removed != 3 {
		t.Errorf("removed %d after an hour, want 3", removed)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("start: %v", err)
	}
}

// TestNoErrorHoldsThePasswordOrTheText drives every kind of error there is.
func TestNoErrorHoldsThePasswordOrTheText(t *testing.T) {
	url := schema(t)
	good := open(t, url, postgres.Options{})
	server.Exec(t, url, `ALTER TABLE dragoman_memory ADD CONSTRAINT no_secret CHECK (masked <> 'secret text')`)
	server.Exec(t, url, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'bad row: %', NEW.masked; END $$`)
	entry := memorytest.Entries(0, 1, time.Now())
	entry[0].Masked = "secret text"
	put := func(*testing.T) error { return good.Put(t.Context(), "ns", entry) }
	openURL := func(url string) func(*testing.T) error {
		return func(*testing.T) error {
			m, err := postgres.Open(t.Context(), url, postgres.Options{Timeout: 5 * time.Second})
			if err == nil {
				err = m.Close()
			}
			return err
		}
	}
	tests := []struct {
		name string
		do   func(*testing.T) error
		want string
	}{
		{"a constraint refuses the text", put, "store 1 entries of namespace"},
		{"a trigger quotes the text", func(t *testing.T) error {
			server.Exec(t, url, `CREATE TRIGGER t BEFORE INSERT ON dragoman_memory FOR EACH ROW EXECUTE FUNCTION refuse()`)
			return put(t)
		}, "store 1 entries of namespace"},
		{"the table is gone", func(t *testing.T) error {
			server.Exec(t, url, `DROP TABLE dragoman_memory`)
			return put(t)
		}, "does not exist"},
		{"the URL is malformed", openURL("postgres://dragoman:" + server.Password() + "@host:port/x"), "form postgres://"},
		{"the URL is anything", openURL("password=" + server.Password() + "  ="), "form postgres://"},
		{"nobody listens", openURL("postgres://dragoman:" + server.Password() + "@/postgres?host=/nowhere"), "memory"},
		{"there is no such database", openURL(server.URL("nowhere")), "does not exist"},
		{"there is no such role", openURL(strings.Replace(url, "dragoman:", "nobody:", 1)), "nobody"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.do(t)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, secret := range []string{server.Password(), "secret text"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error holds %q: %v", secret, err)
				}
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %q, want it to hold %q", err, tc.want)
			}
		})
	}
}

func TestCallsEndWithTheirDeadline(t *testing.T) {
	url := schema(t)
	m := open(t, url, postgres.Options{Timeout: 200 * time.Millisecond})
	holder := server.Connect(t, url)
	defer holder.Close(context.Background()) //nolint:errcheck // it ends the transaction either way
	if _, err := holder.Exec(t.Context(), "BEGIN; LOCK TABLE dragoman_memory"); err != nil {
		t.Fatal(err)
	}
	calls := map[string]func() error{
		"get":    func() error { _, err := m.Get(t.Context(), "ns", []string{memorytest.Key("x")}); return err },
		"put":    func() error { return m.Put(t.Context(), "ns", memorytest.Entries(0, 1, time.Now())) },
		"expire": func() error { _, err := m.Expire(t.Context()); return err },
	}
	got := map[string]bool{}
	for name, call := range calls {
		got[name] = errors.Is(call(), context.DeadlineExceeded)
	}
	if diff := cmp.Diff(map[string]bool{"get": true, "put": true, "expire": true}, got); diff != "" {
		t.Errorf("ended with their deadline (-want +got):\n%s", diff)
	}
}

func benchmark(b *testing.B, run func(*postgres.Memory, []memory.Entry) error) {
	m := open(b, schema(b), postgres.Options{Clock: clocktesting.NewFakeClock(time.Now())})
	entries := memorytest.Entries(0, 1000, time.Now())
	if err := m.Put(b.Context(), "ns", memorytest.Entries(0, 50_000, time.Now())); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := run(m, entries); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet1000(b *testing.B) {
	benchmark(b, func(m *postgres.Memory, entries []memory.Entry) error {
		_, err := m.Get(b.Context(), "ns", memorytest.Keys(entries))
		return err
	})
}

func BenchmarkPut1000(b *testing.B) {
	first := 100_000
	benchmark(b, func(m *postgres.Memory, _ []memory.Entry) error {
		first += 1000
		return m.Put(b.Context(), "ns", memorytest.Entries(first, first+1000, time.Now()))
	})
}
