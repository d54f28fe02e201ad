package housetest

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Thread is a thread on its way out. Each part is planned in the transaction that settles the one before, as an answer
// to it: whatever happens between two parts, none is lost, doubled or out of order.
type Thread struct {
	h       *House
	channel network.Channel
	texts   []string
	ids     []delivery.ID // of the parts planned so far
	root    string        // remote id of the first part
}

// Thread plans the first part of a thread on a channel. A house has one thread at a time.
func (h *House) Thread(ch network.Channel, texts ...string) *Thread {
	h.T.Helper()
	t := &Thread{h: h, channel: ch, texts: texts}
	h.Deliveries.OnChange(delivery.ForPost, t.settled)
	h.must(h.Store.InTx(h.T.Context(), func(ctx context.Context, tx *store.Tx) error { return t.plan(ctx, tx, 0, "") }))
	return t
}

func (t *Thread) plan(ctx context.Context, tx *store.Tx, part int, replyTo string) error {
	id, err := t.h.Deliveries.Plan(ctx, tx, t.h.Actor(team.Owner), delivery.Plan{
		Channel: t.channel.ID, Source: delivery.Source{Kind: delivery.ForPost, ID: fmt.Sprintf("thread/%d", part)},
		Message: delivery.Message{Text: t.texts[part], Visibility: network.Public, Language: "it", ReplyTo: replyTo, ReplyRoot: t.root},
	})
	if err == nil {
		tx.AfterCommit(func() { t.ids = append(t.ids, id) })
	}
	return err
}

func (t *Thread) settled(ctx context.Context, tx *store.Tx, d delivery.Delivery) error {
	var part int
	if _, err := fmt.Sscanf(d.Source.ID, "thread/%d", &part); err != nil || d.State != delivery.Sent || part+1 >= len(t.texts) {
		return nil
	}
	if part == 0 {
		t.root = d.Receipt.RemoteID
	}
	return t.plan(ctx, tx, part+1, d.Receipt.RemoteID)
}

// Deliver takes the parts on from one until one is not sent within patience, or all are. It gives the last it looked at.
func (t *Thread) Deliver(from int, patience time.Duration) (part int, d delivery.Delivery) {
	t.h.T.Helper()
	for part = from; part < len(t.ids); part++ {
		if d = t.h.Deliver(t.ids[part], patience); d.State != delivery.Sent {
			return part, d
		}
	}
	return part - 1, d
}

// ID names the delivery of a part that is planned.
func (t *Thread) ID(part int) delivery.ID { return t.ids[part] }

// Planned is how many parts are planned so far.
func (t *Thread) Planned() int { return len(t.ids) }
