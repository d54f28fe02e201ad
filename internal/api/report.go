package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
)

// ResultQuery chooses the days of results.
type ResultQuery struct {
	Month string `query:"month" example:"2026-10" doc:"A month; it wins over days."`
	From  string `query:"from" example:"2026-02-01" doc:"First day, of the company's calendar; left out: 55 days before the last."`
	To    string `query:"to" example:"2026-03-28" doc:"Last day; left out: today."`
}

// Results is what was got for it.
type Results struct {
	From       string          `json:"from" example:"2026-02-01" doc:"First day, of the company's calendar."`
	To         string          `json:"to" example:"2026-03-28" doc:"Last day."`
	Currency   string          `json:"currency" example:"EUR" doc:"Of all amounts, which are in hundredths."`
	Few        int             `json:"few" example:"5" doc:"Under so many cases nothing is reckoned."`
	Minutes    *int            `json:"minutes,omitempty" example:"1280" doc:"What all worked together; for time.read alone."`
	Lines      []ResultLine    `json:"lines" nullable:"false" doc:"The networks together, each, what is outside, what nobody knows, the whole, and the campaigns."`
	Weeks      []ResultWeek    `json:"weeks" nullable:"false" doc:"The weeks of the period; the last ends with it."`
	Disagree   bool            `json:"disagree" example:"true" doc:"The three ways of attribution differ by a lead or more somewhere."`
	Answered   int             `json:"answered" example:"46" doc:"How often somebody wrote and was answered."`
	Waiting    int             `json:"waiting" example:"3" doc:"How often somebody wrote and was not yet."`
	Criticisms ResultCriticism `json:"criticisms" doc:"Those that were said in the period."`
}

// ResultCriticism is what became of criticism.
type ResultCriticism struct {
	All     int `json:"all" example:"15" doc:"How many there were."`
	InTime  int `json:"in_time" example:"12" doc:"Answered as fast as the company wants."`
	Settled int `json:"settled" example:"9" doc:"Their case came to an end: changed, or declined with a reason."`
}

// ResultWeek is a week of results.
type ResultWeek struct {
	From     string `json:"from" example:"2026-03-22" doc:"First day."`
	To       string `json:"to" example:"2026-03-28" doc:"Last day."`
	Minutes  *int   `json:"minutes,omitempty" example:"160" doc:"What all worked together; for time.read alone."`
	Answered int    `json:"answered" example:"6" doc:"How often somebody was answered."`
	Settled  int    `json:"settled" example:"1" doc:"Criticisms of the period that were settled."`
	Leads    int    `json:"leads" example:"5" doc:"Leads that came."`
	Visits   int64  `json:"visits" example:"120" doc:"Visits of people."`
}

// ResultLine is what went into something and what came out of it.
type ResultLine struct {
	Kind         string      `json:"kind" enum:"social,online,offline,unknown,total,campaign" example:"offline" doc:"What it is about."`
	Name         string      `json:"name" example:"print" doc:"Of the channel or campaign."`
	Visits       int64       `json:"visits" example:"120" doc:"Visits of people."`
	Leads        int         `json:"leads" example:"7" doc:"Leads, by their last touch."`
	First        float64     `json:"leads_first" example:"9" doc:"Leads, by their first touch; not of campaigns."`
	Position     float64     `json:"leads_position" example:"8" doc:"Leads, 40 of 100 to the first touch, 40 to the last, and the rest to both; not of campaigns."`
	Qualified    int         `json:"qualified" example:"4" doc:"Found promising, or sold."`
	Sales        int         `json:"sales" example:"2" doc:"Of these leads, made so far."`
	Value        int64       `json:"value" example:"84000" doc:"Of the sales."`
	Money        int64       `json:"money" example:"18000" doc:"From the cost book."`
	Time         int64       `json:"time" example:"0" doc:"What the hours cost; 0 without time.read."`
	Assumed      int64       `json:"elsewhere_assumed" example:"64000" doc:"What it would have cost in another way, as somebody assumed."`
	Opened       OpenedOf    `json:"opened" doc:"Visits through links that begin something; they are no leads."`
	PerVisit     ResultEach  `json:"cost_per_visit" doc:"What a visit cost."`
	PerLead      ResultEach  `json:"cost_per_lead" doc:"What a lead cost."`
	PerQualified ResultEach  `json:"cost_per_qualified" doc:"What a promising lead cost."`
	PerSale      ResultEach  `json:"cost_per_sale" doc:"What a sale cost."`
	Sold         ResultShare `json:"sold" doc:"The sales among the leads."`
}

// OpenedOf is how often links were opened that begin something.
type OpenedOf struct {
	Calls   int64 `json:"calls" example:"14" doc:"Of a telephone number."`
	Letters int64 `json:"letters" example:"3" doc:"Of a mail address."`
	Chats   int64 `json:"chats" example:"2" doc:"Of a messenger."`
	Ways    int64 `json:"ways" example:"9" doc:"Of a map."`
	Leads   int   `json:"leads" example:"4" doc:"Leads that members wrote down to such a link."`
}

// ResultEach is what one cost, with its interval.
type ResultEach struct {
	Says  string   `json:"says" enum:"known,few,nothing" example:"known" doc:"few: too few to say; nothing: no cost is written down."`
	Cents *float64 `json:"cents,omitempty" example:"2571.4" doc:"In hundredths."`
	Low   *float64 `json:"low,omitempty" example:"1384.6" doc:"The lower end: in 95 of 100 cases the true value lies within."`
	High  *float64 `json:"high,omitempty" example:"6000" doc:"The upper end; absent beside a lower one: there is no certain one."`
}

// ResultShare is a part of a whole, with Wilson's interval.
type ResultShare struct {
	Part int      `json:"part" example:"2" doc:"How many."`
	Of   int      `json:"of" example:"7" doc:"Of how many."`
	Low  *float64 `json:"low,omitempty" example:"0.08" doc:"The lower end, of 1; absent: too few to say."`
	High *float64 `json:"high,omitempty" example:"0.64" doc:"The upper end."`
}

func resultEachOf(e report.Each) ResultEach {
	switch {
	case e.None:
		return ResultEach{Says: "nothing"}
	case e.Few:
		return ResultEach{Says: "few"}
	}
	out := ResultEach{Says: "known", Cents: &e.Cents, Low: &e.Low}
	if !e.Open {
		out.High = &e.High
	}
	return out
}

func resultLineOf(l report.Line) ResultLine {
	out := ResultLine{
		Kind: string(l.Kind), Name: l.Name, Visits: l.Visits, Leads: l.Leads, First: l.First, Position: l.Position, Qualified: l.Qualified, Sales: l.Sales, Value: l.Value,
		Money: l.Money, Time: l.Time, Assumed: l.Elsewhere, PerVisit: resultEachOf(l.PerVisit), PerLead: resultEachOf(l.PerLead), PerQualified: resultEachOf(l.PerQualified),
		Opened:  OpenedOf{Calls: l.Opened.By[link.Call], Letters: l.Opened.By[link.Write], Chats: l.Opened.By[link.Chat], Ways: l.Opened.By[link.Go], Leads: l.Opened.Leads},
		PerSale: resultEachOf(l.PerSale), Sold: ResultShare{Part: l.Sold.Part, Of: l.Sold.Of},
	}
	if !l.Sold.Few {
		out.Sold.Low, out.Sold.High = &l.Sold.Low, &l.Sold.High
	}
	return out
}

// Cost is an entry of the cost book.
type Cost struct {
	ID      string    `json:"id" example:"cst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Created time.Time `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it was written down."`
	CostWriting
}

// CostWriting is what one says of a cost.
type CostWriting struct {
	Kind      string `json:"kind" enum:"tools,advertising,print,radio,fair,samples,other" example:"print" doc:"What it was for."`
	Cents     int64  `json:"cents" minimum:"1" example:"18000" doc:"In hundredths of a euro."`
	From      string `json:"from" example:"2026-03-02" doc:"First day that it counts for, of the company's calendar."`
	To        string `json:"to,omitempty" example:"2026-03-31" doc:"Last day; left out: one day."`
	Channel   string `json:"channel,omitempty" maxLength:"400" example:"print" doc:"As in links; left out: as its kind says."`
	Campaign  string `json:"campaign,omitempty" maxLength:"400" example:"spring" doc:"The campaign it was for."`
	Note      string `json:"note,omitempty" maxLength:"2000" example:"A thousand flyers" doc:"In words."`
	Elsewhere string `json:"elsewhere,omitempty" maxLength:"400" example:"half a page in the paper" doc:"In which other way the same would have been done, as somebody assumes."`
	Assumed   int64  `json:"elsewhere_cents,omitempty" minimum:"0" example:"64000" doc:"What that would have cost: assumed, and in no sum."`
	Version   int    `json:"version,omitempty" example:"1" doc:"In a change: the version that was looked at; left out: it is not looked at."`
}

func (w CostWriting) in() (in report.CostIn, err error) {
	in = report.CostIn{
		Kind: report.CostKind(w.Kind), Cents: w.Cents, Channel: w.Channel, Campaign: w.Campaign, Note: w.Note, Elsewhere: w.Elsewhere, ElsewhereCents: w.Assumed, Version: w.Version,
	}
	in.From, _ = report.ParseDay(w.From)
	if w.To != "" {
		var ok bool
		if in.To, ok = report.ParseDay(w.To); !ok {
			return in, fault.InvalidFields(fault.Field{Name: "to", Key: "report.cost.day"})
		}
	}
	return in, nil
}

func costOf(c report.Cost) Cost {
	return Cost{ID: string(c.ID), Created: c.CreatedAt, CostWriting: CostWriting{
		Kind: string(c.Kind), Cents: c.Cents, From: report.DayText(c.From), To: report.DayText(c.To), Channel: c.Channel, Campaign: c.Campaign, Note: c.Note, Elsewhere: c.Elsewhere,
		Assumed: c.ElsewhereCents, Version: c.Version,
	}}
}

// CostPath names a cost.
type CostPath struct {
	Cost string `path:"cost" example:"cst_01kjpzx2p0000000000000000z" doc:"The cost's identifier."`
}

// CostQuery chooses costs.
type CostQuery struct {
	From string `query:"from" example:"2026-02-01" doc:"Those that count for this day or later."`
	To   string `query:"to" example:"2026-02-28" doc:"Those that count for this day or earlier."`
}

// CostTable is a table of costs.
type CostTable struct {
	Table string `json:"table" maxLength:"2097152" example:"kind,amount,from\nprint,180,2026-03-02\n" doc:"Lines of CSV, the names of the columns first."`
	Dry   bool   `json:"dry,omitempty" example:"true" doc:"Only tell what would come of it."`
}

// CostImport is what a table brought, or would.
type CostImport struct {
	Costs  []Cost          `json:"costs" nullable:"false" doc:"One for each line; without identifiers in a dry run."`
	Errors []LinkLineError `json:"errors" nullable:"false" doc:"What is wrong; any: nothing was stored."`
}

// Rates are what an hour of each role costs, in hundredths.
type Rates struct {
	Rates map[string]int64 `json:"rates" example:"{\"owner\":3500}" doc:"By role; one that is not there costs nothing that anybody said."`
}

// period reads which days are asked for.
func (a *API) period(ctx context.Context, c *caller, in *ResultQuery) (from, to link.Day, err error) {
	if in.Month != "" {
		m, err := time.Parse("2006-01", in.Month)
		if from, to, ok := report.MonthOf(m); err == nil && ok {
			return from, to, nil
		}
		return 0, 0, fault.InvalidFields(fault.Field{Name: "month", Key: "report.period"})
	}
	company, err := a.rooms.Team.Company(ctx, c.actor.Company)
	if err != nil {
		return 0, 0, err
	}
	to = link.DayOf(a.rooms.Clock.Now().In(company.Location()))
	ok := true
	if in.To != "" {
		to, ok = report.ParseDay(in.To)
	}
	if !ok {
		return 0, 0, fault.InvalidFields(fault.Field{Name: "to", Key: "report.period"})
	}
	from = link.DayOf(to.Time().AddDate(0, 0, -55))
	if in.From != "" {
		from, ok = report.ParseDay(in.From)
	}
	if !ok {
		return 0, 0, fault.InvalidFields(fault.Field{Name: "from", Key: "report.period"})
	}
	return from, to, nil
}

func (a *API) reportOperations() {
	x := a.rooms.Report
	add(a, operation{
		id: "get-results", method: http.MethodGet, path: "/results", tag: tagResults, needs: team.ResultsRead, summary: "Get what was got for it",
		description: "Money and time in; visits, leads, promising ones and sales out; what each cost, with how sure that is. The hours are in it for tokens with time.read.",
	}, func(ctx context.Context, c *caller, in *ResultQuery) (*output[Results], error) {
		from, to, err := a.period(ctx, c, in)
		if err != nil {
			return nil, err
		}
		r, err := x.Results(ctx, c.actor, from, to)
		if err != nil {
			return nil, err
		}
		return answer(resultsOf(r)), nil
	})
	add(a, operation{
		id: "list-costs", method: http.MethodGet, path: "/costs", tag: tagResults, needs: team.ResultsRead, summary: "List the cost book", description: "The latest first.",
	}, func(ctx context.Context, c *caller, in *CostQuery) (*output[list[Cost]], error) {
		from, _ := report.ParseDay(in.From)
		to, _ := report.ParseDay(in.To)
		all, err := x.Costs(ctx, c.actor, from, to)
		if err != nil {
			return nil, err
		}
		return answer(list[Cost]{Items: each(all, costOf)}), nil
	})
	add(a, operation{
		id: "add-cost", method: http.MethodPost, path: "/costs", tag: tagResults, needs: team.CostsManage, status: http.StatusCreated, summary: "Write a cost down",
		description: "It counts for its days in equal parts.",
	}, func(ctx context.Context, c *caller, in *struct{ Body CostWriting }) (*output[Cost], error) {
		w, err := in.Body.in()
		if err != nil {
			return nil, err
		}
		y, err := x.AddCost(ctx, c.actor, w)
		if err != nil {
			return nil, err
		}
		return answer(costOf(y)), nil
	})
	add(a, operation{
		id: "change-cost", method: http.MethodPut, path: "/costs/{cost}", tag: tagResults, needs: team.CostsManage, summary: "Change a cost", description: "Replaces all that is said of it.",
		conflict: "Somebody changed it since.",
	}, func(ctx context.Context, c *caller, in *struct {
		CostPath
		Body CostWriting
	},
	) (*output[Cost], error) {
		w, err := in.Body.in()
		if err != nil {
			return nil, err
		}
		y, err := x.ChangeCost(ctx, c.actor, report.CostID(in.Cost), w)
		if err != nil {
			return nil, err
		}
		return answer(costOf(y)), nil
	})
	add(a, operation{
		id: "drop-cost", method: http.MethodDelete, path: "/costs/{cost}", tag: tagResults, needs: team.CostsManage, status: http.StatusNoContent, summary: "Take a cost out",
		description: "The register of deeds keeps that it was there.",
	}, func(ctx context.Context, c *caller, in *CostPath) (*nothing, error) {
		return nil, x.DropCost(ctx, c.actor, report.CostID(in.Cost))
	})
	add(a, operation{
		id: "import-costs", method: http.MethodPost, path: "/costs/table", tag: tagResults, needs: team.CostsManage, summary: "Bring in a table of costs",
		description: "All of its lines, or none when anything is wrong. Columns: " + strings.Join(report.CostColumns, ", ") + ".",
	}, func(ctx context.Context, c *caller, in *struct{ Body CostTable }) (*output[CostImport], error) {
		got, err := x.ImportCosts(ctx, c.actor, strings.NewReader(in.Body.Table), in.Body.Dry)
		if err != nil {
			return nil, err
		}
		return answer(CostImport{Costs: each(got.Costs, costOf), Errors: each(got.Errors, c.lineError)}), nil
	})
	add(a, operation{
		id: "get-rates", method: http.MethodGet, path: "/costs/rates", tag: tagResults, needs: team.TimeRead, summary: "Get what an hour costs", description: "By role, in hundredths of a euro.",
	}, func(ctx context.Context, c *caller, _ *struct{}) (*output[Rates], error) {
		all, err := x.Rates(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		out := Rates{Rates: map[string]int64{}}
		for role, cents := range all {
			out.Rates[string(role)] = cents
		}
		return answer(out), nil
	})
}

func resultsOf(r report.Results) Results {
	out := Results{
		From: report.DayText(r.From), To: report.DayText(r.To), Currency: report.Currency, Few: report.Few, Disagree: r.Disagree, Answered: r.Answered, Waiting: r.Waiting,
		Criticisms: ResultCriticism{All: len(r.Criticisms), InTime: r.InTime(), Settled: r.Settled()}, Lines: each(r.Lines(), resultLineOf),
		Weeks: each(r.Weeks, func(w report.Week) ResultWeek {
			out := ResultWeek{From: report.DayText(w.From), To: report.DayText(w.To), Answered: w.Answered, Settled: w.Settled, Leads: w.Leads, Visits: w.Visits}
			if r.Hours != nil {
				out.Minutes = &w.Minutes
			}
			return out
		}),
	}
	if r.Hours != nil {
		out.Minutes = &r.Hours.Minutes
	}
	return out
}
