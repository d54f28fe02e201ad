package tie

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// Live is a graph that follows its events one by one: each that is added or removed updates what is known of its two
// ends in O(their ties), and what has been added and removed again leaves nothing behind, to the last bit. It keeps every event.
// Not for several goroutines at a time.
type Live struct {
	people []livePerson
	edges  int
	events int
}

type livePerson struct {
	ties  []liveTie // in the order of with
	loops []Event   // what they did towards themself
}

// liveTie is a tie as one of its ends sees it.
type liveTie struct {
	with Person
	// known is how many ties with had when this end last looked. near counts with what was known, so that a change at one
	// person need not be told to all who share a triangle with them: they look when they are asked.
	known  int32
	common int32
	near   uint64 // the sum of inverse(known) over the common neighbours, in units of 1/unit
	bond   *bond
}

// bond is what both ends share: the events of the tie, in one order.
type bond struct{ events []Event }

// NewLive follows events from the beginning on.
func NewLive(events []Event) (*Live, error) {
	l := &Live{}
	for _, e := range events {
		if err := l.Add(e); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// unit is what 1 is in liveTie.near: whole numbers leave nothing behind. There is room for 2^24 common neighbours.
const unit = 1 << 40

func inverse(k int) uint64 {
	if k == 0 {
		return 0
	}
	return (unit + uint64(k)/2) / uint64(k)
}

// inOrder is the order in which events are kept: it depends on nothing but the events.
func inOrder(a, b Event) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Item, b.Item))
}

func insert(events *[]Event, e Event) {
	i, _ := slices.BinarySearchFunc(*events, e, inOrder)
	*events = slices.Insert(*events, i, e)
}

func remove(events *[]Event, e Event) bool {
	i, ok := slices.BinarySearchFunc(*events, e, inOrder)
	if ok {
		*events = slices.Delete(*events, i, i+1)
	}
	return ok
}

func (l *Live) place(p, with Person) (int, bool) {
	return slices.BinarySearchFunc(l.people[p].ties, with, func(t liveTie, with Person) int { return cmp.Compare(t.with, with) })
}

// at is a tie of somebody; nil when there is none.
func (l *Live) at(p, with Person) *liveTie {
	if p < 0 || int(p) >= len(l.people) {
		return nil
	}
	i, ok := l.place(p, with)
	if !ok {
		return nil
	}
	return &l.people[p].ties[i]
}

// Add adds an event. Somebody whose number was not known is known from then on, as are all with lower numbers.
func (l *Live) Add(e Event) error {
	if e.Actor < 0 || e.Target < 0 {
		return ErrEvent
	}
	if need := int(max(e.Actor, e.Target)) + 1; need > len(l.people) {
		l.people = append(l.people, make([]livePerson, need-len(l.people))...)
	}
	l.events++
	if e.Actor == e.Target {
		insert(&l.people[e.Actor].loops, e)
		return nil
	}
	t := l.at(e.Actor, e.Target)
	if t == nil {
		l.join(e.Actor, e.Target)
		t = l.at(e.Actor, e.Target)
	}
	insert(&t.bond.events, e)
	return nil
}

// ErrNoEvent says that an event that should be removed was never added, or was removed before.
var ErrNoEvent = errors.New("tie: there is no such event")

// Remove removes one event that equals e in everything.
func (l *Live) Remove(e Event) error {
	if e.Actor == e.Target {
		if e.Actor < 0 || int(e.Actor) >= len(l.people) || !remove(&l.people[e.Actor].loops, e) {
			return ErrNoEvent
		}
		l.events--
		return nil
	}
	t := l.at(e.Actor, e.Target)
	if t == nil || !remove(&t.bond.events, e) {
		return ErrNoEvent
	}
	l.events--
	if len(t.bond.events) == 0 {
		l.part(e.Actor, e.Target)
	}
	return nil
}

// Erase removes everything in which somebody has part, and says how many events that were. What remains equals a graph
// that never had them; their number stands for nobody.
func (l *Live) Erase(p Person) int {
	if p < 0 || int(p) >= len(l.people) {
		return 0
	}
	n := len(l.people[p].loops)
	l.people[p].loops = nil
	for ties := l.people[p].ties; len(ties) > 0; ties = l.people[p].ties {
		last := ties[len(ties)-1]
		n += len(last.bond.events)
		clear(last.bond.events)
		l.part(p, last.with)
	}
	l.people[p].ties = nil
	l.events -= n
	return n
}

// shared goes through the common neighbours of two people: where each of the two has them.
func (l *Live) shared(a, b Person, f func(q Person, atA, atB *liveTie)) {
	x, y := l.people[a].ties, l.people[b].ties
	if len(x) > len(y) {
		x, y = y, x
		g := f
		f = func(q Person, atA, atB *liveTie) { g(q, atB, atA) }
	}
	if len(y) > 16*len(x) { // look each of the few up among the many
		for i := range x {
			j, ok := slices.BinarySearchFunc(y, x[i].with, func(t liveTie, with Person) int { return cmp.Compare(t.with, with) })
			if ok {
				f(x[i].with, &x[i], &y[j])
			}
		}
		return
	}
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch c := cmp.Compare(x[i].with, y[j].with); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			f(x[i].with, &x[i], &y[j])
			i++
			j++
		}
	}
}

// join makes a tie.
func (l *Live) join(a, b Person) {
	shared := &bond{}
	atA := liveTie{with: b, known: int32(len(l.people[b].ties) + 1), bond: shared}
	atB := liveTie{with: a, known: int32(len(l.people[a].ties) + 1), bond: shared}
	l.shared(a, b, func(q Person, aq, bq *liveTie) {
		atA.common++
		atA.near += inverse(int(aq.known))
		atB.common++
		atB.near += inverse(int(bq.known))
		aq.common++
		aq.near += inverse(int(atA.known))
		bq.common++
		bq.near += inverse(int(atB.known))
		qa, qb := l.at(q, a), l.at(q, b)
		qa.common++
		qa.near += inverse(int(qb.known))
		qb.common++
		qb.near += inverse(int(qa.known))
	})
	for _, t := range []liveTie{atA, atB} {
		p := a + b - t.with
		i, _ := l.place(p, t.with)
		l.people[p].ties = slices.Insert(l.people[p].ties, i, t)
	}
	l.edges++
}

// part takes a tie away.
func (l *Live) part(a, b Person) {
	atA, atB := *l.at(a, b), *l.at(b, a)
	l.shared(a, b, func(q Person, aq, bq *liveTie) {
		aq.common--
		aq.near -= inverse(int(atA.known))
		bq.common--
		bq.near -= inverse(int(atB.known))
		qa, qb := l.at(q, a), l.at(q, b)
		qa.common--
		qa.near -= inverse(int(qb.known))
		qb.common--
		qb.near -= inverse(int(qa.known))
	})
	for _, p := range []Person{a, b} {
		i, _ := l.place(p, a+b-p)
		l.people[p].ties = slices.Delete(l.people[p].ties, i, i+1)
	}
	l.edges--
}

// look brings what somebody knows of their neighbours' numbers of ties up to date.
func (l *Live) look(p Person) {
	ties := l.people[p].ties
	for i := range ties {
		now := len(l.people[ties[i].with].ties)
		if int(ties[i].known) == now {
			continue
		}
		change := inverse(now) - inverse(int(ties[i].known)) // around 0 and back, as whole numbers may
		ties[i].known = int32(now)
		if ties[i].common == 0 {
			continue
		}
		l.shared(p, ties[i].with, func(_ Person, mine, _ *liveTie) { mine.near += change })
	}
}

// Values are what the ties of one person say: see Ties for each.
type Values struct {
	Degree        int
	Triangles     int64
	Constraint    float64
	EffectiveSize float64
	Efficiency    float64
	Clustering    float64
}

// Values are the values of a person, all zero and Constraint NaN without ties. It takes O(their ties), and as much again
// for each neighbour whose number of ties has changed since they were last asked for.
func (l *Live) Values(p Person) Values {
	if p < 0 || int(p) >= len(l.people) || len(l.people[p].ties) == 0 {
		return Values{Constraint: math.NaN()}
	}
	l.look(p)
	ties := l.people[p].ties
	v := Values{Degree: len(ties)}
	for _, t := range ties {
		x := 1 + float64(t.near)/unit
		v.Constraint += x * x
		v.Triangles += int64(t.common)
	}
	v.Triangles /= 2
	k := float64(v.Degree)
	v.Constraint /= k * k
	v.EffectiveSize = k - 2*float64(v.Triangles)/k
	v.Efficiency = v.EffectiveSize / k
	if v.Degree > 1 {
		v.Clustering = 2 * float64(v.Triangles) / (k * (k - 1))
	}
	return v
}

// Between is how many people both are tied to and the overlap of their tie (see Ties.Overlap); ok is false when they are not tied.
func (l *Live) Between(a, b Person) (common int, over float64, ok bool) {
	t := l.at(a, b)
	if t == nil {
		return 0, 0, false
	}
	return int(t.common), overlap(int(t.common), len(l.people[a].ties), len(l.people[b].ties)), true
}

// Tie is what happened on the tie of two people, in the order of time. It is the caller's own.
func (l *Live) Tie(a, b Person) []Event {
	if t := l.at(a, b); t != nil {
		return slices.Clone(t.bond.events)
	}
	return nil
}

// People is 1 more than the highest number ever seen.
func (l *Live) People() int { return len(l.people) }

// Edges is how many ties there are.
func (l *Live) Edges() int { return l.edges }

// Events are all events, in the order of time, then of their ends, kind and item: what Build needs.
func (l *Live) Events() []Event {
	all := make([]Event, 0, l.events)
	for p, one := range l.people {
		all = append(all, one.loops...)
		for _, t := range one.ties {
			if t.with > Person(p) {
				all = append(all, t.bond.events...)
			}
		}
	}
	slices.SortFunc(all, inOrder)
	return all
}
