package post

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// WhenKind is how a time is chosen. It is stored in the database.
type WhenKind string

// The ways to choose a time.
const (
	Now  WhenKind = "now"
	At   WhenKind = "at"   // when the clock on the company's wall shows something
	Slot WhenKind = "slot" // the next free slot of each channel
)

// When is the time that was chosen. It is stored in the database.
type When struct {
	Kind   WhenKind // "": none
	Wall   schedule.Wall
	Second bool           // of an hour that comes twice the second
	Anyway bool           // in a quiet time all the same
	Repeat *schedule.Rule // it comes again; its hour and minute are those of Wall
}

// ScheduleIn is when a post is to go out.
type ScheduleIn struct {
	Version int // that the member has before them
	When    When
}

// Schedule plans a post: it goes out by itself at its time. Where the company wants somebody's yes first it asks, and is planned by
// itself with the last one. It needs PostsPublish.
func (p *Posts) Schedule(ctx context.Context, actor team.Actor, id ID, in ScheduleIn) (Post, error) {
	if err := actor.May(team.PostsPublish); err != nil {
		return Post{}, err
	}
	wait := learnWait
	if in.When.Kind == Now {
		wait = learnNow
	}
	if err := p.learnPost(ctx, actor.Company, id, wait); err != nil {
		return Post{}, fmt.Errorf("post.schedule: %w", err)
	}
	return p.change(ctx, actor, id, "post.schedule", func(ctx context.Context, tx *store.Tx, x *Post) error {
		if x.Version != in.Version {
			return fault.New(fault.Conflict, "post.moved")
		}
		if err := p.wish(ctx, x, in.When); err != nil {
			return err
		}
		switch x.State {
		case Pending: // the wish changes, what is asked does not
			return nil
		case Approved, Planned, Held:
			return p.plan(ctx, tx, x)
		case Draft:
		default:
			return fault.New(fault.Conflict, "post.save.out")
		}
		s, err := p.settingsOf(ctx, actor.Company)
		if err != nil {
			return err
		}
		if err := p.freeze(ctx, tx, x); err != nil {
			return err
		}
		steps := s.steps()
		if len(steps) == 0 {
			x.round++
			x.Wanted, x.AskedBy, x.AskedAt, x.Back = nil, actor.Member, p.rooms.Clock.Now(), ""
			return p.plan(ctx, tx, x)
		}
		if err := p.ask(ctx, tx, actor, x, steps); err != nil {
			return err
		}
		if len(steps) > 1 || steps[0].Role != team.Owner || actor.Role != team.Owner {
			return nil
		}
		who, err := p.deciderOf(ctx, actor, id) // an owner who plans it has said the owner's yes
		if err != nil {
			return err
		}
		return p.approve(ctx, tx, x, who, x.Hash, "")
	})
}

// wish checks a time and notes it.
func (p *Posts) wish(ctx context.Context, x *Post, w When) error {
	company, err := p.rooms.Team.Company(ctx, x.Company)
	if err != nil {
		return err
	}
	s, err := p.settingsOf(ctx, x.Company)
	if err != nil {
		return err
	}
	now, zone := p.rooms.Clock.Now(), company.Location()
	bad := func(key string, args map[string]any) error {
		return fault.InvalidFields(fault.Field{Name: "when", Key: key, Args: args})
	}
	quiet := func(at time.Time) error {
		if w.Anyway || !s.Quiet.Covers(at, zone) {
			return nil
		}
		until, _ := s.Quiet.Clear(at, zone)
		return bad("post.when.quiet", map[string]any{"until": schedule.WallOf(until, zone).String()})
	}
	x.DueAt = zero
	switch w.Kind {
	case Now:
		if err := quiet(now); err != nil {
			return err
		}
		w.Wall, w.Second = schedule.Wall{}, false
	case At:
		if w.Repeat != nil {
			rule := *w.Repeat
			rule.Hour, rule.Minute = w.Wall.Hour, w.Wall.Minute
			w.Repeat = &rule
			if err := w.Repeat.Check(w.Wall, zone); err != nil {
				return err
			}
			if first, _, ok := w.Repeat.Next(0, w.Wall, zone); ok {
				w.Wall = schedule.WallOf(first, zone)
			}
		}
		at, _ := schedule.In(w.Wall, zone, w.Second)
		if at.Before(now.Add(-time.Minute)) {
			return bad("post.when.past", nil)
		}
		if err := quiet(at); err != nil && w.Repeat == nil {
			return err
		}
		x.DueAt = at
	case Slot:
		rows, err := p.variantRows(ctx, x.Company, x.ID)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if len(s.Slots[r.ChannelID]) == 0 {
				return bad("post.when.slots", nil)
			}
		}
		w.Wall, w.Second = schedule.Wall{}, false
	default:
		return bad("post.when.kind", nil)
	}
	if w.Repeat != nil && w.Kind != At {
		return bad("post.when.repeat", nil)
	}
	x.When, x.zone = w, company.Zone
	return nil
}

// plan fixes the moments at which a post's variants go out. Nobody has to say anything about it any more, unless its time is long
// over.
func (p *Posts) plan(ctx context.Context, tx *store.Tx, x *Post) error {
	company, err := p.rooms.Team.Company(ctx, x.Company)
	if err != nil {
		return err
	}
	s, err := p.settingsOf(ctx, x.Company)
	if err != nil {
		return err
	}
	rows, err := p.variantRows(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	now, zone := p.rooms.Clock.Now(), company.Location()
	late := now.Add(-time.Duration(s.Late) * time.Minute)
	x.State, x.DueAt, x.zone, x.Trouble = Planned, zero, company.Zone, false
	for _, r := range rows {
		if r.DueAt, err = p.moment(ctx, x, r, s, now, zone); err != nil {
			return err
		}
		r.State, r.Why, r.ReleasedAt = VarPlanned, "", zero
		if r.DueAt.Before(late) {
			r.State, r.Why, x.State = VarHeld, WhyLate, Held
		}
		if x.DueAt.IsZero() || r.DueAt.Before(x.DueAt) {
			x.DueAt = r.DueAt
		}
		if err := p.saveVariant(ctx, tx, r); err != nil {
			return err
		}
		if r.State == VarPlanned {
			if err := p.ring(ctx, tx, r.DueAt); err != nil {
				return err
			}
		}
	}
	x.at()
	if x.When.Repeat != nil && x.Series == "" {
		return p.beginSeries(ctx, tx, x, rows)
	}
	return nil
}

// moment is when a variant goes out.
func (p *Posts) moment(ctx context.Context, x *Post, r *variantRow, s Settings, now time.Time, zone *time.Location) (time.Time, error) {
	switch x.When.Kind {
	case At:
		at, _ := schedule.In(x.When.Wall, zone, x.When.Second)
		if x.When.Repeat != nil && !x.When.Anyway { // what comes again is moved on behind quiet times
			if clear, ok := s.Quiet.Clear(at, zone); ok {
				at = clear
			}
		}
		return at, nil
	case Slot:
		at, ok, err := p.slot(ctx, x.Company, r.ChannelID, s, x.ID, zone, now)
		if err == nil && !ok {
			err = fault.InvalidFields(fault.Field{Name: "when", Key: "post.when.slots"})
		}
		return at, err
	}
	return now, nil
}

// slot is the first free slot of a channel behind a moment: one that no other post has, outside quiet times.
func (p *Posts) slot(ctx context.Context, c team.CompanyID, ch network.ChannelID, s Settings, but ID, zone *time.Location, after time.Time) (time.Time, bool, error) {
	used, err := p.dueOn(ctx, c, ch, but, after)
	if err != nil {
		return zero, false, err
	}
	at, ok := schedule.NextSlot(s.Slots[ch], func(t time.Time) bool { return used[t.Unix()] || s.Quiet.Covers(t, zone) }, zone, after)
	return at, ok, nil
}

// FreeSlots gives the next free slots of a channel, at most n of 50. It needs PostsRead.
func (p *Posts) FreeSlots(ctx context.Context, actor team.Actor, ch network.ChannelID, n int) ([]time.Time, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return nil, err
	}
	company, err := p.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("post.FreeSlots: %w", err)
	}
	s, err := p.settingsOf(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("post.FreeSlots: %w", err)
	}
	var out []time.Time
	for after := p.rooms.Clock.Now(); len(out) < min(n, 50); {
		at, ok, err := p.slot(ctx, actor.Company, ch, s, "", company.Location(), after)
		if err != nil {
			return nil, fmt.Errorf("post.FreeSlots: %w", err)
		}
		if !ok {
			break
		}
		out, after = append(out, at), at
	}
	return out, nil
}

// ClockSays is what a time on the company's wall means.
type ClockSays struct {
	Moments []time.Time // two when it comes twice
	Kind    schedule.Kind
	Quiet   time.Time // until when it lies in a quiet time; zero: it does not
	Zone    string
}

// Clock tells what a time on the company's wall means. It needs PostsRead.
func (p *Posts) Clock(ctx context.Context, actor team.Actor, w schedule.Wall) (ClockSays, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return ClockSays{}, err
	}
	company, err := p.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return ClockSays{}, fmt.Errorf("post.Clock: %w", err)
	}
	s, err := p.settingsOf(ctx, actor.Company)
	if err != nil {
		return ClockSays{}, fmt.Errorf("post.Clock: %w", err)
	}
	c := ClockSays{Zone: company.Zone}
	c.Moments, c.Kind = schedule.Moments(w, company.Location())
	if s.Quiet.Covers(c.Moments[0], company.Location()) {
		c.Quiet, _ = s.Quiet.Clear(c.Moments[0], company.Location())
	}
	return c, nil
}

// Move gives a post another time, as a drag in the calendar does. What was approved stays approved: the time is not among the bytes.
// It needs PostsPublish.
func (p *Posts) Move(ctx context.Context, actor team.Actor, id ID, to schedule.Wall, second bool) (Post, error) {
	if err := actor.May(team.PostsPublish); err != nil {
		return Post{}, err
	}
	return p.change(ctx, actor, id, "post.move", func(ctx context.Context, tx *store.Tx, x *Post) error {
		switch x.State {
		case Draft, Pending, Approved, Planned, Held:
		default:
			return fault.New(fault.Conflict, "post.save.out")
		}
		if err := p.wish(ctx, x, When{Kind: At, Wall: to, Second: second, Anyway: x.When.Anyway}); err != nil {
			return err
		}
		if x.State == Planned || x.State == Held {
			if err := p.resting(ctx, x); err != nil {
				return err
			}
			return p.plan(ctx, tx, x)
		}
		return nil
	})
}

// resting refuses a post of which something is on its way or out.
func (p *Posts) resting(ctx context.Context, x *Post) error {
	vs, err := p.readVariants(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	for _, v := range vs {
		if v.State != VarPlanned && v.State != VarHeld && v.State != Idle || !untouched(v.Parts) {
			return fault.New(fault.Conflict, "post.save.out")
		}
	}
	return nil
}

// Cancelled is what became of a post that was taken back.
type Cancelled struct {
	Post Post
	Out  []network.ChannelID // where something of it was out already, or is going out at this moment
}

// Cancel takes a post back before it goes out. What is out stays out, what is going out at this moment may still arrive, and the
// rest does not follow. It needs PostsPublish.
func (p *Posts) Cancel(ctx context.Context, actor team.Actor, id ID) (Cancelled, error) {
	if err := actor.May(team.PostsPublish); err != nil {
		return Cancelled{}, err
	}
	var c Cancelled
	x, err := p.change(ctx, actor, id, "post.cancel", func(ctx context.Context, tx *store.Tx, x *Post) (err error) {
		if x.State != Planned && x.State != Held && x.State != Sending {
			return fault.New(fault.Conflict, "post.cancel.state")
		}
		c.Out, err = p.stop(ctx, tx, x)
		return err
	})
	c.Post = x
	return c, err
}

// stop takes everything of a post back that has not gone out.
func (p *Posts) stop(ctx context.Context, tx *store.Tx, x *Post) (out []network.ChannelID, err error) {
	rows, err := p.variantRows(ctx, x.Company, x.ID)
	if err != nil {
		return nil, err
	}
	parts, err := p.partsOf(ctx, x.Company, x.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		gone := false // something of it is out, or may be
		for i := range parts {
			if parts[i].Variant != r.ID || parts[i].State == PartWaiting {
				continue
			}
			if parts[i].State == PartSending {
				back, err := p.rooms.Deliveries.Withdraw(ctx, tx, x.Company, parts[i].Delivery)
				if err != nil {
					return nil, err
				}
				if back {
					parts[i].State, parts[i].Delivery = PartWaiting, ""
					if err := p.savePart(ctx, tx, x.Company, parts[i]); err != nil {
						return nil, err
					}
					continue
				}
			}
			gone = gone || parts[i].State != PartFailed
		}
		switch {
		case r.State == VarSent, r.State == VarGone, r.State == Stopped:
			out = append(out, r.ChannelID)
			continue
		case gone:
			out = append(out, r.ChannelID)
			r.State = Stopped
		default:
			r.State = Idle
		}
		r.Why = ""
		if err := p.saveVariant(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		keep := x.Hash
		if err := p.dropParts(ctx, tx, x.ID); err != nil {
			return nil, err
		}
		x.State, x.Hash, x.When, x.DueAt, x.Trouble = Approved, keep, When{}, zero, false
		for _, r := range rows {
			r.DueAt, r.ReleasedAt, r.DoubtAt = zero, zero, zero
			if err := p.saveVariant(ctx, tx, r); err != nil {
				return nil, err
			}
		}
	} else if err := p.summarise(ctx, x); err != nil {
		return nil, err
	}
	return out, p.advanceAll(ctx, tx, x.Company, rows)
}

// Release lets what is held go out now all the same. It needs PostsPublish.
func (p *Posts) Release(ctx context.Context, actor team.Actor, id ID) (Post, error) {
	if err := actor.May(team.PostsPublish); err != nil {
		return Post{}, err
	}
	return p.change(ctx, actor, id, "post.release", func(ctx context.Context, tx *store.Tx, x *Post) error {
		_, stop, err := p.readSettings(ctx, actor.Company)
		if err != nil {
			return err
		}
		if stop != nil {
			return fault.New(fault.Conflict, "post.paused")
		}
		rows, err := p.variantRows(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		now, n := p.rooms.Clock.Now(), 0
		for _, r := range rows {
			if r.State != VarHeld {
				continue
			}
			n++
			r.ReleasedAt = now
			if err := p.enqueue(ctx, tx, r); err != nil {
				return err
			}
		}
		if n == 0 {
			return fault.New(fault.Conflict, "post.release.state")
		}
		if err := p.advanceAll(ctx, tx, actor.Company, rows); err != nil {
			return err
		}
		return p.summarise(ctx, x)
	})
}

// dueJob is the job that takes out what is due at a moment.
type dueJob struct {
	At int64 `json:"at" river:"unique"` // seconds since 1970
}

func (dueJob) Kind() string { return "post.due" }

// ring has what is due at a moment taken out then.
func (p *Posts) ring(ctx context.Context, tx *store.Tx, at time.Time) error {
	if p.rooms.Queue == nil {
		return nil
	}
	o := queue.Options{Line: queue.Send, MaxAttempts: 10}
	if at.After(p.rooms.Clock.Now()) {
		o.At, o.Unique = at, true // many posts of one minute need one job
	}
	return p.rooms.Queue.Add(ctx, tx, dueJob{At: at.Unix()}, o)
}
