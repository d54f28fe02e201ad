package schedule_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/schedule"
)

func TestRules(t *testing.T) {
	t.Parallel()
	rome := zone(t, "Europe/Rome")
	until := func(s string) time.Time { at, _ := schedule.In(wall(t, s), rome, true); return at }
	for _, c := range []struct {
		name, start string
		rule        schedule.Rule
		want        []string
	}{
		{"days over summer time", "2026-03-27T08:00", schedule.Rule{Every: schedule.Day, Hour: 9, Count: 4}, []string{"03-27 09:00 +01", "03-28 09:00 +01", "03-29 09:00 +02", "03-30 09:00 +02"}},
		{"the start is too late in its day", "2026-03-27T09:01", schedule.Rule{Every: schedule.Day, Hour: 9, Count: 1}, []string{"03-28 09:00 +01"}},
		{"the missing hour", "2026-03-28T00:00", schedule.Rule{Every: schedule.Day, Hour: 2, Minute: 30, Count: 3}, []string{"03-28 02:30 +01", "03-29 03:30 +02", "03-30 02:30 +02"}},
		{"the doubled hour", "2026-10-24T00:00", schedule.Rule{Every: schedule.Day, Hour: 2, Minute: 30, Count: 3}, []string{"10-24 02:30 +02", "10-25 02:30 +02", "10-26 02:30 +01"}},
		{"every third day", "2026-01-30T00:00", schedule.Rule{Every: schedule.Day, Interval: 3, Hour: 7, Until: until("2026-02-05T07:00")}, []string{"01-30 07:00 +01", "02-02 07:00 +01", "02-05 07:00 +01"}},
		{"a moment too early an end", "2026-01-30T00:00", schedule.Rule{Every: schedule.Day, Hour: 7, Until: until("2026-01-31T06:59")}, []string{"01-30 07:00 +01"}},
		{"weeks with days", "2026-04-01T00:00", schedule.Rule{Every: schedule.Week, Weekdays: []time.Weekday{time.Friday, time.Monday}, Hour: 18, Count: 4}, []string{"04-03 18:00 +02", "04-06 18:00 +02", "04-10 18:00 +02", "04-13 18:00 +02"}},
		{"every second week counts from Monday", "2026-04-01T00:00", schedule.Rule{Every: schedule.Week, Interval: 2, Weekdays: []time.Weekday{time.Sunday, time.Monday}, Hour: 18, Count: 4}, []string{"04-05 18:00 +02", "04-13 18:00 +02", "04-19 18:00 +02", "04-27 18:00 +02"}},
		{"weeks without days", "2026-04-01T00:00", schedule.Rule{Every: schedule.Week, Hour: 18, Count: 2}, []string{"04-01 18:00 +02", "04-08 18:00 +02"}},
		{"the last of the month", "2026-01-15T00:00", schedule.Rule{Every: schedule.Month, Day: 31, Hour: 10, Count: 5}, []string{"01-31 10:00 +01", "02-28 10:00 +01", "03-31 10:00 +02", "04-30 10:00 +02", "05-31 10:00 +02"}},
		{"the 30th", "2028-01-31T00:00", schedule.Rule{Every: schedule.Month, Day: 30, Hour: 10, Count: 2}, []string{"02-29 10:00 +01", "03-30 10:00 +02"}},
		{"every quarter, as it starts", "2026-01-31T00:00", schedule.Rule{Every: schedule.Month, Interval: 3, Hour: 10, Count: 3}, []string{"01-31 10:00 +01", "04-30 10:00 +02", "07-31 10:00 +02"}},
		{"both ends, the nearer counts", "2026-01-01T00:00", schedule.Rule{Every: schedule.Day, Hour: 10, Count: 2, Until: until("2027-01-01T00:00")}, []string{"01-01 10:00 +01", "01-02 10:00 +01"}},
	} {
		start := wall(t, c.start)
		if err := c.rule.Check(start, rome); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var got []string
		for at := range c.rule.All(start, rome) {
			got = append(got, at.In(rome).Format("01-02 15:04 -07"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%v, want\n%v", c.name, got, c.want)
		}
		if _, _, ok := c.rule.Next(len(c.want), start, rome); ok {
			t.Errorf("%s: something comes behind the end", c.name)
		}
	}
	apia := zone(t, "Pacific/Apia")
	var days []int
	for at, kind := range (schedule.Rule{Every: schedule.Day, Hour: 10, Count: 4}).All(wall(t, "2011-12-28T00:00"), apia) {
		if kind != schedule.Exact {
			t.Error(at.In(apia), kind)
		}
		days = append(days, at.In(apia).Day())
	}
	if !slices.Equal(days, []int{28, 29, 31, 1}) {
		t.Error("the day that is not there:", days)
	}
	kinds := schedule.Rule{Every: schedule.Day, Hour: 2, Minute: 30, Count: 460}
	seen := map[schedule.Kind]int{}
	for _, kind := range kinds.All(wall(t, "2026-01-01T00:00"), rome) {
		seen[kind]++
	}
	if seen[schedule.Missing] != 2 || seen[schedule.Doubled] != 1 || seen[schedule.Exact] != 457 {
		t.Error("what is not exact is said:", seen) // the 460 days hold March twice
	}
}

func TestRulesMustEnd(t *testing.T) {
	t.Parallel()
	rome, start := zone(t, "Europe/Rome"), wall(t, "2026-01-01T00:00")
	far := time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		key  string
		rule schedule.Rule
	}{
		{"schedule.rule.endless", schedule.Rule{Every: schedule.Day}},
		{"schedule.rule.never", schedule.Rule{Every: schedule.Day, Until: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}},
		{"schedule.rule.long", schedule.Rule{Every: schedule.Day, Until: far}},
		{"schedule.rule.count", schedule.Rule{Every: schedule.Day, Count: schedule.MostTimes + 1}},
		{"schedule.rule.count", schedule.Rule{Every: schedule.Day, Count: -1, Until: far}},
		{"schedule.rule.every", schedule.Rule{Every: "year", Count: 1}},
		{"schedule.rule.interval", schedule.Rule{Every: schedule.Day, Interval: 100, Count: 1}},
		{"schedule.rule.weekday", schedule.Rule{Every: schedule.Week, Weekdays: []time.Weekday{7}, Count: 1}},
		{"schedule.rule.day", schedule.Rule{Every: schedule.Month, Day: 32, Count: 1}},
		{"schedule.rule.time", schedule.Rule{Every: schedule.Day, Hour: 24, Count: 1}},
	} {
		err := c.rule.Check(start, rome)
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Key != c.key {
			t.Errorf("%s: %v", c.key, err)
		}
	}
	if err := (schedule.Rule{Every: schedule.Day, Count: schedule.MostTimes}).Check(start, rome); err != nil {
		t.Error(err)
	}
	if _, _, ok := (schedule.Rule{Every: schedule.Day}).Next(0, start, rome); ok {
		t.Error("a rule without an end came")
	}
	if _, _, ok := (schedule.Rule{Every: schedule.Day, Count: 1}).Next(-1, start, rome); ok {
		t.Error("what comes before the first came")
	}
	n := 0
	for range (schedule.Rule{Every: schedule.Month, Until: far}).All(start, rome) {
		n++
	}
	if n != schedule.MostTimes {
		t.Error("without a check it came", n, "times")
	}
}

func TestRulesGoOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc, about := near(t, 24*40)
		start := schedule.WallOf(about, loc)
		r := schedule.Rule{
			Every:    rapid.SampledFrom([]schedule.Unit{schedule.Day, schedule.Week, schedule.Month}).Draw(t, "unit"),
			Interval: rapid.IntRange(0, 4).Draw(t, "interval"), Day: rapid.IntRange(0, 31).Draw(t, "day"),
			Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: rapid.IntRange(0, 59).Draw(t, "minute"),
			Count: rapid.IntRange(1, 60).Draw(t, "count"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "weekdays") {
			r.Weekdays = append(r.Weekdays, time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")))
		}
		if err := r.Check(start, loc); err != nil {
			t.Fatal(err)
		}
		first, _ := schedule.In(start, loc, false)
		last := first.Add(-time.Nanosecond)
		n := 0
		for at, kind := range r.All(start, loc) {
			if !at.After(last) {
				t.Fatalf("%d: %v is not behind %v", n, at, last)
			}
			w := schedule.WallOf(at, loc)
			if kind != schedule.Missing && (w.Hour != r.Hour || w.Minute != r.Minute) {
				t.Fatalf("%d: the clock shows %v, not %d:%02d", n, w, r.Hour, r.Minute)
			}
			if kind != schedule.Missing && r.Every == schedule.Week && len(r.Weekdays) > 0 && !slices.Contains(r.Weekdays, at.In(loc).Weekday()) {
				t.Fatalf("%v is no day of %v", at.In(loc), r.Weekdays)
			}
			if next, k, ok := r.Next(n, start, loc); !ok || k != kind || !next.Equal(at) {
				t.Fatalf("%d: Next says %v %v, All %v %v", n, next, k, at, kind)
			}
			last = at
			n++
		}
		if n != r.Count {
			t.Fatalf("it came %d times of %d", n, r.Count)
		}
		// An end at its last moment ends it there.
		ended := r
		ended.Count, ended.Until = 0, last
		if at, _, ok := ended.Next(r.Count-1, start, loc); !ok || !at.Equal(last) {
			t.Fatalf("until %v the last is %v", last, at)
		}
		if _, _, ok := ended.Next(r.Count, start, loc); ok {
			t.Fatal("it came behind its end")
		}
	})
}
