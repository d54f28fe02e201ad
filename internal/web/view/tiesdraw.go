package view

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/tie"
)

// TiesGraph is the picture of who leads where.
type TiesGraph struct {
	Circles []TiesCircle
	Bridges []TiesBridge
	Kin     []TiesKin
	Home    int    // the circle in which the company stands; -1 none
	Us      string // its initials
	Label   string // the whole in a sentence
	MapHref string // what the picture one can move through is made of
}

// TiesCircle is a circle of people.
type TiesCircle struct {
	Name, Size   string // "circa 340 persone"
	People, Know int
	Ours         bool
}

// TiesBridge is somebody who leads from one circle to another.
type TiesBridge struct {
	Name     string
	Href     string
	From, To int
	Acts     int
	Chosen   bool // the one who is advised first
}

// TiesKin is that two circles of ours have to do with each other.
type TiesKin struct{ A, B, Ties int }

// tiesFrame is a size of the picture.
type tiesFrame struct {
	class         string
	width, height float64
	name, size    float64 // heights of letters
	label         float64 // height of a circle's name and size
	dots          int
	dot           float64 // radius
	most          int     // circles
	cut           int     // characters of a name
}

// The picture is drawn twice, for wide windows and for telephones: letters must be read on both.
var (
	tiesWide   = tiesFrame{class: "wide", width: 800, height: 650, name: 16, size: 13, label: 38, dots: 260, dot: 4, most: 10, cut: 26}
	tiesNarrow = tiesFrame{class: "narrow", width: 360, height: 500, name: 14, size: 12, label: 34, dots: 80, dot: 3, most: 6, cut: 18}
)

type tiesMark struct{ x, y, r, class string }

type tiesText struct{ x, y, anchor, class, text, href string }

type tiesPath struct{ d, class, width string }

// tiesDrawing is the picture as shapes, in the order in which they are drawn.
type tiesDrawing struct {
	box            string
	grounds, dots  []tiesMark
	lines, bridges []tiesPath
	ends           []tiesMark
	texts          []tiesText
	usX, usY       string // corner of the company's sign; "" none
	usEdge         string
	us             tiesText
	perDot         int
	spans          []TiesSpan // the bridges once more, for the map
}

// PerDot is how many people a dot of the wide picture stands for.
func (g TiesGraph) PerDot() int { return g.within(tiesWide).arrange(tiesWide).PerDot }

// letters estimates how wide a text is.
func letters(s string, size float64) float64 { return float64(utf8.RuneCountInString(s)) * size * 0.56 }

func (g TiesGraph) arrange(f tiesFrame) *tie.Arrangement {
	o := tie.ArrangeOptions{Width: f.width, Height: f.height, LabelHeight: f.label, Dots: f.dots, Middle: g.Home + 1}
	var sizes []int
	for _, c := range g.Circles {
		sizes = append(sizes, c.People)
		o.Own = append(o.Own, c.Ours)
		o.Labels = append(o.Labels, max(letters(c.Name, f.name), letters(c.Size, f.size)))
	}
	var links []tie.Link
	for _, b := range g.Bridges {
		links = append(links, tie.Link{A: b.From, B: b.To, Weight: float64(max(b.Acts, 1))})
	}
	for _, k := range g.Kin {
		links = append(links, tie.Link{A: k.A, B: k.B, Weight: float64(k.Ties)})
	}
	return tie.Arrange(sizes, links, o)
}

// tiesPlan is the picture while it is drawn.
type tiesPlan struct {
	g    TiesGraph
	f    tiesFrame
	a    *tie.Arrangement
	used []tiesRect   // what texts and dots of bridges cover
	ways [][2]float64 // points of the ways of bridges
	d    tiesDrawing
}

type tiesRect struct{ x0, y0, x1, y1 float64 }

func (r tiesRect) meets(s tiesRect) bool {
	return r.x0 < s.x1 && s.x0 < r.x1 && r.y0 < s.y1 && s.y0 < r.y1
}

// within leaves out the circles for which there is no room: those that are small and lead nowhere go first.
func (g TiesGraph) within(f tiesFrame) TiesGraph {
	order := make([]int, len(g.Circles))
	bridged := map[int]bool{g.Home: true}
	for c := range order {
		order[c] = c
	}
	for _, b := range g.Bridges {
		bridged[b.To] = true
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if bridged[a] != bridged[b] {
			if bridged[a] {
				return -1
			}
			return 1
		}
		return cmp.Compare(g.Circles[b].People, g.Circles[a].People)
	})
	kept := order[:min(len(order), f.most)]
	slices.Sort(kept)
	out := g
	out.Circles, out.Bridges, out.Kin, out.Home = nil, nil, nil, slices.Index(kept, g.Home)
	for _, c := range kept {
		x := g.Circles[c]
		x.Name = cutTo(x.Name, f.cut)
		out.Circles = append(out.Circles, x)
	}
	for _, b := range g.Bridges {
		b.From, b.To, b.Name = slices.Index(kept, b.From), slices.Index(kept, b.To), cutTo(b.Name, f.cut-4)
		if b.From >= 0 && b.To >= 0 && len(out.Bridges) < f.most {
			out.Bridges = append(out.Bridges, b)
		}
	}
	for _, k := range g.Kin {
		k.A, k.B = slices.Index(kept, k.A), slices.Index(kept, k.B)
		if k.A >= 0 && k.B >= 0 {
			out.Kin = append(out.Kin, k)
		}
	}
	return out
}

// cutTo shortens a name.
func cutTo(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	end := "…"
	if r[0] == '«' {
		end = "…»"
	}
	return strings.TrimRight(string(r[:most-1]), " ,.»") + end
}

func (g TiesGraph) drawing(f tiesFrame) tiesDrawing {
	g = g.within(f)
	p := tiesPlan{g: g, f: f, a: g.arrange(f)}
	p.d.box, p.d.perDot = "0 0 "+num(f.width)+" "+num(f.height), p.a.PerDot
	for c := range g.Circles {
		p.circle(c)
	}
	for _, k := range g.Kin {
		p.kin(k)
	}
	if g.Home >= 0 && g.Home < len(p.a.Places) {
		at, edge := p.a.Places[g.Home], 13*min(1, f.width/600+0.2)
		p.d.usX, p.d.usY, p.d.usEdge = num(at.X-edge), num(at.Y-edge), num(2*edge)
		p.used = append(p.used, tiesRect{at.X - edge - 2, at.Y - edge - 2, at.X + edge + 2, at.Y + edge + 2})
		p.d.us = tiesText{x: num(at.X), y: num(at.Y + 4), text: g.Us}
	}
	p.bridges()
	return p.d
}

// label is how wide the name of a circle is.
func (p *tiesPlan) label(c int) float64 {
	return max(letters(p.g.Circles[c].Name, p.f.name), letters(p.g.Circles[c].Size, p.f.size))
}

// circle draws the ground of a circle, its people and its name.
func (p *tiesPlan) circle(c int) {
	at, x := p.a.Places[c], p.g.Circles[c]
	ground := "ground"
	if x.Ours {
		ground += " ours"
	}
	p.d.grounds = append(p.d.grounds, tiesMark{num(at.X), num(at.Y), num(at.R), ground})
	known := 0
	if x.Know > 0 {
		known = max(1, int(math.Round(float64(x.Know)/float64(p.a.PerDot))))
		if x.Know < x.People {
			known = min(known, max(at.Dots-1, 1))
		}
		known = min(known, at.Dots)
	}
	// Who knows the company stands on its side; in its own circle the first seats are the company's.
	skip := 0
	if c == p.g.Home {
		skip = 2
	}
	type dot struct{ x, y, far float64 }
	dots := make([]dot, at.Dots)
	for i := range dots {
		dx, dy := tie.Spiral(i+skip, at.Dots+skip, at.R)
		dots[i] = dot{x: at.X + dx, y: at.Y + dy}
		if p.g.Home >= 0 {
			h := p.a.Places[p.g.Home]
			dots[i].far = math.Hypot(dots[i].x-h.X, dots[i].y-h.Y)
		}
	}
	if c != p.g.Home {
		slices.SortStableFunc(dots, func(a, b dot) int { return cmp.Compare(a.far, b.far) })
	}
	r := p.f.dot * min(1, 0.35+0.65*p.a.Step/12.5)
	for i, d := range dots {
		class := "unknown"
		if i < known {
			class = "known"
		}
		p.d.dots = append(p.d.dots, tiesMark{num(d.x), num(d.y), num(r), class})
	}
	y := at.Y + at.R + 4 + p.f.name
	if at.Above {
		y = at.Y - at.R - p.f.label + p.f.name - 6
	}
	p.d.texts = append(p.d.texts,
		tiesText{x: num(at.X), y: num(y), anchor: "middle", class: "group", text: x.Name},
		tiesText{x: num(at.X), y: num(y + p.f.size + 4), anchor: "middle", class: "size", text: x.Size})
	half := max(letters(x.Name, p.f.name), letters(x.Size, p.f.size)) / 2
	p.used = append(p.used, tiesRect{at.X - half, y - p.f.name, at.X + half, y + p.f.size + 6})
}

// kin draws thin lines between two circles of ours.
func (p *tiesPlan) kin(k TiesKin) {
	a, b := p.a.Places[k.A], p.a.Places[k.B]
	angle := math.Atan2(b.Y-a.Y, b.X-a.X)
	n := min(4, 1+int(math.Log2(float64(max(k.Ties, 1)))))
	for i := range n {
		off := (float64(i) - float64(n-1)/2) * 0.16
		ax, ay := a.X+a.R*math.Cos(angle+off), a.Y+a.R*math.Sin(angle+off)
		bx, by := b.X+b.R*math.Cos(angle+math.Pi-off*a.R/b.R), b.Y+b.R*math.Sin(angle+math.Pi-off*a.R/b.R)
		p.d.lines = append(p.d.lines, tiesPath{d: "M" + num(ax) + " " + num(ay) + "L" + num(bx) + " " + num(by), class: "strong-tie"})
	}
}

// bridges draws who leads where: a dot on the edge of the circle that knows the company, an arc to the other, and a name.
func (p *tiesPlan) bridges() {
	type end struct {
		b     TiesBridge
		angle float64
	}
	by := map[int][]end{}
	most := 1
	for _, b := range p.g.Bridges {
		if b.From < 0 || b.To < 0 || b.From == b.To || b.From >= len(p.a.Places) || b.To >= len(p.a.Places) {
			continue
		}
		from, to := p.a.Places[b.From], p.a.Places[b.To]
		by[b.From] = append(by[b.From], end{b, math.Atan2(to.Y-from.Y, to.X-from.X)})
		most = max(most, b.Acts)
	}
	type placed struct {
		b    TiesBridge
		x, y float64
		a    float64
	}
	var all []placed
	for _, from := range slices.Sorted(maps.Keys(by)) {
		ends, at := by[from], p.a.Places[from]
		slices.SortStableFunc(ends, func(x, y end) int { return cmp.Compare(x.angle, y.angle) })
		room := min(30/at.R, 2*math.Pi/float64(len(ends))) // radians between two dots
		// No way begins on the circle's own name.
		middle, half := math.Pi/2, math.Asin(min(1, (p.label(from)/2+10)/(at.R+16)))
		if at.Above {
			middle = -math.Pi / 2
		}
		for i := range ends {
			if off := math.Remainder(ends[i].angle-middle, 2*math.Pi); math.Abs(off) < half {
				ends[i].angle = middle + math.Copysign(half, off)
			}
		}
		slices.SortStableFunc(ends, func(x, y end) int { return cmp.Compare(x.angle, y.angle) })
		for range 40 {
			for i := 1; i < len(ends); i++ {
				if gap := ends[i].angle - ends[i-1].angle; gap < room {
					ends[i-1].angle -= (room - gap) / 2
					ends[i].angle += (room - gap) / 2
				}
			}
		}
		for _, e := range ends {
			all = append(all, placed{e.b, at.X + at.R*math.Cos(e.angle), at.Y + at.R*math.Sin(e.angle), e.angle})
		}
	}
	for _, x := range all {
		class := "bridge"
		if x.b.Chosen {
			class += " chosen"
		}
		width := 3 + 4*math.Sqrt(float64(x.b.Acts)/float64(most))
		if p.f.width < 500 {
			width *= 0.75
		}
		way := p.arc(x.b, x.x, x.y)
		p.d.bridges = append(p.d.bridges, tiesPath{d: way, class: class, width: num(width)})
		p.d.spans = append(p.d.spans, TiesSpan{
			Name: x.b.Name, Href: x.b.Href, From: x.b.From, To: x.b.To, Acts: x.b.Acts, Chosen: x.b.Chosen, Way: way, X: x.x, Y: x.y, Width: width,
		})
		end := "bridge-dot"
		if x.b.Chosen {
			end += " chosen"
		}
		p.d.ends = append(p.d.ends, tiesMark{num(x.x), num(x.y), num(p.f.dot * 2), end})
		p.used = append(p.used, tiesRect{x.x - 9, x.y - 9, x.x + 9, x.y + 9})
	}
	for _, x := range all {
		p.name(x.b, x.x, x.y, x.a)
	}
}

// arc is the way of a bridge: the bend that keeps farthest from all other circles.
func (p *tiesPlan) arc(b TiesBridge, x, y float64) string {
	to := p.a.Places[b.To]
	far := math.Hypot(to.X-x, to.Y-y)
	nx, ny := -(to.Y-y)/far, (to.X-x)/far
	best, bestRoom := [4]float64{}, math.Inf(-1)
	for i, bend := range []float64{-0.18, 0.18, -0.3, 0.3, -0.42, 0.42, -0.55, 0.55, -0.08, 0.08} {
		cx, cy := (x+to.X)/2+bend*far*nx, (y+to.Y)/2+bend*far*ny
		// It ends on the edge of the circle, on the side from which it comes.
		d := math.Hypot(cx-to.X, cy-to.Y)
		ex, ey := to.X+(cx-to.X)/d*to.R, to.Y+(cy-to.Y)/d*to.R
		room := 30.0
		for k := 1; k < 24; k++ {
			t := float64(k) / 24
			px := (1-t)*(1-t)*x + 2*t*(1-t)*cx + t*t*ex
			py := (1-t)*(1-t)*y + 2*t*(1-t)*cy + t*t*ey
			for c, o := range p.a.Places {
				if c != b.To {
					gap := math.Hypot(px-o.X, py-o.Y) - o.R
					if c == b.From {
						gap += 8
					}
					room = min(room, gap)
				}
			}
			for _, r := range p.used {
				dx, dy := px-min(max(px, r.x0), r.x1), py-min(max(py, r.y0), r.y1)
				if gap := math.Hypot(dx, dy); math.Hypot(px-x, py-y) > 16 {
					room = min(room, gap)
				}
			}
			if px < 4 || py < 4 || px > p.f.width-4 || py > p.f.height-4 {
				room = min(room, -20)
			}
		}
		if room -= float64(i); room > bestRoom {
			best, bestRoom = [4]float64{cx, cy, ex, ey}, room
		}
	}
	for k := range 25 {
		t := float64(k) / 24
		p.ways = append(p.ways, [2]float64{(1-t)*(1-t)*x + 2*t*(1-t)*best[0] + t*t*best[2], (1-t)*(1-t)*y + 2*t*(1-t)*best[1] + t*t*best[3]})
	}
	return "M" + num(x) + " " + num(y) + "Q" + num(best[0]) + " " + num(best[1]) + " " + num(best[2]) + " " + num(best[3])
}

// name writes who it is where nothing else stands.
func (p *tiesPlan) name(b TiesBridge, x, y, angle float64) {
	size := p.f.name - 2
	wide := letters(b.Name, size)
	const gap = 13
	type spot struct {
		x, y   float64
		anchor string
	}
	right, left := spot{x + gap, y + size/3, "start"}, spot{x - gap, y + size/3, "end"}
	first, second := right, left
	if math.Cos(angle) < 0 {
		first, second = left, right
	}
	spots := []spot{
		first,
		{first.x, first.y + 14, first.anchor},
		{first.x, first.y - 14, first.anchor},
		second,
		{second.x, second.y + 14, second.anchor},
		{second.x, second.y - 14, second.anchor},
		{x, y - gap, "middle"},
		{x, y + gap + size, "middle"},
		{first.x, first.y + 24, first.anchor},
		{first.x, first.y - 24, first.anchor},
		{second.x, second.y + 24, second.anchor},
		{second.x, second.y - 24, second.anchor},
		{x, y - gap - 14, "middle"},
		{x, y + gap + size + 14, "middle"},
	}
	cover := func(s spot) tiesRect {
		r := tiesRect{s.x, s.y - size, s.x + wide, s.y + 3}
		switch s.anchor {
		case "end":
			r.x0, r.x1 = s.x-wide, s.x
		case "middle":
			r.x0, r.x1 = s.x-wide/2, s.x+wide/2
		}
		return r
	}
	chosen, least := spots[0], math.Inf(1)
	for i, s := range spots {
		r := cover(s)
		bad := float64(i) / 4
		for _, o := range p.used {
			if r.meets(o) {
				bad += 10
			}
		}
		for c, o := range p.a.Places {
			dx, dy := o.X-min(max(o.X, r.x0), r.x1), o.Y-min(max(o.Y, r.y0), r.y1)
			if c != b.From && math.Hypot(dx, dy) < o.R+2 {
				bad += 10
			} else if c == b.From && math.Hypot(dx, dy) < o.R-6 {
				bad += 9
			}
		}
		for _, w := range p.ways {
			if w[0] > r.x0-3 && w[0] < r.x1+3 && w[1] > r.y0-2 && w[1] < r.y1+2 {
				bad += 4
			}
		}
		if r.x0 < 2 || r.x1 > p.f.width-2 || r.y0 < 2 || r.y1 > p.f.height-2 {
			bad += 100 // what is cut off cannot be read at all
		}
		if bad < least {
			chosen, least = s, bad
		}
	}
	p.used = append(p.used, cover(chosen))
	p.d.texts = append(p.d.texts, tiesText{x: num(chosen.x), y: num(chosen.y), anchor: chosen.anchor, class: "strong", text: b.Name, href: b.Href})
}

// share is a part of a whole as the width of a bar of a hundred.
func share(part, whole int) float64 {
	if whole <= 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// dependBars are the bars of those who did most, and of all others.
func (d TiesDepends) dependBars() []chartMark {
	var out []chartMark
	x, rest := 0.0, d.All
	for i, f := range d.Fans {
		w := share(f.N, d.All)
		out = append(out, chartMark{x: num(x), w: num(max(w-0.35, 0.2)), class: "us" + strconv.Itoa(i+1)})
		x += w
		rest -= f.N
	}
	return append(out, chartMark{x: num(x), w: num(max(share(rest, d.All), 0)), class: "rest"})
}

func digit(n int) string { return strconv.Itoa(n) }

// dots are the circle that a person leads to.
func (t TieCard) dots() []tiesMark {
	n := min(t.Circle, 40)
	out := make([]tiesMark, n)
	for i := range n {
		x, y := tie.Spiral(i, n, 30)
		out[i] = tiesMark{num(230 + x), num(72 + y), "2.1", ""}
	}
	return out
}
