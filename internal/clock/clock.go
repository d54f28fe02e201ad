package clock

import (
	"sync"
	"time"
)

// Clock tells the time in UTC, cut to microseconds, which both databases keep exactly.
type Clock interface {
	Now() time.Time
}

type system struct{}

// System is the machine's clock.
func System() Clock { return system{} }

func (system) Now() time.Time { return Trim(time.Now()) }

// Trim brings a time to the form in which Ponte keeps times: UTC, whole microseconds, no monotonic part.
func Trim(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Manual is a clock that stands still until a test moves it. It is safe for use by several goroutines.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual returns a clock that shows t.
func NewManual(t time.Time) *Manual { return &Manual{now: Trim(t)} }

// Now implements Clock.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock by d, which may be negative.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = Trim(m.now.Add(d))
}

// Set moves the clock to t.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = Trim(t)
}
