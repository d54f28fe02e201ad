package tie

import (
	"math/bits"
)

// view is one way to see whom people reach together.
type view interface {
	// gain is what a person adds to those taken.
	gain(p int32) float64
	take(p int32)
	// anew forgets those taken.
	anew()
}

// direct is the view of chances.
type direct struct {
	m    *scene
	c    chances
	left []float32
}

func (m *scene) direct(c chances) *direct {
	return &direct{m: m, c: c, left: make([]float32, len(c.worth))}
}

func (d *direct) anew() { copy(d.left, d.c.worth) }

func (d *direct) gain(p int32) float64 {
	sum := 0.0
	for i := d.m.pairAt[p]; i < d.m.pairAt[p+1]; i++ {
		if x := d.m.actor[i]; d.c.chance[i] > 0 && x != p {
			sum += float64(d.c.chance[i]) * float64(d.left[x])
		}
	}
	if d.c.scale != nil {
		sum *= d.c.scale[p]
	}
	return sum
}

func (d *direct) take(p int32) {
	d.left[p] = 0 // who is asked himself is no news
	for i := d.m.pairAt[p]; i < d.m.pairAt[p+1]; i++ {
		d.left[d.m.actor[i]] *= 1 - min(d.c.chance[i], 1)
	}
}

// ways is the view of some people to be reached, each with those from whom a way leads to him.
type ways struct {
	at   []int32 // by person, where his begin in of
	of   []int32
	done []bool
}

// turned makes ways of the lists of those from whom a way leads, list i from at[i] to at[i+1] of found.
func turned(people int, at []int, found []int32) *ways {
	w := &ways{at: make([]int32, people+2), of: make([]int32, len(found)), done: make([]bool, len(at)-1)}
	for _, p := range found {
		w.at[p+2]++
	}
	for p := range people {
		w.at[p+2] += w.at[p+1]
	}
	for s := range len(at) - 1 {
		for _, p := range found[at[s]:at[s+1]] {
			w.of[w.at[p+1]] = int32(s)
			w.at[p+1]++
		}
	}
	return w
}

func (w *ways) anew() { clear(w.done) }

func (w *ways) gain(p int32) float64 {
	n := 0
	for _, s := range w.of[w.at[p]:w.at[p+1]] {
		if !w.done[s] {
			n++
		}
	}
	return float64(n)
}

func (w *ways) take(p int32) {
	for _, s := range w.of[w.at[p]:w.at[p+1]] {
		w.done[s] = true
	}
}

const (
	dampedSets = 1 << 14
	maxRoots   = 2048 // people whose ways are followed
)

// damped are the ways of sets drawn from the damped cascade.
func (m *scene) damped(seed uint64) *ways {
	roots := []Person{}
	for p, r := range m.reached {
		if !r {
			roots = append(roots, Person(p))
		}
	}
	c := m.cascade()
	if c == nil || len(roots) == 0 {
		return turned(len(m.reached), []int{0}, nil)
	}
	p := c.pool(roots, seed, 1)
	p.grow(dampedSets)
	return turned(len(m.reached), p.at, p.found)
}

// chained are the ways along which people not yet reached really were reached within a span.
func (m *scene) chained(from, until int64) *ways {
	at, found := []int{0}, []int32(nil)
	m.chains(from, until, func(few []int32, _ float64, has []uint64) {
		lists := make([][]int32, len(few))
		for p, h := range has {
			for ; h != 0; h &= h - 1 {
				i := bits.TrailingZeros64(h)
				lists[i] = append(lists[i], int32(p))
			}
		}
		for _, l := range lists {
			found = append(found, l...)
			at = append(at, len(found))
		}
	})
	return turned(len(m.reached), at, found)
}

// chains follows back the chains, in the order of time, along which people not yet reached were reached within a span: for 64 of them at
// a time, each of whom stands for size of them, has says by a bit for each from whom such a chain leads to him. Sweeping the span backwards,
// whoever is acted upon has whom the actor has from then on.
func (m *scene) chains(from, until int64, f func(few []int32, size float64, has []uint64)) {
	first, end := m.window(from, until)
	events := m.carried[first:end]
	var roots []int32
	seen := make([]bool, len(m.reached))
	for _, e := range events {
		if !m.reached[e.Actor] && !seen[e.Actor] {
			seen[e.Actor] = true
			roots = append(roots, int32(e.Actor))
		}
	}
	size := 1.0
	if n := len(roots); n > maxRoots {
		size = float64(n) / maxRoots
		for i := range maxRoots {
			roots[i] = roots[i*n/maxRoots]
		}
		roots = roots[:maxRoots]
	}
	has := make([]uint64, len(m.reached))
	for len(roots) > 0 {
		few := roots[:min(64, len(roots))]
		roots = roots[len(few):]
		clear(has)
		for i, x := range few {
			has[x] = 1 << i
		}
		for i := len(events) - 1; i >= 0; i-- {
			has[events[i].Target] |= has[events[i].Actor]
		}
		for i, x := range few {
			has[x] &^= 1 << i
		}
		f(few, size, has)
	}
}

// reaching is how many people not yet reached each person reached within a span along chains; where they are many, an estimate.
func (m *scene) reaching(from, until int64) []float64 {
	count := make([]float64, len(m.reached))
	m.chains(from, until, func(_ []int32, size float64, has []uint64) {
		for p, h := range has {
			if h != 0 {
				count[p] += size * float64(bits.OnesCount64(h))
			}
		}
	})
	return count
}

// views is several of them: what a person adds in each is counted in parts of what the best choice by that view alone has, so
// that who is good in all of them comes before who is good in one.
type views struct {
	all    []view
	weight []float64
}

// together brings views to the scale of the first of them that sees anything.
func (m *scene) together(all []view, d desk) *views {
	v := &views{}
	scale := 0.0
	for _, x := range all {
		total := m.choose(x, d).final()
		if total == 0 {
			continue
		}
		if scale == 0 {
			scale = total
		}
		v.all, v.weight = append(v.all, x), append(v.weight, scale/total)
	}
	for i := range v.weight {
		v.weight[i] /= float64(len(v.all))
	}
	return v
}

func (v *views) anew() {
	for _, x := range v.all {
		x.anew()
	}
}

func (v *views) gain(p int32) float64 {
	sum := 0.0
	for i, x := range v.all {
		sum += v.weight[i] * x.gain(p)
	}
	return sum
}

func (v *views) take(p int32) {
	for _, x := range v.all {
		x.take(p)
	}
}
