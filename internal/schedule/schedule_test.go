package schedule_test

import (
	"time"
	_ "time/tzdata" // the machine's own files may be old

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/schedule"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func wall(t interface{ Fatal(...any) }, s string) schedule.Wall {
	w, ok := schedule.ParseWall(s)
	if !ok {
		t.Fatal(s, "is no wall")
	}
	return w
}

// The zones and moments at which clocks do something: an hour, half an hour, at midnight, over midnight, a whole day.
var changes = []struct {
	zone string
	at   time.Time
}{
	{"Europe/Rome", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
	{"Europe/Rome", time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)},
	{"America/New_York", time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC)},
	{"America/New_York", time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)},
	{"Australia/Lord_Howe", time.Date(2026, 10, 3, 15, 30, 0, 0, time.UTC)},
	{"Australia/Lord_Howe", time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC)},
	{"America/Havana", time.Date(2026, 3, 8, 5, 0, 0, 0, time.UTC)},
	{"America/Nuuk", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
	{"Africa/Casablanca", time.Date(2026, 3, 22, 2, 0, 0, 0, time.UTC)},
	{"Pacific/Apia", time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC)},
	{"Pacific/Kwajalein", time.Date(1993, 8, 21, 12, 0, 0, 0, time.UTC)},
	{"Asia/Kolkata", time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
	{"UTC", time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
}

// near draws a zone and a moment around which something happens to its clocks.
func near(t *rapid.T, hours int) (*time.Location, time.Time) {
	c := rapid.SampledFrom(changes).Draw(t, "change")
	return zone(t, c.zone), c.at.Add(time.Duration(rapid.IntRange(-60*hours, 60*hours).Draw(t, "minutes")) * time.Minute)
}
