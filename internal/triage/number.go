package triage

import "math"

func sqrt(x float64) float64 { return math.Sqrt(x) }

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// exp is e to the x, with the same bits on every machine: the standard library's is written in assembly on some and
// may multiply and add in one step on others. x is held between -40 and 40; the error is below 1e-12 of the result.
func exp(x float64) float64 {
	x = max(-40, min(40, x))
	const ln2 = 0.6931471805599453
	k := math.Floor(float64(x/ln2) + 0.5)
	r := x - float64(k*ln2)
	// Taylor's row; |r| is at most ln2/2, so fourteen terms are enough.
	sum, term := 1.0, 1.0
	for i := 1; i <= 14; i++ {
		term = float64(term*r) / float64(i)
		sum += term
	}
	return math.Ldexp(sum, int(k))
}

// logistic turns a score into a probability.
func logistic(x float64) float64 { return 1 / (1 + exp(-x)) }
