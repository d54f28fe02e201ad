package tie

import (
	"errors"
	"math"
)

// SpreadOptions say whom to choose for a cascade.
type SpreadOptions struct {
	// K is how many are chosen at most, 1 or more.
	K int
	// Eps says how far from the best the choice may be: at least 1-1/e-Eps of it, 0 < Eps < 1-1/e. 0 is 0.1.
	Eps float64
	// Ratio, when it is not 0, is how much of the best must be certified instead, below 1. What cannot be reached
	// with MaxSets is not.
	Ratio float64
	// Delta is how likely the certificate may be wrong; 0 is 1/people.
	Delta float64
	// Reached are those who count no more. They still hand on.
	Reached []Person
	// Barred are those who cannot be chosen.
	Barred []Person
	// Seed decides every draw.
	Seed uint64
	// MaxSets is how many sets are drawn at most for each of the two pools; 0 is 2^22.
	MaxSets int
}

// Spread is whom to choose, and what is certain of it.
type Spread struct {
	// Chosen in the order of choice; fewer than K when nobody else adds anything.
	Chosen []Person
	// Total is how many people not yet reached are expected with the first 1, 2, ... of them, estimated on a pool that
	// had no part in choosing, thus without bias; Marginal is what each adds.
	Total, Marginal []float64
	// With probability 1-Delta the expectation for all of Chosen is at least Lower, and no choice of K has one above Upper.
	Lower, Upper float64
	// Ratio is Lower/Upper.
	Ratio float64
	// Sets is how many sets were drawn, in both pools together.
	Sets int
	// size is how many people a set of the second pool stands for.
	size float64
}

// Between gives what the first i+1 people reach and what the last of them adds, each with the ends between which the
// expectation lies as often as level says, if i was not picked for its figure (Wilson 1927).
func (s *Spread) Between(i int, level float64) (total, marginal Interval) {
	sets := s.Sets / 2
	of := func(x float64) Interval {
		return wilson(math.Round(x/s.size), sets, level).times(s.size * float64(sets))
	}
	return of(s.Total[i]), of(s.Marginal[i])
}

var errSpread = errors.New("tie: nobody can be chosen or reached with these options")

// the number of sets that a pool begins with and may grow to.
const (
	fewSets  = 1024
	manySets = 1 << 22
)

// Choose chooses K people from whom the cascade reaches the most people not yet reached, by reverse-reachable sets in two
// pools: one to choose on, one to measure on (OPIM-C: Tang, Tang, Xiao and Yuan, SIGMOD 2018, algorithm 2, with the bound
// of section 5). Roots are drawn among those not yet reached only, so every figure counts them alone.
func (c *Cascade) Choose(o SpreadOptions) (*Spread, error) {
	roots, barred, err := c.sides(o.Reached, o.Barred)
	if err != nil {
		return nil, err
	}
	free, people := c.People(), c.People()
	if roots != nil {
		people = len(roots)
	}
	for _, b := range barred {
		if b {
			free--
		}
	}
	o.K = min(o.K, free)
	if o.K < 1 || people == 0 || o.Eps < 0 || o.Eps >= 1-1/math.E || o.Ratio < 0 || o.Ratio >= 1 || o.Delta < 0 || o.Delta >= 1 {
		return nil, errSpread
	}
	if o.Eps == 0 {
		o.Eps = 0.1
	}
	if o.Delta == 0 {
		o.Delta = 1 / float64(max(c.People(), 2))
	}
	if o.MaxSets == 0 {
		o.MaxSets = manySets
	}
	want := o.Ratio
	if want == 0 {
		want = 1 - 1/math.E - o.Eps
	}
	// So many sets are enough for certain when the best choice reaches at least as many as it has people of its own.
	n, k := float64(people), float64(o.K)
	part, doubt := 1-1/math.E, math.Log(6/o.Delta)
	root := part*math.Sqrt(doubt) + math.Sqrt(part*(choices(free, o.K)+doubt))
	enough := min(float64(o.MaxSets), max(2*n*root*root/(o.Eps*o.Eps*k), fewSets))
	if o.Ratio > 0 {
		enough = float64(o.MaxSets)
	}
	rounds := max(math.Ceil(math.Log2(enough/fewSets)), 1)
	doubt = math.Log(3 * rounds / o.Delta)

	one, two := c.pool(roots, o.Seed, 1), c.pool(roots, o.Seed, 2)
	b := newBench(c.People())
	for sets := fewSets; ; sets *= 2 {
		sets = min(sets, int(math.Ceil(enough)))
		one.grow(sets)
		two.grow(sets)
		chosen, _, bound := one.cover(o.K, barred, b)
		seen := two.covered(chosen, b)
		size := n / float64(sets)
		s := &Spread{Chosen: chosen, Sets: 2 * sets, size: size, Lower: size * below(float64(last(seen)), doubt), Upper: min(size*above(bound, doubt), n)}
		s.Lower = min(s.Lower, s.Upper)
		if s.Upper > 0 {
			s.Ratio = s.Lower / s.Upper
		}
		if s.Ratio >= want || float64(sets) >= enough {
			before := 0
			for _, x := range seen {
				s.Total = append(s.Total, size*float64(x))
				s.Marginal = append(s.Marginal, size*float64(x-before))
				before = x
			}
			return s, nil
		}
	}
}

func last(all []int) int {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1]
}

// below and above bound the expectation of a count of which so much was seen, each at a doubt of exp(-doubt) (Tang et al.
// 2018, lemmas 4.2 and 4.3).
func below(seen, doubt float64) float64 {
	x := math.Sqrt(seen+2*doubt/9) - math.Sqrt(doubt/2)
	return max(x*math.Abs(x)-doubt/18, 0)
}

func above(seen, doubt float64) float64 {
	x := math.Sqrt(seen+doubt/2) + math.Sqrt(doubt/2)
	return x * x
}

// choices is the logarithm of in how many ways k of n can be chosen.
func choices(n, k int) float64 {
	a, _ := math.Lgamma(float64(n) + 1)
	b, _ := math.Lgamma(float64(k) + 1)
	c, _ := math.Lgamma(float64(n-k) + 1)
	return a - b - c
}

// sides gives the people not yet reached, nil for everybody, and for everybody whether he is barred, nil where nobody is.
func (c *Cascade) sides(reached, barred []Person) (roots []Person, not []bool, err error) {
	n := c.People()
	for _, list := range [][]Person{reached, barred} {
		for _, p := range list {
			if p < 0 || int(p) >= n {
				return nil, nil, errArc
			}
		}
	}
	if len(barred) > 0 {
		not = make([]bool, n)
		for _, p := range barred {
			not[p] = true
		}
	}
	if len(reached) == 0 {
		return nil, not, nil
	}
	had := make([]bool, n)
	for _, p := range reached {
		had[p] = true
	}
	roots = []Person{}
	for p, h := range had {
		if !h {
			roots = append(roots, Person(p))
		}
	}
	return roots, not, nil
}

// bench is room by person for what is done over and over; all is 0 in between.
type bench struct{ number []int32 }

func newBench(people int) *bench { return &bench{make([]int32, people)} }

// cover chooses k people, one after the other, each of them in the most sets in which none before him is; people barred
// are passed over. covered is in how many sets the first 1, 2, ... are; bound is a number of sets that no k people
// exceed: the least, over all steps, of what is covered and the k largest gains that are left (Tang et al. 2018, section 5).
//
// Those found are numbered anew, so that all takes time and room in proportion to the sets' sizes, however many people there are. They wait in
// buckets by their gain; who is taken out and has lost some of it goes to a lower bucket. A histogram of the gains gives the bound.
func (p *pool) cover(k int, barred []bool, b *bench) (chosen []Person, covered []int, bound float64) {
	var who []int32 // by number, from 1 on
	who = append(who, -1)
	found := make([]int32, len(p.found))
	begin := make([]int32, 1, 1024)
	for i, x := range p.found {
		m := b.number[x]
		if m == 0 {
			m = int32(len(who))
			b.number[x] = m
			who, begin = append(who, x), append(begin, 0)
		}
		found[i] = m
		begin[m]++
	}
	n := len(who)
	most := int32(0)
	gain := make([]int32, n)
	end := int32(0)
	for m := 1; m < n; m++ {
		x := who[m]
		b.number[x] = 0
		if barred == nil || !barred[x] {
			gain[m] = begin[m]
			most = max(most, begin[m])
		}
		begin[m], end = end, end+begin[m]
	}
	begin = append(begin, end)
	in, next := make([]int32, len(found)), make([]int32, n)
	copy(next, begin)
	for s := range p.sets() {
		for _, m := range found[p.at[s]:p.at[s+1]] {
			in[next[m]] = int32(s)
			next[m]++
		}
	}
	tally, first, after := make([]int, most+1), make([]int32, most+1), next
	for m := n - 1; m > 0; m-- {
		if g := gain[m]; g > 0 {
			tally[g]++
			after[m], first[g] = first[g], int32(m)
		}
	}
	done := make([]bool, p.sets())
	all := 0
	bound = math.Inf(1)
	limit := func(g int32) {
		left, sum := k, all
		for ; g > 0 && left > 0; g-- {
			take := min(left, tally[g])
			left -= take
			sum += take * int(g)
		}
		bound = min(bound, float64(sum))
	}
	for g := most; g > 0 && len(chosen) < k; {
		m := first[g]
		if m == 0 {
			g--
			continue
		}
		first[g] = after[m]
		if now := gain[m]; now < g {
			after[m], first[now] = first[now], m
			continue
		}
		limit(g)
		for _, s := range in[begin[m]:begin[m+1]] {
			if done[s] {
				continue
			}
			done[s] = true
			all++
			for _, y := range found[p.at[s]:p.at[s+1]] {
				if g := gain[y]; g > 0 { // not barred
					tally[g]--
					gain[y]--
					tally[g-1]++
				}
			}
		}
		chosen, covered = append(chosen, Person(who[m])), append(covered, all)
	}
	limit(most)
	return chosen, covered, bound
}

// covered is in how many sets of the pool the first 1, 2, ... people are.
func (p *pool) covered(people []Person, b *bench) []int {
	for i, x := range people {
		b.number[x] = int32(len(people) - i) // the first is the greatest
	}
	count := make([]int, len(people))
	for s := range p.sets() {
		top := int32(0)
		for _, x := range p.set(s) {
			top = max(top, b.number[x])
		}
		if top > 0 {
			count[len(people)-int(top)]++
		}
	}
	for _, x := range people {
		b.number[x] = 0
	}
	for i := 1; i < len(count); i++ {
		count[i] += count[i-1]
	}
	return count
}

// Interval is an expectation and the two ends between which it lies as often as was asked.
type Interval struct{ Low, Expected, High float64 }

// MeasureOptions say how the spread from given people is measured.
type MeasureOptions struct {
	// Reached are those who count no more.
	Reached []Person
	// Precision is half the width of the interval in parts of the expectation, 0 < Precision < 1; 0 is 0.02.
	Precision float64
	// Level is how often the interval holds, between 0 and 1; 0 is 0.9.
	Level float64
	// Seed decides every draw. Take another than that of the choice.
	Seed uint64
	// MaxSets is how many sets are drawn at most; 0 is 2^22.
	MaxSets int
}

// Measure estimates how many people not yet reached a cascade reaches from given people, on sets drawn for this alone. How
// many are needed for the precision is decided on others, drawn before. The interval is that of Wilson (1927), the
// expectation is without bias.
func (c *Cascade) Measure(people []Person, o MeasureOptions) (Interval, error) {
	roots, in, err := c.sides(o.Reached, people)
	if err != nil {
		return Interval{}, err
	}
	if o.Precision == 0 {
		o.Precision = 0.02
	}
	if o.Level == 0 {
		o.Level = 0.9
	}
	if o.MaxSets == 0 {
		o.MaxSets = manySets
	}
	if o.Precision < 0 || o.Precision >= 1 || o.Level < 0 || o.Level >= 1 || o.MaxSets < 1 {
		return Interval{}, errSpread
	}
	n := c.People()
	if roots != nil {
		n = len(roots)
	}
	if n == 0 {
		return Interval{}, nil
	}
	w := c.walker(o.Seed, 3)
	w.stop = in
	hits := func(sets int) (n int) {
		for range sets {
			w.found = w.found[:0]
			if w.walk(w.draw(roots)) {
				n++
			}
		}
		return n
	}
	z := math.Sqrt2 * math.Erfinv(o.Level)
	pilot := min(1024, o.MaxSets)
	share := (float64(hits(pilot)) + 0.5) / (float64(pilot) + 1)
	sets := min(max(int(math.Ceil(z*z*(1-share)/(share*o.Precision*o.Precision))), 1024), o.MaxSets)
	return wilson(float64(hits(sets)), sets, o.Level).times(float64(n)), nil
}

// wilson is a share of so many draws.
func wilson(hits float64, draws int, level float64) Interval {
	z, n := math.Sqrt2*math.Erfinv(level), float64(draws)
	p := hits / n
	mid, half := (p+z*z/(2*n))/(1+z*z/n), z/(1+z*z/n)*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Interval{Low: max(mid-half, 0), Expected: p, High: min(mid+half, 1)}
}

func (i Interval) times(x float64) Interval { return Interval{i.Low * x, i.Expected * x, i.High * x} }
