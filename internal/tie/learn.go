package tie

import (
	"math"
	"slices"
)

// study asks the past, window by window, what each model would have advised and what then happened. What is advised
// for a window rests on the windows that had ended when it began, and on nothing else.
type study struct {
	past   *past
	o      ChooseOptions
	ahead  float64 // seconds
	rules  []string
	trials []trial
}

// outcome is a ranking and how many new people the first 1, 2, ... of it reached, in the window and in the span just before it.
type outcome struct {
	ranking
	got, lately []int
}

func (o outcome) final() int {
	if len(o.got) == 0 {
		return 0
	}
	return o.got[len(o.got)-1]
}

// trial is one window of the past.
type trial struct {
	at, until int64
	by        map[string]outcome // the rules, the cascade and the blend
	kernels   []outcome
	signed    *signed
	picked    string
	forecast  []Interval
}

// newStudy lays a log out and walks through its windows.
func newStudy(l *Log, o ChooseOptions) (*study, error) {
	if err := o.prepare(l); err != nil {
		return nil, err
	}
	p, err := newPast(l.Before(o.Now), o)
	if err != nil {
		return nil, err
	}
	s := &study{past: p, o: o, ahead: o.Ahead.Seconds(), rules: p.rules()}
	d := o.desk(len(l.Names), false)
	for _, at := range s.origins() {
		s.try(at, d)
	}
	return s, nil
}

// origins are the moments at which windows of the past begin: evenly from a quarter of the log on, until one window before Now.
func (s *study) origins() (at []int64) {
	first, _ := s.past.log.Span()
	window := int64(s.ahead)
	final := s.o.Now - window
	begin := first + max((s.o.Now-first)/4, window)
	if first == 0 || begin > final {
		return nil
	}
	for i := range s.o.Windows {
		x := final
		if s.o.Windows > 1 {
			x = begin + int64(float64(final-begin)*float64(i)/float64(s.o.Windows-1))
		}
		if len(at) == 0 || x > at[len(at)-1] {
			at = append(at, x)
		}
	}
	return at
}

// try walks through the window that begins at a moment.
func (s *study) try(at int64, d desk) {
	known := s.ended(at)
	t := trial{at: at, until: at + int64(s.ahead), by: map[string]outcome{}}
	m := s.past.before(at)
	t.signed = m.sign(s.ahead)
	got := m.reaching(at, t.until)
	for _, p := range t.signed.people {
		t.signed.got = append(t.signed.got, got[p])
	}
	follow := func(r ranking) outcome { return s.follow(m, r, t.until) }
	for _, name := range s.models() {
		t.by[name] = follow(s.rank(m, name, known, d))
	}
	t.kernels = append(t.kernels, t.by[Cover])
	for k := 1; k < len(kernels); k++ {
		alone := make([]float64, len(kernels))
		alone[k] = 1
		t.kernels = append(t.kernels, follow(m.greedy(m.chances(alone, s.ahead), d)))
	}
	t.picked, _ = s.pick(known)
	t.forecast = s.forecast(known, t.picked, t.by[t.picked])
	s.trials = append(s.trials, t)
}

func (s *study) follow(m *scene, r ranking, until int64) outcome {
	return outcome{ranking: r, got: m.reach(r.people, until), lately: m.lately(r.people, s.ahead)}
}

// models are the names of what may be picked, the rule to fall back to first. Costs are not known to a cascade.
func (s *study) models() []string {
	names := slices.Clone(s.rules)
	if s.o.Cost == nil {
		names = append(names, Spreads)
	}
	return append(names, Blend, Foreseen)
}

// rank chooses by a model, knowing some windows.
func (s *study) rank(m *scene, name string, known []trial, d desk) ranking {
	switch name {
	case Spreads:
		return m.byCascade(d)
	case Blend:
		return m.choose(m.together(s.views(m, known, d), d), d)
	case Foreseen:
		return m.choose(s.foreseen(m, known), d)
	}
	return m.byRule(name, d, s.ahead)
}

// viewNames are the views of the blend, the first of them that of the kernels. All count the same: to weigh them by how they did gained
// a hundredth on some logs and lost it on others.
var viewNames = []string{"kernels", Spreads, "chains", "chains_4", Foreseen}

// views are what the blend looks at: the kernels, weighed by how they did; the damped cascade; the chains that really came about in the
// span just before, and in four of them; and what is foreseen of each person.
func (s *study) views(m *scene, known []trial, d desk) []view {
	span := int64(s.ahead)
	return []view{
		m.direct(m.chances(mix(known), s.ahead)), m.damped(d.seed), m.chained(m.now-span, m.now), m.chained(m.now-4*span, m.now), s.foreseen(m, known),
	}
}

func (s *study) foreseen(m *scene, known []trial) view {
	var before []*signed
	for _, t := range known {
		before = append(before, t.signed)
	}
	return m.direct(m.foreseen(foresee(before, max(apart(known), 1)), s.ahead))
}

// ended are the windows that have ended at a moment.
func (s *study) ended(at int64) []trial {
	n := 0
	for n < len(s.trials) && s.trials[n].until <= at {
		n++
	}
	return s.trials[:n]
}

// guess is how much differences of windows vary before any is known, in logarithms, and counts as so many windows.
const (
	guess        = 0.1
	guessWindows = 2
)

// better is by how much one thing did better than another, over windows, in logarithms, and the error of it.
func better(windows []trial, a, b func(trial) outcome) (mean, se float64) {
	n := float64(len(windows))
	if n == 0 {
		return 0, guess
	}
	var all []float64
	for _, t := range windows {
		x := math.Log(float64(a(t).final()+1) / float64(b(t).final()+1))
		all = append(all, x)
		mean += x / n
	}
	sum := guessWindows * guess * guess
	for _, x := range all {
		sum += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(sum / (n + guessWindows - 1) / apart(windows))
}

// apart is how many windows there are when what they share counts once.
func apart(windows []trial) float64 {
	n := len(windows)
	if n == 0 {
		return 0
	}
	all := float64(windows[n-1].until - windows[0].at)
	return min(float64(n), all/float64(windows[0].until-windows[0].at))
}

// trust is how much more a kernel of acts that carry counts before anything is known: it is such acts that are foreseen.
const trust = 2

// mix weighs the kernels by how surely each did better than the first in known windows: with exp of the mean difference
// in units of its error, at most 3 of them either way.
func mix(known []trial) []float64 {
	shares := make([]float64, len(kernels))
	sum := 0.0
	for k, x := range kernels {
		mean, se := better(known, func(t trial) outcome { return t.kernels[k] }, func(t trial) outcome { return t.kernels[0] })
		shares[k] = math.Exp(min(max(mean/se, -3), 3))
		if x.carry {
			shares[k] *= trust
		}
		sum += shares[k]
	}
	for k := range shares {
		shares[k] /= sum
	}
	return shares
}

const (
	leastWindows = 3
	leastReached = 20
)

// pick names what chooses, given what happened in known windows. Usually it is the blend, unless another model did better by
// more than one and a half times the error. While fewer than three windows are known, the blend must have done better than the simple
// rule by more than the error; with none, or when hardly anybody was reached in them by any model, the simple rule chooses.
//
// On logs of which the truth is known, taking whatever did best loses more to chance than it gains.
func (s *study) pick(known []trial) (name string, short bool) {
	all := 0
	for _, t := range known {
		most := 0
		for _, o := range t.by {
			most = max(most, o.final())
		}
		all += most
	}
	if all < leastReached {
		return Cover, true
	}
	of := func(name string) func(trial) outcome { return func(t trial) outcome { return t.by[name] } }
	if mean, se := better(known, of(Blend), of(Cover)); len(known) < leastWindows {
		if mean > se {
			return Blend, false
		}
		return Cover, true
	}
	name, best := Blend, 0.0
	for _, x := range s.models() {
		mean, se := better(known, of(x), of(Blend))
		if score := mean - 1.5*se; score > best {
			name, best = x, score
		}
	}
	return name, false
}

// forecast turns what a model expects of the first 1, 2, ... people into how many will be reached: by how much more or
// less than expected was reached in known windows, in logarithms, with the ends of Student's prediction of one more. Windows that overlap
// count in part. What is expected is what the model says, what the same people reached in the span just before, or half of each: whichever
// has been the surer. nil when fewer than three windows are known.
func (s *study) forecast(known []trial, name string, now outcome) []Interval {
	var past []trial
	for _, w := range known {
		if len(w.by[name].total) > 0 {
			past = append(past, w)
		}
	}
	if len(past) < leastWindows || len(now.total) == 0 {
		return nil
	}
	n := max(apart(known), 2)
	t := student(s.o.Level, max(n-1, 2)) * math.Sqrt(1+1/n)
	surprises := func(i int, share float64) []surprise {
		var all []surprise
		for _, w := range past {
			o := w.by[name]
			j := min(i, len(o.total)-1)
			all = append(all, surprise{w.at, w.until, math.Log(float64(o.got[j])+0.5) - o.expected(j, share)})
		}
		return all
	}
	lately := 0.0
	for _, share := range []float64{0.5, 1} {
		if deviation(surprises(len(now.total)-1, share)) < deviation(surprises(len(now.total)-1, lately)) {
			lately = share
		}
	}
	everybody := float64(len(s.past.log.Names))
	out := make([]Interval, len(now.total))
	for i := range out {
		all := surprises(i, lately)
		mean, wide := center(all), t*deviation(all)
		at := func(r float64) float64 { return min(max(math.Exp(now.expected(i, lately)+r)-0.5, 0), everybody) }
		out[i] = Interval{Low: math.Floor(at(mean - wide)), Expected: at(mean), High: math.Ceil(at(mean + wide))}
		if i > 0 {
			out[i].Expected = max(out[i].Expected, out[i-1].Expected)
			out[i].Low, out[i].High = max(out[i].Low, out[i-1].Low), max(out[i].High, out[i-1].High)
		}
	}
	return out
}

// expected is the logarithm of what is expected of the first i+1 people, of which a share rests on what they reached lately.
func (o outcome) expected(i int, lately float64) float64 {
	return (1-lately)*math.Log(o.total[i]+0.5) + lately*math.Log(float64(o.lately[i])+0.5)
}

// surprise is by how much more was reached in a window than a model expected, in logarithms.
type surprise struct {
	at, until int64
	ratio     float64
}

// fading is how much less the window before counts for what comes next.
const fading = 0.85

// center is the mean of surprises, the later ones counting more.
func center(all []surprise) float64 {
	sum, weights, weight := 0.0, 0.0, 1.0
	for i := len(all) - 1; i >= 0; i-- {
		sum += weight * all[i].ratio
		weights += weight
		weight *= fading
	}
	return sum / weights
}

// deviation is how far surprises lie from their center, or, where they move with time and it is more, how far each lay from the
// center of those whose windows had ended before it.
func deviation(all []surprise) float64 {
	mid, still, moved, n := center(all), 0.0, 0.0, 0.0
	for i, x := range all {
		still += (x.ratio - mid) * (x.ratio - mid)
		before := all[:i]
		for len(before) > 0 && before[len(before)-1].until > x.at {
			before = before[:len(before)-1]
		}
		if len(before) > 0 {
			d := x.ratio - center(before)
			moved += d * d
			n++
		}
	}
	return math.Sqrt(max(still/float64(len(all)-1), moved/max(n, 1)))
}

// student is the t between whose minus and plus a part of Student's distribution lies.
func student(level, df float64) float64 {
	const steps = 4000
	area, all := make([]float64, steps+1), 0.0
	for i := 1; i <= steps; i++ {
		all += math.Pow(math.Cos((float64(i)-0.5)/steps*math.Pi/2), df-1)
		area[i] = all
	}
	i, _ := slices.BinarySearch(area, level*all)
	part := float64(i)
	if i > 0 {
		part -= (area[i] - level*all) / (area[i] - area[i-1])
	}
	return math.Sqrt(df) * math.Tan(part/steps*math.Pi/2)
}

// marginal is between what ends one person's addition lies, in proportion to what the model expects of him: the quantiles
// over people of about his place (half to twice) in known windows. Fewer than twenty of them say nothing.
func (s *study) marginal(known []trial, name string, place int) (low, high float64) {
	var all []float64
	for _, w := range known {
		o := w.by[name]
		for i := max((place+1)/2-1, 0); i < min(2*(place+1), len(o.total)); i++ {
			x, got := o.total[i], o.got[i]
			if i > 0 {
				x -= o.total[i-1]
				got -= o.got[i-1]
			}
			all = append(all, float64(got)/max(x, 1e-9))
		}
	}
	if len(all) < 20 {
		return 0, math.Inf(1)
	}
	slices.Sort(all)
	at := func(q float64) float64 { return all[min(max(int(q*float64(len(all))), 0), len(all)-1)] }
	return at((1 - s.o.Level) / 2), at((1 + s.o.Level) / 2)
}

// Choose chooses whom to involve so that the most new people are reached: who acts upon somebody with a kind that carries
// takes it over from him, and hands it on in the same way.
//
// It asks the past first: for each of some windows, what each model would have advised with what was known when the window
// began, and how many people those chosen then reached. Models are the simple rules, a damped cascade, what is foreseen of each
// person by signs whose weights come from the windows, and a blend of views: covers that differ in what kinds count, how fast acts age and whether
// those reached hand on, the chains that really came about, the cascade and what is foreseen. What did best
// chooses now, and how its expectations compared with what happened gives the intervals. With too little in the past the
// simple rule Cover chooses.
func Choose(l *Log, o ChooseOptions) (*Advice, error) {
	s, err := newStudy(l, o)
	if err != nil {
		return nil, err
	}
	return s.advise(), nil
}

func (s *study) advise() *Advice {
	o := s.o
	known := s.ended(o.Now)
	m := s.past.before(o.Now)
	a := &Advice{Now: o.Now, Until: o.Now + int64(s.ahead), Windows: len(known), Mix: map[string]float64{}}
	a.Model, a.Short = s.pick(known)
	each := 1 / float64(len(viewNames))
	for _, name := range viewNames[1:] {
		a.Mix[name] = each
	}
	for k, share := range mix(known) {
		a.Mix[kernels[k].name] = share * each
	}
	d := o.desk(len(m.reached), true)
	r := s.rank(m, a.Model, known, d)
	stated := s.forecast(known, a.Model, s.follow(m, r, o.Now))
	covered := make([]bool, len(m.reached))
	for i, p := range r.people {
		x := Pick{Person: p, Cost: d.price(int(p)), Why: m.why(p, covered)}
		if d.asked != nil {
			x.Why.Involved = d.asked[p]
		}
		before := 0.0
		if i > 0 {
			before = r.total[i-1]
		}
		x.Total = Interval{0, r.total[i], math.Inf(1)}
		x.Marginal = Interval{0, r.total[i] - before, math.Inf(1)}
		if stated != nil {
			x.Total = stated[i]
			x.Marginal.Expected = stated[i].Expected
			if i > 0 {
				x.Marginal.Expected -= stated[i-1].Expected
			}
			low, high := s.marginal(known, a.Model, i)
			x.Marginal.Low = math.Floor(min(low*(r.total[i]-before), x.Marginal.Expected))
			x.Marginal.High = math.Ceil(max(high*(r.total[i]-before), x.Marginal.Expected))
		}
		a.Picks = append(a.Picks, x)
	}
	return a
}

// why counts what speaks for a person, and takes his audience as covered.
func (m *scene) why(p Person, covered []bool) (w Why) {
	for i := m.pairAt[p]; i < m.pairAt[p+1]; i++ {
		if m.acts[i] == 0 || Person(m.actor[i]) == p {
			continue
		}
		w.Audience++
		w.Acts += int(m.acts[i])
		w.Last = max(w.Last, m.last[i])
		if x := m.actor[i]; m.carryActs[i] > 0 && !m.reached[x] {
			w.New++
			if !covered[x] {
				covered[x] = true
				w.Alone++
			}
		}
	}
	return w
}
