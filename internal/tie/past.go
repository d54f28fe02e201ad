package tie

import (
	"math"
	"slices"
)

// past is a log laid out so that what was known at any moment is quickly read: for each person, those who acted upon
// him, and each such pair's events in the order of time. It takes 20 bytes an event.
type past struct {
	log     *Log
	carries []bool // by Kind
	// pairs of the target p stand from pairAt[p] to pairAt[p+1]; actor is the other one, and events stand from eventAt[i] on.
	pairAt, actor, eventAt []int32
	when                   []int64
	kind                   []Kind
	// carried are the events that hand something on, in the order of time.
	carried []Event
	home    []bool
	// had are those who are reached, whenever it was.
	had []bool
}

func newPast(l *Log, o ChooseOptions) (*past, error) {
	n := len(l.Names)
	p := &past{log: l, carries: make([]bool, max(len(l.Kinds), 1)), home: make([]bool, n), had: make([]bool, n)}
	for _, k := range o.Carry {
		if int(k) >= len(p.carries) {
			return nil, ErrEvent
		}
		p.carries[k] = true
	}
	if len(o.Carry) == 0 {
		for k := range p.carries {
			p.carries[k] = true
		}
	}
	for _, m := range []struct {
		is   []bool
		list []Person
	}{{p.home, o.Home}, {p.had, o.Reached}} {
		for _, x := range m.list {
			if x < 0 || int(x) >= n {
				return nil, ErrEvent
			}
			m.is[x] = true
		}
	}
	by, first := make([]int32, n+1), make([]int32, n+1)
	for _, e := range l.Events {
		by[e.Actor+1]++
		first[e.Target+1]++
		// What reaches the company itself goes no further: who comes to it afterwards comes by himself.
		if p.carries[e.Kind] && e.Actor != e.Target && !p.home[e.Actor] {
			p.carried = append(p.carried, e)
		}
	}
	for i := range n {
		by[i+1] += by[i]
		first[i+1] += first[i]
	}
	byActor, order := make([]int32, len(l.Events)), make([]int32, len(l.Events))
	for i, e := range l.Events {
		byActor[by[e.Actor]] = int32(i)
		by[e.Actor]++
	}
	for _, i := range byActor {
		t := l.Events[i].Target
		order[first[t]] = i
		first[t]++
	}
	p.pairAt = make([]int32, n+1)
	target := Person(0)
	for j, i := range order {
		e := l.Events[i]
		for target < e.Target {
			target++
			p.pairAt[target] = int32(len(p.actor))
		}
		if j == 0 || l.Events[order[j-1]].Target != e.Target || l.Events[order[j-1]].Actor != e.Actor {
			p.actor = append(p.actor, int32(e.Actor))
			p.eventAt = append(p.eventAt, int32(j))
		}
		p.when, p.kind = append(p.when, e.At), append(p.kind, e.Kind)
	}
	for int(target) < n {
		target++
		p.pairAt[target] = int32(len(p.actor))
	}
	p.eventAt = append(p.eventAt, int32(len(order)))
	return p, nil
}

// scene is what was known just before a moment.
type scene struct {
	*past
	now int64
	// Of each pair: how many acts there were and the last of them, all kinds and those that carry.
	acts, carryActs []int32
	last, lastCarry []int64
	// reached says of each person whether he counts no more.
	reached []bool
}

// before gives what was known just before a moment.
func (p *past) before(now int64) *scene {
	k := len(p.actor)
	m := &scene{past: p, now: now, acts: make([]int32, k), carryActs: make([]int32, k), last: make([]int64, k), lastCarry: make([]int64, k)}
	for i := range k {
		for j := p.eventAt[i]; j < p.eventAt[i+1] && p.when[j] < now; j++ {
			m.acts[i]++
			m.last[i] = p.when[j]
			if p.carries[p.kind[j]] {
				m.carryActs[i]++
				m.lastCarry[i] = p.when[j]
			}
		}
	}
	m.reached = slices.Clone(p.had)
	for x, home := range p.home {
		if !home {
			continue
		}
		m.reached[x] = true
		for i := p.pairAt[x]; i < p.pairAt[x+1]; i++ {
			if m.acts[i] > 0 {
				m.reached[p.actor[i]] = true
			}
		}
	}
	return m
}

// kernel says how likely somebody who acted upon a person stands for one whom he reaches next. Each is a member of the
// family that is blended.
type kernel struct {
	name string
	// carry: only acts that hand something on count.
	carry bool
	// life is after how many times the span looked ahead an act counts half; 0 is never.
	life float64
	// steady: those who acted once count half, twice three quarters, and so on.
	steady bool
	// further: who is reached counts for a part of his own audience too.
	further bool
}

// kernels is the whole family, the same for every log. The first is the rule to fall back to.
var kernels = []kernel{
	{name: "all"},
	{name: "all_4", life: 4},
	{name: "all_1", life: 1},
	{name: "carry", carry: true},
	{name: "carry_4", carry: true, life: 4},
	{name: "carry_1", carry: true, life: 1},
	{name: "carry_1/4", carry: true, life: 0.25},
	{name: "carry_steady", carry: true, life: 4, steady: true},
	{name: "carry_further", carry: true, life: 4, further: true},
}

// handed is how much of the audience of somebody reached counts in a kernel that looks further.
const handed = 0.1

// chances are the pairs' chances under a mixture of kernels, and what each person counts.
type chances struct {
	chance []float32
	worth  []float32
	// scale is by how much more or less somebody will reach than the chances say; nil is as they say.
	scale []float64
}

func (m *scene) chances(mix []float64, ahead float64) chances {
	c := chances{chance: make([]float32, len(m.actor)), worth: make([]float32, len(m.reached))}
	for p, r := range m.reached {
		if !r {
			c.worth[p] = 1
		}
	}
	beyond := 0.0
	for k, share := range mix {
		if share == 0 {
			continue
		}
		x := kernels[k]
		n, last := m.acts, m.last
		if x.carry {
			n, last = m.carryActs, m.lastCarry
		}
		for i, acts := range n {
			if acts == 0 {
				continue
			}
			p := share
			if x.life > 0 {
				p *= math.Exp2(-float64(m.now-last[i]) / (x.life * ahead))
			}
			if x.steady {
				p *= 1 - math.Exp2(-float64(acts))
			}
			c.chance[i] += float32(p)
		}
		if x.further {
			beyond += share
		}
	}
	if beyond > 0 {
		own := slices.Clone(c.worth)
		for p := range own {
			for i := m.pairAt[p]; i < m.pairAt[p+1]; i++ {
				if own[p] > 0 {
					c.worth[p] += float32(beyond*handed) * c.chance[i] * own[m.actor[i]]
				}
			}
		}
	}
	return c
}

// reach follows what happened in a window: from the moment on a person hands on whose number in people is i, and whoever
// acts upon somebody who was reached before, with a kind that carries, is reached by the first person from whom such a chain comes
// (time-respecting paths: Holme and Saramäki, Physics Reports 519, 2012). It gives how many people who were not yet reached the
// first 1, 2, ... reach; people themselves do not count.
func (m *scene) reach(people []Person, until int64) []int { return m.reachFrom(people, m.now, until) }

// lately is what people reached in the span just before, as reach has it.
func (m *scene) lately(people []Person, ahead float64) []int {
	return m.reachFrom(people, m.now-int64(ahead), m.now)
}

func (m *scene) reachFrom(people []Person, begin, until int64) []int {
	none := int32(len(people))
	label := make([]int32, len(m.reached))
	for p := range label {
		label[p] = none
	}
	for i, p := range people {
		label[p] = int32(i)
	}
	from, to := m.window(begin, until)
	for _, e := range m.carried[from:to] {
		label[e.Actor] = min(label[e.Actor], label[e.Target])
	}
	for _, p := range people {
		label[p] = none
	}
	count := make([]int, len(people)+1)
	for p, l := range label {
		if !m.reached[p] {
			count[l]++
		}
	}
	for i := 1; i < len(people); i++ {
		count[i] += count[i-1]
	}
	return count[:len(people)]
}

func (m *scene) window(begin, until int64) (from, to int) {
	l := Log{Events: m.carried}
	return l.upTo(begin), l.upTo(until)
}
