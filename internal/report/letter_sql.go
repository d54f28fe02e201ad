package report

import (
	"context"
	"crypto/rand"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type letterRow struct {
	bun.BaseModel `bun:"table:report_letter"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	MemberID      team.MemberID  `bun:"member_id,pk"`
	Wants         bool           `bun:"wants"`
	Told          link.Day       `bun:"told"`
	Stop          string         `bun:"stop"`
}

// letterOf gives what a member chose; the zero value is nothing.
func (x *Room) letterOf(ctx context.Context, c team.CompanyID, m team.MemberID) (letterRow, error) {
	var rows []letterRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("member_id = ?", m).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return letterRow{}, store.Fault(err)
	}
	return rows[0], nil
}

func (x *Room) saveLetter(ctx context.Context, tx *store.Tx, a team.Actor, wants bool) error {
	r := letterRow{CompanyID: a.Company, MemberID: a.Member, Wants: wants, Stop: rand.Text()}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (company_id, member_id) DO UPDATE").Set("wants = EXCLUDED.wants").Exec(ctx)
	return store.Fault(err)
}

// letterByStop gives the wish that a word of a letter belongs to; ErrMissing when it belongs to none.
func (x *Room) letterByStop(ctx context.Context, word string) (r letterRow, err error) {
	err = x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("stop = ?", word).Scan(ctx)
	return r, store.Fault(err)
}

// lettersWanted gives who of a company wants a letter and had none of this Monday yet.
func (x *Room) lettersWanted(ctx context.Context, c team.CompanyID, monday link.Day) (ids []team.MemberID, err error) {
	err = x.rooms.Store.Read(ctx).NewSelect().Model((*letterRow)(nil)).Column("member_id").Where("company_id = ?", c).Where("wants").Where("told < ?", monday).
		Order("member_id").Scan(ctx, &ids)
	return ids, store.Fault(err)
}

func (x *Room) toldLetter(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID, monday link.Day) error {
	_, err := tx.DB.NewUpdate().Model((*letterRow)(nil)).Set("told = ?", monday).Where("company_id = ?", c).Where("member_id = ?", m).Where("told < ?", monday).Exec(ctx)
	return store.Fault(err)
}

func (x *Room) dropLetters(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID) error {
	_, err := tx.DB.NewDelete().Model((*letterRow)(nil)).Where("company_id = ?", c).Where("member_id = ?", m).Exec(ctx)
	return store.Fault(err)
}
