package tie

import "math"

// Table is what would have been advised at moments of the past, and what then happened.
type Table struct {
	// Rules are the simple rules; every Window has what each of them reached, in this order.
	Rules   []string
	Windows []Window
	// Against says how the advice did against each rule, in their order.
	Against []Against
	// Stated is how many windows had an interval stated, Covered in how many of them it held what happened; Level is how often it
	// should.
	Stated, Covered int
	Level           float64
}

// Window is one of the moments.
type Window struct {
	// From is the moment of the advice, Until the end of what is counted (not included), in Unix seconds.
	From, Until int64
	// Model is what chose, Advised whom.
	Model   string
	Advised []Person
	// Reached is how many new people they reached, ByRule how many those of each rule.
	Reached int
	ByRule  []int
	// Forecast is what was expected of them; nil when too little was known.
	Forecast *Interval
}

// Held says whether what happened lies within what was expected.
func (w Window) Held() bool {
	return w.Forecast != nil && w.Forecast.Low <= float64(w.Reached) && float64(w.Reached) <= w.Forecast.High
}

// Against is how the advice did against a rule.
type Against struct {
	Rule string
	// More, Same and Less are in how many windows the advice reached more people, as many, and fewer.
	More, Same, Less int
	// Reached is how many the rule reached in all windows together, Advised how many the advice did. Somebody reached in two
	// windows counts in both.
	Reached, Advised int
	// Ratio is the geometric mean of (advised+1)/(rule+1); Error is its standard error, in logarithms.
	Ratio, Error float64
}

// Backtest tests Choose on the past of a log: at each of o.Windows moments it advises with what was known then, the choice of
// the model included, and follows what happened within o.Ahead. Reached are those to whom a chain of events leads that stand in the
// order of time, from one of those advised, by kinds that carry; those who were reached before and those advised do not count,
// and what reaches Home goes no further.
// The windows may overlap; an advice rests only on those that had ended before it.
func Backtest(l *Log, o ChooseOptions) (*Table, error) {
	s, err := newStudy(l, o)
	if err != nil {
		return nil, err
	}
	return s.table(), nil
}

func (s *study) table() *Table {
	b := &Table{Rules: s.rules, Level: s.o.Level}
	for _, t := range s.trials {
		own := t.by[t.picked]
		w := Window{From: t.at, Until: t.until, Model: t.picked, Advised: own.people, Reached: own.final()}
		if len(t.forecast) > 0 {
			w.Forecast = &t.forecast[len(t.forecast)-1]
			b.Stated++
			if w.Held() {
				b.Covered++
			}
		}
		for _, name := range s.rules {
			w.ByRule = append(w.ByRule, t.by[name].final())
		}
		b.Windows = append(b.Windows, w)
	}
	for i, name := range s.rules {
		a := Against{Rule: name}
		for _, w := range b.Windows {
			a.Reached += w.ByRule[i]
			a.Advised += w.Reached
			switch {
			case w.Reached > w.ByRule[i]:
				a.More++
			case w.Reached < w.ByRule[i]:
				a.Less++
			default:
				a.Same++
			}
		}
		mean, se := better(s.trials, func(t trial) outcome { return t.by[t.picked] }, func(t trial) outcome { return t.by[name] })
		a.Ratio, a.Error = math.Exp(mean), se
		b.Against = append(b.Against, a)
	}
	return b
}
