package report

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/team"
)

// Kind is what a line of results is about.
type Kind string

// The kinds of lines.
const (
	Social  Kind = "social"  // all networks, letters and the site together: what the hours and the shared costs went into
	Online  Kind = "online"  // one channel of them
	Outside Kind = "offline" // a channel of paper, air or a place
	Unknown Kind = "unknown" // leads and costs of which nobody knows the channel
	Total   Kind = "total"
	Drive   Kind = "campaign"
)

// Line is what went into something and what came out of it in the period. Sales are those of the leads that came in it.
type Line struct {
	Kind       Kind
	Name       string // of the channel or campaign
	Money      int64  // from the cost book
	Time       int64  // what the hours cost; 0 for who may not know it
	Elsewhere  int64  // what it would have cost in another way: assumed
	Visits     int64
	Visitors   int64
	Opened     Opened
	Leads      int
	Qualified  int // a member found them promising, or they were sold
	Sales      int
	Value      int64            // of the sales, in Currency
	ValueOther map[string]int64 // in other currencies
	// How many leads it has by each way of attribution.
	First, Last, Position float64

	PerVisit, PerLead, PerQualified, PerSale Each
	Back                                     Each  // what a hundredth that was spent brought back in sales
	Sold                                     Share // of the leads
	Promising                                Share // of the leads

	visits, leads, qualified, sales, value []float64 // by day
}

// Opened is how often links were opened that begin a call, a letter, a message or a way: visits among the others, and no leads, for nobody knows
// whether somebody called. Leads are those that a member wrote down to such a link.
type Opened struct {
	By    map[link.Action]int64
	Leads int
}

// Any tells whether there was one.
func (o Opened) Any() bool { return len(o.By) > 0 || o.Leads > 0 }

// Cost is what went into it in all.
func (l Line) Cost() int64 { return l.Money + l.Time }

// Week is seven days of the period; the first may have fewer.
type Week struct {
	From, To link.Day
	Minutes  int // 0 for who may not know it
	Answered int
	Settled  int
	Leads    int
	Visits   int64
}

// Criticism is what became of a criticism that was said in the period.
type Criticism struct {
	Conversation inbox.ConversationID
	Said         time.Time
	Took         time.Duration // until it was answered; 0: it was not yet
	Late         bool          // later than the company wants to answer, or waiting longer
	Settled      bool
}

// Results are what was got for it in a stretch of days of the company's calendar, both ends included.
type Results struct {
	From, To   link.Day
	Hours      *Hours // nil: the reader may not know them
	Total      Line
	Social     Line
	Offline    []Line // those with anything, the most leads first
	Online     []Line
	Unknown    Line
	Campaigns  []Line
	Disagree   bool // the ways of attribution differ by a lead or more somewhere
	Weeks      []Week
	Answered   int // times somebody wrote and was answered
	Waiting    int // times somebody wrote and was not yet
	Capped     bool
	Criticisms []Criticism
	Target     time.Duration
	InHours    bool // the target counts open hours only
	Carried    int  // leads that a person outside brought
	Carriers   []Carrier
	Costs      []Cost // those that count for the period
}

// Carrier is somebody outside who brought leads.
type Carrier struct {
	Identity audience.IdentityID
	Leads    int
}

// Settled is how many criticisms of the period were settled.
func (r Results) Settled() (n int) {
	for _, c := range r.Criticisms {
		if c.Settled {
			n++
		}
	}
	return n
}

// InTime is how many criticisms of the period were answered as fast as the company wants.
func (r Results) InTime() (n int) {
	for _, c := range r.Criticisms {
		if c.Took > 0 && !c.Late {
			n++
		}
	}
	return n
}

// Days is how long the period is.
func (r Results) Days() int { return daysBetween(r.From, r.To) }

// Trend compares what was worked in a week of the first half of the period with the second. ok is false when there are less than four weeks of
// which anything is known.
func (r Results) Trend() (first, second int, ok bool) {
	weeks := r.Weeks
	for len(weeks) > 0 && weeks[0].Minutes == 0 {
		weeks = weeks[1:]
	}
	if len(weeks) < 4 {
		return 0, 0, false
	}
	half := len(weeks) / 2
	mean := func(ws []Week) (n int) {
		for _, w := range ws {
			n += w.Minutes
		}
		return n / len(ws)
	}
	return mean(weeks[:half]), mean(weeks[len(weeks)-half:]), true
}

// mostPeriod is the longest stretch that is reckoned, in days.
const mostPeriod = 3*366 + 1

// Results reckons what was got for it. It needs ResultsRead; the hours and what they cost are for who has TimeRead, and are in no sum of others.
func (x *Room) Results(ctx context.Context, a team.Actor, from, to link.Day) (Results, error) {
	if err := a.May(team.ResultsRead); err != nil {
		return Results{}, err
	}
	if !sane(from) || !sane(to) || from > to || daysBetween(from, to) > mostPeriod {
		return Results{}, fault.InvalidFields(fault.Field{Name: "from", Key: "report.period"})
	}
	r, err := x.results(ctx, a, from, to)
	return r, wrap("Results", err)
}

// reckoning gathers results.
type reckoning struct {
	Results
	company  team.Company
	channels map[string]*Line
	drives   map[string]*Line
	begins   time.Time // of the period
	ends     time.Time
	n        int
}

func (x *Room) results(ctx context.Context, a team.Actor, from, to link.Day) (Results, error) {
	company, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return Results{}, err
	}
	zone := company.Location()
	k := &reckoning{Results: Results{From: from, To: to, Target: company.Settings.Target.Std(), InHours: company.Settings.InHours}, company: company, n: daysBetween(from, to)}
	k.begins, k.ends = wall(from, 0, zone), wall(to.Next(), 0, zone)
	k.channels, k.drives = map[string]*Line{}, map[string]*Line{}
	k.Social, k.Unknown, k.Total = k.line(Social, ""), k.line(Unknown, ""), k.line(Total, "")
	if k.Costs, err = x.costs(ctx, a.Company, from, to); err != nil {
		return Results{}, err
	}
	// Who asks was checked; what the rooms below give here are sums.
	tallies, err := x.rooms.Links.Tallies(ctx, team.System(a.Company), from, to)
	if err != nil {
		return Results{}, err
	}
	acts, which, err := x.rooms.Links.Acts(ctx, team.System(a.Company), from, to)
	if err != nil {
		return Results{}, err
	}
	leads, err := x.rooms.Leads.Brought(ctx, a.Company, k.begins, k.ends)
	if err != nil {
		return Results{}, err
	}
	if a.Can(team.TimeRead) {
		h, err := x.hours(ctx, a.Company, from, to)
		if err != nil {
			return Results{}, err
		}
		k.Hours = &h
	}
	k.spend()
	k.visited(tallies)
	k.acted(acts)
	k.came(leads, which)
	k.finish()
	if err := x.conversations(ctx, k); err != nil {
		return Results{}, err
	}
	k.weeks(leads, tallies)
	return k.Results, nil
}

// wall is the moment at which a clock on the wall shows an hour of a day.
func wall(d link.Day, hour int, zone *time.Location) time.Time {
	y, m, day := d.Time().Date()
	return time.Date(y, m, day, hour, 0, 0, 0, zone)
}

func (k *reckoning) line(kind Kind, name string) Line {
	l := Line{Kind: kind, Name: name, ValueOther: map[string]int64{}, Opened: Opened{By: map[link.Action]int64{}}}
	for _, days := range []*[]float64{&l.visits, &l.leads, &l.qualified, &l.sales, &l.value} {
		*days = make([]float64, k.n)
	}
	return l
}

// channel gives the line of a channel.
func (k *reckoning) channel(name string) *Line {
	if name == "" {
		return &k.Unknown
	}
	if l := k.channels[name]; l != nil {
		return l
	}
	kind := Online
	if Offline(name) {
		kind = Outside
	}
	l := k.line(kind, name)
	k.channels[name] = &l
	return &l
}

// lines gives the lines that something counts for: its channel, the social ones together, its campaign, the whole.
func (k *reckoning) lines(channel, campaign string) []*Line {
	own := k.channel(channel)
	out := []*Line{own, &k.Total}
	if own.Kind == Online {
		out = append(out, &k.Social)
	}
	if campaign != "" {
		if k.drives[campaign] == nil {
			l := k.line(Drive, campaign)
			k.drives[campaign] = &l
		}
		out = append(out, k.drives[campaign])
	}
	return out
}

// spend puts what was spent where it belongs. Tools and advertising without a channel went into the networks; of other things nobody said.
func (k *reckoning) spend() {
	for _, c := range k.Costs {
		cents, elsewhere := c.Within(k.From, k.To)
		lines := k.lines(c.Home(), c.Campaign)
		if c.Home() == "" && (c.Kind == Tools || c.Kind == Advertising) {
			lines[0] = &k.Social
		}
		for _, l := range lines {
			l.Money += cents
			l.Elsewhere += elsewhere
		}
	}
	if k.Hours != nil {
		k.Social.Time, k.Total.Time = k.Hours.Cents, k.Hours.Cents
	}
}

func (k *reckoning) visited(all []link.Tally) {
	for _, t := range all {
		for _, l := range k.lines(t.Channel, t.Campaign) {
			l.Visits += t.Visits
			l.Visitors += t.Visitors
			l.visits[daysBetween(k.From, t.Day)-1] += float64(t.Visits)
		}
	}
}

func (k *reckoning) acted(all []link.Acted) {
	for _, a := range all {
		for _, l := range k.lines(a.Channel, a.Campaign) {
			l.Opened.By[a.Action] += a.Visits
		}
	}
}

// Weights say how much of a lead belongs to its first and to its last touch when the position counts: 40 of 100 each, and what came between has
// 20. Ponte knows the first and the last alone, so that part goes to both alike.
func Weights(l lead.Lead) (first, last float64) {
	if !l.First.Known() || l.First.Channel == l.Last.Channel {
		return 0, 1
	}
	if !l.Last.Known() {
		return 1, 0
	}
	return 0.4 + 0.2/2, 0.4 + 0.2/2
}

func (k *reckoning) came(all []lead.Lead, acting map[link.ID]link.Action) {
	carriers := map[audience.IdentityID]int{}
	for _, l := range all {
		day := daysBetween(k.From, link.DayOf(l.CreatedAt.In(k.begins.Location()))) - 1
		good, sold := l.State == lead.Qualified || l.State == lead.Won, l.State == lead.Won
		for _, to := range k.lines(l.Last.Channel, l.Last.Campaign) {
			to.count(l, day, good, sold)
			if acting[link.ID(l.Last.Link)] != "" {
				to.Opened.Leads++
			}
		}
		first := l.First.Channel
		if first == "" {
			first = l.Last.Channel
		}
		wf, wl := Weights(l)
		k.weigh(first, func(t *Line) { t.First++; t.Position += wf })
		k.weigh(l.Last.Channel, func(t *Line) { t.Last++; t.Position += wl })
		if c := l.Last.Carrier; c != "" {
			carriers[c]++
			k.Carried++
		}
	}
	for id, n := range carriers {
		k.Carriers = append(k.Carriers, Carrier{id, n})
	}
	slices.SortFunc(k.Carriers, func(a, b Carrier) int {
		return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(a.Identity, b.Identity))
	})
}

func (k *reckoning) weigh(channel string, f func(*Line)) {
	own := k.channel(channel)
	f(own)
	f(&k.Total)
	if own.Kind == Online {
		f(&k.Social)
	}
}

func (l *Line) count(x lead.Lead, day int, good, sold bool) {
	l.Leads++
	l.leads[day]++
	if good {
		l.Qualified++
		l.qualified[day]++
	}
	if !sold {
		return
	}
	l.Sales++
	l.sales[day]++
	if x.Currency == Currency {
		l.Value += x.Cents
		l.value[day] += float64(x.Cents)
	} else if x.Cents > 0 {
		l.ValueOther[x.Currency] += x.Cents
	}
}

// finish reckons what each cost, and puts lines in order.
func (k *reckoning) finish() {
	for _, l := range k.channels {
		k.sure(l)
		if math.Abs(l.First-l.Last) >= 1 || math.Abs(l.Position-l.Last) >= 1 {
			k.Disagree = true
		}
		if l.Kind == Outside {
			k.Offline = append(k.Offline, *l)
		} else {
			k.Online = append(k.Online, *l)
		}
	}
	for _, l := range k.drives {
		k.sure(l)
		k.Campaigns = append(k.Campaigns, *l)
	}
	for _, l := range []*Line{&k.Social, &k.Unknown, &k.Total} {
		k.sure(l)
	}
	for _, all := range [][]Line{k.Offline, k.Online, k.Campaigns} {
		slices.SortFunc(all, func(a, b Line) int {
			return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(b.Visits, a.Visits), cmp.Compare(b.Money, a.Money), cmp.Compare(a.Name, b.Name))
		})
	}
}

func (k *reckoning) sure(l *Line) {
	cost := float64(l.Cost())
	for _, e := range []struct {
		what string
		out  *Each
		days []float64
	}{{"visit", &l.PerVisit, l.visits}, {"lead", &l.PerLead, l.leads}, {"qualified", &l.PerQualified, l.qualified}, {"sale", &l.PerSale, l.sales}} {
		*e.out = eachOf(cost, e.days, seedOf(string(l.Kind), l.Name, e.what, itoa(int(k.From)), itoa(int(k.To))))
	}
	l.Back = perCent(cost, l.Sales, l.value, seedOf(string(l.Kind), l.Name, "back", itoa(int(k.From)), itoa(int(k.To))))
	l.Sold, l.Promising = ShareOf(l.Sales, l.Leads), ShareOf(l.Qualified, l.Leads)
}

// conversations reads how people were answered, and what became of criticism.
func (x *Room) conversations(ctx context.Context, k *reckoning) error {
	answers, waiting, capped, err := x.rooms.Inbox.Answers(ctx, k.company.ID, k.begins, k.ends)
	if err != nil {
		return err
	}
	k.Waiting, k.Capped, k.Answered = waiting, capped, len(answers)
	k.Weeks = weeksOf(k.From, k.To)
	zone := k.begins.Location()
	for _, a := range answers {
		k.week(link.DayOf(a.Answered.In(zone))).Answered++
	}
	heard, err := x.rooms.Growth.Heard(ctx, k.company.ID, k.begins, k.ends)
	if err != nil {
		return err
	}
	now := x.rooms.Clock.Now()
	for _, h := range heard {
		c := Criticism{Conversation: h.Conversation, Said: h.SaidAt, Settled: !h.At.IsZero()}
		until := now
		if !h.AnsweredAt.IsZero() {
			until, c.Took = h.AnsweredAt, max(h.AnsweredAt.Sub(h.SaidAt), time.Second)
		}
		took := until.Sub(h.SaidAt)
		if k.InHours {
			took = k.company.Settings.Hours.Between(h.SaidAt, until, zone)
		}
		c.Late = k.Target > 0 && took > k.Target
		k.Criticisms = append(k.Criticisms, c)
		if day := link.DayOf(h.At.In(zone)); c.Settled && day >= k.From && day <= k.To {
			k.week(day).Settled++
		}
	}
	return nil
}

// weeksOf cuts a period into weeks that end with its last day.
func weeksOf(from, to link.Day) (out []Week) {
	for end := to; ; {
		begin := link.DayOf(end.Time().AddDate(0, 0, -6))
		if begin <= from {
			out = append(out, Week{From: from, To: end})
			slices.Reverse(out)
			return out
		}
		out = append(out, Week{From: begin, To: end})
		end = link.DayOf(begin.Time().AddDate(0, 0, -1))
	}
}

// week is the one of a day of the period.
func (k *reckoning) week(d link.Day) *Week {
	i := len(k.Weeks) - 1 - (daysBetween(d, k.To)-1)/7
	return &k.Weeks[min(max(i, 0), len(k.Weeks)-1)]
}

func (k *reckoning) weeks(leads []lead.Lead, tallies []link.Tally) {
	for _, l := range leads {
		k.week(link.DayOf(l.CreatedAt.In(k.begins.Location()))).Leads++
	}
	for _, t := range tallies {
		k.week(t.Day).Visits += t.Visits
	}
	if k.Hours != nil {
		for day, n := range k.Hours.ByDay {
			k.week(day).Minutes += n
		}
	}
}
