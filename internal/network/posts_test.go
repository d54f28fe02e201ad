package network_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// published brings out a message through the room's client.
func (b *bed) published(t testing.TB, ch network.Channel, text string) network.Receipt {
	t.Helper()
	c, _, err := b.n.Client(t.Context(), ch.Company, ch.ID)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Publish(t.Context(), network.Outgoing{Key: text, PreparedAt: b.Clock.Now(), Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCountingPosts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		var ids []string
		for i := range 60 {
			ids = append(ids, b.published(t, ch, fmt.Sprintf("post %d", i)).RemoteID)
		}
		if err := b.fake.Stranger("ada@fake.example", us).Like(ctx, ids[59]); err != nil {
			t.Fatal(err)
		}
		b.fake.View(ids[0], 7)
		got, err := b.n.Counts(ctx, ch.Company, ch.ID, ids)
		if err != nil || len(got) != 60 || b.fake.Calls(networktest.CallCounts) != 3 {
			t.Fatalf("%d of 60 in %d calls, %v", len(got), b.fake.Calls(networktest.CallCounts), err)
		}
		if n := got[59]; n.RemoteID != ids[59] || n.Reactions != network.Counted(1) || n.Replies != network.Counted(0) || n.Views.Told {
			t.Errorf("%+v", n)
		}
		if n := got[0]; n.Views != network.Counted(7) {
			t.Errorf("%+v", n)
		}
		// The same again at once is not asked, and says when to come back.
		_, err = b.n.Counts(ctx, ch.Company, ch.ID, ids)
		if f := fault.Of(err); !errors.Is(err, network.ErrCalm) || f.Kind != fault.Limited || f.RetryAfter <= 0 || f.RetryAfter > 20*time.Second {
			t.Errorf("%v", err)
		}
		b.Clock.Advance(20 * time.Second)
		if _, err := b.n.Counts(ctx, ch.Company, ch.ID, ids[:1]); err != nil {
			t.Error(err)
		}
		// However much is asked, a channel bears so much and no more, and people can still look.
		refused := 0
		for _, id := range ids[1:] {
			if _, err := b.n.Counts(ctx, ch.Company, ch.ID, []string{id}); errors.Is(err, network.ErrCalm) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if n := b.fake.Calls(networktest.CallCounts); n > 20 || refused < 39 {
			t.Errorf("asked %d times in a minute, refused %d", n, refused)
		}
		if _, err := b.n.RefreshNow(ctx, ch.Company, ch.ID, ids[:1]); err != nil || b.fake.Calls(networktest.CallRefresh) != 1 {
			t.Errorf("nobody can look: %v", err)
		}
	})
}

func TestCountingWhenItCannotBe(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		a := b.Actor(team.Owner)
		id := b.published(t, ch, "ciao").RemoteID
		counts := func(ids ...string) error { _, err := b.n.Counts(ctx, ch.Company, ch.ID, ids); return err }
		// A server that wants to be left alone is, by everybody.
		b.fake.Inject(networktest.Fault{Call: networktest.CallCounts, Way: networktest.TooMany, RetryAfter: 3 * time.Minute})
		if err := counts(id); fault.Of(err).Key != network.ProblemRate || fault.Of(err).RetryAfter != 3*time.Minute {
			t.Errorf("%v", err)
		}
		calls := b.fake.Calls(networktest.CallCounts)
		b.Clock.Advance(2 * time.Minute)
		for _, err := range []error{counts(id), counts("other"), b.n.Retract(ctx, ch.Company, ch.ID, id)} {
			if f := fault.Of(err); !errors.Is(err, network.ErrCalm) || f.RetryAfter > time.Minute {
				t.Errorf("%v", err)
			}
		}
		if n := b.fake.Calls(networktest.CallCounts); n != calls {
			t.Errorf("asked %d times more", n-calls)
		}
		b.Clock.Advance(time.Minute)
		if err := counts(id); err != nil {
			t.Error(err)
		}
		// That it cannot be reached for now is for the watcher to say.
		b.Clock.Advance(time.Minute)
		b.fake.Inject(networktest.Fault{Call: networktest.CallCounts, Way: networktest.DropBefore})
		if err := counts(id); fault.Of(err).Key != network.ProblemUnreachable {
			t.Error(err)
		}
		if got := b.channel(t, ch.ID); got.Health.Problem != nil {
			t.Errorf("%+v", got.Health)
		}
		if _, err := b.n.Pause(ctx, a, ch.ID); err != nil {
			t.Fatal(err)
		}
		if err := counts("b"); fault.Of(err).Key != network.ProblemPaused {
			t.Error(err)
		}
		if _, err := b.n.Resume(ctx, a, ch.ID); err != nil {
			t.Fatal(err)
		}
		b.fake.Revoke(us)
		if err := counts("c"); fault.Of(err).Key != network.ProblemRevoked {
			t.Error(err)
		}
		if got := b.channel(t, ch.ID); got.State != network.Broken {
			t.Errorf("%+v", got)
		}
	})
}

func TestEditingAndRetracting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		id := b.published(t, ch, "alle sei").RemoteID
		edit := func(text string) (network.Receipt, error) {
			return b.n.Edit(ctx, ch.Company, ch.ID, id, network.Outgoing{Text: text})
		}
		stands := func() string {
			t.Helper()
			all := b.fake.Standing(us)
			if len(all) != 1 {
				t.Fatalf("%d stand", len(all))
			}
			return all[0].Text
		}
		if r, err := edit("alle sette"); err != nil || r.RemoteID != id || stands() != "alle sette" {
			t.Fatalf("%+v %v", r, err)
		}
		// Nobody knows whether it was done: it was. The same again leaves the same.
		b.Clock.Advance(time.Minute)
		b.fake.Inject(networktest.Fault{Call: networktest.CallEdit, Way: networktest.AcceptThenTimeout})
		_, err := edit("alle otto")
		var p *network.Problem
		if !errors.As(err, &p) || !p.Uncertain || fault.KindOf(err) != fault.Upstream || stands() != "alle otto" {
			t.Fatalf("%v", err)
		}
		if got := b.channel(t, ch.ID); got.Health.Problem == nil || got.Health.Problem.Key != network.ProblemTimeout {
			t.Errorf("%+v", got.Health)
		}
		version := b.fake.Standing(us)[0].Version
		r, err := edit("alle otto")
		if err != nil || r.Version != version {
			t.Errorf("%+v %v", r, err)
		}
		if got := b.channel(t, ch.ID); got.Health.Problem != nil {
			t.Errorf("%+v", got.Health)
		}
		b.fake.Inject(networktest.Fault{Call: networktest.CallEdit, Way: networktest.Refuse})
		if _, err := edit("mai"); fault.Of(err).Key != network.ProblemRefused || b.channel(t, ch.ID).Health.Problem != nil {
			t.Errorf("a refusal is about what was asked: %v", err)
		}
		for range 2 {
			if err := b.n.Retract(ctx, ch.Company, ch.ID, id); err != nil || len(b.fake.Standing(us)) != 0 {
				t.Errorf("%v", err)
			}
		}
		if _, err := edit("dopo"); fault.Of(err).Key != network.ProblemGone {
			t.Error(err)
		}
		calm := 0
		for range 30 {
			if _, err := edit("dopo"); errors.Is(err, network.ErrCalm) {
				calm++
			}
		}
		if calm < 10 {
			t.Errorf("a channel bears everything: %d of 30 held back", calm)
		}
	})
}

func TestANetworkWithoutEdits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s, networktest.FakeOptions{NoEdit: true})
		ch := b.connect(t)
		if ch.Traits.Edit {
			t.Error("says that it can")
		}
		id := b.published(t, ch, "resta").RemoteID
		_, err := b.n.Edit(t.Context(), ch.Company, ch.ID, id, network.Outgoing{Text: "cambia"})
		if fault.Of(err).Key != network.ProblemUnsupported || b.fake.Standing(us)[0].Text != "resta" {
			t.Error(err)
		}
	})
}

// What a channel is known to allow is kept whole.
func TestLimitsAreKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		c, _, err := b.n.Client(t.Context(), ch.Company, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		want, err := c.Limits(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := b.channel(t, ch.ID).Limits
		if !slices.Equal(got.MIMETypes, want.MIMETypes) {
			t.Errorf("%q, want %q", got.MIMETypes, want.MIMETypes)
		}
		got.MIMETypes, want.MIMETypes = nil, nil
		if fmt.Sprint(got) != fmt.Sprint(want) || got.VideoSeconds == 0 || got.ImagePixels == 0 {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}
