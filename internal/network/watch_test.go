package network_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestAWatcherReadsThePastThenKeepsPace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{PageSize: 3})
		ada := b.fake.Stranger("ada@fake.example", us)
		for i := range 10 {
			if _, err := ada.Mention(ctx, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		ch := b.connect(t)
		w := b.steps(t, b.n, ch)
		w.until(t, 3, func() bool { return b.got.size() > 0 })
		if b.channel(t, ch.ID).Health.BackfillDone {
			t.Error("the past is said to be read after one page")
		}
		began := b.Clock.Now()
		w.until(t, 20, func() bool { return b.channel(t, ch.ID).Health.BackfillDone })
		if b.got.size() != 10 || b.Clock.Now().Sub(began) > 5*time.Second {
			t.Errorf("%d items after %v", b.got.size(), b.Clock.Now().Sub(began))
		}
		calls := func(d time.Duration) int {
			t.Helper()
			before, end := b.fake.Calls(networktest.CallFetch), b.Clock.Now().Add(d)
			w.until(t, 5000, func() bool { return !b.Clock.Now().Before(end) })
			return b.fake.Calls(networktest.CallFetch) - before
		}
		if got := calls(30 * time.Second); got < 8 || got > 12 {
			t.Errorf("%d readings in the first half minute", got)
		}
		calls(20 * time.Minute)
		if got := calls(30 * time.Minute); got < 28 || got > 32 {
			t.Errorf("%d readings in a quiet half hour", got)
		}
		b.Clock.Set(time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC))
		calls(10 * time.Minute)
		if got := calls(time.Hour); got < 11 || got > 14 {
			t.Errorf("%d readings in an hour at night", got)
		}
	})
}

func TestAWatcherMindsWhatServersSay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		ada := b.fake.Stranger("ada@fake.example", us)
		w := b.steps(t, b.n, ch)
		w.until(t, 5, func() bool { return b.fake.Calls(networktest.CallFetch) == 2 })
		// Too many: nothing at all is asked before the server wants to hear of us, and it says so on screen.
		b.fake.Inject(networktest.Fault{Call: networktest.CallFetch, Way: networktest.TooMany, RetryAfter: 7 * time.Minute})
		w.until(t, 5, func() bool { return b.channel(t, ch.ID).Health.Problem != nil })
		if p := b.channel(t, ch.ID).Health.Problem; p.Key != network.ProblemRate || p.Verdict != network.Later {
			t.Errorf("%+v", p)
		}
		if _, err := ada.Mention(ctx, "ci siete?"); err != nil {
			t.Fatal(err)
		}
		w.Ring(network.Bell{})
		if wait, err := w.Step(ctx); err != nil || wait < 6*time.Minute || b.fake.Calls(networktest.CallFetch) != 3 {
			t.Errorf("waits %v, %v", wait, err)
		}
		w.until(t, 5, func() bool { return b.got.size() == 1 })
		if p := b.channel(t, ch.ID).Health.Problem; p != nil {
			t.Errorf("%+v", p)
		}
		// A server that always says there is more, and gives the same, is not stormed.
		b.fake.Inject(networktest.Fault{Call: networktest.CallFetch, Way: networktest.RepeatPage, Times: -1})
		before, end := b.fake.Calls(networktest.CallFetch), b.Clock.Now().Add(10*time.Minute)
		w.until(t, 5000, func() bool { return !b.Clock.Now().Before(end) })
		if got := b.fake.Calls(networktest.CallFetch) - before; got > 60 {
			t.Errorf("%d readings in ten minutes", got)
		}
		b.fake.Heal()
		// A bell makes it read at once, and what it names is read again.
		id, err := ada.Mention(ctx, "uno")
		if err != nil {
			t.Fatal(err)
		}
		w.Ring(network.Bell{})
		rung := b.Clock.Now()
		w.until(t, 8, func() bool { return len(b.got.of(id)) == 1 })
		if d := b.Clock.Now().Sub(rung); d > time.Second {
			t.Errorf("took %v", d)
		}
		if err := ada.Edit(ctx, id, "due"); err != nil {
			t.Fatal(err)
		}
		w.Ring(network.Bell{RemoteIDs: []string{id, id, ""}})
		w.until(t, 8, func() bool { return len(b.got.of(id)) == 2 })
		if got := b.got.of(id)[1].Text; got != "due" {
			t.Error(got)
		}
		// What cannot be stored is our own trouble: it is said, and nothing is lost.
		b.got.failWith(errBoom)
		late, err := ada.Mention(ctx, "tre")
		if err != nil {
			t.Fatal(err)
		}
		w.Ring(network.Bell{})
		w.until(t, 8, func() bool {
			p := b.channel(t, ch.ID).Health.Problem
			return p != nil && p.Key == network.ProblemStoring
		})
		b.got.failWith(nil)
		w.until(t, 8, func() bool { return len(b.got.of(late)) == 1 })
		// Account and rights are looked at once a day.
		probes, limits := b.fake.Calls(networktest.CallProbe), b.fake.Calls(networktest.CallLimits)
		b.Clock.Set(b.channel(t, ch.ID).Health.NextLook)
		w.until(t, 20, func() bool { return b.fake.Calls(networktest.CallProbe) > probes })
		if b.fake.Calls(networktest.CallLimits) != limits+1 || !b.channel(t, ch.ID).Health.NextLook.After(b.Clock.Now().Add(23*time.Hour)) {
			t.Error("the limits were not read, or no next look was set")
		}
	})
}

func TestARevokedTokenBreaksTheChannelAndAPersonMendsIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		w := b.steps(t, b.n, ch)
		w.until(t, 5, func() bool { return b.fake.Calls(networktest.CallFetch) == 1 })
		b.fake.Revoke(us)
		id, err := b.fake.Stranger("ada@fake.example", us).Mention(ctx, "mentre non c’eravate")
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			var wait time.Duration
			if wait, err = w.Step(ctx); err != nil {
				break
			}
			b.Clock.Advance(wait)
		}
		if !errors.Is(err, network.ErrOutrun) {
			t.Fatal(err)
		}
		got := b.channel(t, ch.ID)
		if got.State != network.Broken || got.Health.Problem == nil || got.Health.Problem.Key != network.ProblemRevoked {
			t.Errorf("%+v", got)
		}
		trail, err := b.Team.AuditTrail(ctx, b.Actor(team.Owner), team.AuditFilter{Verb: "network.channel.broken"})
		if err != nil || len(trail.Entries) != 1 || trail.Entries[0].Via != team.ViaSystem {
			t.Error(trail, err)
		}
		if _, err := b.n.Watcher(ctx, ch.Company, ch.ID); !errors.Is(err, network.ErrOutrun) {
			t.Error("a broken channel is watched:", err)
		}
		b.connect(t)
		w = b.steps(t, b.n, ch)
		w.until(t, 5, func() bool { return len(b.got.of(id)) == 1 })
	})
}

func TestAnotherTakesTheWatchOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		old := b.steps(t, b.n, ch)
		if _, err := old.Step(ctx); err != nil {
			t.Fatal(err)
		}
		tend := func() int {
			t.Helper()
			if err := b.n.Tend(ctx); err != nil {
				t.Fatal(err)
			}
			return b.n.Generation(ctx, ch.Company, ch.ID)
		}
		first := b.n.Generation(ctx, ch.Company, ch.ID)
		b.Clock.Advance(40 * time.Second)
		if alive, err := old.Beat(ctx); err != nil || !alive {
			t.Fatal(alive, err)
		}
		b.Clock.Advance(40 * time.Second)
		if got := tend(); got != first {
			t.Errorf("a living watcher was replaced: %d", got)
		}
		b.Clock.Advance(6 * time.Second)
		if got := tend(); got != first+1 {
			t.Errorf("generation %d", got)
		}
		if got := tend(); got != first+1 {
			t.Errorf("replaced twice: %d", got)
		}
		young := b.steps(t, b.room(b.Clock), ch)
		if _, err := b.fake.Stranger("ada@fake.example", us).Mention(ctx, "x"); err != nil {
			t.Fatal(err)
		}
		var err error
		for range 3 {
			if _, err = old.Step(ctx); err != nil {
				break
			}
		}
		if !errors.Is(err, network.ErrOutrun) || b.got.size() != 0 {
			t.Error("the old one still takes in:", err)
		}
		if alive, err := old.Beat(ctx); err != nil || alive {
			t.Error("the old one still beats", err)
		}
		young.until(t, 5, func() bool { return b.got.size() == 1 })
		// Who pauses or disconnects ends the watching too.
		owner := b.Actor(team.Owner)
		for name, f := range map[string]func() error{
			"Pause":      func() error { _, err := b.n.Pause(ctx, owner, ch.ID); return err },
			"Disconnect": func() error { _, err := b.n.Disconnect(ctx, owner, ch.ID); return err },
		} {
			b.connect(t)
			w := b.steps(t, b.n, ch)
			if alive, err := w.Beat(ctx); err != nil || !alive {
				t.Fatal(name, alive, err)
			}
			if err := f(); err != nil {
				t.Fatal(name, err)
			}
			if alive, err := w.Beat(ctx); err != nil || alive {
				t.Error(name, "is still watched", err)
			}
		}
	})
}

func TestCredentialsRenewedElsewhereAreTried(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		w := b.steps(t, b.n, ch)
		w.until(t, 3, func() bool { return b.fake.Calls(networktest.CallFetch) == 1 })
		b.fake.Expire(us)
		other, _, err := b.room(b.Clock).Client(ctx, ch.Company, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Probe(ctx); err != nil { // uses up the one refresh token
			t.Fatal(err)
		}
		for range 3 {
			var wait time.Duration
			if wait, err = w.Step(ctx); err != nil {
				break
			}
			b.Clock.Advance(wait)
		}
		if !errors.Is(err, network.ErrAgain) || b.channel(t, ch.ID).State != network.Active {
			t.Fatal(err)
		}
		w = b.steps(t, b.n, ch)
		w.until(t, 3, func() bool { return b.fake.Calls(networktest.CallFetch) >= 3 })
	})
}

func TestAChannelWhoseSecretsCannotBeOpenedSaysSo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		right := b.keys
		keys, err := seal.Open(seal.Options{Key: base64.StdEncoding.EncodeToString([]byte("fedcba9876543210fedcba9876543210"))})
		if err != nil {
			t.Fatal(err)
		}
		b.keys = keys
		wrong := b.room(b.Clock)
		if _, err := wrong.Watcher(ctx, ch.Company, ch.ID); !errors.Is(err, network.ErrOutrun) {
			t.Fatal(err)
		}
		if got := b.channel(t, ch.ID); got.State != network.Broken || got.Health.Problem.Key != network.ProblemSecrets {
			t.Errorf("%+v", got)
		}
		b.keys = right
		b.Clock.Advance(time.Minute)
		if got, err := b.n.ProbeNow(ctx, b.Actor(team.Owner), ch.ID); err != nil || got.State != network.Active {
			t.Error(got, err)
		}
	})
}

// house is a started house: a room and a queue that runs its jobs.
func (b *bed) house(t *testing.T) (*network.Networks, *queue.Queue) {
	t.Helper()
	n := b.room(clock.System())
	q := queue.New(b.Store, storetest.Log(), queue.Config{Poll: 20 * time.Millisecond})
	n.Register(q)
	if err := q.Open(); err != nil {
		t.Fatal(err)
	}
	if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return n, q
}

// soon waits until something is so.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain: %s", what)
}

func TestAHouseWatchesFromStartToStart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{Now: time.Now})
		b.fake.Join(us)
		ada := b.fake.Stranger("ada@fake.example", us)
		mention := func(text string) string {
			t.Helper()
			id, err := ada.Mention(ctx, text)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		before := mention("prima")
		n, q := b.house(t)
		ch, err := n.ConnectPassword(ctx, b.Actor(team.Owner), b.fake.Server(), us, networktest.AppPassword)
		if err != nil {
			t.Fatal(err)
		}
		soon(t, "what was there before", func() bool { return len(b.got.of(before)) == 1 })
		soon(t, "a stream", func() bool { return b.fake.Streams() == 1 })
		began := time.Now()
		during := mention("durante")
		soon(t, "what is rung", func() bool { return len(b.got.of(during)) == 1 })
		if d := time.Since(began); d > 15*time.Second {
			t.Errorf("took %v", d)
		}
		b.fake.BreakStreams()
		soon(t, "the stream again", func() bool { return b.fake.Streams() == 1 })

		// The house stops without waiting for watchers, and goes on where it was.
		n.Stop()
		stop, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := q.Stop(stop); err != nil {
			t.Fatal(err)
		}
		soon(t, "no stream", func() bool { return b.fake.Streams() == 0 })
		between := mention("tra")
		_, q = b.house(t)
		soon(t, "what came meanwhile", func() bool { return len(b.got.of(between)) == 1 })

		// Cut off in the middle of it.
		soon(t, "a stream", func() bool { return b.fake.Streams() == 1 })
		over, cut := context.WithCancel(context.Background())
		cut()
		_ = q.Stop(over)
		stop2, cancel2 := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel2()
		_ = q.Stop(stop2)
		soon(t, "no stream", func() bool { return b.fake.Streams() == 0 })
		after := mention("dopo")
		n, q = b.house(t)
		if err := n.SetWatchBeat(ctx, ch.ID, time.Now().Add(-time.Minute)); err != nil {
			t.Fatal(err)
		}
		soon(t, "what came after the cut", func() bool { return len(b.got.of(after)) == 1 })
		if _, err := n.Pause(ctx, b.Actor(team.Owner), ch.ID); err != nil {
			t.Fatal(err)
		}
		n.Stop()
		stop3, cancel3 := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel3()
		if err := q.Stop(stop3); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{before, during, between, after} {
			if got := b.got.of(id); len(got) != 1 {
				t.Errorf("%s came %d times", id, len(got))
			}
		}
	})
}
