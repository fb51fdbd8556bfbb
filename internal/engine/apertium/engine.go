package apertium

import (
	"cmp"
	"context"
	"os/exec"
	"sync"
	"time"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/langtag"
)

// InstallHint says how to get Apertium with the pairs that the documentation uses.
const InstallHint = "on Debian or Ubuntu run: apt-get install -y --no-install-recommends " +
	"apertium apertium-spa-cat apertium-es-pt apertium-eng-spa apertium-fra-cat apertium-nno-nob"

// DefaultModesDir is where packages put their mode files.
const DefaultModesDir = "/usr/share/apertium/modes"

// Options set up an engine. The zero value is good for a Debian machine.
type Options struct {
	// ModesDir holds the mode files. Default DefaultModesDir.
	ModesDir string
	// LookPath finds a program by its name. Default exec.LookPath.
	LookPath func(string) (string, error)
	// Clock is used for the age of pipelines, not for the time limits below.
	// Default: the system's.
	Clock Clock
	// IdleAfter is how long a pipeline that nobody uses is kept. Default 10 minutes.
	IdleAfter time.Duration
	// StallTimeout is how long a pipeline may owe an answer without writing a byte.
	// It is found out after one to two times of it. Default 30 seconds.
	StallTimeout time.Duration
	// CallTimeout bounds one call of Translate. Default: no bound but the context's.
	CallTimeout time.Duration
	// ProbeParallel is how many pairs are tried at the same time. Default 2.
	ProbeParallel int
}

// Engine is Apertium on this machine. It must be closed.
type Engine struct {
	opts      Options
	catalogue *catalogue
	fleet     *fleet
	launcher  *launcher
	checks    *checks

	closing   sync.Once
	closed    chan struct{}
	tickers   sync.WaitGroup
	stopTicks func()
	// calls under way, which Close waits for.
	mu    sync.Mutex
	calls sync.WaitGroup
	shut  bool
}

var _ engine.Engine = (*Engine)(nil)

// Factory makes engines with the options. The timeout of a provider bounds each
// call; its endpoint, model and key mean nothing here. What one engine found out
// about the installed pairs, the others know.
func Factory(opts Options) engine.Factory {
	known := &checks{}
	return func(cfg engine.Config) (engine.Engine, error) {
		own := opts
		if cfg.Timeout > 0 {
			own.CallTimeout = cfg.Timeout
		}
		return newEngine(own, known)
	}
}

// New makes an engine. It starts no stage: what is installed is looked up by the
// first call, so a package that is installed later is found.
func New(opts Options) (*Engine, error) { return newEngine(opts, &checks{}) }

func newEngine(opts Options, known *checks) (*Engine, error) {
	opts.ModesDir = cmp.Or(opts.ModesDir, DefaultModesDir)
	opts.IdleAfter = cmp.Or(opts.IdleAfter, 10*time.Minute)
	opts.StallTimeout = cmp.Or(opts.StallTimeout, 30*time.Second)
	opts.ProbeParallel = cmp.Or(opts.ProbeParallel, 2)
	if opts.LookPath == nil {
		opts.LookPath = exec.LookPath
	}
	if opts.Clock == nil {
		opts.Clock = systemClock{}
	}
	if opts.IdleAfter < 0 || opts.StallTimeout < 0 || opts.CallTimeout < 0 || opts.ProbeParallel < 0 {
		return nil, engine.Errorf(engine.Misconfigured, "a time limit or number in the options is negative")
	}
	launcher := newLauncher()
	e := &Engine{
		opts:      opts,
		catalogue: &catalogue{dir: opts.ModesDir},
		launcher:  launcher,
		checks:    known,
		closed:    make(chan struct{}),
		fleet: &fleet{
			programs: &programs{launcher: launcher, lookPath: opts.LookPath},
			clock:    opts.Clock, stall: opts.StallTimeout, idle: opts.IdleAfter,
			slots: make(map[engine.Pair]*slot),
		},
	}
	ticks, stop := opts.Clock.Tick(sweepEvery(opts.IdleAfter))
	e.stopTicks = stop
	e.tickers.Go(func() { e.sweep(ticks) })
	return e, nil
}

// sweepEvery keeps a pipeline at most a quarter longer than asked.
func sweepEvery(idle time.Duration) time.Duration { return max(idle/4, time.Millisecond) }

func (e *Engine) sweep(ticks <-chan time.Time) {
	for {
		select {
		case <-e.closed:
			return
		case <-ticks:
			e.fleet.sweep(e.opts.Clock.Now())
		}
	}
}

// Info describes the engine.
func (e *Engine) Info() engine.Info { return engine.Info{Name: "apertium"} }

// Close stops every pipeline and waits until all of their processes have ended.
// Calls under way fail.
func (e *Engine) Close() error {
	e.closing.Do(func() {
		e.mu.Lock()
		e.shut = true
		e.mu.Unlock()
		close(e.closed)
		e.stopTicks()
		e.fleet.close()
		e.calls.Wait()
		e.tickers.Wait()
		e.launcher.stop()
	})
	return nil
}

// begin notes a call, so that Close can wait for it. It fails after Close.
func (e *Engine) begin() (end func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut {
		return nil, errStopped
	}
	e.calls.Add(1)
	return e.calls.Done, nil
}

// installed returns the pairs and modes on this machine; an error says what to do
// when there are none.
func (e *Engine) installed() (pairs []engine.Pair, modes map[engine.Pair]mode, err error) {
	if pairs, modes, err = e.catalogue.list(); err != nil {
		return nil, nil, engine.Errorf(engine.Misconfigured, "the mode files of apertium cannot be read: %w", err)
	}
	if len(pairs) == 0 {
		return nil, nil, engine.Errorf(engine.Misconfigured,
			"apertium is not installed: no language pair in %s; %s", e.opts.ModesDir, InstallHint)
	}
	return pairs, modes, nil
}

// modeFor picks the mode that serves a pair, and checks that it works.
func (e *Engine) modeFor(ctx context.Context, want engine.Pair) (mode, error) {
	pairs, modes, err := e.installed()
	if err != nil {
		return mode{}, err
	}
	m, ok := modes[want]
	if !ok {
		pair, found := langtag.Resolve(want, pairs)
		if !found {
			return mode{}, engine.Errorf(engine.Misconfigured, "the pair %s is not installed", want)
		}
		m = modes[pair]
	}
	works, err := e.check(ctx, m)
	if err != nil {
		return mode{}, err
	}
	if !works {
		return mode{}, engine.Errorf(engine.Misconfigured, "the pair %s is installed and does not work", want)
	}
	return m, nil
}
