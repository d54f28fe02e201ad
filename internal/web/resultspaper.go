package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/paper"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// How the page of results is set on paper.
var (
	paperTitle  = paper.Style{Font: paper.Bold, Size: 22, Lead: 26, Before: 4}
	paperHead   = paper.Style{Font: paper.Bold, Size: 12.5, Before: 20}
	paperFear   = paper.Style{Font: paper.Bold, Size: 11, Before: 6}
	paperNumber = paper.Style{Font: paper.Bold, Size: 20, Lead: 24}
	paperText   = paper.Style{Font: paper.Regular, Size: 10}
	paperNote   = paper.Style{Font: paper.Regular, Size: 8.5, Before: 2, Grey: true}
)

// printResults gives the page of results as a document to print or send: the same figures, in the same words.
func (w *Web) printResults(rw http.ResponseWriter, r *http.Request) error {
	d, period, asked, err := w.resultsOf(r)
	if err != nil {
		return err
	}
	safe, err := w.resultsSecurity(r)
	if err != nil {
		return err
	}
	var out view.Results
	if !d.nothing() {
		d.fill(&out)
		if err := w.carried(r, d, &out); err != nil {
			return err
		}
	}
	company, now := d.v.company.Name, w.rooms.Clock.Now().In(d.v.zone())
	doc := paper.New(paper.About{
		Title: d.t("resultspage.title") + ": " + period, Author: company, Lang: d.words.Lang(), At: now,
		Foot: func(page, of int) string {
			return d.t("resultspage.pdf.foot", "company", company, "page", page, "of", of, "day", d.words.Date(now))
		},
	})
	doc.Text("P", company, paper.Style{Font: paper.Bold, Size: 10})
	doc.Text("H1", d.t("resultspage.title")+": "+period, paperTitle)
	doc.Text("P", d.lede(), paper.Style{Font: paper.Regular, Size: 10, Before: 4, Grey: true})
	for _, f := range []view.Fear{d.time(), d.risk(), d.gain()} {
		doc.Rule(14)
		doc.Text("H2", "«"+f.Says+"»", paperFear)
		var n []string
		for _, p := range f.N {
			n = append(n, p.N, p.Word)
		}
		doc.Text("P", strings.Join(n, " "), paperNumber)
		doc.Text("P", f.So, paperText)
		doc.Text("P", f.Of, paperNote)
	}
	if safe != nil {
		doc.Text("H2", safe.Title, paperHead)
		doc.Text("P", strings.Join([]string{safe.N, safe.Of + ".", safe.Say, safe.First}, " "), paperText)
	}
	if !d.nothing() {
		d.paperLines(doc, out)
	}
	d.paperWeeks(doc)
	doc.Text("H2", d.t("resultspage.rules"), paperHead)
	for _, rule := range d.rules() {
		doc.Text("P", "• "+rule, paperNote)
	}
	_, name, _ := strings.Cut(asked, "=")
	return file(rw, "application/pdf", "ponte-"+name+".pdf", doc.Bytes())
}

// paperLines writes what one lead cost, and every line from the visit to the sale.
func (d *resultDesk) paperLines(doc *paper.Doc, out view.Results) {
	doc.Text("H2", d.t("resultspage.each"), paperHead)
	var rows [][]paper.Cell
	for _, c := range out.Costs {
		row := []paper.Cell{{Text: c.Name, Strong: c.Main}, {Text: c.Leads}, {Text: c.Money}, {Text: c.Few}, {Text: "–"}}
		if c.Each != "" {
			row[3] = paper.Cell{Bar: &paper.Bar{From: c.X1 / 100, To: c.X2 / 100, At: c.At / 100, Main: c.Main, Open: c.Beyond != ""}}
			row[4] = paper.Cell{Text: c.Each, Strong: c.Main, Note: c.Between}
		}
		rows = append(rows, row)
	}
	doc.Table(d.t("resultspage.each"), []paper.Column{
		{Label: d.t("resultspage.from"), Wide: 2.2},
		{Label: d.t("resultspage.leads"), Wide: 1.1, Right: true},
		{Label: d.t("resultspage.money"), Wide: 1.3, Right: true},
		{Label: d.t("resultspage.range"), Wide: 3.4},
		{Label: d.t("resultspage.mean"), Wide: 1.8, Right: true},
	}, rows)
	for _, s := range []struct{ head, text string }{{d.t("resultspage.sure"), out.Sure}, {d.t("resultspage.assumed"), out.Assumed}, {"", out.Carried}} {
		if s.text != "" {
			doc.Text("P", strings.TrimSpace(s.head+" "+s.text), paper.Style{Font: paper.Regular, Size: 9.5, Before: 6})
		}
	}
	doc.Text("H2", d.t("resultspage.lines"), paperHead)
	d.paperTable(doc, d.t("resultspage.from"), d.lines())
	if heads, opened := d.opened(); len(opened) > 0 {
		doc.Text("H2", d.t("resultspage.opened")+": "+d.t("resultspage.opened.note"), paperHead)
		paperPlain(doc, d.t("resultspage.opened"), 2, heads, opened)
	}
	if d.r.Disagree {
		heads, ways := d.ways()
		doc.Text("H2", d.t("resultspage.ways")+": "+d.t("resultspage.ways.note"), paperHead)
		paperPlain(doc, d.t("resultspage.ways"), 3, heads, ways)
	}
	if len(d.r.Campaigns) > 0 {
		doc.Text("H2", d.t("resultspage.drives"), paperHead)
		d.paperTable(doc, d.t("resultspage.campaign"), d.r.Campaigns)
	}
}

// paperTable writes lines with everything that is known of them: what came, then what one of it cost.
func (d *resultDesk) paperTable(doc *paper.Doc, what string, lines []report.Line) {
	cell := func(one, interval string) paper.Cell { return paper.Cell{Text: one, Note: interval} }
	for _, t := range []struct {
		keys []string
		row  func(l report.Line) []paper.Cell
	}{
		{[]string{"visits", "leads", "promising", "sold", "value", "money"}, func(l report.Line) []paper.Cell {
			money := ""
			if l.Time > 0 {
				money = d.t("resultspage.with.time", "money", d.words.Money(l.Time, report.Currency))
			}
			return []paper.Cell{
				{Text: d.n(int(l.Visits))},
				{Text: d.n(l.Leads)},
				cell(d.n(l.Qualified), d.between(l.Promising)), cell(d.n(l.Sales), d.between(l.Sold)),
				{Text: d.words.Money(l.Value, report.Currency)},
				cell(d.words.Money(l.Cost(), report.Currency), money),
			}
		}},
		{[]string{"per.visit", "per.lead", "per.sale", "back"}, func(l report.Line) []paper.Cell {
			return []paper.Cell{cell(d.each(l.PerVisit)), cell(d.each(l.PerLead)), cell(d.each(l.PerSale)), cell(d.back(l.Back))}
		}},
	} {
		columns := []paper.Column{{Label: what, Wide: 1.6}}
		for _, k := range t.keys {
			columns = append(columns, paper.Column{Label: d.t("resultspage." + k), Wide: 1, Right: true})
		}
		columns[len(columns)-1].Wide = 1.3
		var rows [][]paper.Cell
		for _, l := range lines {
			if l.Cost() > 0 || len(t.keys) > 4 {
				rows = append(rows, append([]paper.Cell{{Text: d.name(l), Indent: l.Kind == report.Online, Strong: l.Kind == report.Total}}, t.row(l)...))
			}
		}
		if len(rows) > 0 {
			doc.Table(what, columns, rows)
			doc.Space(10)
		}
	}
}

// paperWeeks writes the weeks, which the page draws.
func (d *resultDesk) paperWeeks(doc *paper.Doc) {
	heads := []string{d.t("resultspage.week")}
	for _, key := range []string{"resultspage.week.hours", "resultspage.week.answers", "resultspage.week.settled", "resultspage.leads", "resultspage.visits"} {
		if d.r.Hours != nil || key != "resultspage.week.hours" {
			heads = append(heads, d.t(key))
		}
	}
	var rows [][]string
	for _, k := range d.r.Weeks {
		row := []string{d.words.ShortDate(k.From.Time(), d.r.To.Time()) + " – " + d.words.ShortDate(k.To.Time(), d.r.To.Time())}
		if d.r.Hours != nil {
			row = append(row, d.v.minutes(k.Minutes))
		}
		for _, n := range []int{k.Answered, k.Settled, k.Leads, int(k.Visits)} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	doc.Text("H2", d.t("resultspage.weeks.table"), paperHead)
	paperPlain(doc, d.t("resultspage.weeks.table"), 2, heads, rows)
}

// paperPlain writes a table whose first column, so many times as wide, says what the numbers in the others are of.
func paperPlain(doc *paper.Doc, caption string, first float64, heads []string, rows [][]string) {
	var columns []paper.Column
	for i, h := range heads {
		c := paper.Column{Label: h, Wide: 1, Right: true}
		if i == 0 {
			c = paper.Column{Label: h, Wide: first}
		}
		columns = append(columns, c)
	}
	var cells [][]paper.Cell
	for _, texts := range rows {
		var row []paper.Cell
		for _, t := range texts {
			row = append(row, paper.Cell{Text: t})
		}
		cells = append(cells, row)
	}
	doc.Table(caption, columns, cells)
}
