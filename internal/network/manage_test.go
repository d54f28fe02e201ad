package network_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		manage := func(name string, try func(t *testing.T, a team.Actor) error) teamtest.Case {
			return teamtest.Case{Name: name, Needs: team.ChannelsManage, Try: try}
		}
		oauth := b.fake.Server()
		oauth.Join = network.JoinOAuth
		teamtest.Matrix(t, b.Bed, []teamtest.Case{
			{Name: "Channels", Needs: team.ChannelsRead, Try: func(t *testing.T, a team.Actor) error { _, err := b.n.Channels(t.Context(), a); return err }},
			{Name: "Channel", Needs: team.ChannelsRead, Try: func(t *testing.T, a team.Actor) error { _, err := b.n.Channel(t.Context(), a, ch.ID); return err }},
			manage("Look", func(t *testing.T, a team.Actor) error {
				_, err := b.n.Look(t.Context(), a, "fake", "fake.example")
				return err
			}),
			manage("Begin", func(t *testing.T, a team.Actor) error { _, err := b.n.Begin(t.Context(), a, oauth, back); return err }),
			manage("Finish", func(t *testing.T, a team.Actor) error {
				_, err := b.n.Finish(t.Context(), a, "state", "code", "")
				return err
			}),
			manage("ConnectPassword", func(t *testing.T, a team.Actor) error {
				_, err := b.n.ConnectPassword(t.Context(), a, b.fake.Server(), us, networktest.AppPassword)
				return err
			}),
			manage("Pause", func(t *testing.T, a team.Actor) error { _, err := b.n.Pause(t.Context(), a, ch.ID); return err }),
			manage("Resume", func(t *testing.T, a team.Actor) error { _, err := b.n.Resume(t.Context(), a, ch.ID); return err }),
			manage("Rename", func(t *testing.T, a team.Actor) error {
				_, err := b.n.Rename(t.Context(), a, ch.ID, "Negozio")
				return err
			}),
			manage("ProbeNow", func(t *testing.T, a team.Actor) error { _, err := b.n.ProbeNow(t.Context(), a, ch.ID); return err }),
			manage("AddSample", func(t *testing.T, a team.Actor) error {
				_, err := b.n.AddSample(t.Context(), a, network.AddSampleIn{Network: "fake"})
				return err
			}),
			manage("Disconnect", func(t *testing.T, a team.Actor) error { _, err := b.n.Disconnect(t.Context(), a, ch.ID); return err }),
		})
	})
}

func TestAChannelIsPausedResumedAndRenamed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		owner := b.Actor(team.Owner)
		var told []network.State
		b.n.OnChange(func(_ context.Context, _ *store.Tx, ch network.Channel) error {
			told = append(told, ch.State)
			return nil
		})
		ch := b.connect(t)
		if _, err := b.n.Resume(ctx, owner, ch.ID); !errors.Is(err, network.ErrNotPaused) {
			t.Error(err)
		}
		if got, err := b.n.Pause(ctx, owner, ch.ID); err != nil || got.State != network.Paused {
			t.Fatal(got, err)
		}
		if _, _, err := b.n.Client(ctx, ch.Company, ch.ID); network.ProblemOf(err).Key != network.ProblemPaused || network.ProblemOf(err).Verdict != network.Later {
			t.Error(err)
		}
		if err := b.n.Failed(ctx, ch, &network.Problem{Verdict: network.Reconnect, Key: network.ProblemRevoked}); err != nil || b.channel(t, ch.ID).State != network.Paused {
			t.Error("a late word about a paused channel changed it", err)
		}
		if got, err := b.n.Resume(ctx, owner, ch.ID); err != nil || got.State != network.Active {
			t.Fatal(got, err)
		}
		if got, err := b.n.Rename(ctx, owner, ch.ID, "  Il   negozio "); err != nil || got.Name != "Il negozio" {
			t.Fatal(got, err)
		}
		b.Clock.Advance(time.Minute)
		if got, err := b.n.ProbeNow(ctx, owner, ch.ID); err != nil || got.Name != "Il negozio" {
			t.Error("looking forgot the name", got.Name, err)
		}
		if _, err := b.n.Rename(ctx, owner, ch.ID, strings.Repeat("x", 81)); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		if _, err := b.n.Rename(ctx, owner, ch.ID, ""); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(time.Minute)
		if got, err := b.n.ProbeNow(ctx, owner, ch.ID); err != nil || got.Name != "ponte" {
			t.Error(got.Name, err)
		}
		if _, err := b.n.Disconnect(ctx, owner, ch.ID); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]network.State{"active", "paused", "active", "active", "active", "active", "active", "gone"}, told); diff != "" {
			t.Error(diff)
		}
		trail, err := b.Team.AuditTrail(ctx, owner, team.AuditFilter{ObjectKind: "channel", ObjectID: string(ch.ID)})
		if err != nil {
			t.Fatal(err)
		}
		var verbs []string
		for _, e := range trail.Entries {
			verbs = append(verbs, strings.TrimPrefix(e.Verb, "network.channel."))
			if e.Member != owner.Member || e.Detail["handle"] != us {
				t.Errorf("%+v", e)
			}
		}
		if diff := cmp.Diff([]string{"disconnected", "renamed", "renamed", "resumed", "paused", "connected"}, verbs); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLookingNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		owner := b.Actor(team.Owner)
		ch := b.connect(t)
		look := func() network.Channel {
			t.Helper()
			b.Clock.Advance(10 * time.Second)
			got, err := b.n.ProbeNow(ctx, owner, ch.ID)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		look()
		b.Clock.Advance(9 * time.Second)
		if _, err := b.n.ProbeNow(ctx, owner, ch.ID); !errors.Is(err, network.ErrProbeSoon) || fault.Of(err).RetryAfter <= 0 {
			t.Error(err)
		}
		b.fake.Inject(networktest.Fault{Call: networktest.CallProbe, Way: networktest.DropBefore})
		got := look()
		since := b.Clock.Now()
		if p := got.Health.Problem; got.State != network.Active || p == nil || p.Key != network.ProblemUnreachable || !p.Since.Equal(since) || p.Args["host"] != "fake.example" {
			t.Errorf("%+v", got.Health.Problem)
		}
		b.fake.Inject(networktest.Fault{Call: networktest.CallProbe, Way: networktest.DropBefore})
		if p := look().Health.Problem; p == nil || !p.Since.Equal(since) {
			t.Errorf("the same problem began anew: %+v", p)
		}
		if p := look().Health.Problem; p != nil {
			t.Errorf("%+v", p)
		}
		// A server that was confused heals the channel when it is itself again.
		b.fake.Inject(networktest.Fault{Call: networktest.CallProbe, Way: networktest.TokenRevoked})
		if got := look(); got.State != network.Broken || got.Health.Problem.Verdict != network.Reconnect || got.Health.NextLook.IsZero() {
			t.Errorf("%+v", got)
		}
		_, _, err := b.n.Client(ctx, ch.Company, ch.ID)
		if p := network.ProblemOf(err); p.Verdict != network.Reconnect || p.Key != network.ProblemRevoked || p.Args["host"] != "fake.example" {
			t.Error(err)
		}
		for _, f := range []func() error{
			func() error { _, err := b.n.Pause(ctx, owner, ch.ID); return err },
			func() error { _, err := b.n.Resume(ctx, owner, ch.ID); return err },
		} {
			if err := f(); !errors.Is(err, network.ErrBroken) {
				t.Error(err)
			}
		}
		if got := look(); got.State != network.Active || got.Health.Problem != nil {
			t.Errorf("%+v", got)
		}
		// A person who is truly gone from there must connect again, and then it is the same channel.
		b.fake.Revoke(us)
		if got := look(); got.State != network.Broken {
			t.Errorf("%+v", got)
		}
		if again := b.connect(t); again.ID != ch.ID || again.State != network.Active || again.Health.Problem != nil {
			t.Errorf("%+v", again)
		}
	})
}

func TestACompanyIsErasedWholeAndSeesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		mine := b.connect(t)
		o := b.Other(t)
		theirs, err := b.n.AddSample(ctx, o.Actor(team.Owner), network.AddSampleIn{
			Network: "fake", ServerURL: "https://fake.example", Account: network.Account{RemoteID: "x", Handle: "vetri"},
			Limits: network.Limits{Characters: 500}, Connected: teamtest.Start,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.n.AddSample(ctx, b.Actor(team.Owner), network.AddSampleIn{}); !errors.Is(err, network.ErrSampleOnly) {
			t.Error(err)
		}
		if _, err := b.n.Ingest(ctx, theirs, network.Page{Items: []network.Item{item("a", "1")}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.n.Client(ctx, theirs.Company, theirs.ID); network.ProblemOf(err).Key != network.ProblemSample {
			t.Error(err)
		}
		if l, err := b.n.Measure(theirs, "ciao"); err != nil || l.Used != 4 || l.Max != 500 {
			t.Error(l, err)
		}
		a, other := b.Actor(team.Owner), o.Actor(team.Owner)
		for name, f := range map[string]func() error{
			"Channel":    func() error { _, err := b.n.Channel(ctx, a, theirs.ID); return err },
			"Pause":      func() error { _, err := b.n.Pause(ctx, a, theirs.ID); return err },
			"Resume":     func() error { _, err := b.n.Resume(ctx, a, theirs.ID); return err },
			"Rename":     func() error { _, err := b.n.Rename(ctx, a, theirs.ID, "x"); return err },
			"Disconnect": func() error { _, err := b.n.Disconnect(ctx, a, theirs.ID); return err },
			"ProbeNow":   func() error { _, err := b.n.ProbeNow(ctx, other, mine.ID); return err },
			"Client":     func() error { _, _, err := b.n.Client(ctx, other.Company, mine.ID); return err },
			"RefreshNow": func() error { _, err := b.n.RefreshNow(ctx, other.Company, mine.ID, []string{"a"}); return err },
			"ReadThread": func() error { _, err := b.n.ReadThread(ctx, other.Company, mine.ID, "a"); return err },
			"Counts":     func() error { _, err := b.n.Counts(ctx, other.Company, mine.ID, []string{"a"}); return err },
			"Edit":       func() error { _, err := b.n.Edit(ctx, other.Company, mine.ID, "a", network.Outgoing{}); return err },
			"Retract":    func() error { return b.n.Retract(ctx, other.Company, mine.ID, "a") },
		} {
			if err := f(); !errors.Is(err, network.ErrNoChannel) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if all, err := b.n.ChannelsByID(ctx, a.Company); err != nil || len(all) != 1 {
			t.Error(all, err)
		}
		if err := b.Team.RemoveSample(ctx, a); err != nil {
			t.Fatal(err)
		}
		if left := teamtest.Rows(t, s, o.Company.ID); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		if got := b.channel(t, mine.ID); got.State != network.Active {
			t.Errorf("%+v", got)
		}
	})
}

func TestReadingAgainBecauseSomeoneLooks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		ada := b.fake.Stranger("ada@fake.example", us)
		root, err := ada.Mention(ctx, "La tazza è rotta")
		if err != nil {
			t.Fatal(err)
		}
		reply, err := ada.Reply(ctx, root, "anzi due")
		if err != nil {
			t.Fatal(err)
		}
		if res, err := b.n.ReadThread(ctx, ch.Company, ch.ID, root); err != nil || res.New != 2 {
			t.Fatal(res, err)
		}
		if err := ada.Edit(ctx, reply, "anzi tre"); err != nil {
			t.Fatal(err)
		}
		for range 5 { // opened again and again: asked once
			if _, err := b.n.RefreshNow(ctx, ch.Company, ch.ID, []string{root, reply}); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.got.of(reply); len(got) != 2 || got[1].Text != "anzi tre" {
			t.Errorf("%+v", got)
		}
		if got := b.fake.Calls(networktest.CallRefresh); got != 1 {
			t.Errorf("asked %d times", got)
		}
		for i := range 60 {
			if _, err := b.n.ReadThread(ctx, ch.Company, ch.ID, fmt.Sprint(i)); err != nil && fault.Of(err).Key != network.ProblemGone {
				t.Fatal(err)
			}
		}
		if got := b.fake.Calls(networktest.CallThread); got > 30 {
			t.Errorf("asked %d times in a minute", got)
		}
		b.Clock.Advance(time.Minute)
		b.fake.Revoke(us)
		if _, err := b.n.RefreshNow(ctx, ch.Company, ch.ID, []string{root}); fault.Of(err).Key != network.ProblemRevoked || fault.KindOf(err) != fault.Upstream {
			t.Error(err)
		}
		if got := b.channel(t, ch.ID); got.State != network.Broken {
			t.Errorf("%+v", got)
		}
	})
}
