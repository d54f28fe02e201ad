package tie

import (
	"errors"
	"math"
	"strings"
	"time"
)

// ChooseOptions say whom to choose from a log. Only K must be given.
type ChooseOptions struct {
	// K is how many people are chosen at most.
	K int
	// Now is the moment of the choice, in Unix seconds: only what happened before it is known. 0 is after the last event.
	Now int64
	// Ahead is for how long from Now on people are counted; 0 is an eighth of the log before Now, at most 30 days.
	Ahead time.Duration
	// Carry are the kinds of events by which something is handed on from target to actor; nil is all.
	Carry []Kind
	// Home are the company's own accounts: nobody who acted upon them before counts as new.
	Home []Person
	// Reached are others who do not count as new.
	Reached []Person
	// Barred cannot be chosen; nor can Home.
	Barred []Person
	// Involved are those who were asked before. Who was asked Often times within Lately before Now is left alone, and each
	// time before that counts him half in the order, not in what is expected of him. 0 and 0 are 2 times and 30 days.
	Involved []Involvement
	Often    int
	Lately   time.Duration
	// Cost is what each person costs, above 0, and Budget what may be spent; nil is 1 each, and K of it.
	Cost   []float64
	Budget float64
	// Windows is how many times the past is asked what it would have advised; 0 is 12.
	Windows int
	// Level is how often the intervals should hold; 0 is 0.9.
	Level float64
	// Seed decides the draws of the cascade, which is one of the models tried.
	Seed uint64
}

// Involvement is that somebody was asked to help, in Unix seconds.
type Involvement struct {
	Person Person
	At     int64
}

// Advice is whom to involve.
type Advice struct {
	// Model is the name of what chose: a rule of Rules, "blend", "foreseen" or "cascade".
	Model string
	// Short says that there was too little in the past to choose a model by, so that the simple rule chose.
	Short bool
	// Now and Until are the window that is counted, in Unix seconds: from Now on, before Until.
	Now, Until int64
	// Picks in the order of choice.
	Picks []Pick
	// Windows is how many windows of the past the intervals rest on; without at least three there are none, and the ends of an
	// Interval are 0 and infinite.
	Windows int
	// Mix is what the blend is made of: the shares of its views by name, those of the kernels one by one, together 1.
	Mix map[string]float64
}

// Pick is one person to involve.
type Pick struct {
	Person Person
	// Marginal is how many new people he is expected to add to those of the people before him; Total with them together.
	Marginal, Total Interval
	// Cost is what he costs.
	Cost float64
	Why  Why
}

// Why says what speaks for somebody, in numbers.
type Why struct {
	// Audience is how many different people acted upon him; New how many of them have not been reached yet and handed something on;
	// Alone how many of those nobody chosen before him has.
	Audience, New, Alone int
	// Acts is how many acts there were upon him, Last when the last was, in Unix seconds.
	Acts int
	Last int64
	// Involved is how often he was asked lately.
	Involved int
}

// The names of models. Rules are the simple ones that every advice is measured against.
const (
	Active   = "active"   // those who acted most
	Audience = "audience" // those upon whom the most different people acted
	Cover    = "cover"    // those upon whom together the most different people acted
	Recent   = "recent"   // those upon whom most was done, an act counting half after as long as is looked ahead
	Blend    = "blend"    // those who are good in several views together
	Foreseen = "foreseen" // those of whom it is foreseen that they reach the most people
	Spreads  = "cascade"  // those from whom a damped cascade reaches the most people
)

// OfKind is the name of the rule Cover for the acts of one kind.
func OfKind(kind string) string { return Cover + ":" + kind }

// Carrying are the kinds of a log whose names say that something is handed on, such as share or RT; nil when no name says so.
func Carrying(l *Log) []Kind {
	var kinds []Kind
	for k, name := range l.Kinds {
		switch strings.ToLower(name) {
		case "rt", "retweet", "share", "shared", "repost", "reshare", "reblog", "boost", "announce", "forward", "quote", "condivisione":
			kinds = append(kinds, Kind(k))
		}
	}
	return kinds
}

var errChoose = errors.New("tie: the options of a choice cannot be")

const (
	usualWindows = 12
	usualOften   = 2
	month        = 30 * 24 * time.Hour
	maxRuleKinds = 6
)

// prepare fills in what was not said.
func (o *ChooseOptions) prepare(l *Log) error {
	if err := l.Check(); err != nil {
		return err
	}
	first, last := l.Span()
	if o.Now == 0 {
		o.Now = last + 1
	}
	if o.Ahead == 0 {
		o.Ahead = max(min(time.Duration(max(o.Now-first, 0)/8)*time.Second, month), time.Second)
	}
	if o.Windows == 0 {
		o.Windows = usualWindows
	}
	if o.Level == 0 {
		o.Level = 0.9
	}
	if o.Often == 0 {
		o.Often = usualOften
	}
	if o.Lately == 0 {
		o.Lately = month
	}
	if o.K < 1 || o.Now < 0 || o.Ahead < time.Second || o.Windows < 0 || o.Often < 0 || o.Lately < 0 || o.Level < 0 || o.Level >= 1 || o.Budget < 0 ||
		(o.Cost != nil && len(o.Cost) != len(l.Names)) {
		return errChoose
	}
	for _, c := range o.Cost {
		if !(c > 0) || math.IsInf(c, 0) {
			return errChoose
		}
	}
	for _, list := range [][]Person{o.Home, o.Reached, o.Barred} {
		for _, p := range list {
			if p < 0 || int(p) >= len(l.Names) {
				return ErrEvent
			}
		}
	}
	for _, i := range o.Involved {
		if i.Person < 0 || int(i.Person) >= len(l.Names) {
			return ErrEvent
		}
	}
	return nil
}

// desk is what a choice at one moment may do: who is left alone, who was asked how often, what people cost.
type desk struct {
	k       int
	barred  []bool
	asked   []int // nil: nobody
	cost    []float64
	budget  float64
	seed    uint64
	ordered bool // by what costs say
}

// desk lays out the options. In the past nobody's being asked is known, so that only the choice now looks at it.
func (o ChooseOptions) desk(people int, now bool) desk {
	d := desk{k: min(o.K, people), barred: make([]bool, people), cost: o.Cost, budget: o.Budget, seed: o.Seed, ordered: o.Cost != nil}
	for _, list := range [][]Person{o.Home, o.Barred} {
		for _, p := range list {
			d.barred[p] = true
		}
	}
	if d.budget == 0 {
		d.budget = float64(o.K)
	}
	if now && len(o.Involved) > 0 {
		d.asked = make([]int, people)
		for _, i := range o.Involved {
			if i.At < o.Now && i.At >= o.Now-int64(o.Lately/time.Second) {
				d.asked[i.Person]++
			}
		}
		for p, n := range d.asked {
			d.barred[p] = d.barred[p] || n >= o.Often
		}
	}
	return d
}

// price is what a person costs.
func (d desk) price(p int) float64 {
	if d.cost == nil {
		return 1
	}
	return d.cost[p]
}

// ranking is people in the order of choice, and what was expected with the first 1, 2, ... of them, in units of the
// model: only in proportion is it what will happen.
type ranking struct {
	people []Person
	total  []float64
}

func (r ranking) final() float64 {
	if len(r.total) == 0 {
		return 0
	}
	return r.total[len(r.total)-1]
}

// greedy chooses people so that together they cover the most: a person counts his worth times the chance that at least
// one of those chosen has him.
func (m *scene) greedy(c chances, d desk) ranking { return m.choose(m.direct(c), d) }

// choose takes the one who adds most in a view, again and again. What a person adds only falls as others are chosen, so that the one who
// added most when last looked at is chosen if he still does (Leskovec et al., KDD 2007, CELF). Where people cost, the better of the choices by
// what is added and by what is added for the cost is taken, which is at least half of (1-1/e) of the best.
func (m *scene) choose(v view, d desk) ranking {
	best := m.take(v, d, false)
	if d.ordered {
		if r := m.take(v, d, true); r.final() > best.final() {
			best = r
		}
	}
	return best
}

func (m *scene) take(v view, d desk, forCost bool) ranking {
	v.anew()
	rank := func(p int32, gain float64) float64 {
		if d.asked != nil {
			gain *= math.Exp2(-float64(d.asked[p]))
		}
		if forCost {
			gain /= d.price(int(p))
		}
		return gain
	}
	var h queue
	for p := range m.reached {
		if d.barred[p] || m.pairAt[p] == m.pairAt[p+1] {
			continue
		}
		if g := v.gain(int32(p)); g > 0 {
			h = append(h, waiting{p: int32(p), gain: g, key: rank(int32(p), g)})
		}
	}
	h.order()
	var r ranking
	sum, spent := 0.0, 0.0
	for len(h) > 0 && len(r.people) < d.k {
		top := h[0]
		if spent+d.price(int(top.p)) > d.budget+1e-9 {
			h.drop()
			continue
		}
		if top.round != len(r.people) {
			h[0].gain = v.gain(top.p)
			h[0].key = rank(top.p, h[0].gain)
			h[0].round = len(r.people)
			if h[0].gain <= 0 {
				h.drop()
			} else {
				h.sink(0)
			}
			continue
		}
		h.drop()
		sum += top.gain
		spent += d.price(int(top.p))
		r.people, r.total = append(r.people, Person(top.p)), append(r.total, sum)
		v.take(top.p)
	}
	return r
}

// waiting is somebody who may be chosen, and what he added when it was last looked at, in which round.
type waiting struct {
	p         int32
	round     int
	gain, key float64
}

// queue is a heap with the greatest key first, of equal ones the smaller number.
type queue []waiting

func (h queue) before(a, b int) bool {
	return h[a].key > h[b].key || (h[a].key == h[b].key && h[a].p < h[b].p)
}

func (h queue) order() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
}

func (h queue) sink(i int) {
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && h.before(c+1, c) {
			c++
		}
		if !h.before(c, i) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

func (h *queue) drop() {
	n := len(*h) - 1
	(*h)[0] = (*h)[n]
	*h = (*h)[:n]
	h.sink(0)
}
