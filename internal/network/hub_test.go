package network_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // some hubs sign with it
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/site"
	"github.com/ponte-desk/ponte/internal/network/site/sitetest"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// testHub is a WebSub hub that may misbehave. It reaches our callbacks through confirm and ring, as a door would hand them on.
type testHub struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	asked  []url.Values // what it was asked
	status int          // answered; 0: 202
	moved  string       // sends on to
	// confirm is called with each request before it is answered.
	confirm func(f url.Values)
}

func newHub(t *testing.T) *testHub {
	t.Helper()
	h := &testHub{t: t}
	h.Server = httptest.NewTLSServer(h)
	t.Cleanup(h.Close)
	return h
}

// ServeHTTP implements http.Handler.
func (h *testHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	h.asked = append(h.asked, r.PostForm)
	status, moved, confirm := h.status, h.moved, h.confirm
	h.mu.Unlock()
	if confirm != nil {
		confirm(r.PostForm)
	}
	switch {
	case moved != "":
		http.Redirect(w, r, moved, http.StatusTemporaryRedirect)
	case status != 0:
		w.WriteHeader(status)
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

func (h *testHub) set(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

// take gives what the hub was asked since the last time.
func (h *testHub) take() []url.Values {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.asked
	h.asked = nil
	return all
}

// hubBed is a company with a site whose feed names a hub.
type hubBed struct {
	*bed
	site *sitetest.Server
	hub  *testHub
	ch   network.Channel
	base string
}

func newHubBed(t *testing.T, s *store.Store, o sitetest.Options) *hubBed {
	t.Helper()
	b := &hubBed{bed: newBed(t, s, networktest.FakeOptions{}), hub: newHub(t), base: "https://ponte.example"}
	if o.Hub == "" {
		o.Hub = b.hub.URL + "/"
	}
	o.Now = b.Clock.Now
	b.site = sitetest.New(t, o)
	b.site.Write("Il forno", "<p>È arrivato.</p>")
	pool := b.hub.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	client := fetch.NewClient(fetch.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}})
	b.n = network.New(network.Rooms{
		Store: s, Clock: b.Clock, Team: b.Team, Seal: b.keys, Registry: network.NewRegistry(site.New(client, "Ponte/test", site.WithNow(b.Clock.Now))),
		Outside: func() string { return b.base },
	})
	b.n.SetReceiver(b.got)
	b.n.SetRandom(func() float64 { return 0.5 })
	b.ch = b.open(t)
	return b
}

// open connects the site by its feed.
func (b *hubBed) open(t *testing.T) network.Channel {
	t.Helper()
	c, err := b.n.Registry().Get(network.Site)
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.Discover(t.Context(), b.site.URL)
	if err != nil {
		t.Fatal(err)
	}
	ch, err := b.n.ConnectOpen(t.Context(), b.Actor(team.Owner), found)
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// read has the feed read once, as the watcher of the moment would.
func (b *hubBed) read(t *testing.T) {
	t.Helper()
	before := b.feedCalls()
	w := b.steps(t, b.n, b.ch)
	w.until(t, 20, func() bool {
		return b.feedCalls() > before && !w.PollAt().Equal(time.Time{}) && w.PollAt().After(b.Clock.Now())
	})
}

func (b *hubBed) feedCalls() int { return b.site.Calls("GET /feed/") }

func (b *hubBed) step(t *testing.T) []url.Values {
	t.Helper()
	if _, err := b.n.StepHubs(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b.hub.take()
}

// asks has the feed read, the hub asked, and gives what it was asked.
func (b *hubBed) asks(t *testing.T) url.Values {
	t.Helper()
	b.read(t)
	all := b.step(t)
	if len(all) != 1 || all[0].Get("hub.mode") != "subscribe" {
		t.Fatalf("the hub was asked %v", all)
	}
	return all[0]
}

func token(t *testing.T, f url.Values) string {
	t.Helper()
	tok, ok := strings.CutPrefix(f.Get("hub.callback"), "https://ponte.example"+network.HubPath)
	if !ok || len(tok) < 40 {
		t.Fatalf("callback %q", f.Get("hub.callback"))
	}
	return tok
}

// sure is the hub making sure that it was asked.
func (b *hubBed) sure(t *testing.T, f url.Values, lease string) error {
	t.Helper()
	got, err := b.n.ConfirmHub(t.Context(), token(t, f), network.HubQuery{Mode: f.Get("hub.mode"), Topic: f.Get("hub.topic"), Challenge: "c-4711", Lease: lease})
	if err == nil && got != "c-4711" {
		t.Fatalf("challenge %q", got)
	}
	return err
}

func sign(name string, make func() hash.Hash, secret, body string) string {
	m := hmac.New(make, []byte(secret))
	_, _ = io.WriteString(m, body)
	return name + "=" + hex.EncodeToString(m.Sum(nil))
}

func (b *hubBed) health(t *testing.T) network.HubHealth {
	t.Helper()
	return b.channel(t, b.ch.ID).Health.Hub
}

// line gives the key of what the channel's page says of its hub; "" when nothing.
func (b *hubBed) line(t *testing.T) string {
	t.Helper()
	for _, l := range b.channel(t, b.ch.ID).Lines(b.Clock.Now()) {
		if l.About == network.AboutHub {
			return l.Key
		}
	}
	return ""
}

func eachHub(t *testing.T, o sitetest.Options, f func(t *testing.T, b *hubBed)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, newHubBed(t, s, o)) })
}

const day = 24 * time.Hour

// TestAHubRings goes the whole way: found, asked, made sure, rung, renewed, and told to stop when the channel goes.
func TestAHubRings(t *testing.T) {
	t.Parallel()
	for _, header := range []bool{false, true} {
		t.Run("in the head "+strconv.FormatBool(header), func(t *testing.T) {
			t.Parallel()
			eachHub(t, sitetest.Options{NoWordPress: true, HubHeader: header}, func(t *testing.T, b *hubBed) {
				f := b.asks(t)
				topic := b.site.URL + "/feed/?topic=" + map[bool]string{false: "1", true: "2"}[header]
				if f.Get("hub.topic") != topic || f.Get("hub.lease_seconds") != "864000" || len(f.Get("hub.secret")) < 32 || len(f.Get("hub.secret")) >= 200 {
					t.Errorf("asked %v", f)
				}
				if got := b.health(t); got.State != network.HubAsked || got.Rings(b.Clock.Now()) || b.line(t) != "channel.line.hub.asked" {
					t.Errorf("before it made sure: %+v", got)
				}
				if err := b.sure(t, f, "432000"); err != nil {
					t.Fatal(err)
				}
				if got := b.health(t); !got.Rings(b.Clock.Now()) || !got.Until.Equal(b.Clock.Now().Add(5*day)) || b.line(t) != "channel.line.hub.on" {
					t.Errorf("after: %+v", got)
				}
				// Quiet: read once an hour.
				calls, end := b.feedCalls(), b.Clock.Now().Add(4*time.Hour)
				w := b.steps(t, b.n, b.ch)
				w.until(t, 5000, func() bool { return !b.Clock.Now().Before(end) })
				if got := b.feedCalls() - calls; got < 3 || got > 5 {
					t.Errorf("%d readings in four hours", got)
				}
				// Rung: read at once, and only the feed itself counts.
				b.site.Write("Il tornio", "<p>Gira.</p>")
				body := "<rss><channel><item><title>Bugia</title></item></channel></rss>"
				generation := b.n.Generation(t.Context(), b.ch.Company, b.ch.ID)
				rang, err := b.n.HubRang(t.Context(), token(t, f), sign("sha256", sha256.New, f.Get("hub.secret"), body), strings.NewReader(body))
				if err != nil || !rang {
					t.Fatal(rang, err)
				}
				if b.n.Generation(t.Context(), b.ch.Company, b.ch.ID) != generation+1 {
					t.Error("no other watcher was sent")
				}
				before := b.got.size()
				w = b.steps(t, b.n, b.ch)
				began := b.Clock.Now()
				w.until(t, 10, func() bool { return b.got.size() == before+1 })
				if took := b.Clock.Now().Sub(began); took > time.Second {
					t.Errorf("took %v", took)
				}
				// Before the promise ends it is asked for again, with the same address.
				if all := b.step(t); len(all) != 0 {
					t.Errorf("asked again at once: %v", all)
				}
				b.Clock.Set(b.health(t).Until.Add(-23 * time.Hour))
				again := b.step(t)
				if len(again) != 1 || again[0].Get("hub.callback") != f.Get("hub.callback") || again[0].Get("hub.mode") != "subscribe" {
					t.Fatalf("the renewal asked %v", again)
				}
				if err := b.sure(t, again[0], "432000"); err != nil {
					t.Fatal(err)
				}
				if got := b.health(t).Until; !got.Equal(b.Clock.Now().Add(5 * day)) {
					t.Errorf("renewed until %v", got)
				}
				// The channel goes, and the hub is told to stop.
				if _, err := b.n.Disconnect(t.Context(), b.Actor(team.Owner), b.ch.ID); err != nil {
					t.Fatal(err)
				}
				bye := b.step(t)
				if len(bye) != 1 || bye[0].Get("hub.mode") != "unsubscribe" || bye[0].Get("hub.topic") != topic || bye[0].Get("hub.callback") != f.Get("hub.callback") {
					t.Fatalf("told to stop: %v", bye)
				}
				if err := b.sure(t, f, ""); !errors.Is(err, network.ErrNoHub) {
					t.Errorf("it may go on: %v", err)
				}
				for range 2 { // also when its first answer was lost
					if err := b.sure(t, bye[0], ""); err != nil {
						t.Error(err)
					}
				}
				if _, err := b.n.HubRang(t.Context(), token(t, f), sign("sha256", sha256.New, f.Get("hub.secret"), body), strings.NewReader(body)); !errors.Is(err, network.ErrNoHub) {
					t.Errorf("it rings on: %v", err)
				}
				b.Clock.Advance(time.Hour)
				b.step(t)
				if n, err := b.n.StepHubs(t.Context()); n != 0 || err != nil {
					t.Errorf("%d left, %v", n, err)
				}
				if err := b.sure(t, bye[0], ""); !errors.Is(err, network.ErrNoHub) {
					t.Errorf("it is remembered for ever: %v", err)
				}
			})
		})
	}
}

// TestHubsThatMisbehave: whatever a hub or somebody who poses as one does, the feed is read as before, and the page says why.
func TestHubsThatMisbehave(t *testing.T) {
	t.Parallel()
	o := sitetest.Options{NoWordPress: true}
	t.Run("a stranger makes sure", func(t *testing.T) {
		t.Parallel()
		eachHub(t, o, func(t *testing.T, b *hubBed) {
			f := b.asks(t)
			topic := f.Get("hub.topic")
			for what, q := range map[string]network.HubQuery{
				"another feed":  {Mode: "subscribe", Topic: topic + "x", Challenge: "c"},
				"to stop":       {Mode: "unsubscribe", Topic: topic, Challenge: "c"},
				"no challenge":  {Mode: "subscribe", Topic: topic},
				"a huge one":    {Mode: "subscribe", Topic: topic, Challenge: strings.Repeat("c", 5000)},
				"nothing known": {Mode: "publish", Topic: topic, Challenge: "c"},
			} {
				if got, err := b.n.ConfirmHub(t.Context(), token(t, f), q); !errors.Is(err, network.ErrNoHub) || got != "" {
					t.Errorf("%s: %q, %v", what, got, err)
				}
			}
			if _, err := b.n.ConfirmHub(t.Context(), "guessed", network.HubQuery{Mode: "subscribe", Topic: topic, Challenge: "c"}); !errors.Is(err, network.ErrNoHub) {
				t.Errorf("another address: %v", err)
			}
			if _, err := b.n.HubRang(t.Context(), token(t, f), "", strings.NewReader("")); !errors.Is(err, network.ErrNoHub) {
				t.Errorf("it rings before it made sure: %v", err)
			}
			b.Clock.Advance(2 * day) // nobody asked lately
			if err := b.sure(t, f, "60"); !errors.Is(err, network.ErrNoHub) {
				t.Errorf("two days later: %v", err)
			}
		})
	})
	t.Run("wrong signatures", func(t *testing.T) {
		t.Parallel()
		eachHub(t, o, func(t *testing.T, b *hubBed) {
			f := b.asks(t)
			if err := b.sure(t, f, "864000"); err != nil {
				t.Fatal(err)
			}
			secret, body := f.Get("hub.secret"), "news"
			generation := b.n.Generation(t.Context(), b.ch.Company, b.ch.ID)
			for _, s := range []string{
				"", "sha256=", "sha256=00", "md5=" + hex.EncodeToString([]byte("x")), "sha256=nothex", sign("sha256", sha256.New, secret, body+"x"), sign("sha256", sha256.New, "other", body),
				sign("sha512", sha256.New, secret, body), strings.TrimPrefix(sign("sha256", sha256.New, secret, body), "sha256="),
			} {
				rang, err := b.n.HubRang(t.Context(), token(t, f), s, strings.NewReader(body))
				if rang || err != nil {
					t.Errorf("%q: %v, %v", s, rang, err)
				}
			}
			if got := b.n.Generation(t.Context(), b.ch.Company, b.ch.ID); got != generation {
				t.Errorf("a wrong signature had the feed read")
			}
			for name, make := range map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New} {
				if rang, err := b.n.HubRang(t.Context(), token(t, f), sign(name, make, secret, body), strings.NewReader(body)); !rang || err != nil {
					t.Errorf("%s: %v, %v", name, rang, err)
				}
			}
			// Four rings in a moment are one reading; what came after it is read later.
			if got := b.n.Generation(t.Context(), b.ch.Company, b.ch.ID); got != generation+1 {
				t.Errorf("%d watchers were sent", got-generation)
			}
		})
	})
	t.Run("never makes sure", func(t *testing.T) {
		t.Parallel()
		eachHub(t, o, func(t *testing.T, b *hubBed) {
			b.asks(t)
			if all := b.step(t); len(all) != 0 {
				t.Errorf("asked again at once: %v", all)
			}
			asked, end := 0, b.Clock.Now().Add(2*day)
			for b.Clock.Now().Before(end) {
				b.Clock.Advance(5 * time.Minute)
				asked += len(b.step(t))
			}
			if got := b.health(t); got.State != network.HubUnconfirmed || asked < 4 || asked > 10 || b.line(t) != "channel.line.hub.unconfirmed" {
				t.Errorf("%+v, asked %d times", got, asked)
			}
			calls, end := b.feedCalls(), b.Clock.Now().Add(time.Hour)
			w := b.steps(t, b.n, b.ch)
			w.until(t, 5000, func() bool { return !b.Clock.Now().Before(end) })
			if got := b.feedCalls() - calls; got < 5 {
				t.Errorf("%d readings in an hour", got)
			}
		})
	})
	t.Run("no, not at all, elsewhere", func(t *testing.T) {
		t.Parallel()
		eachHub(t, o, func(t *testing.T, b *hubBed) {
			elsewhere := newHub(t)
			b.read(t)
			for _, c := range []struct {
				set  func()
				want network.HubState
			}{
				{func() { b.hub.status = 403 }, network.HubRefused},
				{func() { b.hub.status = 503 }, network.HubUnreachable},
				{func() { b.hub.status, b.hub.moved = 0, elsewhere.URL }, network.HubUnreachable},
			} {
				b.hub.set(c.set)
				b.Clock.Advance(2 * day)
				if all := b.step(t); len(all) != 1 {
					t.Fatalf("%s: asked %v", c.want, all)
				}
				if got := b.health(t); got.State != c.want || b.line(t) != "channel.line.hub."+string(c.want) {
					t.Errorf("%+v, want %s", got, c.want)
				}
			}
			if got := elsewhere.take(); len(got) != 0 {
				t.Errorf("the secret went elsewhere: %v", got)
			}
			b.hub.set(func() { b.hub.moved = "" })
			b.Clock.Advance(2 * day)
			all := b.step(t)
			if len(all) != 1 {
				t.Fatal(all)
			}
			if err := b.sure(t, all[0], ""); err != nil { // it tells no lease
				t.Fatal(err)
			}
			if got := b.health(t); !got.Rings(b.Clock.Now()) || got.Until.After(b.Clock.Now().Add(day)) {
				t.Errorf("%+v", got)
			}
			// It takes back what it promised.
			if _, err := b.n.ConfirmHub(t.Context(), token(t, all[0]), network.HubQuery{Mode: "denied", Topic: all[0].Get("hub.topic")}); err != nil {
				t.Fatal(err)
			}
			if got := b.health(t); got.State != network.HubDenied || got.Rings(b.Clock.Now()) {
				t.Errorf("%+v", got)
			}
			if err := b.sure(t, all[0], "60"); !errors.Is(err, network.ErrNoHub) {
				t.Errorf("it promises again unasked: %v", err)
			}
		})
	})
	t.Run("inside", func(t *testing.T) {
		t.Parallel()
		o := o
		o.Hub = "https://10.1.2.3/hub"
		eachHub(t, o, func(t *testing.T, b *hubBed) {
			b.read(t)
			b.step(t)
			if got := b.health(t); got.State != network.HubInside || got.Host != "10.1.2.3" {
				t.Errorf("%+v", got)
			}
		})
	})
	t.Run("makes sure before it answers, and for a very long time", func(t *testing.T) {
		t.Parallel()
		eachHub(t, o, func(t *testing.T, b *hubBed) {
			b.read(t)
			b.hub.set(func() {
				b.hub.confirm = func(f url.Values) {
					if err := b.sure(t, f, "99999999"); err != nil {
						t.Error(err)
					}
				}
			})
			b.step(t)
			if got := b.health(t); !got.Rings(b.Clock.Now()) || got.Until.After(b.Clock.Now().Add(31*day)) {
				t.Errorf("%+v", got)
			}
		})
	})
}

// TestAHubIsOnlyAskedWhereItCanAnswer: not without an address that strangers reach, and another one is asked when the feed names another.
func TestAHubIsOnlyAskedWhereItCanAnswer(t *testing.T) {
	t.Parallel()
	eachHub(t, sitetest.Options{NoWordPress: true}, func(t *testing.T, b *hubBed) {
		for _, base := range []string{"", "http://localhost:8080", "https://ponte", "http://192.168.1.9", "https://127.0.0.1", "http://desk.local", "ftp://ponte.example"} {
			b.base = base
			b.read(t)
			if all := b.step(t); len(all) != 0 || b.health(t).State != network.HubHomeless {
				t.Errorf("%q: asked %v, %+v", base, all, b.health(t))
			}
			b.Clock.Advance(time.Hour)
		}
		b.base = "https://ponte.example"
		first := b.asks(t)
		if err := b.sure(t, first, "864000"); err != nil {
			t.Fatal(err)
		}
		// Another hub: the old one is told to stop, the new one asked.
		other := newHub(t)
		b.site.SetHub(other.URL)
		b.site.Write("Il tornio", "<p>Gira.</p>")
		b.Clock.Advance(2 * time.Hour)
		b.read(t)
		b.step(t)
		b.Clock.Advance(time.Hour)
		if got := b.health(t); got.State == network.HubOn || got.Host != strings.TrimPrefix(other.URL, "https://") {
			t.Errorf("%+v", got)
		}
		// None: nothing is said any more.
		b.site.SetHub("")
		b.site.Write("Lo smalto", "<p>Blu.</p>")
		b.read(t)
		if got := b.health(t); got != (network.HubHealth{}) || b.line(t) != "" {
			t.Errorf("%+v", got)
		}
	})
}
