package network

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// lockChannels locks the channels of a company, in the order of their ids, as those who take in lock each. On SQLite a
// transaction that writes is alone anyway.
func (n *Networks) lockChannels(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if n.store.Dialect() != store.Postgres {
		return nil
	}
	var ids []ChannelID
	return store.Fault(tx.DB.NewSelect().Table("channel").Column("id").Where("company_id = ?", c).Order("id").For("UPDATE").Scan(ctx, &ids))
}

func (n *Networks) forget(ctx context.Context, tx *store.Tx, c team.CompanyID, ch ChannelID, remoteIDs []string) (int, error) {
	gone := 0
	for part := range slices.Chunk(remoteIDs, chunk) {
		res, err := tx.DB.NewDelete().Table("seen").Where("company_id = ?", c).Where("channel_id = ?", ch).Where("remote_id IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return 0, store.Fault(err)
		}
		k, err := res.RowsAffected()
		if err != nil {
			return 0, store.Fault(err)
		}
		gone += int(k)
	}
	return gone, nil
}
