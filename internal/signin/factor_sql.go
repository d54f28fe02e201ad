package signin

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type factorRow struct {
	bun.BaseModel `bun:"table:second_factor"`

	Member      team.MemberID  `bun:"member_id,pk"`
	Company     team.CompanyID `bun:"company_id"`
	Secret      string
	LastStep    int64
	CreatedAt   time.Time
	ConfirmedAt time.Time `bun:",nullzero"`
}

type codeRow struct {
	bun.BaseModel `bun:"table:recovery_code"`

	Member  team.MemberID  `bun:"member_id,pk"`
	Hash    string         `bun:",pk"`
	Company team.CompanyID `bun:"company_id"`
	UsedAt  time.Time      `bun:",nullzero"`
}

// readFactor gives a member's second factor, the zero value when there is none.
func (s *Signin) readFactor(ctx context.Context, c team.CompanyID, m team.MemberID) (factor, error) {
	var r factorRow
	err := store.Fault(s.store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("member_id = ?", m).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return factor{}, nil
	}
	return factor{secret: r.Secret, confirmed: r.ConfirmedAt}, err
}

func (s *Signin) putFactor(ctx context.Context, tx *store.Tx, a team.Actor, sealed string, now time.Time) error {
	_, err := tx.DB.NewInsert().Model(&factorRow{Member: a.Member, Company: a.Company, Secret: sealed, CreatedAt: now}).
		On("CONFLICT (member_id) DO UPDATE").Set("secret = EXCLUDED.secret").Set("created_at = EXCLUDED.created_at").
		Set("last_step = 0").Where("?TableAlias.confirmed_at IS NULL").Exec(ctx)
	return store.Fault(err)
}

func (s *Signin) confirmFactor(ctx context.Context, tx *store.Tx, a team.Actor, step int64, now time.Time) error {
	done, err := changed(tx.DB.NewUpdate().Model((*factorRow)(nil)).Set("confirmed_at = ?", now).Set("last_step = ?", step).
		Where("company_id = ?", a.Company).Where("member_id = ?", a.Member).Where("confirmed_at IS NULL").Exec(ctx))
	if err == nil && !done {
		err = ErrFactorOn
	}
	return err
}

// takeStep uses up a time step; false when it, or a later one, has been used.
func (s *Signin) takeStep(ctx context.Context, tx *store.Tx, m team.Member, step int64) (bool, error) {
	return changed(tx.DB.NewUpdate().Model((*factorRow)(nil)).Set("last_step = ?", step).
		Where("company_id = ?", m.Company).Where("member_id = ?", m.ID).Where("last_step < ?", step).Exec(ctx))
}

func (s *Signin) dropFactor(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID) error {
	for _, model := range []any{(*codeRow)(nil), (*factorRow)(nil)} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Where("member_id = ?", m).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (s *Signin) replaceCodes(ctx context.Context, tx *store.Tx, a team.Actor, hashes []string) error {
	if _, err := tx.DB.NewDelete().Model((*codeRow)(nil)).Where("company_id = ?", a.Company).Where("member_id = ?", a.Member).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	var rows []codeRow
	for _, h := range hashes {
		rows = append(rows, codeRow{Member: a.Member, Company: a.Company, Hash: h})
	}
	_, err := tx.DB.NewInsert().Model(&rows).Exec(ctx)
	return store.Fault(err)
}

func (s *Signin) takeCode(ctx context.Context, tx *store.Tx, m team.Member, hash string, now time.Time) (bool, error) {
	return changed(tx.DB.NewUpdate().Model((*codeRow)(nil)).Set("used_at = ?", now).Where("company_id = ?", m.Company).
		Where("member_id = ?", m.ID).Where("hash = ?", hash).Where("used_at IS NULL").Exec(ctx))
}

func (s *Signin) countCodes(ctx context.Context, c team.CompanyID, m team.MemberID) (int, error) {
	n, err := s.store.Read(ctx).NewSelect().Model((*codeRow)(nil)).Where("company_id = ?", c).Where("member_id = ?", m).
		Where("used_at IS NULL").Count(ctx)
	return int(n), store.Fault(err)
}

// readFactors gives the members of a company whose second factor is on.
func (s *Signin) readFactors(ctx context.Context, c team.CompanyID) (map[team.MemberID]bool, error) {
	var ids []team.MemberID
	err := s.store.Read(ctx).NewSelect().Model((*factorRow)(nil)).Column("member_id").Where("company_id = ?", c).Where("confirmed_at IS NOT NULL").Scan(ctx, &ids)
	on := make(map[team.MemberID]bool, len(ids))
	for _, id := range ids {
		on[id] = true
	}
	return on, store.Fault(err)
}
