package network

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// maxName bounds the name of a channel, in characters.
const maxName = 80

// probeGap is the least time between two looks that people ask for.
const probeGap = 10 * time.Second

// change locks a channel for a member with ChannelsManage, lets f change it, and writes, audits and tells it.
func (n *Networks) change(ctx context.Context, a team.Actor, id ChannelID, verb string, f func(ctx context.Context, tx *store.Tx, r *channelRow) error) (ch Channel, err error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return Channel{}, err
	}
	err = n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, a.Company, id)
		if err != nil {
			return err
		}
		if row.State == Gone {
			return ErrGone
		}
		if err := f(ctx, tx, row); err != nil {
			return err
		}
		if err := n.updateChannel(ctx, tx, row); err != nil {
			return err
		}
		ch = row.channel()
		if err := n.audit(ctx, tx, a, verb, ch); err != nil {
			return err
		}
		return n.tell(ctx, tx, ch)
	})
	return ch, err
}

// Disconnect forgets the credentials of a channel and keeps what it received. It needs ChannelsManage.
func (n *Networks) Disconnect(ctx context.Context, a team.Actor, id ChannelID) (Channel, error) {
	ch, err := n.change(ctx, a, id, "disconnected", func(ctx context.Context, tx *store.Tx, r *channelRow) error {
		r.State, r.Credentials, r.Expires, r.NextLook = Gone, "", time.Time{}, time.Time{}
		r.Grant++ // whoever still holds the old credentials saves and reports in vain
		r.WatchGeneration++
		r.clearProblem()
		return n.leaveHubs(ctx, tx, r)
	})
	if err != nil {
		return Channel{}, fmt.Errorf("network.Disconnect: %w", err)
	}
	return ch, nil
}

// Pause stops reading and sending on an active channel. It needs ChannelsManage.
func (n *Networks) Pause(ctx context.Context, a team.Actor, id ChannelID) (Channel, error) {
	ch, err := n.change(ctx, a, id, "paused", func(_ context.Context, _ *store.Tx, r *channelRow) error {
		if r.State == Broken {
			return ErrBroken
		}
		r.State = Paused
		r.WatchGeneration++
		return nil
	})
	if err != nil {
		return Channel{}, fmt.Errorf("network.Pause: %w", err)
	}
	return ch, nil
}

// Resume goes on reading where a paused channel stopped. It needs ChannelsManage.
func (n *Networks) Resume(ctx context.Context, a team.Actor, id ChannelID) (Channel, error) {
	now := n.clock.Now()
	ch, err := n.change(ctx, a, id, "resumed", func(ctx context.Context, tx *store.Tx, r *channelRow) error {
		if r.State == Broken {
			return ErrBroken
		}
		if r.State != Paused {
			return ErrNotPaused
		}
		r.State, r.WatchBeat = Active, now
		r.WatchGeneration++
		return n.addWatch(ctx, tx, r)
	})
	if err != nil {
		return Channel{}, fmt.Errorf("network.Resume: %w", err)
	}
	return ch, nil
}

// Rename gives a channel a name of the company's own, 1 to 80 characters; "" takes the account's name again at the
// next look. It needs ChannelsManage.
func (n *Networks) Rename(ctx context.Context, a team.Actor, id ChannelID, name string) (Channel, error) {
	name = strings.Join(strings.Fields(scrub(name)), " ")
	ch, err := n.change(ctx, a, id, "renamed", func(_ context.Context, _ *store.Tx, r *channelRow) error {
		if utf8.RuneCountInString(name) > maxName {
			f := errName
			f.Args = map[string]any{"most": maxName}
			return fault.InvalidFields(f)
		}
		r.Name, r.Named = name, name != ""
		if name == "" {
			r.Name = r.Handle
		}
		return nil
	})
	if err != nil {
		return Channel{}, fmt.Errorf("network.Rename: %w", err)
	}
	return ch, nil
}

// ProbeNow asks the network who we are there and what we may do, and brings account, limits and health up to date. A
// broken channel that answers is active again. What stands in the way is told in the channel's health, not as an
// error. A channel is looked at once in 10 seconds at most (ErrProbeSoon). It needs ChannelsManage.
func (n *Networks) ProbeNow(ctx context.Context, a team.Actor, id ChannelID) (Channel, error) {
	ch, err := n.probeNow(ctx, a, id)
	if err != nil {
		return Channel{}, fmt.Errorf("network.ProbeNow: %w", err)
	}
	return ch, nil
}

func (n *Networks) probeNow(ctx context.Context, a team.Actor, id ChannelID) (Channel, error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return Channel{}, err
	}
	row, err := n.readChannel(ctx, a.Company, id)
	if err != nil {
		return Channel{}, err
	}
	if row.State == Gone {
		return Channel{}, ErrGone
	}
	now := n.clock.Now()
	err = n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		turn, err := n.markProbed(ctx, tx, a.Company, id, now, now.Add(-probeGap))
		if err == nil && !turn {
			err = ErrProbeSoon.After(probeGap)
		}
		return err
	})
	if err != nil {
		return Channel{}, err
	}
	if !row.Sample {
		if err := n.look(ctx, row); err != nil {
			return Channel{}, err
		}
	}
	if row, err = n.readChannel(ctx, a.Company, id); err != nil {
		return Channel{}, err
	}
	return row.channel(), nil
}

// look probes a channel and stores what it found, a problem too. Errors are our own.
func (n *Networks) look(ctx context.Context, row *channelRow) error {
	ch := row.channel()
	client, err := n.open(row)
	if err != nil {
		return n.Failed(ctx, ch, ProblemOf(err))
	}
	return n.lookWith(ctx, ch, client)
}

func (n *Networks) lookWith(ctx context.Context, ch Channel, client Client) error {
	account, limits, err := inspect(ctx, ch, client)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return n.Failed(ctx, ch, ProblemOf(err))
	}
	now := n.clock.Now()
	return n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, ch.Company, ch.ID)
		if err != nil {
			return err
		}
		if row.State == Gone || row.Grant != ch.grant {
			return nil // disconnected, or connected anew, meanwhile
		}
		row.setAccount(account)
		row.Limits, row.Traits = limitsRow(limits), traitsRow(client.Traits())
		row.LastSuccess, row.LastAttempt, row.NextLook = now, now, n.nextLook(lookEvery)
		row.clearProblem()
		if row.State == Broken {
			row.State, row.WatchBeat = Active, now
			row.WatchGeneration++
			if err := n.addWatch(ctx, tx, row); err != nil {
				return err
			}
			if err := n.audit(ctx, tx, team.System(row.Company), "healed", row.channel()); err != nil {
				return err
			}
		}
		if err := n.updateChannel(ctx, tx, row); err != nil {
			return err
		}
		return n.tell(ctx, tx, row.channel())
	})
}

// inspect asks who we are and what the server allows.
func inspect(ctx context.Context, ch Channel, client Client) (Account, Limits, error) {
	account, err := client.Probe(ctx)
	if err != nil {
		return Account{}, Limits{}, err
	}
	account = scrubAccount(account)
	if account.RemoteID != ch.RemoteID {
		return Account{}, Limits{}, &Problem{Verdict: Reconnect, Key: ProblemSwapped, Args: map[string]any{"handle": account.Handle}}
	}
	limits, err := client.Limits(ctx)
	return account, limits, err
}

// AddSampleIn describes a channel of the sample company.
type AddSampleIn struct {
	Network   Name
	ServerURL string
	Account   Account
	Limits    Limits
	Traits    Traits
	Connected time.Time
}

// AddSample adds a channel to the sample company: it is never watched and sends nothing. Its conversations are put
// in with Ingest. It needs ChannelsManage.
func (n *Networks) AddSample(ctx context.Context, a team.Actor, in AddSampleIn) (ch Channel, err error) {
	err = n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.ChannelsManage); err != nil {
			return err
		}
		c, err := n.team.Company(ctx, a.Company)
		if err != nil {
			return err
		}
		if !c.Sample {
			return ErrSampleOnly
		}
		now := n.clock.Now()
		row := &channelRow{
			ID: ChannelID(channelKind.New(now)), Company: a.Company, Network: in.Network, ServerURL: in.ServerURL, State: Active,
			ConnectedBy: a.Member, ConnectedAt: in.Connected, Limits: limitsRow(in.Limits), Traits: traitsRow(in.Traits),
			Sample: true, BackfillDone: true, LastSuccess: now, LastAttempt: now,
		}
		row.setAccount(scrubAccount(in.Account))
		if err := n.insertChannel(ctx, tx, row); err != nil {
			return err
		}
		ch = row.channel()
		return n.audit(ctx, tx, a, "connected", ch)
	})
	if err != nil {
		return Channel{}, fmt.Errorf("network.AddSample: %w", err)
	}
	return ch, nil
}

// erase deletes what the room keeps for a company.
func (n *Networks) erase(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if err := n.eraseRows(ctx, tx, c); err != nil {
		return fmt.Errorf("network: erase: %w", err)
	}
	return nil
}
