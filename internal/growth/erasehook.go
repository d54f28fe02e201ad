package growth

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// eraser takes the room's place where people are erased: what they criticised, and their names in what was written about it.
func (g *Growth) eraser(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	if err := g.alone(ctx, tx, e.Company); err != nil {
		return s, err
	}
	ids := e.IdentityIDs()
	rows, err := g.criticismsBy(ctx, e.Company, ids, nil)
	if err != nil {
		return s, err
	}
	s.Add(audience.ErasedCriticisms, len(rows))
	if err := g.countErased(ctx, e.Company, rows, &s); err != nil {
		return s, err
	}
	cases := map[CaseID]bool{}
	for _, r := range rows {
		if r.CaseID != "" {
			cases[r.CaseID] = true
		}
	}
	hs, err := g.Erase(ctx, tx, e.Company, ids, nil)
	if err != nil {
		return s, err
	}
	stay := audience.Stay{Kind: audience.StayRecord, N: len(hs)}
	for _, h := range hs {
		stay.Refs = append(stay.Refs, string(h))
	}
	s.Stays = append(s.Stays, stay)
	// In the cases that they raised names mean them; elsewhere only what is nobody else's does.
	n := 0
	for id := range cases {
		some, err := g.maskGrowth(ctx, tx, e.Company, id, nil, e.MaskNear)
		if err != nil {
			return s, err
		}
		n += some
	}
	if likes := e.Likes(); len(likes) > 0 {
		some, err := g.maskGrowth(ctx, tx, e.Company, "", likes, e.Mask)
		if err != nil {
			return s, err
		}
		n += some
	}
	s.Add(audience.ErasedNames, n)
	if n == 0 {
		return s, nil
	}
	return s, g.touched(ctx, tx, e.Company)
}

// keeper tells which accounts are not to be forgotten by age: who raised a case, whose word waits for a decision, or to whom
// something was promised that is not settled.
func (g *Growth) keeper(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (map[audience.IdentityID]bool, error) {
	out, err := g.concerned(ctx, c, ids)
	if err != nil {
		return nil, fmt.Errorf("growth.keeper: %w", err)
	}
	return out, nil
}
