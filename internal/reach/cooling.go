package reach

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/tie"
)

const (
	coolRecent  = 60 // days that are looked at
	coolBefore  = 2  // times as many days that they are compared with
	coolLeast   = 6  // events before, to have been a friend
	coolChance  = 0.05
	mostCooling = 5
)

// Cooling says which friendships cool down: who came often, and of late much less than chance explains.
type Cooling struct {
	// Early says that too little time is known to tell.
	Early bool
	// Recent and Before are the days that are compared.
	Recent, Before int
	// Checked is how many came often enough to tell, ByChance how many of them would seem to cool down if nobody did.
	Checked  int
	ByChance float64
	// Friends are those who do, who is missed most first.
	Friends []Cooler
}

// Cooler is somebody who comes less than they did.
type Cooler struct {
	Person audience.PersonID
	// Before and Recent are how often they came in the two times.
	Before, Recent int
	Last           time.Time
	// Chance is how likely somebody who comes as often as ever would have come so seldom.
	Chance float64
}

// cool finds them. With the same rate throughout, of all times that somebody came the recent ones are a third: how few that could be by chance
// is the binomial test, which needs no rate to be estimated.
func (d *draft) cool(p *Portrait) {
	c := &p.Cooling
	c.Recent, c.Before = coolRecent, coolRecent*coolBefore
	from := d.m.Now.AddDate(0, 0, -c.Recent-c.Before)
	split := d.m.Now.AddDate(0, 0, -c.Recent)
	if p.First.IsZero() || p.First.After(from) {
		c.Early = true
		return
	}
	before, recent := d.towards(from.Unix(), split.Unix()), d.towards(split.Unix(), d.now+1)
	last := map[tie.Person]int64{}
	for _, e := range d.log.Events {
		if e.Target == Us {
			last[e.Actor] = max(last[e.Actor], e.At)
		}
	}
	share := float64(c.Recent) / float64(c.Recent+c.Before)
	for _, who := range d.most(before) {
		n, m := before[who], recent[who]
		if n < coolLeast || !d.named(who) {
			continue
		}
		c.Checked++
		chance := atMost(m, n+m, share)
		if chance > coolChance {
			continue
		}
		c.Friends = append(c.Friends, Cooler{Person: d.m.Actors[who].Person, Before: n, Recent: m, Last: moment(last[who]), Chance: chance})
	}
	c.ByChance = coolChance * float64(c.Checked)
	slices.SortStableFunc(c.Friends, func(a, b Cooler) int {
		return cmp.Compare(b.Before-coolBefore*b.Recent, a.Before-coolBefore*a.Recent)
	})
	for _, f := range c.Friends {
		x := p.Ties[f.Person]
		x.Cooling = true
		p.Ties[f.Person] = x
	}
	c.Friends = c.Friends[:min(len(c.Friends), mostCooling)]
}

// atMost is the chance of at most m successes in n tries of chance p.
func atMost(m, n int, p float64) float64 {
	sum := 0.0
	for k := 0; k <= m; k++ {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		sum += math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	return min(sum, 1)
}
