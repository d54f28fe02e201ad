package site_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/site/sitetest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

func wants(t *testing.T, err error, v network.Verdict, key string) *network.Problem {
	t.Helper()
	p := network.ProblemOf(err)
	if p == nil {
		t.Fatal("no error")
	}
	if p.Verdict != v || p.Key != key {
		t.Fatalf("%v; want %s (%s)", p, key, v)
	}
	return p
}

func message(key, text string) network.Outgoing {
	return network.Outgoing{Key: key, PreparedAt: time.Now().UTC().Truncate(time.Microsecond), Text: text, Visibility: network.Public, Language: "it"}
}

// TestWhatStandsInTheWayOfConnecting: each thing that can be wrong with a site has its own words.
func TestWhatStandsInTheWayOfConnecting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		opts           sitetest.Options
		user, password string
		key            string
	}{
		{"a wrong password", sitetest.Options{}, sitetest.User, "no", network.ProblemCredentials},
		{"a wrong name", sitetest.Options{}, "nobody", sitetest.Password, network.ProblemCredentials},
		{"the interface is off", sitetest.Options{NoREST: true}, sitetest.User, sitetest.Password, network.ProblemRESTOff},
		{"no application passwords, over http", sitetest.Options{NoPasswords: true}, sitetest.User, sitetest.Password, network.ProblemPlainHTTP},
		{"no WordPress", sitetest.Options{NoWordPress: true}, sitetest.User, sitetest.Password, network.ProblemNotWordPress},
		{"the feed of a WordPress", sitetest.Options{}, "", "", ""},
		{"the feed although the interface is off", sitetest.Options{NoREST: true}, "", "", ""},
		{"a plain site", sitetest.Options{NoWordPress: true}, "", "", ""},
		{"WordPress without a feed", sitetest.Options{NoFeed: true}, sitetest.User, sitetest.Password, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := sitetest.New(t, c.opts)
			con := connector()
			found, err := con.Discover(t.Context(), s.URL)
			if err != nil {
				t.Fatalf("Discover: %v", err)
			}
			if found.Open == c.opts.NoFeed {
				t.Errorf("open: %v", found.Open)
			}
			cred, err := con.Login(t.Context(), found, c.user, c.password)
			if c.key != "" {
				wants(t, err, network.Never, c.key)
				if c.key != network.ProblemCredentials && s.Calls("GET /wp-json/wp/v2/users/me") > 0 {
					t.Error("the password went out")
				}
				return
			}
			if err != nil {
				t.Fatalf("Login: %v", err)
			}
			a, err := con.Open(cred, nil).Probe(t.Context())
			if err != nil || a.RemoteID != s.URL || a.Handle != strings.TrimPrefix(s.URL, "http://") {
				t.Errorf("Probe: %+v, %v", a, err)
			}
		})
	}
}

func TestNothingToRead(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{NoWordPress: true, NoFeed: true})
	_, err := connector().Discover(t.Context(), s.URL)
	wants(t, err, network.Never, network.ProblemNoFeed)
}

// TestThePasswordGoesNowhereElse: a page that names an interface on another host is no WordPress.
func TestThePasswordGoesNowhereElse(t *testing.T) {
	t.Parallel()
	thief := sitetest.New(t, sitetest.Options{})
	s := sitetest.New(t, sitetest.Options{NoWordPress: true})
	s.Inject(sitetest.Fault{Path: "/", Times: -1, Status: 200, Header: map[string]string{"Content-Type": "text/html", "Link": "<" + thief.URL + "/wp-json/>; rel=\"https://api.w.org/\""}, Body: `<link rel=alternate type=application/rss+xml href="/feed/">`})
	con := connector()
	found, err := con.Discover(t.Context(), s.URL)
	if err != nil || found.Join != network.JoinOpen {
		t.Fatalf("Discover: %+v, %v", found, err)
	}
	_, err = con.Login(t.Context(), found, sitetest.User, sitetest.Password)
	wants(t, err, network.Never, network.ProblemNotWordPress)
	if n := thief.Calls("GET /wp-json/wp/v2/users/me"); n != 0 {
		t.Errorf("the other host was asked %d times", n)
	}
}

// TestPublishedOnce: whatever happens to the answer, the article stands once and is found again.
func TestPublishedOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		fault     sitetest.Fault
		key       string
		uncertain bool
		stands    int
	}{
		{"the answer is lost", sitetest.Fault{Method: "POST", Path: "/posts", AcceptThenCut: true}, network.ProblemUnreachable, true, 1},
		{"it breaks before", sitetest.Fault{Method: "POST", Path: "/posts", Cut: true}, network.ProblemUnreachable, true, 0},
		{"500", sitetest.Fault{Method: "POST", Path: "/posts", Status: 500, Body: "<html>Fatal error</html>"}, network.ProblemServer, true, 0},
		{"429", sitetest.Fault{Method: "POST", Path: "/posts", Status: 429, Header: map[string]string{"Retry-After": "77"}}, network.ProblemRate, false, 0},
		{"broken JSON", sitetest.Fault{Method: "POST", Path: "/posts", Status: 201, Body: `{"id": 12, "title": {`}, network.ProblemAnswer, true, 0},
		{"nonsense", sitetest.Fault{Method: "POST", Path: "/posts", Status: 201, Body: `{"id": "twelve"}`}, network.ProblemAnswer, true, 0},
		{"endless", sitetest.Fault{Method: "POST", Path: "/posts", Huge: true}, network.ProblemAnswer, true, 0},
		{"the key is lost midway", sitetest.Fault{Method: "POST", Path: "/posts", Status: 401, Body: `{"code":"incorrect_password","message":"no"}`}, network.ProblemRevoked, false, 0},
		{"not allowed", sitetest.Fault{Method: "POST", Path: "/posts", Status: 403, Body: `{"code":"rest_cannot_create","message":"no"}`}, network.ProblemScope, false, 0},
		{"the file before it fails", sitetest.Fault{Method: "POST", Path: "/media", Status: 500, Body: "no"}, network.ProblemServer, false, 0},
		{"the file's answer is lost", sitetest.Fault{Method: "POST", Path: "/media", AcceptThenCut: true}, network.ProblemUnreachable, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := sitetest.New(t, sitetest.Options{})
			cl := open(t, s)
			m := message("dlv_"+strings.ReplaceAll(c.name, " ", "_"), "Riapre la bottega")
			m.Article = &network.Article{Title: "Riapriamo", Tags: []string{"bottega", "#Firenze"}, Category: "Notizie"}
			m.Media = []network.Upload{networktest.Picture("banco.png", "Il banco della bottega")}
			s.Inject(c.fault)
			_, err := cl.Publish(t.Context(), m)
			if err == nil {
				t.Fatal("no error")
			}
			p := network.ProblemOf(err)
			if p.Key != c.key || p.Uncertain != c.uncertain {
				t.Fatalf("%v; want %s, uncertain %v", p, c.key, c.uncertain)
			}
			if c.key == network.ProblemRate && p.RetryAfter != 77*time.Second {
				t.Errorf("retry after %v", p.RetryAfter)
			}
			s.Heal()
			r, presence, err := cl.Find(t.Context(), m)
			if err != nil || (presence == network.Present) != (c.stands == 1) || s.Articles() != c.stands {
				t.Fatalf("Find: %+v, %q, %v, and %d stand", r, presence, err, s.Articles())
			}
			if c.stands == 0 {
				if r, err = cl.Publish(t.Context(), m); err != nil {
					t.Fatalf("the second attempt: %v", err)
				}
			}
			if s.Articles() != 1 || s.Files() != 1 || len(r.Media) != 1 {
				t.Errorf("%d articles, %d files, receipt %+v", s.Articles(), s.Files(), r)
			}
			if tags, cats := s.Terms(r.RemoteID, "tags"), s.Terms(r.RemoteID, "categories"); fmt.Sprint(tags, cats) != "[Firenze bottega] [Notizie]" {
				t.Errorf("tags %q, categories %q", tags, cats)
			}
			items, err := cl.Refresh(t.Context(), []string{r.RemoteID})
			if err != nil || len(items) != 1 || items[0].Text != "Riapriamo\n\nRiapre la bottega" || len(items[0].Media) != 1 || items[0].Media[0].Alt != "Il banco della bottega" {
				t.Errorf("what stands: %+v, %v", items, err)
			}
		})
	}
}

// TestRepliedOnce: the same for an answer to a comment, where WordPress itself refuses doubles.
func TestRepliedOnce(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{})
	cl := open(t, s)
	asked, err := s.Guest("Vera Neri").Mention(t.Context(), "Siete aperti lunedì?")
	if err != nil {
		t.Fatal(err)
	}
	m := message("dlv_reply", "Sì, dalle 9 & fino alle <18>.")
	m.ReplyTo, m.ReplyRoot = asked, "post:1"
	s.Inject(sitetest.Fault{Method: "POST", Path: "/comments", AcceptThenCut: true})
	_, err = cl.Publish(t.Context(), m)
	if p := wants(t, err, network.Later, network.ProblemUnreachable); !p.Uncertain {
		t.Error("it may have arrived")
	}
	r, presence, err := cl.Find(t.Context(), m)
	if err != nil || presence != network.Present {
		t.Fatalf("Find: %q, %v", presence, err)
	}
	again, err := cl.Publish(t.Context(), m) // somebody presses the key once more
	if err != nil || again.RemoteID != r.RemoteID {
		t.Errorf("again: %+v, %v; want %s", again, err, r.RemoteID)
	}
	other := m
	other.Key = "dlv_other"
	if _, err = cl.Publish(t.Context(), other); network.ProblemOf(err).Verdict != network.Never {
		t.Errorf("the same words once more: %v", err)
	}
	items, err := cl.Thread(t.Context(), asked)
	if err != nil || len(items) != 3 || items[2].Text != m.Text || !items[2].Mine || items[2].ParentID != asked || items[2].Kind != network.KindReply {
		t.Errorf("the thread: %+v, %v", items, err)
	}
}

// TestModeration walks a comment through its standings, also when somebody at the site is faster.
func TestModeration(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{Moderated: true})
	cl := open(t, s)
	id, err := s.Guest("Ugo Bini").Mention(t.Context(), "Compra orologi")
	if err != nil {
		t.Fatal(err)
	}
	first := fetchAll(t, cl, "")
	if it := first[id]; it.Standing != network.Held || it.Kind != network.KindComment || it.ParentID != "post:1" {
		t.Fatalf("it came as %+v", it)
	}
	for _, c := range []struct {
		to   network.Standing
		want string
	}{{network.Approved, "approved"}, {network.Approved, "approved"}, {network.Spam, "spam"}, {network.Held, "hold"}} {
		if err := cl.Moderate(t.Context(), id, c.to); err != nil || s.Status(id) != c.want {
			t.Fatalf("to %s: %v, it is %s", c.to, err, s.Status(id))
		}
		items, err := cl.Refresh(t.Context(), []string{id})
		if err != nil || len(items) != 1 || items[0].Standing != c.to || items[0].Deleted || items[0].Version == first[id].Version && c.to != network.Held {
			t.Fatalf("read again as %s: %+v, %v", c.to, items, err)
		}
	}
	s.Put(id, "approved") // at the site
	if it := fetchAll(t, cl, "")[id]; it.Standing != network.Approved {
		t.Errorf("approved at the site: %+v", it)
	}
	s.Inject(sitetest.Fault{Method: "POST", Path: "/comments/", AcceptThenCut: true})
	if p := wants(t, cl.Moderate(t.Context(), id, network.Spam), network.Later, network.ProblemUnreachable); !p.Uncertain {
		t.Error("it may have happened")
	}
	if err := cl.Moderate(t.Context(), id, network.Spam); err != nil {
		t.Errorf("once more: %v", err)
	}
	if err := cl.Moderate(t.Context(), id, network.Trashed); err != nil {
		t.Errorf("to the bin: %v", err)
	}
	if items, err := cl.Refresh(t.Context(), []string{id}); err != nil || len(items) != 1 || !items[0].Deleted {
		t.Errorf("in the bin: %+v, %v", items, err)
	}
	wants(t, cl.Moderate(t.Context(), "comment:9999", network.Approved), network.Never, network.ProblemGone)
	wants(t, cl.Moderate(t.Context(), "post:1", network.Approved), network.Never, network.ProblemUnsupported)
}

// fetchAll reads everything behind a cursor.
func fetchAll(t *testing.T, cl network.Client, cursor string) map[string]network.Item {
	t.Helper()
	out := map[string]network.Item{}
	for range 200 {
		p, err := cl.Fetch(t.Context(), cursor)
		if err != nil {
			t.Fatalf("Fetch: %v", err)
		}
		for _, it := range p.Items {
			out[it.RemoteID] = it
		}
		if cursor = p.Cursor; !p.More {
			return out
		}
	}
	t.Fatal("Fetch says for ever that there is more")
	return nil
}

// TestPingbacksAreMentions: what other sites leave arrives, with who they are.
func TestPingbacksAreMentions(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{})
	post := s.Write("Il nuovo forno", "<p>È arrivato.</p>")
	id := s.Ping(post, "Blog di Ada", "https://ada.example/forno", "[&#8230;] un forno bellissimo [&#8230;]")
	it := fetchAll(t, open(t, s), "")[id]
	if it.Kind != network.KindMention || it.ParentID != post || it.Author.Name != "Blog di Ada" || it.Author.URL != "https://ada.example/forno" || it.Text != "[…] un forno bellissimo […]" {
		t.Errorf("%+v", it)
	}
}

// TestAnAuthorWhoMayNotModerate reads and answers what stands for everybody.
func TestAnAuthorWhoMayNotModerate(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{Role: "author"})
	cl := open(t, s)
	if tr := cl.Traits(); tr.Moderate || tr.ReadOnly || !tr.Reply {
		t.Errorf("traits %+v", tr)
	}
	id, err := s.Guest("Vera Neri").Mention(t.Context(), "Che bello")
	if err != nil {
		t.Fatal(err)
	}
	if it := fetchAll(t, cl, "")[id]; it.Text != "Che bello" {
		t.Errorf("%+v", it)
	}
	m := message("dlv_author", "Grazie, Vera")
	m.ReplyTo = id
	r, err := cl.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if f, p, err := cl.Find(t.Context(), m); err != nil || p != network.Present || f.RemoteID != r.RemoteID {
		t.Errorf("Find: %+v, %q, %v", f, p, err)
	}
	reader := sitetest.New(t, sitetest.Options{Role: "subscriber"})
	if tr := open(t, reader).Traits(); !tr.ReadOnly {
		t.Errorf("who may only read: %+v", tr)
	}
}

// TestReadingThroughTrouble: what goes wrong while reading is told as what it is, and nothing is lost by it.
func TestReadingThroughTrouble(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{})
	post := s.Write("Uno", "<p>uno</p>")
	cl := open(t, s)
	for _, c := range []struct {
		fault sitetest.Fault
		v     network.Verdict
		key   string
	}{
		{sitetest.Fault{Path: "/comments", Status: 503, Header: map[string]string{"Retry-After": "120"}}, network.Later, network.ProblemServer},
		{sitetest.Fault{Path: "/posts", Status: 429, Header: map[string]string{"Retry-After": "60"}}, network.Later, network.ProblemRate},
		{sitetest.Fault{Path: "/posts", Body: "[{"}, network.Later, network.ProblemAnswer},
		{sitetest.Fault{Path: "/posts", Body: `{"a":1}`}, network.Later, network.ProblemAnswer},
		{sitetest.Fault{Path: "/pages", Cut: true, Times: -1}, network.Later, network.ProblemUnreachable},
		{sitetest.Fault{Path: "/pages", Huge: true}, network.Later, network.ProblemAnswer},
		{sitetest.Fault{Path: "/comments", Status: 301, Header: map[string]string{"Location": "https://elsewhere.example/"}}, network.Later, network.ProblemAnswer},
	} {
		s.Inject(c.fault)
		_, err := cl.Fetch(t.Context(), "")
		if err == nil {
			t.Fatalf("no error for %+v", c.fault)
		}
		wants(t, err, c.v, c.key)
		s.Heal()
	}
	s.Inject(sitetest.Fault{Path: "/posts", Prefix: "\xef\xbb\xbf<br />\n<b>Deprecated</b>: a plugin\n"})
	if it := fetchAll(t, cl, "")[post]; it.Text != "Uno\n\nuno" {
		t.Errorf("behind a plugin's warning: %+v", it)
	}
	s.Inject(sitetest.Fault{Path: "/posts", Body: `[{"id":"x"},{"id":99,"type":"post","date_gmt":"2026-01-02T03:04:05","modified_gmt":"2026-01-02T03:04:05","title":{"rendered":"Due"},"content":{"rendered":"<p>due</p>"}}]`})
	if it := fetchAll(t, cl, "")["post:99"]; it.Text != "Due\n\ndue" {
		t.Errorf("beside one that cannot be read: %+v", it)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s.Inject(sitetest.Fault{Path: "/posts", Hang: true})
	_, err := cl.Fetch(ctx, "")
	wants(t, err, network.Later, network.ProblemTimeout)
	s.Heal()
	s.Revoke()
	_, err = cl.Fetch(t.Context(), "")
	wants(t, err, network.Reconnect, network.ProblemRevoked)
}

// TestDraftsPagesAndEdits: an article that somebody at the site publishes, a page, and a change afterwards.
func TestDraftsPagesAndEdits(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{})
	cl := open(t, s)
	m := message("dlv_draft", "**Riapre** la bottega")
	m.Article = &network.Article{Title: "Riapriamo & festeggiamo", HTML: "<p><strong>Riapre</strong> la bottega</p>\n<p>Vi aspettiamo</p>", Draft: true}
	r, err := cl.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	content, status := s.Content(r.RemoteID)
	if status != "draft" || strings.Count(content, "<!-- wp:paragraph -->") != 2 || !strings.Contains(content, "<p><strong>Riapre</strong> la bottega</p>") {
		t.Errorf("%s: %s", status, content)
	}
	if _, p, err := cl.Find(t.Context(), m); err != nil || p != network.Present {
		t.Errorf("a draft is found: %q, %v", p, err)
	}
	m.Article.HTML = "<p>Chiude</p>"
	after, err := cl.Edit(t.Context(), r.RemoteID, m)
	if err != nil || after.RemoteID != r.RemoteID {
		t.Fatalf("Edit: %+v, %v", after, err)
	}
	if content, status = s.Content(r.RemoteID); status != "draft" || !strings.Contains(content, "Chiude") || strings.Contains(content, "Riapre") {
		t.Errorf("after the edit %s: %s", status, content)
	}
	if f, p, err := cl.Find(t.Context(), m); err != nil || p != network.Present || f.RemoteID != r.RemoteID {
		t.Errorf("it is found after the edit: %+v, %q, %v", f, p, err)
	}
	page := message("dlv_page", "Dove siamo")
	page.Article = &network.Article{Title: "Contatti", Page: true}
	r, err = cl.Publish(t.Context(), page)
	if err != nil || !strings.HasPrefix(r.RemoteID, "page:") {
		t.Fatalf("a page: %+v, %v", r, err)
	}
	if it := fetchAll(t, cl, "")[r.RemoteID]; it.Text != "Contatti\n\nDove siamo" {
		t.Errorf("the page came back as %+v", it)
	}
	if err := cl.Delete(t.Context(), r.RemoteID); err != nil {
		t.Fatal(err)
	}
	if n, err := cl.Counts(t.Context(), []string{r.RemoteID}); err != nil || len(n) != 1 || !n[0].Gone {
		t.Errorf("counted: %+v, %v", n, err)
	}
}
