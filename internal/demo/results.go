package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// spring is what brought people in the last eight weeks: by which link, how many of them, and how many of ten of these buy.
var spring = []struct {
	code        string
	n, buys     int
	carried     bool
	called      bool // they called, and who answered wrote them down
	first, last int  // days before the end
}{
	{code: "arno-smalti", n: 15, buys: 4, carried: true, first: 49, last: 1},
	{code: "arno-bio", n: 7, buys: 4, carried: true, first: 55, last: 1},
	{code: "arno-prova", n: 7, buys: 3, first: 44, last: 2},
	{code: "arno-lettera", n: 5, buys: 5, first: 54, last: 31},
	{code: "arno-preventivo", n: 4, buys: 3, first: 52, last: 3},
	{code: "arno-primavera", n: 8, buys: 3, first: 47, last: 4},
	{code: "arno-pagina", n: 9, buys: 2, first: 40, last: 22},
	{code: "arno-onda", n: 5, buys: 2, first: 33, last: 8},
	{code: "arno-chiama", n: 5, buys: 4, called: true, first: 45, last: 3},
}

// springLeads are those who left a way to be reached through these links, the same each time. Some were brought by another thing before.
func (f *filler) springLeads(form lead.Form, carriers []string, known func(string) lead.Touch) (out []lead.Staged) {
	r := rand.New(rand.NewPCG(2026, 8))
	n := 0
	for _, s := range spring {
		x, ok := f.links[s.code]
		if !ok {
			continue
		}
		for range s.n {
			n++
			days := s.last + r.IntN(s.first-s.last+1)
			at := f.sample.Moment.AddDate(0, 0, -days).Truncate(24 * time.Hour).Add(time.Duration(8*60+r.IntN(11*60)) * time.Minute)
			a, b := strings.Split(asked[(n*7)%len(asked)], "-"), strings.Split(asked[(n*7+23)%len(asked)], "-")
			name := a[0] + " " + b[1]
			email := strings.ToLower(strings.ReplaceAll(text.Fold(name), " ", ".")) + "@lettere.example"
			touch := lead.Touch{At: at, Link: string(x.ID), Channel: x.Channel, Campaign: x.Campaign, Source: x.Source, Medium: x.Medium}
			if s.carried && r.IntN(4) == 0 {
				touch.Carrier = known(carriers[r.IntN(len(carriers))]).Carrier
			}
			l := lead.Staged{At: at, Source: lead.FromForm, Consent: true, First: touch, Last: touch}
			if n%6 == 2 && x.Channel != "print" {
				paper := f.links["arno-primavera"]
				l.First = lead.Touch{At: at.AddDate(0, 0, -3), Link: string(paper.ID), Channel: paper.Channel, Campaign: paper.Campaign, Source: paper.Source, Medium: paper.Medium}
			}
			if s.called {
				l.Source, l.Consent, l.NewIn = lead.FromHand, false, lead.NewIn{Name: name, Phone: fmt.Sprintf("0571 55%04d", 3000+n*41), Member: f.sellers()[0]}
				l.Moves = moves(r, f.sample.Moment, at, origin{buys: s.buys}, f.sellers())
				out = append(out, l)
				continue
			}
			l.NewIn = lead.NewIn{Name: name, Email: email, Form: form.ID}
			l.Answers = map[string][]string{"name": {name}, "email": {email}, "what": {wishes[r.IntN(len(wishes))]}, "privacy": {"yes"}, "more": {more[n%len(more)]}}
			l.Moves = moves(r, f.sample.Moment, at, origin{buys: s.buys}, f.sellers())
			out = append(out, l)
		}
	}
	return out
}

// sellers are the members who look after leads.
func (f *filler) sellers() (out []team.MemberID) {
	for _, m := range f.sample.Members {
		if team.Role(m.Role).Can(team.LeadsManage) {
			out = append(out, f.members[m.Key].ID)
		}
	}
	return out
}

// spent is a cost of the sample company.
type spent struct {
	report.CostIn
	from, days int // days before the end on which it begins, and for how many it counts
}

var sampleCosts = []spent{
	{report.CostIn{Kind: report.Tools, Cents: 348_00, Note: "Server, dominio e copie, un anno", Elsewhere: "pacchetto di un’agenzia", ElsewhereCents: 4800_00}, 364, 365},
	{report.CostIn{Kind: report.Radio, Cents: 390_00, Campaign: "Corsi d’autunno", Note: "Radio Valdarno, dodici passaggi"}, 150, 30},
	{report.CostIn{Kind: report.Print, Cents: 210_00, Campaign: "Corsi d’autunno", Note: "Volantino dei corsi, duemila copie"}, 165, 75},
	{report.CostIn{Kind: report.Fair, Cents: 420_00, Campaign: "Natale", Note: "Tavolo alla fiera, quattro giorni"}, 88, 4},
	{report.CostIn{Kind: report.Advertising, Cents: 90_00, Channel: "mastodon", Campaign: "Natale", Note: "Cornici e foto per i post di Natale"}, 86, 26},
	{report.CostIn{Kind: report.Samples, Cents: 65_00, Channel: "mastodon", Campaign: "Smalti nuovi", Note: "Tessere di prova spedite a chi le aveva chieste"}, 48, 20},
	{report.CostIn{Kind: report.Print, Cents: 180_00, Campaign: "Tavole di primavera", Note: "Volantino di primavera, mille e cinquecento copie"}, 50, 45},
	{report.CostIn{Kind: report.Print, Cents: 640_00, Channel: "giornale", Campaign: "Tavole di primavera", Note: "Mezza pagina sul settimanale, due uscite"}, 41, 14},
	{report.CostIn{Kind: report.Radio, Cents: 480_00, Campaign: "Tavole di primavera", Note: "Radio Valdarno, sedici passaggi"}, 34, 21},
}

// results tells what was spent, and how long members worked: more in the first months than now.
func (f *filler) results(ctx context.Context) error {
	if f.Report == nil {
		return nil
	}
	day := func(before int) link.Day { return link.DayOf(f.sample.Moment.AddDate(0, 0, -before)) }
	for _, s := range sampleCosts {
		s.From, s.To = day(s.from), day(max(s.from-s.days+1, 0))
		if _, err := f.Report.AddCost(ctx, f.actor, s.CostIn); err != nil {
			return err
		}
	}
	if err := f.Report.SetRates(ctx, f.actor, map[team.Role]int64{team.Owner: 35_00, team.Community: 22_00, team.Marketing: 25_00, team.Editor: 22_00}); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(21, 20))
	var all []report.Staged
	for before := 182; before >= 0; before-- {
		at := f.sample.Moment.AddDate(0, 0, -before)
		if wd := at.Weekday(); wd == time.Sunday {
			continue
		}
		slower := 1 + float64(before)/75 // the work has become quicker
		for _, w := range []struct {
			key  string
			work report.Work
			each int // days apart
			mean float64
		}{
			{"giulia", report.Answering, 1, 8}, {"giulia", report.Improving, 3, 7}, {"irene", report.Writing, 2, 11}, {"tommaso", report.Selling, 3, 9}, {"marta", report.Improving, 6, 6},
		} {
			if before%w.each != 0 {
				continue
			}
			n := int(w.mean*slower*(0.7+0.6*r.Float64()) + 0.5)
			all = append(all, report.Staged{Member: f.members[w.key].ID, Day: link.DayOf(at), Work: w.work, Minutes: n})
		}
	}
	return f.Report.Stage(ctx, f.actor, all)
}
