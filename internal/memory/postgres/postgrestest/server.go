// Package postgrestest starts a private PostgreSQL server for tests: the real one,
// on a Unix socket of its own, without a network and without fsync.
//
// It owns the server's directory and its end, also when the test is killed. It must
// not be linked into the product.
package postgrestest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

const (
	// password of the only role. Connections by the socket do not ask for it; tests
	// look for it in messages.
	password = "hunter2-of-the-tests"
	role     = "dragoman"
	// installed is where Debian keeps the programs of each version.
	installed = "/usr/lib/postgresql/*/bin"
	// ready is what a server writes when it can be used.
	ready = "database system is ready to accept connections"
)

// supervise runs a server and ends it at once when the pipe on its standard input
// closes, as it does when the test is killed. A word on the pipe means that the
// directory is still wanted. Nothing but the server holds the log open, so that the
// reader of it sees the server end.
const supervise = `dir="$1"; shift
exec 3>&2 2>/dev/null
"$@" </dev/null 2>&3 3>&- &
pid=$!
exec 3>&-
read -r keep || keep=""
kill -QUIT "$pid"
wait "$pid"
[ -n "$keep" ] || rm -rf "$dir"`

// Server is a running server.
type Server struct {
	bin, dir string
	as       *syscall.Credential
	command  *exec.Cmd
	stdin    io.WriteCloser
	log      *os.File
	schemas  atomic.Int64
}

// New makes and starts a server. The caller closes it.
func New() (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	// Short and below a directory that the other user may enter: the path of a socket
	// has at most 107 bytes.
	dir, err := os.MkdirTemp("", "dragoman-pg-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for PostgreSQL: %w", err)
	}
	s := &Server{bin: bin, dir: dir, as: as}
	if err := s.create(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// find returns the directory with the programs of the newest server there is.
func find() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "initdb")); err == nil {
				return filepath.Dir(path), nil
			}
		}
	}
	paths, err := filepath.Glob(filepath.Join(installed, "initdb"))
	if err != nil || len(paths) == 0 {
		return "", errors.New("these tests need a PostgreSQL server and found none in PATH or in " + installed +
			": run hack/install-test-tools.sh, or install Debian's package postgresql")
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(paths, func(a, b string) int { return version(a) - version(b) })), nil
}

// unprivileged returns who the server runs as: the server refuses root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// create makes an empty cluster.
func (s *Server) create() error {
	if s.as != nil {
		if err := os.Chown(s.dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return fmt.Errorf("hand the directory of PostgreSQL over: %w", err)
		}
	}
	c := s.run(filepath.Join(s.bin, "initdb"), "--pgdata", s.data(), "--username", role,
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("make a PostgreSQL cluster: %w: %s", err, out)
	}
	return nil
}

func (s *Server) run(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	return c
}

// Start starts a server that was stopped, on the data that it had.
func (s *Server) Start() error {
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	c := s.run("/bin/sh", "-c", supervise, "sh", s.dir, filepath.Join(s.bin, "postgres"),
		"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "lc_messages=C",
		"-c", "logging_collector=off", "-c", "log_destination=stderr")
	c.Stderr = write
	stdin, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err = errors.Join(err, write.Close()); err != nil {
		return errors.Join(fmt.Errorf("start PostgreSQL: %w", err), read.Close())
	}
	s.command, s.stdin, s.log = c, stdin, read
	var said strings.Builder
	lines := bufio.NewScanner(read)
	for lines.Scan() {
		if strings.Contains(lines.Text(), ready) {
			go io.Copy(io.Discard, read) //nolint:errcheck // so that the server never waits for a reader
			return nil
		}
		said.WriteString(lines.Text() + "\n")
	}
	return errors.Join(fmt.Errorf("PostgreSQL did not start:\n%s", said.String()), s.end(""))
}

// Stop ends the server as a crash does, and keeps its data.
func (s *Server) Stop() error { return s.end("keep\n") }

// Close ends the server and removes its data.
func (s *Server) Close() error { return errors.Join(s.end(""), os.RemoveAll(s.dir)) }

func (s *Server) end(word string) error {
	if s.command == nil {
		return nil
	}
	// The shell may have gone; then there is nobody to tell.
	_, _ = io.WriteString(s.stdin, word)
	_ = s.stdin.Close()
	_ = s.command.Wait() // says how the server was ended
	s.command = nil
	return s.log.Close()
}

// URL of a database on the server.
func (s *Server) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, password), Path: "/" + database}
	u.RawQuery = url.Values{"host": {s.dir}}.Encode()
	return u.String()
}

// Password that is part of every URL.
func (s *Server) Password() string { return password }

// Schema makes an empty schema and returns the URL by which a program works in it.
func (s *Server) Schema(t testing.TB) string {
	t.Helper()
	name := "test" + strconv.FormatInt(s.schemas.Add(1), 10)
	s.Exec(t, s.URL("postgres"), "CREATE SCHEMA "+name)
	return s.URL("postgres") + "&search_path=" + name
}

// Exec runs statements on a connection of its own.
func (s *Server) Exec(t testing.TB, url, sql string, args ...any) {
	t.Helper()
	connection := s.Connect(t, url)
	if _, err := connection.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if err := connection.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Connect returns a connection that the caller closes.
func (s *Server) Connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	return connection
}
