package view

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// mostAdvice is how much advice stands open; the rest is one key away.
const mostAdvice = 4

func itoa(n int) string { return strconv.Itoa(n) }

func overAny(parts []PostCount) bool {
	return slices.ContainsFunc(parts, func(c PostCount) bool { return c.Over })
}

func galleryOf(n int) string { return "of-" + strconv.Itoa(min(n, 4)) }

// trigger lists the bells about the post itself.
func (b PostBell) trigger() string {
	var out []string
	for _, t := range strings.Fields(b.Topics) {
		if strings.Contains(t, ":") {
			out = append(out, "live:"+t+" from:body")
		}
	}
	return strings.Join(out, ", ")
}

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
	at     string
	label  string
	anchor string
	close  bool // so near to the one before that its name gives way on a narrow sheet
}

// span is what a label covers of the ruler, in percent.
type span struct{ from, to int }

// longestName is how long the names at a stop may be; longer ones would lie over others, and stand on the tabs.
const longestName = 28

// spanOf lays a label over a place: in the middle of it, unless it would be cut off there. The sheet is at its narrowest.
func spanOf(label string, at int) (span, string) {
	wide := utf8.RuneCountInString(label)*5/4 + 1
	switch s := (span{at - wide/2, at + wide/2}); {
	case s.to > 100:
		return span{at - wide, at}, "end"
	case s.from < 0:
		return span{at, at + wide}, "start"
	default:
		return s, "middle"
	}
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
	var taken []span
	last := -100
	for _, s := range kept {
		at := s.At * 100 / whole
		number := strconv.Itoa(s.At)
		labels := []string{s.Label + " " + number, number}
		if utf8.RuneCountInString(s.Label) > longestName {
			labels = labels[1:]
		}
		x := stop{at: percent(s.At), anchor: "middle", close: at-last < 45}
		for _, label := range labels { // its name, else the number alone, unless it would lie over the one before
			over, anchor := spanOf(label, at)
			if n := len(taken); n > 0 && over.from <= taken[n-1].to {
				continue
			}
			x.label, x.anchor, last = label, anchor, at
			taken = append(taken, over)
			break
		}
		stops = append(stops, x)
	}
	for i, n := 0, 0; n <= whole; i, n = i+1, n+step {
		t := tick{at: percent(n), tall: i%5 == 0}
		label := strconv.Itoa(n)
		over, _ := spanOf(label, n*100/whole)
		if t.tall && n > 0 && !slices.ContainsFunc(taken, func(s span) bool { return over.from <= s.to+1 && s.from <= over.to+1 }) {
			t.label = label
		}
		ticks = append(ticks, t)
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
