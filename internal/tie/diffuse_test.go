package tie

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// exactly is how many people not yet reached are expected, over all 2^arcs ways in which the arcs can be open.
func exactly(n int, arcs []Arc, from, reached []Person) float64 {
	sum := 0.0
	for open := range 1 << len(arcs) {
		chance := 1.0
		for i, a := range arcs {
			if open>>i&1 == 1 {
				chance *= a.Chance
			} else {
				chance *= 1 - a.Chance
			}
		}
		on := make([]bool, n)
		for _, p := range from {
			on[p] = true
		}
		for range n {
			for i, a := range arcs {
				on[a.To] = on[a.To] || (open>>i&1 == 1 && on[a.From])
			}
		}
		for _, p := range reached {
			on[p] = false
		}
		for _, x := range on {
			if x {
				sum += chance
			}
		}
	}
	return sum
}

// forward runs the cascade itself, and gives the mean of those reached and its standard error.
func forward(n int, arcs []Arc, from []Person, runs int, seed uint64) (mean, se float64) {
	out := make([][]Arc, n)
	for _, a := range arcs {
		out[a.From] = append(out[a.From], a)
	}
	r := rand.New(rand.NewPCG(seed, 5))
	sum, squares := 0.0, 0.0
	for range runs {
		on := make([]bool, n)
		next := slices.Clone(from)
		for _, p := range from {
			on[p] = true
		}
		for i := 0; i < len(next); i++ {
			for _, a := range out[next[i]] {
				if !on[a.To] && r.Float64() < a.Chance {
					on[a.To] = true
					next = append(next, a.To)
				}
			}
		}
		x := float64(len(next))
		sum += x
		squares += x * x
	}
	mean = sum / float64(runs)
	return mean, math.Sqrt(max(squares/float64(runs)-mean*mean, 0) / float64(runs))
}

func anyArcs(t *rapid.T, n, most int) []Arc {
	person := rapid.Custom(func(t *rapid.T) Person { return Person(rapid.IntRange(0, n-1).Draw(t, "person")) })
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Arc {
		return Arc{From: person.Draw(t, "from"), To: person.Draw(t, "to"), Chance: rapid.SampledFrom([]float64{0, 0.02, 0.05, 0.1, 0.3, 0.5, 0.9, 1}).Draw(t, "chance")}
	}), 0, most).Draw(t, "arcs")
}

// mixed draws arcs whose chances differ widely, so that people have several classes of them.
func mixed(n, arcs int, seed uint64) []Arc {
	r := rand.New(rand.NewPCG(seed, 6))
	all := make([]Arc, arcs)
	for i := range all {
		hub := Person(float64(n) * math.Pow(r.Float64(), 3))
		all[i] = Arc{From: Person(r.IntN(n)), To: min(hub, Person(n-1)), Chance: math.Pow(10, -3*r.Float64())}
	}
	return all
}

func TestMeasureIsWhatEnumerationSays(t *testing.T) {
	t.Parallel()
	within, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "people")
		arcs := anyArcs(t, n, 9)
		people := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Person { return Person(rapid.IntRange(0, n-1).Draw(t, "p")) }), 0, 2)
		from, reached := people.Draw(t, "from"), people.Draw(t, "reached")
		c, err := NewCascade(n, arcs)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Measure(from, MeasureOptions{Reached: reached, Seed: uint64(all), MaxSets: 4000, Precision: 0.01, Level: 0.99})
		if err != nil {
			t.Fatal(err)
		}
		want := exactly(n, arcs, from, reached)
		all++
		if got.Low-1e-9 <= want && want <= got.High+1e-9 {
			within++
		}
		// Five standard errors of a share of n people.
		if math.Abs(got.Expected-want) > 5*float64(n)*0.5/math.Sqrt(1000) {
			t.Fatalf("expected %v, enumerated %v", got.Expected, want)
		}
	})
	if float64(within) < 0.95*float64(all) {
		t.Errorf("the intervals of 99 %% held %d of %d", within, all)
	}
}

func TestMeasureIsWhatRunsForwardSay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		n := 400
		arcs := mixed(n, 4000, seed)
		c, err := NewCascade(n, arcs)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.classes) == 0 {
			t.Fatal("nobody has more than one class of arcs")
		}
		from := []Person{1, 50, 399}
		mean, se := forward(n, arcs, from, 20000, seed)
		got, err := c.Measure(from, MeasureOptions{Seed: seed, Precision: 0.01, Level: 0.9})
		if err != nil {
			t.Fatal(err)
		}
		if error := math.Hypot(se, (got.High-got.Low)/2/1.645); math.Abs(got.Expected-mean) > 4*error {
			t.Errorf("seed %d: %v, forward %v, error %v", seed, got, mean, error)
		}
	}
}

func TestWeightedCascade(t *testing.T) {
	t.Parallel()
	l := rmat(9, 3000, 4)
	c, err := WeightedCascade(l)
	if err != nil {
		t.Fatal(err)
	}
	ties, in := map[[2]Person]bool{}, make([]int, len(l.Names))
	for _, e := range l.Events {
		if k := [2]Person{e.Target, e.Actor}; e.Actor != e.Target && !ties[k] {
			ties[k] = true
			in[e.Actor]++
		}
	}
	var arcs []Arc
	for k := range ties {
		arcs = append(arcs, Arc{k[0], k[1], 1 / float64(in[k[1]])})
	}
	slices.SortFunc(arcs, func(a, b Arc) int { return int(a.From-b.From)*len(l.Names) + int(a.To-b.To) })
	if c.Arcs() != len(arcs) {
		t.Fatalf("%d arcs, want %d", c.Arcs(), len(arcs))
	}
	from := []Person{0, 1, 2, 3}
	mean, se := forward(len(l.Names), arcs, from, 5000, 1)
	got, err := c.Measure(from, MeasureOptions{Seed: 8, Precision: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Expected-mean) > 4*se+0.05*mean {
		t.Errorf("%v, forward %v ± %v", got, mean, se)
	}
}

// TestTheCertificateHolds: over many seeds and graphs, what is chosen is measured by enumeration, and so is the best choice.
func TestTheCertificateHolds(t *testing.T) {
	t.Parallel()
	wrong, all := 0, 0
	for seed := range uint64(150) {
		n, k := 7, 2
		r := rand.New(rand.NewPCG(seed, 9))
		var arcs []Arc
		for range 10 {
			arcs = append(arcs, Arc{Person(r.IntN(n)), Person(r.IntN(n)), r.Float64()})
		}
		reached := []Person{Person(r.IntN(n))}
		c, err := NewCascade(n, arcs)
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Choose(SpreadOptions{K: k, Delta: 0.05, Reached: reached, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		best := 0.0
		for a := range n {
			for b := range a {
				best = max(best, exactly(n, arcs, []Person{Person(a), Person(b)}, reached))
			}
		}
		is := exactly(n, arcs, s.Chosen, reached)
		all++
		if s.Lower > is+1e-9 || s.Upper < best-1e-9 {
			wrong++
		}
		if is < (1-1/math.E-0.1)*best {
			t.Errorf("seed %d: chosen reach %v, the best %v", seed, is, best)
		}
		if s.Ratio < 1-1/math.E-0.1 {
			t.Errorf("seed %d: certified %v", seed, s.Ratio)
		}
	}
	if wrong > all/20 {
		t.Errorf("%d of %d certificates of 95 %% are wrong", wrong, all)
	}
}

func TestMoreIsCertifiedWhenAsked(t *testing.T) {
	t.Parallel()
	c, err := WeightedCascade(rmat(12, 20000, 2))
	if err != nil {
		t.Fatal(err)
	}
	usual, err := c.Choose(SpreadOptions{K: 20, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Choose(SpreadOptions{K: 20, Seed: 1, Ratio: 0.75})
	if err != nil {
		t.Fatal(err)
	}
	if s.Ratio < 0.75 || s.Sets <= usual.Sets {
		t.Errorf("%v certified with %d sets, usually %v with %d", s.Ratio, s.Sets, usual.Ratio, usual.Sets)
	}
	again, err := c.Choose(SpreadOptions{K: 20, Seed: 1, Ratio: 0.75})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(again) != fmt.Sprint(s) {
		t.Error("the same seed chooses otherwise")
	}
	got, err := c.Measure(s.Chosen, MeasureOptions{Seed: 77, Level: 0.99})
	if err != nil {
		t.Fatal(err)
	}
	if total := last2(s.Total); math.Abs(total-got.Expected) > 0.05*total {
		t.Errorf("the choice says %v, a fresh pool %v", total, got)
	}
}

func TestTheReachedDoNotCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 30).Draw(t, "people")
		arcs := anyArcs(t, n, 60)
		some := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Person { return Person(rapid.IntRange(0, n-1).Draw(t, "p")) }), 0, n-1)
		reached, barred := some.Draw(t, "reached"), some.Draw(t, "barred")
		c, err := NewCascade(n, arcs)
		if err != nil {
			t.Fatal(err)
		}
		roots, _, err := c.sides(reached, barred)
		if err != nil {
			t.Fatal(err)
		}
		pool := c.pool(roots, 1, 2)
		pool.grow(100)
		for s := range pool.sets() {
			if slices.Contains(reached, Person(pool.set(s)[0])) {
				t.Fatal("a root was reached already")
			}
			own := slices.Clone(pool.set(s))
			slices.Sort(own)
			if len(slices.Compact(own)) != len(pool.set(s)) {
				t.Fatal("somebody stands twice in a set")
			}
		}
		k := rapid.IntRange(1, 5).Draw(t, "k")
		chosen, covered, bound := pool.cover(k, mask(n, barred), newBench(n))
		if want, sum := slowCover(pool, k, mask(n, barred)); last(covered) != sum {
			t.Fatalf("%v cover %v, the slow way %v %d", chosen, covered, want, sum)
		}
		if bound < float64(last(covered)) {
			t.Fatalf("no %d cover more than %v, but %v do", k, bound, covered)
		}
		if !slices.Equal(pool.covered(chosen, newBench(n)), covered) {
			t.Fatalf("counted %v, then %v", covered, pool.covered(chosen, newBench(n)))
		}
		for i, p := range chosen {
			if slices.Contains(barred, p) || slices.Contains(chosen[:i], p) {
				t.Fatalf("%d was chosen", p)
			}
		}
	})
}

func mask(n int, people []Person) []bool {
	m := make([]bool, n)
	for _, p := range people {
		m[p] = true
	}
	return m
}

// slowCover chooses step by step, looking at everybody each time. Where several gain the same, covers may differ later on, so it
// follows the order in which cover takes them: it only checks that each step is a best one.
func slowCover(p *pool, k int, barred []bool) (chosen []Person, sum int) {
	fast, _, _ := p.cover(k, barred, newBench(len(barred)))
	done := make([]bool, p.sets())
	for _, x := range fast {
		gain := make([]int, len(barred))
		for s := range p.sets() {
			if !done[s] {
				for _, y := range p.set(s) {
					gain[y]++
				}
			}
		}
		best := -1
		for y := range barred {
			if !barred[y] && (best < 0 || gain[y] > gain[best]) {
				best = y
			}
		}
		if gain[best] != gain[x] {
			return append(chosen, Person(best)), -1
		}
		for s := range p.sets() {
			if !done[s] && slices.Contains(p.set(s), int32(x)) {
				done[s] = true
				sum++
			}
		}
		chosen = append(chosen, x)
	}
	return chosen, sum
}

func TestCascadeRefuses(t *testing.T) {
	t.Parallel()
	for _, a := range []Arc{{0, 2, 0.1}, {-1, 0, 0.1}, {0, 1, 1.1}, {0, 1, -0.1}, {0, 1, math.NaN()}} {
		if _, err := NewCascade(2, []Arc{a}); err == nil {
			t.Errorf("%v is an arc", a)
		}
	}
	c, err := NewCascade(2, []Arc{{0, 1, 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []SpreadOptions{{}, {K: 1, Eps: 2}, {K: 1, Ratio: 1}, {K: 1, Reached: []Person{0, 1}}, {K: 1, Barred: []Person{0, 1}}, {K: 1, Barred: []Person{5}}} {
		if s, err := c.Choose(o); err == nil {
			t.Errorf("%+v gives %+v", o, s)
		}
	}
}

// BenchmarkChoose measures the choice of 50, the graph being there, beside a baseline of the same run: as many sets of the same
// kind, drawn with one coin for each arc.
func BenchmarkChoose(b *testing.B) {
	for _, size := range []struct{ scale, arcs int }{{17, 1_000_000}, {20, 10_000_000}} {
		b.Run(fmt.Sprintf("arcs=%d", size.arcs), func(b *testing.B) {
			c, err := WeightedCascade(rmat(size.scale, size.arcs, 1))
			if err != nil {
				b.Fatal(err)
			}
			var s *Spread
			for seed := uint64(1); b.Loop(); seed++ {
				if s, err = c.Choose(SpreadOptions{K: 50, Eps: 0.1, Seed: seed}); err != nil {
					b.Fatal(err)
				}
			}
			own := b.Elapsed() / time.Duration(b.N)
			begin := time.Now()
			w := c.walker(1, 4)
			for range s.Sets {
				w.found = w.found[:0]
				w.coins(Person(w.r.IntN(c.People())))
			}
			b.ReportMetric(float64(time.Since(begin))/float64(own), "coins/own")
			b.ReportMetric(float64(s.Sets), "sets")
			b.ReportMetric(last2(s.Total), "spread")
			b.ReportMetric(s.Ratio, "certified")
		})
	}
}

func last2(x []float64) float64 { return x[len(x)-1] }

// coins draws a set as walk does, but throws a coin for each arc.
func (w *walker) coins(root Person) {
	w.round++
	at := len(w.found)
	w.mark[root] = w.round
	w.found = append(w.found, int32(root))
	for ; at < len(w.found); at++ {
		n := &w.c.nodes[w.found[at]]
		for i := n.at; i < n.first.end; i++ {
			if w.r.Float64() < float64(n.first.most) {
				w.take(i)
			}
		}
	}
}
