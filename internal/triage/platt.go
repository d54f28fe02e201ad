package triage

// platt turns the scores of a head into probabilities: 1 / (1 + e^-(slope × score + shift)).
type platt struct {
	slope, shift float32
}

func (p platt) of(score float32) float64 {
	return logistic(float64(float64(p.slope)*float64(score)) + float64(p.shift))
}

// judged is a score with what would have been right.
type judged struct {
	score  float32
	yes    bool
	weight float64
}

// fitPlatt finds the curve under which what was right is likeliest. Source: Platt, Probabilistic outputs for support
// vector machines (1999), with the softened targets; found by Newton steps, which converge in a few rounds.
func fitPlatt(all []judged) platt {
	var yes, no float64
	for _, j := range all {
		if j.yes {
			yes += j.weight
		} else {
			no += j.weight
		}
	}
	if yes < 3 || no < 3 {
		return platt{slope: 2, shift: -1}
	}
	high, low := float64((yes+1)/(yes+2)), float64(1/(no+2))
	a, b := 2.0, 0.0
	for range 60 {
		// gradient and curvature of the loss, with a little weight on the beginning
		ga, gb := float64(0.01*(a-2)), float64(0.001*b)
		haa, hab, hbb := 0.01, 0.0, 0.001
		for _, j := range all {
			target := low
			if j.yes {
				target = high
			}
			x := float64(j.score)
			p := logistic(float64(a*x) + b)
			d := float64(j.weight * (p - target))
			v := float64(j.weight * float64(p*(1-p)))
			ga += float64(d * x)
			gb += d
			haa += float64(float64(v*x) * x)
			hab += float64(v * x)
			hbb += v
		}
		det := float64(haa*hbb) - float64(hab*hab)
		if det <= 1e-12 {
			break
		}
		da := float64(float64(hbb*ga)-float64(hab*gb)) / det
		db := float64(float64(haa*gb)-float64(hab*ga)) / det
		a, b = a-max(-1, min(1, da)), b-max(-1, min(1, db))
		if max(da, -da) < 1e-9 && max(db, -db) < 1e-9 {
			break
		}
	}
	return platt{slope: float32(max(a, 0.05)), shift: float32(b)}
}
