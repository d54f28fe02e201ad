package growth

import (
	"context"

	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Ink writes leaves into a record in a transaction of their own.
func (g *Growth) Ink(ctx context.Context, c team.CompanyID, leaves ...record.Leaf) (places []int64, err error) {
	err = g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		places, err = g.ink(ctx, tx, c, leaves...)
		return err
	})
	return places, err
}
