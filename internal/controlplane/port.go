package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

const (
	// portPoll and portWait bound the wait for the port of a killed predecessor,
	// whose programs end a moment after it.
	portPoll = 100 * time.Millisecond
	portWait = 10 * time.Second
)

// CheckListen says whether a program can listen on an address, before anything
// is started for it. The error is one sentence that names the port, who wants
// it and the flag that changes it.
func CheckListen(ctx context.Context, address, who, flag string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return fmt.Errorf("%q is no address for %s: give %s as host:port", address, who, flag)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return listener.Close()
	case errors.Is(err, syscall.EADDRINUSE):
		return &PortTakenError{Port: port, Who: who, Flag: flag}
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("port %s, which %s needs, is reserved for root: choose another port with %s", port, who, flag)
	default:
		return fmt.Errorf("%s cannot listen on %s port %s: choose another address with %s", who, host, port, flag)
	}
}

// PortTakenError says that another program listens on a port.
type PortTakenError struct {
	// Port is the number, Who needs it, Flag changes it.
	Port, Who, Flag string
}

// Error returns one sentence.
func (e *PortTakenError) Error() string {
	return fmt.Sprintf("port %s is in use by another program and %s needs it: stop that program or choose another port with %s",
		e.Port, e.Who, e.Flag)
}

// waitListen is CheckListen with patience for a port that is about to be free.
func waitListen(ctx context.Context, address, who, flag string) error {
	ctx, cancel := context.WithTimeout(ctx, portWait)
	defer cancel()
	poll := time.NewTicker(portPoll)
	defer poll.Stop()
	for {
		err := CheckListen(ctx, address, who, flag)
		if _, taken := errors.AsType[*PortTakenError](err); !taken {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-poll.C:
		}
	}
}

// freePorts returns free ports of the loopback interface, no two the same.
func freePorts(ctx context.Context, n int) (ports []int, err error) {
	for range n {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		// All stay open until the last is found, so that they differ.
		defer func() { err = errors.Join(err, listener.Close()) }()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
