package audience

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func (a *Audience) identitiesByKey(ctx context.Context, c team.CompanyID, n network.Name, keys []string) (map[string]Identity, error) {
	out := map[string]Identity{}
	for part := range slices.Chunk(keys, chunk) {
		var rows []identityRow
		err := a.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("network = ?", n).Where("key IN (?)", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.Key] = r.identity()
		}
	}
	return out, nil
}

func (a *Audience) everybody(ctx context.Context, c team.CompanyID) ([]Identity, map[PersonID]string, error) {
	var rows []identityRow
	err := a.store.Read(ctx).NewSelect().Model(&rows).Column("id", "person_id", "network", "key", "remote_id", "handle", "name", "bot").
		Where("company_id = ?", c).Order("id").Scan(ctx)
	if err != nil {
		return nil, nil, store.Fault(err)
	}
	var people []personRow
	if err := a.store.Read(ctx).NewSelect().Model(&people).Column("id", "name").Where("company_id = ?", c).Scan(ctx); err != nil {
		return nil, nil, store.Fault(err)
	}
	names := make(map[PersonID]string, len(people))
	for _, p := range people {
		names[p.ID] = p.Name
	}
	out := make([]Identity, len(rows))
	for i, r := range rows {
		out[i] = r.identity()
	}
	return out, names, nil
}
