package public_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// partnered is a house whose site and whose door others really reach.
type partnered struct {
	*house
	site string // where the company's site stands
	mu   sync.Mutex
	page map[string]string
}

// put makes a page of the company's site. It says DOOR where the ways in are.
func (p *partnered) put(path, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.page[path] = body
}

func (p *partnered) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	body, ok := p.page[r.URL.Path]
	p.mu.Unlock()
	if !ok {
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = rw.Write([]byte(strings.ReplaceAll(body, "DOOR", p.door.server.URL+"/m/"+string(p.Channel.ID))))
}

// newPartnered puts the company's site at a host name of this machine.
func newPartnered(t *testing.T, s *store.Store, host string) *partnered {
	t.Helper()
	p := &partnered{page: map[string]string{}}
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.site = strings.Replace(srv.URL, "127.0.0.1", host, 1)
	p.house = &house{House: housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{Network: network.Site, URL: p.site}})}
	p.door = serve(t, public.Rooms{Team: p.Team, Growth: p.Growth, Linkbacks: p.Linkbacks, Clock: p.Clock}, public.Options{BaseURL: housetest.BaseURL})
	return p
}

// told gives the mentions of the site by their sources, each looked at until it is settled: who waits for an answer is not kept for long.
func (p *partnered) told() map[string]linkback.Mention {
	p.T.Helper()
	out := map[string]linkback.Mention{}
	list := func() []linkback.Mention {
		l, err := p.Linkbacks.Mentions(p.T.Context(), p.Actor(team.Owner), linkback.Filter{Limit: 200})
		p.must(err)
		return l.Mentions
	}
	for _, m := range list() {
		for range 10 {
			again, err := p.Linkbacks.Check(p.T.Context(), m.Company, m.ID)
			p.must(err)
			if again == 0 {
				break
			}
			p.Clock.Advance(again)
		}
	}
	for _, m := range list() {
		out[m.Source] = m
	}
	return out
}

// said is what a mention became in the inbox.
func (p *partnered) said(m linkback.Mention) string {
	p.T.Helper()
	got, err := p.Inbox.InteractionsOn(p.T.Context(), m.Company, m.Channel, []string{m.RemoteID})
	p.must(err)
	return got[m.RemoteID].Text
}

// wordPress is the real one that script/servers started.
type wordPress struct {
	t                 *testing.T
	address, password string
}

func realWordPress(t *testing.T) wordPress {
	t.Helper()
	w := wordPress{t: t, address: os.Getenv("PONTE_TEST_WORDPRESS"), password: os.Getenv("PONTE_TEST_WORDPRESS_PASSWORD")}
	if w.address == "" {
		if os.Getenv("PONTE_TEST_REQUIRE") != "" {
			t.Fatal("PONTE_TEST_WORDPRESS is not set")
		}
		t.Skip("no WordPress: script/servers run --only wordpress")
	}
	return w
}

// rest calls WordPress as its editor.
func (w wordPress) rest(method, path string, in, out any) {
	w.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	said := w.call(method, "/wp-json/wp/v2"+path, "application/json", b)
	if err := json.Unmarshal(said, out); err != nil {
		w.t.Fatalf("%s %s: %v: %.300s", method, path, err, said)
	}
}

func (w wordPress) call(method, path, kind string, body []byte) []byte {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.address+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.SetBasicAuth("ponte", w.password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %d %v %.300s", method, path, res.StatusCode, err, said)
	}
	return said
}

// article is a post of WordPress.
type wpPost struct {
	ID   int
	Link string
}

func (w wordPress) publish(title, html string) wpPost {
	w.t.Helper()
	var p wpPost
	w.rest("POST", "/posts", map[string]any{"title": title, "content": html, "status": "publish"}, &p)
	return p
}

// withTrackback publishes as an old program does, by XML-RPC, which alone can name addresses for trackbacks.
func (w wordPress) withTrackback(title, html, ping string) {
	w.t.Helper()
	esc := func(s string) string {
		var b strings.Builder
		if err := xml.EscapeText(&b, []byte(s)); err != nil {
			w.t.Fatal(err)
		}
		return b.String()
	}
	param := func(s string) string { return "<param><value><string>" + esc(s) + "</string></value></param>" }
	member := func(name, value string) string {
		return "<member><name>" + name + "</name><value>" + value + "</value></member>"
	}
	said := w.call("POST", "/xmlrpc.php", "text/xml", []byte(`<?xml version="1.0"?><methodCall><methodName>metaWeblog.newPost</methodName><params>`+
		param("1")+param("ponte")+param(w.password)+"<param><value><struct>"+member("title", "<string>"+esc(title)+"</string>")+member("description", "<string>"+esc(html)+"</string>")+
		member("mt_tb_ping_urls", "<array><data><value><string>"+esc(ping)+"</string></value></data></array>")+
		"</struct></value></param><param><value><boolean>1</boolean></value></param></params></methodCall>"))
	if bytes.Contains(said, []byte("<fault>")) {
		w.t.Fatalf("metaWeblog.newPost: %s", said)
	}
}

// ping has WordPress do what it put off: that is when it tells others.
func (w wordPress) ping() { w.call("GET", "/wp-cron.php", "text/plain", nil) }

// pings lists what others told WordPress of a post.
func (w wordPress) pings(p wpPost) (out []struct {
	Type      string
	AuthorURL string `json:"author_url"`
},
) {
	w.t.Helper()
	w.rest("GET", fmt.Sprintf("/comments?post=%d&type=all&status=all&context=edit", p.ID), nil, &out)
	return out
}

// TestWordPressTellsUs: a real WordPress tells of a link by Pingback and by Trackback, and what it says is read from its page.
func TestWordPressTellsUs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := realWordPress(t)
		h := newPartnered(t, s, "127.0.0.1")
		h.put("/vasi.html", `<link rel="pingback" href="DOOR/pingback"><h1>Vasi</h1>`)
		h.put("/piatti.html", `<h1>Piatti</h1>`)
		name := fmt.Sprint(time.Now().UnixNano())
		post := w.publish("Vasi da vedere "+name, `<p>Ho visto <a href="`+h.site+`/vasi.html">questi vasi</a> a Impruneta.</p>`)
		w.withTrackback("Piatti da vedere "+name, `<p>E poi <a href="`+h.site+`/piatti.html">questi piatti</a>.</p>`,
			h.door.server.URL+"/m/"+string(h.Channel.ID)+"/trackback?page="+url.QueryEscape(h.site+"/piatti.html"))
		var all map[string]linkback.Mention
		for range 5 { // WordPress waits two seconds for a page; on a busy machine it is asked to tell once more
			w.ping()
			if all = h.told(); len(all) == 2 {
				break
			}
			w.rest("POST", fmt.Sprintf("/posts/%d", post.ID), map[string]any{"status": "publish"}, &post)
		}
		ways := map[mention.Protocol]linkback.Mention{}
		for source, m := range all {
			if m.State != linkback.Taken || m.Kind != mention.Plain {
				t.Errorf("%s: %+v", source, m)
			}
			ways[m.Protocol] = m
		}
		if m := ways[mention.Pingback]; m.Source != post.Link || m.Target != h.site+"/vasi.html" || !strings.Contains(h.said(m), "questi vasi a Impruneta") {
			t.Errorf("by Pingback: %+v, %q", m, h.said(m))
		}
		if m := ways[mention.TrackBack]; !strings.HasPrefix(m.Source, w.address+"/piatti-da-vedere-"+name) || m.Target != h.site+"/piatti.html" || !strings.Contains(h.said(m), "questi piatti") {
			t.Errorf("by Trackback: %+v, %q", m, h.said(m))
		}
		wall, err := h.Linkbacks.Wall(t.Context(), h.Channel.ID, h.site+"/vasi.html")
		if err != nil || len(wall.Shown) != 1 || wall.Shown[0].URL != post.Link {
			t.Errorf("%+v, %v", wall, err)
		}
	})
}

// TestWordPressIsTold: a real WordPress takes word of a link of ours, by Pingback and by Trackback, and knows it the second time.
func TestWordPressIsTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := realWordPress(t)
		h := newPartnered(t, s, "127.0.0.1")
		post := w.publish("Il forno "+fmt.Sprint(time.Now().UnixNano()), "<p>Acceso.</p>")
		words := `<p>Bella storia, quella <a href="` + post.Link + `">del forno</a>.</p>`
		article := h.site + "/articolo.html"
		h.put("/articolo.html", "<title>Un articolo</title>"+words)
		sending := func(version string) linkback.Sending {
			t.Helper()
			h.Clock.Advance(time.Minute)
			it := network.Item{RemoteID: "1", Kind: network.KindPost, Mine: true, URL: article, Text: "Un articolo " + version, HTML: words, At: h.Clock.Now(), Version: version, Visibility: network.Public}
			_, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: []network.Item{it}})
			h.must(err)
			for range 20 {
				l, err := h.Linkbacks.Sendings(t.Context(), h.Actor(team.Owner), linkback.SendingFilter{})
				h.must(err)
				if len(l.Sendings) != 1 {
					t.Fatalf("%+v", l.Sendings)
				}
				again, err := h.Linkbacks.Step(t.Context(), h.Company.ID, l.Sendings[0].ID)
				h.must(err)
				if again == 0 && l.Sendings[0].State != linkback.Planned {
					return l.Sendings[0]
				}
				h.Clock.Advance(again)
			}
			t.Fatal("it is never told")
			return linkback.Sending{}
		}
		if got := sending("1"); got.State != linkback.Told || got.Protocol != mention.Pingback || got.Target != post.Link || got.Endpoint != w.address+"/xmlrpc.php" || !strings.Contains(got.Says, "registered") {
			t.Errorf("%+v", got)
		}
		if got := sending("2"); got.State != linkback.Told || got.Fault != mention.FaultKnown {
			t.Errorf("told again: %+v", got)
		}
		ping := mention.Trackback{URL: h.site + "/altro.html", Title: "Un altro", Excerpt: "Del forno", BlogName: "Ceramiche Arno"}
		for i, want := range []mention.Outcome{mention.Taken, mention.Known} {
			got, err := mention.SendTrackback(t.Context(), http.DefaultClient, post.Link+"trackback/", ping)
			if err != nil || got.Outcome != want {
				t.Errorf("by Trackback, time %d: %+v, %v", i+1, got, err)
			}
		}
		by := map[string]string{}
		for _, c := range w.pings(post) {
			by[c.Type] = c.AuthorURL
		}
		if by["pingback"] != article || by["trackback"] != ping.URL {
			t.Errorf("WordPress has %v", by)
		}
	})
}

// TestAnotherSenderTellsUs: a sender that is not ours finds where we want to be told, and tells: by Webmention, and by Pingback where there is nothing else.
func TestAnotherSenderTellsUs(t *testing.T) {
	t.Parallel()
	script := os.Getenv("PONTE_TEST_WEBMENTION")
	if script == "" {
		if os.Getenv("PONTE_TEST_REQUIRE") != "" {
			t.Fatal("PONTE_TEST_WEBMENTION is not set")
		}
		t.Skip("no sender: script/setup, then script/servers run")
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newPartnered(t, s, "localhost") // the sender leaves out what its own host links
		h.put("/vasi", `<link rel="webmention" href="DOOR/webmention"><link rel="pingback" href="DOOR/pingback"><h1>Vasi</h1>`)
		h.put("/piatti", `<h1>Piatti</h1><p><a rel="webmention" href="DOOR/webmention">Ne hai scritto?</a></p>`)
		h.put("/tazze", `<link rel="pingback" href="DOOR/pingback"><h1>Tazze</h1>`)
		theirs := &partnered{house: h.house, page: map[string]string{}}
		srv := httptest.NewServer(theirs)
		t.Cleanup(srv.Close)
		note := srv.URL + "/nota"
		theirs.put("/nota", `<html><body><div class="h-entry"><a class="u-url" href="`+note+`"></a><p class="p-author h-card">Vera Neri</p><a class="u-in-reply-to" href="`+h.site+`/vasi"></a>`+
			`<div class="e-content">Belli <a href="`+h.site+`/vasi">i vasi</a>, i <a href="`+h.site+`/piatti">piatti</a> e le <a href="`+h.site+`/tazze">tazze</a>.</div></div></body></html>`)
		var said struct {
			Sent []struct {
				Source, Target, Endpoint, Type string
				Status                         int
			}
			Errors []string
		}
		for range 5 { // it waits two seconds for a page
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			out, err := exec.CommandContext(ctx, "node", script, note).Output()
			cancel()
			if err == nil {
				err = json.Unmarshal(out, &said)
			}
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if len(said.Sent) == 3 {
				break
			}
		}
		ways := map[string]string{}
		for _, one := range said.Sent {
			ways[strings.TrimPrefix(one.Target, h.site)] = fmt.Sprint(one.Type, " ", one.Status)
		}
		if want := map[string]string{"/vasi": "webmention 201", "/piatti": "webmention 201", "/tazze": "pingback 200"}; fmt.Sprint(ways) != fmt.Sprint(want) {
			t.Errorf("it sent %v (%v), want %v", ways, said.Errors, want)
		}
		h.told()
		l, err := h.Linkbacks.Mentions(t.Context(), h.Actor(team.Owner), linkback.Filter{})
		h.must(err)
		kinds := map[string]string{}
		for _, m := range l.Mentions {
			kinds[strings.TrimPrefix(m.Target, h.site)] = string(m.State) + " " + string(m.Kind)
			if m.Source != note || !strings.Contains(h.said(m), "Belli i vasi") {
				t.Errorf("%s says %q", m.Target, h.said(m))
			}
		}
		if want := map[string]string{"/vasi": "taken reply", "/piatti": "taken mention", "/tazze": "taken mention"}; fmt.Sprint(kinds) != fmt.Sprint(want) {
			t.Errorf("it became %v, want %v", kinds, want)
		}
	})
}
