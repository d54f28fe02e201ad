package tie

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// benchGraphs are what is measured: a company's own ties, circles with bridges, and a wide network with great hubs.
var benchGraphs = sync.OnceValue(func() []benchGraph {
	circles, _ := planted{circles: 400, size: 100, inside: 12, bridges: 3000}.draw(1)
	return []benchGraph{
		{"company", company{people: 3000, ties: 8000, days: 200}.draw(1)},
		{"circles", circles},
		{"rmat", rmat(17, 1_000_000, 1)},
	}
})

type benchGraph struct {
	name string
	log  *Log
}

// cpu is the processor time of this process so far: what others do on the machine does not count.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bySet is the plain way to count common neighbours: for each tie, both ends' sorted neighbours are merged.
func bySet(g *Graph) (sum int64) {
	lists := make([][]int32, g.People())
	for r := range lists {
		for s := range g.around(int32(r)) {
			lists[r] = append(lists[r], s)
		}
	}
	for r := range lists {
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			a, b := lists[r], lists[g.up[e]]
			for i, j := 0, 0; i < len(a) && j < len(b); {
				switch {
				case a[i] < b[j]:
					i++
				case a[i] > b[j]:
					j++
				default:
					sum++
					i++
					j++
				}
			}
		}
	}
	return sum
}

// BenchmarkFuse builds the graph and does the pass. times is how much more processor time it takes to build it and merge
// sorted lists for the common neighbours alone, in the same run; igraph and networkit is how much more they take: igraph for overlap and
// constraint, NetworKit for overlap alone, reading left out. Where igraph is there, its values must be the same.
func BenchmarkFuse(b *testing.B) {
	for _, c := range append(benchGraphs(), given(b)...) {
		before := cpu()
		g := built(b, c.log, BuildOptions{})
		sum := bySet(g)
		baseline := cpu() - before
		a := anchors(b, g, "overlap", "constraint", "values")
		a.agree(b, Fuse(g, FuseOptions{}))
		wall := 0.0
		for _, workers := range []int{1, 2} {
			b.Run(c.name+"/"+string(rune('0'+workers)), func(b *testing.B) {
				before := cpu()
				var t *Ties
				for b.Loop() {
					g, err := Build(c.log, BuildOptions{})
					if err != nil {
						b.Fatal(err)
					}
					t = Fuse(g, FuseOptions{Workers: workers})
				}
				took, long := float64(cpu()-before)/float64(b.N), float64(b.Elapsed())/float64(b.N)
				if got := corners(t); got != sum {
					b.Fatalf("%d corners, the baseline has %d", got, sum)
				}
				b.ReportMetric(took/1e6, "cpu-ms")
				b.ReportMetric(took/float64(g.Edges()), "cpu-ns/tie")
				b.ReportMetric(float64(baseline)/took, "times")
				b.ReportMetric(size(g, t), "bytes/tie")
				if o, ok := a.Seconds["igraph overlap"]; ok {
					b.ReportMetric((o+a.Seconds["igraph constraint"])*1e9/took, "igraph")
				}
				if o, ok := a.Seconds["networkit overlap"]; ok {
					b.ReportMetric(o*1e9/took, "networkit")
				}
				if workers == 1 {
					wall = long
				} else {
					b.ReportMetric(wall/long, "gain")
				}
			})
		}
	}
}

// BenchmarkFuseLarge is the pass over ten million arcs, once or more; the baseline of the same run lists the triangles from the
// lowest rank alone, and keeps nothing of them.
func BenchmarkFuseLarge(b *testing.B) {
	l := rmat(20, 10_000_000, 1)
	g := built(b, l, BuildOptions{})
	before, sum := cpu(), int64(0)
	g.triangles(func(_, _, _ int32, _, _, _ Edge) { sum += 3 })
	baseline := float64(cpu() - before)
	for _, workers := range []int{1, 2} {
		b.Run(string(rune('0'+workers)), func(b *testing.B) {
			before := cpu()
			var t *Ties
			for b.Loop() {
				t = Fuse(built(b, l, BuildOptions{}), FuseOptions{Workers: workers})
			}
			took := float64(cpu()-before) / float64(b.N)
			if got := corners(t); got != sum {
				b.Fatalf("%d corners, the baseline has %d", got, sum)
			}
			b.ReportMetric(took/1e9, "cpu-s")
			b.ReportMetric(baseline/took, "listing/own")
			b.ReportMetric(size(g, t), "bytes/tie")
		})
	}
}

// corners is three times the triangles.
func corners(t *Ties) (n int64) {
	for e := range t.sums {
		n += int64(t.common(Edge(e)))
	}
	return n
}

// size is how much room the graph and what the pass gives take for a tie, the values by person left out.
func size(g *Graph, t *Ties) float64 {
	bytes := 4*(cap(g.up)+cap(g.down)+cap(g.downEdge)+cap(g.forth)+cap(g.back)) + 8*cap(t.sums)
	return float64(bytes) / float64(g.Edges())
}

// BenchmarkCircles finds circles. networkit and igraph are how much more processor time their Leiden takes, and behind is how far
// its modularity is below the best of theirs; below 0 it is above.
func BenchmarkCircles(b *testing.B) {
	for _, c := range append(benchGraphs(), given(b)...) {
		g := built(b, c.log, BuildOptions{})
		a := anchors(b, g, "circles")
		b.Run(c.name, func(b *testing.B) {
			before := cpu()
			var found *Circles
			for b.Loop() {
				found = FindCircles(g, CircleOptions{Seed: 1, Unweighted: true})
			}
			took := float64(cpu()-before) / float64(b.N)
			if !whole(g, found) {
				b.Fatal("a circle is not connected")
			}
			b.ReportMetric(took/1e6, "cpu-ms")
			b.ReportMetric(took/float64(g.Edges()), "cpu-ns/tie")
			b.ReportMetric(found.Modularity, "modularity")
			best := math.Inf(-1)
			for name, q := range a.Modularity {
				program, what, _ := strings.Cut(name, " ")
				if what == "leiden" {
					b.ReportMetric(a.Seconds[name]*1e9/took, program)
				} else {
					b.ReportMetric(a.Seconds[name]*1e9/took, program+"-"+what)
				}
				best = max(best, q)
			}
			if len(a.Modularity) > 0 {
				b.ReportMetric(best-found.Modularity, "behind")
			}
		})
	}
}

// BenchmarkLive removes one event and adds another, and asks for the values of their ends. times is how much longer it takes to
// build everything again.
func BenchmarkLive(b *testing.B) {
	l := benchGraphs()[0].log
	begin := time.Now()
	Fuse(built(b, l, BuildOptions{}), FuseOptions{})
	baseline := time.Since(begin)
	live, err := NewLive(l.Events)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	n := 0
	for b.Loop() {
		e := l.Events[r.IntN(len(l.Events))]
		if err := live.Remove(e); err != nil {
			b.Fatal(err)
		}
		live.Values(e.Actor)
		live.Values(e.Target)
		if err := live.Add(e); err != nil {
			b.Fatal(err)
		}
		live.Values(e.Actor)
		live.Values(e.Target)
		n += 2
	}
	b.ReportMetric(float64(b.Elapsed())/float64(n), "ns/event")
	b.ReportMetric(float64(baseline)*float64(n)/float64(b.Elapsed()), "times")
}

// BenchmarkReport does all that a report of a company with ten thousand events needs.
func BenchmarkReport(b *testing.B) {
	l := company{people: 3000, ties: 8000, days: 200}.draw(1)
	l.Events = slices.Clip(l.Events[:min(len(l.Events), 10_000)])
	for b.Loop() {
		g, err := Build(l, BuildOptions{})
		if err != nil {
			b.Fatal(err)
		}
		t := Fuse(g, FuseOptions{Weighted: true})
		in, err := LearnIntensity(l, IntensityOptions{})
		if err != nil {
			b.Fatal(err)
		}
		Classify(t, in.Of(l, t), ClassOptions{})
		FindCircles(g, CircleOptions{}).Bridges(g, 2)
		acts := make([]int, g.People())
		for _, e := range l.Events {
			acts[e.Actor]++
		}
		Concentrate(acts)
	}
	b.ReportMetric(float64(len(l.Events)), "events")
}
