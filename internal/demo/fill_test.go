package demo_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/demo"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// The house holds afterwards just what the story tells.
func TestFillTellsTheWholeStory(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{Extra: []network.Name{network.Mastodon, network.Bluesky}})
		ctx := t.Context()
		moment := time.Date(2026, 3, 12, 16, 20, 0, 0, time.UTC)
		h.Clock.Set(moment)
		rooms := demo.Rooms{Team: h.Team, Networks: h.Networks, Audience: h.Audience, Inbox: h.Inbox, Deliveries: h.Deliveries, Growth: h.Growth, Media: h.Media, Posts: h.Posts, Ties: h.Reach, Links: h.Links, Linkbacks: h.Linkbacks, Leads: h.Leads, Report: h.Report, Clock: h.Clock}
		company, owner, err := demo.Fill(ctx, rooms, h.Actor(team.Owner), moment)
		if err != nil {
			t.Fatal(err)
		}
		if !company.Sample || owner.Role != team.Owner {
			t.Fatalf("%+v %+v", company, owner)
		}
		actor := owner.Actor(team.ViaScreen)
		want, err := demo.Load(moment, nil)
		if err != nil {
			t.Fatal(err)
		}
		states := map[demo.State]int{}
		for _, c := range want.Conversations {
			states[c.State]++
		}
		channels, err := h.Networks.ChannelsByID(ctx, company.ID)
		if err != nil {
			t.Fatal(err)
		}
		var site network.Channel
		for _, ch := range channels {
			if ch.Network == network.Site {
				site = ch
			}
		}
		seen, answered := map[inbox.State]int{}, 0
		for cursor := ""; ; {
			l, err := h.Inbox.List(ctx, actor, inbox.Filter{View: inbox.ViewAll, Cursor: cursor, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range l.Conversations {
				if c.Channel == site.ID { // what happens on the site is told by itself
					continue
				}
				seen[c.State]++
				if c.Outgoing > 0 {
					answered++
				}
			}
			if cursor = l.Next; cursor == "" {
				break
			}
		}
		for state, n := range states {
			if seen[inbox.State(state)] != n {
				t.Errorf("%d conversations %s, the story has %d", seen[inbox.State(state)], state, n)
			}
		}
		if answered < 100 {
			t.Errorf("only %d conversations have an answer", answered)
		}
		counts, err := h.Inbox.Counts(ctx, actor)
		if err != nil {
			t.Fatal(err)
		}
		if counts.Views[inbox.ViewLate] != 1 || counts.Views[inbox.ViewTodo] != states[demo.Open]+1 || counts.Views[inbox.ViewApprove] != 1 {
			t.Errorf("%+v, open in the story: %d", counts, states[demo.Open])
		}
		l, err := h.Inbox.List(ctx, actor, inbox.Filter{View: inbox.ViewAll, Query: "scheggiat"})
		if err != nil || len(l.Conversations) < 3 {
			t.Errorf("%d conversations about chipped rims (%v)", len(l.Conversations), err)
		}
		// Somebody goes through what triage was not sure about: of three nobody said anything in time, and what came in since the evening before last waits.
		growing, err := h.Growth.Page(ctx, company.ID, "", 20, false)
		if err != nil || growing.Figures.Undecided != 3 || growing.Figures.Heard < 100 || growing.Figures.Worked != 6 || growing.Figures.NotWorked != 1 {
			t.Errorf("%+v %v", growing.Figures, err)
		}
		doubts, err := h.Growth.Undecided(ctx, actor, 100)
		if err != nil || len(doubts) < 5 || len(doubts) > 20 {
			t.Errorf("%d doubts wait (%v)", len(doubts), err)
		}
		// The site: articles with what is said of them and what they told others, and comments, one of which waits for a yes.
		articles, err := h.Inbox.Articles(ctx, actor, site.ID, 100)
		if err != nil || len(articles) != 5 || articles[0].At.After(moment) {
			t.Errorf("%d articles (%v)", len(articles), err)
		}
		said, err := h.Linkbacks.Received(ctx, actor, linkback.Filter{Channel: site.ID, Limit: 100})
		if err != nil || len(said.Mentions) != 12 {
			t.Errorf("%d mentions (%v)", len(said.Mentions), err)
		}
		byMention := map[linkback.State]int{}
		for _, m := range said.Mentions {
			byMention[m.State]++
			if m.State == linkback.Taken && (m.Author == "" || m.Kind == mention.Reply && m.Conversation == "") {
				t.Errorf("%+v", m)
			}
		}
		if byMention[linkback.Taken] != 10 || byMention[linkback.Refused] != 2 {
			t.Errorf("mentions: %v", byMention)
		}
		sent, err := h.Linkbacks.Sendings(ctx, actor, linkback.SendingFilter{Channel: site.ID, Limit: 100})
		if err != nil || len(sent.Sendings) != 7 {
			t.Errorf("%d links told (%v)", len(sent.Sendings), err)
		}
		for _, x := range sent.Sendings {
			if x.State == linkback.Planned {
				t.Errorf("%s waits for ever", x.Target)
			}
		}
		wall, err := h.Linkbacks.Wall(ctx, site.ID, site.ServerURL+"/bordi")
		if err != nil || len(wall.Shown) != 1 || wall.Hidden[linkback.Spam] != 1 {
			t.Errorf("%+v (%v)", wall, err)
		}
		if _, err := h.Linkbacks.Tell(ctx, linkback.ToldIn{Channel: site.ID, Source: "https://a.example/", Target: site.ServerURL + "/bordi", Protocol: mention.Webmention}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the sample takes mentions: %v", err)
		}
		// A year of leads, with what brought them and what became of them.
		sums, err := h.Leads.Sums(ctx, actor, lead.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		byState := map[lead.State]int{}
		for _, x := range sums {
			byState[x.State] += x.N
			if x.State == lead.Won && (x.Valued != x.N || x.Cents < 100_000) {
				t.Errorf("%+v", x)
			}
		}
		if n := byState[lead.Won] + byState[lead.Lost] + byState[lead.Fresh] + byState[lead.Contacted] + byState[lead.Qualified]; n != 125 || byState[lead.Won] < 15 || byState[lead.Lost] < 15 || byState[lead.Contacted] == 0 {
			t.Errorf("%v", byState)
		}
		// What the story's people said makes no model while it is told.
		if models, err := h.Verdicts.Models(ctx, actor); err != nil || len(models) != 0 {
			t.Errorf("%+v %v", models, err)
		}
		// The real company sees nothing of it, and it can be taken away again without a trace.
		if l, err := h.Inbox.List(ctx, h.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll}); err != nil || len(l.Conversations) != 0 {
			t.Errorf("the real company sees %d conversations of the sample (%v)", len(l.Conversations), err)
		}
		if err := h.Team.RemoveSample(ctx, h.Actor(team.Owner)); err != nil {
			t.Fatal(err)
		}
		for _, table := range tables(t, s) {
			var n int
			if err := s.Read(ctx).NewRaw("SELECT count(*) FROM "+table+" WHERE company_id = ?", company.ID).Scan(ctx, &n); err != nil || n != 0 {
				t.Errorf("%d rows of the sample are left in %s (%v)", n, table, err)
			}
		}
	})
}

// tables lists the tables that name a company.
func tables(t *testing.T, s *store.Store) []string {
	t.Helper()
	query := "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' AND p.name = 'company_id'"
	if s.Dialect() == store.Postgres {
		query = "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'company_id'"
	}
	var names []string
	if err := s.Read(t.Context()).NewRaw(query).Scan(t.Context(), &names); err != nil || len(names) < 15 {
		t.Fatalf("%d tables, %v", len(names), err)
	}
	return names
}

func TestOnlyASampleCanBeStaged(t *testing.T) {
	t.Parallel()
	h := housetest.New(t, storetest.SQLite(t), housetest.Options{})
	if err := h.Inbox.Stage(t.Context(), h.Actor(team.Owner), inbox.Staged{}); fault.KindOf(err) != fault.Denied {
		t.Fatalf("%v", err)
	}
}

func TestEveryMotifIsDrawn(t *testing.T) {
	t.Parallel()
	c, err := demo.Load(time.Date(2026, 3, 12, 16, 20, 0, 0, time.UTC), nil)
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	see := func(ms []demo.Media) {
		for _, m := range ms {
			b, err := fs.ReadFile(demo.Pictures(), m.Motif+".svg")
			if err != nil || !strings.HasPrefix(string(b), "<svg") {
				t.Errorf("%s: %v", m.Motif, err)
			}
			drawn++
		}
	}
	for _, p := range c.Posts {
		see(p.Media)
	}
	for _, v := range c.Conversations {
		for _, i := range v.Interactions {
			see(i.Media)
		}
	}
	if drawn < 20 {
		t.Errorf("%d pictures", drawn)
	}
}
