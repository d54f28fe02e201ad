package tie

import (
	"cmp"
	"math"
	"slices"
)

// Concentration says on how few people a sum of events rests.
type Concentration struct {
	// People is how many have at least one event, Events how many there are.
	People, Events int
	// Top10 is the part of the events that the ten most active brought, First the part of the most active; from 0 to 1.
	Top10, First float64
	// N1 and N2 are effective numbers of people (Hill, Ecology 54, 1973): as many equally active ones would be as
	// concentrated. N1 gives each their weight, N2 counts the most active above all. They are estimates for the company that
	// one would see with events without end, not for the sample alone: N1 by Chao, Wang and Jost (Methods in Ecology and
	// Evolution 4, 2013), N2 by the unbiased sum of n(n-1)/N(N-1) (Simpson, Nature 163, 1949). N2 is +Inf where nobody came
	// twice: then there is no telling. Both are 0 without events, and NaN for N1 and N2 with one event.
	N1, N2 float64
	// Seen1 and Seen2 are the same numbers of the sample as it is: too low where events are few.
	Seen1, Seen2 float64
	// Gini is 0 where all are equally active and nears 1 where one brings everything. It is here because people ask for it. It says how
	// unequal those are who came at all, not how many carry the company: one that rests on three equal people has 0, and
	// one with ten thousand fans and a long tail has more than one that hangs on a handful. Read N2.
	Gini float64
	// WithoutFirst are N1 and N2 when the most active has left, as estimates; both 0 when nobody remains.
	WithoutFirst [2]float64
}

// Concentrate measures how the events are spread; counts has how many each person brought, 0 or less is not there.
func Concentrate(counts []int) Concentration {
	sorted := make([]int, 0, len(counts))
	for _, n := range counts {
		if n > 0 {
			sorted = append(sorted, n)
		}
	}
	slices.SortFunc(sorted, func(a, b int) int { return cmp.Compare(b, a) })
	c := Concentration{People: len(sorted)}
	for i, n := range sorted {
		c.Events += n
		if i < 10 {
			c.Top10 += float64(n)
		}
	}
	if c.Events == 0 {
		return c
	}
	all := float64(c.Events)
	c.Top10 /= all
	c.First = float64(sorted[0]) / all
	entropy, square, below := 0.0, 0.0, 0.0
	for i, n := range sorted {
		s := float64(n) / all
		entropy -= s * math.Log(s)
		square += s * s
		below += float64(i+1) * float64(n)
	}
	c.Seen1, c.Seen2 = math.Exp(entropy), 1/square
	c.N1, c.N2 = effective(sorted)
	many := float64(len(sorted))
	c.Gini = max((many+1)/many-2*below/(many*all), 0)
	if len(sorted) > 1 {
		c.WithoutFirst[0], c.WithoutFirst[1] = effective(sorted[1:])
	}
	return c
}

// effective estimates N1 and N2 from counts above 0.
func effective(counts []int) (n1, n2 float64) {
	total, pairs, once, twice := 0, 0.0, 0.0, 0.0
	for _, n := range counts {
		total += n
		pairs += float64(n) * float64(n-1)
		switch n {
		case 1:
			once++
		case 2:
			twice++
		}
	}
	if total < 2 {
		return math.NaN(), math.NaN()
	}
	all := float64(total)
	n2 = all * (all - 1) / pairs
	entropy, top := 0.0, digamma(all)
	for _, n := range counts {
		entropy += float64(n) / all * (top - digamma(float64(n)))
	}
	// What those who have not come yet would add, from how many came once and twice.
	rest := 1.0
	switch {
	case twice > 0:
		rest = 2 * twice / ((all-1)*once + 2*twice)
	case once > 0:
		rest = 2 / ((all-1)*(once-1) + 2)
	}
	if once > 0 && rest < 1 {
		entropy += once / all * tail(1-rest, all)
	}
	return math.Exp(entropy), n2
}

// tail is the sum of x^k/(n-1+k) from k = 1 on: what is left of -log(1-x) after n-1 terms, scaled. Far out, where
// terms change slowly, one stands for up to a thousandth of its place.
func tail(x, n float64) float64 {
	sum, log := 0.0, math.Log(x)
	for k := 1.0; ; {
		wide := max(1, math.Floor(k/1024))
		middle := k + (wide-1)/2
		term := wide * math.Exp(middle*log) / (n - 1 + middle)
		sum += term
		if middle*log < -45 {
			return sum
		}
		k += wide
	}
}

// digamma is the derivative of the logarithm of the gamma function, for x of at least 1 (Abramowitz and Stegun, 6.3.5 and 6.3.18).
func digamma(x float64) float64 {
	d := 0.0
	for ; x < 8; x++ {
		d -= 1 / x
	}
	y := 1 / (x * x)
	return d + math.Log(x) - 0.5/x - y*(1.0/12-y*(1.0/120-y*(1.0/252-y/240)))
}

// Dependence is how much a company and a person need each other (Emerson, American Sociological Review 27, 1962; Casciaro and
// Piskorski, Administrative Science Quarterly 50, 2005).
type Dependence struct {
	Person Person
	// OnThem is the person's part of all that is done towards the company, OnUs the company's part of all that the person
	// does; from 0 to 1.
	OnThem, OnUs float64
	// Given is the company's part of all that is done towards the person, from 0 to 1: whether it gives back.
	Given float64
}

// Mutual is how much both need each other, from 0 to 2.
func (d Dependence) Mutual() float64 { return d.OnThem + d.OnUs }

// Imbalance is above 0 where the company needs the person more, from -1 to 1.
func (d Dependence) Imbalance() float64 { return d.OnThem - d.OnUs }

// Depend measures the dependence between somebody, a company say, and all who did something towards them, those it needs
// most first. What people do towards themselves does not count.
func Depend(l *Log, company Person) []Dependence {
	n := len(l.Names)
	towards, does, gets, given := make([]int, n), make([]int, n), make([]int, n), make([]int, n)
	all := 0
	for _, e := range l.Events {
		if e.Actor == e.Target {
			continue
		}
		does[e.Actor]++
		gets[e.Target]++
		if e.Target == company {
			towards[e.Actor]++
			all++
		}
		if e.Actor == company {
			given[e.Target]++
		}
	}
	var out []Dependence
	for p, k := range towards {
		if k == 0 {
			continue
		}
		d := Dependence{Person: Person(p), OnThem: float64(k) / float64(all), OnUs: float64(k) / float64(does[p])}
		if gets[p] > 0 {
			d.Given = float64(given[p]) / float64(gets[p])
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Dependence) int {
		return cmp.Or(cmp.Compare(b.OnThem, a.OnThem), cmp.Compare(b.OnUs, a.OnUs), cmp.Compare(a.Person, b.Person))
	})
	return out
}

// Lost is how many people are joined to hub only by way of gone, gone not counted: who would be out of reach if they left. 0 when the
// two are not joined, or are the same.
func (g *Graph) Lost(hub, gone Person) int {
	if hub == gone {
		return 0
	}
	reach := func(without int32) int {
		seen := make([]bool, g.People())
		start := g.rank[hub]
		seen[start] = true
		here, n := []int32{start}, 1
		for len(here) > 0 {
			r := here[len(here)-1]
			here = here[:len(here)-1]
			for s := range g.around(r) {
				if !seen[s] && s != without {
					seen[s] = true
					n++
					here = append(here, s)
				}
			}
		}
		if without < 0 && !seen[g.rank[gone]] {
			return -1
		}
		return n
	}
	with := reach(-1)
	if with < 0 {
		return 0
	}
	return with - 1 - reach(g.rank[gone])
}
