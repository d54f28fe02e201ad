package tie

import (
	"cmp"
	"math"
	"slices"
)

// Circles are groups of people who have more to do with each other than with the rest.
type Circles struct {
	// Of is the circle of each Person; -1 without ties.
	Of []int32
	// Sizes is how many people each circle has, largest first.
	Sizes []int
	// Modularity is the quality that was sought, at the resolution that was asked for: the sum over circles of
	// inside/W - resolution·(strength/2W)², with W the weight of all ties. From -1/2 to 1; above about .3 there are circles
	// worth speaking of.
	Modularity float64
	Resolution float64
}

// CircleOptions say how circles are sought.
type CircleOptions struct {
	// Resolution is 1 for modularity as Newman and Girvan (2004) have it; higher makes more and smaller circles (Reichardt and
	// Bornholdt 2006). 0 is 1.
	Resolution float64
	// Seed decides in which order people are looked at. The same seed gives the same circles.
	Seed uint64
	// Rounds is how often all is gone through again from the circles found; 0 is 2. It ends sooner when nothing moves.
	Rounds int
	// Unweighted counts every tie as 1.
	Unweighted bool
}

// FindCircles finds circles by the Leiden algorithm (Traag, Waltman and van Eck, Scientific Reports 9, 2019): people move to
// where they have most to do, each circle is built up again from single people who are well joined to it, and what came
// of that is taken for people in the next turn. Every circle is connected.
func FindCircles(g *Graph, o CircleOptions) *Circles {
	if o.Resolution <= 0 {
		o.Resolution = 1
	}
	if o.Rounds <= 0 {
		o.Rounds = 2
	}
	base := newNet(g, o.Unweighted)
	l := newLeiden(base, o)
	of := make([]int32, g.People())
	for r := range of {
		of[r] = int32(r)
	}
	for range o.Rounds {
		before := l.moves
		of = l.round(base, of)
		if l.moves == before {
			break
		}
	}
	base.connect(of)
	c := &Circles{Of: make([]int32, g.People()), Resolution: o.Resolution, Modularity: base.modularity(of, o.Resolution)}
	c.number(g, of)
	return c
}

// number gives the circles their numbers: by size, then by their first person.
func (c *Circles) number(g *Graph, of []int32) {
	size, first := make([]int, len(of)), make([]Person, len(of))
	for r, k := range of {
		if g.degree(int32(r)) == 0 {
			continue
		}
		if size[k] == 0 || g.person[r] < first[k] {
			first[k] = g.person[r]
		}
		size[k]++
	}
	var all []int32
	for k, n := range size {
		if n > 0 {
			all = append(all, int32(k))
		}
	}
	slices.SortFunc(all, func(a, b int32) int {
		return cmp.Or(cmp.Compare(size[b], size[a]), cmp.Compare(first[a], first[b]))
	})
	to := make([]int32, len(of))
	c.Sizes = make([]int, 0, len(all))
	for i, k := range all {
		to[k] = int32(i)
		c.Sizes = append(c.Sizes, size[k])
	}
	for r, k := range of {
		p := g.person[r]
		c.Of[p] = -1
		if g.degree(int32(r)) > 0 {
			c.Of[p] = to[k]
		}
	}
}

// Bridge is what joins two circles, of the numbers A < B.
type Bridge struct {
	A, B int
	// Ties is how many ties there are between them, Weight what they weigh.
	Ties   int
	Weight float64
	// Holders are the people who stand on it, those with most of its ties first; each tie has one on either side.
	Holders []Holder
}

// Holder is a person who stands on a bridge.
type Holder struct {
	Person Person
	Circle int
	// Ties is how many of the bridge's ties are theirs, Share which part: from above 0 to 1, where the bridge is theirs alone.
	Ties   int
	Share  float64
	Weight float64
}

// Bridges are the bridges between circles of at least min people, those of the greatest weight first.
func (c *Circles) Bridges(g *Graph, min int) []Bridge {
	type place struct{ a, b int32 }
	at := map[place]int{}
	var all []Bridge
	holders := []map[Person]*Holder{}
	for e, ends := range g.All() {
		p, q := ends[0], ends[1]
		a, b := c.Of[p], c.Of[q]
		if a == b || c.Sizes[a] < min || c.Sizes[b] < min {
			continue
		}
		if a > b {
			a, b = b, a
		}
		i, known := at[place{a, b}]
		if !known {
			i = len(all)
			at[place{a, b}] = i
			all = append(all, Bridge{A: int(a), B: int(b)})
			holders = append(holders, map[Person]*Holder{})
		}
		w := g.weight(e)
		all[i].Ties++
		all[i].Weight += w
		for _, x := range []Person{p, q} {
			h := holders[i][x]
			if h == nil {
				h = &Holder{Person: x, Circle: int(c.Of[x])}
				holders[i][x] = h
			}
			h.Ties++
			h.Weight += w
		}
	}
	for i := range all {
		for _, h := range holders[i] {
			h.Share = float64(h.Ties) / float64(all[i].Ties)
			all[i].Holders = append(all[i].Holders, *h)
		}
		slices.SortFunc(all[i].Holders, func(x, y Holder) int {
			return cmp.Or(cmp.Compare(y.Ties, x.Ties), cmp.Compare(y.Weight, x.Weight), cmp.Compare(x.Person, y.Person))
		})
	}
	slices.SortFunc(all, func(x, y Bridge) int {
		return cmp.Or(cmp.Compare(y.Weight, x.Weight), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	return all
}

// modularity is the quality of a division.
func (n *net) modularity(of []int32, resolution float64) float64 {
	if n.total == 0 {
		return 0
	}
	inside, strength := make([]float64, len(of)), make([]float64, len(of))
	for v, k := range of {
		strength[k] += n.strength[v]
		inside[k] += n.inner[v]
		for i := n.at[v]; i < n.at[v+1]; i++ {
			if of[n.to[i]] == k {
				inside[k] += float64(n.weight[i])
			}
		}
	}
	q := 0.0
	for k := range inside {
		q += inside[k]/n.total - resolution*math.Pow(strength[k]/n.total, 2)
	}
	return q
}
