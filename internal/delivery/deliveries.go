package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Config tunes the room. The zero value is right for a running house.
type Config struct {
	CallTimeout  time.Duration // of one attempt, to which large files add their time; 0: 60 s
	SettlePause  time.Duration // before an unknown outcome is read back, so that the server may finish; 0: 3 s
	CertainAfter time.Duration // after the last attempt, when "not there" is final where only reading back tells; 0: 10 min
	GiveUpAfter  time.Duration // after the planned moment, when trying ends and people decide; 0: 24 h
	Grace        time.Duration // beyond CallTimeout, when a process that says nothing counts as dead; 0: 30 s
	Overdue      time.Duration // after its moment, when a step counts as forgotten and is given a new job; 0: 20 s
	// Trace hears each step by name, before the next begins: planned, claimed, intended, called, settled. For tests.
	Trace func(step string, id ID)
}

func (c Config) withDefaults() Config {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&c.CallTimeout, time.Minute)
	set(&c.SettlePause, 3*time.Second)
	set(&c.CertainAfter, 10*time.Minute)
	set(&c.GiveUpAfter, 24*time.Hour)
	set(&c.Grace, 30*time.Second)
	set(&c.Overdue, 20*time.Second)
	if c.Trace == nil {
		c.Trace = func(string, ID) {}
	}
	return c
}

// Deliveries brings messages out.
type Deliveries struct {
	store    *store.Store
	clock    clock.Clock
	team     *team.Team
	networks *network.Networks
	media    *media.Media
	queue    *queue.Queue
	log      *slog.Logger
	config   Config
	settled  map[SourceKind]Settled
	heard    []Settled
	gates    map[SourceKind]Gate
}

// New makes the room. Without a queue nothing is brought out by itself: whoever plans it takes each step.
func New(s *store.Store, c clock.Clock, t *team.Team, n *network.Networks, m *media.Media, q *queue.Queue, log *slog.Logger, cfg Config) *Deliveries {
	d := &Deliveries{
		store: s, clock: c, team: t, networks: n, media: m, queue: q, log: log,
		config: cfg.withDefaults(), settled: map[SourceKind]Settled{}, gates: map[SourceKind]Gate{},
	}
	t.OnRemove(d.removeCompany)
	return d
}

// OnChange registers who is told about deliveries of a kind. It is called while the house is built.
func (d *Deliveries) OnChange(kind SourceKind, f Settled) { d.settled[kind] = f }

// Listen registers who is told about deliveries of every kind, after the room that asked for them. It is called while the house is
// built.
func (d *Deliveries) Listen(f Settled) { d.heard = append(d.heard, f) }

// SetGate registers who says whether deliveries of a kind may go out now. It is called while the house is built.
func (d *Deliveries) SetGate(kind SourceKind, g Gate) { d.gates[kind] = g }

// attempt is the job that takes one delivery one step further. Many may exist for one delivery: a lease lets one work.
type attempt struct {
	Delivery ID `json:"delivery"`
}

func (attempt) Kind() string { return "delivery.attempt" }

// watch is the periodic job that finds deliveries whose job was lost.
type watch struct{}

func (watch) Kind() string { return "delivery.watch" }

// watchEvery is how often lost jobs are looked for.
const watchEvery = 15 * time.Second

// Register adds the room's jobs to the queue.
func (d *Deliveries) Register(q *queue.Queue) {
	queue.Handle(q, max(longestCall, d.config.CallTimeout)+time.Minute, func(ctx context.Context, j attempt) error {
		again, err := d.run(ctx, j.Delivery)
		if err != nil {
			return err
		}
		if again > 0 {
			return queue.Again(again)
		}
		return nil
	})
	queue.Handle(q, time.Minute, func(ctx context.Context, _ watch) error { return d.Watch(ctx) })
	q.Every(watchEvery, queue.Options{Line: queue.Quick, MaxAttempts: 1, Unique: true}, watch{})
}

// Plan records a delivery in the transaction of what is delivered: it goes out if and only if that is committed. Planning
// the same source for the same channel twice is a Conflict.
func (d *Deliveries) Plan(ctx context.Context, tx *store.Tx, actor team.Actor, p Plan) (ID, error) {
	now := d.clock.Now()
	x := Delivery{
		ID: ID(deliveryKind.New(now)), Company: actor.Company, Channel: p.Channel, Source: p.Source, State: Planned, Message: p.Message,
		NotBefore: clock.Trim(p.NotBefore), PlannedAt: now, PlannedBy: actor.Member,
	}
	if x.NotBefore.Before(now) {
		x.NotBefore = now
	}
	if x.LookAt = x.NotBefore; d.queue == nil {
		x.LookAt = time.Time{} // nothing happens by itself
	}
	if err := d.insert(ctx, tx, x); err != nil {
		return "", fmt.Errorf("delivery.Plan: %w", err)
	}
	if f := followOf(ctx); f != nil && d.queue != nil && !x.LookAt.After(now) {
		tx.AfterCommit(func() { f.ids = append(f.ids, x.ID) })
	} else if err := d.enqueue(ctx, tx, x.ID, x.LookAt); err != nil {
		return "", fmt.Errorf("delivery.Plan: %w", err)
	}
	tx.AfterCommit(func() { d.config.Trace("planned", x.ID) })
	return x.ID, nil
}

func (d *Deliveries) enqueue(ctx context.Context, tx *store.Tx, id ID, at time.Time) error {
	if d.queue == nil {
		return nil
	}
	o := queue.Options{Line: queue.Send, MaxAttempts: 25}
	if at.After(d.clock.Now()) {
		o.At = at
	}
	return d.queue.Add(ctx, tx, attempt{Delivery: id}, o)
}

// Get gives one delivery. It is for other rooms, which have checked who asks.
func (d *Deliveries) Get(ctx context.Context, c team.CompanyID, id ID) (Delivery, error) {
	x, err := d.get(ctx, c, id)
	if err != nil {
		return Delivery{}, fmt.Errorf("delivery.Get: %w", err)
	}
	return x, nil
}

// Waiting lists the deliveries of a company that have not been tried yet. It is for other rooms, which have checked who asks.
func (d *Deliveries) Waiting(ctx context.Context, c team.CompanyID) ([]ID, error) {
	ids, err := d.waiting(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("delivery.Waiting: %w", err)
	}
	return ids, nil
}

// Troubled lists the deliveries of a company that people should look at: failed in the last week, unconfirmed, or late.
func (d *Deliveries) Troubled(ctx context.Context, actor team.Actor) ([]Delivery, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	return d.troubled(ctx, actor.Company, d.clock.Now())
}

// Overdue lists what should have gone out before a moment, in any company, and is neither out nor failed nor known to be in doubt: at
// most 200, the oldest first; what is older than a day is left out. It is for other rooms.
func (d *Deliveries) Overdue(ctx context.Context, before time.Time) ([]Delivery, error) {
	all, err := d.overdue(ctx, before)
	if err != nil {
		return nil, fmt.Errorf("delivery.Overdue: %w", err)
	}
	return all, nil
}

// Withdraw takes back a delivery that certainly did not arrive and that nobody is at: back tells whether it did. One that is being
// sent at this moment stays, and tells how it went.
func (d *Deliveries) Withdraw(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID) (back bool, err error) {
	if back, err = d.withdraw(ctx, tx, c, id, d.clock.Now()); err != nil {
		return false, fmt.Errorf("delivery.Withdraw: %w", err)
	}
	return back, nil
}

// Retry tries a failed delivery again. Where an earlier attempt may have arrived after all, it is read back first.
func (d *Deliveries) Retry(ctx context.Context, actor team.Actor, id ID) error {
	return d.revive(ctx, actor, id, "delivery.retry", Failed, func(x *Delivery) {
		x.State = Planned
		if x.doubt {
			x.State = Unconfirmed
		}
	})
}

// SendAgain sends an unconfirmed delivery again, because a person has looked and says that it is not there.
func (d *Deliveries) SendAgain(ctx context.Context, actor team.Actor, id ID) error {
	return d.revive(ctx, actor, id, "delivery.sendagain", Unconfirmed, func(x *Delivery) { x.State, x.doubt = Planned, false })
}

// GiveUp ends a delivery that is not settled: it counts as failed and is tried no more.
func (d *Deliveries) GiveUp(ctx context.Context, actor team.Actor, id ID) error {
	return d.revive(ctx, actor, id, "delivery.giveup", Unconfirmed, func(x *Delivery) {
		x.State = Failed
		x.Trouble = &Trouble{Key: GivenUp, Verdict: network.Never, Since: d.clock.Now()}
	})
}

// revive moves a delivery by a person's hand.
func (d *Deliveries) revive(ctx context.Context, actor team.Actor, id ID, verb string, from State, f func(*Delivery)) error {
	if !actor.Can(team.InboxReply) && !actor.Can(team.PostsPublish) {
		return actor.May(team.InboxReply)
	}
	return d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		x, err := d.get(ctx, actor.Company, id)
		if err != nil {
			return fmt.Errorf("%s: %w", verb, err)
		}
		if err := actor.May(x.Source.Kind.permission()); err != nil {
			return err
		}
		if x.State != from || x.lease != "" && d.clock.Now().Before(x.leasedUntil) {
			return fault.New(fault.Conflict, "delivery.moved")
		}
		x.NotBefore, x.LookAt, x.absences = d.clock.Now(), d.clock.Now(), 0
		if f(&x); x.State != Failed {
			x.Trouble, x.SettledAt = nil, time.Time{}
		} else {
			x.LookAt = time.Time{}
		}
		if err := d.save(ctx, tx, x, from, x.lease); err != nil {
			return fmt.Errorf("%s: %w", verb, err)
		}
		if err := d.tell(ctx, tx, x); err != nil {
			return err
		}
		if err := d.team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "delivery", ObjectID: string(id)}); err != nil {
			return err
		}
		if x.State == Failed {
			return nil
		}
		return d.enqueue(ctx, tx, id, x.LookAt)
	})
}

func (d *Deliveries) tell(ctx context.Context, tx *store.Tx, x Delivery) error {
	if f := d.settled[x.Source.Kind]; f != nil {
		if err := f(ctx, tx, x); err != nil {
			return err
		}
	}
	for _, f := range d.heard {
		if err := f(ctx, tx, x); err != nil {
			return err
		}
	}
	return nil
}

// Watch finds deliveries that should have been taken further by now and gives them a new job. A process that was killed
// leaves such behind.
func (d *Deliveries) Watch(ctx context.Context) error {
	err := d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := d.sweepUploads(ctx, tx, d.clock.Now()); err != nil {
			return err
		}
		ids, err := d.stale(ctx, d.clock.Now())
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := d.enqueue(ctx, tx, id, time.Time{}); err != nil {
				return err
			}
		}
		if len(ids) > 0 {
			d.log.Warn("delivery: taken up again", "deliveries", len(ids))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delivery.Watch: %w", err)
	}
	return nil
}

// Recover frees what a process that is gone held, when this is the only one: at start on SQLite. On PostgreSQL leases
// run out by themselves.
func (d *Deliveries) Recover(ctx context.Context) error {
	if d.store.Dialect() != store.SQLite {
		return d.Watch(ctx)
	}
	err := d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		ids, err := d.release(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := d.enqueue(ctx, tx, id, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delivery.Recover: %w", err)
	}
	return nil
}
