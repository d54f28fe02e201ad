package triage

// What the thresholds of criticism are chosen for.
const (
	wantedPrecision = 0.92 // of what is said to be criticism
	allowedLeaks    = 0.12 // of what is said to be none
	ironyPrecision  = 0.60 // of what is said to be ironic for sure
)

// calibrate learns what scores mean and where to decide, from examples that the scoring model has not read.
func (t *training) calibrate(m *Model, inside []bool, held [][]float32) {
	// life is what an example counts when it is measured.
	life := func(h head, i int) float64 {
		if h < headItalian && h != headIrony && t.examples[i].flags&(saysIrony|saysHard) != 0 {
			return float64(t.tuning.life)
		}
		return 1
	}
	for h := range headCount {
		var both []judged
		var own [2][]judged
		for i := range t.rows {
			want := h.wants(&t.examples[i])
			if !inside[i] || want == 0 || !t.examples[i].written() {
				continue
			}
			j := judged{score: held[h][i], yes: want > 0, weight: life(h, i)}
			both = append(both, j)
			if lang := t.rows[i].lang; lang >= 0 {
				own[lang] = append(own[lang], j)
			}
		}
		all := fitPlatt(both)
		for lang := range 2 {
			m.heads[h].platt[lang] = all
			if h < headItalian && enough(own[lang]) {
				m.heads[h].platt[lang] = fitPlatt(own[lang])
			}
		}
	}
	for lang := range 2 {
		m.bands[lang] = t.choose(m, lang, inside, held, life)
	}
}

// enough tells whether a language has examples enough for a curve of its own.
func enough(all []judged) bool {
	yes := 0
	for _, j := range all {
		if j.yes {
			yes++
		}
	}
	return yes >= 40 && len(all)-yes >= 40
}

// choose picks the thresholds of one language.
func (t *training) choose(m *Model, lang int, inside []bool, held [][]float32, life func(head, int) float64) bands {
	var criticism, irony, themes []guess
	var tones []toned
	var urgent [nUrgent][]guess
	for i := range t.rows {
		e := &t.examples[i]
		if !inside[i] || int(t.rows[i].lang) != lang || !e.written() {
			continue
		}
		p := func(h head) float64 { return m.heads[h].platt[lang].of(held[h][i]) }
		w := life(headCriticism, i)
		criticism = append(criticism, guess{p(headCriticism), headCriticism.wants(e) > 0, w})
		irony = append(irony, guess{p(headIrony), headIrony.wants(e) > 0, 1})
		tones = append(tones, toned{p(headNegative), p(headPositive), e.tone, w})
		for k := range head(nUrgent) {
			g := guess{p(headUrgent + k), (headUrgent + k).wants(e) > 0, 1}
			if t.rows[i].ruled < int(k) { // the words do not allow it, whatever the head says
				g.p = 0
			}
			urgent[k] = append(urgent[k], g)
		}
		for k := range head(nThemes) {
			themes = append(themes, guess{p(headTheme + k), (headTheme + k).wants(e) > 0, 1})
		}
	}
	lower, upper := band(criticism, wantedPrecision, allowedLeaks)
	_, sure := band(irony, ironyPrecision, 0)
	b := bands{lower: float32(lower), upper: float32(upper), irony: float32(sure), theme: float32(bestF1(themes))}
	for k := range urgent {
		b.urgent[k] = float32(careful(urgent[k]))
	}
	b.negative, b.positive, b.mixed = bestTone(tones)
	return b
}

// bestF1 gives the threshold with the best balance of precision and recall.
func bestF1(all []guess) float64 { return lowest(all, 0) }

// careful gives the lowest threshold that is nearly as good: what presses is rather told once too often.
func careful(all []guess) float64 { return lowest(all, 0.01) }

// lowest gives the lowest threshold whose F1 is the best, or falls short of it by no more than loss.
func lowest(all []guess, loss float64) float64 {
	const first, last = 4, 14 // twentieths
	var f1 [last + 1]float64
	best := 0.0
	for step := first; step <= last; step++ {
		var c counts
		for _, g := range all {
			c.add(g.p >= float64(step)/20, g.yes, g.weight)
		}
		f1[step] = c.f1()
		best = max(best, f1[step])
	}
	if best == 0 {
		return 0.5
	}
	for step := first; step < last; step++ {
		if f1[step] >= best-loss {
			return float64(step) / 20
		}
	}
	return float64(last) / 20
}

// toned is what two heads say about a text, and its tone.
type toned struct {
	negative, positive float64
	is                 Tone
	weight             float64
}

// bestTone gives the thresholds with the best mean F1 of the four tones.
func bestTone(all []toned) (negative, positive, mixed float32) {
	best := -1.0
	for n := 6; n <= 12; n++ {
		for p := 6; p <= 12; p++ {
			for x := 4; x <= 12; x++ {
				b := bands{negative: float32(n) / 20, positive: float32(p) / 20, mixed: float32(x) / 20}
				var c [4]counts
				for _, t := range all {
					said := b.tone(t.negative, t.positive)
					for k, tone := range tones {
						c[k].add(said == tone, t.is == tone, t.weight)
					}
				}
				if f := c[0].f1() + c[1].f1() + c[2].f1() + c[3].f1(); f > best {
					best, negative, positive, mixed = f, b.negative, b.positive, b.mixed
				}
			}
		}
	}
	return negative, positive, mixed
}

// tones lists every tone.
var tones = [...]Tone{ToneNegative, ToneNeutral, TonePositive, ToneMixed}

// tone decides from two probabilities.
func (b *bands) tone(negative, positive float64) Tone {
	n, p, x := negative >= float64(b.negative), positive >= float64(b.positive), float64(b.mixed)
	switch {
	case negative >= x && positive >= x && (n || p):
		return ToneMixed
	case n && (!p || negative >= positive):
		return ToneNegative
	case p:
		return TonePositive
	}
	return ToneNeutral
}
