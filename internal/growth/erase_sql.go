package growth

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// criticismsBy gives everything that is kept about accounts and about what they wrote, oldest first.
func (g *Growth) criticismsBy(ctx context.Context, c team.CompanyID, identities []audience.IdentityID, is []inbox.InteractionID) ([]*criticismRow, error) {
	byID := map[CriticismID]*criticismRow{}
	for part := range slices.Chunk(identities, chunk) {
		var rows []criticismRow
		err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(part)).
			Where("state <> ?", Erased).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for i := range trimmed(rows) {
			byID[rows[i].ID] = &rows[i]
		}
	}
	said, err := g.criticismsOf(ctx, c, is)
	if err != nil {
		return nil, err
	}
	for _, r := range said {
		byID[r.ID] = r
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b *criticismRow) int {
		if n := a.SaidAt.Compare(b.SaidAt); n != 0 {
			return n
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	}), nil
}
