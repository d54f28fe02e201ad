package report_test

import (
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// minutes gives what counts of a member's own work, by kind.
func minutes(t *testing.T, h *housetest.House, a team.Actor) map[report.Work]int {
	t.Helper()
	from, to := last(h, 30)
	out := map[report.Work]int{}
	for _, o := range must[[]report.OwnWork](t)(h.Report.OwnWork(t.Context(), a, from, to)) {
		out[o.Work] += o.Minutes()
	}
	return out
}

func TestWorkIsMeasured(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, ann, bea := t.Context(), h.Actor(team.Community), h.Actor(team.Editor)
		note := func(a team.Actor, w report.Work, after time.Duration) {
			h.Clock.Advance(after)
			h.Report.Note(a, w)
		}
		note(ann, report.Answering, 0)
		note(bea, report.Writing, 0)
		note(ann, report.Answering, 4*time.Minute)
		ok(t, h.Report.FlushWork(ctx)) // what is written between two signs changes nothing
		note(ann, report.Writing, 6*time.Minute)
		note(ann, report.Answering, 2*time.Minute)
		note(ann, report.Answering, 3*time.Hour) // lunch: the sign before it counts a minute
		note(bea, report.Writing, 0)
		h.Report.Note(h.Token(team.Community), report.Answering) // a program does not work
		h.Report.Note(team.System(h.Company.ID), report.Answering)
		ok(t, h.Report.FlushWork(ctx))
		if got := minutes(t, h, ann); got[report.Answering] != 4+6+1 || got[report.Writing] != 2 {
			t.Errorf("%v", got)
		}
		if got := minutes(t, h, bea); got[report.Writing] != 1 || len(got) != 1 {
			t.Errorf("%v", got)
		}
		// What somebody says of a day stands for what was measured, and can be taken back.
		today := dayOf(h, h.Clock.Now())
		ok(t, h.Report.SayWork(ctx, ann, today, report.Answering, ints(45)))
		ok(t, h.Report.SayWork(ctx, ann, today, report.Knowing, ints(10)))
		if got := minutes(t, h, ann); got[report.Answering] != 45 || got[report.Knowing] != 10 {
			t.Errorf("%v", got)
		}
		from, to := last(h, 7)
		if sum := must[report.Hours](t)(h.Report.Hours(ctx, h.Actor(team.Owner), from, to)); sum.Minutes != 45+10+2+1 || sum.People != 2 || sum.ByWork[report.Writing] != 3 || sum.Unrated != 58 || sum.Cents != 0 {
			t.Errorf("%+v", sum)
		}
		ok(t, h.Report.SayWork(ctx, ann, today, report.Answering, nil))
		if got := minutes(t, h, ann); got[report.Answering] != 11 {
			t.Errorf("%v", got)
		}
		for _, wrong := range []error{
			h.Report.SayWork(ctx, ann, today.Next(), report.Answering, ints(1)), h.Report.SayWork(ctx, ann, today, "sleeping", ints(1)),
			h.Report.SayWork(ctx, ann, today, report.Answering, ints(1441)), h.Report.SayWork(ctx, ann, today, report.Answering, ints(-1)),
		} {
			if fault.Of(wrong).Kind != fault.Invalid {
				t.Errorf("%v", wrong)
			}
		}
		ok(t, h.Report.SetRates(ctx, h.Actor(team.Owner), map[team.Role]int64{team.Community: 30_00, team.Editor: 24_00}))
		if sum := must[report.Hours](t)(h.Report.Hours(ctx, h.Actor(team.Owner), from, to)); sum.Cents != (11+2+10)*50+40 || sum.Unrated != 0 {
			t.Errorf("%+v", sum)
		}
	})
}

// A gap belongs to the day on which it began, where the company is.
func TestWorkOverMidnight(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ann, zone := h.Actor(team.Community), h.Company.Location()
		y, m, d := h.Clock.Now().In(zone).Date()
		h.Clock.Set(time.Date(y, m, d, 23, 55, 0, 0, zone))
		h.Report.Note(ann, report.Answering)
		h.Clock.Advance(8 * time.Minute)
		h.Report.Note(ann, report.Answering)
		ok(t, h.Report.FlushWork(t.Context()))
		all := must[[]report.OwnWork](t)(h.Report.OwnWork(t.Context(), ann, 0, 0))
		if len(all) != 1 || all[0].Minutes() != 8 || all[0].Day != dayOf(h, h.Clock.Now().Add(-8*time.Minute)) {
			t.Errorf("%+v", all)
		}
	})
}

// Who leaves leaves no minutes of their own behind: what stays is what somebody in that role worked.
func TestLeavingTakesTheNameOffMinutes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		gone := h.Add(t, team.Editor, "gone@example.org")
		a := gone.Actor(team.ViaScreen)
		today := dayOf(h, h.Clock.Now())
		ok(t, h.Report.SayWork(ctx, a, today, report.Writing, ints(120)))
		ok(t, h.Report.SetRates(ctx, owner, map[team.Role]int64{team.Editor: 20_00}))
		h.Report.Note(a, report.Writing)
		ok(t, h.Report.FlushWork(ctx))
		h.Report.Note(a, report.Writing)
		ok(t, h.Team.Leave(ctx, owner, team.LeaveIn{Member: gone.ID}))
		ok(t, h.Report.FlushWork(ctx))
		if got := must[[]report.OwnWork](t)(h.Report.OwnWork(ctx, a, 0, 0)); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		if sum := must[report.Hours](t)(h.Report.Hours(ctx, owner, today, today)); sum.Minutes != 120 || sum.Cents != 40_00 {
			t.Errorf("%+v", sum)
		}
	})
}

// Own minutes are for the member in person alone; the sums for who has time.read; costs as their permissions say.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		today := dayOf(h, h.Clock.Now())
		c := must[report.Cost](t)(h.Report.AddCost(t.Context(), h.Actor(team.Owner), cost(report.Tools, 100, today, today)))
		teamtest.Matrix(t, h.Bed, []teamtest.Case{
			{Name: "Results", Needs: team.ResultsRead, Try: func(t *testing.T, a team.Actor) error { return second(h.Report.Results(t.Context(), a, today, today)) }},
			{Name: "Costs", Needs: team.ResultsRead, Try: func(t *testing.T, a team.Actor) error { return second(h.Report.Costs(t.Context(), a, 0, 0)) }},
			{Name: "Cost", Needs: team.ResultsRead, Try: func(t *testing.T, a team.Actor) error { return second(h.Report.Cost(t.Context(), a, c.ID)) }},
			{Name: "AddCost", Needs: team.CostsManage, Try: func(t *testing.T, a team.Actor) error {
				return second(h.Report.AddCost(t.Context(), a, cost(report.Tools, 100, today, today)))
			}},
			{Name: "ChangeCost", Needs: team.CostsManage, Try: func(t *testing.T, a team.Actor) error {
				return second(h.Report.ChangeCost(t.Context(), a, c.ID, cost(report.Tools, 100, today, today)))
			}},
			{Name: "Hours", Needs: team.TimeRead, Try: func(t *testing.T, a team.Actor) error { return second(h.Report.Hours(t.Context(), a, today, today)) }},
			{Name: "Rates", Needs: team.TimeRead, Try: func(t *testing.T, a team.Actor) error { return second(h.Report.Rates(t.Context(), a)) }},
		})
		for _, r := range team.Roles {
			a := h.Actor(r)
			if err := second(h.Report.OwnWork(t.Context(), a, today, today)); err != nil {
				t.Errorf("%s may not see their own minutes: %v", r, err)
			}
			for who, stranger := range map[string]team.Actor{"token": h.Token(r), "command": team.Command(h.Company.ID), "system": team.System(h.Company.ID)} {
				if err := second(h.Report.OwnWork(t.Context(), stranger, today, today)); fault.Of(err).Kind != fault.Denied {
					t.Errorf("%s of %s sees minutes of one person: %v", who, r, err)
				}
				if err := h.Report.SayWork(t.Context(), stranger, today, report.Writing, ints(1)); fault.Of(err).Kind != fault.Denied {
					t.Errorf("%s of %s changes minutes of one person: %v", who, r, err)
				}
			}
			// Only the sums of all are in results, and only for who may know them.
			ok(t, h.Report.SayWork(t.Context(), a, today, report.Writing, ints(30)))
			res := second2(t)(h.Report.Results(t.Context(), a, today, today))
			if r.Can(team.ResultsRead) && (res.Hours != nil) != r.Can(team.TimeRead) {
				t.Errorf("%s: hours %v", r, res.Hours)
			}
			if !r.Can(team.TimeRead) && (res.Social.Time != 0 || res.Total.Time != 0) {
				t.Errorf("%s reads what hours cost", r)
			}
		}
	})
}

func second2(t *testing.T) func(r report.Results, err error) report.Results {
	return func(r report.Results, err error) report.Results {
		t.Helper()
		if err != nil && fault.Of(err).Kind != fault.Denied {
			t.Fatal(err)
		}
		return r
	}
}
