package demo

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// history is the first day, counted back from the moment, that is moved to the weekday it was written for. What is
// younger keeps its distance from the moment, so that the desk always looks fresh.
const history = -8

// calendar turns the offsets of the content into times.
type calendar struct {
	moment time.Time
	zone   *time.Location
	shift  int // days added to what is older than a week
	hours  []Hours
}

// newCalendar makes a calendar. The content is written as if the moment were a Monday; older days move by up to
// three days so that they fall on their weekday.
func newCalendar(moment time.Time, zone *time.Location) calendar {
	w := (int(moment.In(zone).Weekday()) + 6) % 7
	shift := -w
	if shift < -3 {
		shift += 7
	}
	return calendar{moment: moment, zone: zone, shift: shift}
}

// day gives the local clock time on a day counted back from the moment.
func (c calendar) day(offset int, clock time.Duration) time.Time {
	if offset <= history {
		offset += c.shift
	}
	return c.at(c.moment, offset, clock)
}

// at gives the local clock time some days after a time.
func (c calendar) at(t time.Time, days int, clock time.Duration) time.Time {
	l := t.In(c.zone)
	return time.Date(l.Year(), l.Month(), l.Day()+days, int(clock.Hours()), int(clock.Minutes())%60, 0, 0, c.zone).UTC()
}

// backOpen goes back from the moment until the company has been open for d.
func (c calendar) backOpen(d time.Duration) time.Time {
	t := c.moment.In(c.zone)
	for day := 0; day < 60; day++ {
		midnight := time.Date(t.Year(), t.Month(), t.Day()-day, 0, 0, 0, 0, c.zone)
		for _, h := range c.hours {
			if h.Day != midnight.Weekday() {
				continue
			}
			from, to := c.at(midnight, 0, h.From), c.at(midnight, 0, h.To)
			if to.After(c.moment) {
				to = c.moment
			}
			if open := to.Sub(from); open >= d {
				return to.Add(-d).UTC()
			} else if open > 0 {
				d -= open
			}
		}
	}
	return c.moment
}

var (
	reClock = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)$`)
	reDay   = regexp.MustCompile(`^-(\d+)$`)
	reAgo   = regexp.MustCompile(`^-(?:(\d+)h)?(?:(\d+)m)?$`)
	reAfter = regexp.MustCompile(`^\+(?:(\d+)h)?(?:(\d+)m)?$`)
	reDays  = regexp.MustCompile(`^\+(\d+)d$`)
)

func clockOf(s string) (time.Duration, bool) {
	m := reClock.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	return span(m), true
}

func span(m []string) time.Duration {
	h, _ := strconv.Atoi("0" + m[1])
	n, _ := strconv.Atoi("0" + m[2])
	return time.Duration(h)*time.Hour + time.Duration(n)*time.Minute
}

// take reads a time from the front of words and gives what is left.
//
//	-85 10:12     a day counted back from the moment, local clock
//	-3h20m        that long before the moment
//	due:2h        the answer is due in two hours
//	14:05         the day of the time before, local clock
//	+2d 09:10     days after the time before, local clock
//	+40m +1h5m    that long after the time before
func (c calendar) take(words []string, before time.Time, target time.Duration, openHours bool) (time.Time, []string, error) {
	if len(words) == 0 {
		return time.Time{}, nil, fmt.Errorf("a time is missing")
	}
	w, rest := words[0], words[1:]
	second := func() (time.Duration, error) {
		if len(rest) == 0 {
			return 0, fmt.Errorf("a clock time is missing after %q", w)
		}
		d, ok := clockOf(rest[0])
		if !ok {
			return 0, fmt.Errorf("%q is no clock time", rest[0])
		}
		return d, nil
	}
	if m := reDay.FindStringSubmatch(w); m != nil {
		d, err := second()
		if err != nil {
			return time.Time{}, nil, err
		}
		n, _ := strconv.Atoi(m[1])
		return c.day(-n, d), rest[1:], nil
	}
	if left, ok := strings.CutPrefix(w, "due:"); ok {
		d, err := time.ParseDuration(left)
		if err != nil {
			return time.Time{}, nil, err
		}
		if openHours {
			return c.backOpen(target - d), rest, nil
		}
		return c.moment.Add(d - target), rest, nil
	}
	if m := reAgo.FindStringSubmatch(w); m != nil && w != "-" {
		return c.moment.Add(-span(m)), rest, nil
	}
	if before.IsZero() {
		return time.Time{}, nil, fmt.Errorf("%q needs a time before it", w)
	}
	if d, ok := clockOf(w); ok {
		return c.at(before, 0, d), rest, nil
	}
	if m := reDays.FindStringSubmatch(w); m != nil {
		d, err := second()
		if err != nil {
			return time.Time{}, nil, err
		}
		n, _ := strconv.Atoi(m[1])
		return c.at(before, n, d), rest[1:], nil
	}
	if m := reAfter.FindStringSubmatch(w); m != nil && w != "+" {
		return before.Add(span(m)), rest, nil
	}
	return time.Time{}, nil, fmt.Errorf("%q is no time", w)
}
