package view

import (
	"slices"
	"strconv"
)

// The measures of the chart, in its own units.
const (
	chartWidth  = 756.0
	chartLeast  = 84.0  // height of its ground
	chartMost   = 240.0 // height of its tallest column
	chartRoom   = 34.0  // above the tallest column
	squareMost  = 26.0  // edge of the square of one person
	squareLeast = 3.5   // smaller ones cannot be counted: a bar stands instead
)

// CaseChart draws who complained, week by week: one square is one person.
type CaseChart struct {
	Title    string
	Weeks    []int // people, oldest first
	Change   int   // index of the first week after the change; len(Weeks) or more: nothing was changed
	Before   ChartLabel
	After    ChartLabel // empty when nothing was changed
	From     string     // "da fine dicembre"
	To       string     // "al 22 maggio"
	Label    string     // the whole in a sentence
	Counts   string     // whom it counts
	More     string     // who may belong to them and is not counted; "" nobody
	MoreHref string
	Table    TableProps
}

// ChartLabel names a side of the chart.
type ChartLabel struct{ Head, Text string }

// Countable tells whether each person has a square; else the height of a bar is their number.
func (c CaseChart) Countable() bool { return c.edge() >= squareLeast }

func (c CaseChart) most() int {
	if len(c.Weeks) == 0 {
		return 1
	}
	return max(1, slices.Max(c.Weeks))
}

func (c CaseChart) step() float64 { return chartWidth / float64(max(1, len(c.Weeks))) }

// edge is the edge of a square; a seventh of it is the joint.
func (c CaseChart) edge() float64 {
	return min(squareMost, c.step()*0.72, chartMost/float64(c.most())*6/7)
}

type chartMark struct{ x, y, w, h, class string }

// chartDrawing is the chart as shapes.
type chartDrawing struct {
	box          string
	marks        []chartMark
	ticks        []string
	floor, tick  string
	change       string // x of the change; "" for none
	after        string // width of the ground after it
	radius, ends string
}

func (c CaseChart) drawing() chartDrawing {
	step, edge := c.step(), c.edge()
	joint, countable := edge/6, c.Countable()
	if !countable {
		edge = step * 0.72
	}
	tallest := chartMost
	if countable {
		tallest = float64(c.most()) * (edge + joint)
	}
	floor := max(chartLeast, tallest+chartRoom)
	d := chartDrawing{box: "0 0 " + num(chartWidth) + " " + num(floor+6), floor: num(floor), tick: num(floor + 5), radius: num(min(2, edge/6)), ends: num(chartWidth)}
	for i, people := range c.Weeks {
		if i > 0 {
			d.ticks = append(d.ticks, num(step*float64(i)))
		}
		class := "bar raw"
		if i >= c.Change {
			class = "bar main"
		}
		x := num(step*float64(i) + (step-edge)/2)
		if !countable {
			if tall := chartMost * float64(people) / float64(c.most()); people > 0 {
				d.marks = append(d.marks, chartMark{x, num(floor - tall), num(edge), num(tall), class})
			}
			continue
		}
		for k := range people {
			d.marks = append(d.marks, chartMark{x, num(floor - joint - edge - float64(k)*(edge+joint)), num(edge), num(edge), class})
		}
	}
	if c.Change > 0 && c.Change < len(c.Weeks) {
		at := step * float64(c.Change)
		d.change, d.after = num(at), num(chartWidth-at)
	}
	return d
}

// split is the class that puts the two labels over their sides, in twelfths of the width; neither gets less than a quarter.
func (c CaseChart) split() string {
	if c.After.Head == "" || len(c.Weeks) == 0 {
		return "alone"
	}
	at := (c.Change*12 + len(c.Weeks)/2) / len(c.Weeks)
	return "at-" + strconv.Itoa(min(8, max(4, at)))
}
