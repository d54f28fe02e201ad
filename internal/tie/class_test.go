package tie

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const day = 24 * 3600

// company is a log with a known truth: each tie has a rate of its own at which things happen on it, and may end.
type company struct {
	people, ties, days int
}

// draw gives the log. Every third tie ends at a random moment.
func (c company) draw(seed uint64) *Log {
	r := rand.New(rand.NewPCG(seed, 31))
	l := &Log{Names: make([]string, c.people), Kinds: []string{"", "reply", "share"}}
	for range c.ties {
		a, b := Person(r.IntN(c.people)), Person(r.IntN(c.people))
		if a == b {
			continue
		}
		end := float64(c.days)
		if r.IntN(3) == 0 {
			end *= r.Float64()
		}
		rate := 0.004 * math.Pow(r.Float64(), -0.9) // a day
		for at := r.ExpFloat64() / rate; at < end; at += r.ExpFloat64() / rate {
			e := Event{Actor: a, Target: b, At: 1_600_000_000 + int64(at*day), Kind: Kind(1 + r.IntN(2))}
			if r.IntN(4) == 0 {
				e.Actor, e.Target = b, a
			}
			l.Events = append(l.Events, e)
		}
	}
	l.Sort()
	return l
}

func TestIntensityIsTheChanceOfWhatComes(t *testing.T) {
	t.Parallel()
	l := company{people: 300, ties: 1500, days: 400}.draw(1)
	now := int64(1_600_000_000 + 360*day)
	in, err := LearnIntensity(l, IntensityOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	known := l.Before(now + 1)
	f := Fuse(built(t, known, BuildOptions{}), FuseOptions{})
	chance := in.Of(known, f)
	later := make([]bool, len(chance))
	for _, e := range l.Between(now+1, now+1+30*day).Events {
		if x, ok := f.Graph.Find(e.Actor, e.Target); ok {
			later[x] = true
		}
	}
	count := make([]float64, len(chance))
	for e, s := range in.state(known, f, now+1).ties {
		count[e] = s.decayed[1]
		if !(chance[e] >= 0 && chance[e] <= 1) {
			t.Fatalf("chance %v", chance[e])
		}
	}
	if !in.Learnt {
		t.Fatal("a year of 1500 ties was too little to learn from")
	}
	if err := miscalibration(chance, later); err > 0.05 {
		t.Errorf("calibration error %v", err)
	}
	if a, b := auc(chance, later), auc(count, later); a < b-0.01 || a < 0.7 {
		t.Errorf("AUC %v, of the count %v", a, b)
	}
	r := in.Reliability
	if r.Ties < 500 || r.Active == 0 || math.Abs(r.AUC-auc(chance, later)) > 0.06 || r.CalibrationError > 0.06 {
		t.Errorf("its own view: %+v", r)
	}
	// What comes later must not be looked at, not even a little.
	blind, err := LearnIntensity(known, IntensityOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(blind.Of(known, f), chance) {
		t.Error("the future was looked at")
	}
}

func TestIntensityOfLittleIsTheDecayedCount(t *testing.T) {
	t.Parallel()
	l := &Log{Names: []string{"a", "b", "c", "d"}, Events: []Event{
		{Actor: 2, Target: 3},
		{Actor: 0, Target: 1, At: 100 * day},
		{Actor: 1, Target: 0, At: 130 * day},
		{Actor: 1, Target: 2, At: 130 * day},
	}}
	in, err := LearnIntensity(l, IntensityOptions{})
	if err != nil || in.Learnt || in.Horizon != 30*24*time.Hour || in.Now != 130*day {
		t.Fatalf("%+v %v", in, err)
	}
	f := Fuse(built(t, l, BuildOptions{}), FuseOptions{})
	chance := in.Of(l, f)
	for pair, want := range map[[2]Person]float64{{0, 1}: 1 - math.Exp2(-1.5), {1, 2}: 0.5, {2, 3}: math.NaN()} {
		e, _ := f.Graph.Find(pair[0], pair[1])
		if math.IsNaN(want) != math.IsNaN(chance[e]) || math.Abs(chance[e]-want) > 1e-6 { // it looks one second after now
			t.Errorf("%v: %v, want %v", pair, chance[e], want)
		}
	}
}

func TestClassesByHand(t *testing.T) {
	t.Parallel()
	// A triangle a-b-c, and c-d, d-e beyond.
	l := &Log{Names: []string{"a", "b", "c", "d", "e"}, Events: []Event{{Actor: 0, Target: 1}, {Actor: 1, Target: 2}, {Actor: 2, Target: 0}, {Actor: 2, Target: 3}, {Actor: 3, Target: 4}}}
	f := Fuse(built(t, l, BuildOptions{}), FuseOptions{})
	at := func(a, b Person) Edge {
		e, ok := f.Graph.Find(a, b)
		if !ok {
			t.Fatal("no tie")
		}
		return e
	}
	intensity := make([]float64, f.Graph.Edges())
	intensity[at(0, 1)] = 0.9
	intensity[at(1, 2)] = 0.1
	intensity[at(2, 0)] = math.NaN()
	intensity[at(2, 3)] = 0.9
	intensity[at(3, 4)] = 0.1
	c := Classify(f, intensity, ClassOptions{})
	for pair, want := range map[[2]Person]Class{{0, 1}: Core, {1, 2}: Embedded, {0, 2}: Unknown, {2, 3}: Wormhole, {3, 4}: Local} {
		if got := c.Of[at(pair[0], pair[1])]; got != want {
			t.Errorf("%v is %v, want %v", pair, got, want)
		}
	}
	// a-b shares c of 1 other, b-c and a-c share one of 2: the median is one half. With more asked for, b-c is weak.
	if c.Embedded != 0.5 || c.Count != [6]int{1, 1, 1, 1, 0, 1} {
		t.Errorf("%+v", c)
	}
	if c = Classify(f, intensity, ClassOptions{Embedded: 0.6}); c.Of[at(1, 2)] != Weak || !Weak.IsWeak() || !Local.IsWeak() || Core.IsWeak() {
		t.Errorf("%v", c.Of[at(1, 2)])
	}
}

func TestLogisticFindsWhatWasPutIn(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	want := []float64{1.2, -0.7, 0}
	constant := []float64{-1, 0.5}
	var tables []*table
	for c := range constant {
		one := &table{width: 3}
		for range 20000 {
			x := []float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
			one.add(x, r.Float64() < sigmoid(dot(want, x)+constant[c]))
		}
		tables = append(tables, one)
	}
	m := fit(tables, 1)
	for i, w := range append(slices.Clone(want), constant...) {
		if got := append(slices.Clone(m.weight), m.constant...)[i]; math.Abs(got-w) > 0.06 {
			t.Errorf("weight %d: %v, want %v", i, got, w)
		}
	}
	// What separates perfectly has a finite answer all the same, and what never changes none.
	one := &table{width: 2}
	for i := range 100 {
		one.add([]float64{float64(i), 7}, i >= 50)
	}
	one.standardise()
	if m = fit([]*table{one}, 1); math.IsNaN(m.weight[0]) || m.weight[0] < 1 || m.weight[1] != 0 {
		t.Errorf("%v", m)
	}
	near(t, "AUC", auc([]float64{1, 2, 2, 3}, []bool{false, true, false, true}), 3.5/4)
}
