package post_test

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// whole is a step of SQLite's plan that reads a whole table, or sorts all posts of a company.
var whole = regexp.MustCompile(`SCAN (post|post_variant|post_part|post_past|post_presence|post_share|post_comment|post_confirmation|post_decision|post_guest|post_series|` +
	`post_correction|post_count|link|link_visit|delivery|interaction|conversation)(_row)?( |;|$)|` +
	`SEARCH (post|post_variant|post_part|post_past|post_count|post_comment|post_decision|post_guest|post_correction)\S* USING (COVERING )?INDEX \S+_company \(company_id=\?\)(;|$)|` +
	`SEARCH (post_row|post) .*USE TEMP B-TREE FOR ORDER BY`)

// No query of what happens by itself, and none that a page waits for, reads a whole table: it would grow with the company.
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
	h := housetest.New(t, s, housetest.Options{})
	ctx, who, ch := t.Context(), h.Actor(team.Marketing), h.Channel.ID
	wants(t, h, func(s *post.Settings) {
		s.Approval = post.ModeOne
		s.Slots = map[network.ChannelID][]schedule.Slot{ch: {{Weekday: time.Thursday, Minute: 600}}}
	})
	x := ask(t, h, long(2))
	_, token := invite(t, h, team.Marketing, x.ID)
	must[post.GuestView](t)(h.Posts.ReadGuest(ctx, token))
	must[[]team.MemberID](t)(h.Posts.Touch(ctx, who, x.ID))
	must[post.Comment](t)(h.Posts.Comment(ctx, who, x.ID, "ciao"))
	must[post.Post](t)(h.Posts.Approve(ctx, who, x.ID, x.Hash))
	must[post.Post](t)(h.Posts.Move(ctx, who, x.ID, wallOf(t, "2026-03-02T10:05"), false))
	h.Clock.Advance(5 * time.Minute)
	work(t, h, time.Minute)
	must[string](t)(h.Stranger("ada").Reply(ctx, part(t, h, x.ID, 0).RemoteID, "Bello"))
	h.Read()
	h.Clock.Advance(time.Hour)
	ok(t, h.Posts.Count(ctx))
	must[post.File](t)(h.Posts.Open(ctx, who, x.ID))
	for _, f := range []post.Filter{{}, {States: []post.State{post.Sent}}, {Mine: true}, {Trouble: true}, {Channel: ch}} {
		must[post.List](t)(h.Posts.List(ctx, who, f))
	}
	must[post.List](t)(h.Posts.List(ctx, h.Actor(team.Contributor), post.Filter{}))
	must[[]post.Entry](t)(h.Posts.Calendar(ctx, who, h.Clock.Now().AddDate(0, -1, 0), h.Clock.Now().AddDate(0, 1, 0)))
	must[post.Counts](t)(h.Posts.Counts(ctx, who))
	must[[]post.Entry](t)(h.Posts.ToApprove(ctx, who))
	must[[]post.Trouble](t)(h.Posts.Troubled(ctx, who))
	must[[]time.Time](t)(h.Posts.FreeSlots(ctx, who, ch, 3))
	must[post.Best](t)(h.Posts.BestHours(ctx, who, ch))
	ok(t, h.Posts.ExportCSV(ctx, who, post.Filter{}, post.TableFor{}, &bytes.Buffer{}))
	must[post.Correction](t)(h.Posts.TakeDown(ctx, who, x.ID, nil))
	ok(t, h.Posts.Tend(ctx))
	ok(t, h.Posts.Due(ctx))
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
			ok(t, rows.Scan(&id, &parent, &unused, &step))
			plan = append(plan, step)
		}
		ok(t, rows.Close())
		if all := strings.Join(plan, "; "); whole.MatchString(all) {
			t.Errorf("%s\n    %s", q, all)
		}
	}
}
