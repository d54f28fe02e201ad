package growth_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// whole tables that grow with the company, and all that belongs to a company in one of them.
var wholeTable = regexp.MustCompile(`SCAN (promise|improvement|letter|criticism|growth_case|case_event|case_task)\b|` +
	`SEARCH (promise|letter|criticism|case_event)\S* USING (COVERING )?INDEX \S+ \(company_id=\?\)(;|$)`)

// No query that a page waits for, that strangers can ask for, or that runs by the clock reads a whole table.
func TestPromisesEntriesAndLettersAreFoundByIndex(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	h := house(t, s)
	g := grow(t, h)
	openPage(t, h)
	ctx, owner := t.Context(), h.Actor(team.Owner)
	var mu sync.Mutex
	asked := map[string]bool{}
	s.OnQuery(func(q string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(q, "SELECT") || strings.HasPrefix(q, "UPDATE") || strings.HasPrefix(q, "DELETE") {
			asked[q] = true
		}
	})
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	page(t, h)
	must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, "7", 0, false))
	must[growth.Improvement](t)(h.Growth.Entry(ctx, h.Company.ID, 1, false))
	must[[]growth.Improvement](t)(h.Growth.ToApprove(ctx, owner))
	list := must[growth.PromisePage](t)(h.Growth.Promises(ctx, owner, growth.PromiseFilter{States: growth.PromiseStates, Owner: owner.Member, Limit: 1}))
	if len(list.Promises) != 1 {
		t.Fatalf("%+v", list)
	}
	_, token := post(t, h, owner, g.file.Case.ID, g.file.Letters[0].ID)
	must[growth.Asked](t)(h.Growth.ReadAsked(ctx, token))
	ok(h.Growth.AnswerAsked(ctx, token, true, ""))
	ok(h.Growth.Publish(ctx, owner, g.file.Improvement.ID))
	r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, owner, inbox.ReplyIn{Conversation: g.file.Voices[0].Conversation, Text: "Una risposta qualunque", Anyway: true}))
	h.Deliver(r.Delivery, time.Hour)
	h.Clock.Advance(60 * 24 * time.Hour)
	ok(h.Growth.BreakPast(ctx))
	ok(h.Growth.LookAgain(ctx))
	mu.Lock()
	seen := asked
	asked = map[string]bool{}
	mu.Unlock()
	if len(seen) < 60 {
		t.Fatalf("only %d queries were seen", len(seen))
	}
	for q := range seen {
		rows, err := s.Read(ctx).QueryContext(ctx, "EXPLAIN QUERY PLAN "+q)
		ok(err)
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var step string
			ok(rows.Scan(&id, &parent, &unused, &step))
			plan = append(plan, step)
		}
		ok(rows.Close())
		if all := strings.Join(plan, "; "); wholeTable.MatchString(all) {
			t.Errorf("%s\n    %s", q, all)
		}
	}
}
