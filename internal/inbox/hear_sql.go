package inbox

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func (x *Inbox) interactionsByID(ctx context.Context, c team.CompanyID, ids []InteractionID) (map[InteractionID]Interaction, error) {
	out := make(map[InteractionID]Interaction, len(ids))
	for part := range slices.Chunk(ids, chunk) {
		var rows []interactionRow
		if err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.ID] = r.interaction()
		}
	}
	return out, nil
}
