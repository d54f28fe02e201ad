package view

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// The pages of results.
const (
	PathResults       = "/results"
	PathResultsExport = PathResults + "/export.csv"
	PathResultsWeeks  = PathResults + "/weeks.csv"
	PathResultsPDF    = PathResults + "/results.pdf"
	PathCosts         = PathResults + "/costs"

	PathResultsCriticisms = PathResults + "/criticisms.csv"

	PathCostTable  = PathCosts + "/table"
	PathCostExport = PathCosts + "/export.csv"
	PathRates      = PathResults + "/rates"
	PathWork       = PathResults + "/time"
	PathWorkExport = PathWork + "/export.csv"
)

// Results is the page of the three fears.
type Results struct {
	Lede     string
	Period   string
	Periods  []ItemProps
	Exports  []ItemProps
	Fears    []Fear
	Security templ.Component // nil: nothing is said of it
	Costs    []CostRange
	Scale    [3]string
	Sure     string
	Sources  string // the heading
	Bars     []HBar
	Carried  string
	Thank    string // address
	Lines    TableProps
	Drives   TableProps
	Ways     TableProps // the ways of attribution; without rows they agree
	Opened   TableProps // links that begin a call, a letter, a message, a way; without rows there were none
	Assumed  string     // what it would have cost in another way
	Rules    []string
	Empty    *EmptyProps
	Change   bool // the reader may write costs down
}

// SafetyLine says how safe accounts, people and posts are.
type SafetyLine struct{ Title, N, Of, Say, First, Open string }

// Fear is one of the three, with its answer.
type Fear struct {
	ID, Says string
	N        []Part // 2 h 40 min
	So       string
	Chart    *WeekChart
	Dots     *DotChart
	Of       string
	Link     string
	Href     string
}

// Part is a number with the small word after it.
type Part struct{ N, Word string }

// WeekChart is a bar for every week; Blocks draws them as so many blocks.
type WeekChart struct {
	Label       string // the whole in a sentence
	Weeks       []float64
	Blocks      bool
	First, Last string // over the first and the last bar
	From, To    string // under the ends
}

const (
	weekWidth, weekFoot, weekTop = 360.0, 118.0, 36.0
	mostBlocks                   = 8
)

func coord(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

type weekBar struct {
	X, Y, W, H string
	Main       bool
}

type weekWord struct{ X, Y, Anchor, Text string }

func (c WeekChart) most() float64 {
	most := 0.0
	for _, n := range c.Weeks {
		most = max(most, n)
	}
	return most
}

func (c WeekChart) bars() (out []weekBar) {
	most := c.most()
	if most == 0 {
		return nil
	}
	step := weekWidth / float64(len(c.Weeks))
	gap := barGap(step)
	for i, n := range c.Weeks {
		x, main := float64(i)*step+gap/2, i == len(c.Weeks)-1
		if c.Blocks && most <= mostBlocks {
			for k := range int(n) {
				out = append(out, weekBar{coord(x), coord(weekFoot - 11 - 10.5*float64(k)), coord(step - gap), "9", main})
			}
			continue
		}
		h := (weekFoot - weekTop) * n / most
		out = append(out, weekBar{coord(x), coord(weekFoot - h), coord(step - gap), coord(h), main})
	}
	return out
}

func (c WeekChart) words() (out []weekWord) {
	most, last := c.most(), len(c.Weeks)-1
	if most == 0 || last < 0 {
		return nil
	}
	step := weekWidth / float64(len(c.Weeks))
	// over is where words stand free: above the highest of the bars from i to j.
	over := func(i, j int) string {
		high := slices.Max(c.Weeks[max(i, 0):min(j, last+1)])
		if c.Blocks && most <= mostBlocks {
			return coord(weekFoot - 10 - 10.5*high)
		}
		return coord(weekFoot - (weekFoot-weekTop)*high/most - 8)
	}
	// Words that are wider than their bar begin, or end, where it does.
	wide := func(s string) int { return int(math.Ceil(float64(utf8.RuneCountInString(s)) * signWidth / step)) }
	if n := wide(c.First); c.First != "" && last > 0 {
		out = append(out, weekWord{coord(begin(n, step)), over(0, n), when(n > 1, "start") + when(n <= 1, "middle"), c.First})
	}
	if n := wide(c.Last); c.Last != "" {
		out = append(out, weekWord{coord(weekWidth - begin(n, step)), over(last+1-n, last+1), when(n > 1, "end") + when(n <= 1, "middle"), c.Last})
	}
	return out
}

// barGap is the room between two bars.
func barGap(step float64) float64 { return min(10, step/3) }

// begin is how far from the chart's end words begin: with their bar, or in its middle.
func begin(bars int, step float64) float64 {
	if bars > 1 {
		return barGap(step) / 2
	}
	return step / 2
}

// signWidth is about how wide a letter of the words in a chart is.
const signWidth = 8.5

// DotChart is a dot for everything that was answered, by how long it took; the line is when it should have been.
type DotChart struct {
	Label            string
	Took             []float64 // in parts of the time wanted
	Wanted           string    // over the line
	Now, Limit, Over string    // under the ends and the line
}

type dot struct {
	X, Y string
	Late bool
}

const (
	dotLimit, dotStep, dotMost = 240.0, 16.0, 1.5
)

func (c DotChart) dots() (out []dot) {
	heap := map[int]int{}
	for _, t := range c.Took {
		column := int(min(t, dotMost) * dotLimit / 15)
		n := heap[column]
		heap[column]++
		if n > 4 { // the column is full: the table below has them all
			continue
		}
		out = append(out, dot{coord(min(float64(column)*15+8, weekWidth-8)), coord(106 - dotStep*float64(n)), t > 1})
	}
	return out
}

// CostRange is what one lead cost, with its interval.
type CostRange struct {
	Name, Href string
	Leads      string
	LeadsWord  string
	Money      string
	Each       string // "" nothing can be said: Few says why
	Between    string // its interval, in words
	Few        string
	Main       bool
	X1, X2, At float64 // of the scale, in hundredths
	Beyond     string  // the interval goes on to the right
}

func (c CostRange) x1() string { return coord(c.X1) }
func (c CostRange) x2() string { return coord(max(c.X2, c.X1+0.6)) }
func (c CostRange) at() string { return coord(c.At) }

func resultTabs(p Page, current string) []Tab {
	tabs := []Tab{
		{Label: p.T("resultspage.tab.results"), Href: PathResults},
		{Label: p.T("resultspage.tab.costs"), Href: PathCosts},
		{Label: p.T("resultspage.tab.time"), Href: PathWork},
	}
	for i := range tabs {
		tabs[i].Current = tabs[i].Href == current
	}
	return tabs
}

// CostsPage is the cost book.
type CostsPage struct {
	Lede   string
	Change bool
	Rows   []RowProps
	Sum    []FigureProps
	Form   CostForm
	Rates  []FieldProps // nil: the reader may not know them
	Of     string       // the period that narrows it
	All    string       // address without it
}

// CostForm is what one says of a cost.
type CostForm struct {
	Path, Drop                 string // Drop "": it is a new one
	Kinds                      []Option
	Amount, From, To           string
	Channel, Campaign, Note    string
	Elsewhere, ElsewhereAmount string
	Version                    string
	Channels, Campaigns        []string
	Error, Remedy              string
	Errors                     map[string]string
}

// CostTable brings in a table of costs.
type CostTable struct {
	Problem *TroubleProps
	Looked  bool
	Say     string
	Table   TableProps
	Do      string
	Text    string
	Columns []Fact
}

// WorkPage is a member's own minutes.
type WorkPage struct {
	Lede          string
	Figures       []FigureProps
	Days          []WorkDay
	Kinds         []Option
	Today, Day    string
	Minutes       string
	Error, Remedy string
	Errors        map[string]string
}

// WorkDay is a day of it.
type WorkDay struct {
	Day, Title, Sum string
	Works           []WorkLine
}

// WorkLine is what one did on a day.
type WorkLine struct {
	Work, Label, Note string
	Minutes           string
	Label2            string // of the field, spoken
}
