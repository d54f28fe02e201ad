package tie

import (
	"math"
	"testing"
)

// zachary are the 78 ties of the karate club (Zachary 1977), people from 1 to 34.
var zachary = [][2]int{
	{1, 2},
	{1, 3},
	{2, 3},
	{1, 4},
	{2, 4},
	{3, 4},
	{1, 5},
	{1, 6},
	{1, 7},
	{5, 7},
	{6, 7},
	{1, 8},
	{2, 8},
	{3, 8},
	{4, 8},
	{1, 9},
	{3, 9},
	{3, 10},
	{1, 11},
	{5, 11},
	{6, 11},
	{1, 12},
	{1, 13},
	{4, 13},
	{1, 14},
	{2, 14},
	{3, 14},
	{4, 14},
	{6, 17},
	{7, 17},
	{1, 18},
	{2, 18},
	{1, 20},
	{2, 20},
	{1, 22},
	{2, 22},
	{24, 26},
	{25, 26},
	{3, 28},
	{24, 28},
	{25, 28},
	{3, 29},
	{24, 30},
	{27, 30},
	{2, 31},
	{9, 31},
	{1, 32},
	{25, 32},
	{26, 32},
	{29, 32},
	{3, 33},
	{9, 33},
	{15, 33},
	{16, 33},
	{19, 33},
	{21, 33},
	{23, 33},
	{24, 33},
	{30, 33},
	{31, 33},
	{32, 33},
	{9, 34},
	{10, 34},
	{14, 34},
	{15, 34},
	{16, 34},
	{19, 34},
	{20, 34},
	{21, 34},
	{23, 34},
	{24, 34},
	{27, 34},
	{28, 34},
	{29, 34},
	{30, 34},
	{31, 34},
	{32, 34},
	{33, 34},
}

// club is the karate club as a graph; person p of it is p-1 here.
func club(t testing.TB) *Graph {
	t.Helper()
	l := &Log{Names: make([]string, 34)}
	for _, e := range zachary {
		l.Events = append(l.Events, Event{Actor: Person(e[0] - 1), Target: Person(e[1] - 1)})
	}
	return built(t, l, BuildOptions{})
}

func built(t testing.TB, l *Log, o BuildOptions) *Graph {
	t.Helper()
	g, err := Build(l, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func near(t testing.TB, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s: %.12g, want %.12g", what, got, want)
	}
}

// What is checked here was worked out by hand on the picture of the club.
func TestClub(t *testing.T) {
	t.Parallel()
	g := club(t)
	if g.People() != 34 || g.Edges() != 78 {
		t.Fatalf("%d people, %d ties", g.People(), g.Edges())
	}
	f := Fuse(g, FuseOptions{})
	sum := int64(0)
	for _, n := range f.Triangles {
		sum += n
	}
	if sum != 3*45 {
		t.Errorf("%d corners of triangles, want those of 45", sum)
	}
	for p, k := range map[Person]int{0: 16, 33: 17, 32: 12, 2: 10, 11: 1} {
		if g.Degree(p) != k {
			t.Errorf("person %d has %d ties, want %d", p+1, g.Degree(p), k)
		}
	}
	// Person 1 stands in 18 triangles: 18 of the 120 pairs.
	near(t, "clustering of 1", f.Clustering(0), 18.0/120)
	near(t, "effective size of 1", f.EffectiveSize(0), 16-2*18.0/16)
	near(t, "efficiency of 1", f.Efficiency(0), (16-2*18.0/16)/16)
	// Person 12 knows 1 alone. Person 17 knows 6 and 7, who know each other, with 4 ties each.
	near(t, "constraint of 12", f.Constraint[11], 1)
	near(t, "constraint of 17", f.Constraint[16], 2*math.Pow((1+1.0/4)/2, 2))
	// Person 10 knows 3 and 34, who do not know each other. Person 5 knows 1, 7 and 11, of whom 1 knows both others: he is tied to 16 people,
	// they to 4 and 3.
	near(t, "constraint of 10", f.Constraint[9], 0.5)
	near(t, "constraint of 5", f.Constraint[4], (math.Pow(1+1.0/4+1.0/3, 2)+2*math.Pow(1+1.0/16, 2))/9)
	mean := 0.0
	for p := range Person(34) {
		mean += f.Clustering(p) / 34
	}
	if math.Abs(mean-0.570638) > 1e-6 { // Watts and Strogatz's coefficient, as it is printed everywhere
		t.Errorf("mean clustering: %v", mean)
	}
	// The ties on whose both sides nobody is the same.
	bridges := map[[2]int]bool{}
	for _, b := range [][2]int{{3, 10}, {1, 12}, {24, 26}, {3, 28}, {25, 28}, {3, 29}, {2, 31}, {1, 32}, {10, 34}, {14, 34}, {20, 34}} {
		bridges[b] = true
	}
	for _, z := range zachary {
		e, _ := g.Find(Person(z[0]-1), Person(z[1]-1))
		if f.LocalBridge(e) != bridges[z] {
			t.Errorf("%v is a local bridge: %v", z, f.LocalBridge(e))
		}
	}
	// 33 and 34 share 10 people: 11 + 16 - 10 others.
	e, ok := g.Find(32, 33)
	if !ok || f.Common(e) != 10 {
		t.Fatalf("33 and 34 share %d people", f.Common(e))
	}
	near(t, "overlap of 33 and 34", f.Overlap(e), 10.0/17)
	// 20 and 34 share nobody, and 1 or 2 lead on by way of 9 or 14: a local bridge of span 3.
	e, ok = g.Find(19, 33)
	if !ok || !f.LocalBridge(e) {
		t.Error("20 and 34 are no local bridge")
	}
	if d := NewPaths(g).Span(e, 6); d != 3 {
		t.Errorf("span of 20 and 34: %d", d)
	}
	// Without its only tie, 12 is alone.
	if e, _ = g.Find(11, 0); NewPaths(g).Span(e, 100) != 0 {
		t.Error("12 is joined to 1 in two ways")
	}
}

// A square with one diagonal a-c, and a tail d-e.
func TestDispersionByHand(t *testing.T) {
	t.Parallel()
	l := &Log{Names: []string{"a", "b", "c", "d", "e"}}
	for _, e := range [][2]Person{{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 2}, {3, 4}} {
		l.Events = append(l.Events, Event{Actor: e[0], Target: e[1]})
	}
	g := built(t, l, BuildOptions{})
	// a and c share b and d, who have nothing to do with each other.
	if d, n := g.Dispersion(0, 2); d != 1 || n != 0.5 {
		t.Errorf("a and c: %d, %v", d, n)
	}
	if d, n := g.Dispersion(0, 1); d != 0 || n != 0 {
		t.Errorf("a and b: %d, %v", d, n)
	}
	if d, n := g.Dispersion(3, 4); d != 0 || n != 0 {
		t.Errorf("d and e: %d, %v", d, n)
	}
}

func TestWeightsByHand(t *testing.T) {
	t.Parallel()
	const day = 24 * 3600
	l := &Log{Names: []string{"a", "b", "c"}, Kinds: []string{"", "share", "like"}, Events: []Event{
		{Actor: 1, Target: 2, At: 0, Kind: 1},        // of unknown time: as old as the oldest
		{Actor: 0, Target: 1, At: 10 * day, Kind: 1}, // three half-lives old
		{Actor: 1, Target: 0, At: 30 * day, Kind: 1}, // one
		{Actor: 0, Target: 0, At: 40 * day, Kind: 1},
		{Actor: 0, Target: 1, At: 40 * day, Kind: 1},
		{Actor: 0, Target: 2, At: 40 * day, Kind: 2}, // weighs nothing
		{Actor: 0, Target: 2, At: 41 * day, Kind: 1}, // later
	}}
	o := BuildOptions{HalfLife: 10 * day * 1e9, Now: 40 * day, KindWeight: []float64{1, 1, 0}}
	g := built(t, l, o)
	if g.Edges() != 2 {
		t.Fatalf("%d ties", g.Edges())
	}
	flow := func(a, b Person) float64 {
		e, ok := g.Find(a, b)
		if !ok {
			t.Fatalf("no tie %d %d", a, b)
		}
		forth, back := g.Weights(e)
		if x, _ := g.Ends(e); x != a {
			return back
		}
		return forth
	}
	near(t, "a to b", flow(0, 1), 1+1.0/8)
	near(t, "b to a", flow(1, 0), 0.5)
	near(t, "b to c", flow(1, 2), 1.0/8)
	near(t, "c to b", flow(2, 1), 0)
	near(t, "a to themself", g.Loop(0), 1)
	near(t, "strength of b", g.Strengths()[1], 1+1.0/8+0.5+1.0/8)
	o.Undirected = true
	g = built(t, l, o)
	near(t, "undirected, b to a", flow(1, 0), 1.5+1.0/8)
	if _, err := Build(l, BuildOptions{KindWeight: []float64{1, 1}}); err == nil {
		t.Error("a kind without a weight passed")
	}
	if _, err := Build(l, BuildOptions{KindWeight: []float64{1, 1, math.NaN()}}); err == nil {
		t.Error("a weight that is no number passed")
	}
}
