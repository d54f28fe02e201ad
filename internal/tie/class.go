package tie

import (
	"math"
	"slices"
)

// Class is what a tie is on two axes: how much happens on it (intensity) and how many people its ends share (embeddedness).
type Class uint8

// The classes. They are stored by number.
const (
	Unknown  Class = iota // nothing on it has a known time
	Core                  // much happens, in a common circle
	Wormhole              // much happens, and few are shared (Park, Blumenstock and Macy, Science 362, 2018)
	Embedded              // an acquaintance in a common circle
	Weak                  // little happens, and few are shared (Granovetter 1973)
	Local                 // weak, and nobody at all is shared: a local bridge
)

var classNames = [...]string{"unknown", "core", "wormhole", "embedded", "weak", "local_bridge"}

// String is the name of a class, as reports have it.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return classNames[Unknown]
}

// IsWeak says that a tie is a weak one, a local bridge or not.
func (c Class) IsWeak() bool { return c == Weak || c == Local }

// ClassOptions say where the axes are cut. They should be the same for as long as classes are compared.
type ClassOptions struct {
	// Active is from which intensity on much happens, from 0 to 1; 0 is one half: more likely than not within the horizon.
	Active float64
	// Embedded is from which overlap on few are not few, from 0 to 1; 0 is the median overlap of the ties that
	// share somebody.
	Embedded float64
}

// Classes are the classes of all ties, with where the axes were cut.
type Classes struct {
	Of               []Class // by Edge
	Active, Embedded float64
	Count            [len(classNames)]int // by Class
}

// Classify gives each tie its class. intensity is by Edge, as Intensity.Of has it.
func Classify(t *Ties, intensity []float64, o ClassOptions) *Classes {
	if o.Active <= 0 {
		o.Active = 0.5
	}
	if o.Embedded <= 0 {
		o.Embedded = medianOverlap(t)
	}
	c := &Classes{Of: make([]Class, t.Graph.Edges()), Active: o.Active, Embedded: o.Embedded}
	for e := range c.Of {
		much, shares := intensity[e] >= o.Active, t.common(Edge(e)) > 0 && t.Overlap(Edge(e)) >= o.Embedded
		switch {
		case math.IsNaN(intensity[e]):
			c.Of[e] = Unknown
		case much && shares:
			c.Of[e] = Core
		case much:
			c.Of[e] = Wormhole
		case shares:
			c.Of[e] = Embedded
		case t.common(Edge(e)) > 0:
			c.Of[e] = Weak
		default:
			c.Of[e] = Local
		}
		c.Count[c.Of[e]]++
	}
	return c
}

// medianOverlap is the median overlap of the ties that share somebody; 0 without any.
func medianOverlap(t *Ties) float64 {
	var all []float64
	for e := range t.sums {
		if t.common(Edge(e)) > 0 {
			all = append(all, t.Overlap(Edge(e)))
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}
