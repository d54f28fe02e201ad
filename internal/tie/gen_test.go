package tie

import "math/rand/v2"

// rmat draws arcs over 2^scale people (Chakrabarti, Zhan and Faloutsos 2004, with a, b, c = .57, .19, .19), whose numbers
// are shuffled and which are as many as have an arc.
func rmat(scale, arcs int, seed uint64) *Log {
	r := rand.New(rand.NewPCG(seed, 17))
	number := make([]Person, 1<<scale)
	for i, j := range r.Perm(len(number)) {
		number[i] = Person(j)
	}
	l := &Log{Kinds: []string{""}, Events: make([]Event, arcs)}
	for i := range l.Events {
		a, b := 0, 0
		for range scale {
			x := r.Float64()
			a, b = a<<1, b<<1
			switch {
			case x < .57:
			case x < .76:
				b |= 1
			case x < .95:
				a |= 1
			default:
				a |= 1
				b |= 1
			}
		}
		l.Events[i] = Event{Actor: number[a], Target: number[b]}
	}
	dense(l, len(number))
	return l
}

// dense numbers the people who have an event from 0 on.
func dense(l *Log, n int) {
	to := make([]Person, n)
	for i := range to {
		to[i] = -1
	}
	people := Person(0)
	for i := range l.Events {
		for _, p := range []*Person{&l.Events[i].Actor, &l.Events[i].Target} {
			if to[*p] < 0 {
				to[*p] = people
				people++
			}
			*p = to[*p]
		}
	}
	l.Names = make([]string, people)
}

// planted draws circles of size people each, person p in circle p/size: inside, everybody has about inside ties; between
// any two circles there is at most one, and bridges of them altogether.
type planted struct {
	circles, size int
	inside        float64
	bridges       int
}

// draw gives the log and the ties between circles.
func (c planted) draw(seed uint64) (*Log, [][2]Person) {
	r := rand.New(rand.NewPCG(seed, 23))
	l := &Log{Names: make([]string, c.circles*c.size), Kinds: []string{""}}
	add := func(a, b Person) { l.Events = append(l.Events, Event{Actor: a, Target: b}) }
	for k := range c.circles {
		first := Person(k * c.size)
		for i := 1; i < c.size; i++ { // nobody is left out
			add(first+Person(i), first+Person(r.IntN(i)))
		}
		for range int(max(c.inside/2-1, 0) * float64(c.size)) {
			add(first+Person(r.IntN(c.size)), first+Person(r.IntN(c.size)))
		}
	}
	used := map[[2]int]bool{}
	var bridges [][2]Person
	for len(bridges) < min(c.bridges, c.circles*(c.circles-1)/2) {
		a, b := r.IntN(c.circles), r.IntN(c.circles)
		if a >= b || used[[2]int{a, b}] {
			continue
		}
		used[[2]int{a, b}] = true
		x, y := Person(a*c.size+r.IntN(c.size)), Person(b*c.size+r.IntN(c.size))
		add(x, y)
		bridges = append(bridges, [2]Person{x, y})
	}
	return l, bridges
}
