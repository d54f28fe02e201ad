package post

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type settingRow struct {
	bun.BaseModel `bun:"table:post_setting"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Settings      decidedRow     `bun:"settings,type:jsonb"`
	PausedAt      time.Time      `bun:"paused_at,nullzero"`
	PausedBy      team.MemberID  `bun:"paused_by"`
	PausedWhy     string         `bun:"paused_why"`
}

// decidedRow is the stored form of Settings; a new field needs a value that fits old rows.
type decidedRow struct {
	Decided  bool
	Settings Settings
}

// readSettings gives what a company decided, and who paused everything; nil: nobody.
func (p *Posts) readSettings(ctx context.Context, c team.CompanyID) (Settings, *Stop, error) {
	var r settingRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Scan(ctx))
	if err != nil && !errors.Is(err, store.ErrMissing) {
		return Settings{}, nil, err
	}
	s := r.Settings.Settings
	if !r.Settings.Decided {
		s = defaultSettings()
	}
	if r.PausedAt.IsZero() {
		return s, nil, nil
	}
	return s, &Stop{By: r.PausedBy, At: clock.Trim(r.PausedAt), Why: r.PausedWhy}, nil
}

func (p *Posts) saveSettings(ctx context.Context, tx *store.Tx, c team.CompanyID, s Settings) error {
	r := settingRow{CompanyID: c, Settings: decidedRow{Decided: true, Settings: s}}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (company_id) DO UPDATE").Set("settings = EXCLUDED.settings").Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) savePause(ctx context.Context, tx *store.Tx, c team.CompanyID, s *Stop) error {
	r := settingRow{CompanyID: c}
	if s != nil {
		r.PausedAt, r.PausedBy, r.PausedWhy = s.At, s.By, s.Why
	}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (company_id) DO UPDATE").
		Set("paused_at = EXCLUDED.paused_at, paused_by = EXCLUDED.paused_by, paused_why = EXCLUDED.paused_why").Exec(ctx)
	return store.Fault(err)
}
