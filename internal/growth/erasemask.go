package growth

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// eraser is how this room erases a person: what is theirs first, then their name in what members wrote about cases.
func (g *Growth) eraser(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	if err := g.alone(ctx, tx, e.Company); err != nil {
		return s, err
	}
	rows, err := g.criticismsBy(ctx, e.Company, e.IdentityIDs(), nil)
	if err != nil {
		return s, fmt.Errorf("growth.eraser: %w", err)
	}
	ids, near := make([]CriticismID, len(rows)), map[CaseID]bool{}
	for i, r := range rows {
		ids[i] = r.ID
		near[r.CaseID] = true
	}
	delete(near, "")
	letters, quotes, err := g.aboutThem(ctx, e.Company, ids)
	if err != nil {
		return s, fmt.Errorf("growth.eraser: %w", err)
	}
	hs, err := g.Erase(ctx, tx, e.Company, e.IdentityIDs(), nil)
	if err != nil {
		return s, err
	}
	names, err := g.maskNames(ctx, tx, e.Company, near, e)
	if err != nil {
		return s, fmt.Errorf("growth.eraser: %w", err)
	}
	s.Add(audience.ErasedCriticisms, len(rows))
	s.Add(audience.ErasedLetters, letters)
	s.Add(audience.ErasedQuotes, quotes)
	s.Add(audience.ErasedNames, names)
	if len(hs) > 0 {
		stay := audience.Stay{Kind: audience.StayRecord, N: len(hs)}
		for _, h := range hs {
			stay.Refs = append(stay.Refs, string(h))
		}
		s.Stays = append(s.Stays, stay)
	}
	return s, nil
}

// mask takes a person out of a text: near is set where they took part.
type mask func(s string, near bool) (string, bool)

// masked masks texts in place and tells whether any of them named the person.
func (m mask) masked(near bool, texts ...*string) (changed bool) {
	for _, t := range texts {
		if s, ok := m(*t, near); ok {
			*t, changed = s, true
		}
	}
	return changed
}

// maskNames takes a person out of what members wrote about cases, in entries and about promises, and counts the texts that named them.
// In the cases that they took part in near is set.
func (g *Growth) maskNames(ctx context.Context, tx *store.Tx, c team.CompanyID, near map[CaseID]bool, e audience.Erasure) (int, error) {
	m := mask(func(s string, near bool) (string, bool) {
		if near {
			return e.MaskNear(s)
		}
		return e.Mask(s)
	})
	all := 0
	for _, f := range []func(context.Context, *store.Tx, team.CompanyID, map[CaseID]bool, mask) (int, error){
		g.maskCases, g.maskQuotes, g.maskTasks, g.maskEvidence, g.maskImprovements, g.maskPromises, g.maskLetters,
	} {
		n, err := f(ctx, tx, c, near, m)
		if err != nil {
			return 0, err
		}
		all += n
	}
	if all > 0 {
		return all, g.touched(ctx, tx, c)
	}
	return 0, nil
}

// maskEntry masks a public entry. What was committed to in other words can no longer be shown to be that: its salt goes.
func (m mask) maskEntry(i *Improvement, near bool) bool {
	texts := []*string{
		&i.Title.IT, &i.Title.EN, &i.Stone.IT, &i.Stone.EN, &i.Said.IT, &i.Said.EN, &i.Did.IT, &i.Did.EN,
	}
	changed := m.masked(near, texts...)
	if changed {
		i.Salt = nil
	}
	for n := range i.Later {
		if m.masked(near, &i.Later[n].Text.IT, &i.Later[n].Text.EN) {
			changed = true
		}
	}
	return changed
}
