package report_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestCostBook(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		in := cost(report.Print, 180_00, 2026_01_10, 2026_01_19)
		in.Campaign, in.Note, in.Elsewhere, in.ElsewhereCents = "Corsi", "Mille volantini", "pagina sul giornale", 640_00
		c := must[report.Cost](t)(h.Report.AddCost(ctx, owner, in))
		if c.Version != 1 || c.Home() != "print" || c.Days() != 10 {
			t.Errorf("%+v", c)
		}
		in.Cents, in.Version = 200_00, 1
		c = must[report.Cost](t)(h.Report.ChangeCost(ctx, owner, c.ID, in))
		if _, err := h.Report.ChangeCost(ctx, owner, c.ID, in); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("a change of what somebody else changed: %v", err)
		}
		if got := must[report.Cost](t)(h.Report.Cost(ctx, owner, c.ID)); got != c || got.Cents != 200_00 {
			t.Errorf("kept: %+v, said: %+v", got, c)
		}
		for _, days := range []struct {
			from, to link.Day
			n        int
		}{{0, 0, 1}, {2026_01_01, 2026_01_09, 0}, {2026_01_19, 2026_02_01, 1}, {2026_01_20, 0, 0}, {0, 2026_01_10, 1}} {
			if got := must[[]report.Cost](t)(h.Report.Costs(ctx, owner, days.from, days.to)); len(got) != days.n {
				t.Errorf("%v: %d", days, len(got))
			}
		}
		other := h.Other(t)
		for _, err := range []error{
			second(h.Report.Cost(ctx, other.Actor(team.Owner), c.ID)), second(h.Report.ChangeCost(ctx, other.Actor(team.Owner), c.ID, in)),
			h.Report.DropCost(ctx, other.Actor(team.Owner), c.ID),
		} {
			if fault.Of(err).Kind != fault.NotFound {
				t.Errorf("another company: %v", err)
			}
		}
		ok(t, h.Report.DropCost(ctx, owner, c.ID))
		if got := must[[]report.Cost](t)(h.Report.Costs(ctx, owner, 0, 0)); len(got) != 0 {
			t.Errorf("dropped, and there: %v", got)
		}
		wrong := report.CostIn{Kind: "wine", Cents: -1, From: 2026_02_30, To: 2026_01_01, Note: strings.Repeat("a", 600)}
		_, err := h.Report.AddCost(ctx, owner, wrong)
		var names []string
		if e := fault.Of(err); e != nil {
			for _, f := range e.Fields {
				names = append(names, f.Name)
			}
		}
		if !slices.Equal(names, []string{"kind", "amount", "from", "note"}) {
			t.Errorf("wrong fields: %v (%v)", names, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// What counts for the days of a cost sums up to it, however its days are cut.
func TestCostWithin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := link.DayOf(link.Day(2026_01_01).Time().AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "from")))
		days := rapid.IntRange(1, 400).Draw(t, "days")
		c := report.Cost{Cents: rapid.Int64Range(1, 1_000_000_00).Draw(t, "cents"), From: from, To: link.DayOf(from.Time().AddDate(0, 0, days-1))}
		if c.Days() != days {
			t.Fatalf("%d days, want %d", c.Days(), days)
		}
		cut := link.DayOf(from.Time().AddDate(0, 0, rapid.IntRange(0, days-1).Draw(t, "cut")))
		a, _ := c.Within(2020_01_01, cut)
		b, _ := c.Within(cut.Next(), 2030_01_01)
		if a+b != c.Cents {
			t.Fatalf("%d and %d, want %d", a, b, c.Cents)
		}
	})
}

func TestCostTable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		table := "tipo;importo;dal;al;canale;nota;altrove;importo altrove\nStampa;1.250,50;2/3/2026;31/3/2026;print;'=1+1;giornale;640\nstrumenti;9;2026-03-01;;;;;\n"
		dry := must[report.ImportedCosts](t)(h.Report.ImportCosts(ctx, owner, strings.NewReader(table), true))
		if len(dry.Costs) != 2 || dry.Costs[0].ID != "" || len(must[[]report.Cost](t)(h.Report.Costs(ctx, owner, 0, 0))) != 0 {
			t.Fatalf("a dry run: %+v", dry)
		}
		got := must[report.ImportedCosts](t)(h.Report.ImportCosts(ctx, owner, strings.NewReader(table), false))
		if len(got.Errors) > 0 || got.Costs[0].Cents != 1250_50 || got.Costs[0].From != 2026_03_02 || got.Costs[0].ElsewhereCents != 640_00 || got.Costs[0].Note != "=1+1" {
			t.Fatalf("%+v", got)
		}
		var out strings.Builder
		ok(t, h.Report.ExportCosts(ctx, owner, &out))
		if !strings.Contains(out.String(), "print,1250.50,2026-03-02,2026-03-31,print,,'=1+1,giornale,640.00") {
			t.Errorf("%s", out.String())
		}
		again := must[report.ImportedCosts](t)(h.Report.ImportCosts(ctx, owner, strings.NewReader(out.String()), true))
		if len(again.Errors) > 0 || len(again.Costs) != 2 {
			t.Errorf("what went out does not come in: %+v", again)
		}
		bad := must[report.ImportedCosts](t)(h.Report.ImportCosts(ctx, owner, strings.NewReader("kind,amount,from\nprint,10,2026-01-01\nwine,x,yesterday\n"), false))
		if len(bad.Errors) != 2 || bad.Errors[0].Line != 3 || len(bad.Costs) != 0 {
			t.Errorf("%+v", bad)
		}
		if n := len(must[[]report.Cost](t)(h.Report.Costs(ctx, owner, 0, 0))); n != 2 {
			t.Errorf("half a table was stored: %d", n)
		}
		if _, err := h.Report.ImportCosts(ctx, owner, strings.NewReader("\xff\xfe"), true); !errors.Is(err, fault.New(fault.Invalid, "sheet.encoding")) && fault.Of(err).Key != "sheet.encoding" {
			t.Errorf("%v", err)
		}
	})
}

func TestCostSpread(t *testing.T) {
	t.Parallel()
	c := report.Cost{Cents: 100, From: 2026_02_26, To: 2026_03_04}
	var parts []string
	for d := c.From; d <= c.To; d = d.Next() {
		n, _ := c.Within(d, d)
		parts = append(parts, fmt.Sprint(n))
	}
	if got := strings.Join(parts, " "); got != "14 14 14 15 14 14 15" {
		t.Errorf("%s", got)
	}
}
