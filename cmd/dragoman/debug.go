package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	uberzap "go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// debugOptions are the flags about looking into a process that runs.
type debugOptions struct {
	// Addr is host:port of the profiles and of the log level; "" or "0" for none.
	// Whoever reaches it can read the memory of the process.
	Addr string
	// Level of the log at the start: error, info, debug or a number.
	Level string
}

func (o *debugOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.Addr, "pprof-addr", "", "address of /debug/pprof/ and /debug/log-level, such as 127.0.0.1:6060; it shows the memory of the process, so keep it on the loopback interface; none by default")
	f.StringVar(&o.Level, "log-level", "info", "what is logged: error, info, debug, or a number from 0 (info) to 9")
}

// run sets the log up and serves what there is to look at, while a command runs.
func (o *debugOptions) run(ctx context.Context, command func(context.Context) error) error {
	level := uberzap.NewAtomicLevel()
	if err := setLevel(level, o.Level); err != nil {
		return fmt.Errorf("read --log-level: %w", err)
	}
	ctrl.SetLogger(zap.New(zap.Level(level)))
	if o.Addr == "" || o.Addr == "0" {
		return command(ctx)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return fmt.Errorf("open --pprof-addr: %w", err)
	}
	web := &http.Server{Handler: debugHandler(level), ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout}
	ended := make(chan error, 1)
	go func() { ended <- withoutClosed(web.Serve(listener)) }()
	ctrl.Log.Info("Opened the profiles", "address", listener.Addr().String())
	// Open until the command has ended: how it ends is worth a look too.
	err = command(ctx)
	return errors.Join(err, web.Close(), <-ended)
}

// debugHandler serves profiles and the log level. The profiles' own registration at
// http.DefaultServeMux is never served.
func debugHandler(level uberzap.AtomicLevel) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/log-level", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, levelName(level.Level()))
	})
	mux.HandleFunc("PUT /debug/log-level", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLevelBytes))
		if err == nil {
			err = setLevel(level, strings.TrimSpace(string(body)))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		ctrl.Log.Info("Changed the log level", "to", levelName(level.Level()))
		fmt.Fprintln(w, levelName(level.Level()))
	})
	return mux
}

const (
	// maxLevelBytes bounds the body of a new level.
	maxLevelBytes = 64
	// maxVerbosity is the highest V that anything here or in client-go logs at.
	maxVerbosity = 9
)

// setLevel sets the level from a name, or a number: the highest V that is logged.
func setLevel(level uberzap.AtomicLevel, name string) error {
	switch name {
	case "error":
		level.SetLevel(zapcore.ErrorLevel)
		return nil
	case "info":
		level.SetLevel(zapcore.InfoLevel)
		return nil
	case "debug":
		level.SetLevel(zapcore.DebugLevel)
		return nil
	}
	verbosity, err := strconv.ParseUint(name, 10, 8)
	if err != nil || verbosity > maxVerbosity {
		return fmt.Errorf("%q is not a log level: use error, info, debug, or a number from 0 to %d", name, maxVerbosity)
	}
	level.SetLevel(zapcore.Level(-int(verbosity)))
	return nil
}

// levelName is what setLevel takes for the level.
func levelName(level zapcore.Level) string {
	if level >= zapcore.DebugLevel {
		return level.String()
	}
	return strconv.Itoa(-int(level))
}
