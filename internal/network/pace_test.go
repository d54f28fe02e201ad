package network_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestPace(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	at := func(hour, minute int) time.Time { return time.Date(2026, time.March, 2, hour, minute, 0, 0, rome) }
	hours := team.DefaultSettings().Hours
	var bar team.Hours
	bar[time.Monday] = []team.Span{{From: 22 * 60, To: 24 * 60}}
	for _, tc := range []struct {
		name  string
		now   time.Time
		quiet time.Duration // below 0: never any news
		hours team.Hours
		want  time.Duration
	}{
		{"just now", at(10, 0), 0, hours, 3 * time.Second},
		{"half a minute", at(10, 0), 30 * time.Second, hours, 3 * time.Second},
		{"two minutes", at(10, 0), 2 * time.Minute, hours, 12 * time.Second},
		{"ten minutes", at(10, 0), 10 * time.Minute, hours, time.Minute},
		{"a day", at(10, 0), 24 * time.Hour, hours, time.Minute},
		{"never", at(10, 0), -1, hours, time.Minute},
		{"the evening", at(21, 59), time.Hour, hours, time.Minute},
		{"night, just now", at(23, 0), 0, hours, 3 * time.Second},
		{"night, half an hour", at(23, 0), 30 * time.Minute, hours, 3 * time.Minute},
		{"night, long", at(3, 0), 5 * time.Hour, hours, 5 * time.Minute},
		{"night, never", at(3, 0), -1, hours, 5 * time.Minute},
		{"a company that is open at night", at(23, 0), time.Hour, bar, time.Minute},
		{"a company that never says when it is open", at(3, 0), time.Hour, team.Hours{}, 5 * time.Minute},
		{"a clock that ran backwards", at(10, 0), -time.Hour, hours, 3 * time.Second},
	} {
		news := tc.now.Add(-tc.quiet)
		if tc.quiet == -1 {
			news = time.Time{}
		}
		if got := network.Pace(tc.now.UTC(), news, tc.hours, rome); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	for _, tc := range []struct {
		name string
		rate network.Rate
		more bool
		want time.Duration
	}{
		{"nothing told", network.Rate{Remaining: -1}, false, 0},
		{"nothing told, history", network.Rate{Remaining: -1}, true, 200 * time.Millisecond},
		{"plenty", network.Rate{Remaining: 280, Reset: in(time.Minute)}, true, 200 * time.Millisecond},
		{"half", network.Rate{Remaining: 90, Reset: in(2 * time.Minute)}, true, 2 * time.Second},
		{"half, but only looking", network.Rate{Remaining: 90, Reset: in(2 * time.Minute)}, false, 0},
		{"the spare is for people", network.Rate{Remaining: 30, Reset: in(2 * time.Minute)}, true, 2 * time.Minute},
		{"the spare, only looking", network.Rate{Remaining: 3, Reset: in(2 * time.Minute)}, false, 2 * time.Minute},
		{"none, no word when", network.Rate{}, false, time.Minute},
		{"none, long past", network.Rate{Reset: in(-time.Hour)}, false, time.Minute},
		{"a clock that is wrong", network.Rate{Reset: in(1000 * time.Hour)}, true, 15 * time.Minute},
	} {
		if got := network.Pause(tc.rate, tc.more, now); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1000).Draw(t, "failures")
		asked := time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "asked"))
		r := rapid.Float64Range(0, 0.999).Draw(t, "random")
		free := network.Backoff(n, 0, r)
		if free < 5*time.Second || free > 10*time.Minute {
			t.Fatal(free)
		}
		got := network.Backoff(n, asked, r)
		if got < min(asked, time.Hour) || got > time.Hour || got < free {
			t.Fatal(got)
		}
		if more := network.Backoff(n+1, 0, r); more < free {
			t.Fatalf("%v after %v", more, free)
		}
	})
	if a, b := network.Backoff(2, 0, 0), network.Backoff(2, 0, 0.99); a == b {
		t.Error("many channels would come back at the same moment")
	}
}
