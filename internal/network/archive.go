package network

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// ArchiveIn says whose export it is.
type ArchiveIn struct {
	Network   Name
	ServerURL string  // scheme and host without a slash at the end
	Account   Account // RemoteID and Handle filled
}

// OpenArchive gives the channel that an export belongs to: the account's own, connected or not, known by its remote id or
// by its handle on the same server; else a new one without a connection, which nobody watches, from which nothing goes
// out and in which everything is past. Connecting the account later makes an ordinary channel of it. A channel that was
// disconnected takes the same mark. It needs ChannelsManage.
func (n *Networks) OpenArchive(ctx context.Context, a team.Actor, in ArchiveIn) (ch Channel, err error) {
	in.Account = scrubAccount(in.Account)
	err = n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.ChannelsManage); err != nil {
			return err
		}
		row, err := n.lockAccount(ctx, tx, a.Company, in.Network, in.ServerURL, in.Account.RemoteID)
		if err == nil && row == nil {
			row, err = n.lockHandle(ctx, tx, a.Company, in)
		}
		if err != nil {
			return err
		}
		switch {
		case row == nil:
			now := n.clock.Now()
			row = &channelRow{
				ID: ChannelID(channelKind.New(now)), Company: a.Company, Network: in.Network, ServerURL: in.ServerURL, State: Gone,
				ConnectedBy: a.Member, ConnectedAt: now, Archive: true, BackfillDone: true,
			}
			row.setAccount(in.Account)
			if err := n.insertChannel(ctx, tx, row); err != nil {
				return err
			}
			if err := n.audit(ctx, tx, a, "archived", row.channel()); err != nil {
				return err
			}
		case row.State == Gone && !row.Archive:
			row.Archive = true
			if err := n.updateChannel(ctx, tx, row); err != nil {
				return err
			}
		}
		ch = row.channel()
		return nil
	})
	if err != nil {
		return Channel{}, fmt.Errorf("network.OpenArchive: %w", err)
	}
	return ch, nil
}

// IngestArchive takes in a part of an export, in one transaction with what also writes. What the channel itself has
// brought stays as it is, deletions too: an export is older than that. On a channel without a connection a newer export
// changes what an older one brought.
func (n *Networks) IngestArchive(ctx context.Context, ch Channel, items []Item, also func(ctx context.Context, tx *store.Tx, res IngestResult) error) (IngestResult, error) {
	items = fold(items)
	var res IngestResult
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, ch.Company, ch.ID)
		if err != nil {
			return err
		}
		now, all := n.clock.Now(), len(items)
		res = IngestResult{}
		some, err := n.admit(ctx, tx, row.channel(), items)
		if err != nil {
			return err
		}
		if !row.Archive {
			if some, err = n.unseen(ctx, tx, ch, some); err != nil {
				return err
			}
		}
		outcome, err := n.mark(ctx, tx, ch, some, now)
		if err != nil {
			return err
		}
		news := make([]Item, 0, len(outcome))
		for i := range some {
			switch outcome[some[i].RemoteID] {
			case markedNew:
				res.New++
			case markedChanged:
				res.Changed++
			default:
				continue
			}
			news = append(news, some[i])
		}
		res.Known = all - res.New - res.Changed
		if len(news) > 0 && n.receiver != nil {
			if err := n.receiver.Receive(ctx, tx, row.channel(), news); err != nil {
				return err
			}
		}
		if row.Items += res.New; res.New > 0 {
			if err := n.updateChannel(ctx, tx, row); err != nil {
				return err
			}
		}
		if also == nil {
			return nil
		}
		return also(ctx, tx, res)
	})
	if err != nil {
		return IngestResult{}, fmt.Errorf("network.IngestArchive: %w", err)
	}
	return res, nil
}

// Sane tells whether a time is one that a database keeps.
func Sane(t time.Time) bool { return !sane(t).IsZero() }
