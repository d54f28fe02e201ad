package triage

import "slices"

// The most words that a verdict shows, and the least share of what spoke for it that a word must have.
const (
	maxEvidence = 5
	minEvidence = 0.04
)

// evidence gives the words that weighed most for what the verdict says: for criticism where it is or may be some, else
// for the tone, the question, or against criticism. Phrases of the lexicon stay whole.
func (m *Model) evidence(s *scratch, v *Verdict, own int) []Span {
	if len(s.tokens) == 0 {
		return nil
	}
	h, sign := headCriticism, float32(1)
	switch {
	case v.Criticism.Decision != No:
	case v.Spam >= 0.5:
		h = headSpam
	case v.Tone == TonePositive || v.Tone == ToneMixed:
		h = headPositive
	case v.Tone == ToneNegative:
		h = headNegative
	case v.Question >= 0.5:
		h = headQuestion
	default:
		sign = -1
	}
	w := m.weights(s, h, own)
	s.joinPhrases(w)
	total := float32(0)
	for i := range w {
		w[i] *= sign
		if !s.shows(i) {
			w[i] = 0
		}
		total += max(0, w[i])
	}
	if total <= 0 {
		return nil
	}
	var top [maxEvidence]int
	n := 0
	for n < maxEvidence {
		best := -1
		for i := range w {
			if w[i] > float32(minEvidence*total) && (best < 0 || w[i] > w[best]) && !slices.Contains(top[:n], i) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		top[n] = best
		n++
	}
	slices.Sort(top[:n])
	out := make([]Span, 0, n)
	for _, i := range top[:n] {
		last := s.phraseEnd(i)
		a, b := int(s.tokens[i].start), int(s.tokens[last].end)
		out = append(out, Span{Word: s.text[a:b], Start: a, End: b, Weight: float64(w[i] / total)})
	}
	return out
}

// weights gives what each token adds to the score of a head.
func (m *Model) weights(s *scratch, h head, own int) []float32 {
	s.shares = s.shares[:0]
	for range s.tokens {
		s.shares = append(s.shares, 0)
	}
	groups := h.groups()
	var value [groupCount]float32
	for g := range groupCount {
		if groups[g] && s.counts[g] > 0 {
			value[g] = m.lens.worth(g, s.counts[g]) * m.heads[h].scale
		}
	}
	for i := range s.feats {
		f := &s.feats[i]
		if value[f.group] == 0 {
			continue
		}
		x := float32(m.hashed[int(f.at)*int(headCount)+int(h)]) * value[f.group] / float32(f.to-f.from)
		for k := f.from; k < f.to; k++ {
			s.shares[k] += x
		}
	}
	m.denseShares(s, h, own)
	return s.shares
}

// denseShares hands what the sums weigh back to the words that make them.
func (m *Model) denseShares(s *scratch, h head, own int) {
	var bySide [3]float32
	d := &m.heads[h].dense[own]
	for i, x := range s.dense {
		if side := dense(i).side(); side != 0 {
			bySide[side+1] += float32(d[i] * x)
		}
	}
	var pos, neg float32
	var flags [len(flagLetters)]float32
	for i := range s.found {
		pos += s.felt[i].pos
		neg += s.felt[i].neg
		for b := range flagLetters {
			if s.found[i].entry.flags&(1<<b) != 0 {
				flags[b]++
			}
		}
	}
	for i := range s.found {
		f := &s.found[i]
		var x float32
		if v := s.felt[i]; v.pos > 0 {
			x += float32(bySide[2] * v.pos / pos)
		} else if v.neg > 0 {
			x += float32(bySide[0] * v.neg / neg)
		}
		for b := range flagLetters {
			if f.entry.flags&(1<<b) != 0 {
				if k := flagSide(1 << b); k >= 0 {
					x += float32(d[k] * s.dense[k] / flags[b])
				}
			}
		}
		s.shares[f.from] += x
	}
}

// joinPhrases gives the weight of every phrase to its first word.
func (s *scratch) joinPhrases(w []float32) {
	for i := range s.found {
		f := &s.found[i]
		for k := f.from + 1; k < f.to; k++ {
			w[f.from] += w[k]
			w[k] = 0
		}
	}
}

// phraseEnd gives the last token of the phrase that begins at token i.
func (s *scratch) phraseEnd(i int) int {
	for k := range s.found {
		if f := &s.found[k]; int(f.from) == i {
			return int(f.to) - 1
		}
	}
	return i
}

// shows tells whether a token is worth showing: no sign, and no little word that the lexicon does not find telling.
func (s *scratch) shows(i int) bool {
	t := &s.tokens[i]
	for k := range s.found {
		if f := &s.found[k]; int(f.from) == i {
			e := f.entry
			return e.Polarity != 0 || e.themes != 0 || e.Urgency > 0 || e.flags&(flagInsult|flagIrony|flagSpam|flagModal|flagThanks|flagQuestion) != 0 || f.to-f.from > 1
		}
	}
	switch t.kind {
	case kindEmoji:
		return true
	case kindWord:
		return t.to-t.from > 3 && s.persons[i] == personNone
	}
	return false
}
