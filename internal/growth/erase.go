package growth

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Erase erases what this room keeps about accounts, and about what they wrote, and gives the public handles that stay. Of a criticism
// that stands in the record or in a case its handle, its state, its places and its dates to the hour are left, so that the record and what was
// counted stay true; nothing leads from there to the person, because salt and address are gone. Of any other criticism nothing is left.
// It is for the room that erases people, which has checked who asks.
func (g *Growth) Erase(ctx context.Context, tx *store.Tx, c team.CompanyID, identities []audience.IdentityID, is []inbox.InteractionID) ([]record.Handle, error) {
	hs, err := g.erase(ctx, tx, c, identities, is)
	if err != nil {
		return nil, fmt.Errorf("growth.Erase: %w", err)
	}
	return hs, nil
}

func (g *Growth) erase(ctx context.Context, tx *store.Tx, c team.CompanyID, identities []audience.IdentityID, is []inbox.InteractionID) ([]record.Handle, error) {
	if err := g.alone(ctx, tx, c); err != nil {
		return nil, err
	}
	rows, err := g.criticismsBy(ctx, c, identities, is)
	if err != nil {
		return nil, err
	}
	if err := g.forgetPromises(ctx, tx, c, identities); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, nil
	}
	nobody, err := g.nobodies(ctx, c, rows)
	if err != nil {
		return nil, err
	}
	var ids, gone []CriticismID
	var kept []*criticismRow
	var leaves []record.Leaf
	var hs []record.Handle
	cases := map[CaseID]bool{}
	for _, r := range rows {
		ids = append(ids, r.ID)
		if r.place() < 0 && r.CaseID == "" {
			gone = append(gone, r.ID)
			continue
		}
		if r.place() >= 0 {
			leaves = append(leaves, record.Leaf{Kind: record.Erased, Subject: r.Handle})
			hs = append(hs, r.Handle)
		}
		if r.CaseID != "" {
			cases[r.CaseID] = true
		}
		r.forget(nobody[r.IdentityID])
		kept = append(kept, r)
	}
	if err := g.forgetLetters(ctx, tx, c, ids); err != nil {
		return nil, err
	}
	if _, err := g.ink(ctx, tx, c, leaves...); err != nil {
		return nil, err
	}
	if err := g.updateCriticisms(ctx, tx, kept); err != nil {
		return nil, err
	}
	if err := g.deleteCriticisms(ctx, tx, c, gone); err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(keys(cases)) {
		if err := g.eraseFromCase(ctx, tx, c, id); err != nil {
			return nil, err
		}
	}
	return hs, g.touched(ctx, tx, c)
}

// forget leaves of a criticism what says nothing about who wrote it. nobody stands for the person, so that people are still counted right.
func (r *criticismRow) forget(nobody audience.IdentityID) {
	*r = criticismRow{
		ID: r.ID, CompanyID: r.CompanyID, IdentityID: nobody, ChannelID: r.ChannelID, Handle: r.Handle, Public: r.Public, Leaf: r.Leaf,
		UndecidedLeaf: r.UndecidedLeaf, State: Erased, Theme: r.Theme, SaidAt: toHour(r.SaidAt), HeardAt: toHour(r.HeardAt), Overdue: r.Overdue,
		AnsweredAt: toHour(r.AnsweredAt), Reason: r.Reason, DecidedBy: r.DecidedBy, DecidedAt: toHour(r.DecidedAt), CaseID: r.CaseID,
		ConfirmedAt: toHour(r.ConfirmedAt), Better: r.Better,
	}
}

func toHour(t time.Time) time.Time {
	if t.IsZero() {
		return zero
	}
	return record.Hour(t)
}

// nobodies gives for each account a name by chance that stands for its person from now on; what one person wrote keeps one.
func (g *Growth) nobodies(ctx context.Context, c team.CompanyID, rows []*criticismRow) (map[audience.IdentityID]audience.IdentityID, error) {
	var ids []audience.IdentityID
	for _, r := range rows {
		ids = append(ids, r.IdentityID)
	}
	who, err := g.who(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	names := map[string]audience.IdentityID{}
	out := map[audience.IdentityID]audience.IdentityID{}
	for id, person := range who {
		if names[person] == "" {
			names[person] = audience.IdentityID("gone_" + string(record.NewHandle()))
		}
		out[id] = names[person]
	}
	return out, nil
}

// eraseFromCase has a case forget what one of its voices was about.
func (g *Growth) eraseFromCase(ctx context.Context, tx *store.Tx, c team.CompanyID, id CaseID) error {
	r, err := g.caseRow(ctx, c, id)
	if err != nil {
		return err
	}
	if err := g.resign(ctx, r); err != nil {
		return err
	}
	if err := g.updateCase(ctx, tx, r); err != nil {
		return err
	}
	if err := g.diary(ctx, tx, team.System(c), id, "erased", nil); err != nil {
		return err
	}
	return g.touchedCase(ctx, tx, c, id)
}
