package tie

import (
	"errors"
	"iter"
	"math"
	"slices"
	"time"
)

// Edge is a tie of a Graph: a number from 0 to Graph.Edges()-1. The same log gives the same numbers.
type Edge int32

// Graph is who is tied to whom: one tie for each two people with at least one event between them, with the weight of
// what went each way. It is built once and never changes. It takes 20 bytes a tie and 32 a person.
//
// Inside, people stand in the order of how many ties they have (their rank), fewest first, and a tie stands with its end
// of the lower rank. So whoever lists triangles from the lower ranks up never walks the long lists of the best known.
type Graph struct {
	person []Person // by rank
	rank   []int32  // by person
	// up has each rank's neighbours of higher ranks in order, from upAt[r] to upAt[r+1]. The position in it is the Edge.
	upAt []int
	up   []int32
	// down has each rank's neighbours of lower ranks in order, and downEdge the tie of each.
	downAt   []int
	down     []int32
	downEdge []Edge
	// forth and back are the weights from the lower rank to the higher one and the other way.
	forth, back []float32
	// loops is the weight of what people did towards themselves, by person; nil when nobody did.
	loops []float32
}

// BuildOptions say what weighs how much. The zero value counts every event as 1.
type BuildOptions struct {
	// HalfLife is after how long an event weighs half; 0 is never. An event of unknown time counts as old as the
	// oldest of known time.
	HalfLife time.Duration
	// Now is the moment, in Unix seconds, from which age is counted; later events are left out. 0 is the last event.
	Now int64
	// KindWeight is what an event of each Kind weighs, 0 or more; nil is 1 for all. What weighs nothing makes no tie.
	KindWeight []float64
	// Undirected says that the log does not tell who began: an event weighs in both directions.
	Undirected bool
}

// errOptions says that the options cannot be.
var errOptions = errors.New("tie: a weight or a half-life is negative, or a kind has no weight")

const leastWeight = 1e-30 // what is very old still makes a tie

// weigher says what an event weighs.
type weigher struct {
	o     BuildOptions
	first int64
	life  float64 // seconds
}

func newWeigher(l *Log, o BuildOptions) (*weigher, error) {
	if o.HalfLife < 0 || (o.KindWeight != nil && len(o.KindWeight) < len(l.Kinds)) {
		return nil, errOptions
	}
	for _, w := range o.KindWeight {
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, errOptions
		}
	}
	first, last := l.Span()
	if o.Now == 0 {
		o.Now = last
	}
	return &weigher{o: o, first: first, life: o.HalfLife.Seconds()}, nil
}

// weight is what an event weighs; 0 leaves it out.
func (w *weigher) weight(e Event) float64 {
	if e.At > w.o.Now {
		return 0
	}
	x := 1.0
	if w.o.KindWeight != nil {
		x = w.o.KindWeight[e.Kind]
	}
	if x == 0 || w.life == 0 {
		return x
	}
	at := e.At
	if at == 0 {
		at = min(w.first, w.o.Now)
	}
	return max(x*math.Exp2(-float64(w.o.Now-at)/w.life), leastWeight)
}

// Build makes the graph of a log, in O(people + events).
func Build(l *Log, o BuildOptions) (*Graph, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	w, err := newWeigher(l, o)
	if err != nil {
		return nil, err
	}
	n := len(l.Names)
	p := pairUp(l, w, n)
	g := &Graph{loops: p.loops}
	g.order(p.degree)
	g.fill(p, o.Undirected)
	return g, nil
}

// pairs are the ties in the order of their ends, each once, before people are ranked.
type pairs struct {
	at          []int   // of each person, where the ties with later people begin
	far         []int32 // the later person
	forth, back []float32
	degree      []int32
	loops       []float32
}

// pairUp gathers the events by their two ends: two stable distributions, by the later person and then by the earlier
// one, bring the events of a tie together in the order of time.
func pairUp(l *Log, w *weigher, n int) *pairs {
	p := &pairs{at: make([]int, n+1), degree: make([]int32, n)}
	byFar, byNear := make([]int, n+1), make([]int, n+1)
	for _, e := range l.Events {
		if e.Actor != e.Target {
			byNear[min(e.Actor, e.Target)+1]++
			byFar[max(e.Actor, e.Target)+1]++
		}
	}
	for i := range n {
		byFar[i+1] += byFar[i]
		byNear[i+1] += byNear[i]
	}
	// A weight below zero went from the later person to the earlier one.
	near, weight := make([]int32, byFar[n]), make([]float32, byFar[n])
	next := slices.Clone(byFar[:n])
	for _, e := range l.Events {
		x := float32(w.weight(e))
		a, b := e.Actor, e.Target
		switch {
		case a == b:
			if p.loops == nil && x > 0 {
				p.loops = make([]float32, n)
			}
			if x > 0 {
				p.loops[a] += x
			}
			continue
		case a > b:
			a, b, x = b, a, -x
		}
		near[next[b]], weight[next[b]] = int32(a), x
		next[b]++
	}
	far, sorted := make([]int32, len(near)), make([]float32, len(near))
	copy(next, byNear[:n])
	for b := range n {
		for i := byFar[b]; i < byFar[b+1]; i++ {
			at := next[near[i]]
			far[at], sorted[at] = int32(b), weight[i]
			next[near[i]]++
		}
	}
	// Over themselves: the events of one tie become one.
	p.forth, p.back = make([]float32, len(near)), weight // which has been read
	m := 0
	for a := range n {
		p.at[a] = m
		for i := byNear[a]; i < byNear[a+1]; {
			b := far[i]
			var forth, back float64
			for ; i < byNear[a+1] && far[i] == b; i++ {
				if x := float64(sorted[i]); x > 0 {
					forth += x
				} else {
					back -= x
				}
			}
			if forth == 0 && back == 0 {
				continue
			}
			far[m], p.forth[m], p.back[m] = b, float32(forth), float32(back)
			p.degree[a]++
			p.degree[b]++
			m++
		}
	}
	p.at[n] = m
	p.far, p.forth, p.back = far[:m], p.forth[:m], p.back[:m]
	return p
}

// order ranks people by how many ties they have; the same number by their own.
func (g *Graph) order(degree []int32) {
	n := len(degree)
	most := int32(0)
	for _, k := range degree {
		most = max(most, k)
	}
	at := make([]int32, most+2)
	for _, k := range degree {
		at[k+1]++
	}
	for k := range most + 1 {
		at[k+1] += at[k]
	}
	g.person, g.rank = make([]Person, n), make([]int32, n)
	for p, k := range degree {
		g.rank[p] = at[k]
		g.person[at[k]] = Person(p)
		at[k]++
	}
}

// fill lays the ties out by rank.
func (g *Graph) fill(p *pairs, undirected bool) {
	n, m := len(g.person), len(p.far)
	g.upAt, g.downAt = make([]int, n+1), make([]int, n+1)
	for a := range n {
		for i := p.at[a]; i < p.at[a+1]; i++ {
			r, s := g.rank[a], g.rank[p.far[i]]
			g.upAt[min(r, s)+1]++
			g.downAt[max(r, s)+1]++
		}
	}
	for i := range n {
		g.upAt[i+1] += g.upAt[i]
		g.downAt[i+1] += g.downAt[i]
	}
	low, forth, back := make([]int32, m), make([]float32, m), make([]float32, m)
	next := slices.Clone(g.downAt[:n])
	for a := range n {
		for i := p.at[a]; i < p.at[a+1]; i++ {
			r, s, f, b := g.rank[a], g.rank[p.far[i]], p.forth[i], p.back[i]
			if undirected {
				f += b
				b = f
			}
			if r > s {
				r, s, f, b = s, r, b, f
			}
			at := next[s]
			low[at], forth[at], back[at] = r, f, b
			next[s]++
		}
	}
	g.up, g.forth, g.back = p.far, p.forth, p.back // all has been copied out of them
	if cap(p.far) > m+m/8 {                        // many events a tie: the room of the events is not kept
		g.up, g.forth, g.back = make([]int32, m), make([]float32, m), make([]float32, m)
	}
	copy(next, g.upAt[:n])
	for s := range n {
		for i := g.downAt[s]; i < g.downAt[s+1]; i++ {
			at := next[low[i]]
			g.up[at], g.forth[at], g.back[at] = int32(s), forth[i], back[i]
			next[low[i]]++
		}
	}
	g.down, g.downEdge = low, make([]Edge, m)
	copy(next, g.downAt[:n])
	for r := range n {
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			at := next[g.up[e]]
			g.down[at], g.downEdge[at] = int32(r), Edge(e)
			next[g.up[e]]++
		}
	}
}

// People is how many people there are, those without ties included.
func (g *Graph) People() int { return len(g.person) }

// Edges is how many ties there are.
func (g *Graph) Edges() int { return len(g.up) }

// Degree is how many people somebody is tied to.
func (g *Graph) Degree(p Person) int { return g.degree(g.rank[p]) }

func (g *Graph) degree(r int32) int {
	return g.upAt[r+1] - g.upAt[r] + g.downAt[r+1] - g.downAt[r]
}

// Ends are the two people of a tie; b has at least as many ties as a.
func (g *Graph) Ends(e Edge) (a, b Person) {
	return g.person[g.tail(e)], g.person[g.up[e]]
}

// tail is the lower rank of a tie.
func (g *Graph) tail(e Edge) int32 {
	r, exact := slices.BinarySearch(g.upAt, int(e))
	if !exact {
		return int32(r - 1)
	}
	for g.upAt[r+1] == int(e) { // people without ties upwards
		r++
	}
	return int32(r)
}

// Weights are what went from Ends' a to b and from b to a.
func (g *Graph) Weights(e Edge) (ab, ba float64) { return float64(g.forth[e]), float64(g.back[e]) }

// weight is what went both ways.
func (g *Graph) weight(e Edge) float64 { return float64(g.forth[e]) + float64(g.back[e]) }

// Loop is the weight of what somebody did towards themself. It counts in nothing else.
func (g *Graph) Loop(p Person) float64 {
	if g.loops == nil {
		return 0
	}
	return float64(g.loops[p])
}

// Find finds the tie between two people, in O(log of their ties).
func (g *Graph) Find(a, b Person) (Edge, bool) {
	e, ok := g.find(g.rank[a], g.rank[b])
	return e, ok
}

func (g *Graph) find(r, s int32) (Edge, bool) {
	if r > s {
		r, s = s, r
	}
	i, ok := slices.BinarySearch(g.up[g.upAt[r]:g.upAt[r+1]], s)
	return Edge(g.upAt[r] + i), ok
}

// Neighbours goes through the people whom somebody is tied to, with the tie.
func (g *Graph) Neighbours(p Person) iter.Seq2[Person, Edge] {
	return func(yield func(Person, Edge) bool) {
		for s, e := range g.around(g.rank[p]) {
			if !yield(g.person[s], e) {
				return
			}
		}
	}
}

// around goes through the neighbours of a rank, in the order of rank.
func (g *Graph) around(r int32) iter.Seq2[int32, Edge] {
	return func(yield func(int32, Edge) bool) {
		for i := g.downAt[r]; i < g.downAt[r+1]; i++ {
			if !yield(g.down[i], g.downEdge[i]) {
				return
			}
		}
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			if !yield(g.up[e], Edge(e)) {
				return
			}
		}
	}
}

// All goes through the ties: each with its two people, as Ends gives them.
func (g *Graph) All() iter.Seq2[Edge, [2]Person] {
	return func(yield func(Edge, [2]Person) bool) {
		for r := range g.person {
			for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
				if !yield(Edge(e), [2]Person{g.person[r], g.person[g.up[e]]}) {
					return
				}
			}
		}
	}
}

// Strengths is, by person, the weight of all their ties, both ways.
func (g *Graph) Strengths() []float64 {
	all := make([]float64, len(g.person))
	for r, w := range g.strengths() {
		all[g.person[r]] = w
	}
	return all
}

// strengths is Strengths by rank.
func (g *Graph) strengths() []float64 {
	all := make([]float64, len(g.person))
	for r := range g.person {
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			w := g.weight(Edge(e))
			all[r] += w
			all[g.up[e]] += w
		}
	}
	return all
}
