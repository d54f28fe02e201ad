package triage

// memory holds what members said about texts, word for word: a text that was corrected comes out as they said.
type memory map[uint64]remembered

// remembered is what a member said about one text; what they did not say is not known.
type remembered struct {
	labels  labelSet
	tone    Tone
	critic  bool
	themes  themeSet
	urgency int
}

// key gives the name of a text in the memory: its words and pictures, however they are written; of a text that has
// none, its signs.
func (s *scratch) key() uint64 {
	h, some := uint64(hashSeed), false
	for i := range s.tokens {
		if t := &s.tokens[i]; t.kind.looked() || t.kind == kindQuestion {
			h = hashByte(hashBytes(h, s.fold[t.from:t.to]), byte(t.kind))
			some = some || t.kind.looked()
		}
	}
	if !some {
		h = hashBytes(hashSeed, s.text)
	}
	return mix(h)
}

// sure is the probability of what a member has said.
const sure = 0.98

// recall puts what a member said over what the model thinks.
func (m memory) recall(s *scratch, v *Verdict, themes *themeSet, urgency *int, cues *cueSet) {
	if len(m) == 0 {
		return
	}
	r, ok := m[s.key()]
	if !ok {
		return
	}
	if r.labels&knowsCriticism != 0 {
		if r.critic {
			v.Criticism = Opinion{P: max(v.Criticism.P, sure), Decision: Yes}
		} else {
			v.Criticism = Opinion{P: min(v.Criticism.P, 1-sure), Decision: No}
		}
	}
	if r.labels&knowsTone != 0 {
		v.Tone = r.tone
		v.Negative = agree(v.Negative, r.tone == ToneNegative || r.tone == ToneMixed)
		v.Positive = agree(v.Positive, r.tone == TonePositive || r.tone == ToneMixed)
	}
	if r.labels&knowsThemes != 0 {
		*themes = r.themes
	}
	if r.labels&knowsUrgency != 0 {
		*urgency = r.urgency
		if r.urgency == 0 {
			*cues = 0
		}
	}
}

func agree(p float64, yes bool) float64 {
	if yes {
		return max(p, sure)
	}
	return min(p, 1-sure)
}
