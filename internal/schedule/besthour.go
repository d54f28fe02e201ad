package schedule

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Sample is something that people did: an answer, a visit, or several within the same hour.
type Sample struct {
	At    time.Time
	Count int // 0 is 1
}

// Hour is an hour of the week in which people did something.
type Hour struct {
	Weekday time.Weekday
	Hour    int
	Cases   int  // what they did in it, all weeks together
	Days    int  // on how many different days
	Few     bool // so few that it may be chance
}

// What makes an hour more than chance.
const (
	leastCases = 5
	leastDays  = 3
	doubt      = 0.05
)

// BestHours gives the hours of the week in which most happened, by the clock on the wall, at most so many, the best
// first. One evening on which everybody wrote does not make an hour: the cases of each day weigh with their logarithm. An
// hour has too few cases when it has less than five, on less than three days, or not more than chance would bring to one hour in the
// week if all 168 were alike (Poisson, at 1 in 20 for all of them together). Hours with too few stand behind the others. The cases
// tell when people did something, which depends on when we were there.
func BestHours(samples []Sample, zone *time.Location, most int) []Hour {
	type key struct {
		day  time.Time
		hour int
	}
	days := map[key]int{}
	all := 0
	for _, s := range samples {
		n := s.Count
		if n == 0 {
			n = 1
		}
		if n < 0 {
			continue
		}
		w := WallOf(s.At, zone)
		days[key{time.Date(w.Year, w.Month, w.Day, 0, 0, 0, 0, time.UTC), w.Hour}] += n
		all += n
	}
	const hours = 7 * 24
	var found [hours]struct {
		Hour
		weights []float64
	}
	for k, n := range days {
		h := &found[int(k.day.Weekday())*24+k.hour]
		h.Weekday, h.Hour.Hour = k.day.Weekday(), k.hour
		h.Cases += n
		h.Days++
		h.weights = append(h.weights, math.Log2(1+float64(n)))
	}
	type rated struct {
		Hour
		weight float64
	}
	var out []rated
	for _, h := range found {
		if h.Cases == 0 {
			continue
		}
		h.Few = h.Cases < leastCases || h.Days < leastDays || atLeast(h.Cases, float64(all)/hours) > doubt/hours
		slices.Sort(h.weights) // sums of floats depend on their order, and that of a map is any
		sum := 0.0
		for _, w := range h.weights {
			sum += w
		}
		out = append(out, rated{h.Hour, sum})
	}
	slices.SortFunc(out, func(a, b rated) int {
		switch {
		case a.Few != b.Few && a.Few:
			return 1
		case a.Few != b.Few:
			return -1
		}
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare((a.Weekday+6)%7, (b.Weekday+6)%7), cmp.Compare(a.Hour.Hour, b.Hour.Hour))
	})
	var best []Hour
	for _, r := range out[:max(0, min(most, len(out)))] {
		best = append(best, r.Hour)
	}
	return best
}

// atLeast is the chance that k or more happen where mean are to be expected (Poisson).
func atLeast(k int, mean float64) float64 {
	if mean > 1000 { // where it is as good as normal
		return math.Erfc((float64(k)-0.5-mean)/math.Sqrt(2*mean)) / 2
	}
	if float64(k) > mean+12*math.Sqrt(mean)+30 {
		return 0 // beyond what a float can tell from nothing
	}
	less := 0.0
	for i := range k {
		lg, _ := math.Lgamma(float64(i) + 1)
		less += math.Exp(float64(i)*math.Log(mean) - mean - lg)
	}
	return 1 - less
}
