package view

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"
)

// mostAdvice is how much advice stands open; the rest is one key away.
const mostAdvice = 4

func itoa(n int) string { return strconv.Itoa(n) }

func overAny(parts []PostCount) bool {
	return slices.ContainsFunc(parts, func(c PostCount) bool { return c.Over })
}

func galleryOf(n int) string { return "of-" + strconv.Itoa(min(n, 4)) }

func clockAttrs(w PostWhen) templ.Attributes {
	a := templ.Attributes{"data-clock": true}
	if w.Min != "" {
		a["min"] = w.Min
	}
	if w.ClockURL != "" {
		a["hx-get"] = w.ClockURL
		a["hx-trigger"] = "change"
		a["hx-target"] = "#post-clock"
		a["hx-swap"] = "outerHTML"
		a["data-quiet"] = true
	}
	return a
}

// stop is a place on the ruler where a channel ends.
type stop struct {
	at    string
	label string
	end   bool
	close bool // so near to the one before that its name gives way on a narrow sheet
}

func (s stop) anchor() string {
	if s.end {
		return "end"
	}
	return "middle"
}

// whole is how many characters the ruler is long.
func (r PostRuler) whole() int {
	longest := 0
	for _, s := range r.Stops {
		longest = max(longest, s.At)
	}
	return max(longest*100/93, 40)
}

// lay lays the ticks, the stops and the place where the text ends. Stops that would lie over one another share a label.
func (r PostRuler) lay() (ticks []tick, stops []stop, here string) {
	whole := r.whole()
	percent := func(n int) string { return num(float64(min(n, whole))*100/float64(whole)) + "%" }
	step := 10
	for whole/step > 30 {
		step = next(step)
	}
	in := slices.Clone(r.Stops)
	slices.SortFunc(in, func(a, b PostStop) int { return a.At - b.At })
	var kept []PostStop
	for _, s := range in {
		if n := len(kept); n > 0 && (s.At-kept[n-1].At)*100/whole < 3 {
			kept[n-1].Label += ", " + s.Label
			continue
		}
		kept = append(kept, s)
	}
	near := func(n int) bool {
		return slices.ContainsFunc(kept, func(s PostStop) bool { return abs(s.At-n)*100/whole < 16 })
	}
	for i, n := 0, 0; n <= whole; i, n = i+1, n+step {
		t := tick{at: percent(n), tall: i%5 == 0}
		if t.tall && n > 0 && !near(n) {
			t.label = strconv.Itoa(n)
		}
		ticks = append(ticks, t)
	}
	last := -100
	for _, s := range kept {
		at := s.At * 100 / whole
		label, near := s.Label+" "+strconv.Itoa(s.At), at-last < 45
		if at-last < 18 { // its name would lie over the one before
			label = ""
		} else {
			last = at
		}
		stops = append(stops, stop{at: percent(s.At), label: label, end: at > 80, close: near})
	}
	return ticks, stops, percent(r.Used)
}

func next(step int) int {
	for _, s := range []int{20, 50, 100, 200, 500, 1000, 2000, 5000} {
		if s > step {
			return s
		}
	}
	return step * 2
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// waits tells that who reads is to decide: then what goes out comes first.
func (s PostSheet) waits() bool { return s.Approve != nil && s.Approve.YesURL != "" }

// lastBar is the newest reading: the bar that matters.
func lastBar(bars []PostBar) int {
	last := -1
	for i, b := range bars {
		if !b.Wait {
			last = i
		}
	}
	return last
}
