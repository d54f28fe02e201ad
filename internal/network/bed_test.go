package network_test

import (
	"context"
	"encoding/base64"
	"errors"
	"sync"
	"testing"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// collector is a receiver that remembers what was committed.
type collector struct {
	mu    sync.Mutex
	fail  error
	calls int
	got   map[string][]network.Item // by remote id, in the order in which they came
}

func (c *collector) Receive(_ context.Context, tx *store.Tx, _ network.Channel, items []network.Item) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if c.fail != nil {
		return c.fail
	}
	tx.AfterCommit(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, it := range items {
			c.got[it.RemoteID] = append(c.got[it.RemoteID], it)
		}
	})
	return nil
}

func (c *collector) failWith(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = err
}

// of gives what came of an item.
func (c *collector) of(id string) []network.Item {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.got[id]
}

func (c *collector) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.got)
}

var errBoom = errors.New("boom")

type bed struct {
	*teamtest.Bed
	n    *network.Networks
	fake *networktest.Fake
	got  *collector
	keys *seal.Keyring
}

func newBed(t testing.TB, s *store.Store, o networktest.FakeOptions) *bed {
	t.Helper()
	b := &bed{Bed: teamtest.New(t, s)}
	if o.Now == nil {
		o.Now = b.Clock.Now
	}
	b.fake = networktest.NewFake(o)
	keys, err := seal.Open(seal.Options{Key: base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))})
	if err != nil {
		t.Fatal(err)
	}
	b.keys = keys
	b.n = b.room(b.Clock)
	return b
}

// room makes another room over the same database, as another node or the next start would.
func (b *bed) room(c clock.Clock) *network.Networks {
	n := network.New(network.Rooms{Store: b.Store, Clock: c, Team: b.Team, Seal: b.keys, Registry: network.NewRegistry(b.fake.Connector())})
	if b.got == nil {
		b.got = &collector{got: map[string][]network.Item{}}
	}
	n.SetReceiver(b.got)
	n.SetRandom(func() float64 { return 0.5 })
	return n
}

const us = "ponte@fake.example"

// connect connects our account with an app password.
func (b *bed) connect(t testing.TB) network.Channel {
	t.Helper()
	b.fake.Join(us)
	ch, err := b.n.ConnectPassword(t.Context(), b.Actor(team.Owner), b.fake.Server(), us, networktest.AppPassword)
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func (b *bed) channel(t testing.TB, id network.ChannelID) network.Channel {
	t.Helper()
	ch, err := b.n.Channel(t.Context(), b.Actor(team.Owner), id)
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// steps watches a channel by hand.
func (b *bed) steps(t testing.TB, n *network.Networks, ch network.Channel) *networkSteps {
	t.Helper()
	s, err := n.Watcher(t.Context(), ch.Company, ch.ID)
	if err != nil {
		t.Fatal(err)
	}
	return &networkSteps{s, b}
}

type networkSteps struct {
	*network.Steps
	b *bed
}

// until steps, moving the clock to what is due next, until done says so, at most times.
func (s *networkSteps) until(t testing.TB, times int, done func() bool) {
	t.Helper()
	for range times {
		if done() {
			return
		}
		wait, err := s.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if done() {
			return
		}
		s.b.Clock.Advance(wait)
	}
	if !done() {
		t.Fatalf("not after %d steps", times)
	}
}
