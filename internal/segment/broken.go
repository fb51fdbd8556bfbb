package segment

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// broken returns the sentences of a line, side by side, as a breaker finds them.
func (s *splitter) broken(line extent, breaker Breaker) []extent {
	tags := s.shade.inside(s.shade.tags, line)
	plain := s.withoutTags(line, tags)
	var found []extent
	current := extent{line.start, line.start}
	hidden := 0 // bytes of the tags before the offset
	last := 0
	for _, at := range breaker.Breaks(plain) {
		if at <= last || at >= len(plain) {
			continue
		}
		last = at
		for len(tags) > 0 && tags[0].start-line.start-hidden <= at {
			hidden += tags[0].end - tags[0].start
			tags = tags[1:]
		}
		// A place with tags is behind them; opening ones go with the next sentence.
		start := s.shade.beforeTags(line.start+at+hidden, current.start)
		if start <= current.start || !s.mayCut(start) {
			continue
		}
		found = append(found, extent{current.start, start})
		current.start = start
	}
	return append(found, extent{current.start, line.end})
}

// withoutTags returns a line of the shade without the tags in it.
func (s *splitter) withoutTags(line extent, tags []extent) string {
	if len(tags) == 0 {
		return s.shade.text[line.start:line.end]
	}
	var plain strings.Builder
	at := line.start
	for _, tag := range tags {
		plain.WriteString(s.shade.text[at:tag.start])
		at = tag.end
	}
	plain.WriteString(s.shade.text[at:line.end])
	return plain.String()
}

// mayCut says whether an offset is neither inside a field nor inside a character.
func (s *splitter) mayCut(at int) bool {
	i := s.shade.endingBehind(s.shade.fields, at)
	inside := i < len(s.shade.fields) && s.shade.fields[i].start < at
	return !inside && utf8.RuneStart(s.text[at])
}

// inside returns those of a list that lie in a line.
func (s shade) inside(list []extent, line extent) []extent {
	from := s.endingBehind(list, line.start)
	to := s.endingBehind(list, line.end)
	if to < len(list) && list[to].end == line.end {
		to++
	}
	return list[from:to]
}

// endingBehind returns the index of the first of a list that ends behind an offset.
func (s shade) endingBehind(list []extent, at int) int {
	i, _ := slices.BinarySearchFunc(list, at, func(e extent, at int) int {
		if e.end <= at {
			return -1
		}
		return 1
	})
	return i
}
