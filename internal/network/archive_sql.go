package network

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// lockHandle finds the channel of an account by what it is called on its server, where an export does not tell the id by
// which the server knows it; nil when there is none.
func (n *Networks) lockHandle(ctx context.Context, tx *store.Tx, c team.CompanyID, in ArchiveIn) (*channelRow, error) {
	r := &channelRow{}
	q := tx.DB.NewSelect().Model(r).Where("company_id = ?", c).Where("network = ?", in.Network).
		Where("server_url = ?", in.ServerURL).Where("lower(handle) = lower(?)", in.Account.Handle).OrderExpr("archive, id").Limit(1)
	return n.lockFirst(ctx, q, r)
}

// unseen leaves out what the channel knows already, in whatever form.
func (n *Networks) unseen(ctx context.Context, tx *store.Tx, ch Channel, items []Item) ([]Item, error) {
	known := map[string]bool{}
	for part := range slices.Chunk(items, chunk) {
		ids := make([]string, len(part))
		for i, it := range part {
			ids[i] = it.RemoteID
		}
		var there []string
		err := tx.DB.NewSelect().Table("seen").Column("remote_id").Where("channel_id = ?", ch.ID).Where("remote_id IN (?)", bun.List(ids)).Scan(ctx, &there)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, id := range there {
			known[id] = true
		}
	}
	out := make([]Item, 0, len(items))
	for _, it := range items {
		if !known[it.RemoteID] {
			out = append(out, it)
		}
	}
	return out, nil
}
