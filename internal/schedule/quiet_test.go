package schedule_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/schedule"
)

func TestQuiet(t *testing.T) {
	t.Parallel()
	rome := zone(t, "Europe/Rome")
	nights := []schedule.Weekly{}
	for d := range 7 {
		nights = append(nights, schedule.Weekly{Weekday: time.Weekday(d), From: 21 * 60, To: 8 * 60})
	}
	christmas := schedule.Window{From: wall(t, "2026-12-24T12:00"), To: wall(t, "2026-12-27T00:00"), Name: "Natale"}
	sunday := schedule.Weekly{Weekday: time.Sunday}
	for _, c := range []struct {
		name  string
		quiet schedule.Quiet
		at    string
		want  string
	}{
		{"nothing", schedule.Quiet{}, "2026-05-01T03:00", "2026-05-01T03:00"},
		{"the minute before", schedule.Quiet{Windows: []schedule.Window{christmas}}, "2026-12-24T11:59", "2026-12-24T11:59"},
		{"its first minute", schedule.Quiet{Windows: []schedule.Window{christmas}}, "2026-12-24T12:00", "2026-12-27T00:00"},
		{"the end is outside", schedule.Quiet{Windows: []schedule.Window{christmas}}, "2026-12-27T00:00", "2026-12-27T00:00"},
		{"the night behind it", schedule.Quiet{Windows: []schedule.Window{christmas}, Weekly: nights}, "2026-12-25T10:00", "2026-12-27T08:00"},
		{"after midnight", schedule.Quiet{Weekly: nights}, "2026-05-01T03:00", "2026-05-01T08:00"},
		{"a whole day", schedule.Quiet{Weekly: append(nights, sunday)}, "2026-05-02T22:00", "2026-05-04T08:00"},
		{"backwards is none", schedule.Quiet{Windows: []schedule.Window{{From: christmas.To, To: christmas.From}}}, "2026-12-25T10:00", "2026-12-25T10:00"},
		{"a window that begins where no clock is", schedule.Quiet{Weekly: []schedule.Weekly{{Weekday: time.Sunday, From: 150, To: 200}}}, "2026-03-29T03:10", "2026-03-29T03:20"},
		{"before it the first minute behind the jump is held", schedule.Quiet{Weekly: []schedule.Weekly{{Weekday: time.Sunday, From: 150, To: 200}}}, "2026-03-29T03:00", "2026-03-29T03:20"},
	} {
		at, _ := schedule.In(wall(t, c.at), rome, false)
		got, ok := c.quiet.Clear(at, rome)
		if w := schedule.WallOf(got, rome).String(); !ok || w != c.want {
			t.Errorf("%s: %s, want %s", c.name, w, c.want)
		}
		if c.quiet.Covers(at, rome) == (c.at == c.want) {
			t.Errorf("%s: Covers says the other", c.name)
		}
	}
	// Both hours of which the clock shows 2:10 to 2:40 are held.
	twice := schedule.Quiet{Weekly: []schedule.Weekly{{Weekday: time.Sunday, From: 130, To: 160}}}
	first, _ := schedule.In(wall(t, "2026-10-25T02:10"), rome, false)
	if got, _ := twice.Clear(first, rome); got.Sub(first) != 90*time.Minute {
		t.Error("the doubled hour:", got.In(rome))
	}
}

func TestQuietIsChecked(t *testing.T) {
	t.Parallel()
	rome := zone(t, "Europe/Rome")
	w := wall(t, "2026-01-01T00:00")
	always := schedule.Quiet{}
	for d := range 7 {
		always.Weekly = append(always.Weekly, schedule.Weekly{Weekday: time.Weekday(d), From: 720, To: 720})
	}
	if _, ok := always.Clear(time.Now(), rome); ok || !always.Covers(time.Now(), rome) {
		t.Error("a week without a free minute has one")
	}
	for key, q := range map[string]schedule.Quiet{
		"schedule.quiet.always":    always,
		"schedule.quiet.backwards": {Windows: []schedule.Window{{From: w, To: w}}},
		"schedule.quiet.weekly":    {Weekly: []schedule.Weekly{{Weekday: 7}}},
		"schedule.quiet.many":      {Weekly: make([]schedule.Weekly, schedule.MostWeekly+1)},
	} {
		var e *fault.Error
		if err := q.Check(); !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Key != key {
			t.Errorf("%s: %v", key, err)
		}
	}
	always.Weekly[3].To--
	if err := always.Check(); err != nil {
		t.Error("one minute is enough:", err)
	}
	if _, ok := always.Clear(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), rome); !ok {
		t.Error("the one minute was not found")
	}
}

// By the clock on the wall: a moment whose wall lies in a window is never clear, and no clear moment is passed over
// except within the doubled hour, which a window holds as a whole.
func TestClearLiesOutsideEveryWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc, at := near(t, 40)
		var q schedule.Quiet
		for range rapid.IntRange(0, 3).Draw(t, "windows") {
			from := at.Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "from")) * time.Minute)
			to := from.Add(time.Duration(rapid.IntRange(-10, 3000).Draw(t, "length")) * time.Minute)
			q.Windows = append(q.Windows, schedule.Window{From: schedule.WallOf(from, loc), To: schedule.WallOf(to, loc)})
		}
		for range rapid.IntRange(0, 4).Draw(t, "weekly") {
			q.Weekly = append(q.Weekly, schedule.Weekly{
				Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), From: rapid.IntRange(0, 1439).Draw(t, "start"), To: rapid.IntRange(0, 1440).Draw(t, "end"),
			})
		}
		covered := func(m time.Time) bool {
			w := schedule.WallOf(m, loc)
			for _, x := range q.Windows {
				if w.Compare(x.From) >= 0 && w.Compare(x.To) < 0 {
					return true
				}
			}
			day := time.Date(w.Year, w.Month, w.Day, 0, 0, 0, 0, time.UTC).Weekday()
			minute := w.Hour*60 + w.Minute
			for _, x := range q.Weekly {
				to := x.To
				if to <= x.From {
					to += 1440
				}
				if x.Weekday == day && minute >= x.From && minute < to || (x.Weekday+1)%7 == day && minute+1440 < to {
					return true
				}
			}
			return false
		}
		got, ok := q.Clear(at, loc)
		if !ok {
			return // all of the week: the other test has that
		}
		if got.Before(at) || covered(got) || q.Covers(got, loc) {
			t.Fatalf("%v is not clear, from %v", got.In(loc), at.In(loc))
		}
		if again, _ := q.Clear(got, loc); !again.Equal(got) {
			t.Fatalf("%v is clear and was moved to %v", got, again)
		}
		for m := at; m.Before(got); m = m.Add(time.Minute) {
			_, kind := schedule.In(schedule.WallOf(m, loc), loc, false)
			if !covered(m) && kind != schedule.Doubled {
				t.Fatalf("%v is clear, and %v was given", m.In(loc), got.In(loc))
			}
		}
	})
}
