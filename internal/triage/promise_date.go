package triage

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// dayEnd is the last second of the day that lies days after now.
func dayEnd(now time.Time, days int) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+days, 23, 59, 59, 0, now.Location())
}

// weekdayEnd is the end of the next such day after today.
func weekdayEnd(now time.Time, day time.Weekday) time.Time {
	days := (int(day) - int(now.Weekday()) + 7) % 7
	if days == 0 {
		days = 7
	}
	return dayEnd(now, days)
}

// sunday is how many days lie between now and the end of its week.
func sunday(now time.Time) int { return (7 - int(now.Weekday())) % 7 }

// monthEnd is the end of the month that lies months after that of now.
func monthEnd(now time.Time, months int) time.Time {
	y, m, _ := now.Date()
	return time.Date(y, m+time.Month(months)+1, 0, 23, 59, 59, 0, now.Location())
}

// namedMonthEnd is the end of the next such month, the running one included.
func namedMonthEnd(now time.Time, month time.Month) time.Time {
	return monthEnd(now, (int(month)-int(now.Month())+12)%12)
}

// workdaysEnd is the end of the day that lies so many days after now when Saturdays and Sundays do not count.
func workdaysEnd(now time.Time, days int) time.Time {
	n := 0
	for days > 0 {
		n++
		if d := now.AddDate(0, 0, n).Weekday(); d != time.Saturday && d != time.Sunday {
			days--
		}
	}
	return dayEnd(now, n)
}

// date is the end of a day of the calendar: in the year said, else the next time that it comes.
func date(now time.Time, day int, month time.Month, year int) (time.Time, bool) {
	if day < 1 || day > 31 || month < 1 || month > 12 {
		return time.Time{}, false
	}
	said := year != 0
	if !said {
		year = now.Year()
	} else if year < 100 {
		year += 2000
	}
	t := time.Date(year, month, day, 23, 59, 59, 0, now.Location())
	if t.Day() != day {
		return time.Time{}, false
	}
	if t.Before(now) {
		if said {
			return time.Time{}, false
		}
		t = time.Date(year+1, month, day, 23, 59, 59, 0, now.Location())
	}
	return t, true
}

// dayOfMonth is the end of the next day with this number.
func dayOfMonth(now time.Time, day int) (time.Time, bool) {
	for k := range 12 {
		y, m, _ := now.Date()
		t := time.Date(y, m+time.Month(k), day, 23, 59, 59, 0, now.Location())
		if t.Day() == day && !t.Before(now) {
			return t, true
		}
	}
	return time.Time{}, false
}

// clock is a time of a day; when it has passed and no day was said, that of tomorrow.
func clock(now time.Time, day time.Time, hour, minute int) (time.Time, bool) {
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 {
		return time.Time{}, false
	}
	from := day
	if day.IsZero() {
		from = now
	}
	y, m, d := from.Date()
	t := time.Date(y, m, d, hour, minute, 0, 0, now.Location())
	if day.IsZero() && t.Before(now) {
		t = time.Date(y, m, d+1, hour, minute, 0, 0, now.Location())
	}
	return t, true
}

// period is a length of time that is counted from now.
type period uint8

const (
	minutes period = iota
	hours
	days
	workdays
	weeks
	months
	years
)

// later gives the moment that lies n periods after now. Hours count to the minute, days and longer to their end.
func later(now time.Time, n int, p period) (time.Time, bool) {
	if n < 1 || n > 400 {
		return time.Time{}, false
	}
	switch p {
	case minutes:
		return now.Add(time.Duration(n) * time.Minute), true
	case hours:
		return now.Add(time.Duration(n) * time.Hour), true
	case days:
		return dayEnd(now, n), true
	case workdays:
		return workdaysEnd(now, n), true
	case weeks:
		return dayEnd(now, 7*n), true
	case months:
		return dayEnd(now.AddDate(0, n, 0), 0), true
	}
	return dayEnd(now.AddDate(n, 0, 0), 0), true
}

// figures reads a date or a time in figures that begins with word i: 5/5, 05/05/2026, 5.5.2026, and how many words it
// takes.
func figures(s sentence, i int, now time.Time) (time.Time, int, bool) {
	if i >= len(s) || s[i].kind != kindNumber {
		return time.Time{}, 0, false
	}
	if parts := strings.Split(s[i].raw, "."); len(parts) == 3 {
		t, ok := date(now, number(parts[0]), time.Month(number(parts[1])), number(parts[2]))
		return t, 1, ok
	}
	if i+1 >= len(s) || s[i+1].kind != kindNumber || !between(s, i, '/', '-') {
		return time.Time{}, 0, false
	}
	year, n := 0, 2
	if i+2 < len(s) && s[i+2].kind == kindNumber && between(s, i+1, '/', '-') {
		year, n = number(s[i+2].raw), 3
	} else if !between(s, i, '/') {
		return time.Time{}, 0, false
	}
	t, ok := date(now, number(s[i].raw), time.Month(number(s[i+1].raw)), year)
	return t, n, ok
}

// hourAt reads a time of day in figures at word i: 18, 18:30, 18.30.
func hourAt(s sentence, i int) (hour, minute, n int, ok bool) {
	if i >= len(s) || s[i].kind != kindNumber {
		return 0, 0, 0, false
	}
	if h, m, dotted := strings.Cut(s[i].raw, "."); dotted {
		return number(h), number(m), 1, len(m) == 2
	}
	if i+1 < len(s) && s[i+1].kind == kindNumber && between(s, i, ':') {
		return number(s[i].raw), number(s[i+1].raw), 2, true
	}
	h := number(s[i].raw)
	return h, 0, 1, h >= 0 && h <= 24
}

// between tells whether nothing but one of the signs stands behind word i.
func between(s sentence, i int, signs ...byte) bool {
	return i+1 < len(s) && slices.Contains(signs, s[i+1].sign)
}

// number reads a number in figures, -1 for none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1
	}
	return n
}
