package reach

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type snapshotRow struct {
	bun.BaseModel `bun:"table:reach_snapshot"`
	ID            SnapshotID      `bun:"id,pk"`
	CompanyID     team.CompanyID  `bun:"company_id"`
	At            time.Time       `bun:"at"`
	Version       int             `bun:"version"`
	People        int             `bun:"people"`
	Known         int             `bun:"known"`
	Events        int             `bun:"events"`
	Portrait      json.RawMessage `bun:"portrait,type:jsonb"`
}

func (r *Room) isBehind(ctx context.Context, c team.CompanyID) (bool, error) {
	yes, err := r.rooms.Store.Read(ctx).NewSelect().Model((*inboundRow)(nil)).Where("company_id = ?", c).Exists(ctx)
	return yes, store.Fault(err)
}

func (r *Room) keepSnapshot(ctx context.Context, tx *store.Tx, m *Material, d Drawn) error {
	row := snapshotRow{
		ID: SnapshotID(snapshotKind.New(m.Now)), CompanyID: m.Company, At: m.Now, Version: d.Version, People: len(m.Actors) - 1, Events: len(m.Log.Events),
		Portrait: json.RawMessage(d.Blob),
	}
	for _, a := range m.Actors[1:] {
		if a.Known() {
			row.Known++
		}
	}
	if _, err := tx.DB.NewInsert().Model(&row).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err := tx.DB.NewRaw(`DELETE FROM reach_snapshot WHERE company_id = ? AND id NOT IN
		(SELECT id FROM reach_snapshot WHERE company_id = ? ORDER BY at DESC, id DESC LIMIT ?)`, m.Company, m.Company, keepSnapshots).Exec(ctx)
	return store.Fault(err)
}

func (r *Room) latestSnapshot(ctx context.Context, c team.CompanyID) (Snapshot, bool, error) {
	var rows []snapshotRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("at DESC", "id DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return Snapshot{}, false, store.Fault(err)
	}
	x := rows[0]
	return Snapshot{
		ID: x.ID, Company: x.CompanyID, At: clock.Trim(x.At), Version: x.Version, Blob: x.Portrait, People: x.People, Known: x.Known, Events: x.Events,
	}, true, nil
}
