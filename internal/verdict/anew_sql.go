package verdict

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// doubtful gives the next texts that are to be checked and on which no member has said anything, oldest first.
func (v *Verdicts) doubtful(ctx context.Context, tx *store.Tx, c team.CompanyID, after mark, limit int) ([]mark, error) {
	var rows []struct {
		Subject string    `bun:"subject"`
		SaidAt  time.Time `bun:"said_at"`
	}
	err := tx.DB.NewSelect().Model((*verdictRow)(nil)).Column("subject", "said_at").Where("company_id = ?", c).
		Where("criticism = ?", triage.Check).Where("criticism = 'check'"). // the index holds only those
		Where("said_at >= ?", after.at).Where("(said_at > ? OR subject > ?)", after.at, after.id).Where("said IS NULL").
		Order("said_at", "subject").Limit(int64(limit)).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]mark, len(rows))
	for i, r := range rows {
		out[i] = mark{at: clock.Trim(r.SaidAt), id: r.Subject}
	}
	return out, nil
}
