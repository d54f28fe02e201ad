package report

import (
	"math"
	"math/rand/v2"
)

// Coverage tells in how many of some worlds, in which days bring leads by chance (Poisson), the interval of what one costs holds the true cost.
func Coverage(worlds, days int, mean float64) (held, of int) {
	world := rand.New(rand.NewPCG(1, 2))
	for range worlds {
		brought := make([]float64, days)
		for i := range brought {
			for p := world.Float64(); p > math.Exp(-mean); p *= world.Float64() {
				brought[i]++
			}
		}
		e := eachOf(1000, brought, seedOf("coverage"))
		if e.Few {
			continue
		}
		of++
		if truth := 1000 / (mean * float64(days)); e.Low <= truth && (e.Open || truth <= e.High) {
			held++
		}
	}
	return held, of
}
