package tie

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
)

// Arc is a way on which something may pass: who To takes it over from From with a chance between 0 and 1.
type Arc struct {
	From, To Person
	Chance   float64
}

// Cascade is the independent cascade model (Kempe, Kleinberg and Tardos 2003, section 2.1): whoever is reached has one
// try on each arc that leaves him, all of them independent. It never changes, and may be used by many at once. It takes 4 bytes an arc
// where the chances of all arcs to the same person are equal everywhere, else 8, and 20 a person.
type Cascade struct {
	nodes  []node // by person, and one more
	from   []int32
	chance []float32 // nil when each class has one chance
	// classes are those of a person after the first: from nodes[p].more to nodes[p+1].more.
	classes []class
}

// class is a run of arcs to the same person, whose chances are at most most. skip is -1/ln(1-most).
type class struct {
	end        int32
	most, skip float32
}

type node struct {
	at    int32 // where the arcs to the person begin in from
	more  int32
	first class
}

var (
	errArc  = errors.New("tie: an arc names a person who is not there, or has a chance outside of 0 to 1")
	errArcs = errors.New("tie: more arcs than can be counted")
)

// NewCascade makes a cascade of people numbered from 0 to people-1. Arcs from a person to himself and those without a
// chance are left out; two arcs between the same people are two tries.
func NewCascade(people int, arcs []Arc) (*Cascade, error) {
	if len(arcs) > math.MaxInt32 {
		return nil, errArcs
	}
	in := make([]int32, people+1)
	for _, a := range arcs {
		if a.From < 0 || a.To < 0 || int(a.From) >= people || int(a.To) >= people || !(a.Chance >= 0 && a.Chance <= 1) {
			return nil, errArc
		}
		if a.From != a.To && a.Chance > 0 {
			in[a.To+1]++
		}
	}
	for p := range people {
		in[p+1] += in[p]
	}
	c := &Cascade{from: make([]int32, in[people]), chance: make([]float32, in[people])}
	next := slices.Clone(in[:people])
	for _, a := range arcs {
		if a.From != a.To && a.Chance > 0 {
			c.from[next[a.To]], c.chance[next[a.To]] = int32(a.From), float32(a.Chance)
			next[a.To]++
		}
	}
	c.classify(in)
	return c, nil
}

// WeightedCascade is the cascade of a log in which a person who acted upon d others takes things over from each of them
// with a chance of 1/d. It is a convention of benchmarks (Kempe, Kleinberg and Tardos 2003, section 4), no estimate.
func WeightedCascade(l *Log) (*Cascade, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	n := len(l.Names)
	in := make([]int32, n+1)
	for _, e := range l.Events {
		in[e.Actor+1]++
	}
	for p := range n {
		in[p+1] += in[p]
	}
	all, next := make([]int32, len(l.Events)), slices.Clone(in[:n])
	for _, e := range l.Events {
		all[next[e.Actor]] = int32(e.Target)
		next[e.Actor]++
	}
	c := &Cascade{nodes: make([]node, n+1)}
	end := int32(0)
	for p := range n {
		own := all[in[p]:in[p+1]]
		slices.Sort(own)
		c.nodes[p].at = end
		last := int32(-1)
		for _, q := range own {
			if q != last && q != int32(p) {
				all[end] = q
				end++
			}
			last = q
		}
		c.nodes[p].first = classOf(end, 1/float64(max(end-c.nodes[p].at, 1)))
	}
	c.nodes[n].at = end
	c.from = all[:end:end]
	return c, nil
}

func classOf(end int32, most float64) class {
	return class{end: end, most: float32(most), skip: float32(-1 / math.Log1p(-most))}
}

// classify sorts the arcs to each person by their chance, the greatest first, and cuts them into classes: a class ends
// where chances are below half of its greatest one, except that the last arcs, of which less than one is expected, are one class
// (Guo, Wang, Wei and Chen, SIGMOD 2020, section 3: subset sampling).
func (c *Cascade) classify(in []int32) {
	n := len(in) - 1
	c.nodes = make([]node, n+1)
	type arc struct {
		from   int32
		chance float32
	}
	var own []arc
	even := true
	for p := range n {
		a, b := in[p], in[p+1]
		c.nodes[p] = node{at: a, more: int32(len(c.classes)), first: class{end: a}}
		own = own[:0]
		for i := a; i < b; i++ {
			own = append(own, arc{c.from[i], c.chance[i]})
		}
		slices.SortFunc(own, func(x, y arc) int { return cmp.Or(cmp.Compare(y.chance, x.chance), cmp.Compare(x.from, y.from)) })
		for i, x := range own {
			c.from[a+int32(i)], c.chance[a+int32(i)] = x.from, x.chance
		}
		for i := a; i < b; {
			most := c.chance[i]
			end := b
			if float64(most)*float64(b-i) > 1 {
				for end = i + 1; end < b && c.chance[end] >= most/2; {
					end++
				}
			}
			even = even && c.chance[end-1] == most
			if x := classOf(end, float64(most)); i == a {
				c.nodes[p].first = x
			} else {
				c.classes = append(c.classes, x)
			}
			i = end
		}
	}
	c.nodes[n] = node{at: in[n], more: int32(len(c.classes))}
	if even {
		c.chance = nil
	}
}

// People is how many people there are.
func (c *Cascade) People() int { return len(c.nodes) - 1 }

// Arcs is how many arcs there are.
func (c *Cascade) Arcs() int { return len(c.from) }

// walker draws reverse-reachable sets: those from whom a root would take it over in one draw of the arcs (Borgs,
// Brautbar, Chayes and Lucier, SODA 2014). In each class of arcs it jumps from one that is open to the next, so that a set takes
// time for what it holds, not for the arcs looked at.
type walker struct {
	c     *Cascade
	r     *rand.Rand
	mark  []uint32
	round uint32
	// found holds the sets drawn so far, one after the other.
	found []int32
	// stop, when it is not nil, has those at whom a walk ends.
	stop []bool
}

func (c *Cascade) walker(seed, stream uint64) *walker {
	return &walker{c: c, r: rand.New(rand.NewPCG(seed, stream)), mark: make([]uint32, c.People())}
}

// walk appends the set of a root to w.found, the root first, and says whether it came upon one of w.stop, at whom it ends.
func (w *walker) walk(root Person) bool {
	w.round++
	if w.round == 0 {
		clear(w.mark)
		w.round = 1
	}
	at := len(w.found)
	w.mark[root] = w.round
	w.found = append(w.found, int32(root))
	if w.stop != nil && w.stop[root] {
		return true
	}
	c := w.c
	for ; at < len(w.found); at++ {
		p := w.found[at]
		n := &c.nodes[p]
		if w.open(n.at, n.first) {
			return true
		}
		begin := n.first.end
		for _, x := range c.classes[n.more:c.nodes[p+1].more] {
			if w.open(begin, x) {
				return true
			}
			begin = x.end
		}
	}
	return false
}

// many is from what chance on each arc is looked at: jumps would hardly be longer than one.
const many = 0.4

// open takes in those whose arcs are open among the arcs of a class.
func (w *walker) open(i int32, x class) bool {
	if x.most > many {
		for ; i < x.end; i++ {
			chance := x.most
			if w.c.chance != nil {
				chance = w.c.chance[i]
			}
			if (chance >= 1 || w.r.Float64() < float64(chance)) && w.take(i) {
				return true
			}
		}
		return false
	}
	for {
		jump := w.r.ExpFloat64() * float64(x.skip)
		if jump >= float64(x.end-i) {
			return false
		}
		i += int32(jump)
		if w.c.chance == nil || w.c.chance[i] >= x.most || w.r.Float64()*float64(x.most) < float64(w.c.chance[i]) {
			if w.take(i) {
				return true
			}
		}
		i++
	}
}

func (w *walker) take(i int32) bool {
	p := w.c.from[i]
	if w.mark[p] == w.round {
		return false
	}
	w.mark[p] = w.round
	w.found = append(w.found, p)
	return w.stop != nil && w.stop[p]
}

// pool is a number of sets, the i-th from at[i] to at[i+1] of the walker's found. Their roots are drawn from roots; nil is everybody.
type pool struct {
	*walker
	roots []Person
	at    []int

	// room for together
	seen                  steps
	here, next, arcs, all []step
	ends                  []class
}

func (c *Cascade) pool(roots []Person, seed, stream uint64) *pool {
	return &pool{walker: c.walker(seed, stream), roots: roots, at: []int{0}}
}

// grow draws sets until there are so many.
func (p *pool) grow(sets int) {
	if c := p.c; c.chance == nil && len(c.classes) == 0 {
		for p.sets()+crowd <= sets {
			p.together()
		}
	}
	for p.sets() < sets {
		p.walk(p.draw(p.roots))
		p.at = append(p.at, len(p.found))
	}
}

// crowd is how many sets are drawn together.
const crowd = 64

// step is somebody in one of the sets that are drawn together.
type step struct {
	person int32
	set    int32
}

// steps is a set of them, by open addressing: 0 is a free place.
type steps struct {
	place []uint64
	shift int // 64 less the bits of a place
	n     int
}

const fewSteps = 12 // bits

func (t *steps) empty() {
	if t.place == nil {
		t.place, t.shift = make([]uint64, 1<<fewSteps), 64-fewSteps
	}
	clear(t.place)
	t.n = 0
}

// add says whether a step was not there.
func (t *steps) add(s step) bool {
	if 2*t.n > len(t.place) {
		old := t.place
		t.place = make([]uint64, 2*len(old))
		t.shift--
		for _, key := range old {
			if key != 0 {
				t.put(key)
			}
		}
	}
	if t.put(uint64(s.set+1)<<32 | uint64(uint32(s.person))) {
		t.n++
		return true
	}
	return false
}

func (t *steps) put(key uint64) bool {
	i := key * 0x9e3779b97f4a7c15 >> t.shift
	for t.place[i] != 0 {
		if t.place[i] == key {
			return false
		}
		i = (i + 1) & uint64(len(t.place)-1)
	}
	t.place[i] = key
	return true
}

// together draws sets side by side, where all arcs to somebody have the same chance. What must be fetched from memory is fetched for all of
// them in one go, so that waiting for one is waiting for all; one set after the other would wait for each of its people.
func (p *pool) together() {
	c := p.c
	p.seen.empty()
	here, next, arcs, found := p.here[:0], p.next[:0], p.arcs[:0], p.all[:0]
	for i := range int32(crowd) {
		s := step{int32(p.draw(p.roots)), i}
		p.seen.add(s)
		here = append(here, s)
	}
	for len(here) > 0 {
		found = append(found, here...)
		p.ends = p.ends[:0]
		for _, s := range here {
			n := &c.nodes[s.person]
			p.ends = append(p.ends, class{end: n.first.end, most: n.first.most, skip: n.first.skip}, class{end: n.at})
		}
		arcs = arcs[:0]
		for i, s := range here {
			x, at := p.ends[2*i], p.ends[2*i+1].end
			if x.most > many {
				for ; at < x.end; at++ {
					if x.most >= 1 || p.r.Float64() < float64(x.most) {
						arcs = append(arcs, step{at, s.set})
					}
				}
				continue
			}
			for {
				jump := p.r.ExpFloat64() * float64(x.skip)
				if jump >= float64(x.end-at) {
					break
				}
				at += int32(jump)
				arcs = append(arcs, step{at, s.set})
				at++
			}
		}
		for i, a := range arcs {
			arcs[i].person = c.from[a.person]
		}
		next = next[:0]
		for _, s := range arcs {
			if p.seen.add(s) {
				next = append(next, s)
			}
		}
		here, next = next, here
	}
	// Set after set: those of one stand in the order in which they were found.
	var count [crowd + 1]int
	for _, s := range found {
		count[s.set+1]++
	}
	base := len(p.found)
	for i := range crowd {
		count[i+1] += count[i]
		p.at = append(p.at, base+count[i+1])
	}
	p.found = slices.Grow(p.found, len(found))[:base+len(found)]
	for _, s := range found {
		p.found[base+count[s.set]] = s.person
		count[s.set]++
	}
	p.here, p.next, p.arcs, p.all = here, next, arcs, found
}

// draw draws a root.
func (w *walker) draw(roots []Person) Person {
	if roots == nil {
		return Person(w.r.IntN(w.c.People()))
	}
	return roots[w.r.IntN(len(roots))]
}

func (p *pool) sets() int { return len(p.at) - 1 }

func (p *pool) set(i int) []int32 { return p.found[p.at[i]:p.at[i+1]] }
