package link

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type settingRow struct {
	bun.BaseModel `bun:"table:link_setting"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Domain        string         `bun:"domain"`
	KeepDays      int            `bun:"keep_days"`
	Logo          []byte         `bun:"logo"`
}

func (l *Links) settings(ctx context.Context, c team.CompanyID) (Settings, error) {
	var r settingRow
	err := store.Fault(l.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Settings{KeepDays: keepUsual}, nil
	}
	return Settings{Domain: r.Domain, KeepDays: r.KeepDays, Logo: r.Logo}, err
}

func (l *Links) saveSettings(ctx context.Context, tx *store.Tx, c team.CompanyID, s Settings) error {
	r := settingRow{CompanyID: c, Domain: s.Domain, KeepDays: s.KeepDays, Logo: s.Logo}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (company_id) DO UPDATE").Set("domain = excluded.domain, keep_days = excluded.keep_days, logo = excluded.logo").Exec(ctx)
	return store.Fault(err)
}

// unwatched gives the links whose target's turn it is.
func (l *Links) unwatched(ctx context.Context, c team.CompanyID, fine, troubled time.Time, most int) ([]Link, error) {
	var rows []row
	err := l.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("state = ?", Active).Where("target LIKE 'http%'").
		Where("(checked_at IS NULL OR checked_at <= ? OR trouble <> '' AND checked_at <= ?)", fine, troubled).
		OrderExpr("checked_at NULLS FIRST").Limit(int64(most)).Scan(ctx)
	out := make([]Link, len(rows))
	for i, r := range rows {
		out[i] = r.link()
	}
	return out, store.Fault(err)
}
