package growth

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// concerned tells which accounts matters are still about.
func (g *Growth) concerned(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (map[audience.IdentityID]bool, error) {
	out := map[audience.IdentityID]bool{}
	for part := range slices.Chunk(ids, chunk) {
		var some []audience.IdentityID
		err := g.rooms.Store.Read(ctx).NewRaw("SELECT DISTINCT identity_id FROM criticism WHERE company_id = ? AND identity_id IN (?) AND (case_id <> '' OR state = ?) "+
			"UNION SELECT DISTINCT identity_id FROM promise WHERE company_id = ? AND identity_id IN (?) AND identity_id <> '' AND state IN (?)",
			c, bun.List(part), ToDecide, c, bun.List(part), bun.List([]PromiseState{PromiseWritten, PromiseOpen, PromiseBroken})).Scan(ctx, &some)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, i := range some {
			out[i] = true
		}
	}
	return out, nil
}

// lettersTo gives the letters to accounts, oldest first.
func (g *Growth) lettersTo(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) ([]Letter, error) {
	var rows []letterRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(ids)).Order("id").Scan(ctx)
	out := make([]Letter, len(rows))
	for i, r := range rows {
		out[i] = r.letter()
	}
	return out, store.Fault(err)
}

// promisesTo gives what accounts were promised, oldest first.
func (g *Growth) promisesTo(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) ([]Promise, error) {
	var rows []promiseRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(ids)).Where("identity_id <> ''").
		Order("id").Scan(ctx)
	return promisesOf(rows), store.Fault(err)
}
