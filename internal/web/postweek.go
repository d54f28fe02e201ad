package web

import (
	"strconv"

	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// week is what goes out in the week in which a post does, or in this one; nil when nothing does.
func (x *postDesk) week() (*view.PostWeek, error) {
	day := noon(x.now)
	switch now := x.file.Post; {
	case !now.DueAt.IsZero():
		day = noon(now.DueAt.In(x.zone))
	case now.When.Wall != (schedule.Wall{}):
		at, _ := schedule.In(now.When.Wall, x.zone, false)
		day = noon(at.In(x.zone))
	}
	first := addDays(day, -mondays(day))
	all, err := x.rooms.Posts.Calendar(x.ctx(), x.v.actor, midnight(first, x.zone), midnight(addDays(first, 7), x.zone))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, nil // an empty week says nothing
	}
	out := &view.PostWeek{Title: x.t("calendarpage.week.of", "day", x.weekDay(first)), Href: calSpan{}.href(first, false, "")}
	for i := range 7 {
		at := addDays(first, i)
		d := view.PostWeekDay{
			Name: x.t("calendarpage.short." + strconv.Itoa(int(at.Weekday()))), Number: strconv.Itoa(at.Day()), Long: x.v.words.Day(at), Today: sameDay(at, x.now),
		}
		for _, e := range all {
			if !sameDay(e.Post.At.In(x.zone), at) {
				continue
			}
			one := x.calEntry(e)
			if e.Post.ID == x.file.Post.ID {
				one.Kind, one.State.Label = "new", x.t("postpage.week.this")
			}
			d.Entries = append(d.Entries, one)
		}
		out.Days = append(out.Days, d)
	}
	return out, nil
}
