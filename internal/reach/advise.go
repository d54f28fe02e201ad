package reach

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/tie"
)

// Advice is whom to involve now, and what may come of it.
type Advice struct {
	// Model is what chose (see tie.Advice); Short says that there was too little past to try models on, so that the simple rule chose.
	Model string
	Short bool
	// Until is by when new people are counted.
	Until time.Time
	// Windows is how many times in the past the ranges rest on; Level how often they should hold.
	Windows int
	Level   float64
	// Total is for all picks together.
	Total Range
	Picks []Pick
}

// Pick is one person to involve, with what speaks for it in numbers.
type Pick struct {
	Person   audience.PersonID
	Class    tie.Class
	Expected Range
	// Circle is the one in which most of the people are whom they would bring, of those in the first of Periods; -1 none. Only says
	// that nobody else leads there.
	Circle int
	Only   bool
	// Audience is how many people did something towards them, New of these do not know the company and hand things on, Alone of
	// these nobody before them in the list has.
	Audience, New, Alone int
	Last                 time.Time // when somebody last did something towards them
	Shared               int       // how often they handed on something of the company's
	SharedAt             time.Time // the last time
	Asked                int       // how often they were asked lately
}

// Past is what would have been advised in the past, and what then happened.
type Past struct {
	// Windows oldest first.
	Windows []PastWindow
	// Stated is in how many of them a range was given, Covered in how many of these it held what happened; Level is how often it should.
	Stated, Covered int
	Level           float64
	// Advised is how many new people those advised brought in all windows together, Rule how many those of the simple rule would have; More,
	// Same and Less in how many windows the advice brought more than the rule.
	Advised, Rule    int
	More, Same, Less int
	// Days is how long a window is.
	Days float64
}

// PastWindow is one of these times.
type PastWindow struct {
	From, Until          time.Time
	People               int // who were advised
	Reached, RuleReached int
	Forecast             Range
	Held                 bool
}

// mostPast is how many windows of the past are told of.
const mostPast = 12

// options say whom the company may ask, and who is new to it.
func (d *draft) options(o DrawOptions) tie.ChooseOptions {
	acted := make([]bool, len(d.m.Actors))
	for _, e := range d.log.Events {
		if e.Target == Us && e.At > 0 {
			acted[e.Actor] = true
		}
	}
	c := tie.ChooseOptions{K: o.Advise, Now: d.now + 1, Ahead: Ahead, Carry: d.m.Carry(), Home: []tie.Person{Us}, Involved: d.m.Involved, Windows: mostPast, Seed: o.Seed + 1}
	for p, a := range d.m.Actors {
		switch who := tie.Person(p); {
		case who == Us:
		default:
			if !a.Known() || a.Bot {
				c.Barred = append(c.Barred, who)
			}
			// Who did something towards the company is known from that moment on, in the windows of the past too. Of others it is only known now.
			if a.Knows && !acted[p] {
				c.Reached = append(c.Reached, who)
			}
		}
	}
	return c
}

// advise chooses whom to involve, and asks the past what such a choice was worth.
func (d *draft) advise(p *Portrait, o DrawOptions) error {
	c := d.options(o)
	a, err := tie.Choose(d.log, c)
	if err != nil {
		return err
	}
	p.Advice = Advice{Model: a.Model, Short: a.Short, Until: moment(a.Until), Windows: a.Windows, Level: 0.9}
	for _, x := range a.Picks {
		pick := Pick{
			Person: d.m.Actors[x.Person].Person, Expected: rangeOf(x.Marginal), Circle: -1,
			Audience: x.Why.Audience, New: x.Why.New, Alone: x.Why.Alone, Last: moment(x.Why.Last), Asked: x.Why.Involved,
		}
		pick.Class = p.Ties[pick.Person].Class
		p.Advice.Total = rangeOf(x.Total)
		d.place(&pick, x.Person)
		for _, e := range d.log.Events {
			if e.Actor == x.Person && e.Target == Us && d.shares[e.Kind] {
				pick.Shared++
				pick.SharedAt = moment(max(e.At, pick.SharedAt.Unix()))
			}
		}
		p.Advice.Picks = append(p.Advice.Picks, pick)
	}
	t, err := tie.Backtest(d.log, c)
	if err != nil {
		return err
	}
	p.Past = pastOf(t)
	return nil
}

// place says in which circle most of the new people are who did something towards somebody.
func (d *draft) place(pick *Pick, who tie.Person) {
	seen, in := map[tie.Person]bool{}, map[int]int{}
	for _, e := range d.log.Events {
		if e.Target == who && e.Actor != Us && !d.m.Actors[e.Actor].Knows && !seen[e.Actor] {
			seen[e.Actor] = true
			if c := d.circle[e.Actor]; c >= 0 {
				in[c]++
			}
		}
	}
	best := 0
	for c, n := range in {
		if n > best || n == best && c < pick.Circle {
			best, pick.Circle = n, c
		}
	}
	pick.Only = pick.Circle >= 0 && d.only[pick.Circle] == pick.Person
}

func rangeOf(i tie.Interval) Range {
	if math.IsInf(i.High, 0) || math.IsNaN(i.High) {
		return Range{Expected: i.Expected}
	}
	return Range{Low: i.Low, Expected: i.Expected, High: i.High, Known: true}
}

func pastOf(t *tie.Table) Past {
	p := Past{Stated: t.Stated, Covered: t.Covered, Level: t.Level}
	rule := slices.Index(t.Rules, tie.Cover)
	for _, w := range t.Windows {
		x := PastWindow{From: moment(w.From), Until: moment(w.Until), People: len(w.Advised), Reached: w.Reached, Held: w.Held()}
		if w.Forecast != nil {
			x.Forecast = rangeOf(*w.Forecast)
		}
		if rule >= 0 {
			x.RuleReached = w.ByRule[rule]
		}
		p.Windows = append(p.Windows, x)
		p.Days = x.Until.Sub(x.From).Hours() / 24
	}
	slices.SortFunc(p.Windows, func(a, b PastWindow) int { return cmp.Compare(a.From.Unix(), b.From.Unix()) })
	for _, a := range t.Against {
		if a.Rule == tie.Cover {
			p.Advised, p.Rule, p.More, p.Same, p.Less = a.Advised, a.Reached, a.More, a.Same, a.Less
		}
	}
	return p
}
