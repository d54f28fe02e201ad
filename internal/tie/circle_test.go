package tie

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// byDefinition is modularity summed over all pairs of people (Newman and Girvan 2004).
func byDefinition(a plainGraph, of []int32, resolution float64) float64 {
	strength, total := make([]float64, len(a)), 0.0
	w := func(i, j int) float64 {
		if i == j {
			return 0
		}
		return a[i][j] + a[j][i]
	}
	for i := range a {
		for j := range a {
			strength[i] += w(i, j)
		}
		total += strength[i]
	}
	q := 0.0
	for i := range a {
		for j := range a {
			if of[i] == of[j] && total > 0 {
				q += w(i, j)/total - resolution*strength[i]*strength[j]/total/total
			}
		}
	}
	return q
}

// whole says that every circle is connected within itself.
func whole(g *Graph, c *Circles) bool {
	seen := make([]bool, g.People())
	done := make([]bool, len(c.Sizes))
	for p := range Person(g.People()) {
		k := c.Of[p]
		if k < 0 || seen[p] {
			continue
		}
		if done[k] {
			return false
		}
		done[k] = true
		n := 0
		seen[p] = true
		for here := []Person{p}; len(here) > 0; here = here[1:] {
			n++
			for q := range g.Neighbours(here[0]) {
				if !seen[q] && c.Of[q] == k {
					seen[q] = true
					here = append(here, q)
				}
			}
		}
		if n != c.Sizes[k] {
			return false
		}
	}
	return !slices.Contains(done, false)
}

func TestCirclesAreConnectedAndMeasured(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := anyLog(t)
		g := built2(t, l)
		o := CircleOptions{Seed: rapid.Uint64().Draw(t, "seed"), Resolution: rapid.Float64Range(0.2, 3).Draw(t, "resolution"), Rounds: rapid.IntRange(1, 3).Draw(t, "rounds")}
		c := FindCircles(g, o)
		if !whole(g, c) || !slices.IsSortedFunc(c.Sizes, func(a, b int) int { return b - a }) {
			t.Fatalf("circles: %v %v", c.Of, c.Sizes)
		}
		if want := byDefinition(plainly(l, BuildOptions{}), c.Of, o.Resolution); !alike(c.Modularity, want, 1e-9) {
			t.Fatalf("modularity %v, want %v", c.Modularity, want)
		}
		again := FindCircles(g, o)
		if !slices.Equal(again.Of, c.Of) || again.Modularity != c.Modularity {
			t.Fatal("the same seed gave other circles")
		}
		// Nobody is better off alone or in one circle with all.
		alone := make([]int32, len(c.Of))
		if q := byDefinition(plainly(l, BuildOptions{}), alone, o.Resolution); q > c.Modularity+1e-9 {
			t.Fatalf("all in one circle: %v, found %v", q, c.Modularity)
		}
	})
}

func TestClubFallsApartAsItDid(t *testing.T) {
	t.Parallel()
	g := club(t)
	best := 0.0
	for seed := range uint64(10) {
		c := FindCircles(g, CircleOptions{Seed: seed, Rounds: 4})
		best = max(best, c.Modularity)
		if c.Modularity < 0.41 {
			t.Errorf("seed %d: modularity %v", seed, c.Modularity)
		}
		if c.Of[0] == c.Of[33] {
			t.Errorf("seed %d: the two who fell out are in one circle", seed)
		}
	}
	// The best there is: 0.4198 (Brandes and others 2008).
	if math.Abs(best-0.4198) > 1e-4 {
		t.Errorf("best of ten: %v", best)
	}
}

func TestPlantedCirclesAndTheirBridgesAreFound(t *testing.T) {
	t.Parallel()
	p := planted{circles: 12, size: 60, inside: 10, bridges: 20}
	l, bridges := p.draw(3)
	g := built(t, l, BuildOptions{})
	c := FindCircles(g, CircleOptions{Seed: 1})
	if len(c.Sizes) != p.circles {
		t.Fatalf("circles: %v", c.Sizes)
	}
	for q := range c.Of {
		if c.Of[q] != c.Of[q/p.size*p.size] {
			t.Fatalf("person %d is in circle %d", q, c.Of[q])
		}
	}
	found := c.Bridges(g, 2)
	if len(found) != len(bridges) {
		t.Fatalf("%d bridges, want %d", len(found), len(bridges))
	}
	for _, b := range found {
		if b.Ties != 1 || len(b.Holders) != 2 || b.Holders[0].Share != 1 {
			t.Fatalf("bridge: %+v", b)
		}
		x, y := b.Holders[0].Person, b.Holders[1].Person
		if !slices.Contains(bridges, [2]Person{x, y}) && !slices.Contains(bridges, [2]Person{y, x}) {
			t.Fatalf("%d and %d hold no bridge", x, y)
		}
	}
	if len(c.Bridges(g, 61)) != 0 {
		t.Error("bridges between circles that are too small")
	}
}
