package tie

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyLog draws a small log with all that can be in one.
func anyLog(t *rapid.T) *Log {
	n := rapid.IntRange(1, 14).Draw(t, "people")
	l := &Log{Names: make([]string, n), Kinds: []string{"", "x", "y"}}
	person := rapid.Custom(func(t *rapid.T) Person { return Person(rapid.IntRange(0, n-1).Draw(t, "person")) })
	for range rapid.IntRange(0, 60).Draw(t, "events") {
		l.Events = append(l.Events, Event{
			Actor: person.Draw(t, "who"), Target: person.Draw(t, "whom"), At: int64(rapid.IntRange(0, 1000).Draw(t, "at")), Kind: Kind(rapid.IntRange(0, 2).Draw(t, "kind")),
		})
	}
	l.Sort()
	return l
}

// plainGraph is a graph as one would write it down: the weight from each to each.
type plainGraph [][]float64

func plainly(l *Log, o BuildOptions) plainGraph {
	w, err := newWeigher(l, o)
	if err != nil {
		panic(err)
	}
	a := make(plainGraph, len(l.Names))
	for i := range a {
		a[i] = make([]float64, len(a))
	}
	for _, e := range l.Events {
		x := w.weight(e)
		a[e.Actor][e.Target] += x
		if o.Undirected && e.Actor != e.Target {
			a[e.Target][e.Actor] += x
		}
	}
	return a
}

func (a plainGraph) tied(i, j int) bool { return i != j && a[i][j]+a[j][i] > 0 }

func (a plainGraph) degree(i int) (k int) {
	for j := range a {
		if a.tied(i, j) {
			k++
		}
	}
	return k
}

// constraint is Burt's definition, word for word.
func (a plainGraph) constraint(i int, weighted bool) float64 {
	weight := func(i, j int) float64 {
		if !weighted && a.tied(i, j) {
			return 1
		}
		return a[i][j] + a[j][i]
	}
	p := func(i, j int) float64 {
		all := 0.0
		for k := range a {
			if a.tied(i, k) {
				all += weight(i, k)
			}
		}
		if !a.tied(i, j) {
			return 0
		}
		return weight(i, j) / all
	}
	c := 0.0
	for j := range a {
		if !a.tied(i, j) {
			continue
		}
		x := p(i, j)
		for q := range a {
			if q != i && q != j {
				x += p(i, q) * p(q, j)
			}
		}
		c += x * x
	}
	return c
}

// apart is how far apart i and j are when the tie between them is not walked; 0 when they are not joined.
func (a plainGraph) apart(i, j int) int {
	far := make([]int, len(a))
	for here := []int{i}; len(here) > 0; here = here[1:] {
		for s := range a {
			if !a.tied(here[0], s) || far[s] > 0 || s == i || (here[0] == i && s == j) {
				continue
			}
			far[s] = far[here[0]] + 1
			here = append(here, s)
		}
	}
	return far[j]
}

func (a plainGraph) dispersion(u, v int) (n int) {
	for s := range a {
		for x := range s {
			if !a.tied(u, s) || !a.tied(v, s) || !a.tied(u, x) || !a.tied(v, x) || a.tied(s, x) {
				continue
			}
			shared := false
			for q := range a {
				shared = shared || (q != v && a.tied(u, q) && a.tied(s, q) && a.tied(x, q))
			}
			if !shared {
				n++
			}
		}
	}
	return n
}

func TestFuseAgainstTheDefinitions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := anyLog(rt)
		o := BuildOptions{Undirected: rapid.Bool().Draw(rt, "undirected"), KindWeight: []float64{1, 2.5, 0}}
		if rapid.Bool().Draw(rt, "decay") {
			o.HalfLife = 300 * time.Second
		}
		a := plainly(l, o)
		g, err := Build(l, o)
		if err != nil {
			rt.Fatal(err)
		}
		strong := func(e Edge) bool { return g.weight(e) > 1.5 }
		quick, full := Fuse(g, FuseOptions{}), Fuse(g, FuseOptions{Weighted: true, Strong: strong})
		two := Fuse(g, FuseOptions{Workers: 2})
		paths := NewPaths(g)
		edges := 0
		isStrong := func(i, j int) bool {
			e, ok := g.Find(Person(i), Person(j))
			return ok && strong(e)
		}
		for i := range a {
			p := Person(i)
			if g.Degree(p) != a.degree(i) {
				rt.Fatalf("%d has %d ties, want %d", i, g.Degree(p), a.degree(i))
			}
			var open, tri int64
			for j := range a {
				e, ok := g.Find(p, Person(j))
				if i != j && ok != a.tied(i, j) {
					rt.Fatalf("tie %d %d: %v", i, j, ok)
				}
				for q := range j {
					if a.tied(i, j) && a.tied(i, q) && a.tied(j, q) {
						tri++
					} else if isStrong(i, j) && isStrong(i, q) {
						open++
					}
				}
				if !a.tied(i, j) || j < i {
					continue
				}
				edges++
				common, violations := 0, 0
				for q := range a {
					if a.tied(i, q) && a.tied(j, q) {
						common++
					}
					if isStrong(i, j) && q != i && q != j && ((isStrong(i, q) && !a.tied(j, q)) || (isStrong(j, q) && !a.tied(i, q))) {
						violations++
					}
				}
				for _, f := range []*Ties{quick, full, two} {
					if f.Common(e) != common || f.LocalBridge(e) != (common == 0) || f.sums[e] != quick.sums[e] {
						rt.Fatalf("tie %d %d: %d in common, want %d", i, j, f.Common(e), common)
					}
				}
				if full.Open(e) != violations {
					rt.Fatalf("tie %d %d: %d violations, want %d", i, j, full.Open(e), violations)
				}
				if x := quick.Overlap(e); x < 0 || x > 1 {
					rt.Fatalf("overlap %v", x)
				}
				if d := paths.Span(e, 99); d != a.apart(i, j) {
					rt.Fatalf("span %d %d: %d, want %d", i, j, d, a.apart(i, j))
				}
				if d := paths.Span(e, 3); d != a.apart(i, j) && (d != 0 || a.apart(i, j) <= 3) {
					rt.Fatalf("span to 3, %d %d: %d, want %d", i, j, d, a.apart(i, j))
				}
				if d, _ := g.Dispersion(p, Person(j)); d != a.dispersion(i, j) {
					rt.Fatalf("dispersion %d %d: %d, want %d", i, j, d, a.dispersion(i, j))
				}
				x, y := g.Weights(e)
				if first, _ := g.Ends(e); first != p {
					x, y = y, x
				}
				if !alike(x, a[i][j], 1e-6) || !alike(y, a[j][i], 1e-6) {
					rt.Fatalf("weights %d %d: %v %v, want %v %v", i, j, x, y, a[i][j], a[j][i])
				}
			}
			if quick.Triangles[i] != tri || full.Violations[i] != open {
				rt.Fatalf("%d: %d triangles and %d violations, want %d and %d", i, quick.Triangles[i], full.Violations[i], tri, open)
			}
			if a.degree(i) == 0 {
				if !math.IsNaN(quick.Constraint[i]) || !math.IsNaN(full.Weighted[i]) {
					rt.Fatal("somebody without ties is constrained")
				}
				continue
			}
			if want := a.constraint(i, false); !alike(quick.Constraint[i], want, 1e-9) || quick.Constraint[i] != full.Constraint[i] || quick.Constraint[i] != two.Constraint[i] {
				rt.Fatalf("constraint of %d: %v, want %v", i, quick.Constraint[i], want)
			}
			if want := a.constraint(i, true); !alike(full.Weighted[i], want, 1e-6) {
				rt.Fatalf("weighted constraint of %d: %v, want %v", i, full.Weighted[i], want)
			}
		}
		if g.Edges() != edges {
			rt.Fatalf("%d ties, want %d", g.Edges(), edges)
		}
	})
}

func alike(a, b, part float64) bool { return math.Abs(a-b) <= part*max(1, math.Abs(b)) }

func TestTheNumbersOfPeopleChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := anyLog(rt)
		to := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)).Perm(len(l.Names))
		other := &Log{Names: make([]string, len(l.Names)), Kinds: l.Kinds}
		for _, e := range l.Events {
			e.Actor, e.Target = Person(to[e.Actor]), Person(to[e.Target])
			other.Events = append(other.Events, e)
		}
		g, h := built2(rt, l), built2(rt, other)
		a, b := Fuse(g, FuseOptions{Weighted: true}), Fuse(h, FuseOptions{Weighted: true})
		for i, j := range to {
			if a.Triangles[i] != b.Triangles[j] || a.EffectiveSize(Person(i)) != b.EffectiveSize(Person(j)) {
				rt.Fatalf("triangles of %d changed", i)
			}
			if g.Degree(Person(i)) > 0 && (!alike(a.Constraint[i], b.Constraint[j], 1e-12) || !alike(a.Weighted[i], b.Weighted[j], 1e-12)) {
				rt.Fatalf("constraint of %d changed", i)
			}
		}
		for e, ends := range g.All() {
			f, ok := h.Find(Person(to[ends[0]]), Person(to[ends[1]]))
			if !ok || a.Overlap(e) != b.Overlap(f) || a.sums[e] != b.sums[f] {
				rt.Fatalf("tie %v changed", ends)
			}
			if x, y := g.Ends(e); x != ends[0] || y != ends[1] {
				rt.Fatalf("the ends of %d are %v and %d, %d", e, ends, x, y)
			}
		}
	})
}

func built2(t *rapid.T, l *Log) *Graph {
	g, err := Build(l, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}
