package network

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// How much of what rooms do about posts a channel bears in a minute. It is counted apart from what people cause by
// looking, so that counting never keeps anybody from reading.
const (
	countsMost = 20 // requests, each for up to MostCounts posts
	changeMost = 20 // edits and deletions
)

// Counts reads what posts have brought so far. It is for other rooms, which have checked who asks. The same posts are
// not counted twice within 20 seconds and a channel bears 20 such requests a minute, each for up to MostCounts posts:
// beyond that, and while the server asks to be left alone, it gives ErrCalm, which says after how long to come back.
// What was counted before that is given all the same. A channel that cannot be used gives the fault that says why.
func (n *Networks) Counts(ctx context.Context, c team.CompanyID, id ChannelID, remoteIDs []string) ([]Counts, error) {
	var out []Counts
	for part := range slices.Chunk(remoteIDs, MostCounts) {
		got, err := n.counts(ctx, c, id, part)
		if err != nil {
			return out, fmt.Errorf("network.Counts: %w", err)
		}
		out = append(out, got...)
	}
	return out, nil
}

func (n *Networks) counts(ctx context.Context, c team.CompanyID, id ChannelID, remoteIDs []string) ([]Counts, error) {
	client, ch, err := n.Client(ctx, c, id)
	if err != nil {
		return nil, upstream(err)
	}
	which := sha256.Sum256([]byte(strings.Join(remoteIDs, "\x00")))
	if wait := n.calm.wait(bucket{id, "counts"}, "counts "+string(which[:]), countsMost, n.clock.Now()); wait > 0 {
		return nil, ErrCalm.After(wait)
	}
	got, err := client.Counts(ctx, remoteIDs)
	if err != nil {
		return nil, n.unable(ctx, ch, err, false)
	}
	return got, nil
}

// Edit puts a message in the place of what stands at remoteID; see Client.Edit. It is for other rooms, which have
// checked who asks. The fault of an edit whose outcome is unknown has a Problem with Uncertain in its chain: the same
// edit may be asked for again. A channel bears 20 edits and deletions a minute; beyond that it gives ErrCalm.
func (n *Networks) Edit(ctx context.Context, c team.CompanyID, id ChannelID, remoteID string, m Outgoing) (Receipt, error) {
	var r Receipt
	err := n.alter(ctx, c, id, func(ctx context.Context, cl Client) (err error) {
		r, err = cl.Edit(ctx, remoteID, m)
		return err
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("network.Edit: %w", err)
	}
	return r, nil
}

// Retract takes back something we published; see Client.Delete. It is as careful as Edit, and may be asked for again.
func (n *Networks) Retract(ctx context.Context, c team.CompanyID, id ChannelID, remoteID string) error {
	err := n.alter(ctx, c, id, func(ctx context.Context, cl Client) error { return cl.Delete(ctx, remoteID) })
	if err != nil {
		return fmt.Errorf("network.Retract: %w", err)
	}
	return nil
}

// Moderate says what becomes of something that a person left with us; see Client.Moderate. It is as careful as Edit, and may
// be asked for again.
func (n *Networks) Moderate(ctx context.Context, c team.CompanyID, id ChannelID, remoteID string, s Standing) error {
	row, err := n.readChannel(ctx, c, id)
	if err == nil && row.Sample { // there is no site: what was decided is all there is
		return nil
	}
	if err == nil {
		err = n.alter(ctx, c, id, func(ctx context.Context, cl Client) error { return cl.Moderate(ctx, remoteID, s) })
	}
	if err != nil {
		return fmt.Errorf("network.Moderate: %w", err)
	}
	return nil
}

// alterFor bounds one change, files included.
const alterFor = 2 * time.Minute

func (n *Networks) alter(ctx context.Context, c team.CompanyID, id ChannelID, do func(context.Context, Client) error) error {
	client, ch, err := n.Client(ctx, c, id)
	if err != nil {
		return upstream(err)
	}
	if wait := n.calm.wait(bucket{id, "change"}, "", changeMost, n.clock.Now()); wait > 0 {
		return ErrCalm.After(wait)
	}
	call, cancel := context.WithTimeout(ctx, alterFor)
	defer cancel()
	if err := do(call, client); err != nil {
		return n.unable(ctx, ch, err, true)
	}
	// What happened on the network has happened, also when whoever asked has gone.
	return n.Succeeded(context.WithoutCancel(ctx), ch)
}

// unable notes what a client said in the channel's health and gives the fault for it. Whether a channel cannot be
// reached for now is for its watcher to say, unless something was to be changed.
func (n *Networks) unable(ctx context.Context, ch Channel, err error, change bool) error {
	p := ProblemOf(err)
	if p.Key == ProblemRate {
		n.calm.hold(ch.ID, p.RetryAfter, n.clock.Now())
	}
	if p.Verdict == Reconnect || change && ctx.Err() == nil {
		if err := n.Failed(context.WithoutCancel(ctx), ch, p); err != nil {
			return err
		}
	}
	return p.Fault()
}
