package inbox

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Moderate says what becomes of something that a person left on a place of ours: it stands, it waits, it is spam, or it goes to the
// place's bin. The place is told first; only what it took is kept here. It needs InboxReply, because it changes what
// everybody reads. The same again changes nothing.
func (x *Inbox) Moderate(ctx context.Context, actor team.Actor, id InteractionID, s network.Standing) error {
	if err := x.moderate(ctx, actor, id, s); err != nil {
		return fmt.Errorf("inbox.Moderate: %w", err)
	}
	return nil
}

func (x *Inbox) moderate(ctx context.Context, actor team.Actor, id InteractionID, s network.Standing) error {
	if err := actor.May(team.InboxReply); err != nil {
		return err
	}
	switch s {
	case network.Approved, network.Held, network.Spam, network.Trashed:
	default:
		return fault.New(fault.Invalid, "inbox.moderate.standing")
	}
	rows, err := x.interactionRows(ctx, actor.Company, []InteractionID{id})
	if err != nil {
		return err
	}
	if len(rows) == 0 || rows[0].Mine || rows[0].Standing == "" {
		return fault.New(fault.NotFound, "inbox.moderate.missing")
	}
	r := rows[0]
	if err := x.networks.Moderate(ctx, actor.Company, r.ChannelID, r.RemoteID, s); err != nil {
		return err
	}
	channels, err := x.networks.ChannelsByID(ctx, actor.Company)
	if err != nil {
		return err
	}
	company, err := x.team.Company(ctx, actor.Company)
	if err != nil {
		return err
	}
	// What happened there has happened, also when whoever asked has gone.
	return x.store.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error {
		in := x.newIntake(tx, channels[r.ChannelID], company)
		if err := in.alone(ctx, tx, r.ChannelID); err != nil {
			return err
		}
		if err := in.setStanding(ctx, r, s); err != nil {
			return err
		}
		if err := in.finish(ctx); err != nil {
			return err
		}
		e := team.Entry{Verb: "inbox.moderate", ObjectKind: "conversation", ObjectID: string(r.ConversationID), Detail: map[string]string{"to": string(s)}}
		if err := x.team.Audit(ctx, tx, actor, e); err != nil {
			return err
		}
		return x.live.Tell(ctx, tx, live.Event{Company: string(actor.Company), Topic: live.Conversation, Ref: string(r.ConversationID)})
	})
}
