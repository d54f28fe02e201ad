package post

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// Filter narrows a list.
type Filter struct {
	States  []State // none: all
	Channel network.ChannelID
	Mine    bool // that the actor made
	Trouble bool
	Cursor  string
	Limit   int // 0: 30; at most 100
}

// Entry is a post as lists and the calendar show it.
type Entry struct {
	Post     Post
	Preview  string
	Channels []network.ChannelID
	Waits    bool // for a yes
	// Correction is other words for what stands that wait for a yes, where that is what the entry is about.
	Correction *Correction
	Missed     bool // its time has passed without the yes it needs
}

// List is a page of posts.
type List struct {
	Entries []Entry
	Next    string // cursor of the next page; "" is the last
}

// List gives posts, the latest first. It needs PostsRead; a member without it sees what is shared with them.
func (p *Posts) List(ctx context.Context, actor team.Actor, f Filter) (List, error) {
	shared, err := p.mayList(actor)
	if err != nil {
		return List{}, err
	}
	if slices.ContainsFunc(f.States, func(s State) bool { return !slices.Contains(States, s) }) {
		return List{}, fault.New(fault.Invalid, "post.state.unknown")
	}
	if f.Limit <= 0 {
		f.Limit = 30
	}
	f.Limit = min(f.Limit, 100)
	l, err := p.list(ctx, actor, f, shared)
	if err != nil {
		return List{}, fmt.Errorf("post.List: %w", err)
	}
	return l, nil
}

// mayList tells whether an actor sees only what is shared with them; an actor who is no member in person and may not read is
// refused.
func (p *Posts) mayList(actor team.Actor) (shared bool, err error) {
	refused := actor.May(team.PostsRead)
	if refused == nil || actor.Self() != nil || !slices.Contains(team.Roles, actor.Role) {
		return false, refused
	}
	return true, nil
}

// mostCalendar bounds a range of the calendar: a little more than two months, and so many posts.
const (
	calendarDays = 70
	mostCalendar = 2000
)

// Calendar gives the posts whose time lies in a range of at most 70 days, in their order. It needs PostsRead; a member without it
// sees what is shared with them.
func (p *Posts) Calendar(ctx context.Context, actor team.Actor, from, to time.Time) ([]Entry, error) {
	shared, err := p.mayList(actor)
	if err != nil {
		return nil, err
	}
	if !to.After(from) || to.Sub(from) > calendarDays*24*time.Hour {
		return nil, fault.New(fault.Invalid, "post.range").With("days", calendarDays)
	}
	es, err := p.calendar(ctx, actor, from, to, shared)
	if err != nil {
		return nil, fmt.Errorf("post.Calendar: %w", err)
	}
	return es, nil
}

// Counts says how many posts stand where. Counting stops at CountCap.
type Counts struct {
	States  map[State]int
	Trouble int
	Missed  int
}

// CountCap is where counting stops: more is shown as "more than".
const CountCap = 1000

// Counts counts the posts of the company. It needs PostsRead.
func (p *Posts) Counts(ctx context.Context, actor team.Actor) (Counts, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return Counts{}, err
	}
	c, err := p.countPosts(ctx, actor.Company, p.rooms.Clock.Now())
	if err != nil {
		return Counts{}, fmt.Errorf("post.Counts: %w", err)
	}
	return c, nil
}

// mostWaiting bounds what pages of today show.
const mostWaiting = 50

// ToApprove gives the posts that wait for a yes which the actor may give next, oldest first, at most 50. Anybody may ask: who may
// give none gets none.
func (p *Posts) ToApprove(ctx context.Context, actor team.Actor) ([]Entry, error) {
	if actor.Self() != nil {
		if err := actor.May(team.PostsApprove); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(team.Roles, actor.Role) {
		return nil, actor.May(team.PostsApprove)
	}
	es, err := p.toApprove(ctx, actor)
	if err != nil {
		return nil, fmt.Errorf("post.ToApprove: %w", err)
	}
	return es, nil
}

func (p *Posts) toApprove(ctx context.Context, actor team.Actor) ([]Entry, error) {
	all, err := p.pending(ctx, actor, !actor.Can(team.PostsApprove))
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, e := range all {
		who, err := p.deciderOf(ctx, actor, e.Post.ID)
		if err != nil {
			return nil, err
		}
		ds, err := p.decisions(ctx, e.Post)
		if err != nil {
			return nil, err
		}
		authors, err := p.authors(ctx, e.Post)
		if err != nil {
			return nil, err
		}
		ok, err := p.counts(ctx, e.Post, who, e.Post.Wanted, ds, authors...)
		if fault.KindOf(err) == fault.Denied {
			continue
		}
		if err != nil {
			return nil, err
		}
		if ok && len(out) < mostWaiting {
			out = append(out, e)
		}
	}
	if !actor.Can(team.PostsApprove) {
		return out, nil
	}
	cs, err := p.pendingCorrections(ctx, actor.Company)
	if err != nil {
		return nil, err
	}
	for _, c := range cs {
		x, err := p.readPost(ctx, actor.Company, c.Post)
		if err != nil {
			return nil, err
		}
		who, err := p.deciderOf(ctx, actor, c.Post)
		if err != nil {
			return nil, err
		}
		ds, err := p.decisionsOn(ctx, x, c)
		if err != nil {
			return nil, err
		}
		if ok, err := p.counts(ctx, x, who, c.Wanted, ds, c.By); ok && err == nil {
			out = append(out, Entry{Post: x, Preview: preview(c.Written.Message), Waits: true, Correction: &c})
		} else if err != nil && fault.KindOf(err) != fault.Denied {
			return nil, err
		}
	}
	return out, nil
}

// TroubleKind is what is wrong with a post.
type TroubleKind string

// The kinds of trouble.
const (
	TroublePart       TroubleKind = "part"       // a message failed, or nobody knows whether it arrived
	TroubleHeld       TroubleKind = "held"       // its time has come and it asks before it goes out
	TroubleMissed     TroubleKind = "missed"     // its time has passed without the yes it needs
	TroubleCorrection TroubleKind = "correction" // a change of what stands did not get through
)

// Trouble is something about a post that people should look at, with its cause. The remedy stands at Cause.Key + ".remedy".
type Trouble struct {
	Kind       TroubleKind
	Entry      Entry
	Channel    network.ChannelID // "" when it is about the whole post
	Part       *Part
	Correction *Correction
	Cause      delivery.Trouble
}

// Troubled lists what people should look at: messages that failed or whose outcome nobody knows, what is held, what missed its time,
// newest first. It needs PostsRead.
func (p *Posts) Troubled(ctx context.Context, actor team.Actor) ([]Trouble, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return nil, err
	}
	ts, err := p.troubled(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("post.Troubled: %w", err)
	}
	return ts, nil
}

// Causes of what is held or missed, in words of the catalog.
const (
	causePaused = "post.held.paused"
	causeLate   = "post.held.late"
	causeMissed = "post.missed"
)

func (p *Posts) troubled(ctx context.Context, c team.CompanyID) ([]Trouble, error) {
	now := p.rooms.Clock.Now()
	es, err := p.troubledPosts(ctx, c, now)
	if err != nil {
		return nil, err
	}
	var out []Trouble
	for _, e := range es {
		if e.Missed {
			out = append(out, Trouble{Kind: TroubleMissed, Entry: e, Cause: delivery.Trouble{Key: causeMissed, Verdict: network.Later, Since: e.Post.DueAt}})
			continue
		}
		vs, err := p.readVariants(ctx, c, e.Post.ID)
		if err != nil {
			return nil, err
		}
		for _, v := range vs {
			if v.State == VarHeld {
				key := causeLate
				if v.Why == WhyPaused {
					key = causePaused
				}
				t := Trouble{Kind: TroubleHeld, Entry: e, Channel: v.Channel, Cause: delivery.Trouble{Key: key, Verdict: network.Later, Since: v.DueAt}}
				for _, x := range v.Parts {
					if x.Trouble != nil { // what kept it until it was late
						x := x
						t.Part = &x
						break
					}
				}
				out = append(out, t)
			}
			for _, x := range v.Parts {
				if x.State != PartUnconfirmed && (x.State != PartFailed || v.State != VarFailed) {
					continue
				}
				x := x
				t := Trouble{Kind: TroublePart, Entry: e, Channel: v.Channel, Part: &x}
				if x.Trouble != nil {
					t.Cause = *x.Trouble
				}
				out = append(out, t)
			}
		}
	}
	cs, err := p.troubledCorrections(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, x := range cs {
		post, err := p.readPost(ctx, c, x.Post)
		if err != nil {
			return nil, err
		}
		e := Entry{Post: post, Preview: preview(post.Message)}
		t := Trouble{Kind: TroubleCorrection, Entry: e, Correction: &x}
		if x.Trouble != nil {
			t.Cause = *x.Trouble
		}
		out = append(out, t)
	}
	return out, nil
}
