package memory

import (
	"cmp"
	"slices"
	"time"
)

// prefix is the part of a key that the index holds. Of a million entries two have
// the same 96 bits once in 10^17 namespaces; then one of them is a miss, because the
// whole key is compared when the entry is read.
type prefix [12]byte

// ref says where the entry of a key is, and how it ranks. Three words of 32 bits
// need no padding: with its prefix it is 24 bytes in the map.
type ref struct {
	segment, stampHigh, stampLow uint32
}

func newRef(segment uint32, s stamp) ref {
	return ref{segment: segment, stampHigh: uint32(s >> 32), stampLow: uint32(s)}
}

func (r ref) stamp() stamp { return stamp(r.stampHigh)<<32 | stamp(r.stampLow) }

// stored is what is known of a segment in the store.
type stored struct {
	name string
	// bytes as stored, and unpacked.
	bytes, raw int
	// entries in it, and those of them that the index points to.
	entries, live int
	// newest is when its newest entry was made.
	newest time.Time
	// damaged segments hold nothing that can be read. They stay until they are as old
	// as if they could.
	damaged bool
}

// index of one namespace. It is not safe for concurrent use.
type index struct {
	entries  map[prefix]ref
	segments map[uint32]*stored
	names    map[string]uint32
	last     uint32
}

func newIndex() *index {
	return &index{entries: map[prefix]ref{}, segments: map[uint32]*stored{}, names: map[string]uint32{}}
}

// get returns where the entry of a key is. One whose segment has gone is gone too.
func (x *index) get(k key) (ref, bool) {
	r, ok := x.entries[prefix(k[:])]
	if !ok {
		return ref{}, false
	}
	if s := x.segments[r.segment]; s == nil || s.damaged {
		return ref{}, false
	}
	return r, true
}

// learn takes a segment of the store in. Entries that were made before a time are
// left out. Of two that rank the same, the one in the segment of the later name
// stands, so that the order of learning does not matter.
func (x *index) learn(name string, bytes int, s *segment, after time.Time) {
	info := &stored{name: name, bytes: bytes, raw: len(s.raw), entries: s.len(), newest: s.newest()}
	number := x.add(info)
	for i := range s.len() {
		k, st := s.key(i), s.stamp(i)
		if !st.created().After(after) {
			continue
		}
		p := prefix(k[:])
		if old, ok := x.entries[p]; ok {
			if s := x.segments[old.segment]; s != nil {
				if !wins(st, name, old.stamp(), s.name) && old.stamp().created().After(after) {
					continue
				}
				s.live--
			}
		}
		x.entries[p] = newRef(number, st)
		info.live++
	}
}

func wins(a stamp, aName string, b stamp, bName string) bool {
	if c := cmp.Compare(a, b); c != 0 {
		return c > 0
	}
	return aName > bName
}

// damaged takes a segment in that cannot be read.
func (x *index) damaged(name string, bytes int, made time.Time) {
	x.add(&stored{name: name, bytes: bytes, newest: made, damaged: true})
}

func (x *index) add(info *stored) uint32 {
	x.last++
	x.segments[x.last], x.names[info.name] = info, x.last
	return x.last
}

// forget drops a segment. Its entries leave the index when the next prune comes by;
// until then get does not return them.
func (x *index) forget(name string) {
	if number, ok := x.names[name]; ok {
		delete(x.segments, number)
		delete(x.names, name)
	}
}

// prune drops the entries that point to no segment.
func (x *index) prune() {
	for p, r := range x.entries {
		if x.segments[r.segment] == nil {
			delete(x.entries, p)
		}
	}
}

// byAge returns the segments, the one with the oldest news first.
func (x *index) byAge() []*stored {
	out := make([]*stored, 0, len(x.segments))
	for _, s := range x.segments {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *stored) int {
		return cmp.Or(a.newest.Compare(b.newest), cmp.Compare(a.name, b.name))
	})
	return out
}
