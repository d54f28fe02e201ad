package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
)

type reportCmd struct {
	config.Config
	Month string `name:"month" said:"" placeholder:"2026-10" help:"report_month"`
	JSON  bool   `name:"json" said:"" help:"report_json"`
}

func (c *reportCmd) settings() *config.Config { return &c.Config }

func (c *reportCmd) run(s *session) error {
	return s.with(c.Config, func(a *app.App, by team.Actor) error {
		company, err := a.Team.Company(s.ctx, by.Company)
		if err != nil {
			return err
		}
		now := a.Clock.Now().In(company.Location())
		from, to := link.DayOf(now.AddDate(0, 0, -55)), link.DayOf(now)
		if c.Month != "" {
			m, err := time.Parse("2006-01", c.Month)
			ok := err == nil
			if ok {
				from, to, ok = report.MonthOf(m)
			}
			if !ok {
				return fault.New(fault.Invalid, "report.period")
			}
		}
		r, err := a.Report.Results(s.ctx, by, from, to)
		if err != nil {
			return err
		}
		if c.JSON {
			return s.resultsJSON(r)
		}
		return s.sayResults(r)
	})
}

// sayResults says results: the three fears, then a line for everything that brought something.
func (s *session) sayResults(r report.Results) error {
	w := s.words
	s.print("cli.report.of", "from", w.Date(r.From.Time()), "to", w.Date(r.To.Time()))
	if r.Hours != nil {
		s.print("cli.report.time", "minutes", w.Number(r.Hours.Minutes), "people", w.Number(r.Hours.People), "answers", w.Number(r.Answered), "settled", w.Number(r.Settled()))
	}
	s.print("cli.report.risk", "in", w.Number(r.InTime()), "all", w.Number(len(r.Criticisms)))
	s.print("cli.report.gain", "leads", w.Number(r.Total.Leads), "good", w.Number(r.Total.Qualified), "sales", w.Number(r.Total.Sales), "value", w.Money(r.Total.Value, report.Currency))
	fmt.Fprintln(s.Out)
	out := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(out, w.T("cli.report.head"))
	for _, l := range r.Lines() {
		name := l.Name
		if l.Kind == report.Social || l.Kind == report.Unknown || l.Kind == report.Total {
			name = w.T("resultspage.line." + string(l.Kind))
		}
		fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%s\t%s\n", name, l.Visits, l.Leads, l.Sales, w.Money(l.Cost(), report.Currency), s.eachCost(l.PerLead))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("cli.report: %w", err)
	}
	fmt.Fprintln(s.Out)
	s.print("cli.report.sure", "few", strconv.Itoa(report.Few))
	return nil
}

// eachCost says what one cost, with its interval.
func (s *session) eachCost(e report.Each) string {
	money := func(v float64) string { return s.words.Money(int64(math.Round(v)), report.Currency) }
	switch {
	case e.None:
		return "–"
	case e.Few:
		return s.words.T("resultspage.few.short")
	case e.Open:
		return money(e.Cents) + " (" + s.words.T("resultspage.interval.open", "low", money(e.Low)) + ")"
	}
	return money(e.Cents) + " (" + s.words.T("resultspage.interval", "low", money(e.Low), "high", money(e.High)) + ")"
}

// reportOut is what programs are told; amounts are in hundredths.
type reportOut struct {
	From       string       `json:"from"`
	To         string       `json:"to"`
	Currency   string       `json:"currency"`
	Few        int          `json:"few"`
	Minutes    int          `json:"minutes"`
	Answered   int          `json:"answered"`
	Waiting    int          `json:"waiting"`
	Criticisms int          `json:"criticisms"`
	InTime     int          `json:"criticisms_in_time"`
	Settled    int          `json:"criticisms_settled"`
	Lines      []reportLine `json:"lines"`
}

type reportLine struct {
	Kind      string   `json:"kind"`
	Name      string   `json:"name"`
	Visits    int64    `json:"visits"`
	Leads     int      `json:"leads"`
	First     float64  `json:"leads_first"`
	Position  float64  `json:"leads_position"`
	Qualified int      `json:"qualified"`
	Sales     int      `json:"sales"`
	Value     int64    `json:"value"`
	Money     int64    `json:"money"`
	Time      int64    `json:"time"`
	PerLead   *float64 `json:"cost_per_lead,omitempty"`
	Low       *float64 `json:"cost_per_lead_low,omitempty"`
	High      *float64 `json:"cost_per_lead_high,omitempty"`
}

func (s *session) resultsJSON(r report.Results) error {
	out := reportOut{
		From: report.DayText(r.From), To: report.DayText(r.To), Currency: report.Currency, Few: report.Few, Answered: r.Answered, Waiting: r.Waiting,
		Criticisms: len(r.Criticisms), InTime: r.InTime(), Settled: r.Settled(),
	}
	if r.Hours != nil {
		out.Minutes = r.Hours.Minutes
	}
	for _, l := range r.Lines() {
		line := reportLine{
			Kind: string(l.Kind), Name: l.Name, Visits: l.Visits, Leads: l.Leads, First: l.First, Position: l.Position, Qualified: l.Qualified, Sales: l.Sales, Value: l.Value,
			Money: l.Money, Time: l.Time,
		}
		if e := l.PerLead; !e.Few && !e.None {
			line.PerLead, line.Low = &e.Cents, &e.Low
			if !e.Open {
				line.High = &e.High
			}
		}
		out.Lines = append(out.Lines, line)
	}
	enc := json.NewEncoder(s.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
