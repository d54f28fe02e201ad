package presence

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type stateRow struct {
	bun.BaseModel `bun:"table:presence"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	NewsAt        time.Time      `bun:"news_at,nullzero"`
	Anew          int            `bun:"anew"`
	Work          Stage          `bun:"work"`
	Read          int            `bun:"read"`
	AskedAt       time.Time      `bun:"asked_at,nullzero"`
	DrawnAt       time.Time      `bun:"drawn_at,nullzero"`
	Trouble       string         `bun:"trouble"`
	Version       int            `bun:"version"`
	Portrait      string         `bun:"portrait"`
}

func (s *stateRow) trim() {
	s.NewsAt, s.AskedAt, s.DrawnAt = clock.Trim(s.NewsAt), clock.Trim(s.AskedAt), clock.Trim(s.DrawnAt)
}

func (s *stateRow) setPortrait(p *Portrait) error {
	b, err := json.Marshal(p)
	s.Version, s.Portrait = Version, string(b)
	return err
}

// state gives how far a company's portrait is, and holds it until the transaction ends.
func (r *Room) state(ctx context.Context, tx *store.Tx, c team.CompanyID) (*stateRow, error) {
	if _, err := tx.DB.NewInsert().Model(&stateRow{CompanyID: c}).On("CONFLICT (company_id) DO NOTHING").Exec(ctx); err != nil {
		return nil, store.Fault(err)
	}
	s := &stateRow{}
	q := tx.DB.NewSelect().Model(s).Where("company_id = ?", c)
	if r.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := q.Scan(ctx)
	s.trim()
	return s, store.Fault(err)
}

// readState gives it for looking, without the portrait.
func (r *Room) readState(ctx context.Context, c team.CompanyID) (stateRow, error) {
	var rows []stateRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).ExcludeColumn("portrait").Where("company_id = ?", c).Scan(ctx)
	if len(rows) == 0 {
		return stateRow{CompanyID: c}, store.Fault(err)
	}
	rows[0].trim()
	return rows[0], store.Fault(err)
}

func (r *Room) saveState(ctx context.Context, tx *store.Tx, s *stateRow) error {
	_, err := tx.DB.NewUpdate().Model(s).WherePK().Exec(ctx)
	return store.Fault(err)
}

// portrait reads the last portrait; nil when there is none, or one of another form.
func (r *Room) portrait(ctx context.Context, c team.CompanyID) (*Portrait, error) {
	var rows []stateRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("version", "portrait").Where("company_id = ?", c).Scan(ctx)
	if err != nil || len(rows) == 0 || rows[0].Version != Version || rows[0].Portrait == "" {
		return nil, store.Fault(err)
	}
	p := &Portrait{}
	if err := json.Unmarshal([]byte(rows[0].Portrait), p); err != nil {
		return nil, err
	}
	return p, nil
}

// noteNews notes that something came in; while much comes in not each time.
func (r *Room) noteNews(ctx context.Context, tx *store.Tx, c team.CompanyID, now time.Time) error {
	s := &stateRow{CompanyID: c, NewsAt: now}
	_, err := tx.DB.NewInsert().Model(s).On("CONFLICT (company_id) DO UPDATE").Set("news_at = EXCLUDED.news_at").
		Where("?TableAlias.news_at IS NULL OR ?TableAlias.news_at < ?", now.Add(-newsEvery)).Exec(ctx)
	return store.Fault(err)
}

func (r *Room) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	_, err := tx.DB.NewDelete().Model((*stateRow)(nil)).Where("company_id = ?", c).Exec(ctx)
	return store.Fault(err)
}
