package tie

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// Person is somebody in a Log: dense numbers from 0 to n-1, the index into Log.Names.
type Person int32

// Kind is what an event was (a share, an answer): the index into Log.Kinds. 0 is unknown.
type Kind uint8

// Event is one thing that an actor did towards a target.
type Event struct {
	Actor, Target Person
	// At is when, in Unix seconds; 0 is unknown.
	At   int64
	Kind Kind
	// Item is what it was about, a number of the caller's; 0 is unknown.
	Item int64
}

// Log is what happened between people.
type Log struct {
	// Names has one name for each Person, Kinds one for each Kind; Kinds[0] is empty.
	Names, Kinds []string
	// Events stand in the order of At; those of the same moment as they came.
	Events []Event
}

// The limits of a Log.
const (
	MaxPeople = math.MaxInt32
	MaxKinds  = math.MaxUint8 + 1
)

// ErrEvent says that an event of a Log names a person or a kind that the Log does not have.
var ErrEvent = errors.New("tie: an event names a person or a kind that is not in the log")

// Sort brings the events into the order of At; those of the same moment keep theirs.
func (l *Log) Sort() {
	byTime := func(a, b Event) int { return cmp.Compare(a.At, b.At) }
	if !slices.IsSortedFunc(l.Events, byTime) {
		slices.SortStableFunc(l.Events, byTime)
	}
}

// Check says whether every event names people and a kind that the log has, and whether they stand in the order of At.
func (l *Log) Check() error {
	for i, e := range l.Events {
		if e.Actor < 0 || e.Target < 0 || int(e.Actor) >= len(l.Names) || int(e.Target) >= len(l.Names) {
			return ErrEvent
		}
		if int(e.Kind) >= max(len(l.Kinds), 1) {
			return ErrEvent
		}
		if i > 0 && l.Events[i-1].At > e.At {
			return errors.New("tie: the events of a log must stand in the order of their time")
		}
	}
	return nil
}

// Before is the log as it was just before a moment, in Unix seconds: the same people, only the events with a smaller
// At. It shares the arrays of l.
func (l *Log) Before(t int64) *Log {
	return &Log{Names: l.Names, Kinds: l.Kinds, Events: l.Events[:l.upTo(t)]}
}

// Between is the log from a moment on (included) until another (not included). It shares the arrays of l.
func (l *Log) Between(from, until int64) *Log {
	a, b := l.upTo(from), l.upTo(until)
	return &Log{Names: l.Names, Kinds: l.Kinds, Events: l.Events[a:max(a, b)]}
}

// upTo is how many events have a smaller At.
func (l *Log) upTo(t int64) int {
	n, _ := slices.BinarySearchFunc(l.Events, t, func(e Event, t int64) int { return cmp.Compare(e.At, t) })
	return n
}

// Span is the first and the last known moment, in Unix seconds; 0, 0 when no event has one.
func (l *Log) Span() (first, last int64) {
	known := l.Events[l.upTo(1):]
	if len(known) == 0 {
		return 0, 0
	}
	return known[0].At, known[len(known)-1].At
}
