package report_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
)

// visits has a link made and opened n times at the clock's moment.
func visits(t *testing.T, h *housetest.House, channel, campaign string, n int) link.Link {
	t.Helper()
	ctx := t.Context()
	x := must[link.Link](t)(h.Links.Create(ctx, h.Actor(team.Owner), link.In{Target: "https://www.example.org/", Channel: channel, Campaign: campaign}))
	way := must[*link.Way](t)(h.Links.Find(ctx, x.Code))
	for i := range n {
		h.Links.Note(way, link.Seen{Kind: link.Person, Language: "it"}.As(fmt.Sprint(channel, campaign, i), ""))
	}
	ok(t, h.Links.Flush(ctx))
	return x
}

func came(t *testing.T, h *housetest.House, channel, campaign string, at time.Time, state lead.State, cents int64) lead.Lead {
	t.Helper()
	in := lead.NewIn{
		Name: "Ada", Email: fmt.Sprintf("ada%d@example.org", h.Clock.Now().UnixNano()+int64(at.Nanosecond())), Channel: channel, Campaign: campaign, State: state, Cents: cents,
		Currency: "EUR", CreatedAt: at,
	}
	if state == lead.Lost {
		in.Reason = "troppo caro"
	}
	h.Clock.Advance(time.Millisecond)
	return must[lead.Lead](t)(h.Leads.Add(t.Context(), h.Actor(team.Owner), in))
}

func TestResults(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		now := h.Clock.Now()
		from, to := last(h, 28)
		h.Clock.Set(now.AddDate(0, 0, -10))
		visits(t, h, "mastodon", "Natale", 40)
		visits(t, h, "print", "Corsi", 12)
		h.Clock.Set(now)
		for i := range 8 {
			state := lead.Fresh
			if i < 5 {
				state = lead.Won
			}
			came(t, h, "mastodon", "Natale", now.AddDate(0, 0, -i), state, 200_00)
		}
		for i := range 6 {
			came(t, h, "print", "Corsi", now.AddDate(0, 0, -3*i), lead.Qualified, 0)
		}
		came(t, h, "radio", "", now.AddDate(0, 0, -1), lead.Fresh, 0)
		came(t, h, "", "", now.AddDate(0, 0, -1), lead.Lost, 0)
		came(t, h, "mastodon", "Natale", now.AddDate(0, 0, -40), lead.Won, 999_00) // before the period
		book := func(in report.CostIn, channel, campaign string) {
			in.Channel, in.Campaign = channel, campaign
			must[report.Cost](t)(h.Report.AddCost(ctx, owner, in))
		}
		old := dayOf(h, now.AddDate(0, 0, -55))
		book(cost(report.Tools, 100_00, old, to), "", "") // half of its 56 days
		book(cost(report.Print, 180_00, from, from), "", "Corsi")
		book(cost(report.Radio, 480_00, from, to), "", "")
		book(cost(report.Advertising, 20_00, to, to), "mastodon", "Natale")
		book(cost(report.Samples, 30_00, to, to), "", "")
		ok(t, h.Report.SetRates(ctx, owner, map[team.Role]int64{team.Community: 30_00}))
		ok(t, h.Report.SayWork(ctx, h.Actor(team.Community), dayOf(h, now.AddDate(0, 0, -2)), report.Answering, ints(120)))

		r := must[report.Results](t)(h.Report.Results(ctx, owner, from, to))
		s := r.Social
		if s.Money != 50_00+20_00 || s.Time != 60_00 || s.Visits != 40 || s.Leads != 8 || s.Sales != 5 || s.Qualified != 5 || s.Value != 1000_00 {
			t.Errorf("social: %+v", s)
		}
		if s.PerLead.Cents != 130_00/8. || s.PerLead.Few || s.PerLead.Low >= s.PerLead.Cents || s.PerLead.High <= s.PerLead.Cents {
			t.Errorf("social, a lead: %+v", s.PerLead)
		}
		if s.Sold.Part != 5 || s.Sold.Of != 8 || math.Abs(s.Sold.Low-0.3057) > 0.0005 || math.Abs(s.Sold.High-0.8632) > 0.0005 {
			t.Errorf("Wilson: %+v", s.Sold)
		}
		if s.Back.Few || math.Abs(s.Back.Cents-1000./130) > 1e-9 || s.Back.Low >= s.Back.Cents || s.Back.High <= s.Back.Cents {
			t.Errorf("what it brought back: %+v", s.Back)
		}
		if len(r.Offline) != 2 || r.Offline[0].Name != "print" || r.Offline[0].Money != 180_00 || r.Offline[0].PerLead.Cents != 30_00 || r.Offline[0].Visits != 12 {
			t.Errorf("offline: %+v", r.Offline)
		}
		if radio := r.Offline[1]; radio.Name != "radio" || !radio.PerLead.Few || radio.PerLead.Cents != 0 || radio.Money != 480_00 {
			t.Errorf("one lead is too few to say: %+v", radio)
		}
		if r.Unknown.Leads != 1 || r.Unknown.Money != 30_00 || r.Total.Leads != 16 || r.Total.Money != 50_00+180_00+480_00+20_00+30_00 || r.Total.Time != 60_00 {
			t.Errorf("unknown %+v, total %+v", r.Unknown, r.Total)
		}
		if len(r.Campaigns) != 2 || r.Campaigns[0].Name != "Natale" || r.Campaigns[0].Money != 20_00 || r.Campaigns[0].Leads != 8 || r.Campaigns[1].PerLead.Cents != 30_00 {
			t.Errorf("campaigns: %+v", r.Campaigns)
		}
		if r.Disagree {
			t.Error("one touch each, and the ways of attribution differ")
		}
		if len(r.Weeks) != 4 || r.Weeks[3].Minutes != 120 || r.Weeks[2].Visits != 52 || r.Weeks[3].To != to || r.Weeks[0].From != from {
			t.Errorf("weeks: %+v", r.Weeks)
		}
		if report.Compare(s.PerLead, r.Offline[0].PerLead) == report.TooFew || report.Compare(s.PerLead, r.Offline[1].PerLead) != report.TooFew {
			t.Error("comparing")
		}
		again := must[report.Results](t)(h.Report.Results(ctx, owner, from, to))
		if again.Social.PerLead != s.PerLead {
			t.Errorf("the same rows, another interval: %+v, %+v", again.Social.PerLead, s.PerLead)
		}
		mine := must[report.Results](t)(h.Report.Results(ctx, h.Actor(team.Marketing), from, to))
		if mine.Social.Cost() != 70_00 || mine.Hours != nil || mine.Weeks[3].Minutes != 0 {
			t.Errorf("marketing reads hours: %+v", mine.Social)
		}
		if _, err := h.Report.Results(ctx, owner, to, from); err == nil {
			t.Error("a period that ends before it begins")
		}
	})
}

func TestWeights(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	print, sky := lead.Touch{At: at, Channel: "print"}, lead.Touch{At: at, Channel: "bluesky"}
	for _, c := range []struct {
		first, last lead.Touch
		wf, wl      float64
	}{{print, sky, 0.5, 0.5}, {sky, sky, 0, 1}, {lead.Touch{}, sky, 0, 1}, {print, lead.Touch{}, 1, 0}, {lead.Touch{}, lead.Touch{}, 0, 1}} {
		f, l := report.Weights(lead.Lead{First: c.first, Last: c.last})
		if math.Abs(f-c.wf) > 1e-9 || math.Abs(l-c.wl) > 1e-9 || math.Abs(f+l-1) > 1e-9 {
			t.Errorf("%+v: %v %v", c, f, l)
		}
	}
}

// The interval of a cost holds the true one in about 95 of 100 worlds whose days bring leads by chance.
func TestIntervalsHold(t *testing.T) {
	t.Parallel()
	held, worlds := report.Coverage(200, 56, 0.4)
	if held < worlds*85/100 {
		t.Errorf("held in %d of %d", held, worlds)
	}
}
