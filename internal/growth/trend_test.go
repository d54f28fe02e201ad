package growth

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/record"
)

// slowAtMost is the same sum with whole numbers that grow as they must.
func slowAtMost(k, n, a, b int) float64 {
	sum, power := new(big.Int), new(big.Int)
	for i := 0; i <= k; i++ {
		term := new(big.Int).Binomial(int64(n), int64(i))
		term.Mul(term, power.Exp(big.NewInt(int64(a)), big.NewInt(int64(i)), nil))
		sum.Add(sum, term.Mul(term, power.Exp(big.NewInt(int64(b)), big.NewInt(int64(n-i)), nil)))
	}
	p, _ := new(big.Rat).SetFrac(sum, new(big.Int).Exp(big.NewInt(int64(a+b)), big.NewInt(int64(n)), nil)).Float64()
	return p
}

func near(got, want float64) bool {
	if want < 1e-290 { // the smallest floats have few digits left
		return got < 1e-289
	}
	return math.Abs(got-want) <= 1e-11*want
}

func TestTheChanceIsTheExactSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 400).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		a, b := rapid.IntRange(1, 365).Draw(t, "a"), rapid.IntRange(28, 182).Draw(t, "b")
		if got, want := atMost(k, n, a, b), slowAtMost(k, n, a, b); !near(got, want) {
			t.Fatalf("at most %d of %d with %d/%d: %.17g, exactly %.17g", k, n, a, a+b, got, want)
		}
	})
}

// Large counts too: the smallest that a float holds, the middle, and what is all but certain.
func TestTheChanceHoldsForLargeCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ k, n, a, b int }{
		{0, 1500, 28, 182}, {0, 1000, 1, 1}, {150, 1500, 28, 182}, {300, 1500, 28, 182}, {1499, 1500, 365, 28}, {700, 1500, 91, 91}, {751, 1500, 91, 91},
	} {
		if got, want := atMost(c.k, c.n, c.a, c.b), slowAtMost(c.k, c.n, c.a, c.b); !near(got, want) {
			t.Errorf("%+v: %.17g, exactly %.17g", c, got, want)
		}
	}
	// Of two million with even chances half is at most half of the time and half of the middle's own probability.
	n := 2_000_000
	middle := 1 / math.Sqrt(math.Pi*float64(n)/2) * (1 - 1/(4*float64(n)))
	if got, want := atMost(n/2, n, 100, 100), .5+middle/2; math.Abs(got-want) > 1e-12 {
		t.Errorf("%.17g, not %.17g", got, want)
	}
}

func TestTheChanceFollowsReason(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := record.Count{People: rapid.IntRange(1, 2000).Draw(t, "before"), Days: rapid.IntRange(28, 182).Draw(t, "days before")}
		after := record.Count{People: rapid.IntRange(0, 2000).Draw(t, "after"), Days: rapid.IntRange(1, 365).Draw(t, "days after")}
		p := chance(before, after)
		if math.IsNaN(p) || p < 0 || p > 1 {
			t.Fatalf("%v", p)
		}
		if !fell(before, after) && p != 1 {
			t.Fatalf("no fall, and a chance of %v", p)
		}
		fewer := after
		if fewer.People > 0 {
			fewer.People--
			if q := chance(before, fewer); q > p {
				t.Fatalf("fewer complaints are likelier to be luck: %v, then %v", p, q)
			}
		}
		longer := after
		longer.Days++
		if q := chance(before, longer); q > p+1e-12 {
			t.Fatalf("the same in more days is likelier to be luck: %v, then %v", p, q)
		}
	})
}

var rome = func() *time.Location {
	l, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return l
}()

// complaintsOn makes one complaint of a new person at noon of each day, counted from the day of the change.
func complaintsOn(since time.Time, days ...int) (cs []complaint) {
	for i, d := range days {
		cs = append(cs, complaint{who: fmt.Sprint("p", i), at: startOf(dayOf(since, rome)+d, rome).Add(12 * time.Hour)})
	}
	return cs
}

func TestTrend(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 20, 14, 0, 0, 0, rome)
	day := func(d int) time.Time { return startOf(dayOf(since, rome)+d, rome) }
	noon := func(d int) time.Time { return day(d).Add(12 * time.Hour) }
	six := []int{-60, -50, -40, -30, -20, -10}
	for name, c := range map[string]struct {
		days  []int
		now   time.Time
		want  record.Outcome
		b, a  record.Count
		look  time.Time
		least float64 // chance
		most  float64
	}{
		"on the day itself":             {six, since, record.TooEarly, record.Count{People: 6, Days: 61}, record.Count{}, day(29), 1, 1},
		"a week later":                  {six, noon(8), record.TooEarly, record.Count{People: 6, Days: 61}, record.Count{Days: 7}, day(29), .5, .6},
		"27 whole days":                 {six, noon(28), record.TooEarly, record.Count{People: 6, Days: 61}, record.Count{Days: 27}, day(29), .1, .2},
		"28 whole days, none":           {six, noon(29), record.TooFew, record.Count{People: 6, Days: 61}, record.Count{Days: 28}, day(41), .1, .12},
		"when it was foreseen":          {six, day(41), record.Worked, record.Count{People: 6, Days: 61}, record.Count{Days: 40}, time.Time{}, .04, .05},
		"the night before":              {six, day(41).Add(-time.Second), record.TooFew, record.Count{People: 6, Days: 61}, record.Count{Days: 39}, day(41), .05, .06},
		"it goes on as before":          {append([]int{5, 15, 25, 35, 45, 55}, six...), noon(60), record.NotWorked, record.Count{People: 6, Days: 61}, record.Count{People: 6, Days: 59}, time.Time{}, 1, 1},
		"today does not count yet":      {append([]int{60}, six...), noon(60), record.Worked, record.Count{People: 6, Days: 61}, record.Count{Days: 59}, time.Time{}, 0, .05},
		"two before are too few":        {[]int{-40, -3}, noon(200), record.TooFew, record.Count{People: 2, Days: 41}, record.Count{Days: 199}, time.Time{}, 0, .05},
		"three in half a year":          {[]int{-181, -100, -1}, noon(60), record.TooFew, record.Count{People: 3, Days: 182}, record.Count{Days: 59}, day(123), .4, .5},
		"the day of the change is then": {[]int{0, 0, 0}, noon(40), record.TooFew, record.Count{People: 3, Days: 28}, record.Count{Days: 39}, day(50), .07, .08},
		"a year is enough":              {six, noon(800), record.Worked, record.Count{People: 6, Days: 61}, record.Count{Days: 365}, time.Time{}, 0, .001},
		"long ago does not count":       {append([]int{-300, -250}, six...), noon(60), record.TooFew, record.Count{People: 6, Days: 182}, record.Count{Days: 59}, day(62), .15, .2},
		"nothing at all":                {nil, noon(60), record.TooFew, record.Count{Days: 28}, record.Count{Days: 59}, time.Time{}, 1, 1},
	} {
		got := trendOf(complaintsOn(since, c.days...), since, c.now, rome)
		if got.Outcome != c.want || got.Before != c.b || got.After != c.a || !got.LookAt.Equal(c.look) || got.Chance < c.least || got.Chance > c.most {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// One person who complains again and again is one person; so is one who complains before and after, once in each window.
func TestATrendCountsPeople(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 20, 14, 0, 0, 0, rome)
	var cs []complaint
	for _, c := range complaintsOn(since, -9, -8, -7, -2, 3, 4, 5) {
		c.who = "elena"
		cs = append(cs, c)
	}
	if got := trendOf(cs, since, since.AddDate(0, 0, 40), rome); got.Before.People != 1 || got.After.People != 1 {
		t.Fatalf("%+v", got)
	}
}

// A day is a day of the company: what is written half an hour past midnight in Rome is of the next day there, though
// it is the same in Greenwich, and the day on which clocks change is one day.
func TestATrendCountsTheCompanysDays(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 27, 10, 0, 0, 0, rome)
	late := []complaint{{"a", time.Date(2026, 3, 28, 0, 30, 0, 0, rome)}, {"b", time.Date(2026, 3, 27, 23, 30, 0, 0, rome)}}
	got := trendOf(late, since, time.Date(2026, 3, 30, 0, 0, 0, 0, rome), rome)
	if got.Before.People != 1 || got.After != (record.Count{People: 1, Days: 2}) {
		t.Fatalf("%+v", got)
	}
	if got := trendOf(late, since, time.Date(2026, 3, 29, 23, 59, 0, 0, rome), rome); got.After.Days != 1 {
		t.Fatalf("%+v", got)
	}
}

// Whatever is said to be looked at again says more then, when people go on as they do.
func TestWhenToLookIsWhenThereIsEnough(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 20, 14, 0, 0, 0, rome)
	changed := dayOf(since, rome)
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(-181, 0), 0, 40).Draw(t, "before")
		days = append(days, rapid.SliceOfN(rapid.IntRange(1, 90), 0, 10).Draw(t, "after")...)
		now := startOf(changed+rapid.IntRange(0, 120).Draw(t, "now"), rome).Add(time.Hour)
		got := trendOf(complaintsOn(since, days...), since, now, rome)
		if got.LookAt.IsZero() {
			return
		}
		if !got.LookAt.After(now) {
			t.Fatalf("to be looked at in the past: %+v", got)
		}
		if got.Outcome == record.TooFew && got.After.People == 0 && got.Before.Days*enoughWaited <= got.After.Days*got.Before.People {
			// Nobody complained since, and nobody will: then it is told on that very day and not before.
			if then := trendOf(complaintsOn(since, days...), since, got.LookAt, rome); then.Outcome != record.Worked && then.After.People == 0 {
				t.Fatalf("%+v, and then %+v", got, then)
			}
		}
	})
}
