package network_test

import (
	"context"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestRenewedCredentialsAreKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		client, _, err := b.n.Client(ctx, ch.Company, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		last := ""
		for range 3 { // one client, renewed again and again
			b.fake.Expire(us)
			if _, err := client.Probe(ctx); err != nil {
				t.Fatal(err)
			}
			got, err := b.n.StoredCredentials(ctx, ch.Company, ch.ID)
			if err != nil || got.AccessToken == last || got.RefreshToken == "" {
				t.Fatal(got, err)
			}
			last = got.AccessToken
		}
		b.fake.Expire(us)
		again, _, err := b.n.Client(ctx, ch.Company, ch.ID) // the next start
		if err != nil {
			t.Fatal(err)
		}
		if _, err := again.Probe(ctx); err != nil {
			t.Fatal(err)
		}
		// The older client's own words count no more: its credentials were renewed elsewhere.
		_, err = client.Probe(ctx)
		if p := network.ProblemOf(err); p == nil || p.Verdict != network.Reconnect {
			t.Fatal(err)
		}
		if err := b.n.Failed(ctx, ch, network.ProblemOf(err)); err != nil {
			t.Fatal(err)
		}
		if got := b.channel(t, ch.ID); got.State != network.Active || got.Health.Problem != nil {
			t.Errorf("%+v", got)
		}
	})
}

func TestSavingCredentials(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		end := func(h int) time.Time { return b.Clock.Now().Add(time.Duration(h) * time.Hour) }
		stored := func() network.Credentials {
			t.Helper()
			got, err := b.n.StoredCredentials(ctx, ch.Company, ch.ID)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		first := stored()
		one, two := b.n.Saver(ctx, ch.Company, ch.ID), b.n.Saver(ctx, ch.Company, ch.ID)
		if err := one(ctx, network.Credentials{RefreshToken: "r"}); err == nil {
			t.Error("nothing was saved over a good token")
		}
		if got := stored(); got.AccessToken != first.AccessToken {
			t.Error(got.AccessToken)
		}
		// What the server does not say again stays; and who asked may be gone.
		over, cancel := context.WithCancel(ctx)
		cancel()
		if err := one(over, network.Credentials{AccessToken: "newer", Expires: end(4)}); err != nil {
			t.Fatal(err)
		}
		if got := stored(); got.AccessToken != "newer" || got.RefreshToken != first.RefreshToken || got.Extra["handle"] != us || len(got.Scopes) != 2 || got.ServerURL != first.ServerURL {
			t.Errorf("%+v", got)
		}
		// Another client of the same age renewed too: the one that is good for longer stays.
		if err := two(ctx, network.Credentials{AccessToken: "older", Expires: end(3)}); err != nil {
			t.Fatal(err)
		}
		if got := stored(); got.AccessToken != "newer" {
			t.Errorf("%+v", got)
		}
		if err := two(ctx, network.Credentials{AccessToken: "newest", Expires: end(5)}); err != nil {
			t.Fatal(err)
		}
		if got := stored(); got.AccessToken != "newest" {
			t.Errorf("%+v", got)
		}
		// A person connects again: whatever an old client saves or reports is of no use.
		old := b.channel(t, ch.ID)
		b.connect(t)
		fresh := stored()
		if err := two(ctx, network.Credentials{AccessToken: "stale", Expires: end(99)}); err != nil {
			t.Fatal(err)
		}
		if err := b.n.Failed(ctx, old, &network.Problem{Verdict: network.Reconnect, Key: network.ProblemRevoked}); err != nil {
			t.Fatal(err)
		}
		if got := stored(); got.AccessToken != fresh.AccessToken || b.channel(t, ch.ID).State != network.Active {
			t.Errorf("%+v", got)
		}
		latest := b.n.Saver(ctx, ch.Company, ch.ID)
		if _, err := b.n.Disconnect(ctx, b.Actor(team.Owner), ch.ID); err != nil {
			t.Fatal(err)
		}
		if err := latest(ctx, network.Credentials{AccessToken: "ghost"}); err != nil {
			t.Fatal(err)
		}
		if secrets, _ := b.n.RawSecrets(ctx); len(secrets) != 1 || secrets[0] != "" {
			t.Error("credentials came back to a channel that is gone")
		}
	})
}

func TestHealthFollowsWhatDeliveryReports(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		report := func(p *network.Problem) network.Channel {
			t.Helper()
			b.Clock.Advance(time.Minute)
			var err error
			if p == nil {
				err = b.n.Succeeded(ctx, ch)
			} else {
				err = b.n.Failed(ctx, ch, p)
			}
			if err != nil {
				t.Fatal(err)
			}
			return b.channel(t, ch.ID)
		}
		if got := report(&network.Problem{Verdict: network.Never, Key: network.ProblemTooLong}); got.Health.Problem != nil || !got.Health.LastAttempt.Equal(b.Clock.Now()) {
			t.Errorf("a message that is too long is no trouble of the channel: %+v", got.Health)
		}
		got := report(&network.Problem{Verdict: network.Later, Key: network.ProblemServer, Args: map[string]any{"host": "h", "status": 503}})
		if p := got.Health.Problem; p == nil || p.Key != network.ProblemServer || got.State != network.Active || got.Health.LastSuccess.Equal(b.Clock.Now()) {
			t.Errorf("%+v", got.Health)
		}
		if got := report(nil); got.Health.Problem != nil || !got.Health.LastSuccess.Equal(b.Clock.Now()) {
			t.Errorf("%+v", got.Health)
		}
		if got := report(&network.Problem{Verdict: network.Reconnect, Key: network.ProblemScope}); got.State != network.Broken {
			t.Errorf("%+v", got)
		}
		if got := report(nil); got.State != network.Broken || got.Health.Problem == nil {
			t.Errorf("why it is broken was forgotten: %+v", got)
		}
		if got := report(&network.Problem{Verdict: network.Later, Key: network.ProblemTimeout}); got.Health.Problem.Key != network.ProblemScope {
			t.Errorf("%+v", got.Health.Problem)
		}
	})
}
