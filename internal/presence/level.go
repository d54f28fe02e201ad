package presence

import (
	"cmp"
	"slices"

	"github.com/ponte-desk/ponte/internal/writing"
)

// amount is what a formula of readability is made of.
type amount struct{ texts, sentences, words, letters, syllables int }

func (a *amount) add(m *mote) {
	a.texts++
	a.sentences += int(m.sentences)
	a.words += int(m.words)
	a.letters += int(m.letters)
	a.syllables += int(m.syllables)
}

// level sets how we write beside how others write to us. Texts are read in the language that we use most; over so many sentences a formula that
// says little of a single post says something.
func (x *sheet) level(ms []int32) {
	ours, theirs := make([]amount, len(tongues)), make([]amount, len(tongues))
	for _, i := range ms {
		m := &x.s.material.motes[i]
		if !m.public || m.deleted || m.tongue == 0 || !m.mine && !m.spoken {
			continue
		}
		if m.mine {
			ours[m.tongue].add(m)
		} else {
			theirs[m.tongue].add(m)
		}
	}
	n := 0
	for i := range ours {
		if ours[i].words > ours[n].words {
			n = i
		}
	}
	if n == 0 {
		return
	}
	a, b := ours[n], theirs[n]
	ease, length := x.f[Ease], x.f[Length]
	ease.Language, length.Language = tongues[n], tongues[n]
	ease.Of, ease.TheirsOf = a.words, b.words
	length.Of, length.TheirsOf = a.sentences, b.sentences
	ease.Ours, _ = writing.Ease(tongues[n], a.sentences, a.words, a.letters, a.syllables)
	ease.Theirs, _ = writing.Ease(tongues[n], b.sentences, b.words, b.letters, b.syllables)
	if a.sentences > 0 {
		length.Ours = float64(a.words) / float64(a.sentences)
	}
	if b.sentences > 0 {
		length.Theirs = float64(b.words) / float64(b.sentences)
	}
	x.hardest(ms, uint8(n))
	if tongues[n] == "it" {
		x.register(ms)
	}
}

// hardest shows the two sentences of ours that are hardest to read.
func (x *sheet) hardest(ms []int32, tongue uint8) {
	var hard []int32
	for _, i := range ms {
		if m := &x.s.material.motes[i]; m.mine && m.public && m.tongue == tongue && m.hardness > 0 {
			hard = append(hard, i)
		}
	}
	slices.SortStableFunc(hard, func(a, b int32) int {
		return cmp.Compare(x.s.material.motes[b].hardness, x.s.material.motes[a].hardness)
	})
	var seen []print
	for _, i := range hard {
		m := &x.s.material.motes[i]
		if slices.Contains(seen, m.print()) {
			continue
		}
		seen = append(seen, m.print())
		e := x.example(i, IsHard)
		e.Start, e.End = int(m.hard[0]), int(m.hard[1])
		x.f[Ease].Examples = append(x.f[Ease].Examples, e)
		x.f[Length].Examples = append(x.f[Length].Examples, e)
		if len(seen) == mostExamples {
			return
		}
	}
}

// register counts how Italian texts speak to people. A text that does so in more than one way counts for the way it uses most.
func (x *sheet) register(ms []int32) {
	f := x.f[Register]
	roles := []Role{IsTu, IsVoi, IsLei}
	for _, i := range ms {
		m := &x.s.material.motes[i]
		if !m.public || m.deleted || !m.mine && !m.spoken {
			continue
		}
		ways := []uint8{m.tu, m.voi, m.lei}
		most := slices.Max(ways)
		if most == 0 {
			continue
		}
		way := slices.Index(ways, most)
		if !m.mine {
			f.TheirWays[way]++
			f.TheirsOf++
			continue
		}
		f.OurWays[way]++
		f.Of++
		x.show(Register, i, roles[way])
	}
	f.N = slices.Max(f.OurWays[:])
	if len(f.Examples) > 2 { // the way used most, and the one used least
		slices.SortStableFunc(f.Examples, func(a, b Example) int {
			return cmp.Compare(f.OurWays[slices.Index(roles, b.Role)], f.OurWays[slices.Index(roles, a.Role)])
		})
		f.Examples = []Example{f.Examples[0], f.Examples[len(f.Examples)-1]}
	}
}
