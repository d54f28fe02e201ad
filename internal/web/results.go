package web

import (
	"cmp"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) resultRoutes() {
	w.member("GET "+view.PathResults, w.showResults)
	w.member("GET "+view.PathResultsExport, w.exportResults)
	w.member("GET "+view.PathResultsWeeks, w.exportWeeks)
	w.member("GET "+view.PathResultsCriticisms, w.exportCriticisms)
	w.member("GET "+view.PathResultsPDF, w.printResults)
}

// resultWeeks are the periods that one chooses among.
var resultWeeks = []int{4, 8, 13, 26, 52}

// days reads a stretch of days from a query, both ends included, as moments where the company is; what is no day is zero.
func (v *visit) days(from, to string) (begin, end time.Time) {
	at := func(d link.Day) time.Time {
		y, m, day := d.Time().Date()
		return time.Date(y, m, day, 0, 0, 0, 0, v.zone())
	}
	if d, ok := report.ParseDay(from); ok {
		begin = at(d)
	}
	if d, ok := report.ParseDay(to); ok {
		end = at(d.Next())
	}
	return begin, end
}

// resultPeriod reads which days are asked for: so many weeks until today, or a month.
func (w *Web) resultPeriod(r *http.Request) (from, to link.Day, weeks int, month string) {
	v, q := visitOf(r), r.URL.Query()
	now := w.rooms.Clock.Now().In(v.zone())
	if m, err := time.Parse("2006-01", q.Get("month")); err == nil {
		if from, to, ok := report.MonthOf(m); ok && from <= link.DayOf(now) {
			return from, min(to, link.DayOf(now)), 0, q.Get("month")
		}
	}
	weeks = 8
	if n, err := strconv.Atoi(q.Get("weeks")); err == nil && slices.Contains(resultWeeks, n) {
		weeks = n
	}
	return link.DayOf(now.AddDate(0, 0, 1-7*weeks)), link.DayOf(now), weeks, ""
}

// resultDesk draws results.
type resultDesk struct {
	v     *visit
	words *i18n.Localizer
	r     report.Results
	query string
}

// resultsOf reckons the results that are asked for, and says their period, for people and in a query.
func (w *Web) resultsOf(r *http.Request) (d *resultDesk, period, asked string, err error) {
	v := visitOf(r)
	from, to, weeks, month := w.resultPeriod(r)
	res, err := w.rooms.Report.Results(r.Context(), v.actor, from, to)
	if err != nil {
		return nil, "", "", err
	}
	d = &resultDesk{v: v, words: v.words, r: res, query: query("from", report.DayText(from), "to", report.DayText(to))}
	if month != "" {
		return d, d.words.Month(from.Time()), "?month=" + month, nil
	}
	return d, d.words.N("resultspage.weeks", weeks), "?weeks=" + strconv.Itoa(weeks), nil
}

// lede says which days results are of.
func (d *resultDesk) lede() string {
	return d.t("resultspage.lede", "days", d.words.N("resultspage.days", d.r.Days()), "from", d.words.Date(d.r.From.Time()), "to", d.words.Date(d.r.To.Time()))
}

// nothing tells whether there is nothing to reckon with.
func (d *resultDesk) nothing() bool {
	return d.r.Total.Leads == 0 && d.r.Total.Visits == 0 && d.r.Total.Money == 0
}

func (d *resultDesk) rules() (out []string) {
	for _, rule := range []string{"lead", "attribution", "cost", "each", "share", "few", "time"} {
		out = append(out, d.t("resultspage.rule."+rule, "few", strconv.Itoa(report.Few), "pause", strconv.Itoa(int(report.Pause.Minutes()))))
	}
	return out
}

func (w *Web) showResults(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	d, period, asked, err := w.resultsOf(r)
	if err != nil {
		return err
	}
	out := view.Results{Lede: d.lede(), Period: period, Change: v.actor.Can(team.CostsManage)}
	for _, x := range []struct{ label, path, icon string }{
		{"resultspage.pdf", view.PathResultsPDF, "print"},
		{"resultspage.export.lines", view.PathResultsExport, "download"},
		{"resultspage.export.weeks", view.PathResultsWeeks, "download"},
		{"resultspage.export.criticisms", view.PathResultsCriticisms, "download"},
	} {
		out.Exports = append(out.Exports, view.ItemProps{Label: d.t(x.label), Href: x.path + asked, Icon: x.icon})
	}
	_, _, weeks, month := w.resultPeriod(r)
	for _, n := range resultWeeks {
		out.Periods = append(out.Periods, view.ItemProps{Label: d.words.N("resultspage.weeks", n), Href: view.PathResults + "?weeks=" + strconv.Itoa(n), Current: n == weeks})
	}
	now := w.rooms.Clock.Now().In(v.zone())
	for i := range 3 {
		m := time.Date(now.Year(), now.Month(), 1, 12, 0, 0, 0, time.UTC).AddDate(0, -i, 0)
		out.Periods = append(out.Periods, view.ItemProps{Label: d.words.Month(m), Href: view.PathResults + "?month=" + m.Format("2006-01"), Current: m.Format("2006-01") == month})
	}
	out.Fears = []view.Fear{d.time(), d.risk(), d.gain()}
	safe, err := w.resultsSecurity(r)
	if err != nil {
		return err
	}
	if safe != nil {
		out.Security = view.Safety(*safe)
	}
	if d.nothing() {
		out.Empty = &view.EmptyProps{Title: d.t("resultspage.empty"), Text: d.t("resultspage.empty.text")}
	} else {
		d.fill(&out)
		if err := w.carried(r, d, &out); err != nil {
			return err
		}
	}
	out.Rules = d.rules()
	p := w.page(r, view.RoomResults, "resultspage.title")
	return w.show(rw, r, p, view.ResultsPage(p, out))
}

// resultsSecurity draws how safe accounts, people and posts are, in two lines, for who may read that; nil: nothing.
func (w *Web) resultsSecurity(r *http.Request) (*view.SafetyLine, error) {
	v := visitOf(r)
	if !v.actor.Can(team.AuditRead) {
		return nil, nil
	}
	s, err := w.rooms.Report.Security(r.Context(), v.actor)
	if err != nil {
		return nil, err
	}
	out := &view.SafetyLine{N: v.words.Number(s.Count(report.CheckFine)), Of: v.words.T("securitypage.sum", "of", len(s.Checks)), Title: v.words.T("securitypage.title"), Open: v.words.T("resultspage.security.open")}
	out.Say = v.words.T("securitypage.sum.fine")
	if n := s.Count(report.CheckTodo); n > 0 {
		out.Say = v.words.N("securitypage.sum.todo", n)
		if c, ok := s.First(); ok {
			out.First = c.Title(v.words) + ": " + c.Say(v.words, v.zone())
		}
	}
	return out, nil
}

func (d *resultDesk) t(key string, args ...any) string { return d.words.T(key, args...) }

func (d *resultDesk) n(n int) string { return d.words.Number(n) }

// money writes an amount: with its decimals while it is small.
func (d *resultDesk) money(cents float64) string {
	n := int64(math.Round(cents))
	if n >= 20_00 {
		n = int64(math.Round(cents/100)) * 100
	}
	return d.words.Money(n, report.Currency)
}

func hoursOf(minutes int) []view.Part {
	if minutes < 60 {
		return []view.Part{{N: strconv.Itoa(minutes), Word: "min"}}
	}
	out := []view.Part{{N: strconv.Itoa(minutes / 60), Word: "h"}}
	if m := minutes % 60; m > 0 {
		out = append(out, view.Part{N: strconv.Itoa(m), Word: "min"})
	}
	return out
}

// ends writes under a chart of weeks when it begins and ends.
func (d *resultDesk) ends(c *view.WeekChart) {
	c.From = d.words.ShortDate(d.r.From.Time(), d.r.To.Time())
	c.To = d.words.ShortDate(d.r.To.Time(), d.r.To.Time())
}

func (d *resultDesk) got() string {
	return d.t("resultspage.time.got", "answers", d.words.N("resultspage.answers", d.r.Answered), "settled", d.words.N("resultspage.settled", d.r.Settled()), "leads", d.words.N("resultspage.leads.count", d.r.Total.Leads))
}

func (d *resultDesk) time() view.Fear {
	f := view.Fear{ID: "time", Says: d.t("resultspage.fear.time"), Href: view.PathWork, Link: d.t("resultspage.time.own")}
	chart := &view.WeekChart{}
	d.ends(chart)
	if d.r.Hours == nil {
		f.N = []view.Part{{N: d.n(d.r.Answered), Word: d.words.N("resultspage.answers.word", d.r.Answered)}}
		f.So = d.t("resultspage.time.hidden") + " " + d.got()
		for _, w := range d.r.Weeks {
			chart.Weeks = append(chart.Weeks, float64(w.Answered))
		}
		chart.Label = d.t("resultspage.chart.answers", "count", d.r.Answered)
		chart.Last = d.n(d.r.Weeks[len(d.r.Weeks)-1].Answered)
		f.Chart, f.Of = chart, d.t("resultspage.answers.of")
		return f
	}
	h := d.r.Hours
	weeks := max(1, float64(d.r.Days())/7)
	week := int(math.Round(float64(h.Minutes) / weeks))
	f.N = hoursOf(week)
	f.So = d.t("resultspage.time.so", "people", d.words.N("resultspage.people", h.People), "all", d.v.minutes(h.Minutes))
	if a, b, ok := d.r.Trend(); ok {
		key := "same"
		if float64(b) < 0.9*float64(a) {
			key = "down"
		} else if float64(b) > 1.1*float64(a) {
			key = "up"
		}
		f.So += " " + d.t("resultspage.time.trend."+key, "before", d.v.minutes(a), "after", d.v.minutes(b))
	}
	f.So += " " + d.got()
	for _, w := range d.r.Weeks {
		chart.Weeks = append(chart.Weeks, float64(w.Minutes))
	}
	chart.First, chart.Last = d.v.minutes(d.r.Weeks[0].Minutes), d.v.minutes(d.r.Weeks[len(d.r.Weeks)-1].Minutes)
	chart.Label = d.t("resultspage.chart.time", "first", chart.First, "last", chart.Last)
	f.Chart = chart
	f.Of = d.t("resultspage.time.of", "pause", strconv.Itoa(int(report.Pause.Minutes())))
	if h.Minutes == 0 {
		f.Of = d.t("resultspage.time.nothing")
	} else if h.Unrated > 0 {
		f.Of += " " + d.t("resultspage.time.unrated", "time", d.v.minutes(h.Unrated))
	}
	return f
}

func (d *resultDesk) risk() view.Fear {
	f := view.Fear{ID: "risk", Says: d.t("resultspage.fear.risk"), Href: view.PathCases, Link: d.t("resultspage.risk.open")}
	if !d.v.actor.Can(team.GrowthRead) {
		f.Href = ""
	}
	all, inTime, late, waiting := d.r.Criticisms, d.r.InTime(), 0, 0
	dots := &view.DotChart{}
	for _, c := range all {
		switch {
		case c.Took == 0:
			waiting++
			continue
		case c.Late:
			late++
		}
		if d.r.Target > 0 {
			part := float64(c.Took) / float64(d.r.Target)
			if c.Late {
				part = max(part, 1.01)
			} else {
				part = min(part, 1)
			}
			dots.Took = append(dots.Took, part)
		}
	}
	if len(all) == 0 {
		f.N = []view.Part{{N: "0", Word: d.words.N("resultspage.criticisms.word", 0)}}
		f.So = d.t("resultspage.risk.none")
		return f
	}
	promise := d.words.Span(d.r.Target)
	f.N = []view.Part{{N: d.n(inTime), Word: d.t("resultspage.of", "all", d.n(len(all)))}}
	f.So = d.t("resultspage.risk.so", "promise", promise, "late", d.words.N("resultspage.risk.late", late), "waiting", d.words.N("resultspage.risk.waiting", waiting))
	dots.Wanted = d.t("resultspage.risk.promise", "promise", promise)
	dots.Now, dots.Limit, dots.Over = d.t("resultspage.risk.now"), promise, d.t("resultspage.risk.later")
	dots.Label = f.N[0].N + " " + f.N[0].Word + " " + f.So
	if d.r.Target > 0 {
		f.Dots = dots
	}
	f.Of = d.share("resultspage.risk.of", report.ShareOf(inTime, len(all)))
	return f
}

// share says a share with its interval, or that there are too few to say.
func (d *resultDesk) share(key string, s report.Share) string {
	if s.Few {
		return d.t("resultspage.few", "few", strconv.Itoa(report.Few))
	}
	return d.t(key, "low", strconv.Itoa(int(math.Round(100*s.Low))), "high", strconv.Itoa(int(math.Round(100*s.High))))
}

func (d *resultDesk) gain() view.Fear {
	t, s := d.r.Total, d.r.Social
	f := view.Fear{ID: "gain", Says: d.t("resultspage.fear.gain"), Href: d.leads("", ""), Link: d.t("resultspage.gain.open")}
	f.N = []view.Part{{N: d.n(t.Leads), Word: d.words.N("resultspage.leads.word", t.Leads)}}
	f.So = d.t("resultspage.gain.so", "good", d.words.N("resultspage.qualified", t.Qualified), "sales", d.words.N("resultspage.sales", t.Sales), "value", d.words.Money(t.Value, report.Currency))
	switch {
	case s.PerLead.Few, s.PerLead.None:
	case d.r.Hours != nil:
		f.So += " " + d.t("resultspage.gain.each", "each", d.money(s.PerLead.Cents))
	default:
		f.So += " " + d.t("resultspage.gain.each.money", "each", d.money(s.PerLead.Cents))
	}
	for currency, cents := range t.ValueOther {
		f.So += " " + d.t("resultspage.gain.other", "value", d.words.Money(cents, currency))
	}
	chart := &view.WeekChart{Blocks: true}
	d.ends(chart)
	for _, w := range d.r.Weeks {
		chart.Weeks = append(chart.Weeks, float64(w.Leads))
	}
	chart.First, chart.Last = d.n(d.r.Weeks[0].Leads), d.n(d.r.Weeks[len(d.r.Weeks)-1].Leads)
	chart.Label = d.t("resultspage.chart.leads", "count", t.Leads, "last", chart.Last)
	f.Chart = chart
	f.Of = d.share("resultspage.gain.of", t.Sold)
	return f
}

// leads is the address of the leads that a figure is made of.
func (d *resultDesk) leads(channel, campaign string) string {
	if !d.v.actor.Can(team.LeadsRead) {
		return ""
	}
	return view.PathLeads + "?" + query("state", "all", "from", report.DayText(d.r.From), "to", report.DayText(d.r.To), "channel", channel, "campaign", campaign)
}

// won is the address of the sales among them.
func (d *resultDesk) won(channel, campaign string) string {
	return strings.Replace(d.leads(channel, campaign), "state=all", "state=won", 1)
}

// name is what a line is called.
func (d *resultDesk) name(l report.Line) string {
	switch l.Kind {
	case report.Social, report.Unknown, report.Total:
		return d.t("resultspage.line." + string(l.Kind))
	case report.Drive:
		return l.Name
	}
	return d.v.linkChannel(l.Name)
}

// fill draws what was got for it.
func (d *resultDesk) fill(out *view.Results) {
	d.ranges(out)
	most := 1
	bars := slices.Concat(d.r.Online, d.r.Offline)
	if d.r.Unknown.Leads > 0 {
		bars = append(bars, d.r.Unknown)
	}
	slices.SortStableFunc(bars, func(a, b report.Line) int { return cmp.Compare(b.Leads, a.Leads) })
	for _, l := range bars {
		most = max(most, l.Leads)
	}
	for _, l := range bars {
		if l.Leads > 0 {
			b := view.HBar{Label: d.name(l), Value: d.n(l.Leads), Share: float64(l.Leads) / float64(most), Main: l.Kind == report.Online}
			if l.Kind != report.Unknown {
				b.Href = d.leads(l.Name, "")
			}
			out.Bars = append(out.Bars, b)
		}
	}
	out.Sources = d.words.N("resultspage.sources", d.r.Total.Leads)
	out.Lines = d.table(d.lines(), d.t("resultspage.from"))
	if len(d.r.Campaigns) > 0 {
		out.Drives = d.table(d.r.Campaigns, d.t("resultspage.campaign"))
	}
	if heads, rows := d.opened(); len(rows) > 0 {
		out.Opened = plainTable(d.t("resultspage.opened"), heads, rows)
	}
	if d.r.Disagree {
		heads, rows := d.ways()
		out.Ways = plainTable(d.t("resultspage.ways"), heads, rows)
	}
	if d.r.Total.Elsewhere > 0 {
		out.Assumed = d.t("resultspage.assumed.so", "money", d.words.Money(d.r.Total.Elsewhere, report.Currency))
	}
}

// lines are those of the table: the networks together and one by one, what is outside, what nobody knows, the whole.
func (d *resultDesk) lines() []report.Line {
	return slices.Concat([]report.Line{d.r.Social}, d.r.Online, d.r.Offline, d.some(d.r.Unknown), []report.Line{d.r.Total})
}

func (d *resultDesk) some(l report.Line) []report.Line {
	if l.Leads == 0 && l.Money == 0 && l.Visits == 0 {
		return nil
	}
	return []report.Line{l}
}

// ranges draws what one lead cost, the networks beside paper and air.
func (d *resultDesk) ranges(out *view.Results) {
	lines := append([]report.Line{d.r.Social}, d.r.Offline...)
	top := 0.0
	for _, l := range lines {
		if !l.PerLead.Few && !l.PerLead.None {
			top = max(top, l.PerLead.Cents)
		}
	}
	top = nice(top * 1.5)
	for _, l := range lines {
		if l.Kind == report.Outside && l.Money == 0 && l.Leads == 0 {
			continue
		}
		c := view.CostRange{
			Name: d.name(l), Leads: d.n(l.Leads), LeadsWord: d.words.N("resultspage.leads.word", l.Leads), Money: d.words.Money(l.Cost(), report.Currency), Main: l.Kind == report.Social,
		}
		if l.Kind == report.Outside {
			c.Href = d.leads(l.Name, "")
		}
		switch e := l.PerLead; {
		case e.None:
			c.Few = d.t("resultspage.nothing.spent")
		case e.Few:
			c.Few = d.t("resultspage.few", "few", strconv.Itoa(report.Few))
		default:
			_, c.Between = d.each(e)
			c.Each, c.At, c.X1, c.X2 = d.money(e.Cents), 100*e.Cents/top, 100*e.Low/top, 100*e.High/top
			if e.Open || e.High > top {
				c.X2, c.Beyond = 100, d.t("resultspage.open")
				if !e.Open {
					c.Beyond = d.t("resultspage.beyond", "money", d.money(e.High))
				}
			}
		}
		out.Costs = append(out.Costs, c)
	}
	for i := range 3 {
		out.Scale[i] = d.money(top * float64(i) / 2)
	}
	out.Sure = d.sure()
}

// nice rounds a number up to one that an axis may end with.
func nice(v float64) float64 {
	if v <= 0 {
		return 100
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 1.4, 2, 3, 4, 5, 6, 8, 10} {
		if v <= f*unit {
			return f * unit
		}
	}
	return 10 * unit
}

// sure says in words what the intervals say.
func (d *resultDesk) sure() string {
	says := map[report.Verdict][]string{}
	for _, l := range d.r.Offline {
		if l.Money > 0 || l.Leads > 0 {
			v := report.Compare(d.r.Social.PerLead, l.PerLead)
			says[v] = append(says[v], strings.ToLower(d.name(l)))
		}
	}
	var out []string
	for _, v := range []report.Verdict{report.Cheaper, report.Dearer, report.Unsure, report.TooFew} {
		if len(says[v]) > 0 {
			out = append(out, d.words.N("resultspage.sure."+string(v), len(says[v]), "others", strings.Join(says[v], ", "), "few", strconv.Itoa(report.Few)))
		}
	}
	return strings.Join(out, " ")
}

// carried says who outside brought leads.
func (w *Web) carried(r *http.Request, d *resultDesk, out *view.Results) error {
	if d.r.Carried == 0 {
		return nil
	}
	out.Carried = d.words.N("resultspage.carried", d.r.Carried, "people", d.words.N("resultspage.carriers", len(d.r.Carriers)))
	if !d.v.actor.Can(team.PeopleRead) {
		return nil
	}
	ids := make([]audience.IdentityID, len(d.r.Carriers))
	for i, c := range d.r.Carriers {
		ids[i] = c.Identity
	}
	known, err := w.rooms.Audience.IdentitiesByID(r.Context(), d.v.actor.Company, ids)
	if err != nil {
		return err
	}
	var names []string
	for _, id := range ids[:min(len(ids), 4)] {
		if i, ok := known[id]; ok {
			names = append(names, i.Label())
		}
	}
	if len(names) > 0 {
		out.Carried += " " + d.t("resultspage.carried.names", "names", strings.Join(names, ", "))
		out.Thank = view.PathTies
	}
	return nil
}

func (w *Web) exportResults(rw http.ResponseWriter, r *http.Request) error {
	return w.resultTable(rw, r, "results.csv", report.Results.WriteCSV)
}

func (w *Web) exportWeeks(rw http.ResponseWriter, r *http.Request) error {
	return w.resultTable(rw, r, "weeks.csv", report.Results.WriteWeeksCSV)
}

func (w *Web) exportCriticisms(rw http.ResponseWriter, r *http.Request) error {
	return w.resultTable(rw, r, "criticisms.csv", report.Results.WriteCriticismsCSV)
}

// resultTable gives a table of results.
func (w *Web) resultTable(rw http.ResponseWriter, r *http.Request, name string, write func(report.Results, io.Writer) error) error {
	d, _, _, err := w.resultsOf(r)
	if err != nil {
		return err
	}
	csvHead(rw, name)
	return write(d.r, rw)
}
