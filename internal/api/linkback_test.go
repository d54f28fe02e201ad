package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/api"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// onePage is another web with one page.
type onePage struct{ url, body string }

// Do implements mention.Doer.
func (p onePage) Do(r *http.Request) (*http.Response, error) {
	res := &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{"Content-Type": {"text/html"}}, Request: r, Body: io.NopCloser(strings.NewReader(""))}
	if r.URL.String() == p.url {
		res.StatusCode, res.Body = http.StatusOK, io.NopCloser(strings.NewReader(p.body))
	}
	return res, nil
}

// TestMentionsOfASite: programs see what the desk sees of a site, and decide the same.
func TestMentionsOfASite(t *testing.T) {
	t.Parallel()
	const site, source = "https://arno.example", "https://ada.example/1"
	page := onePage{source, `<div class="h-entry"><a class="u-in-reply-to" href="` + site + `/vasi"></a><p class="p-author h-card">Ada Neri</p><p class="e-content">Come li cuocete?</p></div>`}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setupHouse(t, s, options(), housetest.Options{Fake: networktest.FakeOptions{Network: network.Site, URL: site}, Pages: page})
		owner, ctx := b.token(team.Owner), t.Context()
		b.Clock.Advance(time.Minute)
		_, err := b.Networks.Ingest(ctx, b.Channel, network.Page{Items: []network.Item{{
			RemoteID: "1", Kind: network.KindPost, Mine: true, URL: site + "/vasi", Text: "Vasi nuovi\n\nEccoli.", HTML: `<a href="https://deaf.example/">x</a>`, At: b.Clock.Now(), Version: "1", Visibility: network.Public,
		}}})
		b.must(err)
		m, err := b.Linkbacks.Tell(ctx, linkback.ToldIn{Channel: b.Channel.ID, Source: source, Target: site + "/vasi", Protocol: mention.Webmention})
		b.must(err)
		at := "/api/v1/site-mentions/" + string(m.ID)
		if got := into[api.SiteMention](t, b.ask(owner, "GET", at, ""), 200); got.State != "waiting" || got.Author != "" || got.Checked != nil {
			t.Errorf("%+v", got)
		}
		_, err = b.Linkbacks.Check(ctx, m.Company, m.ID)
		b.must(err)
		l := into[api.Page[api.SiteMention]](t, b.ask(owner, "GET", "/api/v1/site-mentions?state=taken&channel="+string(b.Channel.ID), ""), 200)
		if len(l.Items) != 1 || l.Items[0].Author != "Ada Neri" || l.Items[0].Kind != "reply" || l.Items[0].Text != "Come li cuocete?" || l.Items[0].Title != "Vasi nuovi" || l.Items[0].Conversation == "" || l.Items[0].Checked == nil {
			t.Fatalf("%+v", l.Items)
		}
		if got := into[api.SiteMention](t, b.ask(owner, "POST", at+"/hide", `{"reason":"wish"}`), 200); got.Hidden != "wish" || got.HiddenBy == "" {
			t.Errorf("%+v", got)
		}
		if l := into[api.Page[api.SiteMention]](t, b.ask(owner, "GET", "/api/v1/site-mentions?hidden=true", ""), 200); len(l.Items) != 1 {
			t.Errorf("%d are hidden", len(l.Items))
		}
		if got := into[api.SiteMention](t, b.ask(owner, "POST", at+"/show", ""), 200); got.Hidden != "" {
			t.Errorf("%+v", got)
		}
		if got := into[api.SiteMention](t, b.ask(owner, "POST", at+"/check", ""), 200); got.State != "waiting" {
			t.Errorf("%+v", got)
		}
		sent := into[api.Page[api.SiteSending]](t, b.ask(owner, "GET", "/api/v1/site-sendings?article="+site+"/vasi", ""), 200)
		if len(sent.Items) != 1 || sent.Items[0].Target != "https://deaf.example/" || sent.Items[0].State != "planned" {
			t.Fatalf("%+v", sent.Items)
		}
		if got := b.ask(owner, "POST", "/api/v1/site-sendings/"+sent.Items[0].ID+"/send", ""); got.status != 204 {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := into[api.BlockedHost](t, b.ask(owner, "POST", "/api/v1/blocked-hosts", `{"host":"https://www.ada.example/x"}`), 200); got.Host != "ada.example" {
			t.Errorf("%+v", got)
		}
		if got := into[api.SiteMention](t, b.ask(owner, "GET", at, ""), 200); got.Hidden != "spam" {
			t.Errorf("what came from a blocked host: %+v", got)
		}
		for _, want := range []int{204, 404} {
			if got := b.ask(owner, "DELETE", "/api/v1/blocked-hosts/ada.example", ""); got.status != want {
				t.Errorf("letting in: %d, want %d", got.status, want)
			}
		}
		mine := b.Actors
		b.Actors = b.Other(t).Actors
		stranger := b.token(team.Owner)
		b.Actors = mine
		for _, c := range [][2]string{{"GET", at}, {"POST", at + "/show"}, {"POST", at + "/check"}, {"POST", "/api/v1/site-sendings/" + sent.Items[0].ID + "/send"}} {
			if got := b.ask(stranger, c[0], c[1], ""); got.status != 404 || strings.Contains(got.body, "ada") {
				t.Errorf("%s %s by another company: %d %s", c[0], c[1], got.status, got.body)
			}
		}
		for _, path := range []string{"/api/v1/site-mentions", "/api/v1/site-sendings", "/api/v1/blocked-hosts"} {
			if got := b.ask(stranger, "GET", path, ""); got.status != 200 || strings.Contains(got.body, "ada.example") || strings.Contains(got.body, "deaf") {
				t.Errorf("%s shows another company: %d %s", path, got.status, got.body)
			}
		}
	})
}

// TestModeratingComments: what a program decides about a comment, the site was told.
func TestModeratingComments(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setupHouse(t, s, options(), housetest.Options{Fake: networktest.FakeOptions{Moderate: true}})
		post := b.Post("Sabato apriamo il forno.")
		_, err := b.Stranger("vera@one.example").Reply(t.Context(), post, "Quanto costa?")
		b.must(err)
		b.Read()
		desk := b.token(team.Community)
		l := into[api.Page[api.Conversation]](t, b.ask(desk, "GET", "/api/v1/conversations?view=todo", ""), 200)
		if len(l.Items) != 1 {
			t.Fatalf("%d conversations wait", len(l.Items))
		}
		read := func() api.Interaction {
			t.Helper()
			return into[api.Thread](t, b.ask(desk, "GET", "/api/v1/conversations/"+l.Items[0].ID, ""), 200).Interactions[0]
		}
		if got := read(); got.Standing != "held" {
			t.Errorf("it came as %q", got.Standing)
		}
		at := "/api/v1/interactions/" + read().ID + "/moderate"
		if got := b.ask(b.token(team.Guest), "POST", at, `{"to":"spam"}`); got.status != 403 {
			t.Errorf("a guest: %d", got.status)
		}
		if got := b.ask(desk, "POST", at, `{"to":"burned"}`); got.status != 422 {
			t.Errorf("nonsense: %d", got.status)
		}
		for _, to := range []string{"approved", "spam", "spam"} {
			if got := b.ask(desk, "POST", at, `{"to":"`+to+`"}`); got.status != 204 || read().Standing != to {
				t.Errorf("to %s: %d %s, it is %q", to, got.status, got.body, read().Standing)
			}
		}
	})
}

// tryMentions tries the operations of a site in a house that has none; what they do, the tests above tell.
func tryMentions(t *testing.T, vars map[string]string, send func(id, body string, status int, query ...string) map[string]any) {
	t.Helper()
	for _, list := range []string{"list-site-mentions", "list-site-sendings", "list-blocked-hosts"} {
		if n := len(send(list, "", 200)["items"].([]any)); n != 0 {
			t.Errorf("%s: %d", list, n)
		}
	}
	vars["mention"], vars["sending"], vars["host"], vars["interaction"] = "lbm_01kjpwd6m01e86jx24xtefrjkt", "lbs_01kjpwd6m01e86jx24xtefrjkt", "spam.example", "int_01kjpwd6m01e86jx24xtefrjkt"
	for id, body := range map[string]string{
		"get-site-mention": "", "hide-site-mention": `{"reason":"spam"}`, "show-site-mention": "", "check-site-mention": "", "send-site-sending": "", "moderate-comment": `{"to":"spam"}`,
	} {
		send(id, body, 404)
	}
	send("block-host", `{"host":"no host"}`, 422)
	if got := send("block-host", `{"host":"spam.example"}`, 200); got["host"] != "spam.example" || got["by"] == "" {
		t.Errorf("%v", got)
	}
	send("unblock-host", "", 204)
	send("unblock-host", "", 404)
}
