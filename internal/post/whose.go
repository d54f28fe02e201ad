package post

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Whose is what a post is about, and whom it belongs to: who wrote in it, asked for it, or said yes to it.
type Whose struct {
	Post    ID
	Title   string // or how it begins
	Members []team.MemberID
}

// Whose tells whom a post belongs to. It is for other rooms.
func (p *Posts) Whose(ctx context.Context, c team.CompanyID, id ID) (Whose, error) {
	x, err := p.readPost(ctx, c, id)
	if err != nil {
		return Whose{}, fmt.Errorf("post.Whose: %w", err)
	}
	ms, err := p.authors(ctx, x)
	if err != nil {
		return Whose{}, fmt.Errorf("post.Whose: %w", err)
	}
	ds, err := p.allDecisions(ctx, x)
	if err != nil {
		return Whose{}, fmt.Errorf("post.Whose: %w", err)
	}
	for _, d := range ds {
		if d.Yes {
			ms = append(ms, d.Member)
		}
	}
	slices.Sort(ms)
	ms = slices.DeleteFunc(slices.Compact(ms), func(m team.MemberID) bool { return m == "" })
	return Whose{Post: id, Title: preview(x.Message), Members: ms}, nil
}

// PostOf gives the post that a message of it belongs to. It is for other rooms.
func (p *Posts) PostOf(ctx context.Context, c team.CompanyID, part PartID) (ID, error) {
	x, _, err := p.partAndVariant(ctx, c, part)
	if err != nil {
		return "", fmt.Errorf("post.PostOf: %w", err)
	}
	return x.Post, nil
}

// Worry is something about a post that no delivery tells: it came to its time too late and is held, its time passed without the yes it
// needs, or a change of what stands did not get through.
type Worry struct {
	Company team.CompanyID
	Kind    TroubleKind // TroubleHeld, TroubleMissed or TroubleCorrection
	Post    ID
	Ref     string // the variant's, the post's or the correction's id
	Channel network.ChannelID
	Since   time.Time
	Key     string // of the catalog, with its remedy
	Args    map[string]any
}

// OnWorry registers who is told of worries, in the transaction in which they begin. It is called while the house is built.
func (p *Posts) OnWorry(f func(ctx context.Context, tx *store.Tx, w Worry) error) {
	p.worries = append(p.worries, f)
}

func (p *Posts) worry(ctx context.Context, tx *store.Tx, w Worry) error {
	for _, f := range p.worries {
		if err := f(ctx, tx, w); err != nil {
			return err
		}
	}
	return nil
}

// Worried gives a worry as it is now; ok is false when it is over. It is for other rooms.
func (p *Posts) Worried(ctx context.Context, c team.CompanyID, kind TroubleKind, post ID, ref string) (w Worry, ok bool, err error) {
	if kind == TroubleCorrection {
		x, err := p.correction(ctx, c, CorrectionID(ref))
		if fault.KindOf(err) == fault.NotFound || err == nil && (x.State != CorrectionFailed || x.Trouble == nil) {
			return w, false, nil
		}
		if err != nil {
			return w, false, fmt.Errorf("post.Worried: %w", err)
		}
		return worryOf(c, x), true, nil
	}
	if kind == TroubleMissed {
		x, err := p.readPost(ctx, c, post)
		if fault.KindOf(err) == fault.NotFound || err == nil && (x.State == Draft || !x.Missed(p.rooms.Clock.Now())) {
			return w, false, nil
		}
		if err != nil {
			return w, false, fmt.Errorf("post.Worried: %w", err)
		}
		return missedWorry(x), true, nil
	}
	rows, err := p.variantRows(ctx, c, post)
	if err != nil {
		return w, false, fmt.Errorf("post.Worried: %w", err)
	}
	for _, r := range rows {
		if string(r.ID) == ref && r.State == VarHeld && r.Why == WhyLate {
			return heldWorry(r), true, nil
		}
	}
	return w, false, nil
}

// Missed gives the worries about posts of a company that were asked for, or have their yes, and whose time passed between two moments.
// Nobody is told of them when it passes: it is for rooms that look from time to time.
func (p *Posts) Missed(ctx context.Context, c team.CompanyID, from, to time.Time) ([]Worry, error) {
	xs, err := p.missed(ctx, c, from, to)
	if err != nil {
		return nil, fmt.Errorf("post.Missed: %w", err)
	}
	out := make([]Worry, len(xs))
	for i, x := range xs {
		out[i] = missedWorry(x)
	}
	return out, nil
}

func missedWorry(x Post) Worry {
	return Worry{Company: x.Company, Kind: TroubleMissed, Post: x.ID, Ref: string(x.ID), Since: x.DueAt, Key: causeMissed}
}

func worryOf(c team.CompanyID, x Correction) Worry {
	return Worry{Company: c, Kind: TroubleCorrection, Post: x.Post, Ref: string(x.ID), Since: x.Trouble.Since, Key: x.Trouble.Key, Args: x.Trouble.Args}
}

func heldWorry(r *variantRow) Worry {
	return Worry{Company: r.CompanyID, Kind: TroubleHeld, Post: r.PostID, Ref: string(r.ID), Channel: r.ChannelID, Since: r.DueAt, Key: causeLate}
}
