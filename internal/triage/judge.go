package triage

// Judge tells what a text carries. It is pure and may be called from anywhere at once. Of a very long text only the
// beginning is read.
func (m *Model) Judge(text string) Verdict {
	s := m.borrow()
	defer m.giveBack(s)
	return m.judge(s, text, "")
}

// judge judges with a scratch of one's own; lang is the language when it is known already, "" when not.
func (m *Model) judge(s *scratch, text string, lang Language) Verdict {
	s.begin(text, m.names)
	if len(s.tokens) == 0 {
		return Verdict{Language: Undetermined, Tone: ToneNeutral, Criticism: Opinion{Decision: No}, Themes: []Theme{}}
	}
	s.hear(&m.vocabulary)
	var raw scores
	if lang == "" {
		m.sum(s, letterGroups, headItalian, headOther, &raw)
		m.addTongue(s, &raw)
		lang = m.language(s, &raw)
	}
	s.look(lang)
	own := 2
	if l := langIndex(lang); l >= 0 {
		own = int(l)
	}
	m.sum(s, toneGroups, headNegative, headItalian-1, &raw)
	m.addDense(s, own, &raw)

	curve := own % 2 // what is in neither language is read as Italian
	var p [headCount]float64
	for h := headNegative; h < headItalian; h++ {
		p[h] = m.heads[h].platt[curve].of(raw[h])
	}
	b := &m.bands[curve]
	v := Verdict{
		Language: lang, Tone: b.tone(p[headNegative], p[headPositive]),
		Negative: p[headNegative], Positive: p[headPositive], Question: p[headQuestion], Praise: p[headPraise],
		Spam: p[headSpam], Insult: p[headInsult], Irony: p[headIrony],
	}
	v.Criticism = b.criticism(p[headCriticism], p[headIrony], lang)
	themes := b.themes(p[:])
	urgency, cues := s.urgency(p[:], b)
	m.memory.recall(s, &v, &themes, &urgency, &cues)
	v.Themes, v.Urgency, v.Cues = themes.list(), urgency, cues.list()
	v.Evidence = m.evidence(s, &v, own)
	return v
}

// criticism decides about criticism. Irony never turns a decision round: it only brings in a person.
func (b *bands) criticism(p, irony float64, lang Language) Opinion {
	o := Opinion{P: p, Decision: Check}
	switch {
	case lang == Other:
	case p >= float64(b.upper):
		o.Decision = Yes
	case p < float64(b.lower):
		o.Decision = No
	}
	if irony >= float64(b.irony) && (o.Decision == Yes && p < (1+float64(b.upper))/2 || o.Decision == No && p > float64(b.lower)/3) {
		o.Decision = Check
	}
	return o
}
