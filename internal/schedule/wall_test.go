package schedule_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/schedule"
)

func TestTheMissingAndTheDoubledHour(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, wall string
		kind       schedule.Kind
		first      string // UTC
		second     string // "" when there is one only
	}{
		{"Europe/Rome", "2026-03-29T01:59", schedule.Exact, "2026-03-29T00:59", ""},
		{"Europe/Rome", "2026-03-29T02:00", schedule.Missing, "2026-03-29T01:00", ""}, // shown as 3:00
		{"Europe/Rome", "2026-03-29T02:30", schedule.Missing, "2026-03-29T01:30", ""}, // shown as 3:30
		{"Europe/Rome", "2026-03-29T03:00", schedule.Exact, "2026-03-29T01:00", ""},
		{"Europe/Rome", "2026-10-25T01:59", schedule.Exact, "2026-10-24T23:59", ""},
		{"Europe/Rome", "2026-10-25T02:00", schedule.Doubled, "2026-10-25T00:00", "2026-10-25T01:00"},
		{"Europe/Rome", "2026-10-25T02:30", schedule.Doubled, "2026-10-25T00:30", "2026-10-25T01:30"},
		{"Europe/Rome", "2026-10-25T03:00", schedule.Exact, "2026-10-25T02:00", ""},
		{"America/New_York", "2026-03-08T02:30", schedule.Missing, "2026-03-08T07:30", ""},
		{"America/New_York", "2026-11-01T01:30", schedule.Doubled, "2026-11-01T05:30", "2026-11-01T06:30"},
		{"Australia/Lord_Howe", "2026-10-04T02:10", schedule.Missing, "2026-10-03T15:40", ""}, // half an hour: shown as 2:40
		{"Australia/Lord_Howe", "2026-10-04T02:30", schedule.Exact, "2026-10-03T15:30", ""},
		{"Australia/Lord_Howe", "2026-04-05T01:20", schedule.Exact, "2026-04-04T14:20", ""},
		{"Australia/Lord_Howe", "2026-04-05T01:40", schedule.Doubled, "2026-04-04T14:40", "2026-04-04T15:10"},
		{"America/Havana", "2026-03-08T00:30", schedule.Missing, "2026-03-08T05:30", ""}, // no midnight
		{"America/Nuuk", "2026-03-28T23:30", schedule.Missing, "2026-03-29T01:30", ""},   // moved on into the next day
		{"Pacific/Apia", "2011-12-30T10:00", schedule.Missing, "2011-12-30T20:00", ""},   // no such day: shown as the 31st
		{"Pacific/Apia", "2011-12-29T23:59", schedule.Exact, "2011-12-30T09:59", ""},
		{"Pacific/Apia", "2011-12-31T00:00", schedule.Exact, "2011-12-30T10:00", ""},
		{"Europe/Rome", "2040-12-31T12:00", schedule.Exact, "2040-12-31T11:00", ""}, // where the library’s bounds of zones are wrong
		{"Europe/Rome", "2044-03-27T02:30", schedule.Missing, "2044-03-27T01:30", ""},
		{"Pacific/Kwajalein", "1993-08-21T12:00", schedule.Missing, "1993-08-22T00:00", ""},
	} {
		w, loc := wall(t, c.wall), zone(t, c.zone)
		all, kind := schedule.Moments(w, loc)
		var got []string
		for _, at := range all {
			got = append(got, schedule.WallOf(at, time.UTC).String())
		}
		want := []string{c.first}
		if c.second != "" {
			want = append(want, c.second)
		}
		if kind != c.kind || len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("%s in %s is %v %v, want %v %v", c.wall, c.zone, kind, got, c.kind, want)
		}
		first, k1 := schedule.In(w, loc, false)
		last, k2 := schedule.In(w, loc, true)
		if k1 != kind || k2 != kind || !first.Equal(all[0]) || !last.Equal(all[len(all)-1]) {
			t.Errorf("%s in %s: first %v, last %v of %v", c.wall, c.zone, first, last, all)
		}
	}
}

func TestWallsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2026-02-28T23:59", "2024-02-29T00:00", "1999-12-31T12:30"} {
		if got := wall(t, s).String(); got != s {
			t.Errorf("%s became %s", s, got)
		}
	}
	for _, s := range []string{"", "2026-02-29T10:00", "2026-04-31T10:00", "2026-04-30", "2026-04-30T24:00", "2026-04-30T10:60", "2026-04-30T10:00Z", "30/04/2026 10:00"} {
		if w, ok := schedule.ParseWall(s); ok {
			t.Errorf("%q was read as %v", s, w)
		}
	}
	april := schedule.Wall{Year: 2026, Month: time.April, Day: 31, Hour: 25}
	if got := april.String(); got != "2026-05-02T01:00" {
		t.Error("beyond its range:", got)
	}
}

// The clock itself is asked: it shows the wall at every moment found and at no other within two days.
func TestMomentsAreThoseThatTheClockShows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc, about := near(t, 30)
		w := schedule.WallOf(about, time.UTC) // any calendar will do to get at missing walls too
		if rapid.Bool().Draw(t, "own") {
			w = schedule.WallOf(about, loc)
		}
		var want []time.Time
		base := time.Date(w.Year, w.Month, w.Day, w.Hour, w.Minute, 0, 0, time.UTC)
		for at := base.Add(-28 * time.Hour); at.Before(base.Add(28 * time.Hour)); at = at.Add(time.Minute) {
			if schedule.WallOf(at, loc) == w {
				want = append(want, at)
			}
		}
		got, kind := schedule.Moments(w, loc)
		switch {
		case len(want) == 0:
			if kind != schedule.Missing || len(got) != 1 {
				t.Fatalf("%v never comes in %v, got %v %v", w, loc, kind, got)
			}
			_, before := got[0].Add(-25 * time.Hour).In(loc).Zone()
			_, after := got[0].In(loc).Zone()
			moved := schedule.WallOf(got[0], loc)
			if d := time.Duration(after-before) * time.Second; moved != schedule.WallOf(base.Add(d), time.UTC) {
				t.Fatalf("%v in %v was moved to %v, not by %v", w, loc, moved, d)
			}
		case len(want) == 1 && kind != schedule.Exact, len(want) == 2 && kind != schedule.Doubled, len(want) != len(got):
			t.Fatalf("%v in %v is %v at %v, want %v", w, loc, kind, got, want)
		default:
			for i := range want {
				if !want[i].Equal(got[i]) {
					t.Fatalf("%v in %v at %v, want %v", w, loc, got, want)
				}
			}
		}
	})
}

func TestKindsAreNamed(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Langs {
		l := c.For(lang)
		for _, k := range []schedule.Kind{schedule.Missing, schedule.Doubled} {
			if !l.Has(k.Key()) || !l.Has(k.Key()+".remedy") {
				t.Errorf("%s has no words for %s", lang, k)
			}
		}
	}
	if schedule.Exact.Key() != "" {
		t.Error("what is ordinary needs no words")
	}
}
