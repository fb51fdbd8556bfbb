package payload

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
)

// pageOverhead is more than gzip adds to a part of a page that cannot be compressed.
const pageOverhead = 1 << 10

// page is what one blob of a checkpoint says. All but the data is in the comment of
// its gzip header, so that zcat shows the data alone.
type page struct {
	// writer is the Pages that made it.
	writer string
	// A mark says that its writer took the job over. It has no data.
	mark bool
	// part of parts; a page has more than one when it is too large for a blob.
	part, parts int
	data        []byte
}

func (p page) pack() ([]byte, error) {
	what := "page"
	if p.mark {
		what = "take-over"
	}
	return pack(p.data, fmt.Sprintf("%s %d/%d by %s", what, p.part, p.parts, p.writer))
}

// split packs a page into as many blobs as it takes.
func (p page) split(most int) ([][]byte, error) {
	p.part, p.parts = 1, 1
	whole, err := p.pack()
	if err != nil || len(whole) <= most {
		return [][]byte{whole}, err
	}
	var out [][]byte
	rest, size := p.data, most-pageOverhead
	for p.parts = (len(rest) + size - 1) / size; len(rest) > 0; p.part++ {
		n := min(len(rest), size)
		p.data, rest = rest[:n], rest[n:]
		packed, err := p.pack()
		if err != nil {
			return nil, err
		}
		out = append(out, packed)
	}
	return out, nil
}

// unpackPage reads a blob. A damaged one still names its writer when its header is
// whole.
func unpackPage(packed []byte) (page, error) {
	var (
		p    page
		what string
	)
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return p, fmt.Errorf("decompress: %w", err)
	}
	if _, err := fmt.Sscanf(r.Comment, "%s %d/%d by %s", &what, &p.part, &p.parts, &p.writer); err != nil {
		return p, errors.New("the header is not one of a page")
	}
	p.mark = what == "take-over"
	p.data, err = inflate(r, maxResult)
	return p, err
}

// book is what the pages of a job say together.
type book struct {
	pages [][]byte
	next  int // number of the page that is not there yet
	// progressed says that a page came after the last mark.
	progressed bool

	parts [][]byte // of a page that is not whole yet
}

// add takes the blob with the next number. A damaged page, and one whose writer was
// lost in the middle, costs what it held.
func (b *book) add(packed []byte) {
	b.next++
	p, err := unpackPage(packed)
	if err != nil || p.part == 1 || p.part != len(b.parts)+1 {
		b.parts = nil
	}
	switch {
	case err != nil || p.part != len(b.parts)+1:
	case p.mark:
		b.progressed = false
	default:
		b.parts = append(b.parts, p.data)
		if p.part == p.parts {
			b.pages = append(b.pages, bytes.Join(b.parts, nil))
			b.parts, b.progressed = nil, true
		}
	}
}
