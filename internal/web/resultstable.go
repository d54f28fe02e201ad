package web

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// table lists lines with everything that is known of them.
func (d *resultDesk) table(lines []report.Line, what string) view.TableProps {
	out := view.TableProps{Caption: what, Heads: true, Columns: []view.Column{
		{Label: what},
		{Label: d.t("resultspage.visits"), Number: true},
		{Label: d.t("resultspage.leads"), Number: true},
		{Label: d.t("resultspage.promising"), Number: true},
		{Label: d.t("resultspage.sold"), Number: true},
		{Label: d.t("resultspage.value"), Number: true},
		{Label: d.t("resultspage.money"), Number: true},
		{Label: d.t("resultspage.per.visit"), Number: true},
		{Label: d.t("resultspage.per.lead"), Number: true},
		{Label: d.t("resultspage.per.sale"), Number: true},
		{Label: d.t("resultspage.back"), Number: true},
	}}
	for _, l := range lines {
		name := templ.Component(view.Plain(d.name(l)))
		var channel, campaign, leads, won, visits string
		switch l.Kind {
		case report.Online:
			name, channel = view.Inset(d.name(l)), l.Name
		case report.Outside:
			channel = l.Name
		case report.Drive:
			campaign = l.Name
		}
		costs := view.PathCosts + "?" + d.query
		if channel != "" || campaign != "" {
			leads, won = d.leads(channel, campaign), d.won(channel, campaign)
			costs += "&" + query("channel", channel, "campaign", campaign)
			if d.v.actor.Can(team.LinksRead) {
				visits = view.PathLinks + "?" + query("channel", channel, "campaign", campaign)
			}
		} else if l.Kind == report.Total {
			leads, won = d.leads("", ""), d.won("", "")
		}
		cell := func(one, interval string) templ.Component { return view.Cell(one, interval, "") }
		money := ""
		if l.Time > 0 {
			money = d.t("resultspage.with.time", "money", d.words.Money(l.Time, report.Currency))
		}
		out.Rows = append(out.Rows, []templ.Component{
			name, view.Cell(d.n(int(l.Visits)), "", visits), view.Cell(d.n(l.Leads), "", leads), view.Cell(d.n(l.Qualified), d.between(l.Promising), ""),
			view.Cell(d.n(l.Sales), d.between(l.Sold), won), view.Plain(d.words.Money(l.Value, report.Currency)), view.Cell(d.words.Money(l.Cost(), report.Currency), money, costs),
			cell(d.each(l.PerVisit)), cell(d.each(l.PerLead)), cell(d.each(l.PerSale)), cell(d.back(l.Back)),
		})
	}
	return out
}

// each is what one cost, with the interval below it.
func (d *resultDesk) each(e report.Each) (one, interval string) {
	switch {
	case e.None:
		return "–", ""
	case e.Few:
		return "–", d.t("resultspage.few.short")
	case e.Open:
		return d.money(e.Cents), d.t("resultspage.interval.open", "low", d.money(e.Low))
	}
	return d.money(e.Cents), d.t("resultspage.interval", "low", d.money(e.Low), "high", d.money(e.High))
}

// back is what every euro that was spent brought back.
func (d *resultDesk) back(e report.Each) (one, interval string) {
	e.Cents, e.Low, e.High = 100*e.Cents, 100*e.Low, 100*e.High
	return d.each(e)
}

// between is the interval of a share, "" when there are too few.
func (d *resultDesk) between(s report.Share) string {
	if s.Few {
		return ""
	}
	return d.t("resultspage.share", "low", strconv.Itoa(int(math.Round(100*s.Low))), "high", strconv.Itoa(int(math.Round(100*s.High))))
}

// times writes how many leads a line has by a way of attribution.
func (d *resultDesk) times(v float64) string {
	return strings.TrimSuffix(strings.TrimSuffix(decimal(d.words.Lang(), v), ".0"), ",0")
}

// opened lists how often links were opened that begin a call, a letter, a message or a way, by channel, and how many leads were written down to them.
func (d *resultDesk) opened() (heads []string, rows [][]string) {
	if !d.r.Total.Opened.Any() {
		return nil, nil
	}
	var shown []link.Action
	heads = []string{d.t("resultspage.from")}
	for _, a := range link.Actions {
		if d.r.Total.Opened.By[a] > 0 {
			shown, heads = append(shown, a), append(heads, d.t("linkspage.actfigure."+string(a)))
		}
	}
	heads = append(heads, d.t("resultspage.opened.leads"))
	for _, l := range d.lines() {
		if !l.Opened.Any() || l.Kind == report.Social {
			continue
		}
		row := []string{d.name(l)}
		for _, a := range shown {
			row = append(row, d.n(int(l.Opened.By[a])))
		}
		rows = append(rows, append(row, d.n(l.Opened.Leads)))
	}
	return heads, rows
}

// ways sets the three ways of attribution side by side.
func (d *resultDesk) ways() (heads []string, rows [][]string) {
	heads = []string{d.t("resultspage.from"), d.t("resultspage.way.first"), d.t("resultspage.way.last"), d.t("resultspage.way.position")}
	for _, l := range slices.Concat(d.r.Online, d.r.Offline, d.some(d.r.Unknown)) {
		if l.First+l.Last+l.Position > 0 {
			rows = append(rows, []string{d.name(l), d.times(l.First), d.times(l.Last), d.times(l.Position)})
		}
	}
	return heads, rows
}

// plainTable is a table on the page whose first column says what the numbers in the others are of.
func plainTable(caption string, heads []string, rows [][]string) view.TableProps {
	out := view.TableProps{Caption: caption, Heads: true}
	for i, h := range heads {
		out.Columns = append(out.Columns, view.Column{Label: h, Number: i > 0})
	}
	for _, row := range rows {
		var cells []templ.Component
		for _, c := range row {
			cells = append(cells, view.Plain(c))
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}
