package network

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Rooms are what the room is built on.
type Rooms struct {
	Store    *store.Store
	Clock    clock.Clock
	Team     *team.Team
	Seal     *seal.Keyring
	Registry Registry
	Log      *slog.Logger
	// Outside gives the address under which strangers reach the house; "" or nil: there is none, and no hub is asked.
	Outside func() string
}

// Receiver takes in what channels bring. Receive runs in the transaction that also remembers what was seen and how
// far was read: its error rolls all of it back, and the same items come again. items are new, or differ from what
// was brought before, each remote id once; they are never empty.
type Receiver interface {
	Receive(ctx context.Context, tx *store.Tx, ch Channel, items []Item) error
}

// Changed is told, in the transaction, when the state or the health of a channel changes, so that screens show it.
type Changed func(ctx context.Context, tx *store.Tx, ch Channel) error

// ItemsFunc is told what was new or changed, after the receiver has taken it in, in the same transaction.
type ItemsFunc func(ctx context.Context, tx *store.Tx, ch Channel, items []Item) error

// Networks keeps the channels of all companies. It is safe for use by several goroutines. SetReceiver, SetGate, OnChange
// and Register are called while the house is being built.
type Networks struct {
	store    *store.Store
	clock    clock.Clock
	team     *team.Team
	seal     *seal.Keyring
	registry Registry
	log      *slog.Logger
	outside  func() string
	queue    *queue.Queue // nil until Register: nothing is watched then
	receiver Receiver
	heard    []ItemsFunc
	gate     Gate
	changed  []Changed
	random   func() float64 // in [0, 1): spreads what would happen at the same moment everywhere
	calm     *calm
	stopOnce sync.Once
	stopping chan struct{}
}

// New makes the room. It takes its place in the room team: what it keeps goes away with a company.
func New(r Rooms) *Networks {
	n := &Networks{
		store: r.Store, clock: r.Clock, team: r.Team, seal: r.Seal, registry: r.Registry, log: r.Log, outside: r.Outside,
		random: rand.Float64, calm: newCalm(), stopping: make(chan struct{}),
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	r.Team.OnRemove(n.erase)
	r.Team.OnLeave(func(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, _ team.MemberID) error {
		return n.forgetJoinings(ctx, tx, c, leaver)
	})
	return n
}

// SetReceiver says who takes in what arrives.
func (n *Networks) SetReceiver(r Receiver) { n.receiver = r }

// OnChange registers someone to be told of changes.
func (n *Networks) OnChange(f Changed) { n.changed = append(n.changed, f) }

// OnItems registers someone to be told what was taken in. It is called while the house is built.
func (n *Networks) OnItems(f ItemsFunc) { n.heard = append(n.heard, f) }

// Registry gives the connectors, for screens that list what can be connected.
func (n *Networks) Registry() Registry { return n.registry }

// Stop lets the watchers end soon. It is called before the queue is stopped, which waits for its jobs; they go on
// where they were at the next start.
func (n *Networks) Stop() { n.stopOnce.Do(func() { close(n.stopping) }) }

func (n *Networks) tell(ctx context.Context, tx *store.Tx, ch Channel) error {
	for _, f := range n.changed {
		if err := f(ctx, tx, ch); err != nil {
			return err
		}
	}
	return nil
}

func (n *Networks) audit(ctx context.Context, tx *store.Tx, a team.Actor, verb string, ch Channel) error {
	return n.team.Audit(ctx, tx, a, team.Entry{
		Verb: "network.channel." + verb, ObjectKind: "channel", ObjectID: string(ch.ID),
		Detail: map[string]string{"network": string(ch.Network), "handle": ch.Handle, "server": ch.ServerURL},
	})
}

// Channels lists the channels of the actor's company that are not gone, in the order in which they came. It needs
// ChannelsRead.
func (n *Networks) Channels(ctx context.Context, a team.Actor) ([]Channel, error) {
	if err := a.May(team.ChannelsRead); err != nil {
		return nil, fmt.Errorf("network.Channels: %w", err)
	}
	all, err := n.readChannels(ctx, a.Company)
	if err != nil {
		return nil, fmt.Errorf("network.Channels: %w", err)
	}
	out := make([]Channel, 0, len(all))
	for _, ch := range all {
		if ch.State != Gone {
			out = append(out, ch)
		}
	}
	return out, nil
}

// Channel gives one channel of the actor's company, also one that is gone. It needs ChannelsRead.
func (n *Networks) Channel(ctx context.Context, a team.Actor, id ChannelID) (Channel, error) {
	if err := a.May(team.ChannelsRead); err != nil {
		return Channel{}, fmt.Errorf("network.Channel: %w", err)
	}
	row, err := n.readChannel(ctx, a.Company, id)
	if err != nil {
		return Channel{}, fmt.Errorf("network.Channel: %w", err)
	}
	return row.channel(), nil
}

// ChannelAt gives a channel of any company by its id alone, for doors to which strangers come with an address that names it.
func (n *Networks) ChannelAt(ctx context.Context, id ChannelID) (Channel, error) {
	row, err := n.readChannelAt(ctx, id)
	if err != nil {
		return Channel{}, fmt.Errorf("network.ChannelAt: %w", err)
	}
	return row.channel(), nil
}

// ChannelsByID gives every channel a company has or had, for rooms that show where something came from.
func (n *Networks) ChannelsByID(ctx context.Context, c team.CompanyID) (map[ChannelID]Channel, error) {
	all, err := n.readChannels(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("network.ChannelsByID: %w", err)
	}
	out := make(map[ChannelID]Channel, len(all))
	for _, ch := range all {
		out[ch.ID] = ch
	}
	return out, nil
}

// Measure counts a text as the channel's network counts it, against its limits. It makes no call and works in every
// state of the channel.
func (n *Networks) Measure(ch Channel, text string) (Length, error) {
	c, err := n.registry.Get(ch.Network)
	if err != nil {
		return Length{}, fmt.Errorf("network.Measure: %w", err)
	}
	return mute(c, ch).Measure(text, ch.Limits), nil
}

// Address gives the text that must stand at the start of a reply to an item; see Client.Address. It makes no call and
// works in every state of the channel but for an archive, where nothing can be sent (ErrArchive).
func (n *Networks) Address(ch Channel, to Item) (string, error) {
	if ch.Archive {
		return "", fmt.Errorf("network.Address: %w", ErrArchive)
	}
	c, err := n.registry.Get(ch.Network)
	if err != nil {
		return "", fmt.Errorf("network.Address: %w", err)
	}
	return mute(c, ch).Address(to, ch.Account()), nil
}

// mute opens a client that knows no secrets, for what needs no call.
func mute(c Connector, ch Channel) Client {
	return c.Open(Credentials{ServerURL: ch.ServerURL}, func(context.Context, Credentials) error { return nil })
}

// lookEvery is how often account and rights of a healthy channel are looked at; lookBroken that of a broken one,
// which may have been broken by a server that was confused for an hour.
const (
	lookEvery  = 24 * time.Hour
	lookBroken = 6 * time.Hour
)

// nextLook spreads the looks at many channels over an hour.
func (n *Networks) nextLook(every time.Duration) time.Time {
	return clock.Trim(n.clock.Now().Add(every + time.Duration(n.random()*float64(time.Hour))))
}
