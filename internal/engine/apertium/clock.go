package apertium

import "time"

// Clock tells the time and ticks, so that tests own both.
type Clock interface {
	Now() time.Time
	// Tick sends the time over the channel again and again until stop is called.
	Tick(every time.Duration) (ticks <-chan time.Time, stop func())
}

type systemClock struct{}

func (systemClock) Now() time.Time {
	return time.Now() //nolint:forbidigo // the clock that everybody else is handed
}

func (systemClock) Tick(every time.Duration) (<-chan time.Time, func()) {
	ticker := time.NewTicker(every)
	return ticker.C, ticker.Stop
}
