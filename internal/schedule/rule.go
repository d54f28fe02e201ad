package schedule

import (
	"iter"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Unit is what a rule counts in. Stored.
type Unit string

// The units.
const (
	Day   Unit = "day"
	Week  Unit = "week"
	Month Unit = "month"
)

// Bounds of rules.
const (
	MostTimes    = 2000 // how often a rule may come: five years of days
	MostInterval = 99
	dayMinutes   = 24 * 60
)

// Rule says when something comes again: every so many days, weeks or months, at the same time by the clock on the wall. It must end, with
// Until, Count or both.
type Rule struct {
	Every    Unit
	Interval int            // every so many; 0 is 1
	Weekdays []time.Weekday // of weeks: on which days; none: on that of the start. Weeks begin on Monday
	Day      int            // of months: 1 to 31, in a shorter month its last day; 0: the day of the start
	Hour     int
	Minute   int
	Until    time.Time // the last moment at which it may come; zero: Count ends it
	Count    int       // how often it comes; 0: Until ends it
}

// Check finds what is wrong with a rule that starts at a wall of a zone.
func (r Rule) Check(start Wall, zone *time.Location) error {
	var wrong []fault.Field
	bad := func(name, key string) { wrong = append(wrong, fault.Field{Name: name, Key: key}) }
	if r.Every != Day && r.Every != Week && r.Every != Month {
		bad("every", "schedule.rule.every")
	}
	if r.Interval < 0 || r.Interval > MostInterval {
		wrong = append(wrong, fault.Field{Name: "interval", Key: "schedule.rule.interval", Args: map[string]any{"max": MostInterval}})
	}
	if slices.ContainsFunc(r.Weekdays, func(d time.Weekday) bool { return d < time.Sunday || d > time.Saturday }) {
		bad("weekdays", "schedule.rule.weekday")
	}
	if r.Day < 0 || r.Day > 31 {
		bad("day", "schedule.rule.day")
	}
	if r.Hour < 0 || r.Hour > 23 || r.Minute < 0 || r.Minute > 59 {
		bad("time", "schedule.rule.time")
	}
	switch {
	case r.Until.IsZero() && r.Count == 0:
		bad("until", "schedule.rule.endless")
	case r.Count < 0 || r.Count > MostTimes:
		wrong = append(wrong, fault.Field{Name: "count", Key: "schedule.rule.count", Args: map[string]any{"max": MostTimes}})
	case len(wrong) == 0:
		n, more := 0, false
		for range r.all(start, zone) {
			if n++; n > MostTimes {
				more = true
				break
			}
		}
		if n == 0 {
			bad("until", "schedule.rule.never")
		}
		if more {
			wrong = append(wrong, fault.Field{Name: "until", Key: "schedule.rule.long", Args: map[string]any{"max": MostTimes}})
		}
	}
	return fault.InvalidFields(wrong...)
}

// Next gives the n-th moment of a rule in UTC, counted from 0, which is the first at or after start. The clock on the wall shows the same at every one; an
// hour that the clocks jump over is moved on (Missing), of one that comes twice it is the first (Doubled), and a day
// that a zone leaves out is not counted. It is false behind the end.
func (r Rule) Next(n int, start Wall, zone *time.Location) (time.Time, Kind, bool) {
	if n < 0 {
		return time.Time{}, "", false
	}
	for at, kind := range r.All(start, zone) {
		if n == 0 {
			return at, kind, true
		}
		n--
	}
	return time.Time{}, "", false
}

// All gives the moments of a rule in their order, at most MostTimes, and none of a rule without an end.
func (r Rule) All(start Wall, zone *time.Location) iter.Seq2[time.Time, Kind] {
	return func(yield func(time.Time, Kind) bool) {
		n := 0
		for at, kind := range r.all(start, zone) {
			if n == MostTimes || !yield(at, kind) {
				return
			}
			n++
		}
	}
}

// all is All without the bound.
func (r Rule) all(start Wall, zone *time.Location) iter.Seq2[time.Time, Kind] {
	return func(yield func(time.Time, Kind) bool) {
		if r.Until.IsZero() && r.Count <= 0 {
			return
		}
		n := 0
		for day := range r.days(start) {
			w := Wall{Year: day.Year(), Month: day.Month(), Day: day.Day(), Hour: r.Hour, Minute: r.Minute}
			if w.Compare(start) < 0 || noDay(w, zone) {
				continue
			}
			at, kind := In(w, zone, false)
			if !r.Until.IsZero() && at.After(r.Until) || !yield(at, kind) {
				return
			}
			if n++; n == r.Count {
				return
			}
		}
	}
}

// days gives the days of a rule from that of the start on, without end, as their midnights in Greenwich.
func (r Rule) days(start Wall) iter.Seq[time.Time] {
	s := start.utc()
	first := time.Date(s.Year(), s.Month(), s.Day(), 0, 0, 0, 0, time.UTC)
	step := max(r.Interval, 1)
	return func(yield func(time.Time) bool) {
		switch r.Every {
		case Day:
			for day := first; yield(day); {
				day = day.AddDate(0, 0, step)
			}
		case Week:
			on := [7]bool{}
			for _, d := range r.Weekdays {
				if d >= time.Sunday && d <= time.Saturday {
					on[d] = true
				}
			}
			if on == [7]bool{} {
				on[first.Weekday()] = true
			}
			monday := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
			for ; ; monday = monday.AddDate(0, 0, 7*step) {
				for i := range 7 {
					day := monday.AddDate(0, 0, i)
					if on[day.Weekday()] && !day.Before(first) && !yield(day) {
						return
					}
				}
			}
		case Month:
			want := r.Day
			if want < 1 {
				want = first.Day()
			}
			for month := first.AddDate(0, 0, 1-first.Day()); ; month = month.AddDate(0, step, 0) {
				last := month.AddDate(0, 1, -1).Day()
				if day := month.AddDate(0, 0, min(want, last)-1); !day.Before(first) && !yield(day) {
					return
				}
			}
		}
	}
}
