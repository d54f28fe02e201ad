package growth

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// freeTraces gives the newest criticisms that count and are in no case.
func (g *Growth) freeTraces(ctx context.Context, c team.CompanyID, since time.Time, limit int) ([]trace, error) {
	var rows []trace
	err := g.rooms.Store.Read(ctx).NewSelect().Model((*criticismRow)(nil)).Column("id", "interaction_id", "identity_id", "said_at", "signature").
		Where("company_id = ?", c).Where("case_id = '' AND state = 'counted'").Where("said_at >= ?", since).Order("said_at DESC").Limit(int64(limit)).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	for i := range rows {
		rows[i].SaidAt = clock.Trim(rows[i].SaidAt)
	}
	return rows, nil
}

func (g *Growth) criticismsByID(ctx context.Context, c team.CompanyID, ids []CriticismID) ([]criticismRow, error) {
	var out []criticismRow
	for part := range slices.Chunk(ids, chunk) {
		var rows []criticismRow
		err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where(ofCompany, c).Where("id IN (?)", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		out = append(out, trimmed(rows)...)
	}
	return out, nil
}

// casesToJoin gives the cases that more may say the same as: those that are open or were changed, the latest first.
func (g *Growth) casesToJoin(ctx context.Context, c team.CompanyID, limit int) ([]caseRow, error) {
	var rows []caseRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("state <> ?", CaseDeclined).
		Order("number DESC").Limit(int64(limit)).Scan(ctx)
	return trimmedCases(rows), store.Fault(err)
}
