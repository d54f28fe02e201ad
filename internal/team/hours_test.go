package team_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/team"
)

func rome(t interface{ Fatal(...any) }) *time.Location {
	l, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestHours(t *testing.T) {
	t.Parallel()
	loc := rome(t)
	h := team.DefaultSettings().Hours
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.March, day, hour, minute, 0, 0, loc)
	}
	for _, tc := range []struct {
		name     string
		from, to time.Time
		d        time.Duration
	}{
		{"within a day", at(2, 10, 0), at(2, 12, 30), 150 * time.Minute},
		{"before opening", at(2, 7, 0), at(2, 10, 0), time.Hour},
		{"over night", at(2, 17, 0), at(3, 10, 0), 2 * time.Hour},
		{"over a weekend", at(6, 17, 30), at(9, 9, 30), time.Hour},
		{"over the change to summer time", at(27, 17, 0), at(30, 10, 0), 2 * time.Hour},
		{"two weeks", at(2, 9, 0), at(16, 9, 0).Add(-15*time.Hour).AddDate(0, 0, -2), 90 * time.Hour},
	} {
		if got := h.Between(tc.from, tc.to, loc); got != tc.d {
			t.Errorf("%s: %v open, want %v", tc.name, got, tc.d)
		}
		if got := h.Between(tc.to, tc.from, loc); got != -tc.d {
			t.Errorf("%s backwards: %v", tc.name, got)
		}
		if got := h.Add(tc.from, tc.d, loc); !got.Equal(tc.to) {
			t.Errorf("%s: ends at %v, want %v", tc.name, got.In(loc), tc.to)
		}
	}
	// At night: the hour that is left out, and the one that comes twice.
	var night team.Hours
	night[time.Sunday] = []team.Span{{From: 60, To: 240}}
	if got := night.Between(at(29, 0, 0), at(29, 12, 0), loc); got != 2*time.Hour {
		t.Error("in spring", got)
	}
	october := time.Date(2026, time.October, 25, 0, 0, 0, 0, loc)
	if got := night.Between(october, october.Add(12*time.Hour), loc); got != 4*time.Hour {
		t.Error("in autumn", got)
	}
	var never team.Hours
	if got := never.Add(at(1, 3, 0), time.Hour, loc); !got.Equal(at(1, 4, 0)) || !never.Open(got, loc) || never.Between(at(1, 3, 0), got, loc) != time.Hour {
		t.Error("a company without hours counts every hour", got)
	}
	if got := h.Add(at(1, 3, 0), -time.Hour, loc); !got.Equal(at(1, 3, 0)) {
		t.Error(got)
	}
}

// Minute by minute, by the clock on the wall, is slow and plain: the quick sums must say the same, in zones with
// changes of an hour, of half an hour, at midnight, and without any.
func TestHoursLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Rome", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata", "UTC"}).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		var h team.Hours
		for d := range h {
			at := 0
			for range rapid.IntRange(0, 2).Draw(t, "spans") {
				from := at + rapid.IntRange(0, 600).Draw(t, "from")
				to := from + rapid.IntRange(1, 600).Draw(t, "length")
				if to > 24*60 {
					break
				}
				h[d] = append(h[d], team.Span{From: from, To: to})
				at = to + 1
			}
		}
		// Half of the time near a change of some zone of the list.
		start := rapid.SampledFrom([]time.Time{
			time.Date(2026, time.March, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, time.October, 24, 12, 0, 0, 0, time.UTC),
			time.Date(2026, time.March, 7, 12, 0, 0, 0, time.UTC), time.Date(2026, time.October, 31, 12, 0, 0, 0, time.UTC),
			time.Date(2026, time.April, 4, 6, 0, 0, 0, time.UTC), time.Date(2026, time.June, 10, 0, 0, 0, 0, time.UTC),
		}).Draw(t, "start").Add(time.Duration(rapid.IntRange(-600, 600).Draw(t, "off")) * time.Minute)
		length := rapid.IntRange(0, 4000).Draw(t, "length")
		end := start.Add(time.Duration(length) * time.Minute)
		var want time.Duration
		for m := start; m.Before(end); m = m.Add(time.Minute) {
			if h.Open(m, loc) {
				want += time.Minute
			}
		}
		if got := h.Between(start, end, loc); got != want {
			t.Fatalf("between %v and %v: %v, want %v", start.In(loc), end.In(loc), got, want)
		}
		cut := start.Add(time.Duration(rapid.IntRange(0, length).Draw(t, "cut")) * time.Minute)
		if a, b := h.Between(start, cut, loc), h.Between(cut, end, loc); a+b != want {
			t.Fatalf("%v and %v are not %v", a, b, want)
		}
		d := time.Duration(rapid.IntRange(1, 3000).Draw(t, "d")) * time.Minute
		r := h.Add(start, d, loc)
		if got := h.Between(start, r, loc); got != d {
			t.Fatalf("%v added gives %v, between which are %v", d, r.In(loc), got)
		}
		if got := h.Between(start, r.Add(-time.Minute), loc); got >= d {
			t.Fatalf("%v is not the first moment", r.In(loc))
		}
	})
}

// On the last day of 2040 the library's bounds of a zone lie before the moment that was asked about.
func TestHoursEnd2040(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	var h team.Hours
	h[time.Monday] = []team.Span{{From: 9 * 60, To: 18 * 60}} // the 31st is one
	got := h.Add(time.Date(2040, 12, 31, 2, 0, 0, 0, time.UTC), 3*time.Hour, rome)
	if want := time.Date(2040, 12, 31, 11, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
}
