package team

import (
	"fmt"
	"strings"
	"time"
)

const dayMinutes = 24 * 60

// Closed tells that no day has a span. A company without opening hours counts every hour.
func (h Hours) Closed() bool {
	for _, spans := range h {
		if len(spans) > 0 {
			return false
		}
	}
	return true
}

// sane tells that the spans of each day lie within it, in order and without touching one another twice.
func (h Hours) sane() bool {
	for _, spans := range h {
		if len(spans) > maxSpans {
			return false
		}
		last := -1
		for _, s := range spans {
			if s.From <= last || s.From < 0 || s.To <= s.From || s.To > dayMinutes {
				return false
			}
			last = s.To
		}
	}
	return true
}

// String writes the hours shortly, for the audit trail: "1 09:00-18:00" is Monday from nine to six.
func (h Hours) String() string {
	var b strings.Builder
	for d, spans := range h {
		for _, s := range spans {
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%d %02d:%02d-%02d:%02d", d, s.From/60, s.From%60, s.To/60, s.To%60)
		}
	}
	return b.String()
}

// Open tells whether someone is there at t: the clock on the wall in loc shows a minute within a span of its day.
func (h Hours) Open(t time.Time, loc *time.Location) bool {
	if h.Closed() {
		return true
	}
	l := t.In(loc)
	now := time.Duration(l.Hour())*time.Hour + time.Duration(l.Minute())*time.Minute +
		time.Duration(l.Second())*time.Second + time.Duration(l.Nanosecond())
	for _, s := range h[l.Weekday()] {
		if now >= minutes(s.From) && now < minutes(s.To) {
			return true
		}
	}
	return false
}

// Add gives the moment at which d of opening time has passed since t, by the clock on the wall in loc: an hour that
// the change to summer time leaves out is not worked, one that the change back repeats is worked twice. A company
// that is never open counts every hour; d below zero counts as zero.
func (h Hours) Add(t time.Time, d time.Duration, loc *time.Location) time.Time {
	if d <= 0 {
		return t
	}
	if h.Closed() {
		return t.Add(d)
	}
	for from, to := range h.spans(t, loc) {
		if open := to.Sub(from); open < d {
			d -= open
			continue
		}
		return from.Add(d).UTC()
	}
	return t // not reached: the spans never end
}

// Between gives the opening time between two moments; it is negative when b lies before a.
func (h Hours) Between(a, b time.Time, loc *time.Location) time.Duration {
	if b.Before(a) {
		return -h.Between(b, a, loc)
	}
	if h.Closed() {
		return b.Sub(a)
	}
	var sum time.Duration
	for from, to := range h.spans(a, loc) {
		if !from.Before(b) {
			break
		}
		if to.After(b) {
			to = b
		}
		sum += to.Sub(from)
	}
	return sum
}

// spans walks the open stretches from t on, without end, each within one day and one offset from UTC. At least one
// day must have a span.
func (h Hours) spans(t time.Time, loc *time.Location) func(yield func(from, to time.Time) bool) {
	return func(yield func(from, to time.Time) bool) {
		t := t
		for {
			l := t.In(loc)
			_, offset := l.Zone()
			_, change := l.ZoneBounds() // zero where the zone never changes again
			shift := time.Duration(offset) * time.Second
			// The wall as a time of its own, on which every day has 24 hours; wall minus shift is the moment.
			wall := t.UTC().Add(shift)
			midnight := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
			end := midnight.AddDate(0, 0, 1).Add(-shift)
			if change.After(t) && change.Before(end) { // on the last day of some leap years the library gives one that has been
				end = change.UTC()
			}
			for _, s := range h[wall.Weekday()] {
				from, to := midnight.Add(minutes(s.From)-shift), midnight.Add(minutes(s.To)-shift)
				if from.Before(t) {
					from = t
				}
				if to.After(end) {
					to = end
				}
				if from.Before(to) && !yield(from, to) {
					return
				}
			}
			t = end
		}
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
