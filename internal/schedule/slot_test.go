package schedule_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/schedule"
)

func TestNextSlot(t *testing.T) {
	t.Parallel()
	rome := zone(t, "Europe/Rome")
	slots := []schedule.Slot{
		{Weekday: time.Thursday, Minute: 17*60 + 30},
		{Weekday: time.Monday, Minute: 9 * 60},
		{Weekday: time.Thursday, Minute: 9 * 60},
	}
	taken := map[time.Time]bool{}
	after := time.Date(2026, 3, 26, 8, 0, 0, 0, time.UTC) // a Thursday at 9:00 in Rome: not behind itself
	var got []string
	for range 5 {
		at, ok := schedule.NextSlot(slots, func(t time.Time) bool { return taken[t] }, rome, after)
		if !ok {
			t.Fatal("no slot")
		}
		taken[at] = true
		got = append(got, at.In(rome).Format("Mon 2 15:04 -07"))
	}
	want := []string{"Thu 26 17:30 +01", "Mon 30 09:00 +02", "Thu 2 09:00 +02", "Thu 2 17:30 +02", "Mon 6 09:00 +02"}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	if _, ok := schedule.NextSlot(nil, nil, rome, after); ok {
		t.Error("no slots, and one was found")
	}
	if _, ok := schedule.NextSlot(slots, func(time.Time) bool { return true }, rome, after); ok {
		t.Error("all are taken, and one was free")
	}
	if _, ok := schedule.NextSlot([]schedule.Slot{{Weekday: 9, Minute: 3}, {Weekday: 1, Minute: 1440}}, nil, rome, after); ok {
		t.Error("slots that are none were used")
	}
}

func TestSlotsWhereTheClockJumps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, after string
		slots             []schedule.Slot
		want              string
	}{
		{"moved on behind another", "Europe/Rome", "2026-03-29T01:00", []schedule.Slot{{0, 150}, {0, 185}}, "2026-03-29T03:05"},
		{"moved on", "Europe/Rome", "2026-03-29T03:10", []schedule.Slot{{0, 150}, {0, 185}}, "2026-03-29T03:30"},
		{"the first of two", "Europe/Rome", "2026-10-25T01:00", []schedule.Slot{{0, 150}}, "2026-10-25T02:30"},
		{"moved on into tomorrow, behind one of tomorrow", "America/Nuuk", "2026-03-28T20:00", []schedule.Slot{{6, 23*60 + 30}, {0, 10}}, "2026-03-29T00:10"},
		{"moved on into tomorrow", "America/Nuuk", "2026-03-29T00:10", []schedule.Slot{{6, 23*60 + 30}, {0, 10}}, "2026-03-29T00:30"},
		{"a day that is not there", "Pacific/Apia", "2011-12-29T12:00", []schedule.Slot{{5, 600}}, "2012-01-06T10:00"},
	} {
		loc := zone(t, c.zone)
		after, _ := schedule.In(wall(t, c.after), loc, false)
		at, ok := schedule.NextSlot(c.slots, nil, loc, after)
		if got := schedule.WallOf(at, loc).String(); !ok || got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	rome := zone(t, "Europe/Rome")
	first, _ := schedule.In(wall(t, "2026-10-25T02:30"), rome, false)
	if at, _ := schedule.NextSlot([]schedule.Slot{{0, 150}}, nil, rome, first); at.Sub(first) < 6*24*time.Hour {
		t.Error("a slot that comes twice was used twice:", at.In(rome))
	}
}

// What NextSlot gives lies behind, and nothing between is a minute of a slot.
func TestNextSlotLeavesNoneOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc, after := near(t, 30)
		var slots []schedule.Slot
		for range rapid.IntRange(1, 4).Draw(t, "slots") {
			slots = append(slots, schedule.Slot{Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), Minute: rapid.IntRange(0, 1439).Draw(t, "minute")})
		}
		at, ok := schedule.NextSlot(slots, nil, loc, after)
		if !ok || !at.After(after) {
			t.Fatalf("%v is not behind %v", at, after)
		}
		is := func(m time.Time) bool {
			w := schedule.WallOf(m, loc)
			for _, s := range slots {
				if m.In(loc).Weekday() == s.Weekday && w.Hour*60+w.Minute == s.Minute {
					first, _ := schedule.In(w, loc, false)
					return first.Equal(m)
				}
			}
			return false
		}
		for m := after.Add(time.Minute); m.Before(at) && m.Before(after.Add(15*24*time.Hour)); m = m.Add(time.Minute) {
			if is(m) {
				t.Fatalf("%v lies between %v and %v", m.In(loc), after.In(loc), at.In(loc))
			}
		}
		again, _ := schedule.NextSlot(slots, func(m time.Time) bool { return m.Equal(at) }, loc, after)
		if !again.After(at) {
			t.Fatalf("with %v taken it gives %v", at, again)
		}
	})
}
