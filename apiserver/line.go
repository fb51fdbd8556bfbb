package apiserver

import (
	"cmp"
	"slices"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// line orders the jobs of an account that have not begun: higher priority first,
// then older. It tells a job's place without walking past all that stand before it:
// the jobs stand in blocks, and whole blocks are counted at once.
type line struct {
	blocks [][]place
}

// place is where a job stands in the line.
type place struct {
	priority int32
	position
}

func (p place) compare(q place) int {
	if c := cmp.Compare(q.priority, p.priority); c != 0 {
		return c
	}
	return p.position.compare(q.position)
}

func placeOf(job *v1alpha1.TranslationJob) place {
	at := place{position: positionOf(job)}
	if job.Spec.Priority != nil {
		at.priority = *job.Spec.Priority
	}
	return at
}

// maxBlock bounds a block. To find a place takes as many steps as there are blocks,
// and to make one moves at most a block: both stay under a thousand for 100 000 jobs.
const maxBlock = 512

// block returns the block in which a place is, or would be.
func (l *line) block(p place) int {
	i, _ := slices.BinarySearchFunc(l.blocks, p, func(block []place, p place) int { return block[len(block)-1].compare(p) })
	return i
}

// join puts a job into the line. One that stands there already stays.
func (l *line) join(p place) {
	i := l.block(p)
	if i == len(l.blocks) {
		if i == 0 || len(l.blocks[i-1]) >= maxBlock {
			l.blocks = append(l.blocks, []place{p})
			return
		}
		i--
	}
	at, found := slices.BinarySearchFunc(l.blocks[i], p, place.compare)
	if found {
		return
	}
	block := slices.Insert(l.blocks[i], at, p)
	if len(block) > maxBlock {
		half := len(block) / 2
		l.blocks = slices.Insert(l.blocks, i+1, slices.Clone(block[half:]))
		block = slices.Clip(block[:half])
	}
	l.blocks[i] = block
}

// leave takes a job out of the line, if it stands there.
func (l *line) leave(p place) {
	i := l.block(p)
	if i == len(l.blocks) {
		return
	}
	at, found := slices.BinarySearchFunc(l.blocks[i], p, place.compare)
	if !found {
		return
	}
	l.blocks[i] = slices.Delete(l.blocks[i], at, at+1)
	if len(l.blocks[i]) == 0 {
		l.blocks = slices.Delete(l.blocks, i, i+1)
	}
}

// rank returns how many jobs go before a place.
func (l *line) rank(p place) int {
	i := l.block(p)
	n := 0
	for _, block := range l.blocks[:i] {
		n += len(block)
	}
	if i < len(l.blocks) {
		at, _ := slices.BinarySearchFunc(l.blocks[i], p, place.compare)
		n += at
	}
	return n
}
