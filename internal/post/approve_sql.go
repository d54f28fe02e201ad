package post

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/writing"
)

type confirmationRow struct {
	bun.BaseModel `bun:"table:post_confirmation"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PostID        ID             `bun:"post_id,pk"`
	Mark          string         `bun:"mark,pk"`
	Kind          writing.Kind   `bun:"kind"`
	Shown         string         `bun:"shown"`
	MemberID      team.MemberID  `bun:"member_id"`
	At            time.Time      `bun:"at"`
}

func (p *Posts) insertConfirmation(ctx context.Context, tx *store.Tx, actor team.Actor, id ID, d Doubt, now time.Time) error {
	r := confirmationRow{CompanyID: actor.Company, PostID: id, Mark: d.Mark, Kind: d.Kind, Shown: d.Shown, MemberID: actor.Member, At: now}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (post_id, mark) DO NOTHING").Exec(ctx)
	return store.Fault(err)
}

// confirmations gives what was confirmed in a post, by mark.
func (p *Posts) confirmations(ctx context.Context, c team.CompanyID, id ID) (map[string]confirmationRow, error) {
	var rows []confirmationRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Scan(ctx)
	out := map[string]confirmationRow{}
	for _, r := range rows {
		r.At = clock.Trim(r.At)
		out[r.Mark] = r
	}
	return out, store.Fault(err)
}

// recentTexts gives what the last posts of a company said that went out, without one of them, oldest first.
func (p *Posts) recentTexts(ctx context.Context, c team.CompanyID, but ID) ([]string, error) {
	var rows []postRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("id", "message").Where("company_id = ?", c).Where("state = ?", Sent).Where("id <> ?", but).
		Order("at DESC", "id DESC").Limit(recentPosts).Scan(ctx)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[len(rows)-1-i] = r.Message.Text
	}
	return out, store.Fault(err)
}

type decisionRow struct {
	bun.BaseModel `bun:"table:post_decision"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PostID        ID             `bun:"post_id"`
	CorrectionID  CorrectionID   `bun:"correction_id"`
	Round         int            `bun:"round"`
	Hash          string         `bun:"hash"`
	Yes           bool           `bun:"yes"`
	MemberID      team.MemberID  `bun:"member_id"`
	Role          team.Role      `bun:"role"`
	GuestID       GuestID        `bun:"guest_id"`
	Guest         string         `bun:"guest"`
	Counts        bool           `bun:"counts"`
	Words         string         `bun:"words"`
	At            time.Time      `bun:"at"`
}

func (p *Posts) insertDecision(ctx context.Context, tx *store.Tx, x Post, d Decision) error {
	r := decisionRow{
		ID: decisionKind.New(d.At), CompanyID: x.Company, PostID: x.ID, CorrectionID: d.Correction, Round: d.round, Hash: d.Hash, Yes: d.Yes,
		MemberID: d.Member, Role: d.Role, GuestID: d.guest, Guest: d.Guest, Counts: d.Counts, Words: d.Words, At: d.At,
	}
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

// allDecisions gives every decision about a post and its corrections, oldest first. Those about what the post says now, in the round that
// asks for it, are valid.
func (p *Posts) allDecisions(ctx context.Context, x Post) ([]Decision, error) {
	var rows []decisionRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", x.ID).Where("company_id = ?", x.Company).Order("id").Scan(ctx)
	out := make([]Decision, len(rows))
	for i, r := range rows {
		out[i] = Decision{
			Hash: r.Hash, Correction: r.CorrectionID, Yes: r.Yes, Member: r.MemberID, Role: r.Role, Guest: r.Guest, Counts: r.Counts, Words: r.Words,
			At: clock.Trim(r.At), round: r.Round, guest: r.GuestID, Valid: r.Yes && r.CorrectionID == "" && r.Hash == x.Hash && r.Round == x.round,
		}
	}
	return out, store.Fault(err)
}

// decisions gives the decisions about a post itself.
func (p *Posts) decisions(ctx context.Context, x Post) ([]Decision, error) {
	all, err := p.allDecisions(ctx, x)
	var out []Decision
	for _, d := range all {
		if d.Correction == "" {
			out = append(out, d)
		}
	}
	return out, err
}
