package inbox_test

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// scan is a step of SQLite's plan that reads a whole large table, or all that belongs to a channel or a company.
var scan = regexp.MustCompile(`SCAN (interaction|conversation|identity|person|seen|delivery|verdict|correction|criticism)(_row)?( |;|$)|` +
	`SEARCH (interaction|identity|seen|verdict|correction|criticism)\S* USING (COVERING )?INDEX \S+ \((channel_id|company_id)=\?\)(;|$)|` +
	`conversation_key \(channel_id=\?\)|SEARCH conversation.*USE TEMP B-TREE FOR ORDER BY`)

// No query on the way in, and none that a page waits for, reads a whole table: it would grow with the company.
func TestNoQueryReadsAWholeTable(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	var mu sync.Mutex
	queries := map[string]bool{}
	s.OnQuery(func(q string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(q, "SELECT") || strings.HasPrefix(q, "UPDATE") || strings.HasPrefix(q, "DELETE") {
			queries[q] = true
		}
	})
	h := housetest.New(t, s, judging)
	ctx, actor := t.Context(), h.Actor(team.Community)
	ada := h.Stranger("ada@one.example")
	first := must[string](t)(ada.Mention(ctx, "La tazza è rotta"))
	h.Read()
	c := one(t, h, inbox.ViewTodo)
	r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Te ne mandiamo una nuova"}))
	d := h.Deliver(r.Delivery, time.Hour)
	h.Clock.Advance(time.Minute)
	must[string](t)(ada.Reply(ctx, d.Receipt.RemoteID, "Grazie"))
	h.Read()
	h.Clock.Advance(time.Minute)
	if err := ada.Edit(ctx, first, "La tazza è rotta, forse"); err != nil {
		t.Fatal(err)
	}
	h.Refresh(first)
	label := must[inbox.Label](t)(h.Inbox.AddLabel(ctx, actor, c.ID, "Rotture"))
	i := open(t, h, c.ID).Interactions[0].ID
	if err := h.Inbox.Correct(ctx, actor, i, verdict.Correction{Criticism: no()}); err != nil {
		t.Fatal(err)
	}
	if err := h.Verdicts.JudgeAnew(ctx, h.Company.ID); err != nil {
		t.Fatal(err)
	}
	must[verdict.Trust](t)(h.Verdicts.Trust(ctx, h.Company.ID, open(t, h, c.ID).Verdicts[i]))
	if err := h.Inbox.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	for _, v := range slices.Concat(inbox.Views, inbox.Subjects, []inbox.View{inbox.ViewBefore}) {
		list(t, h, inbox.Filter{View: v})
	}
	person := open(t, h, c.ID).Person()
	for _, f := range []inbox.Filter{
		{View: inbox.ViewAll, Query: "tazza"},
		{View: inbox.ViewAll, Label: label.ID},
		{View: inbox.ViewTodo, Channel: h.Channel.ID},
		{View: inbox.ViewAll, Person: person},
	} {
		list(t, h, f)
	}
	must[inbox.Counts](t)(h.Inbox.Counts(ctx, actor))
	must[[]inbox.Mention](t)(h.Inbox.Mentions(ctx, actor))
	if err := h.Inbox.Wake(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Audience.Find(ctx, actor, "", "", 30); err != nil {
		t.Fatal(err)
	}
	if err := h.Deliveries.Watch(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Networks.Ingest(ctx, h.Channel, network.Page{Items: []network.Item{{
		RemoteID: "k", Kind: network.KindReply, ParentID: "unknown", RootID: "root", Text: "x", At: h.Clock.Now(), Version: "1",
		Author: network.Author{RemoteID: "z", Handle: "z@one.example"},
	}}, Cursor: "x"}); err != nil {
		t.Fatal(err)
	}

	mu.Lock()
	asked := queries
	queries = map[string]bool{}
	mu.Unlock()
	if len(asked) < 40 {
		t.Fatalf("only %d queries were seen", len(asked))
	}
	for q := range asked {
		rows, err := s.Read(ctx).QueryContext(ctx, "EXPLAIN QUERY PLAN "+q)
		if err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, step)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(plan, "; "); scan.MatchString(all) {
			t.Errorf("%s\n    %s", q, all)
		}
	}
}
