package memory

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// A segment is a gzip of the head below and then of records in the order of their
// keys, each:
//
//	key      32 bytes
//	stamp    8 bytes, big endian: the origin's bit and milliseconds
//	masked   length (uvarint), bytes
//	unknown  count (uvarint), and each: length (uvarint), bytes
//
// The checksum of gzip covers all of it.
const segmentHead = "dragoman memory 1\n"

const (
	// segmentBytes bounds a segment as stored, also where the store would take more:
	// to find one entry a whole segment is read.
	segmentBytes = 512 << 10
	// minSegmentBytes is what a store has to take: an entry of the greatest size,
	// when it cannot be compressed, and as much again for what is around it.
	minSegmentBytes = 2 * (MaxMaskedBytes + MaxUnknownBytes)
	// rawBytes is what is put into one segment before compression. Text of this kind
	// becomes half to a third of its size, so the result is seldom over the limit.
	rawBytes = 1 << 20
	// maxRawBytes bounds what a segment may unpack to, so that one not made by us
	// cannot fill the memory of the process.
	maxRawBytes = 4 * rawBytes
	// recordBytes is the least size of a record: key, stamp, a length and a count.
	recordBytes = keyBytes + 8 + 2
)

var errDamaged = errors.New("the segment is damaged, or of a later version")

// record is an entry with its key and stamp decoded.
type record struct {
	key     key
	stamp   stamp
	masked  string
	unknown []string
}

func newRecord(e Entry) (record, error) {
	k, err := parseKey(e.Key)
	if err != nil {
		return record{}, err
	}
	return record{key: k, stamp: stampOf(e), masked: e.Masked, unknown: e.Unknown}, nil
}

func (r record) entry() Entry {
	return Entry{
		Key: fmt.Sprintf("%x", r.key), Masked: r.masked, Unknown: r.unknown,
		Origin: r.stamp.origin(), Created: r.stamp.created(),
	}
}

// size of the record in a segment, at most.
func (r record) size() int {
	n := recordBytes + binary.MaxVarintLen32 + len(r.masked)
	for _, word := range r.unknown {
		n += binary.MaxVarintLen32 + len(word)
	}
	return n
}

// pages cuts records, oldest first, into parts for one segment each.
func pages(records []record) [][]record {
	slices.SortFunc(records, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.stamp.milli(), b.stamp.milli()), bytes.Compare(a.key[:], b.key[:]))
	})
	var out [][]record
	start, size := 0, 0
	for i, r := range records {
		if size+r.size() > rawBytes && i > start {
			out = append(out, records[start:i])
			start, size = i, 0
		}
		size += r.size()
	}
	if start < len(records) {
		out = append(out, records[start:])
	}
	return out
}

// packed is a segment that is ready to be stored.
type packed struct {
	records []record
	raw     []byte
	data    []byte
}

// pack makes segments of at most limit bytes of the records of one page. It halves
// the page until it fits; a single record always does.
func pack(page []record, limit int) ([]packed, error) {
	raw := encode(page)
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(raw); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if buf.Len() <= limit || len(page) == 1 {
		return []packed{{records: page, raw: raw, data: buf.Bytes()}}, nil
	}
	head, err := pack(page[:len(page)/2], limit)
	if err != nil {
		return nil, err
	}
	tail, err := pack(page[len(page)/2:], limit)
	return append(head, tail...), err
}

func encode(page []record) []byte {
	sorted := slices.Clone(page)
	slices.SortFunc(sorted, func(a, b record) int { return bytes.Compare(a.key[:], b.key[:]) })
	raw := []byte(segmentHead)
	for _, r := range sorted {
		raw = append(raw, r.key[:]...)
		raw = binary.BigEndian.AppendUint64(raw, uint64(r.stamp))
		raw = appendString(raw, r.masked)
		raw = binary.AppendUvarint(raw, uint64(len(r.unknown)))
		for _, word := range r.unknown {
			raw = appendString(raw, word)
		}
	}
	return raw
}

func appendString(raw []byte, s string) []byte {
	return append(binary.AppendUvarint(raw, uint64(len(s))), s...)
}

// unpack returns the segment that was stored, or errDamaged.
func unpack(data []byte) (*segment, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errDamaged
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxRawBytes+1))
	if err != nil || len(raw) > maxRawBytes {
		return nil, errDamaged
	}
	return parse(raw)
}

// segment is an unpacked one. It keeps the bytes as they are, and where each record
// begins: four bytes an entry more than the segment itself.
type segment struct {
	raw     []byte
	offsets []uint32
}

// parse checks the whole of a segment, so that a record of it can be read without.
func parse(raw []byte) (*segment, error) {
	if !bytes.HasPrefix(raw, []byte(segmentHead)) {
		return nil, errDamaged
	}
	s := &segment{raw: raw}
	for at := len(segmentHead); at < len(raw); {
		s.offsets = append(s.offsets, uint32(at))
		next, ok := skip(raw, at)
		if !ok {
			return nil, errDamaged
		}
		at = next
		if i := s.len() - 1; i > 0 {
			before, this := s.key(i-1), s.key(i)
			if bytes.Compare(before[:], this[:]) >= 0 {
				return nil, errDamaged
			}
		}
	}
	s.offsets = slices.Clip(s.offsets)
	return s, nil
}

// skip returns where the record after the one at a place begins.
func skip(raw []byte, at int) (int, bool) {
	if len(raw)-at < recordBytes {
		return 0, false
	}
	at, ok := skipString(raw, at+keyBytes+8)
	if !ok {
		return 0, false
	}
	words, n := binary.Uvarint(raw[at:])
	if n <= 0 {
		return 0, false
	}
	at += n
	for ; words > 0; words-- {
		if at, ok = skipString(raw, at); !ok {
			return 0, false
		}
	}
	return at, true
}

func skipString(raw []byte, at int) (int, bool) {
	length, n := binary.Uvarint(raw[at:])
	if n <= 0 || length > uint64(len(raw)-at-n) {
		return 0, false
	}
	return at + n + int(length), true
}

func (s *segment) len() int { return len(s.offsets) }

func (s *segment) key(i int) key { return key(s.raw[s.offsets[i]:][:keyBytes]) }

func (s *segment) stamp(i int) stamp {
	return stamp(binary.BigEndian.Uint64(s.raw[s.offsets[i]+keyBytes:]))
}

// record returns the one at an index. It shares no memory with the segment.
func (s *segment) record(i int) record {
	r := record{key: s.key(i), stamp: s.stamp(i)}
	rest := s.raw[s.offsets[i]+keyBytes+8:]
	r.masked, rest = takeString(rest)
	words, n := binary.Uvarint(rest)
	rest = rest[n:]
	for range words {
		var word string
		word, rest = takeString(rest)
		r.unknown = append(r.unknown, word)
	}
	return r
}

func takeString(raw []byte) (string, []byte) {
	length, n := binary.Uvarint(raw)
	end := n + int(length)
	return string(raw[n:end]), raw[end:]
}

// find returns the record of a key.
func (s *segment) find(k key) (record, bool) {
	i, ok := slices.BinarySearchFunc(s.offsets, k, func(at uint32, k key) int {
		return bytes.Compare(s.raw[at:][:keyBytes], k[:])
	})
	if !ok {
		return record{}, false
	}
	return s.record(i), true
}

// newest returns when the newest record was made; 1970 when there is none.
func (s *segment) newest() time.Time {
	var newest int64
	for i := range s.len() {
		newest = max(newest, s.stamp(i).milli())
	}
	return time.UnixMilli(newest).UTC()
}

// bytes that the unpacked segment takes.
func (s *segment) bytes() int { return cap(s.raw) + 4*cap(s.offsets) }
