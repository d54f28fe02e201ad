package public_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
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

// sites are the company's site and other people's, on one server of this machine.
func sites(t *testing.T, pages map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		if body == "locked" {
			rw.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = rw.Write([]byte(strings.ReplaceAll(body, "SITE", "http://"+r.Host)))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func eachSite(t *testing.T, pages map[string]string, f func(t *testing.T, h *house, site, at string)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		site := sites(t, pages)
		h := &house{House: housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{Network: network.Site, URL: site}})}
		h.door = serve(t, public.Rooms{Team: h.Team, Growth: h.Growth, Linkbacks: h.Linkbacks, Clock: h.Clock}, public.Options{BaseURL: housetest.BaseURL})
		f(t, h, site, "/m/"+string(h.Channel.ID))
	})
}

// send posts a body to the door.
func (d *door) send(path, kind, body string) answer {
	d.t.Helper()
	res, err := http.Post(d.server.URL+path, kind, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var b strings.Builder
	buf := make([]byte, 64<<10)
	for {
		n, err := res.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			break
		}
	}
	return answer{status: res.StatusCode, header: res.Header, body: b.String()}
}

const formKind = "application/x-www-form-urlencoded"

func asked(source, target string) string {
	return url.Values{"source": {source}, "target": {target}}.Encode()
}

var blog = map[string]string{
	"/vasi":   `<h1>Vasi</h1>`,
	"/reply":  `<div class="h-entry"><a class="u-in-reply-to" href="SITE/vasi">vasi</a><p class="p-author h-card">Ada &lt;b&gt;</p><div class="e-content">Belli <script>alert(1)</script><b>davvero</b></div></div>`,
	"/other":  `<p>niente</p>`,
	"/second": `<p>Leggete dei <a href="SITE/vasi">vasi</a>.</p>`,
	"/to":     `<a href="SITE/mai">x</a>`,
	"/locked": "locked",
}

func TestWebmentionAtTheDoor(t *testing.T) {
	t.Parallel()
	eachSite(t, blog, func(t *testing.T, h *house, site, at string) {
		got := h.door.send(at+"/webmention", formKind, asked(site+"/reply", site+"/vasi"))
		status, ok := strings.CutPrefix(got.header.Get("Location"), housetest.BaseURL)
		if got.status != http.StatusCreated || !ok || !strings.HasPrefix(status, at+"/webmention/") {
			t.Fatalf("%d %s %s", got.status, got.header.Get("Location"), got.body)
		}
		var said struct{ Status, Source, Summary string }
		h.must(json.Unmarshal([]byte(h.door.get(status).body), &said))
		if said.Status != "waiting" || said.Source != site+"/reply" || said.Summary == "" {
			t.Errorf("%+v", said)
		}
		id, err := linkback.ParseMentionID(status[strings.LastIndex(status, "/")+1:])
		h.must(err)
		_, err = h.Linkbacks.Check(t.Context(), h.Company.ID, id)
		h.must(err)
		h.must(json.Unmarshal([]byte(h.door.get(status).body), &said))
		if said.Status != "taken" {
			t.Errorf("%+v", said)
		}

		embed := h.door.get(at + "/embed?lang=en&page=" + url.QueryEscape(site+"/vasi"))
		for _, want := range []string{"Ada &lt;b&gt;", "replied", "Belli", "davvero", `rel="nofollow ugc noopener"`} {
			if !strings.Contains(embed.body, want) {
				t.Errorf("the frame does not say %q:\n%s", want, embed.body)
			}
		}
		policy := embed.header.Get("Content-Security-Policy")
		if strings.Contains(embed.body, "<script") || strings.Contains(embed.body, "<img") || strings.Contains(policy, "script-src") || !strings.Contains(policy, "frame-ancestors *") || embed.header.Get("X-Frame-Options") != "" {
			t.Errorf("%s\n%s", policy, embed.body)
		}
		var data struct {
			Counts   map[string]int
			Mentions []struct{ Kind, Author, Text, URL string }
		}
		j := h.door.get(at + "/mentions.json?page=" + url.QueryEscape(site+"/vasi"))
		h.must(json.Unmarshal([]byte(j.body), &data))
		if j.header.Get("Access-Control-Allow-Origin") != "*" || data.Counts["reply"] != 1 || len(data.Mentions) != 1 || data.Mentions[0].Text != "Belli davvero" || data.Mentions[0].URL != site+"/reply" {
			t.Errorf("%s", j.body)
		}
		if empty := h.door.get(at + "/embed?lang=it&page=" + url.QueryEscape(site+"/altro")); !strings.Contains(empty.body, "Nessuno ne ha ancora scritto") {
			t.Errorf("%s", empty.body)
		}
	})
}

func TestWebmentionsThatAreRefused(t *testing.T) {
	t.Parallel()
	eachSite(t, blog, func(t *testing.T, h *house, site, at string) {
		for name, c := range map[string]struct {
			path, body string
			status     int
		}{
			"no source":       {at, asked("", site+"/vasi"), 400},
			"no target":       {at, asked(site+"/reply", ""), 400},
			"the same":        {at, asked(site+"/vasi", site+"/vasi"), 400},
			"another site":    {at, asked(site+"/reply", "https://other.example/"), 400},
			"another scheme":  {at, asked("ftp://b.example/", site+"/vasi"), 400},
			"no such channel": {"/m/chn_01J0000000000000000000000", asked(site+"/reply", site+"/vasi"), 404},
			"no channel":      {"/m/x", asked(site+"/reply", site+"/vasi"), 404},
		} {
			got := h.door.send(c.path+"/webmention", formKind, c.body)
			if got.status != c.status || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") || strings.TrimSpace(got.body) == "" {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		for i := range 200 {
			if got := h.door.send(at+"/webmention", formKind, asked(fmt.Sprintf("https://b%d.example/", i), "https://other.example/")); got.status == http.StatusTooManyRequests {
				if got.header.Get("Retry-After") == "" {
					t.Error("nobody says when to come back")
				}
				return
			}
		}
		t.Error("one address may tell without end")
	})
}

// TestPingbackFaults asks for every fault that the specification numbers.
func TestPingbackFaults(t *testing.T) {
	t.Parallel()
	eachSite(t, blog, func(t *testing.T, h *house, site, at string) {
		if _, err := h.Linkbacks.BlockHost(t.Context(), h.Actor(team.Owner), "blocked.example"); err != nil {
			t.Fatal(err)
		}
		call := func(params ...any) string {
			return string(mention.Call{Method: mention.PingbackMethod, Params: params}.XML())
		}
		for _, c := range []struct {
			name, body string
			code       mention.Code // 1: none
		}{
			{"taken", call(site+"/second", site+"/vasi"), 1},
			{"told again", call(site+"/second", site+"/vasi"), mention.FaultKnown},
			{"no source", call(site+"/mai", site+"/vasi"), mention.FaultNoSource},
			{"no address", call("mai", site+"/vasi"), mention.FaultNoSource},
			{"no link", call(site+"/other", site+"/vasi"), mention.FaultNoLink},
			{"no target", call(site+"/to", site+"/mai"), mention.FaultNoTarget},
			{"a target elsewhere", call(site+"/reply", "https://other.example/"), mention.FaultTarget},
			{"blocked", call("https://blocked.example/a", site+"/vasi"), mention.FaultDenied},
			{"a page that cannot be read", call(site+"/locked", site+"/vasi"), mention.FaultUpstream},
			{"no method", strings.Replace(call("a", "b"), mention.PingbackMethod, "", 1), mention.FaultNotACall},
			{"inside", call("http://10.0.0.1/a", site+"/vasi"), mention.FaultNoSource},
			{"another method", strings.Replace(call(site+"/reply", site+"/vasi"), mention.PingbackMethod, "system.multicall", 1), mention.FaultMethod},
			{"one parameter", call(site + "/reply"), mention.FaultParameters},
			{"no XML", "source=a", mention.FaultNotXML},
			{"entities", `<!DOCTYPE a [<!ENTITY b "c">]>` + call("&b;", site+"/vasi"), mention.FaultNotXML},
		} {
			h.Clock.Advance(2 * time.Minute)
			got := h.door.send(at+"/pingback", "text/xml", c.body)
			said, err := mention.ReadReply(strings.NewReader(got.body))
			f, _ := errors.AsType[*mention.Fault](err)
			switch {
			case got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/xml"):
				t.Errorf("%s: %d %s", c.name, got.status, got.body)
			case c.code == 1 && (err != nil || said == ""):
				t.Errorf("%s: %q, %v", c.name, said, err)
			case c.code != 1 && (f == nil || f.Code != c.code || f.Text == ""):
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

func TestTrackbackAtTheDoor(t *testing.T) {
	t.Parallel()
	eachSite(t, blog, func(t *testing.T, h *house, site, at string) {
		path := at + "/trackback?page=" + url.QueryEscape(site+"/vasi")
		ping := func(source string) string {
			return url.Values{"url": {source}, "title": {"T"}, "excerpt": {"Compra subito"}, "blog_name": {"B"}}.Encode()
		}
		if got := h.door.send(path, formKind, ping(site+"/second")); !strings.Contains(got.body, "<error>0</error>") {
			t.Errorf("%s", got.body)
		}
		h.Clock.Advance(time.Minute)
		if got := h.door.send(path, formKind, ping(site+"/other")); !strings.Contains(got.body, "<error>1</error><message>") {
			t.Errorf("a page without the link: %s", got.body)
		}
		if got := h.door.send(path, formKind, "title=x"); !strings.Contains(got.body, "<error>1</error>") {
			t.Errorf("%s", got.body)
		}
		// What the page says counts, not what the ping says of it.
		w, err := h.Linkbacks.Wall(t.Context(), h.Channel.ID, site+"/vasi")
		if err != nil || len(w.Shown) != 1 || w.Shown[0].Text != "Leggete dei vasi." {
			t.Errorf("%+v, %v", w, err)
		}
	})
}
