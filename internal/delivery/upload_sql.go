package delivery

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// uploadRow is a file of a delivery that the network has taken and keeps for a while.
type uploadRow struct {
	bun.BaseModel `bun:"table:delivery_upload"`
	DeliveryID    ID             `bun:"delivery_id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Item          string         `bun:"item,pk"`
	Handle        string         `bun:"handle"`
	Until         time.Time      `bun:"until"`
}

func (d *Deliveries) keepUpload(ctx context.Context, tx *store.Tx, r uploadRow) error {
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (delivery_id, item) DO UPDATE").Set("handle = EXCLUDED.handle").Set("until = EXCLUDED.until").Exec(ctx)
	return store.Fault(err)
}

// keptUploads gives the handles of a delivery's files that hold for a while, by item.
func (d *Deliveries) keptUploads(ctx context.Context, c team.CompanyID, id ID, now time.Time) (map[string]string, error) {
	var rows []uploadRow
	err := d.store.Read(ctx).NewSelect().Model(&rows).Where("delivery_id = ?", id).Where("company_id = ?", c).Where("until > ?", now).Scan(ctx)
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.Item] = r.Handle
	}
	return out, store.Fault(err)
}

func (d *Deliveries) dropUploads(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []ID) error {
	for part := range slices.Chunk(ids, chunk) {
		if _, err := tx.DB.NewDelete().Model((*uploadRow)(nil)).Where("company_id = ?", c).Where("delivery_id IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (d *Deliveries) sweepUploads(ctx context.Context, tx *store.Tx, now time.Time) error {
	_, err := tx.DB.NewDelete().Model((*uploadRow)(nil)).Where("until < ?", now).Exec(ctx)
	return store.Fault(err)
}
