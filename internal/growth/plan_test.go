package growth_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// grows are this room's tables that grow with the company for as long as it is there.
const grows = `(criticism|growth_case|case_task|case_evidence|case_event|record_tile|record_bundle|record_fact)`

// scan is a step of SQLite's plan that reads a whole table of these, or all of a company in one.
var scan = regexp.MustCompile(`SCAN ` + grows + `(_row)?( |;|$)|` +
	`SEARCH (criticism|case_task|case_evidence|case_event|record_tile|record_bundle|record_fact)\S* USING (COVERING )?INDEX \S+ \(company_id=\?\)(;|$)|` +
	`SEARCH criticism.*USE TEMP B-TREE FOR ORDER BY`)

// small are searches whose outcome may be sorted, or that go along an index of what waits: they stay small however large the company is.
var small = []string{
	"SEARCH criticism_row USING INDEX criticism_conversation (company_id=? AND conversation_id=?)",
	"SEARCH criticism_row USING INDEX criticism_address (company_id=? AND address=?)",
	"SEARCH criticism_row USING INDEX criticism_decide (company_id=?)", // what waits for a member's word, in its order
}

// No query on the way in, of the record, or that a page waits for reads a whole table: it would grow with the company.
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
	h := house(t, s)
	ctx, community := t.Context(), h.Actor(team.Community)
	at := h.Clock.Now().Add(-time.Hour)
	var is []inbox.Interaction
	for n := range 3 {
		is = append(is, one(t, h, item(fmt.Sprint(n), fmt.Sprint("p", n), fmt.Sprintf("%d: il piatto è rotto", n), at)))
	}
	doubt := one(t, h, item("d", "ugo", "forse manca una tazza", at))
	var crowd, edits []network.Item
	for n := range 300 {
		i := item(fmt.Sprint("c", n), fmt.Sprint("q", n), fmt.Sprintf("%d: in ritardo", n), at)
		crowd = append(crowd, i)
		i.Text, i.Version = i.Text+" davvero", "2"
		edits = append(edits, i)
	}
	take(t, h, crowd...)
	take(t, h, edits...)
	for n := range 40 {
		open(t, h, fmt.Sprint(n), one(t, h, item(fmt.Sprint("k", n), "ada", fmt.Sprintf("k%d: rotto", n), at.Add(time.Hour))))
	}
	it := item("0", "p0", "0: il piatto è rotto davvero", at)
	it.Version = "2"
	take(t, h, it, ours("o", "1", "Eccoci", at.Add(time.Minute)))
	k := open(t, h, "Piatti", is[0], is[1])
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must[growth.Same](t)(h.Growth.SaySame(ctx, community, ids(is[2])))
	ok(h.Growth.Join(ctx, community, k.ID, ids(is[2])))
	ok(h.Growth.Part(ctx, community, criticism(t, h, is[2]).ID))
	must[growth.Criticism](t)(h.Growth.Decide(ctx, community, growth.DecideIn{Interaction: doubt.ID, Criticism: true}))
	must[[]growth.Voice](t)(h.Growth.Undecided(ctx, community, 0))
	ok(h.Growth.LookOver(ctx))
	task := must[growth.Task](t)(h.Growth.AddTask(ctx, community, k.ID, "Conta", h.Members[team.Contributor].ID))
	ok(h.Growth.FinishTask(ctx, community, task.ID, true))
	must[growth.Evidence](t)(h.Growth.AddEvidence(ctx, community, k.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "x"}))
	for _, a := range []team.Actor{community, h.Actor(team.Contributor)} {
		p := must[growth.CasePage](t)(h.Growth.Cases(ctx, a, growth.CaseFilter{Limit: 35}))
		must[growth.CasePage](t)(h.Growth.Cases(ctx, a, growth.CaseFilter{States: []growth.CaseState{growth.CaseHeard}, Owner: community.Member, Cursor: p.Next}))
		file(t, h, a, k.ID)
	}
	ok(h.Growth.SetQuote(ctx, community, criticism(t, h, is[0]).ID, false, "rotto"))
	must[growth.Found](t)(h.Growth.Find(ctx, h.Company.ID, is[0].URL))
	leaves(t, h)

	mu.Lock()
	asked := queries
	queries = map[string]bool{}
	mu.Unlock()
	if len(asked) < 60 {
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
		all := strings.Join(plan, "; ")
		bad := scan.MatchString(all)
		for _, begin := range small {
			bad = bad && !strings.HasPrefix(all, begin)
		}
		if bad {
			t.Errorf("%s\n    %s", q, all)
		}
	}
}
