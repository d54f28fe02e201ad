package tie

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyTimed draws a log with times and two kinds, in order.
func anyTimed(t *rapid.T, n, most int) *Log {
	l := &Log{Names: make([]string, n), Kinds: []string{"", "share", "answer"}}
	count := rapid.IntRange(0, most).Draw(t, "events")
	at := int64(1000)
	for range count {
		at += int64(rapid.IntRange(0, 5).Draw(t, "pause"))
		l.Events = append(l.Events, Event{
			Actor: Person(rapid.IntRange(0, n-1).Draw(t, "actor")), Target: Person(rapid.IntRange(0, n-1).Draw(t, "target")),
			Kind: Kind(rapid.IntRange(1, 2).Draw(t, "kind")), At: at,
		})
	}
	return l
}

// slowReach follows chains for one set of people, as the definition says. They end at the company itself.
func slowReach(l *Log, carry Kind, home, people []Person, reached map[Person]bool, from, until int64) int {
	on := map[Person]bool{}
	for _, p := range people {
		on[p] = true
	}
	for _, e := range l.Events {
		if e.At >= from && e.At < until && e.Kind == carry && on[e.Target] && !slices.Contains(home, e.Actor) {
			on[e.Actor] = true
		}
	}
	n := 0
	for p := range on {
		if !reached[p] && !slices.Contains(people, p) {
			n++
		}
	}
	return n
}

func TestReachFollowsChainsInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "people")
		l := anyTimed(t, n, 60)
		some := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Person { return Person(rapid.IntRange(0, n-1).Draw(t, "p")) }), 0, 4, rapid.ID[Person])
		home, had, people := some.Draw(t, "home"), some.Draw(t, "had"), some.Draw(t, "people")
		past, err := newPast(l, ChooseOptions{Carry: []Kind{1}, Home: home, Reached: had})
		if err != nil {
			t.Fatal(err)
		}
		from := int64(rapid.IntRange(990, 1100).Draw(t, "from"))
		until := from + int64(rapid.IntRange(0, 200).Draw(t, "ahead"))
		m := past.before(from)
		reached := map[Person]bool{}
		for _, p := range slices.Concat(home, had) {
			reached[p] = true
		}
		for _, e := range l.Events {
			if e.At < from && slices.Contains(home, e.Target) {
				reached[e.Actor] = true
			}
		}
		for p, r := range m.reached {
			if r != reached[Person(p)] {
				t.Fatalf("%d reached: %v", p, r)
			}
		}
		got := m.reach(people, until)
		if len(people) > 0 && got[len(got)-1] != slowReach(l, 1, home, people, reached, from, until) {
			t.Fatalf("%v, one by one %d", got, slowReach(l, 1, home, people, reached, from, until))
		}
		// The first few reach what they reach without the others, except those others themselves.
		for i := range people {
			alone := slowReach(l, 1, home, people[:i+1], reached, from, until)
			if got[i] > alone || got[i] < alone-(len(people)-i-1) {
				t.Fatalf("the first %d: %d, without the others %d", i+1, got[i], alone)
			}
		}
	})
}

func TestGreedyTakesABestOneEachTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 10).Draw(t, "people")
		l := anyTimed(t, n, 50)
		past, err := newPast(l, ChooseOptions{Carry: []Kind{1}})
		if err != nil {
			t.Fatal(err)
		}
		m := past.before(2000)
		shares := make([]float64, len(kernels))
		shares[rapid.IntRange(0, len(kernels)-1).Draw(t, "kernel")] += 0.5
		shares[rapid.IntRange(0, len(kernels)-1).Draw(t, "other")] += 0.5
		c := m.chances(shares, 20)
		d := ChooseOptions{K: 4}.desk(n, true)
		r := m.greedy(c, d)
		for i, p := range r.people {
			for q := range n {
				if slices.Contains(r.people[:i], Person(q)) {
					continue
				}
				with := m.expect(append(slices.Clone(r.people[:i]), Person(q)), c)
				if with.total[i] > r.total[i]*(1+1e-4)+1e-6 {
					t.Fatalf("%v expects %v, with %d instead of %d %v", r.people, r.total, q, p, with.total)
				}
			}
		}
	})
}

func TestChoosing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 15).Draw(t, "people")
		l := anyTimed(t, n, 120)
		some := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Person { return Person(rapid.IntRange(0, n-1).Draw(t, "p")) }), 0, 4)
		o := ChooseOptions{
			K: rapid.IntRange(1, 6).Draw(t, "k"), Carry: []Kind{1}, Home: some.Draw(t, "home"), Reached: some.Draw(t, "reached"), Barred: some.Draw(t, "barred"),
			Ahead: time.Duration(rapid.IntRange(1, 60).Draw(t, "ahead")) * time.Second, Windows: rapid.IntRange(1, 8).Draw(t, "windows"),
		}
		now := int64(1500)
		o.Now = now
		tired := some.Draw(t, "tired")
		for _, p := range tired {
			o.Involved = append(o.Involved, Involvement{p, now - 10}, Involvement{p, now - 20})
		}
		if rapid.Bool().Draw(t, "costs") {
			o.Cost = make([]float64, n)
			for i := range o.Cost {
				o.Cost[i] = float64(rapid.IntRange(1, 3).Draw(t, "cost"))
			}
			o.Budget = 4
		}
		a, err := Choose(l, o)
		if err != nil {
			t.Fatal(err)
		}
		spent, before := 0.0, 0.0
		seen := map[Person]bool{}
		for _, p := range a.Picks {
			for _, list := range [][]Person{o.Home, o.Barred, tired} {
				if slices.Contains(list, p.Person) {
					t.Fatalf("%d was chosen", p.Person)
				}
			}
			if seen[p.Person] {
				t.Fatalf("%d was chosen twice", p.Person)
			}
			seen[p.Person] = true
			spent += p.Cost
			x := p.Total
			if x.Low > x.Expected || x.Expected > x.High || x.Expected < before || math.IsNaN(x.Expected) {
				t.Fatalf("total %v after %v", x, before)
			}
			before = x.Expected
			if y := p.Marginal; y.Low > y.Expected || y.Expected > y.High || y.Expected < 0 {
				t.Fatalf("marginal %v", y)
			}
			if w := p.Why; w.Alone > w.New || w.New > w.Audience || w.Audience > w.Acts || w.Audience == 0 {
				t.Fatalf("why %+v", w)
			}
		}
		if len(a.Picks) > o.K || (o.Budget > 0 && spent > o.Budget) {
			t.Fatalf("%d chosen for %v", len(a.Picks), spent)
		}
		if again, _ := Choose(l, o); fmt.Sprint(again) != fmt.Sprint(a) {
			t.Fatal("the same log and seed choose otherwise")
		}
		// What happens later changes nothing.
		later := &Log{Names: l.Names, Kinds: l.Kinds, Events: slices.Clone(l.Events)}
		for i := range 20 {
			later.Events = append(later.Events, Event{Actor: Person(i % n), Target: Person((i + 1) % n), Kind: 1, At: max(now, 2000) + int64(i)})
		}
		if same, _ := Choose(later, o); fmt.Sprint(same) != fmt.Sprint(a) {
			t.Fatal("the choice knows what happened after it")
		}
	})
}

func TestWhoWasAskedLatelyComesLater(t *testing.T) {
	t.Parallel()
	// 0 has an audience of six, 1 of four others.
	l := &Log{Names: make([]string, 20), Kinds: []string{""}}
	for i := range 10 {
		l.Events = append(l.Events, Event{Actor: Person(10 + i), Target: Person(i / 6), At: int64(1000 + i)})
	}
	first := func(asked int) Person {
		o := ChooseOptions{K: 1, Now: 2000}
		for range asked {
			o.Involved = append(o.Involved, Involvement{0, 1990})
		}
		a, err := Choose(l, o)
		if err != nil {
			t.Fatal(err)
		}
		if !a.Short || a.Model != Cover {
			t.Errorf("%s chose after ten events", a.Model)
		}
		if p := a.Picks[0]; p.Why.New != map[Person]int{0: 6, 1: 4}[p.Person] {
			t.Errorf("what speaks for %d: %+v", p.Person, p.Why)
		}
		return a.Picks[0].Person
	}
	if first(0) != 0 || first(1) != 1 || first(2) != 1 {
		t.Errorf("chosen when asked never, once and twice: %d %d %d", first(0), first(1), first(2))
	}
}

func TestStudent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ level, df, want float64 }{{0.9, 2, 2.9200}, {0.9, 5, 2.0150}, {0.95, 10, 2.2281}, {0.9, 100, 1.6602}} {
		if got := student(c.level, c.df); math.Abs(got-c.want) > 2e-3 {
			t.Errorf("student(%v, %v) = %v, want %v", c.level, c.df, got, c.want)
		}
	}
}

// TestTheAdviceIsWorthIt: on companies whose truth is known, over many of them, the advice reaches at least what the rule to fall
// back to reaches, far more where acts of another kind mislead the rule, and the intervals hold.
func TestTheAdviceIsWorthIt(t *testing.T) {
	t.Parallel()
	stated, covered := 0, 0
	for name, c := range map[string]struct {
		voiced
		least float64 // mean logarithm of the advice over the rule, but for what chance may take from it
	}{
		"still": {voiced{people: 1500, voices: 80, days: 150, circles: 10, posts: 0.05}, -0.02},
		"drift": {voiced{people: 1500, voices: 80, days: 150, circles: 10, posts: 0.05, drift: 0.1}, 0.01},
		"talk":  {voiced{people: 1500, voices: 80, days: 150, circles: 10, posts: 0.02, drift: 0.05, talk: 2, newcomers: 0.5}, 0.02},
		"noise": {voiced{people: 1500, voices: 80, days: 150, circles: 10, posts: 0.05, drift: 0.05, noise: 1}, 1},
		"small": {voiced{people: 300, voices: 20, days: 150, circles: 5, posts: 0.02, drift: 0.05, noise: 0.5, newcomers: 0.5}, 0.1},
	} {
		var log off
		for seed := range uint64(8) {
			b, err := Backtest(c.draw(seed+100), ChooseOptions{K: 5, Carry: []Kind{1}})
			if err != nil {
				t.Fatal(err)
			}
			if b.Rules[0] != Cover || b.Against[0].Rule != Cover {
				t.Fatalf("the first rule is %s", b.Rules[0])
			}
			log.add(math.Log(b.Against[0].Ratio))
			stated += b.Stated
			covered += b.Covered
		}
		mean, err := log.mean()
		t.Logf("%s: %.3f ± %.3f", name, mean, err)
		if mean+2*err < c.least {
			t.Errorf("%s: the advice reaches exp(%.3f) of what the rule reaches", name, mean)
		}
	}
	t.Logf("%d of %d intervals hold", covered, stated)
	if float64(covered) < 0.8*float64(stated) {
		t.Errorf("%d of %d intervals hold", covered, stated)
	}
}

func TestChooseRefuses(t *testing.T) {
	t.Parallel()
	l := &Log{Names: make([]string, 2), Kinds: []string{""}, Events: []Event{{Actor: 0, Target: 1, At: 5}}}
	for _, o := range []ChooseOptions{
		{},
		{K: -1},
		{K: 1, Level: 1},
		{K: 1, Barred: []Person{2}},
		{K: 1, Carry: []Kind{3}},
		{K: 1, Cost: []float64{1}},
		{K: 1, Cost: []float64{0, 1}},
		{K: 1, Involved: []Involvement{{-1, 0}}},
		{K: 1, Ahead: -time.Second},
	} {
		if a, err := Choose(l, o); err == nil {
			t.Errorf("%+v gives %+v", o, a)
		}
	}
	for _, l := range []*Log{{}, {Names: []string{"a"}}, l} {
		if _, err := Choose(l, ChooseOptions{K: 3}); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

// BenchmarkAdvice chooses for a company with a year behind it, the past asked 12 times; the baseline of the same run is the simple
// rule alone.
func BenchmarkAdvice(b *testing.B) {
	l := voiced{people: 5000, voices: 200, days: 365, circles: 10, posts: 0.01, drift: 0.05, newcomers: 0.5, talk: 1}.draw(1)
	for b.Loop() {
		if _, err := Choose(l, ChooseOptions{K: 20, Carry: []Kind{1}}); err != nil {
			b.Fatal(err)
		}
	}
	own := b.Elapsed() / time.Duration(b.N)
	begin := time.Now()
	past, err := newPast(l, ChooseOptions{})
	if err != nil {
		b.Fatal(err)
	}
	past.before(math.MaxInt64).byRule(Cover, ChooseOptions{K: 20}.desk(len(l.Names), false), 1)
	b.ReportMetric(float64(own)/float64(time.Since(begin)), "own/rule")
	b.ReportMetric(float64(len(l.Events)), "events")
}

// In a window of the past there may have been nobody to advise: only those barred were acted upon.
func TestChooseWhereNobodyCouldBeAdvised(t *testing.T) {
	t.Parallel()
	l := &Log{Names: make([]string, 30), Kinds: []string{"", "reply"}}
	for day := range 200 {
		l.Events = append(l.Events, Event{Actor: Person(1 + day%20), Target: 0, Kind: 1, At: 1_700_000_000 + int64(day)*dayLong})
		if day > 190 {
			l.Events = append(l.Events, Event{Actor: Person(21 + day%8), Target: 1, Kind: 1, At: 1_700_000_000 + int64(day)*dayLong + 1})
		}
	}
	a, err := Choose(l, ChooseOptions{K: 5, Home: []Person{0}})
	if err != nil || len(a.Picks) != 1 || a.Picks[0].Person != 1 {
		t.Errorf("%+v, %v", a, err)
	}
}
