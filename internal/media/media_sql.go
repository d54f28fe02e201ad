package media

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
)

type mediaRow struct {
	bun.BaseModel `bun:"table:media,alias:m"`

	ID        string    `bun:"id,pk"`
	CompanyID string    `bun:"company_id"`
	SHA256    string    `bun:"sha256"`
	MIME      string    `bun:"mime"`
	Bytes     int64     `bun:"bytes"`
	Width     int       `bun:"width"`
	Height    int       `bun:"height"`
	Name      string    `bun:"name"`
	Alt       string    `bun:"alt"`
	CreatedBy string    `bun:"created_by"`
	CreatedAt time.Time `bun:"created_at"`
	DeletedAt time.Time `bun:"deleted_at,nullzero"`
}

func (m *Media) insert(ctx context.Context, f File) error {
	return m.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewInsert().Model(&mediaRow{
			ID: string(f.ID), CompanyID: f.Company, SHA256: f.SHA256, MIME: f.MIME, Bytes: f.Bytes, Width: f.Width, Height: f.Height,
			Name: f.Name, Alt: f.Alt, CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt,
		}).Exec(ctx)
		return err
	})
}

func (m *Media) find(ctx context.Context, company string, ids []ID) (map[ID]File, error) {
	found := make(map[ID]File, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var rows []mediaRow
	err := m.store.Read(ctx).NewSelect().Model(&rows).
		Where("company_id = ? AND deleted_at IS NULL", company).Where("id IN (?)", bun.List(ids)).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	for _, r := range rows {
		found[ID(r.ID)] = File{
			ID: ID(r.ID), Company: r.CompanyID, SHA256: r.SHA256, MIME: r.MIME, Bytes: r.Bytes, Width: r.Width, Height: r.Height,
			Name: r.Name, Alt: r.Alt, CreatedBy: r.CreatedBy, CreatedAt: clock.Trim(r.CreatedAt),
		}
	}
	return found, nil
}

func (m *Media) updateAlt(ctx context.Context, company string, id ID, alt string) error {
	return m.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		res, err := tx.DB.NewUpdate().Model((*mediaRow)(nil)).Set("alt = ?", alt).
			Where("company_id = ? AND id = ? AND deleted_at IS NULL", company, string(id)).Exec(ctx)
		return one(res, err)
	})
}

func (m *Media) markDeleted(ctx context.Context, company string, id ID, at time.Time) error {
	return m.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		res, err := tx.DB.NewUpdate().Model((*mediaRow)(nil)).Set("deleted_at = ?", at).
			Where("company_id = ? AND id = ? AND deleted_at IS NULL", company, string(id)).Exec(ctx)
		return one(res, err)
	})
}

// one makes ErrGone of a change that changed nothing.
func one(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrGone.Because(err)
	}
	return nil
}

// dropDeleted removes the rows of files deleted before a time. It runs for all companies: the disk is one.
func (m *Media) dropDeleted(ctx context.Context, before time.Time) (int, error) {
	var n int64
	err := m.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		res, err := tx.DB.NewDelete().Model((*mediaRow)(nil)).Where("deleted_at < ?", before).Exec(ctx)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return int(n), err
}

// kept tells whether any company has a row for a content.
func (m *Media) kept(ctx context.Context, sum string) (bool, error) {
	ok, err := m.store.Read(ctx).NewSelect().Model((*mediaRow)(nil)).Where("sha256 = ?", sum).Exists(ctx)
	return ok, store.Fault(err)
}
