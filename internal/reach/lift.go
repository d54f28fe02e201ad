package reach

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// Lift says what advice about weak ties is worth: those who were held back were chosen by lot, so that what those who were shown brought
// more than they is what showing them brought.
type Lift struct {
	Shown, Held Arm
	// More is how many more new people somebody brought who was shown, with the interval that holds it nine times in ten; its ends
	// are infinite while there are too few of either.
	More tie.Interval
	// Few says that there are fewer than Fewest of either: nothing can be told yet.
	Few bool
}

// Arm is one side of the comparison.
type Arm struct {
	// People are those advised whose time is over, each once a quarter: for so long the lot holds, and what the same person brings
	// twice is not two proofs.
	People  int
	Reached int     // new people whom they brought, in all
	Done    int     // of them were involved
	Mean    float64 // how many new people one of them brought a time they were advised
}

// Fewest is how many are needed on either side.
const Fewest = 10

// liftLevel is how often the interval should hold.
const liftLevel = 0.9

// Clear says that chance alone would hardly make such a difference.
func (l Lift) Clear() bool { return !l.Few && (l.More.Low > 0 || l.More.High < 0) }

// Lift compares the weak ties that were shown as worth involving with those that were held back. It needs PeopleRead.
func (r *Room) Lift(ctx context.Context, actor team.Actor) (Lift, error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return Lift{}, err
	}
	rows, err := r.suggestionRows(ctx, actor.Company, r.rooms.Clock.Now())
	if err != nil {
		return Lift{}, fmt.Errorf("reach.Lift: %w", err)
	}
	return lift(rows), nil
}

func lift(rows []suggestionRow) Lift {
	// draw is somebody in a quarter, for whom one lot was drawn.
	type draw struct {
		actor   ActorID
		quarter string
		held    bool
	}
	type brought struct {
		times, reached int
		done           bool
	}
	all := map[draw]*brought{}
	for _, x := range rows {
		if !x.Measured || !tie.Class(x.Class).IsWeak() {
			continue
		}
		k := draw{x.ActorID, quarterOf(x.At), x.State == Held}
		b := all[k]
		if b == nil {
			b = &brought{}
			all[k] = b
		}
		b.times++
		b.reached += x.Reached
		b.done = b.done || !x.DoneAt.IsZero() && x.State != Dismissed
	}
	var l Lift
	var shown, held []float64
	for k, b := range all {
		arm, list := &l.Shown, &shown
		if k.held {
			arm, list = &l.Held, &held
		}
		arm.People++
		arm.Reached += b.reached
		if b.done {
			arm.Done++
		}
		*list = append(*list, float64(b.reached)/float64(b.times))
	}
	slices.Sort(shown) // sums do not depend on the order in which a map is walked
	slices.Sort(held)
	l.Shown.Mean, _ = moments(shown)
	l.Held.Mean, _ = moments(held)
	l.More = difference(shown, held)
	l.Few = len(shown) < Fewest || len(held) < Fewest
	if l.Few {
		l.More.Low, l.More.High = math.Inf(-1), math.Inf(1)
	}
	return l
}

// difference gives how much larger the mean of a is than that of b, with its interval (Welch, Biometrika 34, 1947).
func difference(a, b []float64) tie.Interval {
	ma, va := moments(a)
	mb, vb := moments(b)
	d := ma - mb
	sa, sb := va/float64(max(len(a), 1)), vb/float64(max(len(b), 1))
	se := math.Sqrt(sa + sb)
	if len(a) < 2 || len(b) < 2 {
		return tie.Interval{Low: math.Inf(-1), Expected: d, High: math.Inf(1)}
	}
	if se == 0 {
		return tie.Interval{Low: d, Expected: d, High: d}
	}
	df := (sa + sb) * (sa + sb) / (sa*sa/float64(len(a)-1) + sb*sb/float64(len(b)-1))
	t := quantile(1-(1-liftLevel)/2, df) * se
	return tie.Interval{Low: d - t, Expected: d, High: d + t}
}

// moments are the mean and the unbiased variance.
func moments(x []float64) (mean, variance float64) {
	if len(x) == 0 {
		return 0, 0
	}
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(max(len(x)-1, 1))
}

// quantile is that of Student's t distribution, from the normal one (Abramowitz and Stegun 26.7.5).
func quantile(p, df float64) float64 {
	z := math.Sqrt2 * math.Erfinv(2*p-1)
	g1 := (z*z*z + z) / 4
	g2 := (5*math.Pow(z, 5) + 16*z*z*z + 3*z) / 96
	g3 := (3*math.Pow(z, 7) + 19*math.Pow(z, 5) + 17*z*z*z - 15*z) / 384
	g4 := (79*math.Pow(z, 9) + 776*math.Pow(z, 7) + 1482*math.Pow(z, 5) - 1920*z*z*z - 945*z) / 92160
	return z + g1/df + g2/(df*df) + g3/math.Pow(df, 3) + g4/math.Pow(df, 4)
}
