package growth

import (
	"math"
	"time"

	"github.com/ponte-desk/ponte/internal/record"
)

// What a trend needs before it says anything, and the windows it looks at. All days are days of the company's zone.
const (
	enoughDays    = 28  // after the change; before it is too early
	enoughPeople  = 3   // before the change; with fewer there is nothing to compare with
	enoughWaited  = 2   // people who would have complained since, had nothing changed
	chanceAtMost  = .05 // of a fall at least as great by chance, for it to count
	daysBeforeMin = 28
	daysBeforeMax = 182
	daysAfterMax  = 365 // the first year; later the outcome stands
)

// Trend compares how many different people complained before a change and after it.
//
// The window before ends with the day of the change, which counts as before, and begins with the day of the first criticism, but is
// at least four weeks long and at most twenty-six. The window after begins with the day behind the change and ends with
// the last whole day, at most a year later: today counts tomorrow. Who complained several times in a window counts once in it.
type Trend struct {
	Outcome record.Outcome
	Before  record.Count
	After   record.Count
	// Chance is how likely a fall at least as great would be had nothing changed: one-sided conditional test of two Poisson
	// rates (Przyborowski and Wilenski 1940). 1 when there was no fall.
	Chance float64
	LookAt time.Time // TooEarly and TooFew: when there will probably be enough to say; zero: it cannot be foreseen
}

// complaint is what a trend counts: who complained, and when.
type complaint struct {
	who string
	at  time.Time
}

// trendOf compares the complaints before and after a change that is in force since a moment.
func trendOf(cs []complaint, since, now time.Time, loc *time.Location) Trend {
	changed := dayOf(since, loc)
	from := changed
	for _, c := range cs {
		from = min(from, dayOf(c.at, loc))
	}
	from = max(min(from, changed-daysBeforeMin+1), changed-daysBeforeMax+1)
	last := min(dayOf(now, loc)-1, changed+daysAfterMax)
	before, after := map[string]bool{}, map[string]bool{}
	for _, c := range cs {
		switch d := dayOf(c.at, loc); {
		case d >= from && d <= changed:
			before[c.who] = true
		case d > changed && d <= last:
			after[c.who] = true
		}
	}
	t := Trend{
		Before: record.Count{People: len(before), Days: changed - from + 1},
		After:  record.Count{People: len(after), Days: max(0, last-changed)},
		Chance: 1,
	}
	if t.After.Days > 0 {
		t.Chance = chance(t.Before, t.After)
	}
	// What is said of n whole days is known when the day behind them begins.
	known := func(days int) time.Time {
		if days > daysAfterMax {
			return time.Time{}
		}
		return startOf(changed+days+1, loc)
	}
	enough := daysAfterMax + 1
	if t.Before.People >= enoughPeople {
		enough = max(enoughDays, (enoughWaited*t.Before.Days+t.Before.People-1)/t.Before.People)
	}
	switch {
	case t.After.Days < enoughDays:
		t.Outcome, t.LookAt = record.TooEarly, known(enoughDays)
	case t.After.Days < enough:
		t.Outcome, t.LookAt = record.TooFew, known(enough)
	case t.Chance <= chanceAtMost:
		t.Outcome = record.Worked
	case !fell(t.Before, t.After):
		t.Outcome = record.NotWorked
	default:
		t.Outcome, t.LookAt = record.TooFew, known(daysUntilSure(t.Before, t.After))
	}
	return t
}

// daysUntilSure is how many days after the change there will be enough to say that it worked, when people go on
// complaining as they do since; beyond daysAfterMax when that is not to be expected.
func daysUntilSure(before, after record.Count) int {
	for d := after.Days + 1; d <= daysAfterMax; d++ {
		people := (after.People*d + after.Days - 1) / after.Days // rather one too many
		if chance(before, record.Count{People: people, Days: d}) <= chanceAtMost {
			return d
		}
	}
	return daysAfterMax + 1
}

// fell tells whether fewer people a day complained after than before.
func fell(before, after record.Count) bool {
	return after.People*before.Days < before.People*after.Days
}

// chance is how likely it is that, of all who complained, so few or fewer did so after the change, had it changed nothing: then
// each complains after it with the share of the days that lie behind it. 1 when there was no fall. Both windows have days.
func chance(before, after record.Count) float64 {
	if !fell(before, after) {
		return 1
	}
	return atMost(after.People, before.People+after.People, after.Days, before.Days)
}

// atMost is the probability of at most k successes in n trials when each succeeds with probability a/(a+b): the exact
// binomial sum. Its largest term is computed without cancellation (C. Loader, Fast and Accurate Computation of Binomial
// Probabilities, 2000), the others follow from it one by one, until they no longer count.
func atMost(k, n, a, b int) float64 {
	if k >= n {
		return 1
	}
	p, q := float64(a)/float64(a+b), float64(b)/float64(a+b)
	mode := min(k, int(float64(n+1)*p))
	top := binomial(mode, n, p, q)
	sum := 1.0
	term := 1.0
	for i := mode; i > 0; i-- { // downwards from the largest
		term *= float64(i) * q / (float64(n-i+1) * p)
		if sum += term; term < sum*1e-18 {
			break
		}
	}
	term = 1
	for i := mode; i < k; i++ { // upwards, where k lies behind it
		term *= float64(n-i) * p / (float64(i+1) * q)
		if sum += term; term < sum*1e-18 {
			break
		}
	}
	return min(1, top*sum)
}

// binomial is the probability of exactly k successes in n trials.
func binomial(k, n int, p, q float64) float64 {
	switch k {
	case 0:
		return math.Exp(float64(n) * math.Log1p(-p))
	case n:
		return math.Exp(float64(n) * math.Log(p))
	}
	x, m, r := float64(k), float64(n), float64(n-k)
	log := stirling(n) - stirling(k) - stirling(n-k) - deviance(x, m*p) - deviance(r, m*q)
	return math.Exp(log) * math.Sqrt(m/(2*math.Pi*x*r))
}

// stirling is what Stirling's formula leaves out of log n!.
func stirling(n int) float64 {
	if n < 16 {
		l, _ := math.Lgamma(float64(n) + 1)
		return l - (float64(n)+.5)*math.Log(float64(n)) + float64(n) - .5*math.Log(2*math.Pi)
	}
	x := float64(n)
	y := x * x
	return (1./12 - (1./360-(1./1260-(1./1680-1./1188/y)/y)/y)/y) / x
}

// deviance is x log(x/m) + m - x, exact also where x is near m.
func deviance(x, m float64) float64 {
	if math.Abs(x-m) >= .1*(x+m) {
		return x*math.Log(x/m) + m - x
	}
	v := (x - m) / (x + m)
	s, term := (x-m)*v, 2*x*v
	for j := 1; ; j++ {
		term *= v * v
		next := s + term/float64(2*j+1)
		if next == s {
			return s
		}
		s = next
	}
}

// dayOf numbers the calendar days of a zone, one after the other.
func dayOf(t time.Time, loc *time.Location) int {
	y, m, d := t.In(loc).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// startOf is the moment at which a day begins in a zone.
func startOf(day int, loc *time.Location) time.Time {
	u := time.Unix(int64(day)*86400, 0).UTC()
	return time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, loc).UTC()
}

// endOfDay is the last moment of the day of a time in a zone.
func endOfDay(t time.Time, loc *time.Location) time.Time {
	return startOf(dayOf(t, loc)+1, loc).Add(-time.Microsecond)
}
