package triage

import (
	"errors"
	"fmt"
	"slices"
)

// Correction is what a member says about a text. What they do not say stays as the model thinks.
type Correction struct {
	Text      string
	Criticism Decision // Yes or No; "" when not said
	Tone      Tone     // "" when not said
	Themes    []Theme  // nil when not said, empty for none
	Urgency   *int     // 0..3; nil when not said
}

// The most that a model learns from.
const (
	maxCorrections = 5000
	maxWords       = 500
)

const (
	// perCorrection is how much more a correction counts than a comment of the corpus.
	perCorrection = 20
	// learnSums is how far the sums may move when a model learns: what a company teaches is mostly words.
	learnSums = 0.3
	// learnEpochs is how often everything is gone through. It begins where base stands, so a few are enough.
	learnEpochs = 4
)

// Learn gives the model of one company: what base knows, and what its members said. corrections are all of them, the
// latest last, words the company's own. The same corrections give the same model. A corrected text comes out as they
// said; texts like it follow. Whether the model is worth having says Report.Acceptable. base itself does not change;
// when it has learned before, the model that it learned from is what counts.
func Learn(base *Model, corrections []Correction, words []string) (*Model, Report, error) {
	if base.base != nil {
		base = base.base
	}
	if len(corrections) > maxCorrections || len(words) > maxWords {
		return nil, Report{}, fmt.Errorf("triage: at most %d corrections and %d words", maxCorrections, maxWords)
	}
	files, err := unpackCorpus(corpusBytes)
	if err != nil {
		return nil, Report{}, err
	}
	corpus, err := readCorpus(files)
	if err != nil {
		return nil, Report{}, err
	}
	m := base.child()
	m.names = newOwnNames(words)
	t := &training{tuning: tuned(), vocabulary: m.vocabulary}
	t.tuning.epochs = learnEpochs
	said, err := m.remember(corrections)
	if err != nil {
		return nil, Report{}, err
	}
	t.examples = said
	if len(said) > 0 {
		for i := range corpus {
			if trained(&corpus[i]) {
				t.examples = append(t.examples, corpus[i])
			}
		}
		t.adjust(m, base, len(said))
	}
	m.score = scoreOn(m, slices.DeleteFunc(corpus, func(e example) bool { return tenth(e.text) != regression }))
	m.seal()
	return m, Report{Before: base.score, After: m.score, Corrections: len(said)}, nil
}

// remember keeps what was said about each text, and gives it as examples; of two corrections of a text the later
// counts.
func (m *Model) remember(corrections []Correction) ([]example, error) {
	s := m.borrow()
	defer m.giveBack(s)
	var said []example
	place := map[uint64]int{}
	for _, c := range corrections {
		e, err := c.example()
		if err != nil {
			return nil, err
		}
		v := m.judge(s, c.Text, "")
		e.lang = v.Language
		if e.labels&knowsTone == 0 {
			e.tone = v.Tone
		}
		key := s.key()
		if at, ok := place[key]; ok {
			said[at] = e
		} else {
			place[key] = len(said)
			said = append(said, e)
		}
		m.memory[key] = remembered{labels: e.labels, tone: e.tone, critic: e.flags&saysCriticism != 0, themes: e.themes, urgency: e.urgency}
	}
	return said, nil
}

// example turns a correction into an example.
func (c Correction) example() (example, error) {
	e := example{text: cut(c.Text), weight: perCorrection, source: "correction"}
	switch c.Criticism {
	case "":
	case Yes:
		e.labels |= knowsCriticism
		e.flags |= saysCriticism
	case No:
		e.labels |= knowsCriticism
	default:
		return e, fmt.Errorf("triage: a correction says yes or no, not %q", c.Criticism)
	}
	if c.Tone != "" {
		if !slices.Contains(tones[:], c.Tone) {
			return e, fmt.Errorf("triage: %q is no tone", c.Tone)
		}
		e.labels |= knowsTone
		e.tone = c.Tone
	}
	if c.Themes != nil {
		e.labels |= knowsThemes
		for _, t := range c.Themes {
			bit, ok := themeBit(t)
			if !ok {
				return e, fmt.Errorf("triage: %q is no theme", t)
			}
			e.themes |= bit
		}
	}
	if c.Urgency != nil {
		if *c.Urgency < 0 || *c.Urgency > 3 {
			return e, errors.New("triage: urgency is 0 to 3")
		}
		e.labels |= knowsUrgency
		e.urgency = *c.Urgency
	}
	return e, nil
}

// adjust moves the weights of m, which are those of base, as little as the corrections ask for, which are the first
// examples. The others are those that base knows; they hold it where it is.
func (t *training) adjust(m, base *Model, corrections int) {
	t.tuning.lens.dense *= learnSums
	t.tuning.lens.denseLang *= learnSums
	offsets := t.lookWith(base)
	parallel(int(headItalian), 1, func(k, _ int) {
		h := head(k)
		task := t.task(h, func(i int) bool { return i >= corrections })
		task.balance()
		known := false
		for i := range corrections {
			task.want[i], task.weight[i] = h.wants(&t.examples[i]), t.counts(h, &t.examples[i])
			known = known || task.want[i] != 0
		}
		if !known {
			return
		}
		task.fresh = corrections
		task.offset = make([]float32, len(t.rows))
		for i := range t.rows {
			task.offset[i] = offsets[i][h]
		}
		l := newLine()
		task.solve(&t.tuning.lens, l)
		m.shift(h, l, &t.tuning.lens)
	})
}

// lookWith looks at every example and gives what a model says about it.
func (t *training) lookWith(base *Model) []scores {
	t.rows = make([]row, len(t.examples))
	out := make([]scores, len(t.examples))
	parallel(len(t.examples), 256, func(from, to int) {
		s := newScratch()
		for i := from; i < to; i++ {
			t.rows[i] = rowOf(s, &t.examples[i], &t.vocabulary, &t.tuning.lens)
			own := 2
			if lang := t.rows[i].lang; lang >= 0 {
				own = int(lang)
			}
			base.sum(s, toneGroups, headNegative, headItalian-1, &out[i])
			base.addDense(s, own, &out[i])
		}
	})
	return out
}

// shift adds what a head has learned to what it knew.
func (m *Model) shift(h head, l *line, lens *lens) {
	k := &m.heads[h]
	for at, w := range l.hashed {
		if w != 0 {
			i := at*int(headCount) + int(h)
			m.hashed[i] = round8(float32(m.hashed[i]) + w/k.scale)
		}
	}
	for lang := range k.dense {
		for i := range dCount {
			w := float32(l.shared[i] * lens.dense)
			if lang < 2 {
				w += float32(l.own[lang][i] * lens.denseLang)
			}
			k.dense[lang][i] += w
		}
		w := float32(l.shared[dCount] * lens.bias)
		if lang < 2 {
			w += float32(l.own[lang][dCount] * lens.bias)
		}
		k.bias[lang] += w
	}
}
