package triage

import "slices"

// The most words that a verdict shows, and the least share of what spoke for it that a word must have.
const (
	maxEvidence = 5
	minEvidence = 0.05
)

// What a word's weight counts when words are chosen to be shown: all of it where the lexicon says that it means what the
// verdict says, less where it only names the matter, least where nothing is known of it.
const (
	countsWhole  = 1
	countsMatter = 0.5
	countsPlain  = 0.4
)

// piece is a word, a phrase of the lexicon, or a word with the negator before it, and what it weighed.
type piece struct {
	from, to int32 // tokens, to excluded
	weight   float32
	says     bool // an entry that says something by itself, and does not only negate
}

// evidence gives the words that weighed most for what the verdict says: for criticism where it is or may be some, else
// for the tone, the question, or against criticism. Phrases of the lexicon stay whole, and a negator stays with what it
// negates.
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
	for i := range w {
		w[i] *= sign
	}
	means := func(k int) float32 { return s.means(k, h, v) }
	total := s.cutPieces(w, means, m.common)
	if total <= 0 { // nothing that means it: whatever weighed
		total = s.cutPieces(w, s.shows, nil)
	}
	if total <= 0 {
		return nil
	}
	var top [maxEvidence]int
	n := 0
	for n < maxEvidence {
		best := -1
		for i := range s.pieces {
			p := &s.pieces[i]
			if p.weight > float32(minEvidence*total) && (best < 0 || p.weight > s.pieces[best].weight) && !slices.Contains(top[:n], i) {
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
		p := &s.pieces[i]
		a, b := int(s.tokens[p.from].start), int(s.tokens[p.to-1].end)
		out = append(out, Span{Word: s.text[a:b], Start: a, End: b, Weight: float64(p.weight / total)})
	}
	return out
}

// cutPieces cuts the text into pieces, gives each what its words weighed, as far as it counts, and tells the sum of what
// is above zero. means tells what an entry's weight counts; words that are common never count.
func (s *scratch) cutPieces(w []float32, means func(k int) float32, common *commonWords) float32 {
	s.pieces = s.pieces[:0]
	next := 0
	for i := int32(0); int(i) < len(s.tokens); {
		p := piece{from: i, to: i + 1}
		counts := float32(0)
		if next < len(s.found) && s.found[next].from == i {
			p.to = s.found[next].to
			counts = means(next)
			p.says = counts > 0 && s.found[next].entry.flags&flagNegator == 0
			if p.says && s.felt[next].negated {
				p.from = s.takeNegator(s.felt[next].negator, i)
			}
			next++
		} else {
			counts = s.plain(int(i), common)
		}
		i = p.to
		for k := p.from; k < p.to; k++ {
			p.weight += w[k]
		}
		p.weight = float32(p.weight * counts)
		s.pieces = append(s.pieces, p)
	}
	total := float32(0)
	for i := range s.pieces {
		total += max(0, s.pieces[i].weight)
	}
	return total
}

// takeNegator takes the pieces from a negator on back, as long as none of them says something by itself, and gives where
// the piece that takes them begins.
func (s *scratch) takeNegator(negator, word int32) int32 {
	n := len(s.pieces)
	for n > 0 && s.pieces[n-1].from >= negator {
		n--
		if s.pieces[n].says && s.pieces[n].weight > 0 {
			return word
		}
	}
	if n == len(s.pieces) || s.pieces[n].from != negator {
		return word
	}
	s.pieces = s.pieces[:n]
	return negator
}

// means tells what the weight of a found entry counts for a head: nothing where it says the contrary, unless that is
// meant ironically.
func (s *scratch) means(k int, h head, v *Verdict) float32 {
	e, felt := s.found[k].entry, s.felt[k]
	bad := h == headNegative || h == headCriticism && v.Criticism.Decision != No
	switch {
	case e.flags&flagInsult != 0 && bad, e.flags&flagIrony != 0 && bad, e.flags&flagSpam != 0 && h == headSpam,
		e.flags&flagQuestion != 0 && h == headQuestion, e.flags&flagThanks != 0 && h == headPositive, e.Urgency > 0 && bad && !felt.negated:
		return countsWhole
	case felt.pos > 0 && bad:
		if v.Irony >= 0.5 {
			return countsMatter
		}
		return 0
	case felt.neg > 0 && h == headPositive:
		return 0
	case felt.pos > 0, felt.neg > 0:
		return countsWhole
	case e.themes != 0, e.flags&flagModal != 0 && s.found[k].to-s.found[k].from > 1: // a wish of one word is a little word
		return countsMatter
	case s.found[k].to-s.found[k].from > 1 && e.flags&(flagNegator|flagBut|flagBooster|flagDiminisher) == 0:
		return countsPlain
	}
	return 0
}

// plain tells what the weight of a token counts of which the lexicon knows nothing.
func (s *scratch) plain(i int, common *commonWords) float32 {
	t := &s.tokens[i]
	switch t.kind {
	case kindEmoji:
		return countsMatter
	case kindWord:
		w := s.fold[t.from:t.to]
		if len(w) > 3 && s.persons[i] == personNone && (common == nil || common.in(w)&(inItalian|inEnglish) == 0) {
			return countsPlain
		}
	}
	return 0
}

// shows counts every entry in full that says anything at all.
func (s *scratch) shows(k int) float32 {
	f := &s.found[k]
	e := f.entry
	if e.Polarity != 0 || e.themes != 0 || e.Urgency > 0 || e.flags&(flagInsult|flagIrony|flagSpam|flagModal|flagThanks|flagQuestion) != 0 || f.to-f.from > 1 {
		return countsWhole
	}
	return 0
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
