package journey_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
)

// The company's own account on every network of these tests.
const (
	account  = "ceramichearno"
	password = "forno a mezzanotte 12"
)

// posted is something that stands on a network.
type posted struct {
	Text, Parent, Root, Visibility string
}

// site is a social server as these tests see it: the company has an account there, and so has a stranger.
type site interface {
	// settings are what a house needs to know the server.
	settings(c *config.Config)
	// join connects the company's account to a house, as its owner does.
	join(t *testing.T, h *apptest.House)
	// ask lets the stranger write to the company and gives the remote id.
	ask(t *testing.T, text string) string
	// standing lists what stands on the server in the company's name.
	standing(t *testing.T) []posted
	// breakNext lets the server take the next message and hang up; accepted is called between the two. It tells false
	// where the server cannot be told.
	breakNext(accepted func()) bool
}

// mastodonSite is a server that speaks the Mastodon API.
type mastodonSite struct {
	*mastodontest.Server
	stranger *mastodontest.Stranger
}

func newMastodon(t *testing.T, o mastodontest.Options) *mastodonSite {
	t.Helper()
	s := mastodontest.Start(t, o)
	s.AddAccount(account, password)
	return &mastodonSite{Server: s, stranger: s.Stranger("elena", account)}
}

func (s *mastodonSite) settings(*config.Config) {}

func (s *mastodonSite) ask(t *testing.T, text string) string {
	t.Helper()
	id, err := s.stranger.Mention(t.Context(), text)
	must(t, err)
	return id
}

func (s *mastodonSite) standing(*testing.T) []posted {
	var out []posted
	for _, x := range s.Standing(account) {
		out = append(out, posted{Text: x.Text, Parent: x.ReplyTo, Visibility: x.Visibility})
	}
	return out
}

func (s *mastodonSite) breakNext(accepted func()) bool {
	s.Inject(mastodontest.Fault{Endpoint: "POST /api/v1/statuses", Way: mastodontest.HangUp, Accepted: accepted})
	return true
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// join goes through the server's own pages without a browser; TestFirstTenMinutes does it with one.
func (s *mastodonSite) join(t *testing.T, h *apptest.House) {
	t.Helper()
	ctx := t.Context()
	found, err := h.Networks.Look(ctx, h.Owner.Actor(), network.Mastodon, s.URL())
	must(t, err)
	redirect := h.URL() + "/came-back"
	start, err := h.Networks.Begin(ctx, h.Owner.Actor(), found, redirect)
	must(t, err)
	jar, err := cookiejar.New(nil)
	must(t, err)
	var last *url.URL
	b := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			last = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	form := func(res *http.Response, err error) url.Values {
		t.Helper()
		must(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		must(t, err)
		v := url.Values{}
		for _, m := range hidden.FindAllStringSubmatch(string(body), -1) {
			v.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
		}
		return v
	}
	v := form(b.Get(start))
	v.Set("user[email]", account+"@example.org")
	v.Set("user[password]", password)
	v = form(b.PostForm(s.URL()+"/auth/sign_in", v))
	v.Set("decision", "allow")
	form(b.PostForm(s.URL()+"/oauth/authorize", v))
	if last == nil {
		t.Fatal("the server did not send the browser back")
	}
	_, err = h.Networks.Finish(ctx, h.Owner.Actor(), last.Query().Get("state"), last.Query().Get("code"), "")
	must(t, err)
}

// blueskySite is a real network of the AT Protocol: PLC, PDS and appview.
type blueskySite struct {
	net      blueskytest.Network
	us, them *blueskytest.Person
	app      string // the app password
	ours     string // a post of ours that the stranger can see
}

func newBluesky(t *testing.T) *blueskySite {
	t.Helper()
	s := &blueskySite{net: blueskytest.FromEnv(t)}
	var err error
	s.us, err = s.net.Join(t.Context(), "arno")
	must(t, err)
	s.them, err = s.net.Join(t.Context(), "elena")
	must(t, err)
	s.app, err = s.us.AppPassword(t.Context(), "ponte")
	must(t, err)
	s.ours, err = s.us.Post(t.Context(), "Sabato apriamo il forno: venite a vedere.")
	must(t, err)
	return s
}

func (s *blueskySite) settings(c *config.Config) { c.PLCDirectory = s.net.PLC }

func (s *blueskySite) join(t *testing.T, h *apptest.House) {
	t.Helper()
	found, err := h.Networks.Look(t.Context(), h.Owner.Actor(), network.Bluesky, s.net.PDS)
	must(t, err)
	_, err = h.Networks.ConnectPassword(t.Context(), h.Owner.Actor(), found, s.us.Handle, s.app)
	must(t, err)
}

// ask answers a post that the index shows: what reaches it before it knows us is told to nobody.
func (s *blueskySite) ask(t *testing.T, text string) string {
	t.Helper()
	id, err := s.them.Reply(t.Context(), s.ours, text)
	must(t, err)
	return id
}

func (s *blueskySite) standing(t *testing.T) []posted {
	t.Helper()
	records, err := s.us.Records(t.Context(), "app.bsky.feed.post")
	must(t, err)
	var out []posted
	for _, r := range records {
		p := posted{}
		p.Text, _ = r.Value["text"].(string)
		if reply, ok := r.Value["reply"].(map[string]any); ok {
			p.Parent, p.Root = ref(reply["parent"]), ref(reply["root"])
		}
		out = append(out, p)
	}
	return out
}

func ref(v any) string {
	m, _ := v.(map[string]any)
	uri, _ := m["uri"].(string)
	return uri
}

func (s *blueskySite) breakNext(func()) bool { return false }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for something to become true.
func eventually(t testing.TB, what string, within time.Duration, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", within, what)
		}
		<-tick.C
	}
}

// all lists every conversation of a house.
func all(t testing.TB, h *apptest.House) []inbox.Conversation {
	t.Helper()
	var out []inbox.Conversation
	for cursor := ""; ; {
		l, err := h.Inbox.List(context.WithoutCancel(t.Context()), h.Owner.Actor(), inbox.Filter{View: inbox.ViewAll, Limit: 100, Cursor: cursor})
		must(t, err)
		out = append(out, l.Conversations...)
		if cursor = l.Next; cursor == "" {
			return out
		}
	}
}
