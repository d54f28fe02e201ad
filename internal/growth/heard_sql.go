package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// heardBetween gives what counts as criticism and was said in a time.
func (g *Growth) heardBetween(ctx context.Context, c team.CompanyID, from, to time.Time) ([]criticismRow, error) {
	var rows []criticismRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("said_at >= ?", from).Where("said_at < ?", to).
		Where("state = ?", Counted).Order("said_at", "id").Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

// casesEnded gives when the cases of a company came to an end, by their ids.
func (g *Growth) casesEnded(ctx context.Context, c team.CompanyID) (map[CaseID]time.Time, error) {
	var rows []struct {
		ID         CaseID    `bun:"id"`
		ChangedAt  time.Time `bun:"changed_at"`
		DeclinedAt time.Time `bun:"declined_at"`
	}
	err := g.rooms.Store.Read(ctx).NewSelect().Model((*caseRow)(nil)).Column("id", "changed_at", "declined_at").Where("company_id = ?", c).
		Where("changed_at IS NOT NULL OR declined_at IS NOT NULL").Scan(ctx, &rows)
	out := map[CaseID]time.Time{}
	for _, r := range rows {
		out[r.ID] = clock.Trim(r.ChangedAt)
		if r.ChangedAt.IsZero() {
			out[r.ID] = clock.Trim(r.DeclinedAt)
		}
	}
	return out, store.Fault(err)
}
