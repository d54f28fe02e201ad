package view

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// StoneKind is what a stone of an arch says.
type StoneKind string

// The kinds of stones.
const (
	StoneLaid   StoneKind = "stone"     // done: filled
	StoneOpen   StoneKind = "open"      // to lay: dashed
	StoneEarly  StoneKind = "early"     // too early to tell: hatched
	StoneFailed StoneKind = "failed"    // did not work: outlined, and it stays
	StoneNext   StoneKind = "key-stone" // the next one, yours to lay: red
	StoneGone   StoneKind = "gone"      // hours that have passed
)

// Ring is the geometry of an arch in its own units: a ring around (CX, CY) from angle From down to To (degrees,
// counter-clockwise from the right), cut into stones with joints of one width.
type Ring struct {
	Width, Height float64 // of the drawing
	CX, CY        float64
	Inner, Outer  float64 // radii
	From, To      float64
	Joint         float64
	Keystone      float64 // how far the middle stone of an odd number stands out; half of it is taken inside. 0 for none
}

// The rings of the design.
var (
	ringSmall  = Ring{Width: 240, Height: 118, CX: 120, CY: 118, Inner: 64, Outer: 112, From: 180, To: 0, Joint: 5, Keystone: 5}
	ringSteps  = Ring{Width: 240, Height: 120, CX: 120, CY: 118, Inner: 62, Outer: 112, From: 180, To: 0, Joint: 6, Keystone: 6}
	ringClock  = Ring{Width: 360, Height: 180, CX: 180, CY: 180, Inner: 122, Outer: 176, From: 180, To: 0, Joint: 4}
	ringPoster = Ring{Width: 800, Height: 415, CX: 400, CY: 420, Inner: 250, Outer: 392, From: 180, To: 0, Joint: 8, Keystone: 18}
)

// Sector is the place of a stone in its ring: between two radii and two angles, joints not taken off.
type Sector struct{ Inner, Outer, From, To float64 }

// Sectors gives the places of n stones from the left bank to the right.
func (r Ring) Sectors(n int) []Sector {
	out := make([]Sector, 0, n)
	step := (r.From - r.To) / float64(n)
	for i := range n {
		left := r.From - step*float64(i)
		s := Sector{r.Inner, r.Outer, left, left - step}
		if r.Keystone > 0 && n%2 == 1 && i == n/2 {
			s.Inner, s.Outer = r.Inner-r.Keystone*0.6, r.Outer+r.Keystone
		}
		out = append(out, s)
	}
	return out
}

// Stones gives the paths of n stones from the left bank to the right.
func (r Ring) Stones(n int) []string {
	paths := make([]string, 0, n)
	for _, s := range r.Sectors(n) {
		paths = append(paths, r.stone(s.Inner, s.Outer, s.From, s.To))
	}
	return paths
}

// stone draws one stone. Each end moves inward by asin(joint / 2r) at its own radius, so that the two edges of a joint
// are parallel. The stones on the banks give up half a joint too: all stones are alike.
func (r Ring) stone(inner, outer, from, to float64) string {
	point := func(radius, degrees, side float64) string {
		a := degrees*math.Pi/180 + side*math.Asin(r.Joint/(2*radius))
		return num(r.CX+radius*math.Cos(a)) + " " + num(r.CY-radius*math.Sin(a))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "M%sA%s %s 0 0 1 %s", point(outer, from, -1), num(outer), num(outer), point(outer, to, 1))
	fmt.Fprintf(&b, "L%sA%s %s 0 0 0 %sz", point(inner, to, 1), num(inner), num(inner), point(inner, from, -1))
	return b.String()
}

// num writes a length with at most two decimals.
func num(v float64) string {
	s := strconv.FormatFloat(math.Round(v*100)/100, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

func (r Ring) viewBox() string { return "0 0 " + num(r.Width) + " " + num(r.Height) }

// laid gives n laid stones; the middle one is red when key is true.
func laid(n int, key bool) []StoneKind {
	s := make([]StoneKind, n)
	for i := range s {
		s[i] = StoneLaid
	}
	if key {
		s[n/2] = StoneNext
	}
	return s
}

// Steps gives the stones of n steps of which step current (from 1) is the next to take.
func Steps(current, n int) []StoneKind {
	s := make([]StoneKind, n)
	for i := range s {
		switch {
		case i+1 < current:
			s[i] = StoneLaid
		case i+1 == current:
			s[i] = StoneNext
		default:
			s[i] = StoneOpen
		}
	}
	return s
}

// clockStones gives the stones of a promise of whole hours, of which left remain, to the nearest
// stone; while there is any time, one stone stands.
// At most 24 stones are drawn; a longer promise shares them out. The stones turn red in the last quarter.
func clockStones(left, promise time.Duration) []StoneKind {
	n := 24
	if h := int(math.Round(promise.Hours())); h >= 1 && h < n {
		n = h
	}
	remain := 0
	if left > 0 && promise > 0 {
		remain = min(n, max(1, int(math.Round(float64(n)*float64(left)/float64(promise)))))
	}
	kind := StoneLaid
	if remain*4 <= n {
		kind = StoneNext
	}
	s := make([]StoneKind, n)
	for i := range s {
		s[i] = StoneGone
		if i >= n-remain {
			s[i] = kind
		}
	}
	return s
}
