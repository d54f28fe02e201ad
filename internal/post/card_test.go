package post_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// A page that answers only after the words were frozen still gives its card, until somebody has said yes to the exact bytes or they leave.
func TestACardThatComesLateIsFilledIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		web := newSite(t)
		h := linkedOn(t, s, 300*time.Millisecond)
		var awake atomic.Bool
		web.says("/lento", func(w http.ResponseWriter, r *http.Request) {
			if !awake.Load() {
				<-r.Context().Done()
				return
			}
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<meta property="og:title" content="Il forno"><meta property="og:description" content="Sabato">`)
		})
		ctx, address := t.Context(), web.URL+"/lento"
		content := func(x post.Post) post.Content { return file(t, h, x.ID).Variants[0].Contents[0] }
		text := func(s string) post.Message { return post.Message{Text: s + " " + address} }
		planned := at(t, h, write(t, h, text("Programmato:"), h.Channel.ID), "2026-03-02T12:00")
		weekly := write(t, h, text("Ogni settimana:"), h.Channel.ID)
		weekly = must[post.Post](t)(h.Posts.Schedule(ctx, h.Actor(team.Owner), weekly.ID, post.ScheduleIn{Version: weekly.Version, When: post.When{
			Kind: post.At, Wall: wallOf(t, "2026-03-02T15:00"), Repeat: &schedule.Rule{Every: schedule.Week, Count: 3},
		}}))
		ok(t, h.Posts.Tend(ctx))
		bare := now(t, h, write(t, h, text("Subito:"), h.Channel.ID))
		work(t, h, 0)
		wants(t, h, mode(post.ModeOne))
		pending := ask(t, h, "In attesa: "+address)
		approved := ask(t, h, "Approvato: "+address)
		approved = must[post.Post](t)(h.Posts.Approve(ctx, h.Actor(team.Marketing), approved.ID, approved.Hash))
		for _, x := range []post.Post{planned, weekly, bare, pending, approved} {
			if c := content(x); c.Shown != nil || c.Card != address {
				t.Fatalf("%s: %+v", x.Message.Text, c)
			}
		}
		awake.Store(true)
		ok(t, h.Posts.ReadLink(ctx, h.Company.ID, address))
		for _, x := range []post.Post{planned, weekly, pending} {
			c, y := content(x), file(t, h, x.ID).Post
			if c.Shown == nil || c.Shown.Title != "Il forno" || y.Hash == x.Hash || y.State != x.State {
				t.Errorf("%s: %+v, %s", x.Message.Text, c.Shown, y.State)
			}
		}
		for _, x := range []post.Post{bare, approved} { // what is out, and what somebody said yes to
			if c, y := content(x), file(t, h, x.ID).Post; c.Shown != nil || y.Hash != x.Hash {
				t.Errorf("%s: %+v", x.Message.Text, c.Shown)
			}
		}
		series := must[post.Series](t)(h.Posts.SeriesOf(ctx, h.Actor(team.Owner), file(t, h, weekly.ID).Post.Series))
		if len(series.Posts) != 3 {
			t.Fatalf("%d occurrences", len(series.Posts))
		}
		for _, e := range series.Posts {
			if c := content(e.Post); c.Shown == nil || e.Post.Hash != file(t, h, weekly.ID).Post.Hash || e.Post.State != post.Planned {
				t.Errorf("occurrence %d: %+v", e.Post.Occurrence, c.Shown)
			}
		}
		// A yes is over what stands there now.
		_, err := h.Posts.Approve(ctx, h.Actor(team.Marketing), pending.ID, pending.Hash)
		fails(t, err, fault.Conflict, "post.approve.moved")
		must[post.Post](t)(h.Posts.Approve(ctx, h.Actor(team.Marketing), pending.ID, file(t, h, pending.ID).Post.Hash))
		for _, at := range []string{"2026-03-02T11:00", "2026-03-02T14:00"} {
			h.Clock.Set(utc(t, at))
			work(t, h, 0)
		}
		titles := []string{}
		for _, a := range h.Fake.Attempts() {
			titles = append(titles, a.Card.Title)
		}
		if len(titles) != 3 || titles[0] == "Il forno" || titles[1] != "Il forno" || titles[2] != "Il forno" {
			t.Errorf("%q", titles)
		}
		// A later reading changes nothing that is frozen.
		web.page("/lento", "Altro", "Altro", "")
		h.Clock.Advance(time.Hour)
		write(t, h, text("Ancora:"), h.Channel.ID)
		ok(t, h.Posts.ReadLink(ctx, h.Company.ID, address))
		if c := content(series.Posts[1].Post); c.Shown == nil || c.Shown.Title != "Il forno" {
			t.Errorf("%+v", c.Shown)
		}
	})
}
