package post

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Series is a post that comes again by a rule with an end. Each occurrence is a post of its own, made ahead, with the very bytes that
// were approved.
type Series struct {
	ID        SeriesID
	First     ID
	Rule      schedule.Rule
	Start     schedule.Wall
	Made      int // occurrences so far
	Ended     bool
	CreatedBy team.MemberID
	CreatedAt time.Time
	Posts     []Entry // those that are there, in their order

	content seriesContent
	lookAt  time.Time
}

// seriesContent is what each occurrence is made of. It is stored as JSON.
type seriesContent struct {
	Written   Written
	Frozen    map[network.ChannelID][]Content
	Hash      string
	Wanted    []Step
	Decisions []Decision
	AskedBy   team.MemberID
	Anyway    bool
}

const (
	aheadDays  = 35 // how far ahead occurrences are made
	aheadBatch = 50 // of one transaction
	aheadEvery = 12 * time.Hour
)

// beginSeries has a post that was just planned come again.
func (p *Posts) beginSeries(ctx context.Context, tx *store.Tx, x *Post, rows []*variantRow) error {
	ds, err := p.decisions(ctx, *x)
	if err != nil {
		return err
	}
	w, err := p.written(ctx, *x)
	if err != nil {
		return err
	}
	now := p.rooms.Clock.Now()
	s := Series{
		ID: SeriesID(seriesKind.New(now)), First: x.ID, Rule: *x.When.Repeat, Start: x.When.Wall, Made: 1, CreatedBy: x.AskedBy, CreatedAt: now, lookAt: now,
		content: seriesContent{
			Written: w, Frozen: map[network.ChannelID][]Content{}, Hash: x.Hash, Wanted: x.Wanted, AskedBy: x.AskedBy, Anyway: x.When.Anyway,
		},
	}
	for _, r := range rows {
		s.content.Frozen[r.ChannelID] = r.Frozen
	}
	for _, d := range ds {
		if d.Valid {
			s.content.Decisions = append(s.content.Decisions, d)
		}
	}
	x.Series, x.Occurrence = s.ID, 0
	return p.insertSeries(ctx, tx, x.Company, s)
}

// SeriesOf gives a series with its posts. It needs PostsRead.
func (p *Posts) SeriesOf(ctx context.Context, actor team.Actor, id SeriesID) (Series, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return Series{}, err
	}
	s, err := p.series(ctx, actor.Company, id)
	if err != nil {
		return Series{}, fmt.Errorf("post.SeriesOf: %w", err)
	}
	return s, nil
}

// EndSeries makes no more occurrences and takes those back that are planned and were not changed; what somebody wrote into stays. It
// needs PostsPublish.
func (p *Posts) EndSeries(ctx context.Context, actor team.Actor, id SeriesID) error {
	if err := actor.May(team.PostsPublish); err != nil {
		return err
	}
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		s, err := p.series(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		over := s.Ended
		s.Ended, s.lookAt = true, zero
		if err := p.saveSeries(ctx, tx, actor.Company, s); err != nil {
			return err
		}
		for _, e := range s.Posts {
			if x := e.Post; x.State == Planned && x.Hash == s.content.Hash && x.ID != s.First {
				if err := p.deletePost(ctx, tx, x); err != nil {
					return err
				}
				over = false
			}
		}
		if over {
			return fault.New(fault.Conflict, "post.series.ended")
		}
		if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "post.series.end", ObjectKind: "series", ObjectID: string(id)}); err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, "")
	})
	if err != nil {
		return fmt.Errorf("post.EndSeries: %w", err)
	}
	return nil
}

// MakeAhead makes the occurrences of the next weeks, in every company.
func (p *Posts) MakeAhead(ctx context.Context) error {
	due, err := p.seriesToMake(ctx, p.rooms.Clock.Now())
	if err != nil {
		return fmt.Errorf("post.MakeAhead: %w", err)
	}
	for _, s := range due {
		if cs, err := p.working(ctx, []team.CompanyID{s.CompanyID}); err != nil || len(cs) == 0 {
			if err != nil {
				return fmt.Errorf("post.MakeAhead: %w", err)
			}
			continue
		}
		err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return p.makeAhead(ctx, tx, s.CompanyID, s.ID) })
		if err != nil {
			return fmt.Errorf("post.MakeAhead: %w", err)
		}
	}
	return nil
}

func (p *Posts) makeAhead(ctx context.Context, tx *store.Tx, c team.CompanyID, id SeriesID) error {
	if err := p.alone(ctx, tx, c); err != nil {
		return err
	}
	s, err := p.series(ctx, c, id)
	now := p.rooms.Clock.Now()
	if err != nil || s.Ended || s.lookAt.After(now) {
		return err
	}
	company, err := p.rooms.Team.Company(ctx, c)
	if err != nil {
		return err
	}
	horizon := now.AddDate(0, 0, aheadDays)
	s.lookAt = now.Add(aheadEvery)
	for n := 0; ; n++ {
		at, _, ok := s.Rule.Next(s.Made, s.Start, company.Location())
		if !ok {
			s.Ended, s.lookAt = true, zero
			break
		}
		if n == aheadBatch {
			s.lookAt = now
			break
		}
		if at.After(horizon) {
			break
		}
		if at.After(now) { // what should have been made while the house stood still is past: it does not come late
			if err := p.occurrence(ctx, tx, company, s, at); err != nil {
				return err
			}
		}
		s.Made++
	}
	return p.saveSeries(ctx, tx, c, s)
}

// occurrence makes one post of a series, planned over the bytes that were approved.
func (p *Posts) occurrence(ctx context.Context, tx *store.Tx, company team.Company, s Series, at time.Time) error {
	now := p.rooms.Clock.Now()
	w, err := p.still(ctx, company.ID, s.content.Written)
	if err != nil {
		return err
	}
	x := Post{
		ID: ID(postKind.New(now)), Company: company.ID, State: Planned, Message: w.Message, Version: 1, CreatedBy: s.CreatedBy, CreatedAt: now, SavedBy: s.CreatedBy,
		SavedAt: now, Hash: s.content.Hash, Wanted: s.content.Wanted, AskedBy: s.content.AskedBy, AskedAt: now, Series: s.ID, Occurrence: s.Made, round: 1,
		When: When{Kind: At, Wall: schedule.WallOf(at, company.Location()), Anyway: s.content.Anyway}, zone: company.Zone, DueAt: at,
	}
	whole := w.same(s.content.Written)
	if !whole { // a channel or a file is gone: what is left was approved by nobody
		x.State, x.Hash, x.Wanted = Draft, "", nil
	}
	x.at()
	if err := p.insertPost(ctx, tx, x); err != nil {
		return err
	}
	if err := p.setVariants(ctx, tx, x, w); err != nil {
		return err
	}
	if whole {
		rows, err := p.variantRows(ctx, company.ID, x.ID)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r.Frozen = s.content.Frozen[r.ChannelID]
			if err := p.saveVariant(ctx, tx, r); err != nil {
				return err
			}
		}
		for _, d := range s.content.Decisions {
			d.round = x.round
			if err := p.insertDecision(ctx, tx, x, d); err != nil {
				return err
			}
		}
		if err := p.plan(ctx, tx, &x); err != nil {
			return err
		}
		if err := p.savePost(ctx, tx, x); err != nil {
			return err
		}
	}
	return p.tell(ctx, tx, team.System(company.ID), x.ID)
}
