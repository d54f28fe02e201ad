package tie

import (
	"iter"
	"slices"
)

// Paths measures what needs a walk around a tie. It keeps room for the walk, so one serves for many ties; two at a time
// need two of them.
type Paths struct {
	g *Graph
	// seen is, by rank, the side that has been there in this walk.
	seen []int32
	walk int32
	// edge of the two sides of the walk
	here, there, next []int32
}

// NewPaths makes room for walks on a graph: 4 bytes a person.
func NewPaths(g *Graph) *Paths { return &Paths{g: g, seen: make([]int32, g.People())} }

// Span is how far apart the ends of a tie are without it (Granovetter 1973 calls it the degree of a local bridge): 2 when
// they share somebody, more on a local bridge. It looks as far as most steps; 0 says that they are farther apart, or not
// joined in any other way.
func (p *Paths) Span(e Edge, most int) int {
	g := p.g
	if p.walk > 1<<30 {
		clear(p.seen)
		p.walk = 0
	}
	p.walk += 2
	mine, other := p.walk, p.walk+1
	a, b := g.tail(e), g.up[e]
	p.seen[a], p.seen[b] = mine, other
	p.here, p.there = append(p.here[:0], a), append(p.there[:0], b)
	for steps := 1; steps <= most && len(p.here) > 0 && len(p.there) > 0; steps++ {
		if p.around(p.here) > p.around(p.there) {
			p.here, p.there, mine, other = p.there, p.here, other, mine
		}
		p.next = p.next[:0]
		for _, r := range p.here {
			for s, f := range g.around(r) {
				switch p.seen[s] {
				case mine:
				case other:
					if f != e {
						return steps
					}
				default:
					p.seen[s] = mine
					p.next = append(p.next, s)
				}
			}
		}
		p.here, p.next = p.next, p.here
	}
	return 0
}

// around is how many ties would be walked from these people.
func (p *Paths) around(all []int32) int {
	n := 0
	for _, r := range all {
		n += p.g.degree(r)
	}
	return n
}

// Dispersion is how many pairs of the common neighbours of u and v have nothing to do with each other but for them: not
// tied, and with no neighbour in common among those of u, u and v apart (Backstrom and Kleinberg, CSCW 2014, section 3). It
// is not symmetric. norm is dispersion for each common neighbour, 0 without one. A tie of low overlap and high
// dispersion is no weak tie: it holds a life together.
func (g *Graph) Dispersion(u, v Person) (dispersion int, norm float64) {
	a, b := g.rank[u], g.rank[v]
	of := func(r int32) []int32 {
		all := make([]int32, 0, g.degree(r))
		for s := range g.around(r) {
			all = append(all, s)
		}
		return all
	}
	circle := of(a)
	common := slices.Collect(both(circle, of(b)))
	inside := make([][]int32, len(common)) // of each, the neighbours within the circle of u, but not v
	for i, s := range common {
		inside[i] = slices.DeleteFunc(slices.Collect(both(circle, of(s))), func(r int32) bool { return r == b })
	}
	for i := range common {
		for j := i + 1; j < len(common); j++ {
			if _, tied := slices.BinarySearch(inside[i], common[j]); tied || meet(inside[i], inside[j]) {
				continue
			}
			dispersion++
		}
	}
	if len(common) > 0 {
		norm = float64(dispersion) / float64(len(common))
	}
	return dispersion, norm
}

// both is what two ordered lists have in common, in order.
func both(a, b []int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i, j := 0, 0; i < len(a) && j < len(b); {
			switch {
			case a[i] < b[j]:
				i++
			case a[i] > b[j]:
				j++
			default:
				if !yield(a[i]) {
					return
				}
				i++
				j++
			}
		}
	}
}

// meet says that two ordered lists have something in common.
func meet(a, b []int32) bool {
	for range both(a, b) {
		return true
	}
	return false
}
