package triage

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Signature says in 64 bytes what a text is about, so that the same complaint is found again. It can be stored; the
// zero value is about nothing. Signatures of the two languages do not meet.
type Signature [64]byte

// The layout of a signature: its version, how many features follow, two spare bytes, the features in order, each four
// bytes of hash and one of weight.
const (
	signatureVersion = 1
	signatureHead    = 4
	signatureMost    = 12
)

// Same is from which similarity on two texts complain about the same. On our own pairs nine of ten that are found are
// right.
const Same = 0.40

// oneInCommon is what is left of the similarity when two texts share one thing only: both speak of the advertisement.
const oneInCommon = 0.7

// trace is a feature of a signature.
type trace struct {
	hash   uint32
	weight uint8
}

// How much the parts of a text say about what it is about.
const (
	weighsTheme   = 10 // words of a theme
	weighsUnknown = 7  // words that no list knows
	weighsKnown   = 4  // good and bad words, common nouns
	weighsConcept = 5  // what a bad or good word of a theme means, whatever the word
)

// Signature tells what a text is about: its telling words, by their stems, and what the lexicon says they are.
func (m *Model) Signature(text string) Signature {
	s := m.borrow()
	defer m.giveBack(s)
	s.begin(text, m.names)
	s.hear(&m.vocabulary)
	var raw scores
	m.sum(s, letterGroups, headItalian, headOther, &raw)
	m.addTongue(s, &raw)
	s.look(m.language(s, &raw))
	return s.signature(m.common)
}

func (s *scratch) signature(common *commonWords) Signature {
	var traces [64]trace
	all := traces[:0]
	add := func(h uint64, weight int) {
		t := trace{hash: uint32(mix(h) >> 32), weight: uint8(weight)}
		for i := range all {
			if all[i].hash == t.hash {
				all[i].weight = max(all[i].weight, t.weight)
				return
			}
		}
		if len(all) < cap(all) {
			all = append(all, t)
		}
	}
	next := 0
	for i := range s.tokens {
		for next < len(s.found) && int(s.found[next].to) <= i {
			next++
		}
		t := &s.tokens[i]
		if t.kind != kindWord || s.persons[i] != personNone || t.to-t.from < 3 {
			continue
		}
		word := s.fold[t.from:t.to]
		weight := weighsUnknown
		if next < len(s.found) && int(s.found[next].from) <= i {
			e := s.found[next].entry
			switch {
			case e.flags&(flagNegator|flagBooster|flagDiminisher|flagBut|flagQuestion|flagModal|flagThanks) != 0 && e.Polarity == 0 && e.themes == 0:
				continue
			case e.themes != 0 && e.Polarity == 0:
				weight = weighsTheme
			case e.themes == 0:
				weight = weighsKnown
			}
		}
		if common.in(word)&(inItalian|inEnglish) != 0 {
			if weight == weighsUnknown {
				continue
			}
			weight = min(weight, weighsKnown)
		}
		s.stem = stem(append(s.stem[:0], word...))
		if len(s.stem) > 6 {
			s.stem = s.stem[:6]
		}
		h := hashBytes(hashSeed+30, s.stem)
		if thing := sameThing(string(s.stem)); thing != "" {
			h = hashBytes(hashSeed+31, thing)
		}
		add(h, weight)
	}
	for i := range s.found {
		e, v := s.found[i].entry, s.felt[i]
		if v.pos == 0 && v.neg == 0 || e.themes == 0 {
			continue
		}
		for k := range nThemes {
			if e.themes&(1<<k) != 0 {
				sign := uint64(1)
				if v.neg > 0 {
					sign = 2
				}
				add(hashSeed+40+uint64(k)*8+sign, weighsConcept)
			}
		}
	}
	slices.SortFunc(all, func(a, b trace) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.hash, b.hash))
	})
	all = all[:min(len(all), signatureMost)]
	slices.SortFunc(all, func(a, b trace) int { return cmp.Compare(a.hash, b.hash) })
	var out Signature
	if len(all) == 0 {
		return out
	}
	out[0], out[1] = signatureVersion, byte(len(all))
	for i, t := range all {
		at := signatureHead + 5*i
		binary.LittleEndian.PutUint32(out[at:], t.hash)
		out[at+4] = t.weight
	}
	return out
}

// trace gives feature i.
func (g *Signature) trace(i int) trace {
	at := signatureHead + 5*i
	return trace{hash: binary.LittleEndian.Uint32(g[at:]), weight: g[at+4]}
}

// Nearest tells how much two texts are about the same, from 0 to 1: the cosine of what their signatures weigh. From
// Same on it is the same complaint. It is symmetric, and 0 when one is about nothing.
func Nearest(a, b Signature) float64 {
	if a[0] != signatureVersion || b[0] != signatureVersion {
		return 0
	}
	n, m := min(int(a[1]), signatureMost), min(int(b[1]), signatureMost)
	var dot, aa, bb float64
	for i := range n {
		w := float64(a.trace(i).weight)
		aa += float64(w * w)
	}
	for i := range m {
		w := float64(b.trace(i).weight)
		bb += float64(w * w)
	}
	shared := 0
	for i, k := 0, 0; i < n && k < m; {
		x, y := a.trace(i), b.trace(k)
		switch {
		case x.hash < y.hash:
			i++
		case x.hash > y.hash:
			k++
		default:
			dot += float64(float64(x.weight) * float64(y.weight))
			shared++
			i++
			k++
		}
	}
	if dot == 0 {
		return 0
	}
	x := min(1, dot/float64(sqrt(aa)*sqrt(bb)))
	if shared == 1 && a != b {
		x = float64(x * oneInCommon)
	}
	return x
}
