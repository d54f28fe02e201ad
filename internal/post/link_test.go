package post_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// site is a place on the web that behaves as it is told.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	pages map[string]http.HandlerFunc
	asked []string
}

func newSite(t *testing.T) *site {
	s := &site{pages: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.RequestURI())
		page := s.pages[r.URL.Path]
		s.mu.Unlock()
		if page == nil {
			http.NotFound(w, r)
			return
		}
		page(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) says(path string, f http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = f
}

// page is a page with a card.
func (s *site) page(path, title, description, picture string) {
	s.says(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<meta property="og:title" content="%s"><meta property="og:description" content="%s"><meta property="og:image" content="%s">`, title, description, picture)
	})
}

func (s *site) file(path, kind string, b []byte) {
	s.says(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(b)
	})
}

// times tells how often a page was asked for.
func (s *site) times(path string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if at, _, _ := strings.Cut(a, "?"); at == path {
			n++
		}
	}
	return n
}

// linked is a house whose network shows cards as Bluesky does, and which reads links on this machine.
func linked(t *testing.T, wait time.Duration) *housetest.House {
	return linkedOn(t, storetest.SQLite(t), wait)
}

func linkedOn(t *testing.T, s *store.Store, wait time.Duration) *housetest.House {
	return housetest.New(t, s, housetest.Options{
		Fake: networktest.FakeOptions{Network: network.Bluesky}, LinkWait: wait,
		Files: fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback, Resolver: &net.Resolver{
			PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("there is no such name")
			},
		}}),
	})
}

// asked lists the links that wait to be asked for, and asks for them as the workers do.
func asked(t *testing.T, h *housetest.House) (all []string) {
	t.Helper()
	err := h.Store.Read(t.Context()).NewSelect().Table("post_link").Column("address").Where("read_at IS NULL OR read_at < asked_at").Order("address").Scan(t.Context(), &all)
	ok(t, err)
	jobs, err := h.Store.Read(t.Context()).NewSelect().Table("river_job").Where("kind = 'post.link'").Count(t.Context())
	ok(t, err)
	if int(jobs) < len(all) {
		t.Fatalf("%d jobs for %q", jobs, all)
	}
	for _, address := range all {
		ok(t, h.Posts.ReadLink(t.Context(), h.Company.ID, address))
	}
	return all
}

func save(t *testing.T, h *housetest.House, x post.Post, text string) post.Post {
	t.Helper()
	m := x.Message
	m.Text = text
	return must[post.Post](t)(h.Posts.SaveDraft(t.Context(), h.Actor(team.Owner), post.SaveIn{Post: x.ID, Version: x.Version, Message: m, Channels: []network.ChannelID{h.Channel.ID}}))
}

func noted(v post.Variant, key string) bool {
	for _, n := range v.Fitted.Notes {
		if n.Key == key {
			return true
		}
	}
	return false
}

func advised(f post.File, key string) string {
	for _, a := range f.Advice {
		if a.Key == key {
			return f.Post.Message.Text[a.Start:a.End]
		}
	}
	return ""
}

// What a page says about itself is read once, off the way of who writes, shown in the preview, and goes out as it was approved.
func TestACardShowsWhatItsPageSays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := linked(t, 0)
	s.page("/forno", "Il forno &egrave; aperto", "Sabato, dalle nove", "/vaso.jpg")
	s.file("/vaso.jpg", "image/jpeg", jpegOf(t, halves(3000, 1500, 0), 90))
	address := s.URL + "/forno"
	x := write(t, h, post.Message{Text: "Vieni: " + address + " !", Campaign: "apertura"}, h.Channel.ID)
	before := file(t, h, x.ID).Variants[0]
	if len(s.asked) != 0 || before.Contents[0].Shown != nil || !noted(before, "post.card.waiting") {
		t.Errorf("%q %+v %+v", s.asked, before.Contents[0].Shown, before.Fitted.Notes)
	}
	if got := asked(t, h); !slices.Equal(got, []string{address}) || s.times("/forno") != 1 || slices.Contains(s.asked, "/forno?utm_source=bluesky") {
		t.Fatalf("%q, %q", got, s.asked)
	}
	c := file(t, h, x.ID).Variants[0].Contents[0]
	if c.Shown == nil || c.Shown.Title != "Il forno è aperto" || c.Shown.Description != "Sabato, dalle nove" || c.Shown.Picture == "" || !strings.Contains(c.Card, "utm_campaign=apertura") {
		t.Fatalf("%+v", c)
	}
	x = at(t, h, x, "2026-03-02T11:00")
	// The page changes afterwards, and is read again for another post: what was approved stays.
	s.page("/forno", "Altro", "Altro", "/manca.jpg")
	h.Clock.Advance(6 * time.Minute)
	other := write(t, h, post.Message{Text: "Ancora: " + address}, h.Channel.ID)
	if got := asked(t, h); len(got) != 1 || s.times("/forno") != 2 {
		t.Fatalf("%q", got)
	}
	if got := file(t, h, other.ID).Variants[0].Contents[0].Shown; got == nil || got.Title != "Altro" || got.Picture != "" {
		t.Errorf("%+v", got)
	}
	h.Clock.Set(x.DueAt)
	work(t, h, 0)
	all := h.Fake.Attempts()
	if len(all) != 1 || all[0].Card == nil {
		t.Fatalf("%+v", all)
	}
	card := all[0].Card
	if card.Title != "Il forno è aperto" || card.Description != "Sabato, dalle nove" || card.URL != c.Card || card.Image == nil {
		t.Fatalf("%+v", card)
	}
	if img, b := carried(t, *card.Image); img.Bounds().Dx() != 1200 || len(b) > 1_000_000 || hue(img, 0.2, 0.5) != "r" {
		t.Errorf("%v, %d bytes", img.Bounds(), len(b))
	}
}

// A link is not asked for again within some minutes, however often it is saved, and is while somebody writes longer than that.
func TestALinkIsAskedForSeldom(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := linked(t, 0)
	x := write(t, h, post.Message{Text: "Vedi " + s.URL + "/manca"}, h.Channel.ID)
	asked(t, h)
	for i := range 4 {
		x = save(t, h, x, fmt.Sprintf("Vedi %s/manca, e ancora %d", s.URL, i))
		must[[]team.MemberID](t)(h.Posts.Touch(t.Context(), h.Actor(team.Owner), x.ID))
		if got := asked(t, h); len(got) != 0 {
			t.Errorf("asked again: %q", got)
		}
		h.Clock.Advance(time.Minute)
	}
	f := file(t, h, x.ID)
	if got := advised(f, "post.link.gone"); got != s.URL+"/manca" {
		t.Errorf("%q: %+v", got, f.Advice)
	}
	if !noted(f.Variants[0], "post.card.failed") || f.Variants[0].Contents[0].Card == "" {
		t.Errorf("%+v", f.Variants[0].Fitted.Notes)
	}
	s.page("/manca", "Adesso c’è", "", "")
	h.Clock.Advance(2 * time.Minute)
	must[[]team.MemberID](t)(h.Posts.Touch(t.Context(), h.Actor(team.Owner), x.ID))
	if got := asked(t, h); len(got) != 1 {
		t.Errorf("asked for %q", got)
	}
	f = file(t, h, x.ID)
	if advised(f, "post.link.gone") != "" || f.Variants[0].Contents[0].Shown == nil {
		t.Errorf("it answers now: %+v", f.Advice)
	}
	// The same job again does nothing.
	n := s.times("/manca")
	ok(t, h.Posts.ReadLink(t.Context(), h.Company.ID, s.URL+"/manca"))
	ok(t, h.Posts.ReadLink(t.Context(), h.Company.ID, s.URL+"/mai-scritto"))
	if s.times("/manca") != n || s.times("/mai-scritto") != 0 {
		t.Errorf("%q", s.asked)
	}
}

// Whatever a link does, it never stands in the way: it is a warning, and the card goes with the address alone.
func TestALinkThatMisbehaves(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := linked(t, 600*time.Millisecond)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	secret := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secret.Close)
	s.says("/guasto", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	s.says("/vecchio", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	s.says("/chiuso", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	s.says("/lento", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s.says("/goccia", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		for r.Context().Err() == nil {
			fmt.Fprint(w, "<p>")
			w.(http.Flusher).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	})
	s.says("/giro", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/giro", http.StatusFound) })
	s.says("/dentro", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/chiavi", http.StatusFound)
	})
	s.says("/enorme", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<title>Enorme</title><body>")
		for n := 0; r.Context().Err() == nil && n < 64<<20; n += 3000 {
			if _, err := w.Write([]byte(strings.Repeat("<p>", 1000))); err != nil {
				return
			}
		}
	})
	s.file("/listino.pdf", "application/pdf", []byte("%PDF-1.7 <title>no</title>"))
	s.file("/latino", "text/html; charset=utf-8", []byte("<title>Perch\xe9</title>"))
	s.page("/immagine-rotta", "Con titolo", "", "/non-immagine.jpg")
	s.file("/non-immagine.jpg", "image/jpeg", []byte("<html>"))
	s.page("/immagine-dentro", "Con titolo", "", "http://10.0.0.1/vaso.jpg")
	s.page("/immagine-enorme", "Con titolo", "", "/enorme.jpg")
	s.file("/enorme.jpg", "image/jpeg", append(jpegOf(t, halves(100, 100, 0), 90), make([]byte, 9<<20)...))
	for _, c := range []struct {
		address, advice, note, title string
	}{
		{s.URL + "/manca", "post.link.gone", "post.card.failed", ""},
		{s.URL + "/vecchio", "post.link.gone", "post.card.failed", ""},
		{s.URL + "/guasto", "post.link.failing", "post.card.failed", ""},
		{s.URL + "/chiuso", "", "post.card.bare", ""},
		{s.URL + "/lento", "post.link.silent", "post.card.failed", ""},
		{s.URL + "/goccia", "post.link.silent", "post.card.failed", ""},
		{s.URL + "/giro", "post.link.loop", "post.card.failed", ""},
		{s.URL + "/dentro", "post.link.inside", "post.card.failed", ""},
		{"http://10.1.2.3/", "post.link.inside", "post.card.failed", ""},
		{closed.URL, "post.link.closed", "post.card.failed", ""},
		{secret.URL, "post.link.closed", "post.card.failed", ""},
		{"https://nonesuch.example.com/x", "post.link.nowhere", "post.card.failed", ""},
		{s.URL + "/enorme", "", "", "Enorme"},
		{s.URL + "/listino.pdf", "", "post.card.bare", ""},
		{s.URL + "/latino", "", "", "Perch\ufffd"},
		{s.URL + "/immagine-rotta", "", "", "Con titolo"},
		{s.URL + "/immagine-dentro", "", "", "Con titolo"},
		{s.URL + "/immagine-enorme", "", "", "Con titolo"},
	} {
		x := write(t, h, post.Message{Text: "Vedi qui: " + c.address}, h.Channel.ID)
		if got := asked(t, h); !slices.Equal(got, []string{c.address}) {
			t.Fatalf("%s: asked for %q", c.address, got)
		}
		f := file(t, h, x.ID)
		if got := advised(f, c.advice); c.advice != "" && got != c.address {
			t.Errorf("%s: %q: %+v", c.address, got, f.Advice)
		}
		for _, a := range f.Advice {
			if strings.HasPrefix(a.Key, "post.link.") && a.Key != c.advice {
				t.Errorf("%s: %s", c.address, a.Key)
			}
		}
		v := f.Variants[0]
		if c.note != "" && !noted(v, c.note) {
			t.Errorf("%s: %+v", c.address, v.Fitted.Notes)
		}
		if shown := v.Contents[0].Shown; (shown != nil) != (c.title != "") || shown != nil && (shown.Title != c.title || shown.Picture != "") {
			t.Errorf("%s: %+v", c.address, shown)
		}
		now(t, h, x)
		work(t, h, 0)
		all := h.Fake.Attempts()
		if card := all[len(all)-1].Card; card == nil || card.URL != c.address || card.Title == "" || card.Image != nil {
			t.Errorf("%s: %+v", c.address, card)
		}
	}
}

// Links that are not whole, of the sample company, or too many are not asked for; a signature's is.
func TestWhichLinksAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := linked(t, 0)
	write(t, h, post.Message{Text: "https://exampl e https://a:b@example.org/ e scrivi a noi@example.org"}, h.Channel.ID)
	if got := asked(t, h); len(got) != 0 {
		t.Errorf("%q", got)
	}
	var many strings.Builder
	for i := range 30 {
		fmt.Fprintf(&many, "%s/%d ", s.URL, i)
	}
	write(t, h, post.Message{Text: many.String()}, h.Channel.ID)
	if got := asked(t, h); len(got) != 10 {
		t.Errorf("%d are asked for", len(got))
	}
	ok(t, h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewUpdate().Table("company").Set("sample = ?", true).Where("id = ?", h.Company.ID).Exec(ctx)
		return err
	}))
	write(t, h, post.Message{Text: s.URL + "/finta"}, h.Channel.ID)
	if got := asked(t, h); len(got) != 0 {
		t.Errorf("the sample company asks for %q", got)
	}
}
