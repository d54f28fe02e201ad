package post

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// tick is the periodic job that finds what is due and has no job any more, and channels that stand still.
type tick struct{}

func (tick) Kind() string { return "post.tick" }

const (
	tickEvery = 10 * time.Second
	dueBatch  = 100 // variants of one transaction
	// doubtFor is how long a message of which nobody knows whether it arrived holds up what comes behind it on its channel: by then
	// reading back has found it, or needs a person.
	doubtFor = 2 * time.Minute
)

// Register adds the room's jobs to the queue.
func (p *Posts) Register(q *queue.Queue) {
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ dueJob) error { return p.Due(ctx) })
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ tick) error { return errors.Join(p.Due(ctx), p.Tend(ctx)) })
	queue.Handle(q, time.Minute, func(ctx context.Context, j linkJob) error { return p.ReadLink(ctx, j.Company, j.Address) })
	q.Every(tickEvery, queue.Options{Line: queue.Quick, MaxAttempts: 1, Unique: true}, tick{})
	p.registerAfter(q)
}

// Due has what is due go out, in every company: each variant takes its place on its channel, and the first of each channel begins.
// What is paused or late is held and asks. It may be called at any time by any process: what is taken is taken once.
func (p *Posts) Due(ctx context.Context) error {
	for {
		companies, err := p.dueCompanies(ctx, p.rooms.Clock.Now())
		if err != nil {
			return fmt.Errorf("post.Due: %w", err)
		}
		if companies, err = p.working(ctx, companies); err != nil || len(companies) == 0 {
			return err
		}
		for _, c := range companies {
			err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return p.due(ctx, tx, c) })
			if err != nil {
				return fmt.Errorf("post.Due: %w", err)
			}
		}
	}
}

// working leaves out companies whose story is still being told: nothing of today falls between things of months ago. Who tells it
// has no queue.
func (p *Posts) working(ctx context.Context, cs []team.CompanyID) ([]team.CompanyID, error) {
	if p.rooms.Queue == nil {
		return cs, nil
	}
	return p.rooms.Team.Working(ctx, cs)
}

func (p *Posts) due(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if err := p.alone(ctx, tx, c); err != nil {
		return err
	}
	now := p.rooms.Clock.Now()
	rows, err := p.dueVariants(ctx, tx, c, now, dueBatch)
	if err != nil || len(rows) == 0 {
		return err
	}
	s, stop, err := p.readSettings(ctx, c)
	if err != nil {
		return err
	}
	company, err := p.rooms.Team.Company(ctx, c)
	if err != nil {
		return err
	}
	ids := make([]ID, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.PostID)
	}
	all, err := p.readPosts(ctx, c, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		x := all[r.PostID]
		switch {
		case stop != nil:
			err = p.hold(ctx, tx, r, WhyPaused)
		case now.Sub(r.DueAt) > time.Duration(s.Late)*time.Minute:
			err = p.hold(ctx, tx, r, WhyLate)
		case !x.When.Anyway && s.Quiet.Covers(now, company.Location()):
			// The quiet time was made after the post was planned: it goes out when it is over.
			clear, ok := s.Quiet.Clear(now, company.Location())
			if !ok {
				err = p.hold(ctx, tx, r, WhyPaused)
				break
			}
			r.DueAt = clear
			if err = p.saveVariant(ctx, tx, r); err == nil {
				err = p.ring(ctx, tx, clear)
			}
		default:
			err = p.enqueue(ctx, tx, r)
		}
		if err != nil {
			return err
		}
	}
	if err := p.advanceAll(ctx, tx, c, rows); err != nil {
		return err
	}
	return p.summariseAll(ctx, tx, c, ids)
}

// hold keeps a variant back until a person releases it.
func (p *Posts) hold(ctx context.Context, tx *store.Tx, r *variantRow, why Why) error {
	r.State, r.Why = VarHeld, why
	if err := p.saveVariant(ctx, tx, r); err != nil || why != WhyLate {
		return err // who paused everything knows
	}
	return p.worry(ctx, tx, heldWorry(r))
}

// enqueue gives a variant its place on its channel, and its messages theirs.
func (p *Posts) enqueue(ctx context.Context, tx *store.Tx, r *variantRow) error {
	r.State, r.Why = Queued, ""
	if err := p.saveVariant(ctx, tx, r); err != nil {
		return err
	}
	return p.insertParts(ctx, tx, r)
}

// advanceAll lets the channels of these variants go on.
func (p *Posts) advanceAll(ctx context.Context, tx *store.Tx, c team.CompanyID, rows []*variantRow) error {
	seen := map[network.ChannelID]bool{}
	for _, r := range rows {
		if seen[r.ChannelID] {
			continue
		}
		seen[r.ChannelID] = true
		if err := p.advance(ctx, tx, c, r.ChannelID); err != nil {
			return err
		}
	}
	return nil
}

// advance lets the next variant of a channel begin, when none is on its way there. What is due goes out in its order on each channel; the
// channels do not wait for one another.
func (p *Posts) advance(ctx context.Context, tx *store.Tx, c team.CompanyID, ch network.ChannelID) error {
	busy, err := p.busy(ctx, tx, c, ch, p.rooms.Clock.Now().Add(-doubtFor))
	if err != nil || busy {
		return err
	}
	next, err := p.nextQueued(ctx, tx, c, ch)
	if err != nil || next == nil {
		return err
	}
	next.State = VarSending
	if err := p.saveVariant(ctx, tx, next); err != nil {
		return err
	}
	parts, err := p.partsOfVariant(ctx, c, next.ID)
	if err != nil {
		return err
	}
	return p.goOn(ctx, tx, c, parts)
}

// goOn hands the first part that waits to the room delivery, as an answer to the one before it.
func (p *Posts) goOn(ctx context.Context, tx *store.Tx, c team.CompanyID, parts []Part) error {
	var root, before string
	for _, x := range parts {
		switch x.State {
		case PartSent, PartGone:
			if root == "" {
				root = x.RemoteID
			}
			before = x.RemoteID
			continue
		case PartWaiting:
		default:
			return nil // it has a delivery, or a person has to say what becomes of it
		}
		if x.Number > 0 && before == "" {
			return nil
		}
		d, err := p.rooms.Deliveries.Plan(ctx, tx, team.System(c), delivery.Plan{
			Channel: x.Channel, Source: delivery.Source{Kind: delivery.ForPost, ID: string(x.ID)}, Message: messageOf(x.Content, root, before),
		})
		if err != nil {
			return err
		}
		x.State, x.Delivery, x.Trouble = PartSending, d, nil
		return p.savePart(ctx, tx, c, x)
	}
	return nil
}

func messageOf(c Content, root, before string) delivery.Message {
	m := delivery.Message{
		Text: c.Text, ReplyTo: before, ReplyRoot: root, Visibility: c.Visibility, Warning: c.Warning, Language: c.Language, Media: c.Media,
	}
	if a := c.Article; a != nil {
		m.Article = &network.Article{Title: c.Title, HTML: c.Markup, Tags: a.Tags, Category: a.Category, Draft: a.Draft, Page: a.Page}
		return m
	}
	if c.Markup != "" {
		m.Text = c.Markup // facets are about what people read, and the markup says the same in its own way
		return m
	}
	m.Facets = []network.Facet{}
	for _, f := range c.Facets {
		m.Facets = append(m.Facets, network.Facet{Kind: network.FacetKind(f.Kind), Start: f.Start, End: f.End, Value: f.Value})
	}
	if c.Card != "" {
		m.Card = &delivery.Card{URL: c.Card, Title: c.Title}
		if u, err := url.Parse(c.Card); m.Card.Title == "" && err == nil {
			m.Card.Title = u.Host
		}
		if s := c.Shown; s != nil {
			m.Card.Description, m.Card.MediaID, m.Card.Form = s.Description, string(s.Picture), s.Form
			if s.Title != "" {
				m.Card.Title = s.Title
			}
		}
	}
	return m
}

// Tend lets channels go on that stand still: what nobody knows the outcome of holds up the others no longer than doubtFor. It
// plans anew what was planned in another zone, makes ahead what comes again, and forgets links that nobody has written for long.
func (p *Posts) Tend(ctx context.Context) error {
	return errors.Join(p.unblock(ctx), p.rezone(ctx), p.MakeAhead(ctx), p.tendCorrections(ctx), p.forgetLinks(ctx))
}

func (p *Posts) unblock(ctx context.Context) error {
	lanes, err := p.waitingLanes(ctx)
	if err != nil {
		return fmt.Errorf("post.Tend: %w", err)
	}
	for _, l := range lanes {
		if cs, err := p.working(ctx, []team.CompanyID{l.CompanyID}); err != nil || len(cs) == 0 {
			if err != nil {
				return fmt.Errorf("post.Tend: %w", err)
			}
			continue
		}
		err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := p.alone(ctx, tx, l.CompanyID); err != nil {
				return err
			}
			return p.advance(ctx, tx, l.CompanyID, l.ChannelID)
		})
		if err != nil {
			return fmt.Errorf("post.Tend: %w", err)
		}
	}
	return nil
}

// rezone plans anew what was planned while the company's clock hung in another zone: the time on the wall is what was chosen.
func (p *Posts) rezone(ctx context.Context) error {
	companies, err := p.rooms.Team.Companies(ctx)
	if err != nil {
		return fmt.Errorf("post.rezone: %w", err)
	}
	for _, c := range companies {
		if c.Filling && p.rooms.Queue != nil {
			continue
		}
		ids, err := p.otherZone(ctx, c)
		if err != nil {
			return fmt.Errorf("post.rezone: %w", err)
		}
		for _, id := range ids {
			_, err := p.change(ctx, team.System(c.ID), id, "post.rezone", func(ctx context.Context, tx *store.Tx, x *Post) error {
				if x.zone == c.Zone {
					return nil
				}
				if x.When.Kind != At { // a slot was taken for a moment, and stays that moment
					x.zone = c.Zone
					return nil
				}
				if x.State == Planned {
					return p.plan(ctx, tx, x)
				}
				x.DueAt, _ = schedule.In(x.When.Wall, c.Location(), x.When.Second)
				x.zone = c.Zone
				return nil
			})
			if err != nil {
				return fmt.Errorf("post.rezone: %w", err)
			}
		}
	}
	return nil
}
