package reach

import (
	"math"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/tie"
)

// PersonTie is the tie of a person with the company.
type PersonTie struct {
	Class tie.Class
	// Chance is how likely they do something towards the company within the next 30 days, or it towards them; Dated says that there is one.
	Chance float64
	Dated  bool
	// Acts is how often either did something; Common how many people both have to do with.
	Acts, Common int
	First, Last  time.Time // zero: unknown
	// Circle is theirs in the first of Periods; -1 none.
	Circle int
	// Cooling says that they used to come more often.
	Cooling bool
}

// classed is every tie with its class.
type classed struct {
	graph  *tie.Graph
	ties   *tie.Ties
	learnt *tie.Intensity
	chance []float64   // by tie.Edge: of something happening on it within 30 days
	of     []tie.Class // by tie.Edge
}

// classes gives every tie its class, over all that is known. How much happens is cut at one half, how much is shared at the median of the
// company's own ties that share anybody: it has to do with so many that beside ties between two people all of its own share little.
func (d *draft) classes() (*classed, error) {
	g, err := tie.Build(d.log, tie.BuildOptions{Now: d.now})
	if err != nil {
		return nil, err
	}
	c := &classed{graph: g, ties: tie.Fuse(g, tie.FuseOptions{})}
	if c.learnt, err = tie.LearnIntensity(d.log, tie.IntensityOptions{Now: d.now}); err != nil {
		return nil, err
	}
	c.chance = c.learnt.Of(d.log, c.ties)
	var shared []float64
	for _, e := range g.Neighbours(Us) {
		if c.ties.Common(e) > 0 {
			shared = append(shared, c.ties.Overlap(e))
		}
	}
	o := tie.ClassOptions{}
	if len(shared) > 0 {
		slices.Sort(shared)
		o.Embedded = shared[len(shared)/2]
	}
	c.of = tie.Classify(c.ties, c.chance, o).Of
	return c, nil
}

// ties measures the ties with the company, over all that is known.
func (d *draft) ties(p *Portrait) error {
	c, err := d.classes()
	if err != nil {
		return err
	}
	if in := c.learnt; in.Learnt {
		p.Cases, p.CasesActive = in.Reliability.Ties, in.Reliability.Active
	}
	first, last := map[tie.Person]int64{}, map[tie.Person]int64{}
	for _, e := range d.log.Events {
		other := e.Actor
		if e.Actor == Us {
			other = e.Target
		} else if e.Target != Us {
			continue
		}
		if e.At > 0 && first[other] == 0 {
			first[other] = e.At
		}
		last[other] = max(last[other], e.At)
	}
	for who, e := range c.graph.Neighbours(Us) {
		if !d.named(who) {
			continue
		}
		ab, ba := c.graph.Weights(e)
		x := PersonTie{
			Class: c.of[e], Acts: int(ab + ba + 0.5), Common: c.ties.Common(e), First: moment(first[who]), Last: moment(last[who]), Circle: d.circle[who],
		}
		if !math.IsNaN(c.chance[e]) {
			x.Chance, x.Dated = c.chance[e], true
		}
		p.Ties[d.m.Actors[who].Person] = x
	}
	return nil
}

func moment(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(at, 0).UTC()
}
