package triage

import "sync"

// Model judges texts. It is safe for concurrent use once it is made.
type Model struct {
	vocabulary
	heads  [headCount]learned
	hashed []int8 // by place and head
	lens   lens
	bands  [2]bands // by language
	memory memory
	score  float64 // on the regression set
	hash   string  // of the weights
	base   *Model  // what it has learned upon; nil for the embedded one
	pool   *sync.Pool
}

func newModel() *Model {
	return &Model{hashed: make([]int8, hashSize*int(headCount)), pool: &sync.Pool{}}
}

// child gives a copy that may learn.
func (m *Model) child() *Model {
	c := *m
	c.base = m
	if m.base != nil {
		c.base = m.base
	}
	c.hashed = append([]int8(nil), m.hashed...)
	c.memory = memory{}
	c.names = newOwnNames(nil)
	return &c
}

// learned is what a head knows besides the hashed weights.
type learned struct {
	scale float32            // one step of a hashed weight
	dense [3][dCount]float32 // by language; the last is for texts of neither
	bias  [3]float32         // same
	platt [2]platt           // by language
}

// bands are the thresholds of what is decided, for one language.
type bands struct {
	lower, upper       float32 // of criticism
	negative, positive float32 // of the tone
	mixed              float32 // of a mixed one: the smaller probability
	irony              float32 // from which irony is sure
	theme              float32 // of a theme
	urgent             [nUrgent]float32
}

// Version is a short hash of the weights: two models with the same version judge alike.
func (m *Model) Version() string { return m.hash }

// scores are the raw answers of every head.
type scores [headCount]float32

// sum adds up what the hashed features of some groups say to the heads from first to last.
func (m *Model) sum(s *scratch, groups [groupCount]bool, first, last head, out *scores) {
	var acc [groupCount][headCount]int32
	for i := range s.feats {
		f := &s.feats[i]
		if !groups[f.group] {
			continue
		}
		a := &acc[f.group]
		w := (*[headCount]int8)(m.hashed[int(f.at)*int(headCount):])
		for h := first; h <= last; h++ {
			a[h] += int32(w[h])
		}
	}
	for g := range groupCount {
		if !groups[g] || s.counts[g] == 0 {
			continue
		}
		value := m.lens.worth(g, s.counts[g])
		for h := first; h <= last; h++ {
			out[h] += float32(float32(float32(acc[g][h])*m.heads[h].scale) * value)
		}
	}
}

// addDense adds what the dense features say.
func (m *Model) addDense(s *scratch, lang int, out *scores) {
	for h := headNegative; h < headItalian; h++ {
		l := &m.heads[h]
		sum := l.bias[lang]
		d := &l.dense[lang]
		for i, x := range s.dense {
			if x != 0 {
				sum += float32(d[i] * x)
			}
		}
		out[h] += sum
	}
}

// addTongue adds what the words of each lexicon say about the language.
func (m *Model) addTongue(s *scratch, out *scores) {
	for h := headItalian; h <= headOther; h++ {
		l := &m.heads[h]
		sum := l.bias[2]
		for i, x := range s.tongue {
			sum += float32(l.dense[2][i] * x)
		}
		out[h] += sum
	}
}

// quantise turns what a head has learned into what a model keeps.
func (m *Model) quantise(h head, l *line, lens *lens) {
	largest := float32(0)
	for _, w := range l.hashed {
		largest = max(largest, w, -w)
	}
	k := &m.heads[h]
	k.scale = largest / 127
	if k.scale == 0 {
		k.scale = 1
	}
	for at, w := range l.hashed {
		m.hashed[at*int(headCount)+int(h)] = round8(w / k.scale)
	}
	for lang := range 3 {
		for i := range dCount {
			w := float32(l.shared[i] * lens.dense)
			if lang < 2 {
				w += float32(l.own[lang][i] * lens.denseLang)
			}
			k.dense[lang][i] = w
		}
		k.bias[lang] = float32(l.shared[dCount] * lens.bias)
		if lang < 2 && h < headItalian {
			k.bias[lang] += float32(l.own[lang][dCount] * lens.bias)
		}
	}
}

// round8 rounds to the nearest whole number that fits.
func round8(x float32) int8 {
	switch {
	case x >= 127:
		return 127
	case x <= -127:
		return -127
	case x < 0:
		return -int8(-x + 0.5)
	}
	return int8(x + 0.5)
}

// scratch lends working space.
func (m *Model) borrow() *scratch {
	if s, ok := m.pool.Get().(*scratch); ok {
		return s
	}
	return newScratch()
}

func (m *Model) giveBack(s *scratch) { m.pool.Put(s) }
