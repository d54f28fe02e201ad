package mastodon_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
)

const redirect = "http://127.0.0.1:1/channels/back"

var field = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// browse walks the pages of the server as a person does, and gives the address it is sent back to.
func browse(t *testing.T, s *mastodontest.Server, start, decision string) *url.URL {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var last *url.URL
	b := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			last = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	read := func(res *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	hidden := func(page string) url.Values {
		v := url.Values{}
		for _, m := range field.FindAllStringSubmatch(page, -1) {
			v.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
		}
		return v
	}
	page := read(b.Get(start))
	if last != nil {
		return last
	}
	if !strings.Contains(page, "Log in") {
		t.Fatalf("no sign-in but %q", page)
	}
	v := hidden(page)
	v.Set("user[email]", "ponte@example.org")
	v.Set("user[password]", "wrong")
	if page = read(b.PostForm(s.URL()+"/auth/sign_in", v)); !strings.Contains(page, "Invalid") {
		t.Fatalf("a wrong password gave %q", page)
	}
	v.Set("user[password]", "secret")
	page = read(b.PostForm(s.URL()+"/auth/sign_in", v))
	if !strings.Contains(page, "Authorize") {
		t.Fatalf("no consent but %q", page)
	}
	v = hidden(page)
	v.Set("decision", decision)
	read(b.PostForm(s.URL()+"/oauth/authorize", v))
	if last == nil {
		t.Fatal("the browser was not sent back")
	}
	return last
}

// journey connects the account "ponte" as a person does.
func journey(t *testing.T, con *mastodon.Connector, s *mastodontest.Server, decision string) network.Credentials {
	t.Helper()
	found, err := con.Discover(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	app, err := con.Register(t.Context(), found, redirect)
	if err != nil {
		t.Fatal(err)
	}
	const verifier = "a-verifier-that-is-long-enough-for-the-specification"
	sum := sha256.Sum256([]byte(verifier))
	back := browse(t, s, con.AuthorizeURL(app, redirect, "state-1", base64.RawURLEncoding.EncodeToString(sum[:])), decision)
	if back.Query().Get("state") != "state-1" {
		t.Fatalf("sent back to %v", back)
	}
	if decision != "allow" {
		if back.Query().Get("error") != "access_denied" || back.Query().Get("code") != "" {
			t.Errorf("sent back to %v", back)
		}
		return network.Credentials{}
	}
	code := back.Query().Get("code")
	for _, wrong := range [][2]string{{"no such code", verifier}} {
		if _, err := con.Exchange(t.Context(), app, redirect, wrong[0], wrong[1]); problem(t, err).Key != network.ProblemDenied {
			t.Errorf("Exchange: %v", err)
		}
	}
	cr, err := con.Exchange(t.Context(), app, redirect, code, verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := con.Exchange(t.Context(), app, redirect, code, verifier); problem(t, err).Key != network.ProblemDenied {
		t.Errorf("the code was good twice: %v", err)
	}
	return cr
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	for _, o := range []mastodontest.Options{{}, {GoToSocial: true}} {
		s := mastodontest.Start(t, o)
		s.AddAccount("ponte", "secret")
		con := connector()
		cr := journey(t, con, s, "allow")
		if !slices.Equal(cr.Scopes, []string{"read", "write:statuses", "write:media"}) || !cr.Expires.IsZero() {
			t.Errorf("credentials %+v", cr)
		}
		c := con.Open(cr, nil)
		a, err := c.Probe(t.Context())
		if err != nil || a.Handle != s.Handle("ponte") || !slices.Equal(a.Scopes, cr.Scopes) {
			t.Errorf("%+v, %v", a, err)
		}
		want := network.SafeByKey
		if o.GoToSocial {
			want = network.SafeByReadBack
		}
		if got := c.Traits().Safe; got != want {
			t.Errorf("safety %q, want %q", got, want)
		}
		if _, err := c.Publish(t.Context(), message("hello")); err != nil {
			t.Error(err)
		}
		journey(t, con, s, "deny")
	}
}

func TestOAuthWrongVerifier(t *testing.T) {
	t.Parallel()
	s := mastodontest.Start(t, mastodontest.Options{})
	s.AddAccount("ponte", "secret")
	con := connector()
	app, err := con.Register(t.Context(), network.Server{URL: s.URL()}, redirect)
	if err != nil {
		t.Fatal(err)
	}
	back := browse(t, s, con.AuthorizeURL(app, redirect, "s", "challenge"), "allow")
	if _, err := con.Exchange(t.Context(), app, redirect, back.Query().Get("code"), "other"); problem(t, err).Key != network.ProblemDenied {
		t.Errorf("Exchange: %v", err)
	}
}

func TestDiscoverAddresses(t *testing.T) {
	t.Parallel()
	s := mastodontest.Start(t, mastodontest.Options{GoToSocial: true})
	s.AddAccount("ponte", "secret")
	for _, address := range []string{s.URL(), s.URL() + "/", " " + s.URL() + "/@ponte ", strings.ToUpper(s.URL()[:4]) + s.URL()[4:]} {
		got, err := connector().Discover(t.Context(), address)
		if err != nil {
			t.Fatalf("Discover(%q): %v", address, err)
		}
		want := network.Server{Network: network.Mastodon, URL: s.URL(), Title: "A test server", Software: "gotosocial", Version: "0.20.0", Join: network.JoinOAuth}
		if strings.Contains(address, "@") {
			want.Handle = s.Handle("ponte")
		}
		if got != want {
			t.Errorf("Discover(%q) = %+v, want %+v", address, got, want)
		}
	}
}

func TestDiscoverTellsWhatItFound(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/nodeinfo", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"https://`+r.Host+`/nodeinfo/2.1"}]}`)
	})
	mux.HandleFunc("/nodeinfo/2.1", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"software":{"name":"Lemmy","version":"0.19"}}`)
	})
	other := httptest.NewServer(mux)
	defer other.Close()
	_, err := connector().Discover(t.Context(), other.URL)
	if p := problem(t, err); p.Key != network.ProblemNotAServer || p.Args["found"] != "lemmy" || p.Verdict != network.Never {
		t.Errorf("got %v %v", p, p.Args)
	}
}

// TestDiscoverOldServer is a server with the first version of the description and no NodeInfo.
func TestDiscoverOldServer(t *testing.T) {
	t.Parallel()
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/instance" {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, `{"uri":"https://social.example","title":"Old","version":"2.7.2 (compatible; Pleroma 2.4.1)","max_toot_chars":5000}`)
	}))
	defer old.Close()
	got, err := connector().Discover(t.Context(), old.URL)
	if err != nil || got.Software != "pleroma" || got.Version != "2.4.1" || got.Title != "Old" {
		t.Errorf("%+v, %v", got, err)
	}
	c := connector().Open(network.Credentials{ServerURL: old.URL, AccessToken: "x"}, nil)
	l, err := c.Limits(t.Context())
	if err != nil || l.Characters != 5000 || l.Attach != 4 || l.LinkLength != 0 || l.AltText != 1500 {
		t.Errorf("%+v, %v", l, err)
	}
}
