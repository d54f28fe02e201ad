package linkback_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

const (
	article = site + "/blog/uno"
	ada     = "https://ada.example/p"
	bruno   = "https://bruno.example/p.html"
	carla   = "https://carla.example/p"
)

func link(to string) string { return `<a href="` + to + `">qui</a> ` }

func TestEveryLinkIsTold(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		b.web.html(ada, "", "Link: </wm?x=1>; rel=webmention")
		b.web.put("https://ada.example/wm", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Location", "/wm/1")
			rw.WriteHeader(http.StatusCreated)
		})
		b.web.html(bruno, `<link rel="pingback" href="/xmlrpc">`)
		b.web.put("https://bruno.example/xmlrpc", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(mention.PingbackReply("Grazie")) })
		b.web.html(carla, mention.RDF(carla, "C", "https://carla.example/tb"))
		b.web.put("https://carla.example/tb", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(mention.TrackbackReply("")) })
		b.web.html("https://dario.example/", "niente")
		b.web.down["ester.example"] = errDown

		b.publish("1", article, `<p>Con `+link(ada)+link(bruno)+link(carla)+link("https://dario.example/")+link("https://ester.example/")+link("/altro")+`</p>`, false)
		got := b.send()
		if len(got) != 5 {
			t.Errorf("%d sendings, the site's own pages are not told", len(got))
		}
		for target, want := range map[string]struct {
			state linkback.SendingState
			way   mention.Protocol
		}{
			ada: {linkback.Told, mention.Webmention}, bruno: {linkback.Told, mention.Pingback}, carla: {linkback.Told, mention.TrackBack},
			"https://dario.example/": {linkback.Unwilling, ""}, "https://ester.example/": {linkback.Failed, ""},
		} {
			if s := got[target]; s.State != want.state || s.Protocol != want.way || s.Article != article || s.DoneAt.IsZero() {
				t.Errorf("%s: %+v", target, s)
			}
		}
		if got[ada].StatusURL != "https://ada.example/wm/1" || got[bruno].Says != "Grazie" || got["https://ester.example/"].Tries < 3 {
			t.Errorf("%+v", got)
		}
		if p := b.web.posts("https://ada.example/wm?x=1"); len(p) != 1 || form(t, p[0]).Get("source") != article || form(t, p[0]).Get("target") != ada {
			t.Errorf("%q", p)
		}
		if p := b.web.posts("https://carla.example/tb"); len(p) != 1 || form(t, p[0]).Get("url") != article || form(t, p[0]).Get("title") != "Un articolo" || form(t, p[0]).Get("excerpt") == "" {
			t.Errorf("%q", p)
		}
		// The same article again tells nobody.
		b.publish("1", article, `<p>Con `+link(ada)+link(bruno)+link(carla)+link("https://dario.example/")+link("https://ester.example/")+link("/altro")+`</p>`, false)
		b.send()
		if p := b.web.posts("https://ada.example/wm?x=1"); len(p) != 0 {
			t.Errorf("told again: %q", p)
		}
	})
}

// TestWhatChangesIsToldAgain are the cases of updates and of a deletion: new links, links that stay, links that go, the page that goes.
func TestWhatChangesIsToldAgain(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		for _, host := range []string{"ada", "carla", "bruno"} {
			b.web.html("https://"+host+".example/p", `<a rel="webmention" href="/wm">wm</a>`)
			b.web.status("https://"+host+".example/wm", http.StatusAccepted)
		}
		const brunoP = "https://bruno.example/p"
		told := func() (out []string) {
			b.send()
			for _, host := range []string{"ada", "bruno", "carla"} {
				for _, p := range b.web.posts("https://" + host + ".example/wm") {
					if form(t, p).Get("source") != article {
						t.Errorf("%q", p)
					}
					out = append(out, host)
				}
			}
			return out
		}
		b.publish("1", article, link(ada)+link(brunoP), false)
		if got := told(); !slices.Equal(got, []string{"ada", "bruno"}) {
			t.Errorf("new: %q", got)
		}
		b.publish("1", article, link(brunoP)+link(carla), false) // ada's link goes, carla's comes
		if got := told(); !slices.Equal(got, []string{"ada", "bruno", "carla"}) {
			t.Errorf("changed: %q", got)
		}
		b.publish("1", article, link(brunoP)+link(carla)+"altro", false) // ada knows
		if got := told(); !slices.Equal(got, []string{"bruno", "carla"}) {
			t.Errorf("words changed: %q", got)
		}
		b.web.status("https://carla.example/wm", http.StatusBadRequest) // she does not find it any more, as she should
		b.publish("1", "", "", true)
		if got := told(); !slices.Equal(got, []string{"bruno", "carla"}) {
			t.Errorf("gone: %q", got)
		}
		for target, s := range b.send() {
			if s.State != linkback.Told || s.Linked {
				t.Errorf("%s: %+v", target, s)
			}
		}
	})
}

func TestTryingPolitely(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		b.web.html(ada, `<link rel="webmention" href="/wm">`)
		b.web.put("https://ada.example/wm", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "7200")
			rw.WriteHeader(http.StatusTooManyRequests)
		})
		b.publish("1", article, link(ada), false)
		l, err := b.Linkbacks.Sendings(t.Context(), b.Actor(team.Owner), linkback.SendingFilter{Article: article})
		if err != nil || len(l.Sendings) != 1 || l.Sendings[0].State != linkback.Planned {
			t.Fatalf("%+v, %v", l, err)
		}
		again, err := b.Linkbacks.Step(t.Context(), b.Company.ID, l.Sendings[0].ID)
		if err != nil || again != 2*time.Hour {
			t.Errorf("again after %v, %v", again, err)
		}
		if early, _ := b.Linkbacks.Step(t.Context(), b.Company.ID, l.Sendings[0].ID); early != 2*time.Hour || len(b.web.posts("https://ada.example/wm")) != 1 {
			t.Errorf("too early: %v", early)
		}
		// A refusal by the best way leaves room for the older one.
		b.web.html(bruno, `<link rel="webmention" href="/wm"><link rel="pingback" href="/xmlrpc">`)
		b.web.status("https://bruno.example/wm", http.StatusNotFound)
		b.web.put("https://bruno.example/xmlrpc", func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = rw.Write((&mention.Fault{Code: mention.FaultKnown, Text: "again"}).XML())
		})
		b.publish("2", article+"2", link(bruno), false)
		if s := b.send()[bruno]; s.State != linkback.Told || s.Protocol != mention.Pingback || s.Fault != mention.FaultKnown {
			t.Errorf("%+v", s)
		}
	})
}

func TestWhatASiteHadBeforeStaysQuiet(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		b.web.html(ada, `<link rel="webmention" href="/wm">`)
		b.web.status("https://ada.example/wm", http.StatusAccepted)
		it := network.Item{RemoteID: "old", Kind: network.KindPost, Mine: true, URL: article, Text: "Vecchio", HTML: link(ada), At: b.Clock.Now().AddDate(-1, 0, 0), Version: "1"}
		if _, err := b.Networks.Ingest(t.Context(), b.Channel, network.Page{Items: []network.Item{it}}); err != nil {
			t.Fatal(err)
		}
		s := b.send()[ada]
		if s.State != linkback.Quiet || len(b.web.posts("https://ada.example/wm")) != 0 {
			t.Errorf("%+v", s)
		}
		if err := b.Linkbacks.TellAgain(t.Context(), b.Actor(team.Owner), s.ID); err != nil {
			t.Fatal(err)
		}
		if s = b.send()[ada]; s.State != linkback.Told {
			t.Errorf("%+v", s)
		}
	})
}

// TestAReplyHangsOnTheArticle ties a mention to the article that the channel brought.
func TestAReplyHangsOnTheArticle(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		b.publish("post-7", article, "<p>Ciao</p>", false)
		b.web.html(source, entry("u-in-reply-to", article, "Ciao a voi"))
		m := b.check(b.tell(source, article, mention.Webmention))
		i, ok := b.interaction(m)
		if !ok || i.ParentID != "post-7" || !strings.Contains(i.Text, "Ciao a voi") {
			t.Errorf("%+v, %+v", m, i)
		}
	})
}
