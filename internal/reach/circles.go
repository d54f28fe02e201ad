package reach

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/tie"
)

const (
	leastCircle  = 4   // people; with fewer a circle is two friends
	mostCircles  = 9   // that are drawn
	mostCarriers = 5   // that are named for each circle
	mostBridges  = 8   // that are drawn
	newestWords  = 300 // of one person, the newest
	// Below 1: a few large circles that people can name rather than many small ones.
	circleResolution = 0.5
)

// view draws who had to do with whom in the last days.
func (d *draft) view(days int) (View, error) {
	from := d.m.Now.AddDate(0, 0, -days)
	all := d.since(from.Unix())
	v := View{Days: days, Since: from, Home: -1, Events: len(all.Events)}
	between := &tie.Log{Names: all.Names, Kinds: all.Kinds}
	active := make([]bool, len(d.m.Actors))
	for _, e := range all.Events {
		active[e.Actor], active[e.Target] = true, true
		if e.Actor != Us && e.Target != Us {
			between.Events = append(between.Events, e)
		}
	}
	active[Us] = false
	g, err := tie.Build(between, tie.BuildOptions{})
	if err != nil {
		return v, err
	}
	v.Ties = g.Edges()
	for p, yes := range active {
		if yes {
			v.People++
			if d.m.Actors[p].Knows {
				v.Know++
			}
		}
	}
	of := d.group(&v, g, active)
	d.tell(&v, of)
	d.carriers(&v, g, of)
	d.hearts(&v, g, of)
	d.kin(&v, g, of)
	v.Depends = d.depends(all, from, days)
	if d.circle == nil { // the first period is the one that advice speaks of
		d.circle, d.only = of, map[int]audience.PersonID{}
		for c, x := range v.Circles {
			if !x.Ours() && x.Carrying == 1 && len(x.Carriers) == 1 {
				d.only[c] = x.Carriers[0].Person
			}
		}
	}
	return v, nil
}

// group finds the circles and gives, by person, the number of theirs; -1 for those in none that is drawn.
func (d *draft) group(v *View, g *tie.Graph, active []bool) []int {
	found := tie.FindCircles(g, tie.CircleOptions{Seed: 1, Resolution: circleResolution})
	of := make([]int, len(active))
	alone := Circle{Alone: true}
	var circles []Circle
	number := map[int32]int{} // of a circle that is drawn
	for c, size := range found.Sizes {
		if size >= leastCircle && len(circles) < mostCircles {
			number[int32(c)] = len(circles)
			circles = append(circles, Circle{})
		}
	}
	for p, yes := range active {
		of[p] = -1
		switch c := found.Of[p]; {
		case !yes:
		case c < 0: // with nobody but the company
			of[p] = len(circles)
			alone.People++
			if d.m.Actors[p].Knows {
				alone.Know++
			}
		default:
			n, drawn := number[c]
			if !drawn {
				v.Others++
				continue
			}
			of[p] = n
			circles[n].People++
			if d.m.Actors[p].Knows {
				circles[n].Know++
			}
		}
	}
	if alone.People > 0 {
		circles = append(circles, alone)
	}
	v.Circles = circles
	// Those who have to do with each other make a better home than those who do not.
	for c, x := range circles {
		if x.Ours() && (v.Home < 0 || circles[v.Home].Alone || !x.Alone && x.Know > circles[v.Home].Know) && (v.Home < 0 || !x.Alone) {
			v.Home = c
		}
	}
	return of
}

// tell finds the words that tell the circles apart.
func (d *draft) tell(v *View, of []int) {
	groups, words := make([]int32, len(of)), make([][]string, len(of))
	for p, c := range of {
		groups[p] = int32(c)
		if c >= 0 && v.Circles[c].Alone {
			groups[p] = -1
		}
		if p < len(d.m.Words) {
			words[p] = distinct(d.m.Words[p])
		}
	}
	for c, told := range tie.Tell(groups, words, tie.TellingOptions{}) {
		for _, w := range told {
			v.Circles[c].Words = append(v.Circles[c].Words, w.Word)
		}
		// What people tag says what they are about better than what they happen to say.
		slices.SortStableFunc(v.Circles[c].Words, func(a, b string) int {
			return cmp.Compare(len(strings.TrimPrefix(a, "#"))-len(a), len(strings.TrimPrefix(b, "#"))-len(b))
		})
	}
}

func distinct(words []string) []string {
	words = words[max(0, len(words)-newestWords):]
	seen := make(map[string]bool, len(words))
	out := make([]string, 0, len(words))
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// carriers finds who leads into the circles that do not know the company.
func (d *draft) carriers(v *View, g *tie.Graph, of []int) {
	type lead struct {
		to   int
		acts float64
	}
	leads := make([]map[tie.Person]*lead, len(v.Circles))
	note := func(carrier, x tie.Person, acts float64) {
		c := of[x]
		if c < 0 || v.Circles[c].Ours() || d.m.Actors[x].Knows || !d.m.Actors[carrier].Knows || !d.named(carrier) {
			return
		}
		if leads[c] == nil {
			leads[c] = map[tie.Person]*lead{}
		}
		l := leads[c][carrier]
		if l == nil {
			l = &lead{}
			leads[c][carrier] = l
		}
		l.to++
		l.acts += acts
	}
	for e, ends := range g.All() {
		ab, ba := g.Weights(e)
		note(ends[0], ends[1], ba)
		note(ends[1], ends[0], ab)
	}
	for c, found := range leads {
		people := slices.SortedFunc(maps.Keys(found), func(a, b tie.Person) int {
			return cmp.Or(cmp.Compare(found[b].to, found[a].to), cmp.Compare(found[b].acts, found[a].acts), cmp.Compare(d.m.Actors[a].Person, d.m.Actors[b].Person))
		})
		x := &v.Circles[c]
		x.Carrying = len(people)
		for i, p := range people[:min(len(people), mostCarriers)] {
			l := found[p]
			x.Carriers = append(x.Carriers, Carrier{Person: d.m.Actors[p].Person, To: l.to, Acts: int(l.acts + 0.5)})
			from := of[p]
			if from < 0 || from == c || !v.Circles[from].Ours() {
				from = v.Home
			}
			if i > 1 || i == 1 && 2*l.to < found[people[0]].to {
				continue
			}
			v.Bridges = append(v.Bridges, Bridge{Person: d.m.Actors[p].Person, From: from, To: c, Ties: l.to, Acts: int(l.acts + 0.5), Only: len(people) == 1})
		}
	}
	slices.SortStableFunc(v.Bridges, func(a, b Bridge) int { return cmp.Compare(b.Ties, a.Ties) })
	v.Bridges = v.Bridges[:min(len(v.Bridges), mostBridges)]
}

// hearts finds who has most ties within their circle.
func (d *draft) hearts(v *View, g *tie.Graph, of []int) {
	within := map[tie.Person]int{}
	for _, ends := range g.All() {
		if c := of[ends[0]]; c >= 0 && c == of[ends[1]] {
			within[ends[0]]++
			within[ends[1]]++
		}
	}
	best := make([]int, len(v.Circles))
	for _, p := range slices.SortedFunc(maps.Keys(within), func(a, b tie.Person) int { return cmp.Compare(d.m.Actors[a].Person, d.m.Actors[b].Person) }) {
		if c := of[p]; d.named(p) && within[p] > best[c] {
			best[c], v.Circles[c].Heart = within[p], d.m.Actors[p].Person
		}
	}
}

// kin counts ties between circles that know the company.
func (d *draft) kin(v *View, g *tie.Graph, of []int) {
	ties := map[[2]int]int{}
	for _, ends := range g.All() {
		a, b := min(of[ends[0]], of[ends[1]]), max(of[ends[0]], of[ends[1]])
		if a >= 0 && a != b && v.Circles[a].Ours() && v.Circles[b].Ours() {
			ties[[2]int{a, b}]++
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(ties), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }) {
		v.Kin = append(v.Kin, Kin{A: k[0], B: k[1], Ties: ties[k]})
	}
}
