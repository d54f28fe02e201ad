package growth

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type settingRow struct {
	bun.BaseModel `bun:"table:growth_setting"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Settings      settingsRow    `bun:"settings,type:jsonb"`
	Version       int            `bun:"version"`
}

// settingsRow is the stored form of Settings; a new field needs a value that fits old rows.
type settingsRow struct {
	Decided   bool        `json:"decided"`
	Open      bool        `json:"open"`
	Title     wordsRow    `json:"title"`
	Lede      wordsRow    `json:"lede"`
	Promise   wordsRow    `json:"promise"`
	WriteTo   string      `json:"write_to"`
	Approvers []team.Role `json:"approvers"`
	DecideIn  int         `json:"decide_in"`
	Embed     []string    `json:"embed"`
}

// wordsRow is the stored form of Words.
type wordsRow struct {
	IT string `json:"it,omitempty"`
	EN string `json:"en,omitempty"`
}

func rowOfSettings(s Settings) settingsRow {
	return settingsRow{
		Decided: true, Open: s.Open, Title: wordsRow(s.Title), Lede: wordsRow(s.Lede), Promise: wordsRow(s.Promise), WriteTo: s.WriteTo,
		Approvers: s.Approvers, DecideIn: s.DecideIn, Embed: s.Embed,
	}
}

func (r settingsRow) settings() Settings {
	return Settings{
		Open: r.Open, Title: Words(r.Title), Lede: Words(r.Lede), Promise: Words(r.Promise), WriteTo: r.WriteTo, Approvers: r.Approvers,
		DecideIn: r.DecideIn, Embed: r.Embed,
	}
}

// readSettings tells also whether anybody has decided anything, and the version of the page.
func (g *Growth) readSettings(ctx context.Context, c team.CompanyID) (s Settings, decided bool, version int, err error) {
	var r settingRow
	err = store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Settings{}, false, 0, nil
	}
	return r.Settings.settings(), r.Settings.Decided, r.Version, err
}

func (g *Growth) saveSettings(ctx context.Context, tx *store.Tx, c team.CompanyID, s Settings) error {
	row := settingRow{CompanyID: c, Settings: rowOfSettings(s), Version: 1}
	_, err := tx.DB.NewInsert().Model(&row).On("CONFLICT (company_id) DO UPDATE").Set("settings = EXCLUDED.settings").Exec(ctx)
	return store.Fault(err)
}
