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
// Inside, people stand in the order of how many events they have part in (their rank), fewest first, and a tie stands with
// its end of the lower rank. So whoever lists triangles from the lower ranks up never walks the long lists of the best known.
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

// weights are what the events of a log weigh; nil where each of them weighs 1.
func (w *weigher) weights(l *Log) []float32 {
	_, last := l.Span()
	if w.o.KindWeight == nil && w.life == 0 && w.o.Now >= last {
		return nil
	}
	all := make([]float32, len(l.Events))
	for i, e := range l.Events {
		all[i] = float32(w.weight(e))
	}
	return all
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
	g, weight := &Graph{}, w.weights(l)
	g.order(l, weight)
	g.fill(g.gather(l, weight), o.Undirected)
	return g, nil
}

// order ranks people by how many events they have part in; the same number by their own.
func (g *Graph) order(l *Log, weight []float32) {
	n := len(l.Names)
	count := make([]int32, n)
	for i := range l.Events {
		a, b, x := l.Events[i].Actor, l.Events[i].Target, float32(1)
		if weight != nil {
			x = weight[i]
		}
		switch {
		case x == 0:
		case a == b:
			if g.loops == nil {
				g.loops = make([]float32, n)
			}
			g.loops[a] += x
		default:
			count[a]++
			count[b]++
		}
	}
	most := int32(0)
	for _, k := range count {
		most = max(most, k)
	}
	at := make([]int32, int(most)+2)
	for _, k := range count {
		at[k+1]++
	}
	for k := range most + 1 {
		at[k+1] += at[k]
	}
	g.person, g.rank = make([]Person, n), make([]int32, n)
	for p, k := range count {
		g.rank[p] = at[k]
		g.person[at[k]] = Person(p)
		at[k]++
	}
}

// half is an event as one of its two ends has it.
type half struct {
	// rank is the other end.
	rank int32
	// weight is below zero where the event went from the higher rank to the lower one.
	weight float32
}

// halves are events in the order of their lower and then their higher rank, those of one tie in the order of time. Those
// with the lower rank r end at end[r].
type halves struct {
	all []half
	end []int32
}

// gather brings the events of each tie together by two stable distributions, by the higher rank and then by the lower one.
func (g *Graph) gather(l *Log, weight []float32) halves {
	n := len(g.person)
	high, low := make([]int32, n+1), make([]int32, n+1)
	for i := range l.Events {
		r, s := g.rank[l.Events[i].Actor], g.rank[l.Events[i].Target]
		if r == s || (weight != nil && weight[i] == 0) {
			continue
		}
		high[max(r, s)+1]++
		low[min(r, s)+1]++
	}
	for i := range n {
		high[i+1] += high[i]
		low[i+1] += low[i]
	}
	byHigh := make([]half, high[n])
	for i := range l.Events {
		r, s, x := g.rank[l.Events[i].Actor], g.rank[l.Events[i].Target], float32(1)
		if weight != nil {
			x = weight[i]
		}
		if r == s || x == 0 {
			continue
		}
		if r > s {
			r, s, x = s, r, -x
		}
		byHigh[high[s]] = half{r, x}
		high[s]++ // it becomes the end of s, which is the beginning of the next
	}
	all := make([]half, len(byHigh))
	i := int32(0)
	for s := range n {
		for ; i < high[s]; i++ {
			h := byHigh[i]
			all[low[h.rank]] = half{int32(s), h.weight}
			low[h.rank]++
		}
	}
	return halves{all, low[:n]}
}

// fill makes a tie of the events between the same two.
func (g *Graph) fill(h halves, undirected bool) {
	n, m, i := len(g.person), 0, int32(0)
	for _, end := range h.end {
		for last := int32(-1); i < end; i++ {
			if s := h.all[i].rank; s != last {
				m++
				last = s
			}
		}
	}
	g.upAt, g.downAt = make([]int, n+1), make([]int, n+1)
	g.up, g.forth, g.back = make([]int32, m), make([]float32, m), make([]float32, m)
	m, i = 0, 0
	for r, end := range h.end {
		g.upAt[r] = m
		for i < end {
			s := h.all[i].rank
			var forth, back float64
			for ; i < end && h.all[i].rank == s; i++ {
				if x := float64(h.all[i].weight); x > 0 {
					forth += x
				} else {
					back -= x
				}
			}
			if undirected {
				forth = float64(float32(forth) + float32(back))
				back = forth
			}
			g.up[m], g.forth[m], g.back[m] = s, float32(forth), float32(back)
			g.downAt[s+1]++
			m++
		}
	}
	g.upAt[n] = m
	for r := range n {
		g.downAt[r+1] += g.downAt[r]
	}
	g.down, g.downEdge = make([]int32, m), make([]Edge, m)
	next := make([]int32, n)
	for r := range n {
		next[r] = int32(g.downAt[r])
	}
	for r := range n {
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			s := g.up[e]
			g.down[next[s]], g.downEdge[next[s]] = int32(r), Edge(e)
			next[s]++
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

// Ends are the two people of a tie; b has part in at least as many events as a.
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
