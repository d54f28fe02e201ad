package tie

import (
	"cmp"
	"math"
	"slices"
)

// rules are the names of the simple rules for a log: Cover first.
func (p *past) rules() []string {
	names := []string{Cover, Audience, Active, Recent}
	count := make([]int, len(p.carries))
	for _, k := range p.kind {
		count[k]++
	}
	var kinds []int
	for k, n := range count {
		if n > 0 {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) < 2 {
		return names // one kind is all kinds
	}
	slices.SortStableFunc(kinds, func(a, b int) int { return cmp.Compare(count[b], count[a]) })
	for _, k := range kinds[:min(len(kinds), maxRuleKinds)] {
		names = append(names, OfKind(p.log.Kinds[k]))
	}
	return names
}

// byRule chooses by a simple rule. What it expects is how many different people who are new acted upon those chosen.
func (m *scene) byRule(name string, d desk, ahead float64) ranking {
	everyone := m.chances([]float64{1}, ahead)
	score := make([]float64, len(m.reached))
	switch name {
	case Cover:
		return m.greedy(everyone, d)
	case Audience:
		for p := range score {
			for i := m.pairAt[p]; i < m.pairAt[p+1]; i++ {
				if m.acts[i] > 0 && !m.reached[m.actor[i]] {
					score[p]++
				}
			}
		}
	case Active:
		for i, x := range m.actor {
			score[x] += float64(m.acts[i])
		}
	case Recent:
		for p := range score {
			for i := m.pairAt[p]; i < m.pairAt[p+1]; i++ {
				for j := m.eventAt[i]; j < m.eventAt[i+1] && m.when[j] < m.now; j++ {
					score[p] += math.Exp2(-float64(m.now-m.when[j]) / ahead)
				}
			}
		}
	default:
		kind := Kind(max(slices.IndexFunc(m.log.Kinds, func(k string) bool { return OfKind(k) == name }), 0))
		for i := range m.actor {
			had := false
			for j := m.eventAt[i]; j < m.eventAt[i+1] && m.when[j] < m.now && !had; j++ {
				had = m.kind[j] == kind
			}
			if !had {
				everyone.chance[i] = 0
			}
		}
		return m.greedy(everyone, d)
	}
	return m.expect(most(score, d), everyone)
}

// most are those of the highest score who are not barred and within the budget.
func most(score []float64, d desk) []Person {
	var all []Person
	for p, s := range score {
		if s > 0 && !d.barred[p] {
			all = append(all, Person(p))
		}
	}
	key := func(p Person) float64 {
		s := score[p] / d.price(int(p))
		if d.asked != nil {
			s *= math.Exp2(-float64(d.asked[p]))
		}
		return s
	}
	slices.SortFunc(all, func(a, b Person) int { return cmp.Or(cmp.Compare(key(b), key(a)), cmp.Compare(a, b)) })
	var out []Person
	spent := 0.0
	for _, p := range all {
		if len(out) == d.k {
			break
		}
		if x := d.price(int(p)); spent+x <= d.budget+1e-9 {
			spent += x
			out = append(out, p)
		}
	}
	return out
}

// expect gives people in their order with how much of the chances they cover.
func (m *scene) expect(people []Person, c chances) ranking {
	left := slices.Clone(c.worth)
	r := ranking{people: people}
	sum := 0.0
	for _, p := range people {
		left[p] = 0
		for i := m.pairAt[p]; i < m.pairAt[p+1]; i++ {
			x := m.actor[i]
			sum += float64(c.chance[i]) * float64(left[x])
			left[x] *= 1 - min(c.chance[i], 1)
		}
		r.total = append(r.total, sum)
	}
	return r
}

// shareTaken is how likely somebody takes something over from those he acts upon, all of them together.
const shareTaken = 0.2

// byCascade chooses by the damped cascade alone.
func (m *scene) byCascade(d desk) ranking {
	c := m.cascade()
	if c == nil {
		return ranking{}
	}
	o := SpreadOptions{K: d.k, Seed: d.seed, MaxSets: 1 << 16}
	for p, r := range m.reached {
		if r {
			o.Reached = append(o.Reached, Person(p))
		}
		if d.barred[p] {
			o.Barred = append(o.Barred, Person(p))
		}
	}
	s, err := c.Choose(o)
	if err != nil {
		return ranking{} // nobody is left to be chosen or reached
	}
	return ranking{people: s.Chosen, total: s.Total}
}

// cascade is the damped cascade of the events before: somebody takes things over from those he acted upon in proportion to his
// acts that carried.
func (m *scene) cascade() *Cascade {
	all := make([]float64, len(m.reached))
	for i, x := range m.actor {
		all[x] += float64(m.carryActs[i])
	}
	var arcs []Arc
	for p := range m.reached {
		for i := m.pairAt[p]; i < m.pairAt[p+1]; i++ {
			if n := m.carryActs[i]; n > 0 {
				arcs = append(arcs, Arc{From: Person(p), To: Person(m.actor[i]), Chance: shareTaken * float64(n) / all[m.actor[i]]})
			}
		}
	}
	c, err := NewCascade(len(m.reached), arcs)
	if err != nil {
		return nil
	}
	return c
}
