package web_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/team"
)

// plantLinks makes links with a month of visits and gives the first one's id.
func plantLinks(t testing.TB, links *link.Links, actor team.Actor, c *clock.Manual) string {
	t.Helper()
	now := c.Now()
	defer c.Set(now)
	c.Set(now.AddDate(0, 0, -30))
	var first link.Link
	for i, in := range []link.In{
		{Target: "https://www.example.org/corsi", Title: "Volantino dei corsi d’autunno", Channel: "print", Campaign: "Corsi d’autunno", Source: "volantino", Tags: []string{"carta"}, Password: "ciao", ExpiresAt: now.AddDate(0, 1, 0), Languages: link.Targets{"en": "https://www.example.org/en"}},
		{Target: "https://www.example.org/visita", Title: "Vetrina di via dei Forni", Channel: "window", Code: "vetrina"},
		{Target: "https://www.example.org/prova", Title: "Spot alla radio", Channel: "radio", Say: true, Campaign: "Corsi d’autunno"},
	} {
		x, err := links.Create(t.Context(), actor, in)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = x
			if _, err := links.Change(t.Context(), actor, x.ID, link.In{Target: "https://www.example.org/corsi-nuovi", Title: in.Title, Channel: in.Channel, Campaign: in.Campaign, Source: in.Source, Tags: in.Tags, ExpiresAt: in.ExpiresAt, Languages: in.Languages}); err != nil {
				t.Fatal(err)
			}
		}
		w, err := links.Find(t.Context(), x.Code)
		if err != nil {
			t.Fatal(err)
		}
		for day := range 30 {
			c.Set(now.AddDate(0, 0, day-29).Add(-time.Hour))
			for n := range (day*7+i*3)%11 + 1 {
				s := link.Seen{Kind: link.Person, Device: link.Device(n % 4), Language: "it", Referrer: []string{"", link.FromQR, "instagram.com"}[n%3]}
				switch n {
				case 4:
					s = link.Seen{Kind: link.Preview, Why: link.WhyNetwork}
				case 5:
					s = link.Seen{Kind: link.Bot, Why: link.WhyAgent}
				case 6:
					s = link.Seen{Kind: link.Person, Private: true, Why: link.WhyAsked}
				}
				links.Note(w, s.As(strconv.Itoa(n), ""))
			}
		}
		c.Set(now.AddDate(0, 0, -30))
	}
	if err := links.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return string(first.ID)
}

func TestLinksOnThePages(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		for _, role := range team.Roles {
			if got := h.as(role).get("/results/links"); (got.status == http.StatusOK) != role.Can(team.LinksRead) {
				t.Errorf("%s: %d", role, got.status)
			}
			if got := h.as(role).get("/results/links/new"); (got.status == http.StatusOK) != role.Can(team.LinksManage) {
				t.Errorf("%s: %d", role, got.status)
			}
		}
		who := h.as(team.Marketing)
		fine := func(path string, wants ...string) string {
			t.Helper()
			got := who.get(path)
			if got.status != http.StatusOK || marker.MatchString(got.body) {
				t.Fatalf("%s: %d %s", path, got.status, marker.FindString(got.body))
			}
			for _, want := range wants {
				if !strings.Contains(got.body, want) {
					t.Errorf("%s does not show %q", path, want)
				}
			}
			return got.body
		}
		fine("/results/links", "Ancora nessun collegamento")
		got := who.post("/results/links/new", "target", "ftp://x", "title", "Volantino", "how", "own", "code", "Primavera")
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `value="Volantino"`) || !strings.Contains(got.body, `value="Primavera"`) || marker.MatchString(got.body) {
			t.Fatalf("what was typed is lost: %d", got.status)
		}
		got = who.post("/results/links/new", "target", "https://example.org/?utm_source=carta", "title", "Volantino", "how", "own", "code", "Primavera", "languages", "en https://example.org/en", "expires", "2027-01-31")
		if got.status != http.StatusSeeOther {
			t.Fatalf("%d", got.status)
		}
		path := got.header.Get("Location")
		fine(path, "/l/primavera", "utm_source=carta", "2027", `class="qr"`, "Ponte l’ha letto")
		fine(path+"/edit", `value="carta"`, "en https://example.org/en", `value="2027-01-31"`)
		for suffix, kind := range map[string]string{"/qr.svg": "image/svg+xml", "/qr.png?level=h&dark=%23185063": "image/png", "/qr.pdf?per=24": "application/pdf"} {
			if got := who.get(path + suffix); got.status != http.StatusOK || got.header.Get("Content-Type") != kind {
				t.Errorf("%s: %d %s", suffix, got.status, got.header.Get("Content-Type"))
			}
		}
		if got := who.get(path + "/qr.svg?dark=%23dddddd"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("a code that nobody can read: %d", got.status)
		}
		if body := fine(path + "?dark=%23dddddd"); strings.Contains(body, `class="qr"`) || !strings.Contains(body, "contrasto") {
			t.Error("the page shows a code that nobody can read")
		}
		if got := who.post(path+"/edit", "target", "https://example.org/nuova", "title", "Volantino"); got.status != http.StatusSeeOther {
			t.Fatalf("%d", got.status)
		}
		fine(path, "Dove portava prima", "example.org/nuova")
		id, err := link.ParseID(strings.TrimPrefix(path, "/results/links/"))
		h.ok(err)
		w, err := h.Links.Find(t.Context(), "primavera")
		h.ok(err)
		r := httptest.NewRequest(http.MethodGet, "/L/PRIMAVERA", nil)
		r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0")
		h.Links.Note(w, h.Links.Recognise(r, "198.51.100.7"))
		h.ok(h.Links.Flush(t.Context()))
		fine("/results/links", "Volantino", "1 visita in 28 giorni", "/l/primavera")
		fine("/results/links?q=volant", "Volantino")
		if body := fine("/results/links?q=niente"); strings.Contains(body, "/l/primavera") {
			t.Error("a search finds what it does not look for")
		}
		fine(path+"/rows", "per la prima volta oggi", "Computer")
		if got := who.post(path+"/state", "to", "off"); got.status != http.StatusSeeOther {
			t.Errorf("%d", got.status)
		}
		fine("/results/links?state=off", "finito")
		if x, err := h.Links.Get(t.Context(), h.Actor(team.Owner), id); err != nil || x.State != link.Off {
			t.Error(x.State, err)
		}
		// A link to a number says what its visits are, and brings the lead that somebody writes down.
		call, err := h.Links.Create(t.Context(), h.Actor(team.Owner), link.In{Target: "+39 055 123456", Title: "Numero sul volantino", Channel: "print", Campaign: "Corsi"})
		h.ok(err)
		fine("/results/links/"+string(call.ID), "Numero aperto", "È diventato un contatto: scrivilo", "/leads/new?link="+call.Code)
		fine("/leads/new?link="+call.Code, "Numero sul volantino · Stampa", `name="link"`)
		if got := who.post("/leads", "name", "Ada", "phone", "", "link", call.Code); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Numero sul volantino") {
			t.Errorf("%d", got.status)
		}
		came := who.post("/leads", "name", "Ada", "phone", "055 654321", "link", call.Code)
		fine(came.to, "Stampa", "Corsi")
		fine("/results", "Numeri, mail, chat e strade", "Contatti scritti da lì")
		fine("/results/links/table", "destinazione")
		got = who.post("/results/links/table", "table", "target\nhttps://example.org/a\nftp://b\n")
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "un numero di telefono o a un indirizzo di posta") || marker.MatchString(got.body) {
			t.Errorf("%d", got.status)
		}
		got = who.post("/results/links/table", "table", "target,title\nhttps://example.org/a,Alfa\n")
		if got.status != http.StatusOK || !strings.Contains(got.body, "Alfa") || marker.MatchString(got.body) {
			t.Errorf("%d", got.status)
		}
		if got = who.post("/results/links/table", "table", "target,title\nhttps://example.org/a,Alfa\n", "do", "1"); got.status != http.StatusSeeOther {
			t.Errorf("%d", got.status)
		}
		fine("/results/links", "Alfa")
		if got := who.get("/results/links/export.csv"); got.status != http.StatusOK || !strings.Contains(got.body, "primavera") {
			t.Errorf("%d", got.status)
		}
		if got := who.post("/results/links/settings", "domain", "vai.esempio.it", "keep", "90"); got.status != http.StatusSeeOther {
			t.Errorf("%d", got.status)
		}
		fine("/results/links/settings", `value="https://vai.esempio.it"`, `value="90"`)
		if got := who.post("/results/links/settings", "domain", "a b", "keep", "1"); got.status != http.StatusUnprocessableEntity || marker.MatchString(got.body) {
			t.Errorf("%d", got.status)
		}
	})
}

// Where a link is used is typed and chosen in the reader's words.
func TestChannelsOfLinksInWords(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		owner := h.as(team.Owner)
		page := owner.get("/results/links/new")
		page.says(t, "the form", "stampa, radio, vetrina, pacco", `<option value="Stampa">`, `<option value="Vetrina">`)
		page.hides(t, "the form", `<option value="print">`, "window, parcel")
		for _, typed := range []string{"stampa", "Stampa ", "Print", "print"} {
			made := owner.post("/results/links/new", "target", "https://www.example.org/a", "channel", typed, "how", "short")
			if made.status != http.StatusSeeOther {
				t.Fatalf("%q: %d", typed, made.status)
			}
			id, err := link.ParseID(strings.TrimPrefix(made.to, "/results/links/"))
			h.ok(err)
			x, err := h.Links.Get(t.Context(), h.Actor(team.Owner), id)
			h.ok(err)
			if x.Channel != "print" {
				t.Errorf("%q is kept as %q", typed, x.Channel)
			}
			owner.get(made.to+"/edit").says(t, "changing it", `value="Stampa"`)
		}
	})
}
