package post

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// gate is asked by the room delivery, in the transaction that stores the intent of an attempt, whether a part may go out now. While
// everything is paused nothing may; what has not begun may not when it has become late, be it that the machine slept or that the network
// did not answer. A no drops the delivery: the part waits, and its variant is held until a person releases it.
func (p *Posts) gate(ctx context.Context, tx *store.Tx, d delivery.Delivery) (bool, error) {
	ok, err := p.mayGo(ctx, tx, d)
	if err != nil {
		return false, fmt.Errorf("post.gate: %w", err)
	}
	return ok, nil
}

func (p *Posts) mayGo(ctx context.Context, tx *store.Tx, d delivery.Delivery) (bool, error) {
	if _, err := partKind.Parse(d.Source.ID); err != nil {
		return true, nil // not of this room
	}
	if err := p.alone(ctx, tx, d.Company); err != nil {
		return false, err
	}
	x, r, err := p.partAndVariant(ctx, d.Company, PartID(d.Source.ID))
	if fault.KindOf(err) == fault.NotFound {
		return false, nil // the post is gone
	}
	if err != nil {
		return false, err
	}
	s, stop, err := p.readSettings(ctx, d.Company)
	if err != nil {
		return false, err
	}
	why := Why("")
	switch {
	case x.Delivery != d.ID || r.State == Stopped || r.State == Idle:
	case stop != nil:
		why = WhyPaused
	case x.Number == 0 && p.rooms.Clock.Now().Sub(since(r)) > time.Duration(s.Late)*time.Minute:
		why = WhyLate
	default:
		return true, nil
	}
	x.State, x.Delivery = PartWaiting, ""
	if err := p.savePart(ctx, tx, d.Company, x); err != nil {
		return false, err
	}
	switch {
	case why != "":
		err = p.hold(ctx, tx, r, why)
	case r.State == Stopped && x.Number == 0: // it was taken back at the last moment: nothing of it is out
		r.State, r.DueAt, r.ReleasedAt = Idle, zero, zero
		err = p.saveVariant(ctx, tx, r)
	}
	if err != nil {
		return false, err
	}
	if err := p.advance(ctx, tx, d.Company, r.ChannelID); err != nil {
		return false, err
	}
	return false, p.summariseAll(ctx, tx, d.Company, []ID{x.Post})
}

// since is from when a variant's lateness counts.
func since(r *variantRow) time.Time {
	if !r.ReleasedAt.IsZero() {
		return r.ReleasedAt
	}
	return r.DueAt
}

// delivered hears from the room delivery how a part is going, in the transaction of the change. The part behind one that was sent
// is planned in it, so that a thread goes on where it stands whatever happens in between.
func (p *Posts) delivered(ctx context.Context, tx *store.Tx, d delivery.Delivery) error {
	if err := p.settle(ctx, tx, d); err != nil {
		return fmt.Errorf("post.delivered: %w", err)
	}
	return nil
}

func (p *Posts) settle(ctx context.Context, tx *store.Tx, d delivery.Delivery) error {
	if err := p.alone(ctx, tx, d.Company); err != nil {
		return err
	}
	x, r, err := p.partAndVariant(ctx, d.Company, PartID(d.Source.ID))
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	now := p.rooms.Clock.Now()
	x.Trouble = d.Trouble
	switch d.State {
	case delivery.Sent:
		x.State, x.RemoteID, x.URL, x.Version, x.SentAt, x.Trouble = PartSent, d.Receipt.RemoteID, d.Receipt.URL, d.Receipt.Version, d.SettledAt, nil
		x.files = d.Receipt.Media
	case delivery.Unconfirmed:
		x.State = PartUnconfirmed
	case delivery.Failed:
		x.State = PartFailed
	default:
		x.State = PartSending
	}
	if err := p.savePart(ctx, tx, d.Company, x); err != nil {
		return err
	}
	if err := p.follow(ctx, tx, d.Company, r, x, now); err != nil {
		return err
	}
	if err := p.advance(ctx, tx, d.Company, r.ChannelID); err != nil {
		return err
	}
	return p.summariseAll(ctx, tx, d.Company, []ID{x.Post})
}

// follow takes a variant on after one of its parts has moved.
func (p *Posts) follow(ctx context.Context, tx *store.Tx, c team.CompanyID, r *variantRow, x Part, now time.Time) error {
	r.DoubtAt = zero
	switch x.State {
	case PartSent:
		if err := p.beginCounts(ctx, tx, c, x); err != nil {
			return err
		}
		parts, err := p.partsOfVariant(ctx, c, r.ID)
		if err != nil {
			return err
		}
		left := false
		for _, y := range parts {
			left = left || y.State != PartSent && y.State != PartGone
		}
		switch {
		case !left:
			r.State, r.SentAt = VarSent, now
		case r.State == Stopped:
		default:
			r.State = VarSending
			if err := p.goOn(ctx, tx, c, parts); err != nil {
				return err
			}
		}
	case PartFailed:
		if r.State != Stopped {
			r.State = VarFailed
		}
	case PartUnconfirmed:
		if r.DoubtAt = now; r.State != Stopped {
			r.State = VarSending
		}
	case PartSending:
		if r.State != Stopped {
			r.State = VarSending
		}
	}
	return p.saveVariant(ctx, tx, r)
}

// Retry tries to bring out a part that failed again. It needs PostsPublish.
func (p *Posts) Retry(ctx context.Context, actor team.Actor, id PartID) error {
	return p.redeliver(ctx, actor, id, "post.retry", p.rooms.Deliveries.Retry)
}

// SendAgain brings out again a part of which nobody knows whether it arrived, because a person has looked and says that it is not
// there. It needs PostsPublish.
func (p *Posts) SendAgain(ctx context.Context, actor team.Actor, id PartID) error {
	return p.redeliver(ctx, actor, id, "post.sendagain", p.rooms.Deliveries.SendAgain)
}

// GiveUp ends a part of which nobody knows whether it arrived: it counts as failed. One that failed is left as it stands, with what
// should have followed it, and is no trouble any more. It needs PostsPublish.
func (p *Posts) GiveUp(ctx context.Context, actor team.Actor, id PartID) error {
	if err := actor.May(team.PostsPublish); err != nil {
		return err
	}
	x, _, err := p.partAndVariant(ctx, actor.Company, id)
	if err != nil {
		return fmt.Errorf("post.giveup: %w", err)
	}
	if x.State != PartFailed {
		return p.redeliver(ctx, actor, id, "post.giveup", p.rooms.Deliveries.GiveUp)
	}
	_, err = p.change(ctx, actor, x.Post, "post.giveup", func(ctx context.Context, tx *store.Tx, post *Post) error {
		x, r, err := p.partAndVariant(ctx, actor.Company, id) // again, with nobody else at it
		if err != nil {
			return err
		}
		if x.State != PartFailed || r.State != VarFailed {
			return fault.New(fault.Conflict, "delivery.moved")
		}
		r.State = Stopped
		if err := p.saveVariant(ctx, tx, r); err != nil {
			return err
		}
		return p.summarise(ctx, post)
	})
	return err
}

func (p *Posts) redeliver(ctx context.Context, actor team.Actor, id PartID, verb string, f func(context.Context, team.Actor, delivery.ID) error) error {
	if err := actor.May(team.PostsPublish); err != nil {
		return err
	}
	x, r, err := p.partAndVariant(ctx, actor.Company, id)
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if x.Delivery == "" {
			return fault.New(fault.Conflict, "delivery.moved")
		}
		_, stop, err := p.readSettings(ctx, actor.Company)
		if err != nil {
			return err
		}
		if stop != nil && verb != "post.giveup" {
			return fault.New(fault.Conflict, "post.paused")
		}
		// The delivery is held first, see alone; it tells settle.
		if err := f(ctx, actor, x.Delivery); err != nil {
			return err
		}
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		if r.State != Stopped {
			if err := p.released(ctx, tx, r.ID, p.rooms.Clock.Now()); err != nil {
				return err
			}
		}
		return p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "post", ObjectID: string(x.Post)})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// summarise derives from its variants where a post stands that is on its way or behind it.
func (p *Posts) summarise(ctx context.Context, x *Post) error {
	rows, err := p.variantRows(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	parts, err := p.partsOf(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	n := map[VariantState]int{}
	x.DueAt, x.SentAt = zero, zero
	for _, r := range rows {
		n[r.State]++
		if !r.DueAt.IsZero() && (x.DueAt.IsZero() || r.DueAt.Before(x.DueAt)) {
			x.DueAt = r.DueAt
		}
		if r.SentAt.After(x.SentAt) {
			x.SentAt = r.SentAt
		}
	}
	unknown, out := false, false
	for _, y := range parts {
		unknown = unknown || y.State == PartUnconfirmed
		out = out || y.State == PartSent || y.State == PartGone
	}
	x.Trouble = unknown || n[VarFailed] > 0
	switch {
	case n[VarHeld] > 0:
		x.State = Held
	case n[Queued]+n[VarSending] > 0 || unknown:
		x.State = Sending
	case n[VarPlanned] > 0:
		x.State = Planned
	case n[VarFailed] > 0, n[Stopped] > 0 && !out: // or given up before anything was out
		x.State = Failed
	case n[VarSent]+n[Stopped] > 0:
		x.State = Sent
	case n[VarGone] > 0:
		x.State = Gone
	case n[Idle] == len(rows) && x.State != Draft && x.State != Pending: // all of it was taken back
		x.State, x.When, x.DueAt = Approved, When{}, zero
	}
	if x.State != Sent && x.State != Gone {
		x.SentAt = zero
	}
	x.at()
	return nil
}

// summariseAll does so for several posts, and tells open browsers.
func (p *Posts) summariseAll(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []ID) error {
	seen := map[ID]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		x, err := p.readPost(ctx, c, id)
		if err != nil {
			return err
		}
		before := x
		if err := p.summarise(ctx, &x); err != nil {
			return err
		}
		if x.State != before.State || x.Trouble != before.Trouble || !x.DueAt.Equal(before.DueAt) || !x.SentAt.Equal(before.SentAt) {
			if err := p.savePost(ctx, tx, x); err != nil {
				return err
			}
		}
		if err := p.tell(ctx, tx, team.System(c), id); err != nil {
			return err
		}
	}
	return nil
}
