package post

import (
	"context"
	"net/url"
	"slices"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// says tells whether a page told anything that a card can show.
func (l Link) says() bool { return l.Title != "" || l.Description != "" || l.Picture != "" }

// fillCards gives posts that were frozen before one of their links could be read the card that its page asks for. Nothing else of them
// changes, and nothing at all where somebody has said yes to the exact bytes, or something is on its way.
func (p *Posts) fillCards(ctx context.Context, tx *store.Tx, c team.CompanyID, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	ids, err := p.frozenWith(ctx, tx, c, u.Host)
	if err != nil {
		return err
	}
	for _, id := range ids {
		x, err := p.readPost(ctx, c, id)
		if err != nil {
			return err
		}
		if err := p.fillCard(ctx, tx, &x); err != nil {
			return err
		}
	}
	return nil
}

func (p *Posts) fillCard(ctx context.Context, tx *store.Tx, x *Post) error {
	ds, err := p.decisions(ctx, *x)
	if err != nil || slices.ContainsFunc(ds, func(d Decision) bool { return d.Valid }) {
		return err
	}
	if err := p.resting(ctx, x); err != nil {
		if fault.KindOf(err) == fault.Conflict {
			return nil
		}
		return err
	}
	w, err := p.written(ctx, *x)
	if err != nil {
		return err
	}
	fresh, err := p.ready(ctx, *x, w)
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
		return nil // it would not be frozen today: what was frozen stays as it is
	}
	if err != nil {
		return err
	}
	rows, err := p.variantRows(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	filled, some := map[network.ChannelID][]Content{}, false
	for _, r := range rows {
		cs := fresh[r.ChannelID]
		if bareHash(cs) != bareHash(r.Frozen) {
			return nil
		}
		for i := range r.Frozen {
			if r.Frozen[i].Shown == nil && cs[i].Shown != nil {
				r.Frozen[i].Shown, some = cs[i].Shown, true
			}
		}
		filled[r.ChannelID] = r.Frozen
	}
	if !some {
		return nil
	}
	for _, r := range rows {
		if err := p.saveVariant(ctx, tx, r); err != nil {
			return err
		}
	}
	before := x.Hash
	x.Hash = hashOf(filled)
	if x.Series != "" { // what comes again goes out with it too
		s, err := p.series(ctx, x.Company, x.Series)
		if err != nil {
			return err
		}
		if s.content.Hash == before {
			s.content.Frozen, s.content.Hash = filled, x.Hash
			if err := p.saveSeries(ctx, tx, x.Company, s); err != nil {
				return err
			}
		}
	}
	if err := p.savePost(ctx, tx, *x); err != nil {
		return err
	}
	system := team.System(x.Company)
	if err := p.rooms.Team.Audit(ctx, tx, system, team.Entry{Verb: "post.card", ObjectKind: "post", ObjectID: string(x.ID)}); err != nil {
		return err
	}
	return p.tell(ctx, tx, system, x.ID)
}

// bareHash names contents without what their cards show.
func bareHash(cs []Content) string {
	cs = slices.Clone(cs)
	for i := range cs {
		cs[i].Shown = nil
	}
	return hashOf(map[network.ChannelID][]Content{"": cs})
}
