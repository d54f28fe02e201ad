package tie

import (
	"cmp"
	"math"
	"slices"
)

// Link is that two circles have to do with each other, and how much.
type Link struct {
	A, B   int
	Weight float64
}

// ArrangeOptions say into what a picture of circles must fit.
type ArrangeOptions struct {
	// Width and Height of the box; 0 are 800 and 650.
	Width, Height float64
	// Own says which circles are at home: they stand in the middle. nil is none.
	Own []bool
	// Middle is 1 more than the circle in the very middle, which is at home then; 0 is the largest of Own.
	Middle int
	// Labels are how wide each circle's name is, in the units of the box; nil is no names. LabelHeight is how high; 0 is 36.
	Labels      []float64
	LabelHeight float64
	// Dots is how many dots are drawn at most, all circles together; 0 is 260. A dot stands for 1, 2, 5, 10, 20... people.
	Dots int
}

// Place is where a circle stands.
type Place struct {
	X, Y, R float64
	// Above says that its name stands above it, else below.
	Above bool
	// Dots is how many dots stand in it, at the places that Spiral gives.
	Dots int
}

// Arrangement is where all circles stand.
type Arrangement struct {
	Width, Height float64
	// PerDot is how many people a dot stands for; the last of a circle may stand for fewer.
	PerDot int
	// Step is how far apart dots are.
	Step float64
	// Places by circle.
	Places []Place
}

const (
	dotStep   = 12.5 // between neighbours of a spiral
	dotEdge   = 8.5  // from the outermost dot to the edge of its circle
	circleGap = 26.0 // between circles
	bridgeGap = 76.0 // between the middle one and those that are not at home
	boxEdge   = 6.0
	golden    = 2.399963229728653 // the angle of the golden section
)

// Arrange places circles of sizes in a box: larger ones with more room, those of home in the middle, none upon another or upon a name. What numbers the circles have changes nothing but their order. It takes O(circles²) for each of
// some hundred steps, whatever their sizes.
func Arrange(sizes []int, links []Link, o ArrangeOptions) *Arrangement {
	if o.Width <= 0 || o.Height <= 0 {
		o.Width, o.Height = 800, 650
	}
	if o.LabelHeight <= 0 {
		o.LabelHeight = 36
	}
	if o.Dots <= 0 {
		o.Dots = 260
	}
	a := &Arrangement{Width: o.Width, Height: o.Height, Places: make([]Place, len(sizes)), PerDot: perDot(sizes, o.Dots)}
	if len(sizes) == 0 {
		return a
	}
	r := newRoom(sizes, links, o, a.PerDot)
	scale := 1.0
	if area := r.area(); area > 0 {
		scale = min(1, math.Sqrt(0.42*o.Width*o.Height/area))
	}
	for try := 0; ; try++ {
		if try == 24 {
			r.grid()
			break
		}
		r.fit(scale)
		r.start()
		if r.settle() {
			break
		}
		scale *= 0.94
	}
	a.Step = dotStep * r.scale
	for i, c := range r.order {
		a.Places[c] = Place{X: r.x[i], Y: r.y[i], R: r.radius[i], Above: r.above(i), Dots: r.dots[i]}
	}
	return a
}

// perDot is how many people a dot stands for.
func perDot(sizes []int, most int) int {
	for n := 1; ; n *= 10 {
		for _, m := range []int{1, 2, 5} {
			dots := 0
			for _, s := range sizes {
				dots += (s + n*m - 1) / (n * m)
			}
			if dots <= max(most, len(sizes)) {
				return n * m
			}
		}
	}
}

// Spiral is where the i-th of n dots stands in a circle of radius r, seen from its centre: as the seeds of a sunflower stand (Vogel,
// Mathematical Biosciences 44, 1979), which leaves each the same room.
func Spiral(i, n int, r float64) (x, y float64) {
	far := (r - dotEdge*r/(dotStep*math.Sqrt(float64(max(n, 1)))+dotEdge)) * math.Sqrt((float64(i)+0.5)/float64(max(n, 1)))
	sin, cos := math.Sincos(float64(i) * golden)
	return far * cos, far * sin
}

// room is the box while it is being filled. Circles stand in an order that their numbers have no part in.
type room struct {
	o          ArrangeOptions
	order      []int // circle by place
	dots       []int
	own        []bool
	label      []float64
	scale      float64
	x, y       []float64
	wantX      []float64
	wantY      []float64
	radius     []float64
	middle     int // the largest of the own circles; -1 without one
	midX, midY float64
}

func newRoom(sizes []int, links []Link, o ArrangeOptions, per int) *room {
	n := len(sizes)
	own := func(c int) bool { return c < len(o.Own) && o.Own[c] || c == o.Middle-1 }
	home := func(c int) int {
		switch {
		case c == o.Middle-1:
			return 0
		case own(c):
			return 1
		}
		return 2
	}
	label := func(c int) float64 {
		if c < len(o.Labels) {
			return o.Labels[c]
		}
		return 0
	}
	// What tells circles apart is first their size and place, then what they are linked to, then what these are linked to...
	between := make([][]float64, n)
	for i := range between {
		between[i] = make([]float64, n)
	}
	for _, l := range links {
		if l.A != l.B && l.A >= 0 && l.B >= 0 && l.A < n && l.B < n && l.Weight > 0 {
			between[l.A][l.B] += l.Weight
			between[l.B][l.A] += l.Weight
		}
	}
	rank := make([]int, n)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	around := func(c int) [][2]float64 {
		var all [][2]float64
		for d, w := range between[c] {
			if w > 0 {
				all = append(all, [2]float64{float64(rank[d]), w})
			}
		}
		slices.SortFunc(all, func(x, y [2]float64) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(y[1], x[1])) })
		return all
	}
	for range n + 1 {
		near := make([][][2]float64, n)
		for c := range near {
			near[c] = around(c)
		}
		compare := func(a, b int) int {
			return cmp.Or(
				cmp.Compare(rank[a], rank[b]), cmp.Compare(home(a), home(b)), cmp.Compare(sizes[b], sizes[a]), cmp.Compare(label(b), label(a)),
				slices.CompareFunc(near[a], near[b], func(x, y [2]float64) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(y[1], x[1])) }),
			)
		}
		slices.SortStableFunc(order, compare)
		next, changed := make([]int, n), false
		for i, c := range order {
			if i > 0 && compare(order[i-1], c) == 0 {
				next[c] = next[order[i-1]]
			} else {
				next[c] = i
			}
			changed = changed || next[c] != rank[c]
		}
		rank = next
		if !changed {
			break
		}
	}
	r := &room{o: o, order: order, middle: -1, x: make([]float64, n), y: make([]float64, n), wantX: make([]float64, n), wantY: make([]float64, n), radius: make([]float64, n)}
	for i, c := range order {
		r.dots = append(r.dots, max(1, (sizes[c]+per-1)/per))
		r.own = append(r.own, own(c))
		r.label = append(r.label, label(c))
		if own(c) && r.middle < 0 {
			r.middle = i
		}
	}
	return r
}

func circleRadius(dots int) float64 { return dotStep*math.Sqrt(float64(dots)) + dotEdge }

// area is the room that circles and their names want.
func (r *room) area() float64 {
	sum := 0.0
	for i, n := range r.dots {
		w := 2*circleRadius(n) + circleGap
		sum += w * w
		if r.label[i] > 0 {
			sum += max(w, r.label[i]) * r.o.LabelHeight
		}
	}
	return sum
}

func (r *room) fit(scale float64) {
	r.scale = scale
	for i, n := range r.dots {
		r.radius[i] = scale * circleRadius(n)
	}
}

// start puts the largest own circle left of the middle, the other own ones at its left, and the others around its right: the larger the more
// to the side, where a box that is wide has most room.
func (r *room) start() {
	w, h := r.o.Width, r.o.Height
	r.midX, r.midY = w*0.5, h*0.5
	var others, home []int
	for i := range r.order {
		switch {
		case i == r.middle:
		case r.own[i]:
			home = append(home, i)
		default:
			others = append(others, i)
		}
	}
	if r.middle >= 0 {
		if len(others) > 0 && w > h {
			r.midX = w * 0.38
		}
		r.x[r.middle], r.y[r.middle] = r.midX, r.midY
	}
	if r.middle < 0 && len(others) == 1 && len(home) == 0 {
		r.x[others[0]], r.y[others[0]] = r.midX, r.midY
		r.remember()
		return
	}
	others = hill(others)
	total := 0.0
	for _, i := range others {
		total += r.radius[i] + circleGap
	}
	from, turn := -0.7*math.Pi, 1.4*math.Pi
	if len(home) == 0 {
		from, turn = -0.85*math.Pi, 1.7*math.Pi
	}
	if r.middle < 0 {
		from, turn = -math.Pi, 2*math.Pi
	}
	at := from
	for _, i := range others {
		part := turn * (r.radius[i] + circleGap) / total
		r.around(i, at+part/2)
		at += part
	}
	at = from + turn
	for k, i := range home {
		r.around(i, at+(2*math.Pi-turn)*(float64(k)+0.5)/float64(len(home)))
	}
	r.remember()
}

// hill orders circles so that the first stands in the middle and the last at the ends.
func hill(all []int) []int {
	out := make([]int, 0, len(all))
	for k, i := range all {
		if k%2 == 0 {
			out = append(out, i)
		} else {
			out = slices.Insert(out, 0, i)
		}
	}
	return out
}

func (r *room) remember() {
	copy(r.wantX, r.x)
	copy(r.wantY, r.y)
}

// around puts a circle on the ellipse, as far out as the box lets it.
func (r *room) around(i int, angle float64) {
	sin, cos := math.Sincos(angle)
	reach := r.radius[i] + boxEdge
	outX := r.o.Width - r.midX - reach
	if cos < 0 {
		outX = r.midX - reach
	}
	r.x[i] = r.midX + 0.97*outX*cos
	r.y[i] = r.midY + 0.97*(r.o.Height/2-reach-r.o.LabelHeight/2)*sin
}

// above says on which side of a circle its name stands: away from the middle.
func (r *room) above(i int) bool { return i != r.middle && r.y[i] < r.midY }

// box is what a circle's name covers.
func (r *room) box(i int) (x0, y0, x1, y1 float64) {
	half := r.label[i] / 2
	y0 = r.y[i] + r.radius[i] + 4
	if r.above(i) {
		y0 = r.y[i] - r.radius[i] - 4 - r.o.LabelHeight
	}
	return r.x[i] - half, y0, r.x[i] + half, y0 + r.o.LabelHeight
}

// settle pushes apart what lies upon each other, and says whether nothing does any more.
func (r *room) settle() bool {
	const rounds = 240
	for round := range rounds {
		clear := true
		for i := range r.order {
			for j := i + 1; j < len(r.order); j++ {
				if by := r.touch(i, j); by > 0 {
					clear = false
					r.part(i, j, by)
				}
			}
		}
		if clear && r.inside() {
			return true
		}
		if round < rounds/2 {
			for i := range r.order { // back towards where it belongs
				r.x[i] += 0.01 * (r.wantX[i] - r.x[i])
				r.y[i] += 0.01 * (r.wantY[i] - r.y[i])
			}
		}
		for i := range r.order {
			r.hold(i)
		}
	}
	return false
}

// part moves two circles away from each other, the middle one least.
func (r *room) part(i, j int, by float64) {
	dx, dy := r.x[j]-r.x[i], r.y[j]-r.y[i]
	d := math.Hypot(dx, dy)
	if d < 1e-9 {
		dx, dy, d = 1, 0, 1
	}
	by = min(by, 24) / d
	mine := 0.5
	switch r.middle {
	case i:
		mine = 0.1
	case j:
		mine = 0.9
	}
	r.x[i] -= mine * by * dx
	r.y[i] -= mine * by * dy
	r.x[j] += (1 - mine) * by * dx
	r.y[j] += (1 - mine) * by * dy
}

// touch is how far two circles, names and all, must move apart; 0 when they do not touch.
func (r *room) touch(i, j int) float64 {
	gap := circleGap
	if i == r.middle && !r.own[j] || j == r.middle && !r.own[i] {
		gap = bridgeGap // a way between them must be seen
	}
	by := r.radius[i] + r.radius[j] + gap*min(1, r.scale+0.2)*min(1, r.o.Width/600+0.3) - math.Hypot(r.x[i]-r.x[j], r.y[i]-r.y[j])
	if r.label[i] > 0 {
		by = max(by, r.covers(i, j))
	}
	if r.label[j] > 0 {
		by = max(by, r.covers(j, i))
	}
	if r.label[i] > 0 && r.label[j] > 0 {
		ax0, ay0, ax1, ay1 := r.box(i)
		bx0, by0, bx1, by1 := r.box(j)
		if over := min(min(ax1, bx1)-max(ax0, bx0)+8, min(ay1, by1)-max(ay0, by0)+4); over > 0 {
			by = max(by, over)
		}
	}
	if by < 0.01 {
		return 0
	}
	return by
}

// covers is how far the name of i lies upon the circle j.
func (r *room) covers(i, j int) float64 {
	x0, y0, x1, y1 := r.box(i)
	dx, dy := r.x[j]-min(max(r.x[j], x0), x1), r.y[j]-min(max(r.y[j], y0), y1)
	return r.radius[j] + 6 - math.Hypot(dx, dy)
}

// bounds are how far a circle may go, its name included.
func (r *room) bounds(i int) (x0, y0, x1, y1 float64) {
	wide, up, down := max(r.radius[i], r.label[i]/2)+boxEdge, r.radius[i]+boxEdge, r.radius[i]+boxEdge
	if r.label[i] > 0 {
		if r.above(i) {
			up += r.o.LabelHeight + 4
		} else {
			down += r.o.LabelHeight + 4
		}
	}
	return wide, up, r.o.Width - wide, r.o.Height - down
}

func (r *room) hold(i int) {
	x0, y0, x1, y1 := r.bounds(i)
	r.x[i] = max(x0, min(x1, r.x[i]))
	r.y[i] = max(y0, min(y1, r.y[i]))
}

func (r *room) inside() bool {
	for i := range r.order {
		x0, y0, x1, y1 := r.bounds(i)
		if r.x[i] < x0-0.01 || r.x[i] > x1+0.01 || r.y[i] < y0-0.01 || r.y[i] > y1+0.01 {
			return false
		}
	}
	return true
}

// grid is what is left where circles are too many for the box: one cell each, however small.
func (r *room) grid() {
	n := len(r.order)
	columns := max(1, int(math.Ceil(math.Sqrt(float64(n)*r.o.Width/r.o.Height))))
	rows := (n + columns - 1) / columns
	w, h := r.o.Width/float64(columns), r.o.Height/float64(rows)
	room := max(0.8*min(w, h-min(r.o.LabelHeight, h/2))/2, 0.5)
	most := circleRadius(slices.Max(r.dots))
	r.scale = min(1, room/most)
	r.midY = -1 // names below
	for i, dots := range r.dots {
		r.x[i], r.y[i] = w*(float64(i%columns)+0.5), h*float64(i/columns)+0.5*(h-min(r.o.LabelHeight, h/2))
		r.radius[i] = r.scale * circleRadius(dots)
	}
}
