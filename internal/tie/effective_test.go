package tie

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowEffective is Burt's sum as he writes it.
func slowEffective(l *Log) []float64 {
	n := len(l.Names)
	a := make([][]float64, n)
	for i := range a {
		a[i] = make([]float64, n)
	}
	for _, e := range l.Events {
		if e.Actor != e.Target {
			a[e.Actor][e.Target]++
			a[e.Target][e.Actor]++
		}
	}
	out := make([]float64, n)
	for i := range a {
		all := 0.0
		for _, w := range a[i] {
			all += w
		}
		for j := range a {
			if a[i][j] == 0 {
				continue
			}
			redundant := 0.0
			for q := range a {
				if q != i && q != j {
					redundant += a[i][q] / all * a[j][q] / slices.Max(a[j])
				}
			}
			out[i] += 1 - redundant
		}
	}
	return out
}

func TestEffectiveSizesAreBurts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	for range 40 {
		l := &Log{Names: make([]string, 2+r.IntN(24)), Kinds: []string{""}}
		for range r.IntN(120) {
			l.Events = append(l.Events, Event{Actor: Person(r.IntN(len(l.Names))), Target: Person(r.IntN(len(l.Names)))})
		}
		g, err := Build(l, BuildOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for p, want := range slowEffective(l) {
			if got := g.EffectiveSizes()[p]; math.Abs(got-want) > 1e-5 {
				t.Fatalf("person %d of %d: %v, want %v", p, len(l.Names), got, want)
			}
		}
	}
}

// Where all ties weigh the same, the sum is the one without weights.
func TestEffectiveSizesWithoutWeights(t *testing.T) {
	t.Parallel()
	l, _ := planted{circles: 5, size: 20, inside: 6, bridges: 6}.draw(3)
	seen := map[[2]Person]bool{}
	l.Events = slices.DeleteFunc(l.Events, func(e Event) bool {
		k := [2]Person{min(e.Actor, e.Target), max(e.Actor, e.Target)}
		again := seen[k] || e.Actor == e.Target
		seen[k] = true
		return again
	})
	g, err := Build(l, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ties := Fuse(g, FuseOptions{})
	for p, got := range g.EffectiveSizes() {
		if want := ties.EffectiveSize(Person(p)); math.Abs(got-want) > 1e-6 {
			t.Errorf("person %d: %v, want %v", p, got, want)
		}
	}
}
