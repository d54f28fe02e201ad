package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// calCell is an hour of a day: when it begins, which time of an hour that comes twice.
type calCell struct {
	hour   int
	second bool
}

// Hours of the day outside which nothing is drawn where nothing happens.
const (
	earlyHour = 7
	lateHour  = 22
)

// lines are the hours that any day of the week has: 24, and a second one where the clocks are put back.
func (b *board) lines() []calCell {
	var out []calCell
	for h := range 24 {
		out = append(out, calCell{hour: h})
		for i := range b.span.days {
			if _, kind := schedule.Moments(wallOn(addDays(b.span.first, i), h), b.zone); kind == schedule.Doubled {
				out = append(out, calCell{hour: h, second: true})
				break
			}
		}
	}
	return out
}

func wallOn(day time.Time, hour int) schedule.Wall {
	return schedule.Wall{Year: day.Year(), Month: day.Month(), Day: day.Day(), Hour: hour}
}

// hourSay names an hour for who does not see the grid.
func (b *board) hourSay(day time.Time, c calCell) string {
	key := "calendarpage.hour"
	if c.second {
		key = "calendarpage.hour.second"
	}
	return b.t(key, "day", b.v.words.Day(day), "hour", b.v.words.Number(c.hour))
}

func (b *board) week() *view.CalWeek {
	lines := b.lines()
	out := &view.CalWeek{}
	for i := range b.span.days {
		out.Days = append(out.Days, b.day(addDays(b.span.first, i), lines))
	}
	for n, c := range lines {
		l := view.CalLine{Label: two(c.hour)}
		if c.second {
			l.Label = b.t("calendarpage.again", "hour", two(c.hour))
		}
		l.Still = c.hour < earlyHour || c.hour >= lateHour
		for _, d := range out.Days {
			h := d.Hours[n]
			if len(h.Entries)+len(h.Slots) > 0 || h.Best != "" || h.Absent && !c.second || c.second {
				l.Still = false
			}
		}
		for i := range out.Days {
			out.Days[i].Hours[n].Still = l.Still
		}
		out.Lines = append(out.Lines, l)
	}
	return out
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// headOf is what a day's head says.
func (b *board) headOf(day time.Time) view.CalDay {
	from, to := midnight(day, b.zone), midnight(addDays(day, 1), b.zone)
	out := view.CalDay{
		Name: b.t("calendarpage.short." + strconv.Itoa(int(day.Weekday()))), Number: strconv.Itoa(day.Day()), Long: b.v.words.Day(day), Date: day.Format(time.DateOnly),
		Today: sameDay(day, b.now), Past: !to.After(b.now), Href: b.span.href(day, false, b.span.channel),
	}
	switch length := to.Sub(from); {
	case length < 24*time.Hour:
		out.Note = b.t("calendarpage.short_day", "hours", b.v.words.Span(length))
	case length > 24*time.Hour:
		out.Note = b.t("calendarpage.long_day", "hours", b.v.words.Span(length))
	}
	if end, ok := b.quiet.Clear(from, b.zone); b.quiet.Covers(from, b.zone) && (!ok || !end.Before(to)) {
		out.Quiet = b.quietName(from)
	}
	return out
}

// quietName is why nothing is published at a moment.
func (b *board) quietName(at time.Time) string {
	wall := schedule.WallOf(at, b.zone)
	for _, w := range b.quiet.Windows {
		if wall.Compare(w.From) >= 0 && wall.Compare(w.To) < 0 && w.Name != "" {
			return w.Name
		}
	}
	return b.t("calendarpage.quiet")
}

// day draws the hours of a day. What the clocks jump over is not there; what comes twice is there twice.
func (b *board) day(day time.Time, lines []calCell) view.CalDay {
	out := b.headOf(day)
	was := out.Quiet != "" // said in the head already
	for _, c := range lines {
		h := view.CalHour{Say: b.hourSay(day, c)}
		wall := wallOn(day, c.hour)
		moments, kind := schedule.Moments(wall, b.zone)
		late := wall
		late.Minute = 59
		_, end := schedule.Moments(late, b.zone)
		at := moments[0]
		switch {
		case kind == schedule.Missing && end == schedule.Missing:
			h.Absent, h.Say = true, b.t("calendarpage.hour.missing", "hour", b.v.words.Number(c.hour))
		case c.second && kind != schedule.Doubled:
			h.Absent, h.Say = true, ""
		case c.second:
			at = moments[1]
		}
		if h.Absent {
			out.Hours = append(out.Hours, h)
			continue
		}
		if middle := at.Add(30 * time.Minute); b.quiet.Covers(middle, b.zone) {
			h.Quiet = true
			if !was {
				h.Name = b.quietName(middle)
			}
			was = true
		} else {
			was = false
		}
		if at.Add(time.Hour).After(b.now) {
			h.At, h.Second = wall.String(), c.second
		}
		for _, x := range b.best.Hours {
			if x.Weekday == day.Weekday() && x.Hour == c.hour && !c.second {
				h.Best = b.v.words.Number(x.Cases)
				h.BestSay = b.v.words.N("calendarpage.best", x.Cases, "days", b.v.words.Number(x.Days))
				if x.Few {
					h.BestSay += " " + b.t("calendarpage.best.few")
				}
			}
		}
		b.fill(&h, day, c)
		out.Hours = append(out.Hours, h)
	}
	return out
}

// fill puts posts and free slots into an hour.
func (b *board) fill(h *view.CalHour, day time.Time, c calCell) {
	in := func(at time.Time) bool {
		wall := schedule.WallOf(at, b.zone)
		if wall.Year != day.Year() || wall.Month != day.Month() || wall.Day != day.Day() || wall.Hour != c.hour {
			return false
		}
		all, kind := schedule.Moments(wall, b.zone)
		second := kind == schedule.Doubled && !at.Truncate(time.Minute).Equal(all[0])
		return second == c.second
	}
	for _, e := range b.entries {
		if at := e.Post.At; in(at) {
			h.Entries = append(h.Entries, b.calEntry(e))
		}
	}
	for _, s := range b.free(in) {
		h.Slots = append(h.Slots, b.slot(s))
	}
}

// free lists the free slots that are looked for, in their order.
func (b *board) free(in func(time.Time) bool) []time.Time {
	var out []time.Time
	for at := range b.slots {
		if in(at) {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

func (b *board) slot(at time.Time) view.CalSlot {
	nets := b.postNets(b.slots[at])
	names := ""
	for _, n := range nets {
		if names != "" {
			names += ", "
		}
		names += n.Label
	}
	label := b.v.words.Clock(at.In(b.zone))
	return view.CalSlot{Label: label, Nets: nets, At: schedule.WallOf(at, b.zone).String(), Say: b.t("calendarpage.slot", "day", b.v.words.Day(at.In(b.zone)), "clock", label, "channels", names)}
}

// month draws the days of a month, with those that fill its first and last week.
func (b *board) month() []view.CalDay {
	var out []view.CalDay
	for i := range b.span.days {
		day := addDays(b.span.first, i)
		x := b.headOf(day)
		x.Other = day.Month() != b.span.day.Month()
		x.Say = x.Long
		if !x.Past {
			x.At = x.Date
		}
		n := 0
		for _, e := range b.entries {
			if !sameDay(e.Post.At.In(b.zone), day) {
				continue
			}
			if n++; n <= dayPosts {
				x.Entries = append(x.Entries, b.calEntry(e))
			}
		}
		if n > dayPosts {
			x.More = b.v.words.N("calendarpage.more", n-dayPosts)
		}
		free := b.free(func(at time.Time) bool { return sameDay(at.In(b.zone), day) })
		if len(free) > 0 {
			x.Free = b.v.words.N("calendarpage.free", len(free))
		}
		out = append(out, x)
	}
	return out
}
