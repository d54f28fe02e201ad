package triage

import (
	"cmp"
	"slices"
)

// counts are the right and wrong answers to one question.
type counts struct {
	hit, falseAlarm, missed, quiet float64
}

func (c *counts) add(said, is bool, weight float64) {
	switch {
	case said && is:
		c.hit += weight
	case said:
		c.falseAlarm += weight
	case is:
		c.missed += weight
	default:
		c.quiet += weight
	}
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func (c counts) precision() float64 { return ratio(c.hit, c.hit+c.falseAlarm) }
func (c counts) recall() float64    { return ratio(c.hit, c.hit+c.missed) }
func (c counts) f1() float64        { return ratio(2*c.hit, 2*c.hit+c.falseAlarm+c.missed) }

// guess is a probability with what would have been right.
type guess struct {
	p      float64
	yes    bool
	weight float64
}

// ranking is the chance that a yes stands above a no: the area under the curve.
func ranking(all []guess) float64 {
	v := slices.Clone(all)
	slices.SortStableFunc(v, func(a, b guess) int { return cmp.Compare(a.p, b.p) })
	var yes, no, sum float64
	for i := 0; i < len(v); {
		var y, n float64
		k := i
		for k < len(v) && v[k].p == v[i].p {
			if v[k].yes {
				y += v[k].weight
			} else {
				n += v[k].weight
			}
			k++
		}
		sum += float64(y*no) + float64(float64(y*n)/2)
		yes, no, i = yes+y, no+n, k
	}
	return ratio(sum, yes*no)
}

// brier is the mean square of how far probabilities are from what was right.
func brier(all []guess) float64 {
	var sum, n float64
	for _, g := range all {
		d := g.p
		if g.yes {
			d = 1 - g.p
		}
		sum += float64(float64(d*d) * g.weight)
		n += g.weight
	}
	return ratio(sum, n)
}

// calibration is how far probabilities are from frequencies, over ten bands: the expected calibration error.
func calibration(all []guess) float64 {
	var p, yes, n [10]float64
	total := 0.0
	for _, g := range all {
		b := min(9, int(g.p*10))
		p[b] += float64(g.p * g.weight)
		n[b] += g.weight
		total += g.weight
		if g.yes {
			yes[b] += g.weight
		}
	}
	sum := 0.0
	for b := range 10 {
		sum += max(p[b]-yes[b], yes[b]-p[b])
	}
	return ratio(sum, total)
}

// band gives the two thresholds of a decision: from upper on at least precise of what is said to be yes is, and below
// lower at most so many of a hundred are yes after all.
func band(all []guess, precise, leaks float64) (lower, upper float64) {
	v := slices.Clone(all)
	slices.SortStableFunc(v, func(a, b guess) int { return cmp.Compare(b.p, a.p) })
	upper = 0.95
	var yes, n float64
	for i, g := range v {
		n += g.weight
		if g.yes {
			yes += g.weight
		}
		if n >= 20 && ratio(yes, n) >= precise && (i+1 == len(v) || v[i+1].p < g.p) {
			upper = g.p
		}
	}
	lower = 0.05
	yes, n = 0, 0
	for i := len(v) - 1; i >= 0; i-- {
		n += v[i].weight
		if v[i].yes {
			yes += v[i].weight
		}
		if n >= 20 && ratio(yes, n) <= leaks && (i == 0 || v[i-1].p > v[i].p) {
			lower = v[i].p
		}
	}
	upper = max(0.5, upper)
	return min(lower, 0.5, upper), upper
}
