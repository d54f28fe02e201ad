package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Rooms are the rooms below that the inbox is built on.
type Rooms struct {
	Store      *store.Store
	Clock      clock.Clock
	Team       *team.Team
	Networks   *network.Networks
	Deliveries *delivery.Deliveries
	Audience   *audience.Audience
	Search     *search.Search
	Media      *media.Media
	Live       *live.Hub
	Verdicts   *verdict.Verdicts
}

// Inbox gathers conversations and answers them.
type Inbox struct {
	store      *store.Store
	clock      clock.Clock
	team       *team.Team
	networks   *network.Networks
	deliveries *delivery.Deliveries
	audience   *audience.Audience
	search     *search.Search
	media      *media.Media
	live       *live.Hub
	verdicts   *verdict.Verdicts
	listeners  []Listeners
	bounds     eraseBounds
}

// New makes the room and takes its places in the rooms below: it receives what networks bring, hears how replies
// went out, and hands on the work of those who leave.
func New(r Rooms) *Inbox {
	x := &Inbox{
		store: r.Store, clock: r.Clock, team: r.Team, networks: r.Networks, deliveries: r.Deliveries,
		audience: r.Audience, search: r.Search, media: r.Media, live: r.Live, bounds: wholeSteps, verdicts: r.Verdicts,
	}
	r.Networks.SetReceiver(x)
	r.Networks.SetGate(r.Audience.Admit)
	r.Audience.OnErase("inbox", x.erase)
	r.Audience.OnKeep(x.keep)
	r.Audience.OnCount(x.count)
	r.Audience.OnExport(x.export)
	r.Deliveries.OnChange(delivery.ForReply, x.delivered)
	r.Verdicts.OnChange(x.reheard)
	r.Verdicts.SetSource(x.texts)
	r.Team.OnLeave(x.handOn)
	r.Team.OnRemove(x.removeCompany)
	return x
}

// wake is the periodic job that ends snoozes.
type wake struct{}

func (wake) Kind() string { return "inbox.wake" }

// wakeEvery is how exactly a snooze ends.
const wakeEvery = 20 * time.Second

// Register adds the room's jobs to the queue.
func (x *Inbox) Register(q *queue.Queue) {
	queue.Handle(q, time.Minute, func(ctx context.Context, _ wake) error { return x.Wake(ctx) })
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ catchUp) error { return x.CatchUp(ctx) })
	q.Every(catchUpEvery, queue.Options{Line: queue.Think, MaxAttempts: 1, Unique: true}, catchUp{})
	q.Every(wakeEvery, queue.Options{Line: queue.Quick, MaxAttempts: 1, Unique: true}, wake{})
}

// Wake opens the snoozed conversations whose moment has come, in every company.
func (x *Inbox) Wake(ctx context.Context) error {
	err := x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		companies, err := x.wakeDue(ctx, tx, x.clock.Now())
		if err != nil {
			return err
		}
		for _, c := range companies {
			if err := x.live.Tell(ctx, tx, live.Event{Company: string(c), Topic: live.Inbox}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("inbox.Wake: %w", err)
	}
	return nil
}

// handOn gives the work of someone who leaves to an heir; without an heir it becomes nobody's, which everybody sees.
func (x *Inbox) handOn(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
	if err := x.reassign(ctx, tx, c, leaver, heir); err != nil {
		return fmt.Errorf("inbox.handOn: %w", err)
	}
	return x.live.Tell(ctx, tx, live.Event{Company: string(c), Topic: live.Inbox})
}

// tell says to open browsers that a conversation and the lists changed.
func (x *Inbox) tell(ctx context.Context, tx *store.Tx, actor team.Actor, id ConversationID) error {
	return x.live.Tell(ctx, tx,
		live.Event{Company: string(actor.Company), Topic: live.Conversation, Ref: string(id), By: string(actor.Member)},
		live.Event{Company: string(actor.Company), Topic: live.Inbox, Ref: string(id), By: string(actor.Member)})
}

// due is the moment by which a company wants to have answered someone who waits since then.
func due(c team.Company, since time.Time) time.Time {
	target := c.Settings.Target.Std()
	if target <= 0 {
		return time.Time{}
	}
	return within(c, since, target)
}

// hurries are the longest that something urgent waits, by its urgency.
var hurries = map[int]time.Duration{2: 4 * time.Hour, 3: time.Hour}

// hurry is the moment by which something urgent that was written then wants an answer; zero when it is not urgent.
func hurry(c team.Company, at time.Time, urgency int) time.Time {
	longest, urgent := hurries[urgency]
	target := c.Settings.Target.Std()
	if !urgent || target <= 0 {
		return time.Time{}
	}
	return within(c, at, min(target, longest))
}

// within counts a time as the company does: in its open hours, where it wants that.
func within(c team.Company, since time.Time, d time.Duration) time.Time {
	if c.Settings.InHours {
		return clock.Trim(c.Settings.Hours.Add(since, d, c.Location()))
	}
	return clock.Trim(since.Add(d))
}

// earliest is the first of two moments; zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// missing says that a conversation is not there.
func missing() error { return fault.New(fault.NotFound, "inbox.conversation.missing") }
