package tie

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestConcentrationByHand(t *testing.T) {
	t.Parallel()
	c := Concentrate([]int{0, 5, 3, -1, 2})
	if c.People != 3 || c.Events != 10 {
		t.Fatalf("%+v", c)
	}
	near(t, "top ten", c.Top10, 1)
	near(t, "first", c.First, 0.5)
	near(t, "N2 as seen", c.Seen2, 1/(0.25+0.09+0.04))
	near(t, "N2", c.N2, 90.0/(20+6+2))
	near(t, "N1 as seen", c.Seen1, math.Exp(-(0.5*math.Log(0.5) + 0.3*math.Log(0.3) + 0.2*math.Log(0.2))))
	// Half the mean difference of two of them, over the mean: (2+3+1)*2/9 / (2*10/3).
	near(t, "Gini", c.Gini, (2+3+1)*2.0/9/(2*10.0/3))
	near(t, "N2 without the first", c.WithoutFirst[1], 20.0/(6+2))
	// Nobody came once, so nothing is added for who has not come: the sum of n/N (digamma N - digamma n).
	harmonic := func(n int) (h float64) {
		for i := 1; i < n; i++ {
			h += 1 / float64(i)
		}
		return h
	}
	near(t, "N1", c.N1, math.Exp(harmonic(10)-0.5*harmonic(5)-0.3*harmonic(3)-0.2*harmonic(2)))
	if c = Concentrate(nil); c != (Concentration{}) {
		t.Errorf("nothing: %+v", c)
	}
	if c = Concentrate([]int{1, 1, 1}); !math.IsInf(c.N2, 1) || c.Seen2 < 2.999 {
		t.Errorf("nobody twice: %+v", c)
	}
	if c = Concentrate([]int{1}); !math.IsNaN(c.N1) || c.First != 1 || c.Gini != 0 {
		t.Errorf("one event: %+v", c)
	}
}

func TestTailIsWhatIsLeftOfTheLogarithm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ x, n float64 }{{0.5, 4}, {0.99, 50}, {0.9999, 300}, {0.999999, 5000}} {
		left := -math.Log1p(-c.x)
		for r := 1.0; r < c.n; r++ {
			left -= math.Pow(c.x, r) / r
		}
		want := left / math.Pow(c.x, c.n-1)
		if got := tail(c.x, c.n); math.Abs(got-want) > 1e-6*want {
			t.Errorf("%v: %v, want %v", c, got, want)
		}
	}
}

// Companies whose truth is known, from a handful of events on: the estimates must be nearer to it than what is seen.
func TestEffectiveNumbersAreTrueOnAverage(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	const people, times = 60, 400
	weight := make([]float64, people)
	sum := 0.0
	for i := range weight {
		weight[i] = math.Pow(float64(i+1), -0.8)
		sum += weight[i]
	}
	entropy, square := 0.0, 0.0
	for i := range weight {
		weight[i] /= sum
		entropy -= weight[i] * math.Log(weight[i])
		square += weight[i] * weight[i]
	}
	for _, events := range []int{50, 200, 2000} {
		var one, two, seen1, seen2, spread float64
		for range times {
			counts := make([]int, people)
			for range events {
				x, i := r.Float64(), 0
				for ; i < people-1 && x >= weight[i]; i++ {
					x -= weight[i]
				}
				counts[i]++
			}
			c := Concentrate(counts)
			one += math.Log(c.N1) / times
			two += 1 / c.N2 / times // what is unbiased is the sum of squares
			seen1 += math.Log(c.Seen1) / times
			seen2 += 1 / c.Seen2 / times
			spread += (1/c.N2 - square) * (1/c.N2 - square) / times
		}
		if err := math.Sqrt(spread / times); math.Abs(two-square) > 4*err {
			t.Errorf("%d events: sum of squares %v, truth %v, 4 errors %v", events, two, square, 4*err)
		}
		// No estimate of entropy is wholly unbiased; a tenth of the bias of what is seen may remain.
		if math.Abs(one-entropy) > max(math.Abs(seen1-entropy)/10, 0.01) {
			t.Errorf("%d events: entropy %v, seen %v, truth %v", events, one, seen1, entropy)
		}
		if math.Abs(two-square) > math.Abs(seen2-square) {
			t.Errorf("%d events: what is seen is nearer", events)
		}
	}
}

func TestDependenceByHand(t *testing.T) {
	t.Parallel()
	l := &Log{Names: []string{"company", "ada", "bo", "cy"}}
	add := func(a, b Person, n int) {
		for range n {
			l.Events = append(l.Events, Event{Actor: a, Target: b})
		}
	}
	add(1, 0, 6) // ada: all for the company
	add(2, 0, 2) // bo: some
	add(2, 3, 6)
	add(2, 2, 9)
	add(0, 2, 1) // answered
	add(3, 2, 3)
	all := Depend(l, 0)
	if len(all) != 2 || all[0].Person != 1 || all[1].Person != 2 {
		t.Fatalf("%+v", all)
	}
	near(t, "on ada", all[0].OnThem, 0.75)
	near(t, "of ada", all[0].OnUs, 1)
	near(t, "mutual", all[0].Mutual(), 1.75)
	near(t, "imbalance", all[0].Imbalance(), -0.25)
	near(t, "given to ada", all[0].Given, 0)
	near(t, "of bo", all[1].OnUs, 0.25)
	near(t, "given to bo", all[1].Given, 0.25)
	g := built(t, l, BuildOptions{})
	for gone, want := range map[Person]int{1: 0, 2: 1, 3: 0, 0: 0} {
		if n := g.Lost(0, gone); n != want {
			t.Errorf("without %s %d are lost, want %d", l.Names[gone], n, want)
		}
	}
}
