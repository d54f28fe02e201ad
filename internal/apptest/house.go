package apptest

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// Password is the password of every member that this package makes.
const Password = "lucciole nella nebbia 7"

// OwnerEmail is the address of the founder.
const OwnerEmail = "olga@ceramichearno.example"

// Options shape a house. The zero value is SQLite in a folder of the test's own.
type Options struct {
	Database string // of storetest.FreshPostgres; "": SQLite
	Config   func(*config.Config)
	Deps     app.Deps
	Empty    bool // no company is founded: the first run is still ahead
}

// House is a running Ponte.
type House struct {
	*app.App
	T       testing.TB
	Company team.Company
	Owner   Person
}

// Person is a member who is signed in.
type Person struct {
	team.Member
	Token  string       // of the session
	Client *http.Client // keeps cookies, follows no redirect
}

// Actor is the person at the screen.
func (p Person) Actor() team.Actor { return p.Member.Actor(team.ViaScreen) }

// Settings are good for a test: a port of the system's choice, loopback may be called.
func Settings(t testing.TB, database string) config.Config {
	t.Helper()
	return config.Config{
		Data: t.TempDir(), Database: database, Listen: "127.0.0.1:0", SMTPTLS: "starttls", LogLevel: "info",
		AllowNetwork: []string{"127.0.0.0/8", "::1/128"},
	}
}

// Cheap makes password hashes fast.
func Cheap() signin.Options {
	return signin.Options{Params: signin.Params{Memory: 64, Passes: 1, Threads: 1}}
}

// Each runs f on SQLite and on PostgreSQL.
func Each(t *testing.T, f func(t *testing.T, database string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, storetest.FreshPostgres(t))
	})
}

// Start starts a house, which stops with the test.
func Start(t testing.TB, o Options) *House {
	t.Helper()
	c := Settings(t, o.Database)
	if o.Config != nil {
		o.Config(&c)
	}
	d := o.Deps
	d.Careless = true
	if d.Signin == (signin.Options{}) {
		d.Signin = Cheap()
	}
	if d.Queue.Poll == 0 {
		d.Queue.Poll = 20 * time.Millisecond
	}
	if d.Log == nil {
		d.Log = storetest.Log()
	}
	a, err := app.New(context.Background(), c, d)
	if err != nil {
		t.Fatal(err)
	}
	h := &House{App: a, T: t}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Errorf("stopping the house: %v", err)
		}
	})
	if err := a.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !o.Empty {
		h.Found()
	}
	return h
}

// Found founds the company "Ceramiche Arno" and signs its owner in.
func (h *House) Found() {
	h.T.Helper()
	setup, err := h.Signin.OpenSetup(h.T.Context())
	h.must(err)
	out, err := h.Signin.Found(h.T.Context(), signin.FoundIn{
		FoundIn: team.FoundIn{
			Name: "Ceramiche Arno", Zone: "Europe/Rome", Locale: "it", OwnerName: "Olga Arno", OwnerEmail: OwnerEmail,
		},
		Password: Password, Setup: setup, Visitor: visitor,
	})
	h.must(err)
	m, err := h.Team.MemberByEmail(h.T.Context(), OwnerEmail)
	h.must(err)
	h.Company, err = h.Team.Company(h.T.Context(), m.Company)
	h.must(err)
	h.Owner = Person{Member: m, Token: out.Token, Client: h.Browser(out.Token)}
}

var visitor = signin.Visitor{RemoteAddr: "127.0.0.1", UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}

// Add makes a member with a password and signs them in.
func (h *House) Add(role team.Role, email, name string) Person {
	h.T.Helper()
	ctx := h.T.Context()
	m, link, err := h.Signin.Add(ctx, team.Command(h.Company.ID), team.AddMemberIn{Email: email, Name: name, Role: role})
	h.must(err)
	_, err = h.Signin.UseLink(ctx, signin.UseLinkIn{Token: link, Password: Password, Visitor: visitor})
	h.must(err)
	return h.SignIn(m.Email)
}

// SignIn opens one more session of a member.
func (h *House) SignIn(email string) Person {
	h.T.Helper()
	out, err := h.Signin.SignIn(h.T.Context(), signin.SignInIn{Email: email, Password: Password, Visitor: visitor})
	h.must(err)
	m, err := h.Team.MemberByEmail(h.T.Context(), email)
	h.must(err)
	return Person{Member: m, Token: out.Token, Client: h.Browser(out.Token)}
}

// Browser is a client that carries a session, or nobody's with "".
func (h *House) Browser(token string) *http.Client {
	h.T.Helper()
	jar, err := cookiejar.New(nil)
	h.must(err)
	if token != "" {
		u, err := url.Parse(h.URL())
		h.must(err)
		jar.SetCookies(u, []*http.Cookie{{Name: "ponte", Value: token, Path: "/"}})
	}
	return &http.Client{
		Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Lite tells that the house stands on SQLite.
func (h *House) Lite() bool { return h.Store.Dialect() == store.SQLite }

func (h *House) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}
