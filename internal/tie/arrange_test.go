package tie

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawn is circles of any sizes, linked anyhow.
func drawn(r *rand.Rand) ([]int, []Link, ArrangeOptions) {
	n := 1 + r.IntN(14)
	sizes, o := make([]int, n), ArrangeOptions{Own: make([]bool, n), Labels: make([]float64, n)}
	for c := range sizes {
		sizes[c] = 1 + int(math.Exp(r.Float64()*8))
		o.Own[c] = r.IntN(4) == 0
		o.Labels[c] = 60 + float64(r.IntN(120))
	}
	var links []Link
	for range r.IntN(3 * n) {
		links = append(links, Link{A: r.IntN(n), B: r.IntN(n), Weight: r.Float64() * 9})
	}
	if r.IntN(3) == 0 {
		o.Width, o.Height = 380, 520
	}
	return sizes, links, o
}

func TestArrangeLaysNothingOnAnother(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 9))
	for try := range 400 {
		sizes, links, o := drawn(r)
		a := Arrange(sizes, links, o)
		for i, p := range a.Places {
			if p.R <= 0 || p.X-p.R < 0 || p.Y-p.R < 0 || p.X+p.R > a.Width || p.Y+p.R > a.Height {
				t.Fatalf("try %d: circle %d %+v is not in %v x %v", try, i, p, a.Width, a.Height)
			}
			for j, q := range a.Places[:i] {
				if far := math.Hypot(p.X-q.X, p.Y-q.Y); far < p.R+q.R {
					t.Fatalf("try %d: %d and %d overlap: %+v %+v", try, i, j, p, q)
				}
			}
			if p.Dots != max(1, (sizes[i]+a.PerDot-1)/a.PerDot) {
				t.Fatalf("try %d: %d dots of %d for %d people", try, p.Dots, a.PerDot, sizes[i])
			}
			for d := range p.Dots {
				if x, y := Spiral(d, p.Dots, p.R); math.Hypot(x, y) > p.R {
					t.Fatalf("try %d: dot %d of %d is outside", try, d, p.Dots)
				}
			}
		}
	}
}

// Names lie neither on each other nor on circles, in the box of the page and with as many circles as it shows.
func TestArrangeLeavesRoomForNames(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	for try := range 200 {
		n := 2 + r.IntN(7)
		sizes, o := make([]int, n), ArrangeOptions{Own: make([]bool, n), Labels: make([]float64, n)}
		for c := range sizes {
			sizes[c], o.Labels[c] = 3+r.IntN(400), 80+float64(r.IntN(90))
		}
		o.Own[0] = true
		a := Arrange(sizes, nil, o)
		type rect struct{ x0, y0, x1, y1 float64 }
		names := make([]rect, n)
		for c, p := range a.Places {
			y := p.Y + p.R + 4
			if p.Above {
				y = p.Y - p.R - 40
			}
			names[c] = rect{p.X - o.Labels[c]/2, y, p.X + o.Labels[c]/2, y + 36}
		}
		for c, x := range names {
			if x.x0 < 0 || x.y0 < 0 || x.x1 > a.Width || x.y1 > a.Height {
				t.Errorf("try %d: the name of %d is not in the box: %+v", try, c, x)
			}
			for d, p := range a.Places {
				dx, dy := p.X-min(max(p.X, x.x0), x.x1), p.Y-min(max(p.Y, x.y0), x.y1)
				if c != d && math.Hypot(dx, dy) < p.R {
					t.Errorf("try %d: the name of %d lies on circle %d", try, c, d)
				}
			}
			for d, y := range names[:c] {
				if x.x0 < y.x1 && y.x0 < x.x1 && x.y0 < y.y1 && y.y0 < x.y1 {
					t.Errorf("try %d: the names of %d and %d lie on each other", try, c, d)
				}
			}
		}
	}
}

// What numbers the circles have changes nothing: the same places are taken, by circles of the same kind.
func TestArrangeDoesNotKnowNumbers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 1))
	for try := range 200 {
		sizes, links, o := drawn(r)
		n := len(sizes)
		to := r.Perm(n)
		sizes2, links2, o2 := make([]int, n), slices.Clone(links), o
		o2.Own, o2.Labels = make([]bool, n), make([]float64, n)
		for c, d := range to {
			sizes2[d], o2.Own[d], o2.Labels[d] = sizes[c], o.Own[c], o.Labels[c]
		}
		for i := range links2 {
			links2[i].A, links2[i].B = to[links2[i].A], to[links2[i].B]
		}
		a, b := Arrange(sizes, links, o), Arrange(sizes2, links2, o2)
		if a.PerDot != b.PerDot {
			t.Fatalf("try %d: %d and %d people a dot", try, a.PerDot, b.PerDot)
		}
		if !slices.Equal(sorted(a.Places), sorted(b.Places)) {
			t.Fatalf("try %d: other places", try)
		}
		if n == 0 || a.Places[0].R != b.Places[to[0]].R {
			t.Fatalf("try %d: another size", try)
		}
	}
}

func sorted(places []Place) []Place {
	out := slices.Clone(places)
	slices.SortFunc(out, func(x, y Place) int {
		return cmp.Or(cmp.Compare(x.X, y.X), cmp.Compare(x.Y, y.Y), cmp.Compare(x.R, y.R))
	})
	return out
}

// Home is in the middle: nearer to it than what is not.
func TestArrangeKeepsHomeInTheMiddle(t *testing.T) {
	t.Parallel()
	sizes := []int{340, 120, 124, 90, 60, 38}
	a := Arrange(sizes, []Link{{A: 2, B: 0, Weight: 1}, {A: 2, B: 3, Weight: 5}}, ArrangeOptions{Own: []bool{2: true, 5: true}})
	if b := Arrange(sizes, nil, ArrangeOptions{Own: []bool{2: true, 5: true}, Middle: 6}); math.Abs(b.Places[5].Y-b.Height/2) > 60 || math.Abs(b.Places[5].X-b.Width/2) > b.Width/5 {
		t.Errorf("who should be in the middle is at %+v", b.Places[5])
	}
	far := func(c int) float64 { return math.Hypot(a.Places[c].X-a.Width/2, a.Places[c].Y-a.Height/2) }
	for c := range sizes {
		if c != 2 && far(c) <= far(2) {
			t.Errorf("circle %d is nearer to the middle than home", c)
		}
	}
	if a.PerDot != 5 {
		t.Errorf("a dot is %d people", a.PerDot)
	}
}

// Many circles are still placed, each by itself.
func TestArrangeManyCircles(t *testing.T) {
	t.Parallel()
	sizes := make([]int, 90)
	for c := range sizes {
		sizes[c] = 1 + c*c
	}
	a := Arrange(sizes, nil, ArrangeOptions{})
	for i, p := range a.Places {
		for j, q := range a.Places[:i] {
			if math.Hypot(p.X-q.X, p.Y-q.Y) < p.R+q.R {
				t.Fatalf("%d and %d overlap", i, j)
			}
		}
	}
}

func BenchmarkArrangeHundredThousand(b *testing.B) {
	sizes := []int{42_000, 21_000, 14_000, 9_000, 6_000, 4_000, 2_500, 1_000, 400, 100}
	for b.Loop() {
		a := Arrange(sizes, nil, ArrangeOptions{Own: []bool{true}})
		for c, p := range a.Places {
			for i := range sizes[c] {
				Spiral(i, sizes[c], p.R)
			}
		}
	}
}
