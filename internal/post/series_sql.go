package post

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type seriesRow struct {
	bun.BaseModel `bun:"table:post_series"`
	ID            SeriesID       `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PostID        ID             `bun:"post_id"`
	Rule          schedule.Rule  `bun:"rule,type:jsonb"`
	Start         schedule.Wall  `bun:"start,type:jsonb"`
	Content       seriesContent  `bun:"content,type:jsonb"`
	Made          int            `bun:"made"`
	Ended         bool           `bun:"ended"`
	CreatedBy     team.MemberID  `bun:"created_by"`
	CreatedAt     time.Time      `bun:"created_at"`
	LookAt        time.Time      `bun:"look_at,nullzero"`
}

func rowOfSeries(c team.CompanyID, s Series) *seriesRow {
	return &seriesRow{
		ID: s.ID, CompanyID: c, PostID: s.First, Rule: s.Rule, Start: s.Start, Content: s.content, Made: s.Made, Ended: s.Ended, CreatedBy: s.CreatedBy,
		CreatedAt: s.CreatedAt, LookAt: s.lookAt,
	}
}

func (p *Posts) insertSeries(ctx context.Context, tx *store.Tx, c team.CompanyID, s Series) error {
	_, err := tx.DB.NewInsert().Model(rowOfSeries(c, s)).Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) saveSeries(ctx context.Context, tx *store.Tx, c team.CompanyID, s Series) error {
	_, err := tx.DB.NewUpdate().Model(rowOfSeries(c, s)).WherePK().Where("company_id = ?", c).Column("made", "ended", "look_at", "content").Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) series(ctx context.Context, c team.CompanyID, id SeriesID) (Series, error) {
	var r seriesRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Series{}, fault.New(fault.NotFound, "post.series.missing")
	}
	if err != nil {
		return Series{}, err
	}
	s := Series{
		ID: r.ID, First: r.PostID, Rule: r.Rule, Start: r.Start, Made: r.Made, Ended: r.Ended, CreatedBy: r.CreatedBy, CreatedAt: clock.Trim(r.CreatedAt),
		content: r.Content, lookAt: clock.Trim(r.LookAt),
	}
	var rows []postRow
	if err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("series_id = ?", id).Where("series_id <> ''").Where("company_id = ?", c).
		Order("occurrence").Scan(ctx); err != nil {
		return Series{}, store.Fault(err)
	}
	s.Posts, err = p.entries(ctx, c, rows)
	return s, err
}

// seriesToMake gives the series whose next occurrences are to be made.
func (p *Posts) seriesToMake(ctx context.Context, now time.Time) ([]seriesRow, error) {
	var rows []seriesRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("id", "company_id").Where("look_at IS NOT NULL").Where("look_at <= ?", now).
		Order("look_at").Limit(100).Scan(ctx)
	return rows, store.Fault(err)
}
