package schedule

import (
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Quiet are the times in which nothing goes out.
type Quiet struct {
	Windows []Window
	Weekly  []Weekly
}

// Window is a stretch of the calendar, from From until just before To.
type Window struct {
	From, To Wall
	Name     string // what the company calls it
}

// Weekly is a stretch of every week, in minutes since midnight: from From until just before To, which is in the next day when it is not
// behind From. From 0 to 1440, like from 0 to 0, is the whole day.
type Weekly struct {
	Weekday  time.Weekday
	From, To int
}

// Bounds of quiet times.
const (
	MostWindows = 100
	MostWeekly  = 100
)

// Check finds what is wrong with quiet times.
func (q Quiet) Check() error {
	var wrong []fault.Field
	if len(q.Windows) > MostWindows {
		wrong = append(wrong, fault.Field{Name: "windows", Key: "schedule.quiet.many", Args: map[string]any{"max": MostWindows}})
	}
	if len(q.Weekly) > MostWeekly {
		wrong = append(wrong, fault.Field{Name: "weekly", Key: "schedule.quiet.many", Args: map[string]any{"max": MostWeekly}})
	}
	for _, w := range q.Windows {
		if w.To.Compare(w.From) <= 0 {
			wrong = append(wrong, fault.Field{Name: "windows", Key: "schedule.quiet.backwards", Args: map[string]any{"from": w.From.String(), "to": w.To.String()}})
		}
	}
	for _, w := range q.Weekly {
		if !w.sane() {
			wrong = append(wrong, fault.Field{Name: "weekly", Key: "schedule.quiet.weekly"})
		}
	}
	if q.always() {
		wrong = append(wrong, fault.Field{Name: "weekly", Key: "schedule.quiet.always"})
	}
	return fault.InvalidFields(wrong...)
}

// Clear gives the first moment from at on that lies in no window, at itself when it does not. A window holds every
// moment at which the clock shows something in it, both when that comes twice. It is false when the weekly windows leave no minute of the week.
func (q Quiet) Clear(at time.Time, zone *time.Location) (time.Time, bool) {
	if q.always() {
		return time.Time{}, false
	}
	type span struct{ from, to time.Time }
	var windows []span
	for _, w := range q.Windows {
		if w.To.Compare(w.From) > 0 {
			windows = append(windows, span{edge(w.From, zone, false), edge(w.To, zone, true)})
		}
	}
	for {
		end := q.weeklyEnd(at, zone)
		for _, w := range windows {
			if !at.Before(w.from) && w.to.After(at) && w.to.After(end) {
				end = w.to
			}
		}
		if end.IsZero() {
			return at, true
		}
		at = end
	}
}

// Covers tells whether a moment lies in a window.
func (q Quiet) Covers(at time.Time, zone *time.Location) bool {
	next, ok := q.Clear(at, zone)
	return !ok || !next.Equal(at)
}

// weeklyEnd gives the last end of the weekly windows that a moment lies in, zero when it lies in none.
func (q Quiet) weeklyEnd(at time.Time, zone *time.Location) (end time.Time) {
	if len(q.Weekly) == 0 {
		return time.Time{}
	}
	today := WallOf(at, zone).utc()
	for off := -2; off <= 1; off++ { // one of yesterday runs into today; a jump may put a day between
		day := today.AddDate(0, 0, off)
		for _, w := range q.Weekly {
			if w.Weekday != day.Weekday() || !w.sane() {
				continue
			}
			wall := Wall{Year: day.Year(), Month: day.Month(), Day: day.Day(), Minute: w.From}
			from := edge(wall, zone, false)
			wall.Minute = w.From + w.length()
			if to := edge(wall, zone, true); !at.Before(from) && to.After(at) && to.After(end) {
				end = to
			}
		}
	}
	return end
}

func (w Weekly) sane() bool {
	return w.Weekday >= time.Sunday && w.Weekday <= time.Saturday && w.From >= 0 && w.From < dayMinutes && w.To >= 0 && w.To <= dayMinutes
}

// length is how many minutes a window has, 1 to 1440.
func (w Weekly) length() int {
	if w.To > w.From {
		return w.To - w.From
	}
	return w.To + dayMinutes - w.From
}

// always tells that the weekly windows leave no minute of the week.
func (q Quiet) always() bool {
	const week = 7 * dayMinutes
	if len(q.Weekly) == 0 {
		return false
	}
	var quiet [week]bool
	n := 0
	for _, w := range q.Weekly {
		if !w.sane() {
			continue
		}
		for i := range w.length() {
			m := (int(w.Weekday)*dayMinutes + w.From + i) % week
			if !quiet[m] {
				quiet[m] = true
				n++
			}
		}
	}
	return n == week
}
