package schedule_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/schedule"
)

func TestBestHours(t *testing.T) {
	t.Parallel()
	rome := zone(t, "Europe/Rome")
	at := func(s string) time.Time { m, _ := schedule.In(wall(t, s), rome, false); return m }
	var samples []schedule.Sample
	add := func(s string, weeks, times int) {
		for w := range weeks {
			for range times {
				samples = append(samples, schedule.Sample{At: at(s).In(rome).AddDate(0, 0, 7*w)})
			}
		}
	}
	add("2026-03-05T18:20", 8, 4)                                                                                                  // Thursdays at six, over summer time
	add("2026-03-03T12:10", 8, 2)                                                                                                  // Tuesdays at noon
	samples = append(samples, schedule.Sample{At: at("2026-03-07T21:00"), Count: 500})                                             // one evening
	samples = append(samples, schedule.Sample{At: at("2026-03-08T10:00")}, schedule.Sample{At: at("2026-03-08T10:30"), Count: -3}) // a single one
	got := schedule.BestHours(samples, rome, 10)
	want := []schedule.Hour{
		{Weekday: time.Thursday, Hour: 18, Cases: 32, Days: 8},
		{Weekday: time.Tuesday, Hour: 12, Cases: 16, Days: 8},
		{Weekday: time.Saturday, Hour: 21, Cases: 500, Days: 1, Few: true},
		{Weekday: time.Sunday, Hour: 10, Cases: 1, Days: 1, Few: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want\n%+v", got, want)
	}
	if got := schedule.BestHours(samples, rome, 1); !slices.Equal(got, want[:1]) {
		t.Error("the best one:", got)
	}
	if got := schedule.BestHours(samples, rome, -1); len(got) != 0 {
		t.Error(got)
	}
	if got := schedule.BestHours(nil, rome, 5); len(got) != 0 {
		t.Error(got)
	}
	utc := schedule.BestHours(samples, time.UTC, 1)
	if len(utc) != 1 || utc[0].Hour == 18 {
		t.Error("the zone makes no difference", utc)
	}
}

// Of samples spread by chance over the week hardly an hour is taken for better: chance is asked a hundred times.
func TestChanceMakesNoBestHour(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 2026))
	wrong := 0
	for range 100 {
		var samples []schedule.Sample
		for range 300 {
			samples = append(samples, schedule.Sample{At: time.Date(2026, 1, 5, 0, rng.IntN(8*7*24*60), 0, 0, time.UTC)})
		}
		if !schedule.BestHours(samples, time.UTC, 1)[0].Few {
			wrong++
		}
	}
	if wrong > 10 {
		t.Errorf("in %d of 100 chance became a best hour, where 5 are to be expected", wrong)
	}
}

func TestBestHoursOfVeryManyCases(t *testing.T) {
	t.Parallel()
	var samples []schedule.Sample
	for d := range 21 {
		for h := range 24 {
			n := 1_000_000_000
			if h == 9 {
				n += n / 100
			}
			samples = append(samples, schedule.Sample{At: time.Date(2026, 1, 5+d, h, 0, 0, 0, time.UTC), Count: n})
		}
	}
	got := schedule.BestHours(samples, time.UTC, 168)
	for i, h := range got {
		if h.Few != (h.Hour != 9) || (i < 7) != (h.Hour == 9) {
			t.Fatalf("%d: %+v", i, h)
		}
	}
}
