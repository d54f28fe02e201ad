package reach

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/tie"
)

// The least from which it is said on how few people the company rests.
const (
	leastDependEvents = 20
	leastDependPeople = 5
)

// Depends says on how few people, and on how few places, the company rests: by what people did towards it.
type Depends struct {
	// People did something towards the company in the period, Events times. Follows do not count: nobody follows twice.
	People, Events int
	// Few says that these are too few to say more.
	Few bool
	// Top are the three who did most, Top3 and Top10 how much of Events the first three and ten did.
	Top         []Fan
	Top3, Top10 int
	// Effective is as many equally active people as would be as concentrated (Hill's N2, estimated); 0: nobody came twice, so there is no telling.
	Effective float64
	// Without is Effective when the one who did most is no longer there; 0: there is no telling.
	Without float64
	// Gini is here because people ask for it: how unequal those are who came, not on how few the company rests.
	Gini float64
	// Lost is how many people are joined to the company only by way of the first.
	Lost int
	// Networks are the places, the busiest first. A person's acts count for their first account's.
	Networks []Place
	// Before is the period before, as long; nil when too little happened in it.
	Before *DependsBefore
}

// Fan is somebody who did something towards the company.
type Fan struct {
	Person audience.PersonID // "" when nobody in the house knows them
	Events int
}

// Place is a network and how much happened there.
type Place struct {
	Network network.Name
	Events  int
}

// DependsBefore is the period before.
type DependsBefore struct{ Events, Top3 int }

// towards counts what each person did towards the company from a moment on, until another.
func (d *draft) towards(from, until int64) map[tie.Person]int {
	n := map[tie.Person]int{}
	for _, e := range d.log.Events {
		if e.Target == Us && e.At >= from && e.At < until && (d.follow == 0 || e.Kind != d.follow) {
			n[e.Actor]++
		}
	}
	return n
}

// most gives those who did most first.
func (d *draft) most(n map[tie.Person]int) []tie.Person {
	return slices.SortedFunc(maps.Keys(n), func(a, b tie.Person) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(d.m.Actors[a].Person, d.m.Actors[b].Person), cmp.Compare(d.m.Actors[a].ID, d.m.Actors[b].ID))
	})
}

func (d *draft) depends(all *tie.Log, from time.Time, days int) Depends {
	did := d.towards(from.Unix(), d.now+1)
	order := d.most(did)
	out := Depends{People: len(order)}
	counts, places := make([]int, 0, len(order)), map[network.Name]int{}
	for i, p := range order {
		n := did[p]
		counts = append(counts, n)
		out.Events += n
		if i < 3 {
			out.Top3 += n
			out.Top = append(out.Top, Fan{Person: d.m.Actors[p].Person, Events: n})
		}
		if i < 10 {
			out.Top10 += n
		}
		places[d.m.Actors[p].Network] += n
	}
	for _, n := range slices.SortedFunc(maps.Keys(places), func(a, b network.Name) int { return cmp.Or(cmp.Compare(places[b], places[a]), cmp.Compare(a, b)) }) {
		out.Networks = append(out.Networks, Place{Network: n, Events: places[n]})
	}
	if out.Few = out.Events < leastDependEvents || out.People < leastDependPeople; out.Few {
		return out
	}
	c := tie.Concentrate(counts)
	if !math.IsInf(c.N2, 0) && !math.IsNaN(c.N2) {
		out.Effective = c.N2
	}
	if n := c.WithoutFirst[1]; !math.IsInf(n, 0) && !math.IsNaN(n) {
		out.Without = n
	}
	out.Gini = c.Gini
	if g, err := tie.Build(all, tie.BuildOptions{}); err == nil {
		out.Lost = g.Lost(Us, order[0])
	}
	before := d.towards(from.AddDate(0, 0, -days).Unix(), from.Unix())
	b := DependsBefore{}
	for i, p := range d.most(before) {
		b.Events += before[p]
		if i < 3 {
			b.Top3 += before[p]
		}
	}
	if b.Events >= leastDependEvents && len(before) >= leastDependPeople {
		out.Before = &b
	}
	return out
}
