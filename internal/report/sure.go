package report

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

// Few is the number of cases under which nothing is reckoned from them: they are too few to say.
const Few = 5

// z is the quantile of the normal distribution for intervals that hold the true value in 95 of 100 cases.
const z = 1.959963984540054

// Share is a part of a whole, with the interval in which it may truly lie.
type Share struct {
	Part, Of  int
	Low, High float64 // of 1; both 0 when Few
	Few       bool    // Of is less than Few
}

// ShareOf makes a share with Wilson's interval (Wilson 1927; Brown, Cai and DasGupta 2001).
func ShareOf(part, of int) Share {
	s := Share{Part: part, Of: of, Few: of < Few}
	if s.Few {
		return s
	}
	n, p := float64(of), float64(part)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	s.Low, s.High = max(0, middle-half), min(1, middle+half)
	return s
}

// Each is what one of something cost, in hundredths, or what one hundredth brought, with its interval.
type Each struct {
	Cents     float64
	Low, High float64
	Open      bool    // no upper end can be told: it may be that none comes
	N         float64 // how many there were
	Few       bool    // fewer than Few: nothing else is said
	None      bool    // nothing was spent on it that is known
}

// rounds is how often the bootstrap draws.
const rounds = 1000

// seedOf makes a seed of what is reckoned, so that the same figures always have the same interval.
func seedOf(parts ...string) *rand.Rand {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0})
	}
	return rand.New(rand.NewPCG(h.Sum64(), rounds))
}

// eachOf reckons what one cost. The money is known; how many came is chance: the days are drawn anew, with what each brought, as often as there
// are days, and this rounds times (Efron 1979). The ends are the 2.5th and 97.5th hundredth of what comes out.
func eachOf(cents float64, days []float64, r *rand.Rand) Each {
	e := Each{None: cents <= 0}
	for _, n := range days {
		e.N += n
	}
	if e.Few = e.N < Few; e.Few || e.None {
		return e
	}
	e.Cents = cents / e.N
	low, high := drawn(days, r)
	e.Low = cents / high
	if e.Open = low <= 0; !e.Open {
		e.High = cents / low
	}
	return e
}

// perCent reckons what every hundredth that was spent brought back, from the days on which sold things came; sold is how many these were.
func perCent(cents float64, sold int, days []float64, r *rand.Rand) Each {
	e := Each{N: float64(sold), Few: sold < Few, None: cents <= 0}
	if e.Few || e.None {
		return e
	}
	for _, v := range days {
		e.Cents += v
	}
	e.Cents /= cents
	low, high := drawn(days, r)
	e.Low, e.High = low/cents, high/cents
	return e
}

// drawn gives the ends of the interval of a sum over days.
func drawn(days []float64, r *rand.Rand) (low, high float64) {
	var some []float64 // most days bring nothing: only how many of the others are drawn needs to be known
	for _, n := range days {
		if n != 0 {
			some = append(some, n)
		}
	}
	sums := make([]float64, rounds)
	for i := range sums {
		for range days {
			if k := r.IntN(len(days)); k < len(some) {
				sums[i] += some[k]
			}
		}
	}
	slices.Sort(sums)
	return sums[rounds/40], sums[rounds-1-rounds/40]
}

// Verdict is what two intervals say together.
type Verdict string

// The verdicts.
const (
	Cheaper Verdict = "cheaper" // nearly certain: the intervals do not touch
	Dearer  Verdict = "dearer"
	Unsure  Verdict = "unsure" // they touch
	TooFew  Verdict = "few"    // one of them is of too few cases, or nobody knows what it cost
)

// Compare says whether the first costs less than the second.
func Compare(a, b Each) Verdict {
	switch {
	case a.Few || b.Few || a.None || b.None:
		return TooFew
	case !a.Open && a.High < b.Low:
		return Cheaper
	case !b.Open && b.High < a.Low:
		return Dearer
	}
	return Unsure
}
