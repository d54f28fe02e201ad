package tie

// Reached counts how many people the first 1, 2, ... of some reached from o.Now on and before another moment, in Unix seconds, as the
// windows of Backtest do: those to whom a chain of events leads that stand in the order of time, by kinds that carry. Those who were
// reached before, o.Home and the people themselves do not count. Of o nothing else matters than Now, Carry, Home and Reached.
func Reached(l *Log, o ChooseOptions, people []Person, until int64) ([]int, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	p, err := newPast(l, o)
	if err != nil {
		return nil, err
	}
	for _, x := range people {
		if x < 0 || int(x) >= len(l.Names) {
			return nil, ErrEvent
		}
	}
	return p.before(o.Now).reach(people, until), nil
}
