package triage

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// difference writes what a model has learned upon its base.
func (m *Model) difference() []byte {
	var w writer
	w.text(m.base.hash)
	w.count(len(m.names.words))
	for _, word := range m.names.words {
		w.text(word)
	}
	w.count(len(m.memory))
	for _, key := range slices.Sorted(maps.Keys(m.memory)) {
		r := m.memory[key]
		w.word(key)
		w.byte(byte(r.labels))
		w.byte(byte(slices.Index(tones[:], r.tone) + 1))
		w.byte(b2i(r.critic))
		w.b = binary.LittleEndian.AppendUint16(w.b, uint16(r.themes))
		w.byte(byte(r.urgency))
	}
	w.double(m.score)
	for h := range m.heads {
		now, was := m.heads[h].list(), m.base.heads[h].list()
		for i := range now {
			w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(*now[i])^math.Float32bits(*was[i]))
		}
	}
	last, n := -1, 0
	var list writer
	for i, v := range m.hashed {
		if v != m.base.hashed[i] {
			list.count(i - last)
			list.byte(byte(v))
			last = i
			n++
		}
	}
	w.count(n)
	w.b = append(w.b, list.b...)
	return w.b
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// readLearnt reads a difference and puts it upon its base.
func readLearnt(b []byte, base *Model) (*Model, error) {
	p := parser{b: b}
	if from := p.text(64); p.bad {
		return nil, ErrDamaged
	} else if from != base.hash {
		return nil, ErrOtherBase
	}
	m := base.child()
	words := make([]string, 0, 16)
	for range p.count(maxWords) {
		words = append(words, p.text(400))
	}
	m.names = newOwnNames(words)
	for range p.count(1 << 20) {
		key := p.word()
		r := remembered{labels: labelSet(p.byte())}
		tone := int(p.byte())
		r.critic = p.byte() == 1
		if pair := p.take(2); pair != nil {
			r.themes = themeSet(binary.LittleEndian.Uint16(pair)) & (1<<nThemes - 1)
		}
		r.urgency = int(p.byte())
		if p.bad || tone > len(tones) || r.urgency > 3 || r.labels&knowsTone != 0 && tone == 0 {
			return nil, ErrDamaged
		}
		if tone > 0 {
			r.tone = tones[tone-1]
		}
		m.memory[key] = r
	}
	m.score = p.double()
	for h := range m.heads {
		for _, x := range m.heads[h].list() {
			if b := p.take(4); b != nil {
				*x = p.sane(math.Float32frombits(math.Float32bits(*x) ^ binary.LittleEndian.Uint32(b)))
			}
		}
	}
	at := -1
	for range p.count(len(m.hashed)) {
		at += p.count(len(m.hashed))
		v := p.byte()
		if p.bad || at < 0 || at >= len(m.hashed) {
			return nil, ErrDamaged
		}
		m.hashed[at] = int8(v)
	}
	if p.bad || len(p.b) > 0 {
		return nil, ErrDamaged
	}
	m.seal()
	return m, nil
}
