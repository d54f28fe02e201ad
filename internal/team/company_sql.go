package team

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
)

type companyRow struct {
	bun.BaseModel `bun:"table:company"`

	ID        CompanyID `bun:",pk"`
	Name      string
	Zone      string
	Locale    string
	Sample    bool
	Settings  companySettingsRow `bun:"type:jsonb"`
	CreatedAt time.Time
}

// companySettingsRow is the stored form of CompanySettings; a new field needs a value that fits old rows.
type companySettingsRow struct {
	Hours     [7][][2]int `json:"hours"`
	Target    int         `json:"target"`
	InHours   bool        `json:"in_hours"`
	Approval  Approval    `json:"approval"`
	TwoFactor bool        `json:"two_factor"`
	Filling   bool        `json:"filling,omitempty"`
}

func rowOfCompany(c Company) *companyRow {
	s := companySettingsRow{Target: int(c.Settings.Target), InHours: c.Settings.InHours, Approval: c.Settings.Approval, TwoFactor: c.Settings.TwoFactor, Filling: c.Filling}
	for d, spans := range c.Settings.Hours {
		s.Hours[d] = [][2]int{}
		for _, sp := range spans {
			s.Hours[d] = append(s.Hours[d], [2]int{sp.From, sp.To})
		}
	}
	return &companyRow{ID: c.ID, Name: c.Name, Zone: c.Zone, Locale: c.Locale, Sample: c.Sample, Settings: s, CreatedAt: c.CreatedAt}
}

func (r companyRow) company() Company {
	c := Company{ID: r.ID, Name: r.Name, Zone: r.Zone, Locale: r.Locale, Sample: r.Sample, Filling: r.Settings.Filling, CreatedAt: r.CreatedAt.UTC()}
	c.Settings = CompanySettings{Target: Duration(r.Settings.Target), InHours: r.Settings.InHours, Approval: r.Settings.Approval, TwoFactor: r.Settings.TwoFactor}
	for d, spans := range r.Settings.Hours {
		for _, sp := range spans {
			c.Settings.Hours[d] = append(c.Settings.Hours[d], Span{From: sp[0], To: sp[1]})
		}
	}
	return c
}

// lockCompanies reads all companies and keeps anyone else from founding or removing one until the transaction ends.
// On SQLite the transaction holds the only write lock anyway.
func (t *Team) lockCompanies(ctx context.Context, tx *store.Tx) ([]Company, error) {
	if t.store.Dialect() == store.Postgres {
		if _, err := tx.DB.NewRaw("LOCK TABLE company IN SHARE ROW EXCLUSIVE MODE").Exec(ctx); err != nil {
			return nil, fmt.Errorf("lock companies: %w", store.Fault(err))
		}
	}
	return t.readCompanies(ctx)
}

// lockCompany reads a company and keeps its row from changing until the transaction ends.
func (t *Team) lockCompany(ctx context.Context, tx *store.Tx, c CompanyID) (Company, error) {
	var r companyRow
	q := tx.DB.NewSelect().Model(&r).Where("id = ?", c)
	if t.store.Dialect() == store.Postgres {
		q = q.For("NO KEY UPDATE") // others may go on pointing at it: they would wait for us while we wait for what they hold
	}
	if err := q.Scan(ctx); err != nil {
		return Company{}, store.Fault(err)
	}
	return r.company(), nil
}

func (t *Team) readCompany(ctx context.Context, c CompanyID) (Company, error) {
	var r companyRow
	if err := t.store.Read(ctx).NewSelect().Model(&r).Where("id = ?", c).Scan(ctx); err != nil {
		return Company{}, store.Fault(err)
	}
	return r.company(), nil
}

func (t *Team) readCompanies(ctx context.Context) ([]Company, error) {
	var rows []companyRow
	if err := t.store.Read(ctx).NewSelect().Model(&rows).Order("sample", "id").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Company, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.company())
	}
	return out, nil
}

func (t *Team) insertCompany(ctx context.Context, tx *store.Tx, c Company) error {
	_, err := tx.DB.NewInsert().Model(rowOfCompany(c)).Exec(ctx)
	return store.Fault(err)
}

func (t *Team) updateCompany(ctx context.Context, tx *store.Tx, c Company) error {
	_, err := tx.DB.NewUpdate().Model(rowOfCompany(c)).Column("name", "zone", "locale", "settings").Where("id = ?", c.ID).Exec(ctx)
	return store.Fault(err)
}

// eraseCompany deletes a company and this room's rows of it.
func (t *Team) eraseCompany(ctx context.Context, tx *store.Tx, c CompanyID) error {
	for _, table := range []string{"audit", "invitation", "member"} {
		if _, err := tx.DB.NewDelete().Table(table).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	_, err := tx.DB.NewDelete().Table("company").Where("id = ?", c).Exec(ctx)
	return store.Fault(err)
}
