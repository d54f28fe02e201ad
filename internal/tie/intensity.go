package tie

import (
	"math"
	"math/bits"
	"time"
)

// IntensityOptions say of what intensity is the chance.
type IntensityOptions struct {
	// Horizon is within how long a tie is to be active; 0 is 30 days.
	Horizon time.Duration
	// Now is the moment from which it is counted, in Unix seconds; later events are not looked at. 0 is the last event.
	Now int64
}

const (
	usualHorizon = 30 * 24 * time.Hour
	maxCuts      = 4
	maxRows      = 60_000 // that weights are fitted on, of each cut
	leastRows    = 200
	leastYes     = 40
	ridge        = 10 // the penalty on weights
)

// Intensity is what gives each tie the chance that something happens on it within the horizon.
type Intensity struct {
	Horizon time.Duration
	Now     int64
	// Learnt says that the weights were fitted on the log's own past. Else there was too little of it, and the chance is
	// 1-2^-a with a the events decayed with the horizon as half-life: right for somebody who does things at random with
	// the same rate for ever.
	Learnt bool
	// Reliability is how the model does on the latest part of the past, fitted on earlier parts alone; zero when not Learnt.
	Reliability Reliability
	model       *logistic
}

// Reliability is how far chances can be believed.
type Reliability struct {
	// Ties is on how many ties it was seen, Active how many of them were active.
	Ties, Active int
	// AUC is the chance that an active tie had a higher intensity than one that was not; .5 is a coin. CountAUC is the same
	// for the decayed number of events alone.
	AUC, CountAUC float64
	// CalibrationError is the mean distance between chance and what happened, over ten groups: 0 is perfect.
	CalibrationError float64
}

// LearnIntensity fits what makes a tie active on the past of a log. At up to four moments, a horizon apart and the last one a
// horizon before now, it looks at the ties as they were then and at what came of them: never at anything that was
// not known at the moment. The latest moment is kept to see how reliable it is; then all are used.
func LearnIntensity(l *Log, o IntensityOptions) (*Intensity, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	if o.Horizon <= 0 {
		o.Horizon = usualHorizon
	}
	first, last := l.Span()
	if o.Now == 0 {
		o.Now = last
	}
	in := &Intensity{Horizon: o.Horizon, Now: o.Now}
	h := max(int64(o.Horizon/time.Second), 1)
	var cuts []*table
	for i := range int64(maxCuts) {
		at := o.Now - (i+1)*h + 1
		if first == 0 || at <= first {
			break
		}
		t, err := in.past(l, at, at+h)
		if err != nil {
			return nil, err
		}
		cuts = append(cuts, t)
	}
	if len(cuts) < 2 {
		return in, nil
	}
	if !enough(cuts[1:]...) || !enough(cuts[0]) {
		return in, nil
	}
	for i, t := range cuts {
		t.standardise()
		cuts[i] = t.thin(maxRows)
	}
	in.Reliability = reliability(fit(cuts[1:], ridge), cuts[0])
	in.model, in.Learnt = fit(cuts, ridge), true
	return in, nil
}

// enough says that there is enough to fit on.
func enough(tables ...*table) bool {
	rows, yes := 0, 0
	for _, t := range tables {
		rows += t.rows()
		for _, y := range t.y {
			if y {
				yes++
			}
		}
	}
	return rows >= leastRows && yes >= leastYes && rows-yes >= leastYes
}

func reliability(m *logistic, t *table) Reliability {
	r := Reliability{Ties: t.rows()}
	chance, count := make([]float64, t.rows()), make([]float64, t.rows())
	for i := range chance {
		chance[i], count[i] = m.chance(t.row(i), 0), t.row(i)[featDecayed]
		if t.y[i] {
			r.Active++
		}
	}
	r.AUC, r.CountAUC, r.CalibrationError = auc(chance, t.y), auc(count, t.y), miscalibration(chance, t.y)
	return r
}

// Of is the intensity of each tie of a graph, by Edge, from 0 to 1. t must come from Build and Fuse of the log before Now (Now
// included), without decay. A tie of which no moment is known has NaN.
func (in *Intensity) Of(l *Log, t *Ties) []float64 {
	s := in.state(l, t, in.Now+1)
	all := make([]float64, t.Graph.Edges())
	now := s.table(nil)
	if in.Learnt {
		now.standardise()
	}
	row := 0
	for e := range all {
		switch {
		case s.ties[e].last == 0:
			all[e] = math.NaN()
			continue
		case in.Learnt:
			all[e] = in.model.chance(now.row(row), 0)
		default:
			all[e] = -math.Expm1(-math.Ln2 * s.ties[e].decayed[1])
		}
		row++
	}
	return all
}

// table has the features of every tie of which a moment is known; active, by Edge, says what came of it.
func (s *state) table(active []bool) *table {
	t := &table{width: features}
	x := make([]float64, features)
	for e := range s.ties {
		if s.ties[e].last > 0 {
			s.features(Edge(e), x)
			t.add(x, active != nil && active[e])
		}
	}
	return t
}

// past is what the ties looked like at a moment, and which were active from then until another.
func (in *Intensity) past(l *Log, at, until int64) (*table, error) {
	known := l.Before(at)
	g, err := Build(known, BuildOptions{})
	if err != nil {
		return nil, err
	}
	s := in.state(known, Fuse(g, FuseOptions{}), at)
	active := make([]bool, g.Edges())
	for _, e := range l.Between(at, until).Events {
		if e.Actor != e.Target {
			if f, ok := g.Find(e.Actor, e.Target); ok {
				active[f] = true
			}
		}
	}
	return s.table(active), nil
}

// tieState is what was on a tie until a moment; what is decayed has a quarter, one, four and a sixteenth of a horizon as half-life.
type tieState struct {
	count       int
	decayed     [4]float64
	first, last int64
	kinds       uint64
	ways        uint8
	from        Person // who acted last
}

type personState struct {
	does, gets float64 // decayed with the horizon
	slow       float64 // both, decayed with four
	fast       float64 // both, decayed with a sixteenth
	last       int64
}

type state struct {
	t      *Ties
	at     int64
	life   float64
	ties   []tieState
	people []personState
}

// state gathers what is known of the ties of a graph from the events before a moment.
func (in *Intensity) state(l *Log, t *Ties, at int64) *state {
	s := &state{t: t, at: at, life: max(in.Horizon.Seconds(), 1), ties: make([]tieState, t.Graph.Edges()), people: make([]personState, len(l.Names))}
	for _, e := range l.Before(at).Events {
		if e.Actor == e.Target {
			continue
		}
		f, ok := t.Graph.Find(e.Actor, e.Target)
		if !ok {
			continue
		}
		one := &s.ties[f]
		one.count++
		one.kinds |= 1 << (e.Kind & 63)
		if a, _ := t.Graph.Ends(f); a == e.Actor {
			one.ways |= 1
		} else {
			one.ways |= 2
		}
		if e.At == 0 {
			continue
		}
		age := float64(at-e.At) / s.life
		w := math.Exp2(-age)
		root := math.Sqrt(math.Sqrt(w))
		one.decayed[0] += w * w * w * w
		one.decayed[1] += w
		one.decayed[2] += root
		fast := math.Pow(w, 16)
		one.decayed[3] += fast
		s.people[e.Actor].fast += fast
		s.people[e.Target].fast += fast
		if one.first == 0 {
			one.first = e.At
		}
		one.last, one.from = e.At, e.Actor
		s.people[e.Actor].does += w
		s.people[e.Target].gets += w
		s.people[e.Actor].last = e.At
		s.people[e.Actor].slow += root
		s.people[e.Target].slow += root
	}
	return s
}

// The features of a tie.
const (
	featCount = iota
	featQuick
	featDecayed
	featSlow
	featLast
	featFirst
	featWays
	featKinds
	featCommon
	featOverlap
	featActorDoes
	featActorGets
	featTargetDoes
	featTargetGets
	featActorTies
	featTargetTies
	featActorLast
	featTargetLast
	featActorPart
	featTargetPart
	featFast
	featActorFast
	featTargetFast
	featSquares // of those in squared
	features    = featSquares + len(squared)
)

// squared are the features of which the square counts as well: not everything grows evenly.
var squared = [...]int{featCount, featDecayed, featLast, featActorDoes, featTargetGets, featActorLast, featTargetLast}

// features writes what is known of a tie. Times are in horizons, so that the same weights mean the same for any.
func (s *state) features(e Edge, x []float64) {
	one := &s.ties[e]
	a, b := s.t.Graph.Ends(e)
	if one.from == b {
		a, b = b, a
	}
	p, q := s.people[a], s.people[b]
	ago := func(at int64) float64 {
		if at == 0 {
			at = one.first
		}
		return math.Log(0.01 + float64(s.at-at)/s.life)
	}
	x[featCount] = math.Log1p(float64(one.count))
	x[featQuick] = math.Log1p(one.decayed[0])
	x[featDecayed] = math.Log1p(one.decayed[1])
	x[featSlow] = math.Log1p(one.decayed[2])
	x[featLast], x[featFirst] = ago(one.last), ago(one.first)
	x[featWays] = float64(bits.OnesCount8(one.ways))
	x[featKinds] = float64(min(bits.OnesCount64(one.kinds), 3))
	n := s.t.Common(e)
	x[featCommon] = math.Log1p(float64(n))
	x[featOverlap] = math.Sqrt(s.t.Overlap(e))
	x[featActorDoes], x[featActorGets] = math.Log(0.01+p.does), math.Log(0.01+p.gets)
	x[featTargetDoes], x[featTargetGets] = math.Log(0.01+q.does), math.Log(0.01+q.gets)
	x[featActorTies], x[featTargetTies] = math.Log(float64(s.t.Graph.Degree(a))), math.Log(float64(s.t.Graph.Degree(b)))
	x[featActorLast], x[featTargetLast] = ago(p.last), ago(q.last)
	x[featActorPart] = one.decayed[2] / (p.slow + 1)
	x[featTargetPart] = one.decayed[2] / (q.slow + 1)
	x[featFast] = math.Log1p(one.decayed[3])
	x[featActorFast], x[featTargetFast] = math.Log(0.01+p.fast), math.Log(0.01+q.fast)
	for i, j := range squared {
		x[featSquares+i] = x[j] * x[j]
	}
}
