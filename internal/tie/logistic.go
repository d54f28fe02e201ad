package tie

import (
	"cmp"
	"math"
	"slices"
)

// table is rows of features, one after the other, with what came of each.
type table struct {
	width int
	x     []float64
	y     []bool
}

func (t *table) rows() int               { return len(t.y) }
func (t *table) row(i int) []float64     { return t.x[i*t.width : (i+1)*t.width] }
func (t *table) add(x []float64, y bool) { t.x, t.y = append(t.x, x...), append(t.y, y) }

// thin leaves at most most rows, evenly taken.
func (t *table) thin(most int) *table {
	if t.rows() <= most {
		return t
	}
	few := &table{width: t.width}
	for i := range most {
		at := i * t.rows() / most
		few.add(t.row(at), t.y[at])
	}
	return few
}

// standardise brings every feature to mean 0 and deviation 1 within the table, and at most 6 from 0, so that nothing far
// out decides alone. What never changes becomes 0.
func (t *table) standardise() {
	n := float64(t.rows())
	for j := range t.width {
		mean, square := 0.0, 0.0
		for i := j; i < len(t.x); i += t.width {
			mean += t.x[i] / n
		}
		for i := j; i < len(t.x); i += t.width {
			square += (t.x[i] - mean) * (t.x[i] - mean) / n
		}
		scale := 0.0
		if square > 1e-12 {
			scale = 1 / math.Sqrt(square)
		}
		for i := j; i < len(t.x); i += t.width {
			t.x[i] = min(max((t.x[i]-mean)*scale, -6), 6)
		}
	}
}

// logistic is a logistic regression.
type logistic struct{ weight, constant []float64 }

// fit finds the weights of the features, the same for all tables, and a constant for each table, by Newton's method with
// a quadratic penalty on the weights (ridge; le Cessie and van Houwelingen 1992). With a penalty above 0 there is always
// one best answer.
func fit(tables []*table, penalty float64) *logistic {
	d := tables[0].width
	n := d + len(tables)
	all := make([]float64, n)
	slope, curve := make([]float64, n), make([]float64, n*n)
	for range 30 {
		clear(slope)
		clear(curve)
		for c, t := range tables {
			at := d + c
			for i := range t.rows() {
				x := t.row(i)
				p := sigmoid(dot(all[:d], x) + all[at])
				miss := -p
				if t.y[i] {
					miss++
				}
				v := max(p*(1-p), 1e-9)
				gather(slope, curve, x, at, miss, v)
			}
		}
		for a := range d {
			slope[a] -= penalty * all[a]
			curve[a*n+a] += penalty
		}
		most := 0.0
		for a, s := range solve(curve, slope) {
			s = min(max(s, -4), 4)
			all[a] += s
			most = max(most, math.Abs(s))
		}
		if most < 1e-7 {
			break
		}
	}
	return &logistic{weight: all[:d], constant: all[d:]}
}

// gather adds a row to what a turn of Newton's method solves: slope by how much it was missed, the lower half of curve by its weight.
// at is the constant of the row's table.
func gather(slope, curve, x []float64, at int, miss, weight float64) {
	n := len(slope)
	for a, xa := range x {
		slope[a] += miss * xa
		w := weight * xa
		row := curve[a*n : a*n+a+1]
		for b := range row {
			row[b] += w * x[b]
		}
		curve[at*n+a] += w
	}
	slope[at] += miss
	curve[at*n+at] += weight
}

// chance is what the model makes of a row, from 0 to 1, in the circumstances of a table that it was fitted on.
func (m *logistic) chance(x []float64, table int) float64 {
	return sigmoid(dot(m.weight, x) + m.constant[table])
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func dot(a, b []float64) (s float64) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// solve solves a·x = b for a positive matrix of which the lower half is given (Cholesky). Both are used up.
func solve(a, b []float64) []float64 {
	n := len(b)
	for i := range n {
		for j := range i + 1 {
			s := a[i*n+j]
			for k := range j {
				s -= a[i*n+k] * a[j*n+k]
			}
			if i == j {
				a[i*n+i] = math.Sqrt(max(s, 1e-12))
			} else {
				a[i*n+j] = s / a[j*n+j]
			}
		}
	}
	for i := range n {
		for k := range i {
			b[i] -= a[i*n+k] * b[k]
		}
		b[i] /= a[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= a[k*n+i] * b[k]
		}
		b[i] /= a[i*n+i]
	}
	return b
}

// auc is the chance that something that happened had a higher score than something that did not (Hanley and McNeil
// 1982), equal scores counted half; NaN when there is only one of the two.
func auc(score []float64, y []bool) float64 {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(score[a], score[b]) })
	yes, sum := 0.0, 0.0
	for i := 0; i < len(order); {
		j, here := i, 0.0
		for ; j < len(order) && score[order[j]] == score[order[i]]; j++ {
			if y[order[j]] {
				here++
			}
		}
		sum += here * float64(i+1+j) / 2
		yes += here
		i = j
	}
	no := float64(len(order)) - yes
	return (sum - yes*(yes+1)/2) / (yes * no)
}

// miscalibration is how far chances are from what happened, over ten groups of equal size in the order of the chance: the mean
// distance (Naeini, Cooper and Hauskrecht, AAAI 2015), from 0 to 1.
func miscalibration(chance []float64, y []bool) float64 {
	order := make([]int, len(chance))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(chance[a], chance[b]), cmp.Compare(a, b)) })
	sum := 0.0
	for bin := range 10 {
		said, was := 0.0, 0.0
		for _, i := range order[bin*len(order)/10 : (bin+1)*len(order)/10] {
			said += chance[i]
			if y[i] {
				was++
			}
		}
		sum += math.Abs(said - was)
	}
	return sum / float64(len(order))
}
