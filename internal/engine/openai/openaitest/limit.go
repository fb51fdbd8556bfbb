package openaitest

import "time"

// minute is the length of the sliding window of a limit.
const minute = time.Minute

// window is a sliding window over the calls that were admitted.
type window struct {
	admitted []time.Time // oldest first
	refused  int
	most     int
}

// admit says whether the limit lets a call in, and else after how long it will.
func (s *Server) admit() (time.Duration, bool) {
	if s.RequestsPerMinute <= 0 {
		return 0, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w, now := &s.window, s.Clock.Now()
	for len(w.admitted) > 0 && now.Sub(w.admitted[0]) >= minute {
		w.admitted = w.admitted[1:]
	}
	if len(w.admitted) >= s.RequestsPerMinute {
		w.refused++
		return w.admitted[0].Add(minute).Sub(now), false
	}
	w.admitted = append(w.admitted, now)
	w.most = max(w.most, len(w.admitted))
	return 0, true
}

// tooMany refuses a call over the limit, and says in whole seconds when to come back.
func tooMany(wait time.Duration) Fault {
	f := Status429((wait + time.Second - 1).Truncate(time.Second))
	f.Name = "RequestsPerMinute"
	return f
}
