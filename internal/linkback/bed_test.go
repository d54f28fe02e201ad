package linkback_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// web is the rest of the web: pages by address, and what they were asked.
type web struct {
	mu    sync.Mutex
	pages map[string]http.HandlerFunc
	asked []string // "POST https://b.example/wm source=..."
	down  map[string]error
}

// Do implements mention.Doer.
func (w *web) Do(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
	}
	u := *r.URL
	u.RawQuery = ""
	w.mu.Lock()
	w.asked = append(w.asked, r.Method+" "+r.URL.String()+" "+body)
	f, err := w.pages[u.String()], w.down[u.Host]
	w.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if f == nil {
		f = http.NotFound
	}
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(strings.NewReader(body))
	rec := httptest.NewRecorder()
	f(rec, in)
	res := rec.Result()
	res.Request = r
	return res, nil
}

func (w *web) put(address string, f http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[address] = f
}

func (w *web) html(address, body string, headers ...string) {
	w.put(address, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			rw.Header().Add(name, value)
		}
		_, _ = rw.Write([]byte(body))
	})
}

func (w *web) status(address string, status int) {
	w.put(address, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
}

// posts gives the bodies of what was sent to an address since the last time.
func (w *web) posts(address string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out, rest []string
	for _, a := range w.asked {
		if body, ok := strings.CutPrefix(a, "POST "+address+" "); ok {
			out = append(out, body)
		} else {
			rest = append(rest, a)
		}
	}
	w.asked = rest
	return out
}

const (
	site   = "https://arno.example"
	vases  = site + "/vasi"
	source = "https://ada.example/note/1"
)

type bed struct {
	*housetest.House
	web *web
	t   *testing.T
}

func newBed(t *testing.T, s *store.Store) *bed {
	t.Helper()
	w := &web{pages: map[string]http.HandlerFunc{}, down: map[string]error{}}
	h := housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{Network: network.Site, URL: site}, Pages: w})
	w.html(vases, "<h1>Vasi</h1>")
	return &bed{House: h, web: w, t: t}
}

func eachStore(t *testing.T, f func(t *testing.T, b *bed)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, newBed(t, s)) })
}

// tell tells the site of a page by a way.
func (b *bed) tell(source, target string, p mention.Protocol) linkback.Mention {
	b.t.Helper()
	m, err := b.Linkbacks.Tell(b.t.Context(), linkback.ToldIn{Channel: b.Channel.ID, Source: source, Target: target, Protocol: p})
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// check looks at a mention until it is settled, moving the clock through pauses.
func (b *bed) check(m linkback.Mention) linkback.Mention {
	b.t.Helper()
	for range 20 {
		again, err := b.Linkbacks.Check(b.t.Context(), m.Company, m.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		if again == 0 {
			break
		}
		b.Clock.Advance(again)
	}
	got, err := b.Linkbacks.Status(b.t.Context(), m.Channel, m.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

// interaction gives what became of a mention, false when nothing did.
func (b *bed) interaction(m linkback.Mention) (inbox.Interaction, bool) {
	b.t.Helper()
	got, err := b.Inbox.InteractionsOn(b.t.Context(), m.Company, m.Channel, []string{m.RemoteID})
	if err != nil {
		b.t.Fatal(err)
	}
	i, ok := got[m.RemoteID]
	return i, ok
}

func (b *bed) wall(target string) linkback.Wall {
	b.t.Helper()
	w, err := b.Linkbacks.Wall(b.t.Context(), b.Channel.ID, target)
	if err != nil {
		b.t.Fatal(err)
	}
	return w
}

// publish has the channel bring an article of ours.
func (b *bed) publish(id, address, html string, gone bool) {
	b.t.Helper()
	b.Clock.Advance(time.Minute)
	it := network.Item{RemoteID: id, Kind: network.KindPost, Mine: true, URL: address, Text: "Un articolo\n\nTesto", HTML: html, At: b.Clock.Now(), Version: html, Deleted: gone, Visibility: network.Public}
	if _, err := b.Networks.Ingest(b.t.Context(), b.Channel, network.Page{Items: []network.Item{it}}); err != nil {
		b.t.Fatal(err)
	}
}

// send takes every sending on until nothing waits, and gives them by target.
func (b *bed) send() map[string]linkback.Sending {
	b.t.Helper()
	list := func() []linkback.Sending {
		l, err := b.Linkbacks.Sendings(b.t.Context(), b.Actor(team.Owner), linkback.SendingFilter{Limit: 200})
		if err != nil {
			b.t.Fatal(err)
		}
		return l.Sendings
	}
	for _, s := range list() {
		for range 20 {
			again, err := b.Linkbacks.Step(b.t.Context(), s.Company, s.ID)
			if err != nil {
				b.t.Fatal(err)
			}
			if again == 0 {
				break
			}
			b.Clock.Advance(again)
		}
	}
	out := map[string]linkback.Sending{}
	for _, s := range list() {
		out[s.Target] = s
	}
	return out
}

func form(t *testing.T, body string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var errDown = errors.New("connection refused")
