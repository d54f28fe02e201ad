package presence

import (
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// mostParts is in how many parts at most a time is shown.
const mostParts = 13

// draw makes the portrait of a material. It depends on nothing else.
func draw(m *material) *Portrait {
	p := &Portrait{At: m.now, Until: m.now, Said: len(m.motes), Own: m.own}
	p.Hosts = sortedIDs(m.hosts.seen)
	for i := range m.motes {
		if m.motes[i].mine {
			p.Ours++
		}
	}
	if len(m.motes) == 0 {
		return p
	}
	p.First = time.UnixMicro(m.motes[0].at).UTC()
	if last := time.UnixMicro(m.motes[len(m.motes)-1].at).UTC().Add(time.Microsecond); !m.live || last.After(m.now) {
		p.Until, p.Ended = last, m.now.Sub(last) > week
	}
	if p.Short() {
		return p
	}
	faced := m.faced()
	all := m.scope(-1, faced, p.Until)
	p.Views = append(p.Views, all.views("", p.Until)...)
	if len(m.channels) > 1 {
		for i, ch := range m.channels {
			p.Views = append(p.Views, m.scope(int16(i), faced, p.Until).views(ch, p.Until)...)
		}
	}
	return p
}

// views draws all periods of a channel.
func (s *scope) views(ch network.ChannelID, until time.Time) []View {
	if len(s.motes) == 0 {
		return nil
	}
	first := time.UnixMicro(s.material.motes[s.motes[0]].at).UTC()
	whole := int((until.Sub(first) + week - 1) / week)
	var out []View
	for _, weeks := range Periods {
		if weeks == 0 {
			out = append(out, s.view(ch, 0, whole, whole, until))
		} else if weeks < whole {
			out = append(out, s.view(ch, weeks, weeks, whole, until))
		}
	}
	return out
}

// view draws one period: n weeks, of as many as there are.
func (s *scope) view(ch network.ChannelID, weeks, n, whole int, until time.Time) View {
	v := View{Channel: ch, Weeks: weeks, First: time.UnixMicro(s.material.motes[s.motes[0]].at).UTC(), To: until, From: until.Add(-time.Duration(n) * week), Figures: map[Key]Figure{}}
	now := s.measure(v.From, v.To)
	v.Ours, v.Theirs = now.ours, now.theirs
	var before *sheet
	if past := min(n, whole-n); 2*past >= n { // at least half as long
		v.Before = v.From.Add(-time.Duration(past) * week)
		before = s.measure(v.Before, v.From)
	}
	each := (n + mostParts - 1) / mostParts
	var parts []*sheet
	for k := (n + each - 1) / each; k > 0 && n > 1; k-- {
		from, to := until.Add(-time.Duration(min(k*each, n))*week), until.Add(-time.Duration((k-1)*each)*week)
		parts = append(parts, s.measure(from, to))
	}
	for k, f := range now.f {
		if before != nil {
			b := *before.f[k]
			b.Examples = nil
			f.Before = &b
		}
		if k != Circles && k != Gap && k != Register && k != Three {
			for _, part := range parts {
				x := part.f[k]
				f.Series = append(f.Series, Point{From: time.UnixMicro(part.from).UTC(), N: x.N, Of: x.Of, Median: x.Median, Ours: x.Ours})
			}
		}
		v.Figures[k] = *f
	}
	if n == whole { // everybody is new to all of the past
		v.Figures[Fresh] = Figure{Key: Fresh, Few: true}
	}
	if b := v.Figures[Circles].Before; b != nil { // who was in which circle then is not known
		f := v.Figures[Circles]
		f.Before = nil
		v.Figures[Circles] = f
	}
	return v
}
