package triage

import "math"

// row is what an example looks like to the solver: hashed features by group and dense ones.
type row struct {
	at    []uint32
	ends  [groupCount]int32   // where each group ends in at
	value [groupCount]float32 // what every feature of the group is worth
	dense [dCount]float32
	// tongue are the dense features of the heads that tell languages apart.
	tongue [tongueCount]float32
	lang   int8 // 0 Italian, 1 English, -1 neither: no part of its own
	ruled  int  // how pressing the lexicon says it is
}

// place is where a group's features begin.
func (r *row) place(g group) int32 {
	if g == 0 {
		return 0
	}
	return r.ends[g-1]
}

// lens is how much each family of features may weigh: the smaller, the stronger it is held back.
type lens struct {
	group     [groupCount]float32
	dense     float32 // of the sums, for both languages together
	denseLang float32 // ... and for each by itself
	bias      float32
}

// task is one head's training: what each row wants, how much it counts.
type task struct {
	rows   []row
	want   []int8    // 1, -1, 0 not part of it
	offset []float32 // what another line says already; nil for nothing
	weight []float32 // cost of being wrong
	fresh  int       // so many rows at the beginning that line does not know
	epochs int
	groups [groupCount]bool
	tongue bool // the dense features are those of languages
	seed   uint64
}

// line is what a head has learned.
type line struct {
	hashed []float32 // by place
	shared [dCount + 1]float32
	own    [2][dCount + 1]float32 // the last is the bias
}

func newLine() *line { return &line{hashed: make([]float32, hashSize)} }

// sums gives the dense features that the head sees.
func (t *task) sums(r *row) []float32 {
	if t.tongue {
		return r.tongue[:]
	}
	return r.dense[:]
}

// score gives the distance of a row from the line. Every product is rounded by itself, so that machines which could
// multiply and add in one step give the same bits.
func (l *line) score(t *task, lens *lens, r *row) float32 {
	var sum float32
	for g := range groupCount {
		if !t.groups[g] {
			continue
		}
		var part float32
		for _, at := range r.at[r.place(g):r.ends[g]] {
			part += l.hashed[at]
		}
		sum += float32(part * r.value[g])
	}
	own := r.lang >= 0 && !t.tongue
	for i, x := range t.sums(r) {
		if x != 0 {
			w := float32(l.shared[i] * lens.dense)
			if own {
				w += float32(l.own[r.lang][i] * lens.denseLang)
			}
			sum += float32(w * x)
		}
	}
	sum += float32(l.shared[dCount] * lens.bias)
	if own {
		sum += float32(l.own[r.lang][dCount] * lens.bias)
	}
	return sum
}

// add moves the line by step towards a row.
func (l *line) add(t *task, lens *lens, r *row, step float32) {
	for g := range groupCount {
		if !t.groups[g] {
			continue
		}
		v := float32(step * r.value[g])
		for _, at := range r.at[r.place(g):r.ends[g]] {
			l.hashed[at] += v
		}
	}
	own := r.lang >= 0 && !t.tongue
	for i, x := range t.sums(r) {
		if x != 0 {
			v := float32(step * x)
			l.shared[i] += float32(v * lens.dense)
			if own {
				l.own[r.lang][i] += float32(v * lens.denseLang)
			}
		}
	}
	l.shared[dCount] += float32(step * lens.bias)
	if own {
		l.own[r.lang][dCount] += float32(step * lens.bias)
	}
}

func (t *task) square(lens *lens, r *row) float32 {
	var q float32
	for g := range groupCount {
		if t.groups[g] {
			q += float32(float32(r.value[g]*r.value[g]) * float32(r.ends[g]-r.place(g)))
		}
	}
	b := float32(lens.bias * lens.bias)
	q += b
	both := float32(lens.dense * lens.dense)
	if r.lang >= 0 && !t.tongue {
		both += float32(lens.denseLang * lens.denseLang)
		q += b
	}
	for _, x := range t.sums(r) {
		q += float32(float32(x*x) * both)
	}
	return q
}

// hardlyMoves is the step, for a cost of one, up to which a row counts as one that does not move.
const hardlyMoves = 0.1

// solve finds the line with the least |w|²/2 + sum of weight × max(0, 1 - want × score)², by dual coordinate descent:
// each step is exact, needs no step length and no exponential. Source: Hsieh and others, A dual coordinate descent
// method for large-scale linear SVM (2008), L2 loss.
func (t *task) solve(lens *lens, l *line) {
	alpha := t.begin()
	square := make([]float32, len(t.rows))
	order := make([]int32, 0, len(t.rows))
	for i := range t.rows {
		if t.want[i] != 0 && t.weight[i] > 0 {
			order = append(order, int32(i))
			square[i] = t.square(lens, &t.rows[i])
		}
	}
	random := source(t.seed)
	all, moved := order, make([]int32, 0, len(order))
	for epoch := range t.epochs {
		// Where another line stands already most rows hardly move: between the first time and the last only those are looked
		// at that moved.
		if order = all; t.offset != nil && epoch > 0 && epoch < t.epochs-1 {
			order = moved
		}
		random.shuffle(order)
		moved = moved[:0] // order may be the same list: what is kept never overtakes what is read
		for _, i := range order {
			r := &t.rows[i]
			y := float32(t.want[i])
			d := 0.5 / t.weight[i]
			score := l.score(t, lens, r)
			if t.offset != nil {
				score += t.offset[i]
			}
			gradient := float32(y*score) - 1 + float32(alpha[i]*d)
			if alpha[i] == 0 && gradient >= 0 {
				continue
			}
			next := max(0, alpha[i]-gradient/(square[i]+d))
			if step := next - alpha[i]; math.Abs(float64(step)) > 1e-7 {
				alpha[i] = next
				l.add(t, lens, r, float32(step*y))
				if math.Abs(float64(step)) > float64(float32(hardlyMoves*t.weight[i])) {
					moved = append(moved, i)
				}
			}
		}
	}
}

// begin gives the dual weights to start from. Where another line stands already they are those under which it is the
// best one: at the solution every row's weight is 2 × cost × what it lacks to its margin.
func (t *task) begin() []float32 {
	alpha := make([]float32, len(t.rows))
	if t.offset == nil {
		return alpha
	}
	for i := t.fresh; i < len(alpha); i++ {
		if t.want[i] != 0 {
			alpha[i] = float32(2*t.weight[i]) * max(0, 1-float32(float32(t.want[i])*t.offset[i]))
		}
	}
	return alpha
}

// source is a small random source that is the same everywhere. Source: SplitMix64.
type source uint64

func (s *source) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	return mix(uint64(*s))
}

// below gives a number from 0 to n-1.
func (s *source) below(n int) int { return int(s.next() >> 1 % uint64(n)) }

func (s *source) shuffle(order []int32) {
	for i := len(order) - 1; i > 0; i-- {
		k := s.below(i + 1)
		order[i], order[k] = order[k], order[i]
	}
}
