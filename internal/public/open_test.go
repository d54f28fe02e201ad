package public_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"

// opens is the door with tracked links behind it, and what it wrote into the log.
type opens struct {
	*teamtest.Bed
	t     *testing.T
	links *link.Links
	mux   *http.ServeMux
	log   *bytes.Buffer
}

func opened(t *testing.T, s *store.Store) *opens {
	t.Helper()
	o := &opens{Bed: teamtest.New(t, s), t: t, mux: http.NewServeMux(), log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.links = link.New(link.Rooms{Store: s, Clock: o.Clock, Team: o.Team, Log: log, BaseURL: func() string { return base }})
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := public.New(public.Rooms{Team: o.Team, Links: o.links, Clock: o.Clock, Catalog: catalog, Log: log, Growth: fresh(o.Company)}, public.Options{BaseURL: base})
	if err != nil {
		t.Fatal(err)
	}
	p.Mount(o.mux)
	return o
}

func (o *opens) make(in link.In) link.Link {
	o.t.Helper()
	x, err := o.links.Create(o.t.Context(), o.Actor(team.Marketing), in)
	if err != nil {
		o.t.Fatal(err)
	}
	return x
}

func (o *opens) ask(method, path string, form url.Values, head ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	r := httptest.NewRequest(method, base+path, strings.NewReader(form.Encode()))
	r.RemoteAddr = "198.51.100.77:4711"
	r.Header.Set("User-Agent", firefox)
	r.Header.Set("Accept-Language", "it")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	return w
}

func (o *opens) sum(x link.Link) link.Sum {
	o.t.Helper()
	if err := o.links.Flush(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	r, err := o.links.Visits(o.t.Context(), o.Actor(team.Owner), x.ID, 7)
	if err != nil {
		o.t.Fatal(err)
	}
	return r.Sum
}

func TestALinkLeadsOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := opened(t, s)
		x := o.make(link.In{Target: "https://example.org/offerta", Source: "volantino", Code: "offerta"})
		w := o.ask("GET", "/l/offerta", nil)
		if w.Code != http.StatusFound || w.Header().Get("Location") != "https://example.org/offerta?utm_source=volantino" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Set-Cookie") != "" || w.Body.Len() != 0 {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		o.ask("GET", "/L/OFFERTA", nil)
		o.ask("GET", "/l/Offerta/", nil)
		o.ask("HEAD", "/l/offerta", nil)
		o.ask("GET", "/l/offerta", nil, "User-Agent", "facebookexternalhit/1.1")
		o.ask("GET", "/l/offerta", nil, "User-Agent", "curl/8.9.1")
		if got := o.sum(x); got != (link.Sum{Visits: 3, Visitors: 1, Bots: 1, Previews: 2}) {
			t.Errorf("%+v", got)
		}
		r, err := o.links.Visits(t.Context(), o.Actor(team.Owner), x.ID, 1)
		if err != nil || len(r.Sources) != 2 || r.Sources[1].Referrer != link.FromQR {
			t.Errorf("%+v %v", r.Sources, err)
		}
		for _, path := range []string{"/l/nessuno", "/l/", "/l/a/b", "/l/%00", "/L/NESSUNO", "/l/" + strings.Repeat("x", 300)} {
			if w := o.ask("GET", path, nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "Questo collegamento non esiste") {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
		if w := o.ask("DELETE", "/l/offerta", nil); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%d", w.Code)
		}
		// A page of the house knows the visit, for as long as it is open; who asks not to be followed is not known there either.
		o.make(link.In{Target: base + "/f/preventivo#modulo", Code: "preventivo"})
		if at := o.ask("GET", "/l/preventivo", nil).Header().Get("Location"); !strings.HasPrefix(at, base+"/f/preventivo?ponte=") || !strings.HasSuffix(at, "#modulo") {
			t.Error(at)
		}
		if at := o.ask("GET", "/l/preventivo", nil, "Sec-GPC", "1").Header().Get("Location"); at != base+"/f/preventivo#modulo" {
			t.Error(at)
		}
		end := o.make(link.In{Target: "https://example.org/", Code: "fiera", ExpiresAt: o.Clock.Now().Add(time.Hour)})
		if w := o.ask("GET", "/l/fiera", nil); w.Code != http.StatusFound {
			t.Error(w.Code)
		}
		o.Clock.Advance(time.Hour)
		if w := o.ask("GET", "/l/fiera", nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "Questo collegamento è finito") {
			t.Error(w.Code)
		}
		if got := o.sum(end); got.Visits != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestALockedLinkAsks(t *testing.T) {
	t.Parallel()
	o := opened(t, storetest.SQLite(t))
	x := o.make(link.In{Target: "https://example.org/listino", Code: "listino", Password: "ciao"})
	if w := o.ask("GET", "/l/listino", nil); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "example.org/listino") || !strings.Contains(w.Body.String(), "chiede una password") {
		t.Fatalf("%d", w.Code)
	}
	if w := o.ask("POST", "/l/listino", url.Values{"password": {"no"}}); w.Code != http.StatusUnprocessableEntity || w.Header().Get("Location") != "" {
		t.Errorf("%d", w.Code)
	}
	if w := o.ask("POST", "/l/listino", url.Values{"password": {"ciao"}}, "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("from elsewhere: %d", w.Code)
	}
	if got := o.sum(x); got != (link.Sum{}) {
		t.Errorf("who does not know the password counts: %+v", got)
	}
	if w := o.ask("POST", "/l/listino", url.Values{"password": {"ciao"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://example.org/listino" {
		t.Errorf("%d", w.Code)
	}
	if got := o.sum(x); got.Visits != 1 {
		t.Errorf("%+v", got)
	}
	tries := 0
	for ; tries < 50; tries++ {
		if w := o.ask("POST", "/l/listino", url.Values{"password": {"no"}}); w.Code == http.StatusTooManyRequests {
			break
		}
	}
	if tries == 50 {
		t.Error("a password may be tried for ever")
	}
}

// Nothing in the database or the log leads from a visit to an address, a browser's name or a page.
func TestNothingLeadsBackToAPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := opened(t, s)
		x := o.make(link.In{Target: "https://example.org/", Code: "prova"})
		o.ask("GET", "/l/prova", nil, "Referer", "https://social.example/@zqxjzq/private?token=zqxjzq", "Cookie", "id=zqxjzq", "X-Forwarded-For", "203.0.113.199", "User-Agent", firefox+" zqxjzq")
		if got := o.sum(x); got.Visits != 1 {
			t.Fatalf("%+v", got)
		}
		said := o.log.String()
		tables, err := s.Tables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		looked := 0
		for _, table := range tables {
			if !strings.HasPrefix(table.Name, "link") {
				continue
			}
			looked++
			var columns []string
			for _, c := range table.Columns {
				columns = append(columns, "coalesce(CAST("+c.Name+" AS TEXT), '')")
			}
			var rows []string
			if err := s.Read(t.Context()).NewRaw("SELECT "+strings.Join(columns, " || ' ' || ")+" FROM "+table.Name).Scan(t.Context(), &rows); err != nil {
				t.Fatal(err)
			}
			said += strings.Join(rows, "\n")
		}
		for _, secret := range []string{"198.51.100", "203.0.113", "4711", "zqxjzq", "Firefox", "Gecko", "private", "token"} {
			if strings.Contains(said, secret) {
				t.Errorf("%q is kept", secret)
			}
		}
		if looked < 6 || !strings.Contains(said, "social.example") {
			t.Error("the test has gone blind: the host of the referrer is kept")
		}
	})
}

// A number and an address are shown with a key to press; opening the page is the visit, and looking ahead is none.
func TestALinkToANumber(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := opened(t, s)
		call := o.make(link.In{Target: "tel:+39055123456", Title: "prova interna"})
		got := o.ask(http.MethodGet, "/l/"+call.Code, nil)
		for _, want := range []string{"Chiama " + o.Company.Name, `href="tel:+39055123456"`, "+39055123456"} {
			if !strings.Contains(got.Body.String(), want) {
				t.Errorf("no %q", want)
			}
		}
		if got.Code != http.StatusOK || got.Header().Get("Cache-Control") != "no-store" || got.Header().Get("X-Robots-Tag") != "noindex" || strings.Contains(got.Body.String(), "prova interna") {
			t.Errorf("%d %v", got.Code, got.Header())
		}
		o.ask(http.MethodHead, "/l/"+call.Code, nil)
		if sum := o.sum(call); sum.Visits != 1 || sum.Previews+sum.Bots != 1 {
			t.Errorf("%+v", sum)
		}
		letter := o.make(link.In{Target: "mailto:info@arno.example?subject=Visita", Password: "argilla"})
		at := "/l/" + letter.Code
		if got := o.ask(http.MethodGet, at, nil).Body.String(); strings.Contains(got, "info@arno") {
			t.Error("the address is shown before the password")
		}
		got = o.ask(http.MethodPost, at, url.Values{"password": {"argilla"}})
		if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `href="mailto:info@arno.example?subject=Visita"`) || !strings.Contains(got.Body.String(), ">info@arno.example<") {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		if sum := o.sum(letter); sum.Visits != 1 {
			t.Errorf("%+v", sum)
		}
	})
}
