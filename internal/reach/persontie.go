package reach

import (
	"math"
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

// ties measures the ties with the company, over all that is known.
func (d *draft) ties(p *Portrait) error {
	g, err := tie.Build(d.log, tie.BuildOptions{Now: d.now})
	if err != nil {
		return err
	}
	ts := tie.Fuse(g, tie.FuseOptions{})
	in, err := tie.LearnIntensity(d.log, tie.IntensityOptions{Now: d.now})
	if err != nil {
		return err
	}
	if in.Learnt {
		p.Cases, p.CasesActive = in.Reliability.Ties, in.Reliability.Active
	}
	chance := in.Of(d.log, ts)
	class := tie.Classify(ts, chance, tie.ClassOptions{})
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
	for who, e := range g.Neighbours(Us) {
		if !d.named(who) {
			continue
		}
		ab, ba := g.Weights(e)
		x := PersonTie{
			Class: class.Of[e], Acts: int(ab + ba + 0.5), Common: ts.Common(e), First: moment(first[who]), Last: moment(last[who]), Circle: d.circle[who],
		}
		if !math.IsNaN(chance[e]) {
			x.Chance, x.Dated = chance[e], true
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
