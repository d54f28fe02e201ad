package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func rest(t *testing.T, d report.Dependence, on report.OnWhat) report.Rest {
	t.Helper()
	for _, r := range d.Rests {
		if r.On == on {
			return r
		}
	}
	t.Fatalf("nothing on %s", on)
	return report.Rest{}
}

func TestWhoSeesDependence(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		teamtest.Matrix(t, h.Bed, []teamtest.Case{
			{Name: "Dependence", Needs: team.ResultsRead, Try: func(t *testing.T, a team.Actor) error { _, err := h.Report.Dependence(t.Context(), a); return err }},
			{Name: "ExportFollowers", Needs: team.PeopleErase, Try: func(t *testing.T, a team.Actor) error {
				return h.Report.ExportFollowers(t.Context(), a, &bytes.Buffer{})
			}},
		})
	})
}

// What the page says is what the rows are: visits counted one by one, answers written one by one, people who did something one by one.
func TestDependenceIsWhatTheRowsSay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ctx := t.Context()
		owner := h.Actor(team.Owner)
		empty, err := h.Report.Dependence(ctx, owner)
		ok(err)
		if rest(t, empty, report.OnPeople).Known || !rest(t, empty, report.OnPlaces).Few || rest(t, empty, report.OnMembers).Of != 0 {
			t.Errorf("of nothing: %+v", empty)
		}

		// 30 visits through three links: 18 facebook, 9 newsletter, 3 mastodon.
		for channel, n := range map[string]int{"facebook": 18, "newsletter": 9, "mastodon": 3} {
			made, err := h.Links.Create(ctx, owner, link.In{Target: "https://arno.example/" + channel, Channel: channel})
			ok(err)
			for i := range n {
				w, err := h.Links.Find(ctx, made.Code)
				ok(err)
				r := httptest.NewRequest(http.MethodGet, "/l/"+made.Code, nil)
				r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
				h.Links.Note(w, h.Links.Recognise(r, fmt.Sprintf("192.0.2.%d", i+1)))
			}
		}
		ok(h.Links.Flush(ctx))

		// 25 people write; one of them five times. 21 answers: 14 of the community manager's, 7 of the owner's.
		for i := range 25 {
			times := 1
			if i == 0 {
				times = 5
			}
			for range times {
				h.Clock.Advance(time.Minute)
				_, err := h.Stranger(fmt.Sprintf("p%02d", i)).Mention(context.Background(), "A che ora aprite?")
				ok(err)
			}
		}
		h.Read()
		list, err := h.Inbox.List(ctx, owner, inbox.Filter{View: inbox.ViewAll, Limit: 50})
		ok(err)
		for i, c := range list.Conversations[:21] {
			who := h.Actor(team.Community)
			if i%3 == 0 {
				who = owner
			}
			r, err := h.Inbox.Reply(ctx, who, inbox.ReplyIn{Conversation: c.ID, Text: "Alle nove."})
			ok(err)
			h.Deliver(r.Delivery, 0)
		}
		h.Clock.Advance(time.Minute)
		ok(h.Reach.Feed(ctx, h.Company.ID))
		ok(h.Reach.Draw(ctx, h.Company.ID))

		for i := range 3 {
			_, err := h.Leads.Add(ctx, owner, lead.NewIn{Name: "Ada", Email: fmt.Sprintf("ada%d@example.it", i)})
			ok(err)
		}

		d, err := h.Report.Dependence(ctx, owner)
		ok(err)
		places := rest(t, d, report.OnPlaces)
		if places.Of != 30 || places.First != 18 || places.Count != 3 || places.Parts[0].Name != "facebook" || places.Parts[2].N != 3 {
			t.Errorf("places %+v", places)
		}
		// Hill's N2 without bias: N(N-1) over the sum of n(n-1).
		if want := 30.0 * 29 / (18*17 + 9*8 + 3*2); math.Abs(places.Effective-want) > 1e-9 {
			t.Errorf("as many as %v, want %v", places.Effective, want)
		}
		if want := 12.0 * 11 / (9*8 + 3*2); math.Abs(places.Without-want) > 1e-9 {
			t.Errorf("without the first %v, want %v", places.Without, want)
		}
		if d.Out.Visits != 30 || d.Out.Own != 9 || d.Out.Leads != 3 || d.Out.Agreed != 0 {
			t.Errorf("out %+v", d.Out)
		}
		mates := rest(t, d, report.OnMembers)
		if mates.Of != 21 || mates.Count != 2 || mates.First != 14 || mates.Parts[0].Name != h.Members[team.Community].Name {
			t.Errorf("members %+v", mates)
		}
		people := rest(t, d, report.OnPeople)
		if !people.Known || people.Of != 29 || people.Count != 25 || people.First != 5 || people.Top != 14 {
			t.Errorf("people %+v", people)
		}
		if people.Parts[0].Name == "" || people.Effective == 0 {
			t.Errorf("people %+v", people)
		}
		// Who may not see everybody's hours sees how much hangs on one colleague, and not on whom.
		d, err = h.Report.Dependence(ctx, h.Actor(team.Guest))
		ok(err)
		if m := rest(t, d, report.OnMembers); m.First != 14 || m.Parts[0].Name != "" {
			t.Errorf("a guest sees %+v", m)
		}
		h.Clock.Advance(100 * 24 * time.Hour)
		d, err = h.Report.Dependence(ctx, owner)
		ok(err)
		if rest(t, d, report.OnPlaces).Of != 0 || rest(t, d, report.OnMembers).Of != 0 {
			t.Errorf("after the time: %+v", d.Rests)
		}
	})
}

// Who follows and is known can be taken along, whatever they are called.
func TestFollowersAreTakenAlong(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		if err := h.Stranger("ada").Follow(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.Read()
		if err := h.Reach.Feed(t.Context(), h.Company.ID); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := h.Report.ExportFollowers(t.Context(), h.Actor(team.Owner), &b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][1] != "ada" {
			t.Errorf("%v, %v", rows, err)
		}
		n, err := h.Team.CountAudit(t.Context(), h.Actor(team.Owner), team.AuditFilter{Verb: "report.followers"})
		if err != nil || n[string(h.Company.ID)] != 1 {
			t.Errorf("the register says %v, %v", n, err)
		}
	})
}
