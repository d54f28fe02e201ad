package tie

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
)

// Ties are what the triangles of a graph say of its ties and people. Slices by person have one value for each Person.
type Ties struct {
	Graph *Graph
	// Constraint is Burt's, over ties of equal weight (Burt 1992, chapter 2): c_i = sum over j of ((1+S_ij)/k_i)^2 with
	// S_ij = the sum of 1/k_q over the common neighbours q. From above 0 (many separate people) to 1 and a little more
	// (all of them know each other); NaN for somebody without ties.
	Constraint []float64
	// Weighted is Burt's constraint with the weights of the ties; nil unless asked for.
	Weighted []float64
	// Triangles is how many pairs of somebody's neighbours are tied to each other.
	Triangles []int64
	// Violations is how many pairs of somebody's strong ties lead to people who are not tied to each other at all: what
	// strong triadic closure (Granovetter 1973; Easley and Kleinberg 2010, chapter 3) says should not be. nil unless Strong is given.
	Violations []int64

	// sums are, by Edge, what its triangles add up to: how many there are in the upper bits, and below them S_ij in units of 2^-part. Both are
	// whole numbers, so that the sum is the same in any order, and they grow in one addition.
	sums []uint64
	// near is how many bits S_ij has, part how many of them are behind the point: as many as the graph leaves room for. S_ij is exact
	// to 2^-part for each common neighbour; part is 33 where somebody has fifty thousand ties, and more in all smaller graphs.
	near, part int
	// open is, by Edge, the violations that the tie has part in.
	open []int32
}

// FuseOptions say what else is wanted of the triangles.
type FuseOptions struct {
	// Workers is how many threads list triangles: 1 or 2; 0 is 1. The second one takes 8 bytes a tie for itself. What
	// comes out is the same bit for bit. With Weighted or Strong there is one.
	Workers int
	// Weighted asks for the weighted constraint: 8 bytes a tie more.
	Weighted bool
	// Strong says which ties are strong, and asks for violations.
	Strong func(Edge) bool
}

// Fuse lists every triangle of a graph once and gathers from them everything that Ties has. A triangle is found from its
// lowest rank or its middle one, whichever has the shorter list to look through.
func Fuse(g *Graph, o FuseOptions) *Ties {
	t := &Ties{Graph: g, sums: make([]uint64, g.Edges())}
	adds := t.adds()
	switch {
	case o.Weighted || o.Strong != nil:
		t.extra(adds, o)
	case o.Workers > 1:
		t.shared(adds)
	default:
		c := counter{g: g, adds: adds, sums: t.sums, mark: make([]int32, g.People())}
		c.count(0, g.People())
	}
	t.people()
	return t
}

// adds is, by rank, what a person adds to the sum of a tie whose ends are both tied to them: 1 and 1/k.
func (t *Ties) adds() []uint64 {
	g, most := t.Graph, 1
	for r := range g.person {
		most = max(most, g.degree(int32(r)))
	}
	// Less than most are common, each with at least the two.
	count := bits.Len(uint(most))
	t.near = 64 - count
	t.part = t.near - (count - 1)
	all := make([]uint64, g.People())
	for r := range all {
		if k := uint64(g.degree(int32(r))); k > 1 {
			all[r] = 1<<t.near + (1<<t.part+k/2)/k
		}
	}
	return all
}

// common is how many triangles a tie is part of, through the sum of 1/k over their third people.
func (t *Ties) common(e Edge) int { return int(t.sums[e] >> t.near) }

func (t *Ties) through(e Edge) float64 {
	return float64(t.sums[e]&(1<<t.near-1)) / float64(uint64(1)<<t.part)
}

// shared lists triangles in two threads, which take turns at ranges of people.
func (t *Ties) shared(adds []uint64) {
	g := t.Graph
	const chunk = 256
	var next atomic.Int64
	work := func(all []uint64) {
		c := counter{g: g, adds: adds, sums: all, mark: make([]int32, g.People())}
		for {
			to := int(next.Add(chunk))
			if to-chunk >= g.People() {
				return
			}
			c.count(to-chunk, min(to, g.People()))
		}
	}
	theirs := make([]uint64, g.Edges())
	var other sync.WaitGroup
	other.Go(func() { work(theirs) })
	work(t.sums)
	other.Wait()
	for e, s := range theirs {
		t.sums[e] += s
	}
}

// batch is how many people are looked at before what was found among them is counted.
const batch = 256

// counter counts common neighbours.
type counter struct {
	g    *Graph
	adds []uint64
	sums []uint64
	// mark is, by rank, the tie with the one at hand, and 1 more; 0 is none.
	mark  []int32
	found [batch]uint8
}

// count takes the triangles that are found while the people of the ranks from..to-1 are at hand.
func (c *counter) count(from, to int) {
	g := c.g
	up, mark := g.up, c.mark
	for v := from; v < to; v++ {
		begin, end := g.upAt[v], g.upAt[v+1]
		if end-begin < 2 { // a triangle is found from a list of at least two, or from another of its people
			continue
		}
		for e := begin; e < end; e++ {
			mark[up[e]] = int32(e) + 1
		}
		own := c.adds[v]
		// v is the lowest of the three: u between, w above.
		for e := begin; e < end; e++ {
			u := up[e]
			first, last := g.upAt[u], g.upAt[u+1]
			if last-first > end-e-1 {
				continue
			}
			c.close(e, first, last, u, own)
		}
		// v is between: u is the lowest, w above both.
		for i := g.downAt[v]; i < g.downAt[v+1]; i++ {
			u, e := g.down[i], int(g.downEdge[i])
			first, last := e+1, g.upAt[u+1]
			if last-first >= end-begin {
				continue
			}
			c.close(e, first, last, u, own)
		}
		for e := begin; e < end; e++ {
			mark[up[e]] = 0
		}
	}
}

// close counts the triangles of the tie e, between u and the person at hand, who adds own, with those in u's list from first to last-1 whom
// the person at hand is tied to as well. Which of them they are is noted without a branch, because nothing foretells it.
func (c *counter) close(e, first, last int, u int32, own uint64) {
	mark, adds, all := c.mark, c.adds, c.sums
	other, sum := adds[u], uint64(0)
	for ; first < last; first += batch {
		part := c.g.up[first:min(first+batch, last)]
		k := 0
		for i, w := range part {
			c.found[k&(batch-1)] = uint8(i)
			k += int(uint32(-mark[w]) >> 31)
		}
		list := all[first : first+len(part)]
		for _, i := range c.found[:k] {
			w := part[i]
			sum += adds[w]
			all[mark[w]-1] += other
			list[i] += own
		}
	}
	all[e] += sum
}

// triangles goes through every triangle once: its three ranks u < v < w and its ties uv, uw, vw.
func (g *Graph) triangles(f func(u, v, w int32, uv, uw, vw Edge)) {
	mark := make([]int32, g.People())
	for u := range g.person {
		begin, end := g.upAt[u], g.upAt[u+1]
		for e := begin; e < end; e++ {
			mark[g.up[e]] = int32(e) + 1
		}
		for e := begin; e < end; e++ {
			v := g.up[e]
			for i := g.upAt[v]; i < g.upAt[v+1]; i++ {
				if m := mark[g.up[i]]; m != 0 {
					f(int32(u), v, g.up[i], Edge(e), Edge(m-1), Edge(i))
				}
			}
		}
		for e := begin; e < end; e++ {
			mark[g.up[e]] = 0
		}
	}
}

// extra is the pass with weights, or with what is strong.
func (t *Ties) extra(adds []uint64, o FuseOptions) {
	g := t.Graph
	var through, strength []float64 // the sum over q of a_iq·a_qj/W_q, of which both ends make their part
	if o.Weighted {
		through, strength = make([]float64, g.Edges()), g.strengths()
	}
	var strong []bool
	var closed []int64 // by rank
	if o.Strong != nil {
		strong, closed = make([]bool, g.Edges()), make([]int64, g.People())
		t.open = make([]int32, g.Edges())
		for e := range strong {
			strong[e] = o.Strong(Edge(e))
		}
	}
	g.triangles(func(u, v, w int32, uv, uw, vw Edge) {
		t.sums[uv] += adds[w]
		t.sums[uw] += adds[v]
		t.sums[vw] += adds[u]
		if o.Weighted {
			a, b, c := g.weight(uv), g.weight(uw), g.weight(vw)
			through[uv] += b * c / strength[w]
			through[uw] += a * c / strength[v]
			through[vw] += a * b / strength[u]
		}
		if strong != nil {
			t.closes(strong, closed, u, uv, uw)
			t.closes(strong, closed, v, uv, vw)
			t.closes(strong, closed, w, uw, vw)
		}
	})
	if o.Weighted {
		t.Weighted = make([]float64, g.People())
		for p := range t.Weighted {
			t.Weighted[p] = t.weighted(Person(p), through, strength)
		}
	}
	if strong != nil {
		t.violations(strong, closed)
	}
}

// closes notes that two ties of somebody are part of a triangle.
func (t *Ties) closes(strong []bool, closed []int64, r int32, a, b Edge) {
	if strong[a] && strong[b] {
		closed[r]++
		t.open[a]--
		t.open[b]--
	}
}

// violations makes of closed pairs the open ones.
func (t *Ties) violations(strong []bool, closed []int64) {
	g := t.Graph
	many := make([]int64, g.People())
	for r := range g.person {
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			if strong[e] {
				many[r]++
				many[g.up[e]]++
			}
		}
	}
	t.Violations = make([]int64, g.People())
	for r, p := range g.person {
		t.Violations[p] = many[r]*(many[r]-1)/2 - closed[r]
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			if strong[e] {
				t.open[e] += int32(many[r] + many[g.up[e]] - 2)
			}
		}
	}
}

// weighted is Burt's constraint of one person with weights.
func (t *Ties) weighted(p Person, through, strength []float64) float64 {
	r := t.Graph.rank[p]
	if t.Graph.degree(r) == 0 {
		return math.NaN()
	}
	c := 0.0
	for _, e := range t.Graph.around(r) {
		x := (t.Graph.weight(e) + through[e]) / strength[r]
		c += x * x
	}
	return c
}

// people sums up by person what the ties have.
func (t *Ties) people() {
	g := t.Graph
	type corners struct {
		sum   float64
		twice int64
	}
	all := make([]corners, g.People())
	for r := range g.person {
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			x := 1 + t.through(Edge(e))
			x *= x
			n := int64(t.common(Edge(e)))
			all[r].sum += x
			all[r].twice += n
			far := &all[g.up[e]]
			far.sum += x
			far.twice += n
		}
	}
	t.Constraint, t.Triangles = make([]float64, g.People()), make([]int64, g.People())
	for r, p := range g.person {
		k := float64(g.degree(int32(r)))
		t.Constraint[p] = all[r].sum / (k * k) // 0/0 is NaN: nobody to be held by
		t.Triangles[p] = all[r].twice / 2
	}
}

// Common is how many people both ends of a tie are tied to.
func (t *Ties) Common(e Edge) int { return t.common(e) }

// Overlap is the part of both ends' other ties that lead to the same people, from 0 to 1 (Onnela and others, PNAS 104,
// 2007): n/((k_i-1)+(k_j-1)-n). It is 0 on a local bridge, and where neither end has another tie.
func (t *Ties) Overlap(e Edge) float64 {
	a, b := t.Graph.Ends(e)
	return overlap(t.common(e), t.Graph.Degree(a), t.Graph.Degree(b))
}

func overlap(n, a, b int) float64 {
	if n == 0 {
		return 0
	}
	return float64(n) / float64(a-1+b-1-n)
}

// LocalBridge says that a tie joins two people who share no one (Granovetter 1973).
func (t *Ties) LocalBridge(e Edge) bool { return t.common(e) == 0 }

// Open is how many pairs of strong ties with a missing third side (see Violations) a tie has part in; 0 for a tie that
// is not strong, and where Strong was not given.
func (t *Ties) Open(e Edge) int {
	if t.open == nil {
		return 0
	}
	return max(int(t.open[e]), 0)
}

// EffectiveSize is how many separate people somebody's ties amount to: k-2t/k with t ties among them (Borgatti 1997, for
// ties of equal weight; Burt 1992). From 1 to k; 0 for somebody without ties.
func (t *Ties) EffectiveSize(p Person) float64 {
	k := float64(t.Graph.Degree(p))
	if k == 0 {
		return 0
	}
	return k - 2*float64(t.Triangles[p])/k
}

// Efficiency is EffectiveSize for each tie: from above 0 to 1; 0 for somebody without ties.
func (t *Ties) Efficiency(p Person) float64 {
	k := float64(t.Graph.Degree(p))
	if k == 0 {
		return 0
	}
	return t.EffectiveSize(p) / k
}

// Clustering is the part of the pairs of somebody's neighbours that are tied, from 0 to 1 (Watts and Strogatz 1998); 0
// for somebody with less than two ties.
func (t *Ties) Clustering(p Person) float64 {
	k := float64(t.Graph.Degree(p))
	if k < 2 {
		return 0
	}
	return 2 * float64(t.Triangles[p]) / (k * (k - 1))
}
