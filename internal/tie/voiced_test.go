package tie

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// voiced draws the log of a company whose truth is known: voices post, those who follow them share it, and those who follow these
// share it in turn. Every share after a post of somebody is caused by it.
type voiced struct {
	people, voices, days int
	circles              int     // each voice is followed within one circle mostly
	posts                float64 // of a voice a day, at the median
	drift                float64 // how much the logarithm of a voice's rate moves a day
	newcomers            float64 // the part of people who come one by one, and follow voices that post then
	noise                float64 // answers to celebrities, who never post, for each share
	talk                 float64 // answers of those who follow to a post, for each share that they make
	burst                float64 // by how much more voices post in the last fifth of the days, some more than others
}

const dayLong = 24 * 3600

func (c voiced) draw(seed uint64) *Log {
	r := rand.New(rand.NewPCG(seed, 31))
	l := &Log{Names: make([]string, c.people), Kinds: []string{"", "share", "answer"}}
	begin := int64(1_700_000_000)
	arrives := make([]int64, c.people)
	for p := range arrives {
		if p >= c.voices && r.Float64() < c.newcomers {
			arrives[p] = int64(r.Float64() * float64(c.days) * dayLong)
		}
	}
	// Who follows whom: voices have audiences of very different sizes; everybody has a few friends.
	follow := make([][]Person, c.people)
	for v := range c.voices {
		size := int(min(math.Exp(r.NormFloat64()*1.2)*float64(c.people)/float64(c.voices)*2, float64(c.people)/3))
		for range size {
			p := r.IntN(c.people)
			if r.Float64() < 0.8 {
				p = (p/c.circles)*c.circles + v%c.circles // of the same circle
			}
			if p < c.people && p != v {
				follow[v] = append(follow[v], Person(p))
			}
		}
	}
	for p := c.voices; p < c.people; p++ {
		for range r.IntN(4) {
			follow[p] = append(follow[p], Person(r.IntN(c.people)))
		}
	}
	keen := make([]float64, c.people)
	for p := range keen {
		keen[p] = min(0.08*math.Exp(r.NormFloat64()), 0.9)
	}
	rate := make([]float64, c.voices)
	for v := range rate {
		rate[v] = math.Log(c.posts) + r.NormFloat64()
	}
	var spread func(from Person, at int64, item int64, had map[Person]bool)
	spread = func(from Person, at int64, item int64, had map[Person]bool) {
		for _, p := range follow[from] {
			if had[p] || int(p) < c.voices || arrives[p] > at || r.Float64() > keen[p] {
				continue
			}
			for left := c.talk * (0.5 + r.Float64()); r.Float64() < left; left-- {
				q := follow[from][r.IntN(len(follow[from]))]
				l.Events = append(l.Events, Event{Actor: q, Target: from, At: begin + at + int64(r.ExpFloat64()*3*3600), Kind: 2, Item: item})
			}
			had[p] = true
			when := at + 60 + int64(r.ExpFloat64()*2*3600)
			l.Events = append(l.Events, Event{Actor: p, Target: from, At: begin + when, Kind: 1, Item: item})
			spread(p, when, item, had)
		}
	}
	item := int64(0)
	for day := range c.days {
		if c.burst > 0 && day == c.days*4/5 {
			for v := range rate {
				rate[v] += math.Log(c.burst) * r.ExpFloat64()
			}
		}
		for v := range rate {
			rate[v] += c.drift*r.NormFloat64() - c.drift*c.drift/2
			for left := math.Exp(rate[v]); r.Float64() < left; left-- {
				item++
				at := int64((float64(day) + r.Float64()) * dayLong)
				spread(Person(v), at, item, map[Person]bool{Person(v): true})
			}
		}
	}
	shares := len(l.Events)
	for range int(c.noise * float64(shares)) {
		star := Person(c.people - 1 - int(r.ExpFloat64()*float64(c.voices)/4)%c.voices)
		l.Events = append(l.Events, Event{Actor: Person(r.IntN(c.people)), Target: star, At: begin + int64(r.Float64()*float64(c.days)*dayLong), Kind: 2})
	}
	slices.SortStableFunc(l.Events, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
	return l
}
