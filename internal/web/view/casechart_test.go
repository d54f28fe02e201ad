package view

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return v
}

// One square is one person: as many squares as people, each in its week's column, none on another, all on the paper.
func TestASquareIsAPerson(t *testing.T) {
	t.Parallel()
	c := CaseChart{Weeks: []int{0, 1, 3, 0, 2}, Change: 3}
	d := c.drawing()
	if !c.Countable() || len(d.marks) != 6 {
		t.Fatalf("%d squares, countable %v", len(d.marks), c.Countable())
	}
	step := chartWidth / 5
	in := map[int]int{}
	for _, m := range d.marks {
		week := int(number(t, m.x) / step)
		in[week]++
		if (m.class == "bar main") != (week >= 3) {
			t.Errorf("week %d is drawn as %q", week, m.class)
		}
		if m.w != m.h {
			t.Errorf("no square: %s by %s", m.w, m.h)
		}
	}
	for week, people := range c.Weeks {
		if in[week] != people {
			t.Errorf("week %d has %d squares, %d people", week, in[week], people)
		}
	}
	if math.Abs(number(t, d.change)-step*3) > .01 || math.Abs(number(t, d.after)-step*2) > .01 || len(d.ticks) != 4 {
		t.Errorf("the change is at %s, %s wide, %d ticks", d.change, d.after, len(d.ticks))
	}
}

// Whatever the counts, the drawing stays on its paper, no two marks lie on each other, and the tallest week is the one with most people.
func TestTheChartStaysOnItsPaper(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := CaseChart{
			Weeks:  rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 9), rapid.IntRange(0, 5000)), 0, 53).Draw(t, "weeks"),
			Change: rapid.IntRange(0, 60).Draw(t, "change"), After: ChartLabel{Head: "x"},
		}
		d := c.drawing()
		parse := func(s string) float64 {
			v, err := strconv.ParseFloat(s, 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("%q is no length", s)
			}
			return v
		}
		var x0, y0, w, h float64
		if n, err := fmt.Sscanf(d.box, "%f %f %f %f", &x0, &y0, &w, &h); n != 4 || err != nil {
			t.Fatalf("%q", d.box)
		}
		floor, people := parse(d.floor), 0
		top := make([]float64, len(c.Weeks))
		for i := range top {
			top[i] = floor
			people += c.Weeks[i]
		}
		type box struct{ x, y, w, h float64 }
		var all []box
		for _, m := range d.marks {
			b := box{parse(m.x), parse(m.y), parse(m.w), parse(m.h)}
			if b.x < -.01 || b.x+b.w > w+.01 || b.y < -.01 || b.y+b.h > floor+.01 || b.w <= 0 || b.h <= 0 {
				t.Fatalf("%+v is off the paper %s", b, d.box)
			}
			week := min(len(top)-1, int((b.x+b.w/2)/c.step()))
			top[week] = min(top[week], b.y)
			all = append(all, b)
		}
		if c.Countable() && len(d.marks) != people {
			t.Fatalf("%d squares for %d people", len(d.marks), people)
		}
		if !c.Countable() && len(d.marks) > len(c.Weeks) {
			t.Fatalf("%d bars for %d weeks", len(d.marks), len(c.Weeks))
		}
		slices.SortFunc(all, func(a, b box) int {
			if a.x != b.x {
				return int(math.Copysign(1, a.x-b.x))
			}
			return int(math.Copysign(1, a.y-b.y))
		})
		for i := 1; i < len(all); i++ {
			a, b := all[i-1], all[i]
			if b.x < a.x+a.w-.02 && b.y < a.y+a.h-.02 {
				t.Fatalf("%+v lies on %+v", b, a)
			}
		}
		for i := range top {
			for k := range top {
				if c.Weeks[i] > c.Weeks[k] && top[i] > top[k]+.02 {
					t.Fatalf("week %d has %d people and stands lower than week %d with %d", i, c.Weeks[i], k, c.Weeks[k])
				}
			}
		}
		if inside := c.Change > 0 && c.Change < len(c.Weeks); inside != (d.change != "") {
			t.Fatalf("a change at %d of %d is drawn at %q", c.Change, len(c.Weeks), d.change)
		}
		var at int
		if _, err := fmt.Sscanf(c.split(), "at-%d", &at); len(c.Weeks) > 0 && (err != nil || at < 4 || at > 8) {
			t.Fatalf("the labels are put at %q", c.split())
		}
	})
}

// A chart without a change has one label over it; one of nobody is an empty ground.
func TestChartsOfLittle(t *testing.T) {
	t.Parallel()
	if c := (CaseChart{Weeks: []int{1, 2}, Change: 2}); c.split() != "alone" || c.drawing().change != "" {
		t.Errorf("%q, %q", c.split(), c.drawing().change)
	}
	for _, c := range []CaseChart{{}, {Weeks: []int{0, 0, 0}, Change: 1}} {
		if d := c.drawing(); len(d.marks) != 0 || number(t, d.floor) < chartLeast {
			t.Errorf("%+v", d)
		}
	}
	many := CaseChart{Weeks: []int{400, 100, 0}, Change: 3}
	d := many.drawing()
	if many.Countable() || len(d.marks) != 2 || math.Abs(number(t, d.marks[0].h)-4*number(t, d.marks[1].h)) > .05 {
		t.Errorf("%+v", d.marks)
	}
}

// The names of the five steps of a case stand on their stones, from left to right, in ink that can be read there.
func TestTheStepsStandOnTheirStones(t *testing.T) {
	t.Parallel()
	a := CaseArch{Steps: []CaseStep{{Name: "Voci", Stone: StoneLaid}, {Name: "Causa", Stone: StoneNext}, {Name: "Azione", Stone: StoneOpen}, {Name: "Prova", Stone: StoneEarly}, {Name: "Pubblico", Stone: StoneFailed}}}
	labels := a.labels()
	if len(labels) != 10 {
		t.Fatalf("%d labels", len(labels))
	}
	want := []string{"w", "w on-red", "w plain", "w plain", "w plain"}
	last := -1.0
	for i, s := range a.Steps {
		n, w := labels[2*i], labels[2*i+1]
		if w.text != s.Name || n.text != strconv.Itoa(i+1) || w.class != want[i] || n.x != w.x {
			t.Errorf("%+v %+v", n, w)
		}
		x, y := number(t, w.x), number(t, w.y)
		if x <= last || x > ringCase.Width || y < 0 || y > ringCase.Height {
			t.Errorf("%q stands at %g, %g", s.Name, x, y)
		}
		last = x
	}
	if got := a.Steps[1]; stepAttrs(got)["aria-current"] != "step" || stepAttrs(a.Steps[0]) != nil {
		t.Error("the next step is not told")
	}
}
