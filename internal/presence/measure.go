package presence

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// scope is the material of one channel, or of all.
type scope struct {
	*material
	channel int16   // -1 all
	motes   []int32 // numbers in material.motes, by time
	turns   []int32
	faced   map[int32]int32
	end     int64 // of what is looked at
}

func (m *material) scope(channel int16, faced map[int32]int32, end time.Time) *scope {
	s := &scope{material: m, channel: channel, faced: faced, end: end.UnixMicro()}
	for i := range m.motes {
		if channel < 0 || m.motes[i].channel == channel {
			s.motes = append(s.motes, int32(i))
		}
	}
	for i, t := range m.turns {
		if channel < 0 || m.motes[t.first].channel == channel {
			s.turns = append(s.turns, int32(i))
		}
	}
	return s
}

// within gives the numbers of what was said from a moment until another, that one not included.
func (s *scope) within(from, to int64) []int32 {
	a := sort.Search(len(s.motes), func(i int) bool { return s.material.motes[s.motes[i]].at >= from })
	b := sort.Search(len(s.motes), func(i int) bool { return s.material.motes[s.motes[i]].at >= to })
	return s.motes[a:b]
}

func (s *scope) turnsWithin(from, to int64) []int32 {
	a := sort.Search(len(s.turns), func(i int) bool { return s.material.turns[s.turns[i]].at >= from })
	b := sort.Search(len(s.turns), func(i int) bool { return s.material.turns[s.turns[i]].at >= to })
	return s.turns[a:b]
}

// sheet collects the figures of one time.
type sheet struct {
	s            *scope
	from, to     int64
	ours, theirs int
	f            map[Key]*Figure
	prints       map[Key][]print // of the examples
}

// measure works out all figures of a time.
func (s *scope) measure(from, to time.Time) *sheet {
	x := &sheet{s: s, from: from.UnixMicro(), to: to.UnixMicro(), f: map[Key]*Figure{}, prints: map[Key][]print{}}
	for _, t := range Themes {
		for _, k := range t.Keys {
			x.f[k] = &Figure{Key: k}
		}
	}
	ms := s.within(x.from, x.to)
	x.life(ms)
	x.speech(ms)
	x.level(ms)
	x.listening(s.turnsWithin(x.from, x.to))
	x.people(ms, s.turnsWithin(x.from, x.to))
	for k, f := range x.f {
		if k != Gap && !k.Span() && !k.Level() && k != Three {
			slices.SortStableFunc(f.Examples, func(a, b Example) int { return b.At.Compare(a.At) })
		}
		f.Few = f.Of < least[k] || k.Level() && f.TheirsOf < least[k]
	}
	return x
}

// count counts one of a share: yes says that it is one of N.
func (x *sheet) count(k Key, yes bool) {
	x.f[k].Of++
	if yes {
		x.f[k].N++
	}
}

// show keeps an example; of each role the one that comes last, and one that everybody may read before one that not everybody may.
func (x *sheet) show(k Key, i int32, role Role) {
	e := x.example(i, role)
	f := x.f[k]
	for n, have := range f.Examples {
		if have.Role == role {
			if have.Private || !e.Private {
				f.Examples[n] = e
			}
			return
		}
	}
	f.Examples = append(f.Examples, e)
}

// showLast keeps the last examples of a role, as many as the figure shows; what went out on several channels in the same words, once.
func (x *sheet) showLast(k Key, i int32, role Role, at ...[2]int32) {
	e := x.example(i, role)
	if len(at) > 0 {
		e.Start, e.End = int(at[0][0]), int(at[0][1])
	}
	f, prints, most := x.f[k], x.prints[k], mostExamples
	if k == Self {
		most = mostSentences
	}
	of := x.s.material.motes[i].print()
	if slices.Contains(prints, of) || e.Private && len(f.Examples) == most {
		return
	}
	f.Examples, prints = append(f.Examples, e), append(prints, of)
	if len(f.Examples) > most {
		drop := max(0, slices.IndexFunc(f.Examples, func(e Example) bool { return e.Private }))
		f.Examples, prints = slices.Delete(f.Examples, drop, drop+1), slices.Delete(prints, drop, drop+1)
	}
	x.prints[k] = prints
}

// How many examples a figure shows; the sentences about ourselves are the ones that one wants to see.
const (
	mostExamples  = 2
	mostSentences = 12
)

// life looks at the signs of life: what of ours everybody can read.
func (x *sheet) life(ms []int32) {
	weeks := int((x.to - x.from + week.Microseconds() - 1) / week.Microseconds())
	alive := map[int64]bool{}
	last, lastAt, gap := int32(-1), x.from, int64(-1)
	before, after := int32(-1), int32(-1)
	silence := func(at int64, i int32) {
		if at-lastAt > gap {
			gap, before, after = at-lastAt, last, i
		}
	}
	for _, i := range ms {
		m := &x.s.material.motes[i]
		if !m.mine || !m.public {
			continue
		}
		x.f[Gap].Of++
		alive[(x.to-1-m.at)/week.Microseconds()] = true
		silence(m.at, i)
		x.showLast(Weeks, i, IsLast)
		last, lastAt = i, m.at
	}
	silence(x.to, -1)
	x.f[Weeks].N, x.f[Weeks].Of = len(alive), weeks
	x.f[Gap].N = int(gap / (24 * time.Hour).Microseconds())
	if before >= 0 {
		x.show(Gap, before, IsSilent)
	}
	if after >= 0 {
		x.show(Gap, after, IsBack)
	}
}

// speech looks at what of ours everybody can read, and at the criticism that came in.
func (x *sheet) speech(ms []int32) {
	for _, i := range ms {
		m := &x.s.material.motes[i]
		if m.mine {
			x.ours++
		} else {
			x.theirs++
		}
		if !m.public {
			continue
		}
		if !m.mine {
			x.hearing(i, m)
			continue
		}
		if m.tongue > 0 && m.sentences > 0 {
			x.f[Self].N, x.f[Self].Of = x.f[Self].N+int(m.ours), x.f[Self].Of+int(m.sentences)
			x.f[Praise].N, x.f[Praise].Of = x.f[Praise].N+int(m.praise), x.f[Praise].Of+int(m.sentences)
			if m.ours > 0 {
				x.showLast(Self, i, IsSelf, m.self)
			}
			if m.praise > 0 {
				x.showLast(Praise, i, IsPraise, m.boast)
			}
		}
		switch {
		case m.reply:
			x.count(Replies, true)
			x.show(Replies, i, IsReply)
		case m.post:
			x.count(Replies, false)
			x.show(Replies, i, IsPost)
			x.posted(i, m)
		}
	}
}

// posted looks at a post of ours.
func (x *sheet) posted(i int32, m *mote) {
	x.count(Asking, m.asks)
	x.count(Site, m.site)
	x.count(Elsewhere, m.away)
	if m.asks {
		x.showLast(Asking, i, IsAsking)
		x.count(Heard, m.heard)
		if m.heard {
			x.show(Heard, i, IsAnswered)
		} else {
			x.show(Heard, i, IsLeft)
		}
	}
	if m.site {
		x.showLast(Site, i, IsSite)
	}
	if m.away {
		x.showLast(Elsewhere, i, IsAway)
	}
}

// hearing looks at what others said in public.
func (x *sheet) hearing(i int32, m *mote) {
	if !m.spoken {
		return
	}
	x.count(Critical, m.critical)
	if !m.critical {
		return
	}
	x.showLast(Critical, i, IsCritical)
	_, faced := x.s.faced[i]
	fresh := x.s.end-m.at < patience.Microseconds()
	x.count(Withdrew, m.deleted)
	if m.deleted {
		x.showLast(Withdrew, i, IsGone)
	}
	if faced {
		x.show(Faced, i, IsAnswered)
	}
	if fresh && !faced {
		return // there is time yet
	}
	x.count(Faced, faced)
	x.count(Ignored, !faced && !m.deleted)
	if !faced && !m.deleted {
		x.show(Faced, i, IsLeft)
		x.showLast(Ignored, i, IsLeft)
	}
}

// listening looks at who waited for us.
func (x *sheet) listening(ts []int32) {
	var all, in, out []span
	for _, n := range ts {
		t := &x.s.material.turns[n]
		if t.took < 0 && x.s.end-t.at < patience.Microseconds() {
			continue
		}
		answered := t.took >= 0
		x.count(Taken, answered)
		if t.asks {
			x.count(Asked, answered)
		}
		role := IsLeft
		if answered {
			role = IsAnswered
			sp := span{t.took, t.first}
			all = append(all, sp)
			if t.open {
				in = append(in, sp)
			} else {
				out = append(out, sp)
			}
		}
		x.show(Taken, t.first, role)
		if t.asks {
			x.show(Asked, t.first, role)
		}
	}
	x.waited(Wait, all)
	x.waited(WaitIn, in)
	x.waited(WaitOut, out)
}

// span is how long an answer took, and what it answers.
type span struct {
	took int64
	of   int32
}

// waited sums up how long answers took: the middle one, and the one that nine of ten are not beyond.
func (x *sheet) waited(k Key, all []span) {
	f := x.f[k]
	if f.Of = len(all); f.Of == 0 {
		return
	}
	slices.SortStableFunc(all, func(a, b span) int { return cmp.Compare(a.took, b.took) })
	f.Median = micro(all[(len(all)-1)/2].took)
	f.Ninth = micro(all[(9*len(all)+9)/10-1].took)
	x.show(k, all[len(all)-1].of, IsSlow)
	if len(all) > 1 {
		x.show(k, all[0].of, IsQuick)
	}
}

func micro(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// people looks at how many are talked with.
func (x *sheet) people(ms, ts []int32) {
	wrote, answers := map[int32]int32{}, map[int32]int{}
	lastOf := map[int32]int32{}
	for _, i := range ms {
		if m := &x.s.material.motes[i]; m.spoken && m.who >= 0 && !m.deleted {
			if _, ok := wrote[m.who]; !ok {
				wrote[m.who] = i
			}
		}
	}
	total := 0
	for _, n := range ts {
		t := &x.s.material.turns[n]
		if who := x.s.material.motes[t.first].who; t.took >= 0 && who >= 0 {
			answers[who]++
			lastOf[who] = t.answer
			total++
		}
	}
	x.f[People].Of, x.f[Fresh].Of = len(wrote), len(wrote)
	circles := map[int32]bool{}
	for _, who := range byMote(wrote) {
		i := wrote[who]
		if answers[who] > 0 {
			x.f[People].N++
			x.showLast(People, lastOf[who], IsAnswered)
			if c := x.s.circle[who]; c >= 0 {
				circles[c] = true
			}
		}
		if x.s.first[who] >= x.from {
			x.f[Fresh].N++
			x.showLast(Fresh, i, IsNew)
		}
	}
	most := byMote(lastOf)
	slices.SortStableFunc(most, func(a, b int32) int { return cmp.Compare(answers[b], answers[a]) })
	x.f[Three].Of = total
	for n, who := range most[:min(3, len(most))] {
		x.f[Three].N += answers[who]
		if n < 2 {
			x.f[Three].Examples = append(x.f[Three].Examples, x.example(lastOf[who], IsMost))
		}
	}
	x.f[Circles].N, x.f[Circles].Of = len(circles), x.s.circles
}

func (x *sheet) example(i int32, role Role) Example {
	m := &x.s.material.motes[i]
	return Example{ID: m.id, At: time.UnixMicro(m.at).UTC(), Role: role, Private: !m.public}
}

// byMote gives the people of a map in the order of what stands beside them.
func byMote(m map[int32]int32) []int32 {
	out := make([]int32, 0, len(m))
	for who := range m {
		out = append(out, who)
	}
	slices.SortFunc(out, func(a, b int32) int { return cmp.Or(cmp.Compare(m[a], m[b]), cmp.Compare(a, b)) })
	return out
}
