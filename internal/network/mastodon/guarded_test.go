package mastodon_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

func TestGuardedClient(t *testing.T) {
	t.Parallel()
	s := mastodontest.Start(t, mastodontest.Options{})
	s.AddAccount("ponte", "secret")

	// The guard keeps us out of our own machine, and we say so.
	closed := mastodon.New(fetch.NewClient(fetch.Options{}), agent)
	_, err := closed.Discover(t.Context(), s.URL())
	if p := problem(t, err); p.Key != network.ProblemInside || p.Verdict != network.Never {
		t.Errorf("an address inside: %v", p)
	}
	cr := credentials(s, mastodontest.Options{}, "ponte")
	_, err = closed.Open(cr, nil).Publish(t.Context(), message("x"))
	if p := problem(t, err); p.Key != network.ProblemInside || p.Uncertain {
		t.Errorf("an address inside: %v", p)
	}
	if n := s.Calls(posting); n != 0 {
		t.Errorf("%d calls", n)
	}

	open := mastodon.New(fetch.NewClient(fetch.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}), agent)
	networktest.Run(t, networktest.Fixture{
		Connector: open, Address: s.URL(), Many: 5,
		Join:     func(context.Context) (network.Credentials, error) { return cr, nil },
		Stranger: s.Stranger("ada", "ponte"),
	})
}

// TestListenOutlivesTheTimeout: the client's limit for a request ends no stream.
func TestListenOutlivesTheTimeout(t *testing.T) {
	t.Parallel()
	s := mastodontest.Start(t, mastodontest.Options{})
	s.AddAccount("ponte", "secret")
	ada := s.Stranger("ada", "ponte")
	const limit = 300 * time.Millisecond
	hc := fetch.NewClient(fetch.Options{Timeout: limit, AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	c := mastodon.New(hc, agent).Open(credentials(s, mastodontest.Options{}, "ponte"), nil)
	ctx, cancel := context.WithCancel(t.Context())
	bells, done := make(chan network.Bell, 100), make(chan error, 1)
	go func() { done <- c.Listen(ctx, func(b network.Bell) { bells <- b }) }()
	<-bells // it is open
	select {
	case err := <-done:
		t.Fatalf("the stream ended: %v", err)
	case <-time.After(2 * limit):
	}
	if _, err := ada.Mention(t.Context(), "still there?"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-bells:
	case err := <-done:
		t.Fatalf("the stream ended: %v", err)
	case <-time.After(5 * time.Second):
		t.Fatal("no bell")
	}
	cancel()
	<-done
}
