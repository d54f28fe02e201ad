package report_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
)

// Openings of a number are visits and no leads; who answered the call writes the lead down to the link, and the two are counted side by side.
func TestNumbersThatWereOpened(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		x := must[link.Link](t)(h.Links.Create(ctx, owner, link.In{Target: "tel:+39055123456", Channel: "radio", Campaign: "Corsi"}))
		way := must[*link.Way](t)(h.Links.Find(ctx, x.Code))
		for i := range 7 {
			h.Links.Note(way, link.Seen{Kind: link.Person, Language: "it"}.As(strconv.Itoa(i), ""))
		}
		ok(t, h.Links.Flush(ctx))
		from, to := last(h, 7)
		r := must[report.Results](t)(h.Report.Results(ctx, owner, from, to))
		if r.Total.Leads != 0 || r.Total.Visits != 7 || r.Total.Opened.By[link.Call] != 7 || r.Offline[0].Opened.By[link.Call] != 7 || r.Campaigns[0].Opened.By[link.Call] != 7 || r.Social.Opened.Any() {
			t.Fatalf("%+v", r.Total)
		}
		l := must[lead.Lead](t)(h.Leads.Add(ctx, owner, lead.NewIn{Name: "Ada", Phone: "055 765432", Link: x.Code, Channel: "print"}))
		if l.Last.Link != string(x.ID) || l.Last.Channel != "radio" || l.Last.Campaign != "Corsi" || l.First.Link != l.Last.Link {
			t.Errorf("what brought it: %+v, %+v", l.First, l.Last)
		}
		if _, err := h.Leads.Add(ctx, owner, lead.NewIn{Phone: "055 765433", Link: "nothing"}); fault.KindOf(err) != fault.Invalid || fault.Of(err).Fields[0].Key != "lead.link" {
			t.Errorf("a code of nothing: %v", err)
		}
		r = must[report.Results](t)(h.Report.Results(ctx, owner, from, to))
		if r.Total.Leads != 1 || r.Total.Opened.Leads != 1 || r.Offline[0].Name != "radio" || r.Offline[0].Leads != 1 || r.Offline[0].Opened.Leads != 1 {
			t.Errorf("%+v", r.Offline)
		}
		// The tables say the same.
		var lines, weeks bytes.Buffer
		ok(t, r.WriteCSV(&lines))
		ok(t, r.WriteWeeksCSV(&weeks))
		rows := must[[][]string](t)(csv.NewReader(&lines).ReadAll())
		at := slices.Index(rows[0], "opened_call")
		i := slices.IndexFunc(rows, func(row []string) bool { return row[3] == "radio" })
		if i < 0 || rows[i][at] != "7" || rows[i][at+4] != "1" {
			t.Errorf("%v", rows)
		}
		rows = must[[][]string](t)(csv.NewReader(&weeks).ReadAll())
		if len(rows) != 2 || rows[1][0] != report.DayText(from) || rows[1][5] != "1" || rows[1][6] != "7" {
			t.Errorf("%v", rows)
		}
	})
}
