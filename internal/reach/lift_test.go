package reach

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/tie"
)

// advised gives a piece of advice that is over.
func advisedRow(actor int, at time.Time, held bool, reached int) suggestionRow {
	x := suggestionRow{ActorID: ActorID(fmt.Sprintf("rac_%d", actor)), At: at, State: Lapsed, Class: int(tie.Weak), Reached: reached, Measured: true}
	if held {
		x.State = Held
	}
	return x
}

// Whoever is advised month after month within a quarter is one proof: the lot was drawn once.
func TestALotCountsOnce(t *testing.T) {
	t.Parallel()
	var rows []suggestionRow
	for i := range 4 {
		for month := range 3 {
			at := time.Date(2026, time.Month(1+month), 10, 12, 0, 0, 0, time.UTC)
			rows = append(rows, advisedRow(i, at, false, 3+month), advisedRow(100+i, at, true, 1))
		}
	}
	l := lift(rows)
	if l.Shown.People != 4 || l.Held.People != 4 || l.Shown.Reached != 48 || l.Shown.Mean != 4 || l.Held.Mean != 1 || l.More.Expected != 3 {
		t.Errorf("%+v", l)
	}
	if !l.Few || !math.IsInf(l.More.Low, -1) || !math.IsInf(l.More.High, 1) || l.Clear() {
		t.Errorf("four on either side are few: %+v", l)
	}
	// In the next quarter lots are drawn again.
	rows = append(rows, advisedRow(0, time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC), true, 1))
	if l := lift(rows); l.Shown.People != 4 || l.Held.People != 5 {
		t.Errorf("%+v", l)
	}
	// What is not over, and what is no weak tie, tells nothing.
	strong := advisedRow(7, rows[0].At, false, 9)
	strong.Class = int(tie.Core)
	open := advisedRow(8, rows[0].At, false, 9)
	open.Measured = false
	if l := lift(append(rows, strong, open)); l.Shown.People != 4 {
		t.Errorf("%+v", l)
	}
}

// On companies whose truth is known the interval holds it as often as it says, with people who come again and again.
func TestLiftHoldsTheTruth(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 8))
	const trials, truth = 400, 1.5
	covered, sum := 0, 0.0
	for range trials {
		var rows []suggestionRow
		for p := range 60 {
			held := r.Float64() < 0.3
			own := 4 * r.Float64() * r.Float64() // people differ, and stay as they are for the quarter
			for month := range 3 {
				x := own
				if !held {
					x += truth
				}
				n := 0 // Poisson, by counting
				for at := r.ExpFloat64(); at < x; at += r.ExpFloat64() {
					n++
				}
				rows = append(rows, advisedRow(p, time.Date(2026, time.Month(1+month), 10, 12, 0, 0, 0, time.UTC), held, n))
			}
		}
		l := lift(rows)
		sum += l.More.Expected
		if l.More.Low <= truth && truth <= l.More.High {
			covered++
		}
	}
	t.Logf("mean %.3f, truth %.1f, covered %d of %d", sum/trials, truth, covered, trials)
	if math.Abs(sum/trials-truth) > 0.06 {
		t.Errorf("on average %.3f, and it is %.1f", sum/trials, truth)
	}
	if covered < trials*86/100 || covered > trials*94/100 {
		t.Errorf("the interval held %d of %d times", covered, trials)
	}
}
