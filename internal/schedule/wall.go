package schedule

import (
	"cmp"
	"time"
)

// Wall is what the clock on a company's wall shows, to the minute, without saying where the wall is. Fields beyond their
// range run over as in time.Date: the 31st of April is the 1st of May.
type Wall struct {
	Year   int
	Month  time.Month
	Day    int
	Hour   int
	Minute int
}

// Kind says how often a clock on the wall shows something.
type Kind string

// The kinds: most minutes come once. When the clocks are put forward some never come, when they are put back some come twice.
const (
	Exact   Kind = "exact"
	Missing Kind = "missing"
	Doubled Kind = "doubled"
)

// Key is the key of the sentence that tells people about it, "" for what is ordinary. The sentence wants asked, what the clock was to
// show; that of a missing minute also used, what it shows then.
func (k Kind) Key() string {
	switch k {
	case Missing:
		return "schedule.missing"
	case Doubled:
		return "schedule.doubled"
	}
	return ""
}

// layout is how walls are written: as the browser's field for date and time writes them.
const layout = "2006-01-02T15:04"

// WallOf reads the clock on the wall of a zone.
func WallOf(t time.Time, zone *time.Location) Wall {
	t = t.In(zone)
	return Wall{Year: t.Year(), Month: t.Month(), Day: t.Day(), Hour: t.Hour(), Minute: t.Minute()}
}

// ParseWall reads 2026-03-29T02:30. What no calendar has (the 31st of April) is refused.
func ParseWall(s string) (Wall, bool) {
	t, err := time.Parse(layout, s)
	return WallOf(t, time.UTC), err == nil
}

// String writes 2026-03-29T02:30.
func (w Wall) String() string { return w.utc().Format(layout) }

// Compare is below 0 when w stands before o in the calendar, above 0 when behind it.
func (w Wall) Compare(o Wall) int { return cmp.Compare(w.seconds(), o.seconds()) }

// utc is the wall as if it hung in Greenwich, where every day has 24 hours.
func (w Wall) utc() time.Time {
	return time.Date(w.Year, w.Month, w.Day, w.Hour, w.Minute, 0, 0, time.UTC)
}

func (w Wall) seconds() int64 { return w.utc().Unix() }

// In gives the moment, in UTC, at which the clock on the wall of a zone shows w. What the clocks jump over is moved on by
// as much as they jump: 2:30 becomes 3:30. What comes twice is the first one, or the second if that is asked for.
func In(w Wall, zone *time.Location, second bool) (time.Time, Kind) {
	all, kind := Moments(w, zone)
	if second {
		return all[len(all)-1], kind
	}
	return all[0], kind
}

// Moments gives every moment, in UTC, at which the clock shows w: both when it comes twice, else one, moved on as in In
// when the clocks jump over it.
func Moments(w Wall, zone *time.Location) ([]time.Time, Kind) {
	found, gap := look(w, zone)
	switch len(found) {
	case 0:
		return []time.Time{gap.moved}, Missing
	case 1:
		return found, Exact
	}
	return found, Doubled
}

// jump is where the clocks are put forward over a wall.
type jump struct {
	at    time.Time     // the first moment after it
	moved time.Time     // the wall moved on by as much
	by    time.Duration // as much
}

// Where changes of the clocks are looked for: farther away from a wall than any clock has ever been from Greenwich, and than
// two have ever been apart; every so often.
const (
	farthest = 36 * time.Hour
	stride   = 6 * time.Hour
)

// look finds the moments at which the clock shows w, in their order, else where it is jumped over.
func look(w Wall, zone *time.Location) (found []time.Time, gap jump) {
	u := w.utc()
	last := u.Add(farthest)
	t := u.Add(-farthest)
	offset := offsetAt(t, zone)
	var from time.Time // since when the clocks have not been touched; zero: before all this
	for {
		to, next := change(t, last, zone)
		at := u.Add(-offset)
		if (from.IsZero() || !at.Before(from)) && at.Before(to) {
			found = append(found, at)
		}
		if to.Equal(last) {
			return found, gap
		}
		if !at.Before(to) && u.Add(-next).Before(to) {
			gap = jump{at: to, moved: at, by: next - offset}
		}
		t, from, offset = to, to, next
	}
}

// change gives the first moment behind t at which the clocks are touched, in UTC, and how far they are from Greenwich from then on; last when there is
// none before. It asks the clock itself: the bounds that the library tells of a zone are wrong on the last day of leap
// years behind 2037.
func change(t, last time.Time, zone *time.Location) (at time.Time, offset time.Duration) {
	before := offsetAt(t, zone)
	for t.Before(last) {
		end := t.Add(stride)
		if end.After(last) {
			end = last
		}
		if offset = offsetAt(end, zone); offset != before {
			for end.Sub(t) > time.Second { // whole seconds: halves of them would never end
				middle := t.Add((end.Sub(t) / 2).Truncate(time.Second))
				if offsetAt(middle, zone) == before {
					t = middle
				} else {
					end = middle
				}
			}
			return end, offsetAt(end, zone)
		}
		t = end
	}
	return last, before
}

// offsetAt tells how far the clocks of a zone are from Greenwich.
func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// edge gives the moment at which a window begins or ends: where the clocks jump over it the jump, of two the first one
// for a beginning and the last one for an end. So a window holds every moment at which the clock shows something in it.
func edge(w Wall, zone *time.Location, end bool) time.Time {
	found, gap := look(w, zone)
	switch {
	case len(found) == 0:
		return gap.at
	case end:
		return found[len(found)-1]
	}
	return found[0]
}

// noDay tells that the clocks jump over a whole day, and w lies in it.
func noDay(w Wall, zone *time.Location) bool {
	found, gap := look(w, zone)
	return len(found) == 0 && gap.by >= 24*time.Hour
}
