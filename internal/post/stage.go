package post

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Staged is what became of a planned post of the sample company. Its channels call no network: what networks would have said is told
// by the sample's story.
type Staged struct {
	Post     ID
	Variants []StagedVariant
}

// StagedVariant is what became of it on a channel.
type StagedVariant struct {
	Channel network.ChannelID
	Late    bool         // its time went by while the machine slept: it is held and asks
	Parts   []StagedPart // of one that is not late: the messages that went out or failed, in their order
}

// StagedPart is what became of a message.
type StagedPart struct {
	RemoteID string
	URL      string
	At       time.Time         // when it went out, or was tried
	Trouble  *delivery.Trouble // it did not get out; what comes behind it waits
	Counts   map[Age]Counted   // what it had brought at these ages
}

// Stage tells what became of a post of the sample company. In any other company, and on any other channel, it is refused: there, only
// networks say so. What comes again is made ahead as after any other sending. It needs PostsPublish.
func (p *Posts) Stage(ctx context.Context, actor team.Actor, s Staged) error {
	if err := actor.May(team.PostsPublish); err != nil {
		return err
	}
	company, err := p.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return fmt.Errorf("post.Stage: %w", err)
	}
	all, err := p.rooms.Networks.ChannelsByID(ctx, actor.Company)
	if err != nil {
		return fmt.Errorf("post.Stage: %w", err)
	}
	for _, v := range s.Variants {
		if !company.Sample || !all[v.Channel].Sample {
			return fault.New(fault.Denied, "post.stage.sample")
		}
	}
	if !company.Sample {
		return fault.New(fault.Denied, "post.stage.sample")
	}
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		return p.stage(ctx, tx, actor.Company, s)
	})
	if err != nil {
		return fmt.Errorf("post.Stage: %w", err)
	}
	return nil
}

func (p *Posts) stage(ctx context.Context, tx *store.Tx, c team.CompanyID, s Staged) error {
	x, err := p.readPost(ctx, c, s.Post)
	if err != nil {
		return err
	}
	rows, err := p.variantRows(ctx, c, s.Post)
	if err != nil {
		return err
	}
	for _, v := range s.Variants {
		at := slices.IndexFunc(rows, func(r *variantRow) bool { return r.ChannelID == v.Channel })
		if at < 0 || rows[at].State != VarPlanned {
			return fault.New(fault.Conflict, "post.stage.state")
		}
		if v.Late {
			err = p.hold(ctx, tx, rows[at], WhyLate)
		} else {
			err = p.stageVariant(ctx, tx, rows[at], v.Parts)
		}
		if err != nil {
			return err
		}
	}
	if err := p.summarise(ctx, &x); err != nil {
		return err
	}
	if err := p.savePost(ctx, tx, x); err != nil {
		return err
	}
	if x.Series != "" {
		if err := p.makeAhead(ctx, tx, c, x.Series); err != nil {
			return err
		}
	}
	return p.tell(ctx, tx, team.System(c), x.ID)
}

// stageVariant plays a variant to where its story ends.
func (p *Posts) stageVariant(ctx context.Context, tx *store.Tx, r *variantRow, told []StagedPart) error {
	if err := p.enqueue(ctx, tx, r); err != nil {
		return err
	}
	parts, err := p.partsOfVariant(ctx, r.CompanyID, r.ID)
	if err != nil {
		return err
	}
	if len(told) == 0 || len(told) > len(parts) || len(told) < len(parts) && told[len(told)-1].Trouble == nil {
		return fault.New(fault.Conflict, "post.stage.state")
	}
	var root, before string
	for i, t := range told {
		x := parts[i]
		if t.Trouble != nil {
			if x.Delivery, err = p.rooms.Deliveries.Stage(ctx, tx, delivery.Staged{
				Company: r.CompanyID, Channel: r.ChannelID, Source: delivery.Source{Kind: delivery.ForPost, ID: string(x.ID)},
				Message: messageOf(x.Content, root, before), At: t.At, Trouble: *t.Trouble,
			}); err != nil {
				return err
			}
			x.State, x.Trouble, r.State = PartFailed, t.Trouble, VarFailed
			if err := p.savePart(ctx, tx, r.CompanyID, x); err != nil {
				return err
			}
			return p.saveVariant(ctx, tx, r)
		}
		if before = t.RemoteID; root == "" {
			root = t.RemoteID
		}
		x.State, x.RemoteID, x.URL, x.Version, x.SentAt = PartSent, t.RemoteID, t.URL, "1", t.At
		if err := p.savePart(ctx, tx, r.CompanyID, x); err != nil {
			return err
		}
		if err := p.stageCounts(ctx, tx, r.CompanyID, x, t.Counts); err != nil {
			return err
		}
		r.State, r.SentAt = VarSent, t.At
	}
	return p.saveVariant(ctx, tx, r)
}
