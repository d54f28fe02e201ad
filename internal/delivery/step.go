package delivery

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Step takes a delivery one step further and says after how long it wants the next, 0 for never by itself. It may be
// called at any time, any number of times, by any process: a lease lets one work, and every change is compared with the
// state it started from.
//
//	planned --intent stored--> sending --receipt--> sent
//	   ^                          |--certainly not arrived, may work later--> planned
//	   |                          |--certainly not arrived, will not work---> failed
//	   |                          '--nobody knows, or the process was cut off--> unconfirmed
//	   '------- read back: certainly not there -------------------------------------'  '--read back: there--> sent
func (d *Deliveries) Step(ctx context.Context, id ID) (time.Duration, error) {
	x, err := d.claim(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("delivery.Step: %w", err)
	}
	if x == nil {
		return 0, nil // settled, gone, or another process is at it; the watch looks after it
	}
	d.config.Trace("claimed", id)
	if wait := x.LookAt.Sub(d.clock.Now()); x.State != Sending && wait > 0 {
		// Another job of the same delivery was made meanwhile: neither the moment that was planned nor a pause that a
		// server asked for is cut short.
		return d.pass(ctx, *x, wait)
	}
	if x.State == Sending {
		// The last one who held this was cut off between intent and receipt: nobody knows what arrived.
		x.State, x.doubt, x.absences = Unconfirmed, true, 0
		if err := d.record(ctx, *x, Sending); err != nil {
			return 0, fmt.Errorf("delivery.Step: %w", err)
		}
	}
	var from State
	if x.State == Unconfirmed {
		from = Unconfirmed
		d.readBack(ctx, x)
	} else {
		from = Sending
		if err := d.form(ctx, x); err != nil {
			return 0, fmt.Errorf("delivery.Step: %w", err)
		}
		goes, err := d.intend(ctx, x)
		if err != nil {
			return 0, fmt.Errorf("delivery.Step: %w", err)
		}
		if !goes {
			return 0, nil
		}
		d.config.Trace("intended", id)
		d.send(ctx, x)
		d.config.Trace("called", id)
	}
	again, err := d.leave(ctx, *x, from)
	if err != nil {
		return 0, fmt.Errorf("delivery.Step: %w", err)
	}
	d.config.Trace("settled", id)
	return again, nil
}

// send makes one attempt and writes what came of it into x.
func (d *Deliveries) send(ctx context.Context, x *Delivery) {
	client, ch, err := d.networks.Client(ctx, x.Company, x.Channel)
	if ch.Sample {
		// Of the sample company nothing leaves the house: the delivery is played through to its end.
		d.arrived(x, network.Receipt{RemoteID: "sample:" + string(x.ID), At: d.clock.Now()})
		return
	}
	if err != nil {
		d.refused(x, network.ProblemOf(err))
		return
	}
	out, err := d.outgoing(ctx, *x)
	if err != nil {
		d.refused(x, &network.Problem{Verdict: network.Never, Key: "delivery.trouble.media", Err: err})
		return
	}
	patience := d.patience(out)
	if err := d.keep(ctx, x, patience); err != nil {
		d.refused(x, &network.Problem{Verdict: network.Later, Key: network.ProblemUnknown, Err: err})
		return
	}
	call, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	used, err := d.useKept(ctx, *x, &out)
	if err != nil {
		d.refused(x, &network.Problem{Verdict: network.Later, Key: network.ProblemUnknown, Err: err})
		return
	}
	receipt, err := client.Publish(call, out)
	if p := network.ProblemOf(err); err != nil && used && p.Verdict == network.Never && !p.Uncertain {
		// The server may have thrown the files away: what certainly did not arrive is sent once more, with all that belongs to it.
		d.forgetKept(ctx, x.Company, x.ID)
		out.DropKept()
		receipt, err = client.Publish(call, out)
	}
	if err != nil {
		p := network.ProblemOf(err)
		d.refused(x, p)
		d.report(ctx, ch, p)
		return
	}
	d.arrived(x, receipt)
	d.report(ctx, ch, nil)
}

// Large files are given time for a line of so many bytes a second, but no attempt longer than that.
const (
	slowLink    = 128 << 10
	longestCall = 15 * time.Minute
)

// patience is how long one attempt may take, files included.
func (d *Deliveries) patience(out network.Outgoing) time.Duration {
	var all int64
	for _, u := range out.Media {
		all += u.Size
	}
	return max(min(d.config.CallTimeout+time.Duration(all/slowLink)*time.Second, longestCall), d.config.CallTimeout)
}

// keep makes the lease last as long as an attempt may take, when that is longer than usual.
func (d *Deliveries) keep(ctx context.Context, x *Delivery, patience time.Duration) error {
	if patience <= d.config.CallTimeout {
		return nil
	}
	x.leasedUntil = d.clock.Now().Add(patience + d.config.Grace)
	return d.record(ctx, *x, Sending)
}

func (d *Deliveries) arrived(x *Delivery, r network.Receipt) {
	x.State, x.Receipt, x.Trouble, x.doubt = Sent, r, nil, false
	x.SettledAt, x.LookAt = d.clock.Now(), time.Time{}
}

// refused reads what went wrong: nobody knows, later, or not at all.
func (d *Deliveries) refused(x *Delivery, p *network.Problem) {
	now := d.clock.Now()
	d.log.Warn("delivery: an attempt failed", "delivery", x.ID, "channel", x.Channel, "problem", p)
	since := now
	if x.Trouble != nil && x.Trouble.Key == p.Key {
		since = x.Trouble.Since
	}
	x.Trouble = &Trouble{Key: p.Key, Args: p.Args, Verdict: p.Verdict, Since: since}
	switch {
	case p.Uncertain:
		x.State, x.doubt, x.absences = Unconfirmed, true, 0
		x.LookAt = now.Add(d.config.SettlePause)
	case p.Verdict == network.Later && now.Sub(x.NotBefore) < d.config.GiveUpAfter:
		x.State = Planned
		x.LookAt = now.Add(max(backoff(x.Attempts), p.RetryAfter))
	default:
		x.State, x.SettledAt, x.LookAt = Failed, now, time.Time{}
	}
}

// report tells the room network how the channel is doing; its health is shown to people.
func (d *Deliveries) report(ctx context.Context, ch network.Channel, p *network.Problem) {
	ctx = context.WithoutCancel(ctx)
	var err error
	if p == nil {
		err = d.networks.Succeeded(ctx, ch)
	} else {
		err = d.networks.Failed(ctx, ch, p)
	}
	if err != nil {
		d.log.Error("delivery: the channel's health could not be noted", "channel", ch.ID, "error", err)
	}
}

// backoff grows from 5 seconds to 10 minutes.
func backoff(attempts int) time.Duration {
	return min(5*time.Second<<min(max(attempts-1, 0), 10), 10*time.Minute)
}

// readBack looks on the network for what may have arrived.
func (d *Deliveries) readBack(ctx context.Context, x *Delivery) {
	now := d.clock.Now()
	client, ch, err := d.networks.Client(ctx, x.Company, x.Channel)
	if err != nil {
		x.Trouble = d.still(x.Trouble, "delivery.trouble.unread", network.ProblemOf(err).Verdict)
		x.LookAt = now.Add(d.pause(*x))
		return
	}
	out, err := d.outgoing(ctx, *x)
	if err != nil { // the file is gone, the text is enough to look for
		out.Media = nil
	}
	call, cancel := context.WithTimeout(ctx, d.config.CallTimeout)
	defer cancel()
	receipt, presence, err := client.Find(call, out)
	if err != nil {
		p := network.ProblemOf(err)
		x.Trouble = d.still(x.Trouble, "delivery.trouble.unread", p.Verdict)
		x.LookAt = now.Add(max(d.pause(*x), p.RetryAfter))
		d.report(ctx, ch, p)
		return
	}
	switch presence {
	case network.Present:
		d.arrived(x, receipt)
	case network.Absent:
		x.absences++
		d.absent(x, client.Traits().Safe)
	default:
		x.Trouble = d.still(x.Trouble, "delivery.trouble.unsure", network.Later)
		x.LookAt = now.Add(d.pause(*x))
	}
}

// keyLife is how long servers that honour an idempotency key remember it, with a margin (Mastodon: one hour).
const keyLife = 50 * time.Minute

// absent decides what a reading that found nothing means.
func (d *Deliveries) absent(x *Delivery, safe network.Safety) {
	now := d.clock.Now()
	age := now.Sub(x.TriedAt)
	again := false
	switch safe {
	case network.SafeByClientID:
		again = true // the same record cannot stand twice
	case network.SafeByKey:
		again = now.Sub(x.PreparedAt) < keyLife || x.absences >= 2 && age >= d.config.CertainAfter
	default:
		again = x.absences >= 2 && age >= d.config.CertainAfter
	}
	if again && now.Sub(x.NotBefore) < d.config.GiveUpAfter {
		x.State, x.doubt, x.absences, x.LookAt = Planned, false, 0, now
		return
	}
	x.Trouble = d.still(x.Trouble, "delivery.trouble.absent", network.Later)
	x.LookAt = now.Add(d.pause(*x))
}

// still keeps the beginning of a trouble that goes on.
func (d *Deliveries) still(old *Trouble, key string, v network.Verdict) *Trouble {
	t := &Trouble{Key: key, Verdict: v, Since: d.clock.Now()}
	if old != nil {
		t.Since = old.Since
	}
	return t
}

// pause is how long to wait before reading back again: more and more, up to ten minutes, and for a settled certainty no
// longer than it takes.
func (d *Deliveries) pause(x Delivery) time.Duration {
	p := backoff(x.absences + 1)
	if left := d.config.CertainAfter - d.clock.Now().Sub(x.TriedAt); left > 0 {
		p = min(p, max(left, d.config.SettlePause))
	}
	return p
}

// outgoing makes what the connector takes: the same for every attempt.
func (d *Deliveries) outgoing(ctx context.Context, x Delivery) (network.Outgoing, error) {
	return d.Outgoing(ctx, x.Company, string(x.ID), x.PreparedAt, x.Message)
}

// Outgoing makes of a message what networks take. It is for rooms that edit what was delivered: key and prepared are
// those of the delivery.
func (d *Deliveries) Outgoing(ctx context.Context, c team.CompanyID, key string, prepared time.Time, m Message) (network.Outgoing, error) {
	out := network.Outgoing{
		Key: key, PreparedAt: clock.Trim(prepared), Text: m.Text, ReplyTo: m.ReplyTo, ReplyRoot: m.ReplyRoot,
		Visibility: m.Visibility, Warning: m.Warning, Language: m.Language, Facets: m.Facets, Article: m.Article,
	}
	for _, a := range m.Media {
		u := network.Upload{RemoteID: a.RemoteID}
		if a.RemoteID == "" {
			var err error
			if u, err = d.upload(ctx, c, a.MediaID, a.Form); err != nil {
				return out, err
			}
		}
		u.Alt, u.FocusX, u.FocusY = strings.TrimSpace(a.Alt), a.FocusX, a.FocusY
		out.Media = append(out.Media, u)
	}
	if m.Card != nil {
		out.Card = &network.Card{URL: m.Card.URL, Title: m.Card.Title, Description: m.Card.Description}
		if m.Card.MediaID != "" {
			// A card whose picture is gone, or cannot be used, is still a card.
			if u, err := d.upload(ctx, c, m.Card.MediaID, m.Card.Form); err == nil {
				out.Card.Image = &u
			} else if k := fault.KindOf(err); k != fault.NotFound && k != fault.Invalid {
				return out, err
			}
		}
	}
	return out, nil
}

func (d *Deliveries) upload(ctx context.Context, c team.CompanyID, id string, form *media.Form) (network.Upload, error) {
	f, err := d.media.Get(ctx, string(c), media.ID(id))
	if err != nil {
		return network.Upload{}, err
	}
	u := network.Upload{
		Name: f.Name, MIME: f.MIME, Size: f.Bytes, Width: f.Width, Height: f.Height,
		Open: func() (io.ReadCloser, error) { return d.media.Open(ctx, string(c), f.ID, media.Whole) },
	}
	if form == nil {
		return u, nil
	}
	made, err := d.media.Form(ctx, string(c), f.ID, *form)
	if err != nil {
		return network.Upload{}, err
	}
	u.Name, u.MIME, u.Size, u.Width, u.Height, u.Open = made.Name, made.MIME, made.Bytes, made.Width, made.Height, made.Open
	return u, nil
}

// form brings the pictures of a message into the forms they go out in, before an attempt begins. What goes wrong is told by the attempt,
// which finds what was made. It may take longer than the lease has left, which is then begun anew.
func (d *Deliveries) form(ctx context.Context, x *Delivery) error {
	c := x.Message.Card
	if !slices.ContainsFunc(x.Message.Media, func(a Attachment) bool { return a.Form != nil }) && (c == nil || c.Form == nil) {
		return nil
	}
	if _, ch, err := d.networks.Client(ctx, x.Company, x.Channel); err != nil || ch.Sample {
		return nil // said by the attempt, or nothing goes out
	}
	began := d.clock.Now()
	for _, a := range x.Message.Media {
		if a.Form != nil && a.RemoteID == "" {
			_, _ = d.media.Form(ctx, string(x.Company), media.ID(a.MediaID), *a.Form)
		}
	}
	if c != nil && c.MediaID != "" && c.Form != nil {
		_, _ = d.media.Form(ctx, string(x.Company), media.ID(c.MediaID), *c.Form)
	}
	now := d.clock.Now()
	if now.Sub(began) < d.config.Grace/3 {
		return nil
	}
	x.leasedUntil = now.Add(d.config.CallTimeout + d.config.Grace)
	return d.record(ctx, *x, x.State)
}

// pass gives the lease back and leaves everything else as it was.
func (d *Deliveries) pass(ctx context.Context, x Delivery, wait time.Duration) (time.Duration, error) {
	lease := x.lease
	x.lease, x.leasedUntil = "", time.Time{}
	err := d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return d.save(ctx, tx, x, x.State, lease) })
	if err != nil {
		return 0, fmt.Errorf("delivery.Step: %w", err)
	}
	return wait, nil
}

// leave writes what a step brought, frees the lease, tells the room that asked, and gives the pause until the next step.
func (d *Deliveries) leave(ctx context.Context, x Delivery, from State) (time.Duration, error) {
	// What happened on the network has happened: it is written down even when the house is shutting down.
	ctx = context.WithoutCancel(ctx)
	lease := x.lease
	x.lease, x.leasedUntil = "", time.Time{}
	err := d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := d.save(ctx, tx, x, from, lease); err != nil {
			return err
		}
		if x.State == Sent {
			if err := d.dropUploads(ctx, tx, x.Company, []ID{x.ID}); err != nil {
				return err
			}
		}
		return d.tell(ctx, tx, x)
	})
	if err != nil {
		return 0, err
	}
	if x.LookAt.IsZero() {
		return 0, nil
	}
	return max(x.LookAt.Sub(d.clock.Now()), 10*time.Millisecond), nil
}
