package injection

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// rule is met where a stem of each of its roles stands close together.
type rule struct {
	class  Class
	weight float64
	// needs are the roles; the first is the anchor, which the guards look at.
	needs []role
	// within is the most bytes from the first stem's begin to the last one's end.
	within int
	// apart lets the stems stand in different sentences; tight wants no comma between
	// them either.
	apart, tight bool
	// without is a role that may not stand between the stems.
	without role
}

// rules of the lexicon. The weights say what share of the texts that meet a rule are
// meant for a model: .7 blocks alone, .5 flags alone, less needs company.
var rules = []rule{
	{class: Override, weight: 0.7, needs: []role{ignore, instr, prior | all | your}, within: 120, without: object},
	{class: Override, weight: 0.55, needs: []role{ignore, limits, your}, within: 90, tight: true, without: object},
	{class: Override, weight: 0.6, needs: []role{ignore, above, order | do}, within: 160, apart: true, without: object},
	{class: Override, weight: 0.5, needs: []role{ignore, all, order}, within: 110, apart: true, without: object},
	{class: Exfiltration, weight: 0.7, needs: []role{reveal, prompt}, within: 100},
	{class: Exfiltration, weight: 0.7, needs: []role{reveal, own}, within: 100},
	{class: Exfiltration, weight: 0.6, needs: []role{betray, sysprompt}, within: 90},
	{class: Exfiltration, weight: 0.7, needs: []role{reveal | show, mild | sysprompt, verbatim}, within: 120},
	{class: Exfiltration, weight: 0.55, needs: []role{show, own}, within: 80},
	{class: TaskSwitch, weight: 0.6, needs: []role{swap}},
	{class: TaskSwitch, weight: 0.6, needs: []role{shun, order}, within: 160, apart: true},
	{class: TaskSwitch, weight: 0.4, needs: []role{shun, do}, within: 120, apart: true},
	{class: TaskSwitch, weight: 0.6, needs: []role{refuse, order}, within: 180, apart: true},
	{class: TaskSwitch, weight: 0.6, needs: []role{refuse, instead, do}, within: 180, apart: true},
	{class: TaskSwitch, weight: 0.4, needs: []role{refuse, do}, within: 120, apart: true},
	{class: TaskSwitch, weight: 0.5, needs: []role{translate, first, order | prompt | own}, within: 180, apart: true},
	{class: TaskSwitch, weight: 0.4, needs: []role{newtask}},
	{class: RolePlay, weight: 0.55, needs: []role{become, rogue}, within: 110, without: talk},
	{class: RolePlay, weight: 0.4, needs: []role{become, persona}, within: 80, without: talk},
	{class: Jailbreak, weight: 0.5, needs: []role{jailbreak}},
	{class: OutputOrder, weight: 0.35, needs: []role{order}},
	{class: Addressee, weight: 0.35, needs: []role{address}},
}

// verbs are the roles that somebody else than the reader may play.
const verbs = ignore | reveal | show | betray

const (
	// neighbours bounds how many stems a rule looks at on either side of its anchor.
	neighbours = 40
	// beforeVerb is how far before a verb a negation may stand, in bytes, and
	// behindVerb how far behind it.
	beforeVerb, behindVerb = 14, 90
	// aboutReach is how far from an order a sign may stand that the text is about
	// orders, in bytes; aboutFactor what the order then weighs.
	aboutReach, aboutFactor = 240, 0.4
	// quoteReach is how far the signs of a quotation may stand, and leastWords how many
	// words have to stand outside of it: a text that is all quotation is no quotation.
	quoteReach, leastWords = 240, 4
)

// scene is a folded text with its stems.
type scene struct {
	text []byte
	hits []hit
}

// met says whether some roles are all that a rule needs.
func (r rule) met(roles role) bool {
	for _, need := range r.needs {
		if roles&need == 0 {
			return false
		}
	}
	return true
}

// votes returns the heaviest vote of each rule that the roles in the text may meet.
func (s *scene) votes(roles role) []vote {
	var out []vote
	for _, r := range rules {
		if !r.met(roles) {
			continue
		}
		if best := s.weigh(r); best > 0 {
			out = append(out, vote{r.class, best})
		}
	}
	return out
}

// weigh returns what a rule weighs in the text; 0 when it is not met.
func (s *scene) weigh(r rule) float64 {
	best := 0.0
	for i, anchor := range s.hits {
		if anchor.roles&r.needs[0] == 0 || best == r.weight {
			continue
		}
		start, end, ok := s.gather(r, i)
		if !ok || s.negated(r, i) {
			continue
		}
		weight := r.weight
		if s.mentioned(start, end) || s.quoted(start, end) {
			weight *= aboutFactor
		}
		best = max(best, weight)
	}
	return best
}

// gather finds the stems of a rule around an anchor, each as near as there is, and
// returns where they begin and end.
func (s *scene) gather(r rule, at int) (start, end int, ok bool) {
	anchor := s.hits[at]
	start, end = anchor.start, anchor.end
	for _, need := range r.needs[1:] {
		found, ok := s.nearest(r, at, need)
		if !ok {
			return 0, 0, false
		}
		start, end = min(start, found.start), max(end, found.end)
	}
	if r.within > 0 && end-start > r.within || r.tight && s.paused(start, end) {
		return 0, 0, false
	}
	if r.without != 0 && s.between(at, start, end, r.without) {
		return 0, 0, false
	}
	return start, end, true
}

// nearest returns the stem of a role that is nearest to an anchor and does not lie
// within it.
func (s *scene) nearest(r rule, at int, need role) (hit, bool) {
	anchor := s.hits[at]
	var best hit
	distance := r.within + 1
	for i := max(0, at-neighbours); i < min(len(s.hits), at+neighbours); i++ {
		h := s.hits[i]
		if i == at || h.roles&need == 0 || h.start >= anchor.start && h.end <= anchor.end {
			continue
		}
		gap := h.start - anchor.end
		if h.start < anchor.start {
			gap = anchor.start - h.end
		}
		if gap = max(gap, 0); gap >= distance || !r.apart && s.broken(min(h.end, anchor.end), max(h.start, anchor.start)) {
			continue
		}
		best, distance = h, gap
	}
	return best, distance <= r.within
}

// between says whether a stem of a role stands among those of a rule.
func (s *scene) between(at, start, end int, unwanted role) bool {
	for i := max(0, at-neighbours); i < min(len(s.hits), at+neighbours); i++ {
		if h := s.hits[i]; h.roles&unwanted != 0 && h.start >= start && h.end <= end {
			return true
		}
	}
	return false
}

// negated says whether the verb of a rule is negated or has another subject than the
// reader: "do not ignore", "people who ignore".
func (s *scene) negated(r rule, at int) bool {
	for i := max(0, at-neighbours); i < min(len(s.hits), at+neighbours); i++ {
		if s.hits[i].roles&(negated|not|late|subject) != 0 && s.negates(r, s.hits[i], s.hits[at]) {
			return true
		}
	}
	return false
}

// negates says whether a stem takes an order back.
func (s *scene) negates(r rule, h, verb hit) bool {
	before, behind := verb.start-h.end, h.start-verb.end
	if before < 0 && behind < 0 {
		return h.roles&negated != 0 // the verb with its negation in it
	}
	if h.roles&not != 0 && before >= 0 && before <= beforeVerb && !s.paused(h.end, verb.start) {
		return true
	}
	if h.roles&late != 0 && r.class == Override && behind >= 0 && behind <= behindVerb && !s.clauseEnds(verb.end, h.start) {
		return true
	}
	return h.roles&subject != 0 && verbs&r.needs[0] != 0 && before == 1 && !s.told(h.start)
}

// told says whether the reader is told to do something: "you must", "I want you to".
func (s *scene) told(at int) bool {
	return bytes.Contains(s.text[max(0, at-12):at], []byte("you"))
}

// mentioned says whether the text near a place is about such orders.
func (s *scene) mentioned(start, end int) bool {
	return slices.ContainsFunc(s.hits, func(h hit) bool {
		return h.roles&mention != 0 && h.end > start-aboutReach && h.start < end+aboutReach && (h.start < start || h.end > end)
	})
}

// broken says whether a sentence ends between two places.
func (s *scene) broken(from, to int) bool {
	for i := from; i < to; i++ {
		switch c := s.text[i]; {
		case c == '\n', c == '!', c == '?':
			return true
		case c == '.' && (i+1 >= len(s.text) || s.text[i+1] == ' ' || s.text[i+1] == '\n'):
			return true
		case c == 0xe3 && bytes.HasPrefix(s.text[i:], []byte("。")), c == 0xd8 && bytes.HasPrefix(s.text[i:], []byte("؟")):
			return true
		}
	}
	return false
}

// paused says whether a sign of punctuation stands between two places.
func (s *scene) paused(from, to int) bool {
	return from < to && (bytes.ContainsAny(s.text[from:to], ",;:") || s.broken(from, to))
}

// clauseEnds says whether a clause ends between two places.
func (s *scene) clauseEnds(from, to int) bool {
	if s.paused(from, to) {
		return true
	}
	for _, word := range []string{" und ", " et ", " en ", " och ", " mais "} {
		if bytes.Contains(s.text[from:to], []byte(word)) {
			return true
		}
	}
	return false
}

// quotations are the pairs of signs that quote, as folding leaves them.
var quotations = [][2]string{
	{"“", "”"}, {"„", "“"}, {"„", "”"}, {"”", "”"}, {"«", "»"}, {"»", "«"}, {"「", "」"}, {"『", "』"}, {"‹", "›"}, {`"`, `"`}, {"`", "`"}, {" '", "'"}, {"<code>", "</code>"}, {"<q>", "</q>"}, {"<i>", "</i>"}, {"<em>", "</em>"},
}

// quoted says whether a place lies in a quotation that is part of a longer text.
func (s *scene) quoted(start, end int) bool {
	left, right := s.text[max(0, start-quoteReach):start], s.text[end:min(len(s.text), end+quoteReach)]
	for _, pair := range quotations {
		open, closing := []byte(pair[0]), []byte(pair[1])
		from, to := bytes.LastIndex(left, open), bytes.Index(right, closing)
		if from < 0 || to < 0 {
			continue
		}
		inside := left[from+len(open):]
		if pair[0] != pair[1] && bytes.Contains(inside, closing) || pair[0] == pair[1] && bytes.Count(left, open)%2 == 0 {
			continue
		}
		opens := max(0, start-quoteReach) + from
		if wordsIn(s.text[:opens])+wordsIn(s.text[end+to+len(closing):]) >= leastWords {
			return true
		}
	}
	return false
}

// wordsIn counts words, and letters of scripts without spaces by twos.
func wordsIn(text []byte) int {
	words, joint, in := 0, 0, false
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if joins(r) {
			joint++
		}
		letter := isLetter(r)
		if letter && !in {
			words++
		}
		in = letter
	}
	return max(words, joint/2)
}
