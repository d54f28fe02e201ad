package network_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

const back = "https://ponte.example/channels/back"

func TestAnAccountIsConnectedWithAnAppPassword(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s, networktest.FakeOptions{})
		owner := b.Actor(team.Owner)
		srv, err := b.n.Look(t.Context(), owner, "fake", "@ada@fake.example")
		if err != nil || srv.Join != network.JoinAppPassword || srv.Handle != "ada@fake.example" {
			t.Fatal(srv, err)
		}
		ch := b.connect(t)
		if ch.State != network.Active || ch.Handle != us || ch.Limits.Characters != 300 || ch.ConnectedBy != owner.Member ||
			!ch.Traits.Stream || ch.Health.LastSuccess.IsZero() || ch.Health.NextLook.IsZero() || ch.Health.Problem != nil {
			t.Errorf("%+v", ch)
		}
		if diff := cmp.Diff([]string{"read", "write"}, ch.Scopes); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(ch, b.channel(t, ch.ID), cmp.AllowUnexported(network.Channel{})); diff != "" {
			t.Error("told and stored differ:", diff)
		}
		secrets, err := b.n.RawSecrets(t.Context())
		if err != nil || len(secrets) != 1 {
			t.Fatal(secrets, err)
		}
		for _, s := range secrets {
			if !strings.HasPrefix(s, "p1.") || strings.Contains(s, "access-") {
				t.Errorf("not sealed: %q", s)
			}
		}
		for _, tc := range []struct{ identifier, password, key string }{
			{us, "wrong", network.ProblemCredentials}, {"", "", "fault.fields"}, {us, strings.Repeat("x", 1001), "fault.fields"},
		} {
			_, err := b.n.ConnectPassword(t.Context(), owner, b.fake.Server(), tc.identifier, tc.password)
			if e := fault.Of(err); e.Kind != fault.Invalid || e.Key != tc.key {
				t.Errorf("%q %.10q: %v", tc.identifier, tc.password, err)
			}
		}
		if _, err := b.n.Look(t.Context(), owner, "fake", "elsewhere.example"); fault.KindOf(err) != fault.Upstream {
			t.Error(err)
		}
		if _, err := b.n.Look(t.Context(), owner, "myspace", "x"); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if _, err := b.n.Begin(t.Context(), owner, b.fake.Server(), back); !errors.Is(err, network.ErrJoin) {
			t.Error(err)
		}
	})
}

// state cuts the state out of the address where the browser is sent.
func state(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Query().Get("state") == "" || u.Query().Get("code_challenge") == "" || u.Query().Get("redirect_uri") != back {
		t.Fatal(address, err)
	}
	return u.Query().Get("state")
}

func TestAnAccountIsConnectedByOAuth(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{Join: network.JoinOAuth})
		owner, other := b.Actor(team.Owner), b.Actor(team.Marketing)
		begin := func() string {
			t.Helper()
			address, err := b.n.Begin(ctx, owner, b.fake.Server(), back)
			if err != nil {
				t.Fatal(err)
			}
			return state(t, address)
		}
		one := begin()
		// Someone else's browser gets nowhere with it, and does not use it up.
		if _, err := b.n.Finish(ctx, other, one, b.fake.Code(us), ""); !errors.Is(err, network.ErrJoinMissing) {
			t.Fatal(err)
		}
		ch, err := b.n.Finish(ctx, owner, one, b.fake.Code(us), "")
		if err != nil || ch.Handle != us {
			t.Fatal(ch, err)
		}
		if _, err := b.n.Finish(ctx, owner, one, b.fake.Code(us), ""); !errors.Is(err, network.ErrJoinMissing) {
			t.Error("used twice:", err)
		}
		late := begin()
		b.Clock.Advance(15 * time.Minute)
		if _, err := b.n.Finish(ctx, owner, late, b.fake.Code(us), ""); !errors.Is(err, network.ErrJoinLate) {
			t.Error(err)
		}
		if _, err := b.n.Finish(ctx, owner, begin(), "", "access_denied"); fault.Of(err).Key != network.ProblemDenied || fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		if got := b.fake.Calls(networktest.CallRegister); got != 1 {
			t.Errorf("registered %d times", got)
		}
		// The server has forgotten the application: the next attempt makes it known again.
		b.fake.Inject(networktest.Fault{Call: networktest.CallExchange, Way: networktest.Refuse})
		if _, err := b.n.Finish(ctx, owner, begin(), b.fake.Code(us), ""); err == nil {
			t.Error("no error")
		}
		again, err := b.n.Finish(ctx, owner, begin(), b.fake.Code(us), "")
		if err != nil || again.ID != ch.ID {
			t.Error(again, err)
		}
		if got := b.fake.Calls(networktest.CallRegister); got != 2 {
			t.Errorf("registered %d times", got)
		}
		begin()
		secrets, err := b.n.RawSecrets(ctx)
		if err != nil || len(secrets) != 3 {
			t.Fatal(secrets, err)
		}
		for _, s := range secrets {
			if !strings.HasPrefix(s, "p1.") {
				t.Errorf("not sealed: %q", s)
			}
		}
		if err := b.Team.RemoveSample(ctx, owner); err == nil {
			t.Error("no sample to remove")
		}
	})
}

func TestConnectingAgainRevivesTheSameChannel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		owner := b.Actor(team.Owner)
		ch := b.connect(t)
		if _, err := b.n.Ingest(ctx, ch, network.Page{Cursor: "here", Items: []network.Item{{RemoteID: "1", Kind: network.KindReply, Version: "a"}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.n.Disconnect(ctx, owner, ch.ID); err != nil {
			t.Fatal(err)
		}
		gone := b.channel(t, ch.ID)
		if gone.State != network.Gone || gone.Health.Items != 1 {
			t.Errorf("%+v", gone)
		}
		if secrets, _ := b.n.RawSecrets(ctx); !slices.Equal(secrets, []string{""}) {
			t.Error("the credentials are still there", secrets)
		}
		if list, err := b.n.Channels(ctx, owner); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		if all, err := b.n.ChannelsByID(ctx, owner.Company); err != nil || all[ch.ID].Handle != us {
			t.Error(all, err)
		}
		if _, err := b.n.Ingest(ctx, ch, network.Page{Cursor: "there"}); !errors.Is(err, network.ErrGone) {
			t.Error(err)
		}
		for _, f := range []func() error{
			func() error { _, err := b.n.Pause(ctx, owner, ch.ID); return err },
			func() error { _, err := b.n.Disconnect(ctx, owner, ch.ID); return err },
			func() error { _, err := b.n.ProbeNow(ctx, owner, ch.ID); return err },
		} {
			if err := f(); !errors.Is(err, network.ErrGone) {
				t.Error(err)
			}
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		ids := map[network.ChannelID]int{}
		for range 4 {
			wg.Go(func() {
				again, err := b.n.ConnectPassword(ctx, owner, b.fake.Server(), us, networktest.AppPassword)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				ids[again.ID]++
			})
		}
		wg.Wait()
		if len(ids) != 1 || ids[ch.ID] != 4 {
			t.Errorf("%v", ids)
		}
		if got := b.n.ReadTo(ctx, ch.Company, ch.ID); got != "here" {
			t.Errorf("reads on from %q", got)
		}
		b.fake.Join("bea@fake.example")
		if second, err := b.n.ConnectPassword(ctx, owner, b.fake.Server(), "bea@fake.example", networktest.AppPassword); err != nil || second.ID == ch.ID {
			t.Error(second, err)
		}
	})
}

func TestANewAccountConnectedByManyAtOnceIsOneChannel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s, networktest.FakeOptions{})
		b.fake.Join(us)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := b.n.ConnectPassword(t.Context(), b.Actor(team.Owner), b.fake.Server(), us, networktest.AppPassword); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got, err := b.n.Count(t.Context(), "channel"); err != nil || got != 1 {
			t.Error(got, err)
		}
	})
}
