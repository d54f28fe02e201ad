package archive

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type importRow struct {
	bun.BaseModel `bun:"table:archive_import"`

	ID        string            `bun:"id,pk"`
	Company   team.CompanyID    `bun:"company_id"`
	Channel   network.ChannelID `bun:"channel_id"`
	Digest    string            `bun:"digest"`
	Format    Format            `bun:"format"`
	Items     int               `bun:"items"`
	Total     int               `bun:"total"`
	Fresh     int               `bun:"fresh"`
	StartedAt time.Time         `bun:"started_at"`
	DoneAt    time.Time         `bun:"done_at,nullzero"`
}

// keep writes the row of an import unless the same was begun before, and gives the one that is there.
func (x *Archives) keep(ctx context.Context, tx *store.Tx, row importRow) (importRow, error) {
	if _, err := tx.DB.NewInsert().Model(&row).On("CONFLICT (company_id, channel_id, digest) DO NOTHING").Exec(ctx); err != nil {
		return importRow{}, store.Fault(err)
	}
	var there importRow
	err := tx.DB.NewSelect().Model(&there).Where("company_id = ?", row.Company).Where("channel_id = ?", row.Channel).Where("digest = ?", row.Digest).Scan(ctx)
	return there, store.Fault(err)
}

// came notes how far an import is.
func (x *Archives) came(ctx context.Context, tx *store.Tx, m marker, done int, r network.IngestResult) error {
	_, err := tx.DB.NewUpdate().Model((*importRow)(nil)).Where("id = ?", m.id).Where("company_id = ?", m.company).
		Set("items = CASE WHEN items > ? THEN items ELSE ? END", done, done).Set("fresh = fresh + ?", r.New).Exec(ctx)
	if err != nil || m.upload == "" {
		return store.Fault(err)
	}
	return x.counted(ctx, tx, m.company, m.upload, done, r)
}

func (x *Archives) whole(ctx context.Context, tx *store.Tx, m marker, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*importRow)(nil)).Where("id = ?", m.id).Where("company_id = ?", m.company).Set("done_at = ?", now).Exec(ctx)
	return store.Fault(err)
}

func (x *Archives) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	ids, err := x.uploadsOf(ctx, tx, c)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	for _, model := range []any{(*uploadRow)(nil), (*importRow)(nil)} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Exec(ctx); err != nil {
			return fmt.Errorf("archive: %w", store.Fault(err))
		}
	}
	tx.AfterCommit(func() {
		for _, u := range ids {
			x.drop(u)
		}
	})
	return nil
}
