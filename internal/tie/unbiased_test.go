package tie

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// truth is a company of which everything is known: on each tie things happen at a rate of its own, for ever.
type truth struct {
	log   *Log
	pairs [][2]Person
	rate  []float64 // a day, of each pair
}

// drawTruth draws a company in which about so many events happen within 150 days, on about a fourth as many ties.
func drawTruth(events int, seed uint64) *truth {
	const days = 150.0
	r := rand.New(rand.NewPCG(seed, 41))
	people := max(events/8, 8)
	c := &truth{log: &Log{Names: make([]string, people), Kinds: []string{""}}}
	known, sum := map[[2]Person]bool{}, 0.0
	for len(c.pairs) < max(events/4, 12) {
		a, b := Person(r.IntN(people)), Person(r.IntN(people))
		if a != b && !known[[2]Person{min(a, b), max(a, b)}] {
			known[[2]Person{min(a, b), max(a, b)}] = true
			c.pairs = append(c.pairs, [2]Person{a, b})
			x := r.ExpFloat64() * r.ExpFloat64() // some much, many little
			c.rate = append(c.rate, x)
			sum += x
		}
	}
	for i, pair := range c.pairs {
		c.rate[i] *= float64(events) / days / sum
		for at := r.ExpFloat64() / c.rate[i]; at < days; at += r.ExpFloat64() / c.rate[i] {
			c.log.Events = append(c.log.Events, Event{Actor: pair[0], Target: pair[1], At: 1_600_000_000 + int64(at*day)})
		}
	}
	c.log.Sort()
	return c
}

// off gathers by how much estimates are off, company by company.
type off struct{ n, sum, squares float64 }

func (o *off) add(x float64) { o.n, o.sum, o.squares = o.n+1, o.sum+x, o.squares+x*x }

// mean is the bias and the error of it.
func (o *off) mean() (bias, err float64) {
	bias = o.sum / o.n
	return bias, math.Sqrt(max(o.squares/o.n-bias*bias, 0) / (o.n - 1))
}

// TestNothingIsBiased: on companies whose truth is known, from 50 to 50,000 events, what is estimated is right on average: within
// four times the error of that average, and what no estimator can have without bias (entropy) within a hundredth more,
// and what is fitted to the past (the chance that a tie is active) within two.
func TestNothingIsBiased(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ events, companies int }{{50, 300}, {500, 100}, {5000, 20}, {50_000, 4}} {
		t.Run(fmt.Sprint(c.events), func(t *testing.T) {
			t.Parallel()
			var square, entropy, active, on off
			learnt := 0
			for seed := range uint64(c.companies) {
				x := drawTruth(c.events, seed)
				share, all, acts := make([]float64, len(x.log.Names)), 0.0, make([]int, len(x.log.Names))
				for i, pair := range x.pairs {
					share[pair[0]] += x.rate[i]
					all += x.rate[i]
				}
				for _, e := range x.log.Events {
					acts[e.Actor]++
				}
				squares, ent := 0.0, 0.0
				for _, s := range share {
					if s > 0 {
						squares += s / all * s / all
						ent -= s / all * math.Log(s/all)
					}
				}
				found := Concentrate(acts)
				square.add((1/found.N2 - squares) / squares)
				entropy.add(math.Log(found.N1) - ent)
				on.add(float64(acts[x.pairs[0][0]])/float64(found.Events) - share[x.pairs[0][0]]/all)

				in, err := LearnIntensity(x.log, IntensityOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if in.Learnt {
					learnt++
				}
				f := Fuse(built(t, x.log, BuildOptions{}), FuseOptions{})
				chance := in.Of(x.log, f)
				miss, seen := 0.0, 0.0
				for i, pair := range x.pairs {
					if e, ok := f.Graph.Find(pair[0], pair[1]); ok {
						miss += chance[e] + math.Expm1(-30*x.rate[i])
						seen++
					}
				}
				active.add(miss / max(seen, 1))
			}
			for _, o := range []struct {
				name  string
				off   off
				bound float64
			}{{"sum of squares", square, 0}, {"entropy", entropy, 0.01}, {"share", on, 0}, {"chance of a tie", active, 0.02}} {
				bias, err := o.off.mean()
				t.Logf("%s: %+.4f ± %.4f", o.name, bias, err)
				if math.Abs(bias) > 4*err+o.bound {
					t.Errorf("%s: off by %v, error %v", o.name, bias, err)
				}
			}
			t.Logf("learnt in %d of %d", learnt, c.companies)
		})
	}
}
