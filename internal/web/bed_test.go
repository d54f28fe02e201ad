package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/notice"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/web"
	"github.com/ponte-desk/ponte/internal/webhook"
)

const secret = "quattro tazze sul tavolo"

// door is the desk on a port, with every room behind it.
type door struct {
	t      testing.TB
	clock  *clock.Manual
	rooms  web.Rooms
	server *httptest.Server
	web    *web.Web
}

// newDoor builds the rooms over a store; tm is nil for a house that nobody has opened yet.
func newDoor(t testing.TB, s *store.Store, tm *team.Team, c *clock.Manual, o web.Options) *door {
	t.Helper()
	if tm == nil {
		tm = team.New(s, c)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	ring, err := seal.Open(seal.Options{Dir: dir})
	must(err)
	log := storetest.Log()
	catalog, err := i18n.Load()
	must(err)
	m, err := media.New(s, media.Options{Dir: dir, Clock: c})
	must(err)
	q := queue.New(s, log, queue.Config{})
	hub := live.New(s, log)
	fake := networktest.NewFake(networktest.FakeOptions{Now: c.Now})
	nets := network.New(network.Rooms{Store: s, Clock: c, Team: tm, Seal: ring, Registry: network.NewRegistry(fake.Connector()), Log: log})
	people := audience.New(s, c, tm)
	out := delivery.New(s, c, tm, nets, m, q, log, delivery.Config{})
	judge := verdict.New(verdict.Rooms{Store: s, Clock: c, Team: tm, Queue: q, Seal: ring, HTTP: http.DefaultClient, Log: log})
	box := inbox.New(inbox.Rooms{
		Store: s, Clock: c, Team: tm, Networks: nets, Deliveries: out, Audience: people, Search: search.New(s), Media: m, Live: hub, Verdicts: judge,
	})
	sign := signin.New(s, tm, ring, c, signin.Options{Params: signin.Params{Memory: 64, Passes: 1, Threads: 1}})
	grown := growth.New(growth.Rooms{
		Store: s, Clock: c, Team: tm, Queue: q, Seal: ring, Networks: nets, Deliveries: out, Audience: people, Verdicts: judge, Inbox: box, Media: m, Live: hub,
		Log: log, Words: catalog, BaseURL: func() string { return "https://ponte.example" },
	})
	posts := post.New(post.Rooms{Store: s, Clock: c, Team: tm, Queue: q, Networks: nets, Deliveries: out, Audience: people, Inbox: box, Media: m, Live: hub, Log: log})
	ties := reach.New(reach.Rooms{Store: s, Clock: c, Team: tm, Queue: q, Networks: nets, Audience: people, Inbox: box, Live: hub, Log: log})
	portrait := presence.New(presence.Rooms{
		Store: s, Clock: c, Team: tm, Queue: q, Networks: nets, Audience: people, Verdicts: judge, Inbox: box, Reach: ties, Live: hub, Log: log,
	})
	links := link.New(link.Rooms{Store: s, Clock: c, Team: tm, Queue: q, Log: log, BaseURL: func() string { return "https://ponte.example" }})
	hooks := webhook.New(webhook.Rooms{
		Store: s, Clock: c, Team: tm, Audience: people, Queue: q, Seal: ring, Allow: housetest.Loopback, HTTP: fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback, MaxRedirects: -1}), Log: log,
	})
	told := notice.New(notice.Rooms{
		Store: s, Clock: c, Team: tm, Queue: q, Mail: mail.Off{}, Networks: nets, Deliveries: out, Inbox: box, Posts: posts, Webhooks: hooks, Words: catalog,
		BaseURL: func() string { return "https://ponte.example" }, Log: log,
	})
	leads := lead.New(lead.Rooms{
		Store: s, Clock: c, Team: tm, Queue: q, Audience: people, Inbox: box, Media: m, Live: hub, Webhooks: hooks, Words: catalog,
		BaseURL: func() string { return "https://ponte.example" }, Log: log,
	})
	sums := report.New(report.Rooms{
		Store: s, Clock: c, Team: tm, Queue: q, Mail: mail.Off{}, Signin: sign, Networks: nets, Audience: people, Inbox: box, Growth: grown, Posts: posts, Links: links,
		Leads: leads, Reach: ties, Words: catalog, BaseURL: func() string { return "https://ponte.example" }, Log: log,
	})
	nets.Register(q)
	out.Register(q)
	posts.Register(q)
	ties.Register(q)
	portrait.Register(q)
	judge.Register(q)
	people.Register(q)
	box.Register(q)
	grown.Register(q)
	links.Register(q)
	hooks.Register(q)
	told.Register(q)
	leads.Register(q)
	sums.Register(q)
	must(q.Open())
	d := &door{t: t, clock: c, rooms: web.Rooms{
		Team: tm, Signin: sign, Networks: nets, Archives: archive.New(archive.Rooms{Store: s, Clock: c, Team: tm, Networks: nets, Queue: q, Live: hub, Dir: t.TempDir(), Log: log}), Deliveries: out, Audience: people, Inbox: box, Growth: grown, Posts: posts, Reach: ties, Links: links, Linkbacks: linkback.New(linkback.Rooms{Store: s, Clock: c, Team: tm, Queue: q, Networks: nets, Audience: people, Verdicts: judge, Inbox: box, Log: log}), Presence: portrait, Verdicts: judge, Webhooks: hooks, Notices: told, Leads: leads, Report: sums, Media: m, Live: hub, Catalog: catalog, Clock: c, Log: log,
	}}
	d.web, err = web.New(d.rooms, o)
	must(err)
	d.server = httptest.NewServer(d.web)
	t.Cleanup(func() {
		d.server.CloseClientConnections()
		d.server.Close()
		if missing := catalog.Missing(); len(missing) > 0 {
			t.Errorf("sentences that are not there: %v", missing)
		}
	})
	return d
}

// eachDoor runs a test with a founded company on both databases.
func eachDoor(t *testing.T, f func(t *testing.T, d *door, b *teamtest.Bed)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := teamtest.New(t, s)
		f(t, newDoor(t, s, b.Team, b.Clock, web.Options{}), b)
	})
}

// give sets a member's password the way the command line does.
func (d *door) give(m team.Member) {
	d.t.Helper()
	token, err := d.rooms.Signin.Reset(d.t.Context(), team.Command(m.Company), signin.ResetIn{Member: m.ID})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.rooms.Signin.UseLink(d.t.Context(), signin.UseLinkIn{Token: token, Password: secret, Visitor: signin.Visitor{RemoteAddr: "127.0.0.1"}}); err != nil {
		d.t.Fatal(err)
	}
}

// browser is someone with a cookie jar.
type browser struct {
	*door
	client *http.Client
	lang   string
	head   http.Header
}

func (d *door) browser(lang string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return &browser{door: d, lang: lang, head: http.Header{}, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	to     string // Location
	cookie map[string]*http.Cookie
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(b.t.Context()), method, b.server.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", b.lang)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for k, v := range b.head {
		r.Header[k] = v
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: string(text), to: res.Header.Get("Location"), cookie: map[string]*http.Cookie{}}
	for _, c := range res.Cookies() {
		a.cookie[c.Name] = c
	}
	return a
}

func (b *browser) get(path string) answer { b.t.Helper(); return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, pairs ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

// enter signs in with the password.
func (b *browser) enter(email string) {
	b.t.Helper()
	if a := b.post("/sign-in", "email", email, "password", secret); a.status != http.StatusSeeOther || a.to != "/" {
		b.t.Fatalf("signing in as %s: %d to %q", email, a.status, a.to)
	}
}

// is checks status and place.
func (a answer) is(t testing.TB, what string, status int, to string) {
	t.Helper()
	if a.status != status || a.to != to {
		t.Fatalf("%s: %d to %q, want %d to %q\n%s", what, a.status, a.to, status, to, cut(a.body))
	}
}

// says checks that a page holds these words.
func (a answer) says(t testing.TB, what string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("%s does not say %q:\n%s", what, w, cut(a.body))
		}
	}
}

func cut(s string) string {
	if i := strings.Index(s, `id="content"`); i > 0 {
		s = s[i:]
	}
	return s[:min(len(s), 3000)]
}
