package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/site"
	"github.com/ponte-desk/ponte/internal/network/site/sitetest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// TestASiteOnThePages connects a site by its feed, then with a password, decides about a comment and tells of an article.
func TestASiteOnThePages(t *testing.T) {
	t.Parallel()
	con := site.New(&http.Client{Timeout: 10 * time.Second}, "Ponte tests")
	eachHouse(t, housetest.Options{More: []network.Connector{con}}, func(t *testing.T, h *house) {
		ctx := t.Context()
		s := sitetest.New(t, sitetest.Options{Moderated: true, Now: h.Clock.Now})
		article := s.Write("Il forno nuovo", "<p>È arrivato stamani.</p><p>Poi il resto.</p>")
		owner := h.as(team.Owner)
		got := owner.post("/channels/new/site", "site", "http://127.0.0.1:1")
		if got.status == http.StatusSeeOther || !strings.Contains(got.body, `value="http://127.0.0.1:1"`) || marker.MatchString(got.body) {
			t.Errorf("nobody listens: %d %s", got.status, marker.FindString(got.body))
		}
		owner.post("/channels/new/site", "site", s.URL).is(t, "by its feed", http.StatusSeeOther, "/channels")
		owner.get("/channels").says(t, "the channel of a feed", "Legge gli articoli dal feed")
		got = owner.post("/channels/new/site", "site", s.URL, "user", sitetest.User, "password", "no")
		if got.status == http.StatusSeeOther || !strings.Contains(got.body, `value="`+sitetest.User+`"`) || strings.Contains(got.body, `value="no"`) {
			t.Errorf("a wrong password: %d", got.status)
		}
		got.says(t, "a wrong password", "non accetta questo nome con questa password")
		if got = owner.post("/channels/new/site", "site", s.URL, "password", sitetest.Password); got.status == http.StatusSeeOther {
			t.Error("a password without a name")
		}
		owner.post("/channels/new/site", "site", s.URL, "user", sitetest.User, "password", sitetest.Password).is(t, "with a password", http.StatusSeeOther, "/channels")
		channels, err := h.Networks.Channels(ctx, h.Actor(team.Owner))
		if err != nil {
			t.Fatal(err)
		}
		var ch network.Channel
		n := 0
		for _, c := range channels {
			if c.Network == network.Site {
				ch, n = c, n+1
			}
		}
		if n != 1 || !ch.Traits.Moderate || !ch.Sends() {
			t.Fatalf("%d channels of the site, %+v", n, ch.Traits)
		}
		guest := s.Guest("Vera Neri")
		id, err := guest.Reply(ctx, article, "Quanto è costato?")
		if err != nil {
			t.Fatal(err)
		}
		read := func() {
			t.Helper()
			client, now, err := h.Networks.Client(ctx, ch.Company, ch.ID)
			if err != nil {
				t.Fatal(err)
			}
			page, err := client.Fetch(ctx, "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Networks.Ingest(ctx, now, network.Page{Items: page.Items}); err != nil {
				t.Fatal(err)
			}
		}
		read()
		todo := func() []inbox.Conversation {
			t.Helper()
			l, err := h.Inbox.List(ctx, h.Actor(team.Community), inbox.Filter{View: inbox.ViewTodo, Channel: ch.ID})
			if err != nil {
				t.Fatal(err)
			}
			return l.Conversations
		}
		waiting := todo()
		if len(waiting) != 1 {
			t.Fatalf("%d conversations wait", len(waiting))
		}
		at := "/inbox/" + string(waiting[0].ID)
		desk := h.as(team.Community)
		desk.get(at).says(t, "a comment that waits", "Vera Neri", "aspetta il vostro sì", "Approva il commento", "È spam", "Il forno nuovo")
		if got := h.as(team.Guest).get(at); strings.Contains(got.body, "Approva il commento") {
			t.Error("who may not answer may approve")
		}
		th, err := h.Inbox.Open(ctx, h.Actor(team.Community), waiting[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		comment := string(th.Interactions[0].ID)
		if got := h.as(team.Guest).post(at+"/moderate", "interaction", comment, "to", "approved"); got.status != http.StatusForbidden || s.Status(id) != "hold" {
			t.Errorf("a guest of the team: %d, %s", got.status, s.Status(id))
		}
		desk.post(at+"/moderate", "interaction", comment, "to", "approved").is(t, "approving", http.StatusSeeOther, at)
		if s.Status(id) != "approved" || len(todo()) != 1 {
			t.Errorf("it is %s at the site, %d wait", s.Status(id), len(todo()))
		}
		if got := desk.get(at); strings.Contains(got.body, "aspetta il vostro sì") {
			t.Error("an approved comment still waits")
		}
		desk.post(at+"/moderate", "interaction", comment, "to", "spam").is(t, "marking as spam", http.StatusSeeOther, at)
		if s.Status(id) != "spam" || len(todo()) != 0 {
			t.Errorf("spam is %s at the site, %d wait", s.Status(id), len(todo()))
		}
		s.Put(id, "approved") // somebody at the site knows better
		read()
		if len(todo()) != 1 {
			t.Error("what the site took out of its spam does not wait")
		}
		if got := desk.post(at+"/moderate", "interaction", comment, "to", "burned"); got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest {
			t.Errorf("nonsense: %d", got.status)
		}
		page := owner.get("/channels")
		page.says(t, "the channel of a WordPress", "approvare i commenti", "Il forno nuovo", "Raccontalo altrove")
		_, rest, ok := strings.Cut(page.body, "/posts/new?article=")
		if !ok {
			t.Fatal("no way to tell of the article")
		}
		ref, _, _ := strings.Cut(rest, `"`)
		owner.get("/").says(t, "the page of today", "Dal sito, da raccontare", "Il forno nuovo", "/posts/new?article="+ref)
		owner.get("/posts/new?article="+ref).says(t, "the draft", "Il forno nuovo", "È arrivato stamani.", s.URL)
		if _, err := h.Posts.Create(ctx, h.Actor(team.Editor), post.CreateIn{Message: post.Message{Text: "Eccolo: " + articleAddress(t, h, ch)}, Channels: []network.ChannelID{h.Channel.ID}}); err != nil {
			t.Fatal(err)
		}
		if got := owner.get("/"); strings.Contains(got.body, "Dal sito, da raccontare") {
			t.Error("an article that a draft tells of is offered again")
		}
	})
}

// articleAddress is where the newest article of a site stands.
func articleAddress(t *testing.T, h *house, ch network.Channel) string {
	t.Helper()
	all, err := h.Inbox.Articles(t.Context(), h.Actor(team.Owner), ch.ID, 1)
	if err != nil || len(all) != 1 || all[0].URL == "" {
		t.Fatalf("%+v, %v", all, err)
	}
	return all[0].URL
}
