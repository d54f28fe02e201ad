package tie

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// same says that two live graphs say the same of everybody, to the last bit.
func same(t *rapid.T, a, b *Live) {
	if a.Edges() != b.Edges() || !slices.Equal(a.Events(), b.Events()) {
		t.Fatalf("%d ties and %d events, want %d and %d", a.Edges(), len(a.Events()), b.Edges(), len(b.Events()))
	}
	for p := range Person(max(a.People(), b.People())) {
		v, w := a.Values(p), b.Values(p)
		if math.Float64bits(v.Constraint) != math.Float64bits(w.Constraint) {
			t.Fatalf("constraint of %d: %v, want %v", p, v.Constraint, w.Constraint)
		}
		v.Constraint, w.Constraint = 0, 0
		if v != w {
			t.Fatalf("%d: %+v, want %+v", p, v, w)
		}
		for q := range p {
			n, x, ok := a.Between(p, q)
			m, y, also := b.Between(p, q)
			if n != m || x != y || ok != also || !slices.Equal(a.Tie(p, q), b.Tie(q, p)) {
				t.Fatalf("tie %d %d: %d %v %v, want %d %v %v", p, q, n, x, ok, m, y, also)
			}
		}
	}
}

func follow(t *rapid.T, events []Event) *Live {
	l, err := NewLive(events)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLiveSaysWhatFuseSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := anyLog(t)
		live := &Live{}
		for _, e := range l.Events {
			if err := live.Add(e); err != nil {
				t.Fatal(err)
			}
			// Some are asked in between, so that they know more than others.
			if rapid.Bool().Draw(t, "ask") {
				live.Values(e.Actor)
			}
		}
		g, err := Build(&Log{Names: l.Names, Kinds: l.Kinds, Events: live.Events()}, BuildOptions{})
		if err != nil {
			t.Fatal(err)
		}
		f := Fuse(g, FuseOptions{})
		for i := range l.Names {
			p := Person(i)
			v := live.Values(p)
			if v.Degree != g.Degree(p) || v.Triangles != f.Triangles[p] || v.EffectiveSize != f.EffectiveSize(p) || v.Efficiency != f.Efficiency(p) || v.Clustering != f.Clustering(p) {
				t.Fatalf("%d: %+v", p, v)
			}
			if v.Degree > 0 && !alike(v.Constraint, f.Constraint[p], 1e-10) {
				t.Fatalf("constraint of %d: %v, want %v", p, v.Constraint, f.Constraint[p])
			}
			for q, e := range g.Neighbours(p) {
				if n, x, ok := live.Between(p, q); !ok || n != f.Common(e) || x != f.Overlap(e) {
					t.Fatalf("tie %d %d: %d %v %v", p, q, n, x, ok)
				}
			}
		}
	})
}

func TestWhatIsRemovedLeavesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, more := anyLog(t), anyLog(t)
		want, got := follow(t, l.Events), follow(t, l.Events)
		for _, e := range more.Events {
			if err := got.Add(e); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "ask") {
				got.Values(e.Target)
			}
		}
		for _, i := range rapid.Permutation(numbers(len(more.Events))).Draw(t, "order") {
			if err := got.Remove(more.Events[i]); err != nil {
				t.Fatal(err)
			}
		}
		same(t, got, want)
		if err := got.Remove(Event{Actor: 0, Target: 1, At: 5000}); !errors.Is(err, ErrNoEvent) {
			t.Fatalf("an event that never was: %v", err)
		}
	})
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestAnErasedPersonWasNeverThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := anyLog(t)
		gone := Person(rapid.IntRange(0, len(l.Names)-1).Draw(t, "gone"))
		theirs := func(e Event) bool { return e.Actor == gone || e.Target == gone }
		got := follow(t, l.Events)
		for range 3 {
			got.Values(Person(rapid.IntRange(0, len(l.Names)-1).Draw(t, "ask")))
		}
		n := got.Erase(gone)
		rest := slices.DeleteFunc(slices.Clone(l.Events), theirs)
		if n != len(l.Events)-len(rest) {
			t.Fatalf("%d events erased, want %d", n, len(l.Events)-len(rest))
		}
		same(t, got, follow(t, rest))
		if got.Erase(gone) != 0 {
			t.Fatal("somebody was erased twice")
		}
	})
}
