package memory

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-dev/dragoman/internal/payload"
)

// NamePrefix begins the names of the blobs that a memory keeps. Nothing else may
// remove them: they belong to no job.
const NamePrefix = "memory-"

const (
	// timeDigits of milliseconds in hex reach to the year 2527.
	timeDigits = 11
	// randomBytes tell segments of one millisecond apart.
	randomBytes = 8
	nameLength  = len(NamePrefix) + timeDigits + 1 + 2*randomBytes
)

// name returns the name of a new segment: NamePrefix, when it was made, and chance.
// Names order by time.
func (m *Embedded) name(made time.Time) (string, error) {
	var chance [randomBytes]byte
	m.random.Lock()
	_, err := io.ReadFull(m.opts.Random, chance[:])
	m.random.Unlock()
	if err != nil {
		return "", fmt.Errorf("make a name: %w", err)
	}
	return fmt.Sprintf("%s%0*x-%x", NamePrefix, timeDigits, max(made.UnixMilli(), 0), chance), nil
}

// madeAt returns the time in the name of a segment.
func madeAt(name string) time.Time {
	milli, err := strconv.ParseInt(name[len(NamePrefix):][:timeDigits], 16, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(milli).UTC()
}

// ours says whether a blob is a segment. A job may have a name that begins as ours
// do, and so may its payloads; but those have an owner.
func ours(info payload.Info) bool {
	if len(info.Name) != nameLength || !strings.HasPrefix(info.Name, NamePrefix) || info.Owner != (payload.Owner{}) {
		return false
	}
	rest := info.Name[len(NamePrefix):]
	digits := func(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }
	return digits(rest[:timeDigits]) && rest[timeDigits] == '-' && digits(rest[timeDigits+1:])
}

func (m *Embedded) list(ctx context.Context, namespace string) ([]string, error) {
	infos, err := m.listAll(ctx, namespace)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(infos))
	for i, info := range infos {
		names[i] = info.Name
	}
	return names, nil
}

func (m *Embedded) listAll(ctx context.Context, namespace string) ([]payload.Info, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	infos, err := m.blobs.List(ctx, namespace, NamePrefix)
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	return slices.DeleteFunc(infos, func(info payload.Info) bool { return !ours(info) }), nil
}

func (m *Embedded) read(ctx context.Context, namespace, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	data, err := m.blobs.Read(ctx, namespace, name)
	if err != nil {
		return nil, fmt.Errorf("read segment %q: %w", name, err)
	}
	return data, nil
}

func (m *Embedded) create(ctx context.Context, namespace, name string, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := m.blobs.Create(ctx, payload.Blob{Namespace: namespace, Name: name, Data: data}); err != nil {
		return fmt.Errorf("store segment %q: %w", name, err)
	}
	return nil
}

func (m *Embedded) remove(ctx context.Context, namespace, name string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := m.blobs.Delete(ctx, namespace, name); err != nil {
		return fmt.Errorf("remove segment %q: %w", name, err)
	}
	return nil
}
