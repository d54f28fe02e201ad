package public_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/site"
	"github.com/ponte-desk/ponte/internal/network/site/sitetest"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// eventually waits for something that workers bring about.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.NewTimer(time.Minute)
	defer tick.Stop()
	defer end.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("never: %s", what)
		}
	}
}

// TestAHubRingsAtTheDoor: a feed names a hub, the hub makes sure at the door that it was asked, and what it says there has the feed read at once.
func TestAHubRingsAtTheDoor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		asked := make(chan url.Values, 10)
		hub := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ParseForm() == nil {
				asked <- r.PostForm
			}
			w.WriteHeader(http.StatusAccepted)
		}))
		t.Cleanup(hub.Close)
		feed := sitetest.New(t, sitetest.Options{NoWordPress: true, Hub: hub.URL})
		feed.Write("Il forno", "<p>È arrivato.</p>")
		roots := hub.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		client := fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
		h := housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{Network: network.Mastodon}, More: []network.Connector{site.New(client, "Ponte/test")}})
		d := serve(t, public.Rooms{Team: h.Team, Growth: h.Growth, Hubs: h.Networks, Clock: h.Clock}, public.Options{BaseURL: housetest.BaseURL})
		found, err := network.Connector(site.New(client, "Ponte/test")).Discover(t.Context(), feed.URL)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := h.Networks.ConnectOpen(t.Context(), h.Actor(team.Owner), found)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Queue.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Networks.Stop() })
		var f url.Values
		select {
		case f = <-asked:
		case <-time.After(time.Minute):
			t.Fatal("the hub was never asked")
		}
		path, ours := strings.CutPrefix(f.Get("hub.callback"), housetest.BaseURL)
		if !ours || f.Get("hub.secret") == "" {
			t.Fatalf("asked %v", f)
		}
		push := func(path, secret, body string) int {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.server.URL+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			m := hmac.New(sha256.New, []byte(secret))
			_, _ = io.WriteString(m, body)
			r.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(m.Sum(nil)))
			r.Header.Set("Content-Type", "application/rss+xml")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			return res.StatusCode
		}
		sure := "?" + url.Values{"hub.mode": {"subscribe"}, "hub.topic": {f.Get("hub.topic")}, "hub.challenge": {"<b>c</b>"}, "hub.lease_seconds": {"86400"}}.Encode()
		d.get(path+"x"+sure).is(t, "another address", http.StatusNotFound)
		d.get(path+strings.Replace(sure, "subscribe", "unsubscribe", 1)).is(t, "what was not asked", http.StatusNotFound)
		if got := push(path, f.Get("hub.secret"), "early"); got != http.StatusGone {
			t.Errorf("before it made sure: %d", got)
		}
		if a := d.get(path+sure).is(t, "making sure", http.StatusOK); a.body != "<b>c</b>" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q %v", a.body, a.header)
		}
		items := func() int {
			t.Helper()
			now, err := h.Networks.Channel(t.Context(), h.Actor(team.Owner), ch.ID)
			if err != nil {
				t.Fatal(err)
			}
			return now.Health.Items
		}
		eventually(t, "the first reading", func() bool { return items() == 1 })
		feed.Write("Il tornio", "<p>Gira.</p>")
		if got := push(path, "wrong", "news"); got != http.StatusAccepted {
			t.Errorf("a wrong signature: %d", got)
		}
		if got := push(path+"x", f.Get("hub.secret"), "news"); got != http.StatusGone {
			t.Errorf("another address: %d", got)
		}
		if got := push(path, f.Get("hub.secret"), strings.Repeat("x", 33<<20)); got != http.StatusRequestEntityTooLarge {
			t.Errorf("without end: %d", got)
		}
		if got := items(); got != 1 {
			t.Fatalf("%d articles without a ring", got)
		}
		if got := push(path, f.Get("hub.secret"), "news"); got != http.StatusAccepted {
			t.Fatalf("a ring: %d", got)
		}
		eventually(t, "the article that the hub spoke of", func() bool { return items() == 2 })
	})
}
