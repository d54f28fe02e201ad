package schedule

import (
	"slices"
	"time"
)

// Slot is a minute of the week at which a channel has room for something from its queue.
type Slot struct {
	Weekday time.Weekday
	Minute  int // since midnight, 0 to 1439
}

// mostDays bounds how far ahead a free slot is looked for: ten years.
const mostDays = 3653

// NextSlot gives the first moment of the slots, in UTC, that lies behind after and is not taken; a nil taken means that none is.
// A slot that the clocks jump over is moved on by as much as they jump; one that comes twice is the first. On a
// day that a zone leaves out there are none. It is false when there are no slots or all of ten years are taken.
func NextSlot(slots []Slot, taken func(time.Time) bool, zone *time.Location, after time.Time) (time.Time, bool) {
	var week [7][]int
	for _, s := range slots {
		if s.Weekday >= time.Sunday && s.Weekday <= time.Saturday && s.Minute >= 0 && s.Minute < dayMinutes {
			week[s.Weekday] = append(week[s.Weekday], s.Minute)
		}
	}
	day := WallOf(after, zone).utc().AddDate(0, 0, -1) // a slot of yesterday may have been moved on to today
	var moments []time.Time
	for range mostDays {
		for _, m := range week[day.Weekday()] {
			w := Wall{Year: day.Year(), Month: day.Month(), Day: day.Day(), Minute: m}
			if noDay(w, zone) {
				break
			}
			if at, _ := In(w, zone, false); at.After(after) {
				moments = append(moments, at)
			}
		}
		day = day.AddDate(0, 0, 1)
		tomorrow := edge(Wall{Year: day.Year(), Month: day.Month(), Day: day.Day()}, zone, false)
		slices.SortFunc(moments, time.Time.Compare) // what was moved on may have come behind others
		for len(moments) > 0 && moments[0].Before(tomorrow) {
			if taken == nil || !taken(moments[0]) {
				return moments[0], true
			}
			moments = moments[1:]
		}
	}
	return time.Time{}, false
}
