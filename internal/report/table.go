package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/text"
)

// MonthOf gives the first and the last day of the month of a moment.
func MonthOf(t time.Time) (from, to link.Day, ok bool) {
	first := time.Date(t.Year(), t.Month(), 1, 12, 0, 0, 0, time.UTC)
	from, to = link.DayOf(first), link.DayOf(first.AddDate(0, 1, -1))
	return from, to, sane(from)
}

// Lines gives every line of results: the networks together and one by one, what is outside, what nobody knows, the whole, and the campaigns.
func (r Results) Lines() []Line {
	out := append([]Line{r.Social}, r.Online...)
	out = append(append(out, r.Offline...), r.Unknown, r.Total)
	return append(out, r.Campaigns...)
}

// ResultColumns are those of a table of results. Intervals hold the true value in 95 of 100 cases; an empty cell is too few to say, or nothing known.
var ResultColumns = []string{
	"from", "to", "kind", "name", "visits", "visitors", "leads", "leads_first", "leads_last", "leads_position", "qualified", "sales", "value", "money", "time", "elsewhere_assumed", "currency",
	"cost_per_visit", "cost_per_visit_low", "cost_per_visit_high", "cost_per_lead", "cost_per_lead_low", "cost_per_lead_high", "cost_per_qualified", "cost_per_qualified_low",
	"cost_per_qualified_high", "cost_per_sale", "cost_per_sale_low", "cost_per_sale_high", "back_per_euro", "back_per_euro_low", "back_per_euro_high", "sold_low", "sold_high",
	"opened_call", "opened_write", "opened_chat", "opened_way", "leads_of_these",
}

// WeekColumns are those of a table of weeks; minutes are empty for who may not know them.
var WeekColumns = []string{"from", "to", "minutes", "answered", "criticisms_settled", "leads", "visits"}

// WriteWeeksCSV writes the weeks of results as a table.
func (r Results) WriteWeeksCSV(w io.Writer) error {
	rows := [][]string{WeekColumns}
	for _, k := range r.Weeks {
		minutes := ""
		if r.Hours != nil {
			minutes = itoa(k.Minutes)
		}
		rows = append(rows, []string{DayText(k.From), DayText(k.To), minutes, itoa(k.Answered), itoa(k.Settled), itoa(k.Leads), strconv.FormatInt(k.Visits, 10)})
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// CriticismColumns are those of a table of criticisms; hours are empty while nobody has answered.
var CriticismColumns = []string{"said", "hours_to_answer", "late", "settled", "conversation"}

// WriteCriticismsCSV writes what became of the criticisms of results as a table.
func (r Results) WriteCriticismsCSV(w io.Writer) error {
	rows := [][]string{CriticismColumns}
	for _, c := range r.Criticisms {
		took := ""
		if c.Took > 0 {
			took = strconv.FormatFloat(c.Took.Hours(), 'f', 2, 64)
		}
		rows = append(rows, []string{c.Said.UTC().Format(time.RFC3339), took, strconv.FormatBool(c.Late), strconv.FormatBool(c.Settled), string(c.Conversation)})
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// WriteCSV writes results as a table.
func (r Results) WriteCSV(w io.Writer) error {
	rows := [][]string{ResultColumns}
	number := func(v float64, places int) string { return strconv.FormatFloat(v, 'f', places, 64) }
	for _, l := range r.Lines() {
		row := []string{
			DayText(r.From), DayText(r.To), string(l.Kind), text.Guard(l.Name), strconv.FormatInt(l.Visits, 10), strconv.FormatInt(l.Visitors, 10), itoa(l.Leads),
			number(l.First, 1), number(l.Last, 1), number(l.Position, 1), itoa(l.Qualified), itoa(l.Sales), amountText(l.Value), amountText(l.Money), amountText(l.Time), amountText(l.Elsewhere), Currency,
		}
		each := func(e Each, by float64) {
			switch {
			case e.Few || e.None:
				row = append(row, "", "", "")
			case e.Open:
				row = append(row, number(e.Cents/by, 2), number(e.Low/by, 2), "")
			default:
				row = append(row, number(e.Cents/by, 2), number(e.Low/by, 2), number(e.High/by, 2))
			}
		}
		each(l.PerVisit, 100)
		each(l.PerLead, 100)
		each(l.PerQualified, 100)
		each(l.PerSale, 100)
		each(l.Back, 1)
		if l.Sold.Few {
			row = append(row, "", "")
		} else {
			row = append(row, number(l.Sold.Low, 4), number(l.Sold.High, 4))
		}
		for _, a := range link.Actions {
			row = append(row, strconv.FormatInt(l.Opened.By[a], 10))
		}
		rows = append(rows, append(row, itoa(l.Opened.Leads)))
	}
	return csv.NewWriter(w).WriteAll(rows)
}
