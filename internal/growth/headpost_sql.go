package growth

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type headRow struct {
	bun.BaseModel `bun:"table:record_post"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Week          string         `bun:"week"`
	Body          string         `bun:"body"`
	Size          int64          `bun:"size"`
	State         LetterState    `bun:"state"`
	Deliveries    []delivery.ID  `bun:"deliveries,type:jsonb"`
	MadeAt        time.Time      `bun:"made_at"`
}

func rowOfHead(p HeadPost) *headRow {
	r := &headRow{ID: p.ID, CompanyID: p.company, Week: p.week, Body: p.Text, Size: p.Size, State: p.State, Deliveries: p.deliveries, MadeAt: p.MadeAt}
	if r.Deliveries == nil {
		r.Deliveries = []delivery.ID{}
	}
	return r
}

func (r headRow) post() HeadPost {
	return HeadPost{
		ID: r.ID, Text: r.Body, Size: r.Size, MadeAt: clock.Trim(r.MadeAt), State: r.State, company: r.CompanyID, week: r.Week, deliveries: r.Deliveries,
	}
}

func (g *Growth) insertHead(ctx context.Context, tx *store.Tx, p HeadPost) error {
	_, err := tx.DB.NewInsert().Model(rowOfHead(p)).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) saveHead(ctx context.Context, tx *store.Tx, p HeadPost) error {
	_, err := tx.DB.NewUpdate().Model(rowOfHead(p)).WherePK().Where("company_id = ?", p.company).Column("state", "deliveries").Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) headPost(ctx context.Context, c team.CompanyID, id string) (HeadPost, error) {
	var r headRow
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return HeadPost{}, fault.New(fault.NotFound, "growth.head.missing")
	}
	return r.post(), err
}

func (g *Growth) headPosts(ctx context.Context, c team.CompanyID, limit int) ([]HeadPost, error) {
	var rows []headRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("week DESC").Limit(int64(limit)).Scan(ctx)
	out := make([]HeadPost, len(rows))
	for n, r := range rows {
		out[n] = r.post()
	}
	return out, store.Fault(err)
}
