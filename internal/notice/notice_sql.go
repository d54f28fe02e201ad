package notice

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type choiceRow struct {
	bun.BaseModel `bun:"table:notice_choice"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	MemberID      team.MemberID  `bun:"member_id,pk"`
	Failed        Reach          `bun:"failed"`
	Unconfirmed   Reach          `bun:"unconfirmed"`
	Late          Reach          `bun:"late"`
}

// choices gives what members of a company have chosen; who has not is not in it.
func (n *Notices) choices(ctx context.Context, c team.CompanyID) (map[team.MemberID]Choice, error) {
	var rows []choiceRow
	err := n.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Scan(ctx)
	out := make(map[team.MemberID]Choice, len(rows))
	for _, r := range rows {
		out[r.MemberID] = Choice{Failed: r.Failed, Unconfirmed: r.Unconfirmed, Late: r.Late}
	}
	return out, store.Fault(err)
}

func (n *Notices) saveChoice(ctx context.Context, tx *store.Tx, actor team.Actor, c Choice) error {
	r := choiceRow{CompanyID: actor.Company, MemberID: actor.Member, Failed: c.Failed, Unconfirmed: c.Unconfirmed, Late: c.Late}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (company_id, member_id) DO UPDATE").Set("failed = EXCLUDED.failed").
		Set("unconfirmed = EXCLUDED.unconfirmed").Set("late = EXCLUDED.late").Exec(ctx)
	return store.Fault(err)
}

type row struct {
	bun.BaseModel `bun:"table:notice"`
	ID            string              `bun:"id,pk"`
	CompanyID     team.CompanyID      `bun:"company_id"`
	MemberID      team.MemberID       `bun:"member_id"`
	Kind          Kind                `bun:"kind"`
	About         about               `bun:"about"`
	AboutID       string              `bun:"about_id"`
	SourceKind    delivery.SourceKind `bun:"source_kind"`
	SourceID      string              `bun:"source_id"`
	Episode       string              `bun:"episode"`
	At            time.Time           `bun:"at"`
	ToldAt        time.Time           `bun:"told_at,nullzero"`
	Written       bool                `bun:"written"` // before it was told: it stands in a letter that is being handed over
}

// insert tells whether it was not there yet.
func (n *Notices) insert(ctx context.Context, tx *store.Tx, x notice) (bool, error) {
	r := row{
		ID: x.ID, CompanyID: x.Company, MemberID: x.Member, Kind: x.Kind, About: x.About, AboutID: x.AboutID, SourceKind: x.SourceKind, SourceID: x.SourceID,
		Episode: x.Episode, At: x.At,
	}
	res, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (company_id, member_id, about_id, kind, episode) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	k, err := res.RowsAffected()
	return k > 0, err
}

// open gives what a member was not told yet, oldest first; what stands in a letter already before everything else.
func (n *Notices) open(ctx context.Context, c team.CompanyID, m team.MemberID) ([]notice, error) {
	var rows []row
	err := n.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("member_id = ?", m).Where("told_at IS NULL").
		Order("written DESC", "at", "id").Limit(500).Scan(ctx)
	out := make([]notice, len(rows))
	for i, r := range rows {
		out[i] = notice{
			ID: r.ID, Company: r.CompanyID, Member: r.MemberID, Kind: r.Kind, About: r.About, AboutID: r.AboutID, SourceKind: r.SourceKind,
			SourceID: r.SourceID, Episode: r.Episode, At: clock.Trim(r.At), stands: r.Written,
		}
	}
	return out, store.Fault(err)
}

// lastLetter is when a member was last written to; zero: never.
func (n *Notices) lastLetter(ctx context.Context, c team.CompanyID, m team.MemberID) (time.Time, error) {
	var rows []row
	err := n.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("told_at").Where("company_id = ?", c).Where("member_id = ?", m).
		Where("told_at IS NOT NULL").Where("written").Order("told_at DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return time.Time{}, store.Fault(err)
	}
	return clock.Trim(rows[0].ToldAt), nil
}

func (n *Notices) settle(ctx context.Context, tx *store.Tx, all []notice, now time.Time, written bool) error {
	ids := make([]string, len(all))
	for i, x := range all {
		ids[i] = x.ID
	}
	_, err := tx.DB.NewUpdate().Model((*row)(nil)).Where("id IN (?)", bun.List(ids)).Where("company_id = ?", all[0].Company).
		Set("told_at = ?", now).Set("written = ?", written).Exec(ctx)
	return store.Fault(err)
}

// mark notes whether these stand in a letter that is being handed over.
func (n *Notices) mark(ctx context.Context, tx *store.Tx, all []notice, stands bool) error {
	ids := make([]string, len(all))
	for i, x := range all {
		ids[i] = x.ID
	}
	_, err := tx.DB.NewUpdate().Model((*row)(nil)).Where("id IN (?)", bun.List(ids)).Where("company_id = ?", all[0].Company).Where("told_at IS NULL").
		Set("written = ?", stands).Exec(ctx)
	return store.Fault(err)
}

// stranded gives one notice for each member who should have been written to by now.
func (n *Notices) stranded(ctx context.Context, before time.Time) ([]notice, error) {
	var rows []row
	err := n.rooms.Store.Read(ctx).NewSelect().Model(&rows).ColumnExpr("DISTINCT company_id, member_id").Where("told_at IS NULL").Where("at < ?", before).Scan(ctx)
	out := make([]notice, len(rows))
	for i, r := range rows {
		out[i] = notice{Company: r.CompanyID, Member: r.MemberID}
	}
	return out, store.Fault(err)
}

func (n *Notices) sweep(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.DB.NewDelete().Model((*row)(nil)).Where("told_at < ?", before).Exec(ctx)
	return store.Fault(err)
}

func (n *Notices) forget(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID) error {
	for _, model := range []any{(*row)(nil), (*choiceRow)(nil)} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Where("member_id = ?", m).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (n *Notices) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, model := range []any{(*row)(nil), (*choiceRow)(nil)} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
