package verdict

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// criticisms reads what counts without all that the model said, which is most of a row.
func (v *Verdicts) criticisms(ctx context.Context, c team.CompanyID, ids []string) (map[string]triage.Decision, error) {
	out := make(map[string]triage.Decision, len(ids))
	for part := range slices.Chunk(ids, chunk) {
		var rows []struct {
			Subject   string          `bun:"subject"`
			Criticism triage.Decision `bun:"criticism"`
		}
		err := v.store.Read(ctx).NewSelect().Model((*verdictRow)(nil)).Column("subject", "criticism").Where("company_id = ?", c).
			Where("subject IN (?)", bun.List(part)).Scan(ctx, &rows)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.Subject] = r.Criticism
		}
	}
	return out, nil
}
